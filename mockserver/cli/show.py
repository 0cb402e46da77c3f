"""`mockserver routes`, `scenarios`, `spec NAME` and `sample OPERATION`: what is served, scripted and sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from mockserver import console
from mockserver.chance import Chance
from mockserver.cli.main import Terminal
from mockserver.cli.what import SUFFIXES, existing, named_specs, number, what_to_serve, with_fixtures
from mockserver.engine.service import Service
from mockserver.errors import UsageError
from mockserver.openapi.document import UnknownOperation
from mockserver.openapi.operation import Media, Operation
from mockserver.scenario.model import MISSING, When
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
@what_to_serve
@with_fixtures
@click.pass_obj
def scenarios(terminal: Terminal, /, **words: Any) -> int:
    """List what the fixtures script, in the order in which it is asked."""
    services = assemble(_wanted(words))
    rows = [(one.name, one.operation, _when(one.when), str(one.at)) for each in services for one in each.scenarios]
    table = console.table([("NAME", "OPERATION", "WHEN", "AT"), *rows])
    terminal.say(table if rows else "no scenarios: the emulator answers every call")
    return 0


@click.command()
@click.argument("operation")
@what_to_serve
@click.option("--answer", is_flag=True, help="An answer instead of a request body: that of the first success.")
@click.option("--seed", default=0, show_default=True, type=number(), metavar="N", help="Another one, another sample.")
@click.pass_obj
def sample(terminal: Terminal, /, operation: str, *, answer: bool, seed: int, **words: Any) -> int:
    """Print a request body that OPERATION (an operationId or "METHOD /path") takes, drawn by seeded chance."""
    service, found = _operation(operation, assemble(_wanted(words)))
    media = _json(found, answer=answer)
    value = service.document.sampler(media.rule).draw(Chance(seed, found.id, "sample", answer))
    terminal.say(console.json_text(value))
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
    if not words["specs"] and (Path(name).exists() or name.endswith(SUFFIXES)):
        existing([name], "spec")
    raise UsageError(f'there is no document "{name}"; there is {", ".join(service.name for service in services)}')


def _wanted(words: dict[str, Any]) -> Wanted:
    return Wanted(
        vendors=words["vendors"],
        specs=tuple(named_specs(words["specs"])),
        fixtures=tuple(words.get("fixtures", ())),
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


def _when(when: When) -> str:
    """What a call must look like, on one line."""
    parts = (("path", when.path), ("query", when.query), ("headers", when.headers))
    said = [f"{part}.{name}={value}" for part, wanted in parts for name, value in wanted.items()]
    said += ["body fits a schema"] if when.body is not None else []
    said += [f"body has {json.dumps(when.body_has, ensure_ascii=False)}"] if when.body_has is not MISSING else []
    return ", ".join(said) or "always"


def _operation(name: str, services: Sequence[Service]) -> tuple[Service, Operation]:
    """The first operation of this name. Raises UnknownOperation with those that there are."""
    known: list[str] = []
    for service in services:
        try:
            return service, service.document.operation(name)
        except UnknownOperation as error:
            known += error.known
    raise UnknownOperation(name, known)


def _json(operation: Operation, *, answer: bool) -> Media:
    """The JSON of its body, or of its first success."""
    replies = sorted((one for one in operation.replies if one.status[0] in "2d"), key=lambda one: one.status)
    bodies = replies if answer else [operation.body] if operation.body else []
    for media in (media for body in bodies for media in body.media):
        if "json" in media.media_type and media.schema is not None:
            return media
    raise UsageError(
        f"{operation.id} has no answer in JSON"
        if answer
        else f"{operation.id} takes no JSON body; --answer prints an answer"
    )
