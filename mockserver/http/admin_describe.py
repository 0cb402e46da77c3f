"""The admin API about itself: its OpenAPI document, at /__admin/openapi.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mockserver.engine.messages import Answer
from mockserver.http.addresses import origin, world_url
from mockserver.http.ask import Ask

DOCUMENT = Path(__file__).with_name("admin.openapi.yaml")


def describe(ask: Ask) -> Answer:
    """The document, with the address of this world as its server."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    value = yaml.load(DOCUMENT.read_text("utf-8"), Loader=loader)
    value["servers"] = [{"url": f"{world_url(origin(ask.request), ask.world.name)}/__admin"}]
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120)
    return Answer(200, (("Content-Type", "application/yaml"),), text.encode())
