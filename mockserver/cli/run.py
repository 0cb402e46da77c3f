"""`mockserver run -- CMD`: serve while a command runs, then hold its traffic to the contract."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from mockserver import outlook
from mockserver.cli import child
from mockserver.cli.main import Terminal
from mockserver.cli.report import Reports, behaving, covering, reporting
from mockserver.cli.serve import serve, settings_of
from mockserver.cli.what import number
from mockserver.contract.report import Report
from mockserver.contract.traffic import Traffic
from mockserver.engine.delivery import Delivery
from mockserver.engine.world import World
from mockserver.errors import MockserverError, UsageError
from mockserver.hints import counted, listed
from mockserver.server import Server, ServerSettings

_SETTLE = 2.0  # seconds of wall time for webhooks that are on their way when the command ends
_NOT_HERE = frozenset({"ready_file", "log_format", "quiet", "verbose"})  # options of `serve` about its own output


class _Run(click.Command):
    """Takes what stands after `--` as the command, whatever it looks like."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ours, mark, command = args, False, list[str]()
        if "--" in args:
            at = args.index("--")
            ours, mark, command = args[:at], True, args[at + 1 :]
        rest = super().parse_args(ctx, ours)
        if not mark or not command:
            raise click.UsageError("say which command to run, after --: mockserver run -- pytest -q", ctx)
        ctx.params["command"] = tuple(command)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- CMD..."]


@click.command(cls=_Run)
@reporting
@covering
@behaving
@click.pass_obj
def run(terminal: Terminal, /, command: tuple[str, ...], **words: Any) -> int:
    """Serve on a free port, run CMD with the base URLs and keys in its environment, and hold its traffic to the
    contract.

    Takes the options of `serve`. Exits with CMD's code if CMD failed; else 1 when the contract was broken, 3 when no
    request came, else 0.
    """
    reports = Reports(words)
    settings = replace(settings_of(words, terminal.env), restore=False)
    _find(command[0], terminal.env)
    traffic = Traffic(manners=words["manners"], given_up=outlook.given_up)
    server = Server(
        settings,
        observe=lambda world, entry, sent: traffic.heard(world, entry, sent) if _is_open(server, world) else None,
    )
    server.worlds.on_leave = traffic.leave
    with reports.telling_why("run", shlex.join(command), terminal), server:
        traffic.own = server.url
        code = child.run(command, {**terminal.env, **server.env, **_token(settings)})
        left = _end(server, traffic)
    report = Report(
        command="run",
        subject=shlex.join(command),
        findings=traffic.findings,
        requests=traffic.requests,
        traffic=traffic.rows,
        coverage=traffic.coverage,
        needed=words["coverage_fail_under"],
        remarks=tuple(_remarks(command, code, left, traffic, settings)),
    )
    try:
        verdict = reports.publish(report, terminal, to_stderr=True)
    except MockserverError as error:
        if not code:
            raise
        click.echo(f"mockserver: {error}", err=True)  # the command's own failure has the last word
        return code
    return code or verdict


def _own_options() -> list[click.Parameter]:
    """Those of `serve` that make sense here. A run in CI is like the one before, wherever it is."""
    own = {
        "port": click.Option(
            ["--port"], default=0, show_default=True, type=number(0, 65535), metavar="N", help="0 takes any free one."
        ),
        "seed": click.Option(
            ["--seed"], default=0, show_default=True, type=number(), metavar="N", help="What chance is drawn from."
        ),
        "journal": click.Option(["--journal"], metavar="FILE", help="Write all that happens to FILE (.jsonl), anew."),
    }
    return [own.get(str(option.name), option) for option in serve.params if option.name not in _NOT_HERE]


run.params[:0] = _own_options()


def _find(name: str, env: Mapping[str, str]) -> None:
    """Raises UsageError for a command that is not there, before anything is served."""
    if shutil.which(name, path=env.get("PATH")) is None and not Path(name).exists():
        raise UsageError(f"there is no command {name}; what comes after -- is run as it stands, without a shell")


def _token(settings: ServerSettings) -> dict[str, str]:
    """What the admin API asks for, for the command to use."""
    return {"MOCKSERVER_ADMIN_TOKEN": settings.admin_token} if settings.admin_token else {}


def _is_open(server: Server, world: World) -> bool:
    return server.worlds.find(world.name) is world


def _worlds(server: Server) -> list[World]:
    return [world for name in server.worlds.names if (world := server.worlds.find(name)) is not None]


class _Left(Struct, frozen=True):
    """What had not come to its end when CMD had."""

    deliveries: tuple[Delivery, ...]
    running: int  # executions


def _end(server: Server, traffic: Traffic) -> _Left:
    """Take in what is left.

    Those that are on their way get a moment. What fails in it fails nothing: the receiver may have ended with CMD.
    """
    server.run(lambda: traffic.webhooks(_worlds(server)))
    names = server.run(lambda: server.worlds.names)
    loop = asyncio.new_event_loop()
    try:
        for name in names:
            with suppress(TimeoutError, UsageError):
                loop.run_until_complete(asyncio.wait_for(server.asettle(name), _SETTLE))
    finally:
        loop.close()

    def finish() -> _Left:
        deliveries: list[Delivery] = []
        running = 0
        for world in _worlds(server):
            traffic.end(world)
            deliveries += world.outbox.all
            running += sum(not one.is_final for one in world.executions.all)
        return _Left(tuple(deliveries), running)

    return server.run(finish)


def _remarks(
    command: Sequence[str], code: int, left: _Left, traffic: Traffic, settings: ServerSettings
) -> Iterator[str]:
    if code:
        killed = f"was killed by signal {code - 128}" if code > 128 else f"exited with {code}"
        yield f"{command[0]} {killed}, which is the exit code"
    if left.running:
        yield f"{counted(left.running, 'execution')} still running when it ended"
    for state, what in (
        ("pending", "not delivered yet when it ended"),
        ("failed", "not delivered"),
        ("blocked", "blocked: see --webhook-reach"),
    ):
        some = [one.url for one in left.deliveries if one.state == state and not traffic.has_told(one)]
        if some:
            yield f"{counted(len(some), 'webhook')} {what}: {listed(list(dict.fromkeys(some)))}"
    if traffic.left_out:
        yield f"{traffic.left_out} further findings are like those that are shown"
    if traffic.requests == 0:
        yield "no request came: does the client read its base URL from the environment, as MOCKSERVER_URL and others?"
        yield "tests that use the fixtures of the pytest plugin have servers of their own and need no `run`"
    if settings.journal is not None:
        yield f"the journal is in {settings.journal}"
