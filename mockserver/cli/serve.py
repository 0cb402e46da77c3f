"""`mockserver serve`: a server until it is told to stop."""

from __future__ import annotations

import gc
import json
import os
import random
import secrets
import shlex
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from mockserver import console
from mockserver.cli.main import Terminal
from mockserver.cli.what import existing, named_specs, number, size, what_to_serve, with_fixtures
from mockserver.engine.delivery import Attempt, Delivery
from mockserver.engine.messages import Entry, Sent
from mockserver.engine.restore import Restored
from mockserver.engine.settings import Limits
from mockserver.engine.world import World
from mockserver.errors import UsageError
from mockserver.hints import counted
from mockserver.journalfile import header_of
from mockserver.server import Server, ServerSettings


@click.command()
@what_to_serve
@with_fixtures
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", default=4010, show_default=True, type=number(0, 65535), metavar="N", help="0 takes any free one."
)
@click.option("--seed", type=number(), metavar="N", help="What chance is drawn from (default: a random one, printed).")
@click.option(
    "--clock", default="real", show_default=True, type=click.Choice(["real", "auto", "manual"]), help="What time does."
)
@click.option(
    "--speed",
    default=1.0,
    type=number(above=0, whole=False),
    metavar="X",
    help="Under --clock real: this many times as fast.",
)
@click.option(
    "--webhook-reach",
    default="private",
    show_default=True,
    type=click.Choice(["loopback", "private", "any"]),
    help="Where webhooks may go: this machine, private networks too, or anywhere.",
)
@click.option(
    "--journal",
    metavar="FILE",
    help="Write all that happens to FILE (.jsonl); what it holds already is restored, and goes on.",
)
@click.option(
    "--ready-file",
    metavar="FILE",
    help="Written when connections are accepted, and removed at the end: url, pid, seed and env as JSON.",
)
@click.option("--any-key", is_flag=True, help="Take every key that is not empty.")
@click.option(
    "--allow-host", "allow_hosts", multiple=True, metavar="NAME", help="A further Host of the admin API (repeatable)."
)
@click.option(
    "--admin-token", metavar="TOKEN", help="What the admin API asks for (also: MOCKSERVER_ADMIN_TOKEN beyond loopback)."
)
@click.option("--max-body", default="32MiB", show_default=True, metavar="SIZE", help="The largest body taken.")
@click.option(
    "--max-depth",
    default=256,
    show_default=True,
    type=number(1, 1000),
    metavar="N",
    help="The most nested brackets taken.",
)
@click.option("--log-format", default="text", type=click.Choice(["text", "json"]), help="How events are printed.")
@click.option("-q", "--quiet", is_flag=True, help="Print no events.")
@click.option("-v", "--verbose", is_flag=True, help="Print which scenario answered, and notes.")
@click.pass_obj
def serve(terminal: Terminal, /, **words: Any) -> int:
    """Serve the shipped vendors, or the given OpenAPI documents."""
    settings = settings_of(words, terminal.env)
    log = _Log(terminal, as_json=words["log_format"] == "json", quiet=words["quiet"], verbose=words["verbose"])
    ready_file = Path(words["ready_file"]) if words["ready_file"] else None
    waiting = 0  # documents that are not loaded yet

    def observe(world: World, entry: Entry, sent: Sent) -> None:
        nonlocal waiting
        log.event(world, entry, sent)
        if waiting:
            before, waiting = waiting, sum(one.is_late for one in server.services)
            if waiting != before:
                gc.freeze()

    server = Server(settings, observe=observe, watch=log.webhook)
    # Documents and journal stay; each time that the garbage collector walks them, everybody waits for 50 ms.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    waiting = sum(one.is_late for one in server.services)
    with _room_for(ready_file), _stop_signals() as stopped, server:
        log.say(f"listening on {server.url} (seed {settings.seed})", url=server.url, seed=settings.seed)
        if server.restored is not None:
            _tell_restored(log, server.restored, words["journal"])
        if not words["quiet"]:
            log.banner(server)
            if words["specs"]:
                _tell_warnings(log, server, words["specs"])
        if not settings.is_local:
            log.say(f"warning: {settings.host} can be reached from other machines; use it in networks that you trust")
        if settings.admin_token and not words["admin_token"] and not terminal.env.get("MOCKSERVER_ADMIN_TOKEN"):
            log.say(f"the admin API needs Authorization: Bearer {settings.admin_token}")
        if ready_file is not None:
            _write_whole(ready_file, {"url": server.url, "pid": os.getpid(), "seed": settings.seed, "env": server.env})
        stopped.wait()
    return 0


