"""docs/cli.md tells all commands with all of their options, and nothing else."""

import re
from pathlib import Path

import click
import pytest

from mockserver.cli.main import commands
from mockserver.server import Server

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
SHARED = ("What to serve", "How to serve", "Reports", "Coverage")
CONTEXT = click.Context(commands)
NAMES = commands.list_commands(CONTEXT)


def command(name: str) -> click.Command:
    """One of the program's."""
    found = commands.get_command(CONTEXT, name)
    assert found is not None
    return found


def section(title: str) -> str:
    """The text below a heading."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> dict[str, str]:
    """The rows of a table about options, by each name of the option."""
    found = {}
    for line in text.splitlines():
        cell = line.partition("|")[2].replace(r"\|", "/").partition("|")[0]
        for name in re.findall(r"`(--?[a-z-]+)", cell):
            found[name] = line.replace(r"\|", "/")
    return found


def told(name: str) -> dict[str, str]:
    """All that the page says about the options of a command, with the tables that it refers to."""
    own = section(f"mockserver {name}")
    found: dict[str, str] = {}
    for title in SHARED:
        if re.search(rf"\(#{title.lower().replace(' ', '-')}\)", own):
            found |= rows(section(title))
    return found | rows(own)


def test_every_command_is_on_the_page():
    """In the table, with a section of its own, and no others."""
    assert sorted(re.findall(r"^\| \[`(\w+)`\]", PAGE, re.MULTILINE)) == sorted(NAMES)
    assert sorted(re.findall(r"^## mockserver (\w+)$", PAGE, re.MULTILINE)) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_on_the_page(name):
    """And no option that the command does not have."""
    options = {word for one in command(name).params if isinstance(one, click.Option) for word in one.opts}

    assert set(told(name)) == options


@pytest.mark.parametrize("name", NAMES)
def test_values_and_defaults_are_those_of_the_program(name):
    """What an option takes and what it is without."""
    page = told(name)
    for one in command(name).params:
        if not isinstance(one, click.Option):
            continue
        row = page[one.opts[-1]]
        if isinstance(one.type, click.Choice):
            assert f"{one.opts[-1]} {'/'.join(one.type.choices)}`" in row
        elif one.metavar:
            assert f"{one.opts[-1]} {one.metavar}`" in row
        if one.show_default and not one.is_flag:
            default = f"{one.default:g}" if isinstance(one.default, float) else str(one.default)
            assert f"`{default}`" in row


def test_arguments_are_on_the_page():
    """Each section shows how its command is called."""
    for name in NAMES:
        usage = section(f"mockserver {name}").partition("`:")[0]
        for one in command(name).params:
            if isinstance(one, click.Argument):
                assert one.make_metavar(CONTEXT).strip("[].") in usage.replace("`", "")


def test_names_in_the_environment_are_on_the_page():
    """What `run` exports."""
    table = section("Environment").partition("\nA document")[0]
    with Server() as server:
        names = set(server.env)

    assert names | {"MOCKSERVER_ADMIN_TOKEN"} == set(re.findall(r"`([A-Z][A-Z_]+)`", table))
