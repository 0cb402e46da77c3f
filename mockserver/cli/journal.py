"""`mockserver journal FILE`: the requests that a journal file holds, one by one, and whatever was wrong with them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from mockserver import console
from mockserver.cli.main import Terminal
from mockserver.cli.what import number
from mockserver.contract.exchanges import Exchange, exchanges
from mockserver.engine.journalfilter import status_filter
from mockserver.engine.log import Lost, Record, Torn, read
from mockserver.errors import UsageError
from mockserver.hints import nearest
from mockserver.journalfile import records_of
from mockserver.openapi.wording import shorten

_WIDTH = 300  # characters of a line
_TARGET = 160  # of these for an address, so that what came of it is seen
_PAUSE = 0.2  # seconds between looks at a file that is followed


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--operation", metavar="ID", help="Only requests of this operation.")
@click.option("--status", metavar="N", help="Only answers of this status, such as 202, or of these, such as 4xx.")
@click.option("--invalid", is_flag=True, help="Only requests that something was wrong with.")
@click.option("--world", metavar="NAME", help='Only this world; "" is the default one.')
@click.option("--after", default=0, type=number(0), metavar="N", help="Only requests with a higher number.")
@click.option("--json", "as_json", is_flag=True, help="Each entry as one line of JSON, as the admin API has it.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written, until Control-C.")
@click.pass_obj
def journal(terminal: Terminal, /, file: str, **words: Any) -> int:
    """Print the requests of a journal that `serve --journal` or pytest wrote."""
    path = Path(file)
    has_status = status_filter(words["status"])
    known: dict[str, set[str]] = {"operation": set(), "world": set()}
    records = read(_growing(path), file) if words["follow"] else records_of(path)
    shown = passed = 0
    for one in exchanges(_noted(records, file), file):
        known["operation"].add(one.operation)
        known["world"].add(one.world)
        if not _fits(one, words, has_status):
            passed += 1
            continue
        shown += 1
        terminal.say(json.dumps(one.entry) if words["as_json"] else _told(one))
    if not shown and not words["as_json"]:
        some = "the only request is not" if passed == 1 else f"none of {passed} requests is"
        terminal.say(f"{some} like that" if passed else "no requests are recorded")
    for what, names in known.items():
        if passed and words[what] not in (None, *names):
            hint = nearest(words[what], sorted(names - {""}))
            click.echo(f'mockserver: no request of the {what} "{words[what]}" is recorded; {hint}', err=True)
    return 0


def _told(one: Exchange) -> str:
    """A line for the request and its answer; below it, whatever was wrong, and notes."""
    world = f"{one.world}  " if one.world else ""
    came = "---" if one.status is None else str(one.status)
    what = one.target if one.is_unreadable else f"{one.method} {one.target}"
    gist = " ".join(part for part in (one.operation, one.scenario or "") if part)
    line = f"{one.at}  {world}#{one.number}  {shorten(what, _TARGET)}  {came}  {gist}"
    if one.status is None:
        line += f"  ({one.entry.get('fault', 'no answer')})"
    below = [_finding(violation) for violation in one.violations] + list(one.notes)
    shown = (line, *(f"    {text}" for text in below))
    return "\n".join(shorten(console.printable(text).rstrip(), _WIDTH) for text in shown)


def _finding(said: Mapping[str, Any]) -> str:
    part, where = said.get("part", "body"), str(said.get("where", ""))
    place = where if part == "body" and where else f"{part} {where.lstrip('/')}".rstrip()
    clause = said.get("clause", "")
    sentence = f"{where.lstrip('/')} {clause}".lstrip() if part == "security" else f"{place}: {clause}"
    return f"{said.get('code')}  {sentence}" + (f"  {said['at']}" if said.get("at") else "")


def _fits(one: Exchange, words: dict[str, Any], has_status: Callable[[int | None], bool]) -> bool:
    return (
        (words["operation"] is None or one.operation == words["operation"])
        and has_status(one.status)
        and (not words["invalid"] or bool(one.violations))
        and (words["world"] is None or one.world == words["world"])
        and one.number > words["after"]
    )


def _noted(records: Iterator[Record], file: str) -> Iterator[Record]:
    """The same records; what is missing among them is told on stderr."""
    for record in records:
        match record:
            case Lost(line=line):
                click.echo(f"mockserver: {file}:{line}  {record}", err=True)
            case Torn(_, line):
                click.echo(f"mockserver: {file}:{line}  the last line is not whole and is passed over", err=True)
        yield record


def _growing(path: Path) -> Iterator[bytes]:
    """The lines of a file, and those that are added to it, for ever."""
    try:
        with path.open("rb") as file:
            while True:
                began = file.tell()
                line = file.readline()
                if line.endswith(b"\n"):
                    yield line
                    continue
                time.sleep(_PAUSE)
                # Read anew, past the buffer: the beginning of a line that found no room is taken away again.
                file.seek(0, os.SEEK_END)
                file.seek(began)
    except OSError as error:
        raise UsageError(f"the journal {path} cannot be read: {error.strerror}") from error
