"""`main(argv, env, out) -> int`: finds the command, runs it, and turns every user's mistake into one line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from importlib import import_module
from typing import TextIO

import click
from msgspec import Struct

from mockserver import __version__
from mockserver.errors import MockserverError
from mockserver.hints import nearest

# Command -> where it is. Imported when called for: `explain` does not pay for aiohttp.
_COMMANDS = {
    "serve": "mockserver.cli.serve",
    "demo": "mockserver.cli.demo",
    "run": "mockserver.cli.run",
    "verify": "mockserver.cli.verify",
    "check": "mockserver.cli.check",
    "diff": "mockserver.cli.diff",
    "routes": "mockserver.cli.show",
    "scenarios": "mockserver.cli.show",
    "spec": "mockserver.cli.show",
    "sample": "mockserver.cli.show",
    "journal": "mockserver.cli.journal",
    "explain": "mockserver.cli.codes",
}


class Terminal(Struct, frozen=True):
    """What a command may touch of the world outside."""

    env: Mapping[str, str]
    out: TextIO

    def say(self, text: str = "") -> None:
        """Print at once. A reader that left (`| head`) is told nothing more; the command itself goes on."""
        with suppress(BrokenPipeError):
            # In one write, as threads say things at the same time; `print` makes two of a line and its end.
            self.out.write(f"{text}\n")
            self.out.flush()


class _Commands(click.Group):
    """The commands of the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(_COMMANDS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            hint = nearest(args[0], _COMMANDS, f"there are {', '.join(_COMMANDS)}")
            raise click.UsageError(f'unknown command "{args[0]}"; {hint}')
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(__version__, message="mockserver %(version)s")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """Stands in for HTTP APIs that start many executions with one call.

    Exit codes: 0 fine, 1 found problems, 2 called wrongly or an invalid spec or fixture, 3 could not run.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(argv: Sequence[str], env: Mapping[str, str], out: TextIO) -> int:
    """0 = fine, 1 = found problems, 2 = called wrongly, 3 = could not run."""
    try:
        # click prints help and version to sys.stdout and takes no other stream.
        with redirect_stdout(out):
            code = commands.main(list(argv), prog_name="mockserver", standalone_mode=False, obj=Terminal(env, out))
    except click.NoSuchOption as error:
        return _complain(_no_such_option(error), 2)
    except click.ClickException as error:
        return _complain(" ".join(error.format_message().split()), 2)
    except MockserverError as error:
        return _complain(str(error), error.exit_code)
    except OSError as error:
        if not isinstance(error.filename, str):
            raise
        name = error.filename if len(error.filename) <= 80 else f"{error.filename[:80]}..."
        return _complain(f"{name} cannot be used: {str(error.strerror).lower()}", 2)
    except (click.Abort, KeyboardInterrupt):
        return 130
    return code if isinstance(code, int) else 0


def _no_such_option(error: click.NoSuchOption) -> str:
    """What is near, if anything is: click counts the dashes too, and finds every option near every other."""
    # Imported for errors only: it is not free.
    from difflib import get_close_matches

    command = error.ctx.command if error.ctx else commands
    names = [name for one in command.params for name in one.opts if name.startswith("--")]
    names += ["--help"] if error.ctx is None or error.ctx.help_option_names else []
    near = get_close_matches(error.option_name.lstrip("-"), [name.lstrip("-") for name in names], 1)
    path = error.ctx.command_path if error.ctx else "mockserver"
    hint = f"did you mean --{near[0]}?" if near else f"`{path} --help` lists them"
    return f"there is no option {error.option_name}; {hint}"


def _complain(text: str, code: int) -> int:
    print(f"mockserver: {text}", file=sys.stderr)
    return code