class _Log:
    """Events as lines, as they happen."""

    def __init__(self, terminal: Terminal, *, as_json: bool, quiet: bool, verbose: bool) -> None:
        self._terminal, self._as_json, self._quiet, self._verbose = terminal, as_json, quiet, verbose

    def say(self, text: str, **facts: Any) -> None:
        """A line that is no event; as JSON with its facts beside it."""
        self._terminal.say(json.dumps({"message": text, **facts}) if self._as_json else text)

    def banner(self, server: Server) -> None:
        """Where everything is."""
        services = [(one.name, server.base_url(one.name), one.test_key) for one in server.services]
        admin = f"{server.url}/__admin/health"
        if not self._as_json:
            rows = [(name, url, f"key {key}") for name, url, key in services]
            self._terminal.say(console.table([*rows, ("admin", admin, "")], indent="  "))
            return
        for name, url, key in services:
            self.say(f"{name} is at {url}", service=name, base_url=url, key=key)
        self.say(f"admin is at {admin}", admin=admin)

    def event(self, world: World, entry: Entry, sent: Sent) -> None:
        """One answered request."""
        if self._quiet:
            return
        now = _local()
        if self._as_json:
            self._terminal.say(console.event_json(entry, sent, world.secrets, now.astimezone()))
        else:
            self._terminal.say(console.event(entry, sent, world.secrets, now, verbose=self._verbose))

    def webhook(self, world: World, delivery: Delivery, attempt: Attempt) -> None:
        """One attempt to deliver a webhook."""
        if self._quiet:
            return
        now = _local()
        if self._as_json:
            self._terminal.say(console.webhook_json(delivery, attempt, world, now.astimezone()))
        else:
            self._terminal.say(console.webhook(delivery, attempt, world.secrets, now))


def _local() -> datetime:
    """The time on the wall, without its zone: that takes as long to find out as half a line to write."""
    return datetime.now()  # noqa: DTZ005


def _tell_warnings(log: _Log, server: Server, specs: Sequence[str]) -> None:
    """How many things are odd about the documents, and how to see them."""
    count = sum(len(one.document.warnings) for one in server.services)
    if count:
        files = shlex.join(word if Path(word).is_file() else word.partition("=")[2] for word in specs)
        command = f"mockserver check {files}".rstrip()
        log.say(f"{counted(count, 'warning')} about the documents; `{command}` lists them", warnings=count)


def _tell_restored(log: _Log, restored: Restored, file: str) -> None:
    """What became of a journal that was there already."""
    taken = f"{counted(restored.requests, 'request')}, {counted(restored.inputs, 'input')}"
    said = f"restored {counted(restored.worlds, 'world')} from {file}: {taken}"
    log.say(said, journal=file, worlds=restored.worlds, requests=restored.requests, inputs=restored.inputs)
    if restored.torn:
        log.say(f"the last line of {file} was not whole and is passed over")
    for one in restored.inexact:
        log.say(f"not as it was: {file} {one}")
    if restored.more:
        log.say(f"... and {restored.more} more that are not as they were")


def settings_of(words: Mapping[str, Any], env: Mapping[str, str]) -> ServerSettings:
    """What the options of `serve` ask for. Raises UsageError for those that do not go together."""
    journal = Path(words["journal"]) if words["journal"] else None
    seed = words["seed"]
    if seed is None:
        header = header_of(journal) if journal else None
        seed = random.SystemRandom().randrange(1, 1_000_000) if header is None else header.seed
    settings = ServerSettings(
        host=words["host"],
        port=words["port"],
        seed=seed,
        clock=words["clock"],
        speed=words["speed"],
        vendors=words["vendors"],
        specs=named_specs(words["specs"]),
        fixtures=words["fixtures"],
        overlays=existing(words["overlays"], "overlay"),
        strict_spec=words["strict_spec"],
        documented_only=words["documented_only"],
        any_key=words["any_key"],
        allow_hosts=words["allow_hosts"],
        admin_token=words["admin_token"] or _token(words["host"], env),
        webhook_reach=words["webhook_reach"],
        journal=journal,
        restore=True,
        limits=Limits(max_body=size(words["max_body"]), max_depth=words["max_depth"]),
    )
    if words["speed"] != 1.0 and settings.clock != "real":
        raise UsageError(f"--speed goes with --clock real; under --clock {settings.clock} nothing waits")
    return settings


def _token(host: str, env: Mapping[str, str]) -> str:
    if ServerSettings(host=host).is_local:
        return ""
    return env.get("MOCKSERVER_ADMIN_TOKEN") or secrets.token_urlsafe(24)


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that is set by SIGINT and SIGTERM."""
    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _room_for(ready_file: Path | None) -> Iterator[None]:
    """There is no such file before and after, so that whoever waits for it finds no other run's; it can be written."""
    if ready_file is None:
        yield
        return
    try:
        ready_file.unlink(missing_ok=True)
        with tempfile.TemporaryFile(dir=ready_file.parent):
            pass
    except OSError as error:
        raise UsageError(f"the ready file {ready_file} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        with suppress(OSError):
            ready_file.unlink(missing_ok=True)


def _write_whole(path: Path, value: Mapping[str, Any]) -> None:
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
        ) as file:
            json.dump(value, file)
        Path(file.name).replace(path)
    except OSError as error:
        raise UsageError(f"the ready file {path} cannot be written: {error.strerror}") from error
