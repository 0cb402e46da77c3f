"""mockserver/shipped.json, made from specs/ and fixtures/: what reading them gives.

`python -m tests.shipped_values` (`make shipped`) writes it; a test compares.
"""

from __future__ import annotations

import json
from typing import Any

from mockserver import data, shipped, yamlfile
from mockserver.openapi.grammar import FILES
from mockserver.openapi.load import load
from mockserver.vendors.catalogue import vendors


def values() -> dict[str, Any]:
    """What has to be in the file."""
    files = [yamlfile.read(path) for path in sorted(data.fixtures_dir().rglob("*.yaml"))]
    documents = {}
    for source in [source for vendor in vendors().values() for source in vendor.sources]:
        path, *overlays = paths = [data.specs_dir() / one for one in (source.spec, *source.overlays)]
        if path.is_relative_to(data.specs_dir()):
            closed = load(path, name=source.name, overlays=overlays).closed
            assert closed is not None, f"{source.spec} is odd; `mockserver check` says why"
            assert FILES not in closed.tree, f"{source.spec} refers to files, whose texts are not in the key"
            key = shipped.key(yamlfile.text_of(one, one.name) for one in paths)
            documents[key] = {"tree": closed.tree, "relaxed": closed.relaxed}
    return {"fixtures": {file.digest: file.value for file in files}, "documents": documents}


def written() -> str:
    """The file: an entry to a line, so that a change shows what it changes."""
    kinds = [
        ",\n".join([f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in entries.items()])
        for entries in values().values()
    ]
    fixtures, documents = kinds
    return f'{{"fixtures": {{\n{fixtures}\n}},\n"documents": {{\n{documents}\n}}}}\n'


if __name__ == "__main__":
    shipped.FILE.write_text(written(), "utf-8")
