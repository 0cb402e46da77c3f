"""`mockserver routes` and `spec NAME`: what is served, as a table and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from mockserver import console
from mockserver.cli.main import Terminal
from mockserver.cli.what import existing, named_specs, what_to_serve
from mockserver.engine.service import Service
from mockserver.errors import UsageError
from mockserver.vendors.assembly import Wanted, assemble


@click.command()
@what_to_serve
@click.pass_obj
def routes(terminal: Terminal, /, **words: Any) -> int:
    """List every operation that `serve` with the same words answers."""
    services = assemble(_wanted(words))
    rows = [row for service in services for row in _rows(service)]
    terminal.say(console.table([("METHOD", "PATH", "OPERATION", "ALIAS OF"), *rows]))
    return 0


@click.command()
@click.argument("name")
@what_to_serve
@click.pass_obj
def spec(terminal: Terminal, /, name: str, **words: Any) -> int:
    """Print a document as it is served: overlays applied, relaxed numbers written out.

    NAME is that of a shipped document (see `routes`), or a SPEC follows it: `mockserver spec mine mine=spec.yaml`.
    """
    from mockserver.http.admin import spec_yaml

    if not words["specs"] and Path(name).is_file():
        words["specs"], name = (name,), ""
    services = assemble(_wanted(words))
    for service in services:
        if service.name == name or not name:
            terminal.say(spec_yaml(service.document).rstrip())
            return 0
    raise UsageError(f'there is no document "{name}"; there is {", ".join(service.name for service in services)}')


def _wanted(words: dict[str, Any]) -> Wanted:
    return Wanted(
        vendors=words["vendors"],
        specs=tuple(named_specs(words["specs"])),
        overlays=tuple(existing(words["overlays"], "overlay")),
        strict_spec=words["strict_spec"],
        documented_only=words["documented_only"],
    )


def _rows(service: Service) -> Iterator[Sequence[str]]:
    """The operations of one service, each followed by its aliases."""
    mount = service.mounts[0]
    for operation in service.document.operations:
        yield operation.method, mount + operation.path, operation.id, ""
        for alias in service.document.aliases:
            if alias.same_as == operation.label:
                yield alias.method, mount + alias.path, alias.id, operation.id
