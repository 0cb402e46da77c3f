"""docs/server.md tells all of `Server`: its settings with their defaults, what it has, and examples that pass."""

import inspect
import json
import re
from pathlib import Path

import pytest
from msgspec import NODEFAULT
from msgspec.structs import fields

from mockserver import Mock, OpenWorld, Server, ServerSettings, WebhookInbox
from mockserver.arguments import ScriptError
from mockserver.engine.settings import Limits
from tests.pytest.test_page import PAGES

PAGE = (Path(__file__).parents[2] / "docs" / "server.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
(CLIENT,) = re.findall(r"^```python\n# client.py\n(.*?)^```", PAGES["pytest.md"], re.MULTILINE | re.DOTALL)
# What mocks and the plugin ask of it.
NOT_FOR_USERS = {
    "await_for_gate", "await_for_inbox", "give", "restored", "run", "service", "services", "settings", "wait_for_gate",
    "wait_for_inbox", "worlds",
}  # fmt: skip


def written(default):
    """A default as the page has it."""
    return json.dumps(default) if isinstance(default, str) else repr(default)


def test_every_setting_is_on_the_page_with_its_default():
    """In order, and no others."""
    defaults = {
        one.name: "Limits()" if one.default is NODEFAULT else written(one.default) for one in fields(ServerSettings)
    }

    assert dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \|", PAGE, re.MULTILINE)) == defaults


def test_every_argument_and_limit_is_on_the_page():
    """Those that are no settings, and what `limits` holds."""
    arguments = {name for name, one in inspect.signature(Server).parameters.items() if one.kind is one.KEYWORD_ONLY}
    (limits,) = re.findall(r"^\| `limits` \|.*\|$", PAGE, re.MULTILINE)

    assert {name for name in arguments if f"`{name}`" not in PAGE} == set()
    assert set(Limits.__struct_fields__) == set(re.findall(r"`([a-z_]+)`", limits)) - {"limits"}


def test_all_that_a_server_has_is_on_the_page():
    """Its properties and methods."""
    with Server(vendors=["vectorshift"]) as server:
        has = {name for name in dir(server) if not name.startswith("_")}
    table = PAGE.partition("| `server` | |\n")[2].partition("\n\n")[0]
    told = {name for name in re.findall(r"`\.?([a-z_]+)[`(]", table) if name != "run"}

    assert told == has - NOT_FOR_USERS


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: re.findall(r"def (test_\w+)", block)[0])
def test_examples_pass(suite, pytester, block):
    """Each Python block is a test file that passes as it stands, beside the client of the first page."""
    pytester.path.joinpath("client.py").write_text(CLIENT, "utf-8")

    suite(block).assert_outcomes(passed=block.count("def test_"))


@pytest.mark.parametrize("wrong", ["Mock(server, 'eachlabs')", "WebhookInbox(server)"])
def test_what_lives_in_a_world_says_so_when_it_is_given_a_server(wrong):
    """At the line, with what to write; not by an attribute that a server does not have."""
    with Server(vendors=["eachlabs"]) as server, pytest.raises(ScriptError) as raised:
        eval(wrong, {"Mock": Mock, "WebhookInbox": WebhookInbox, "server": server})

    name = wrong.partition("(")[0]
    assert f"{name}() takes a world such as OpenWorld(server), not <mockserver.server.Server" in str(raised.value)


def test_a_world_is_of_a_server():
    """A mock or an address is none."""
    with pytest.raises(ScriptError, match=r"OpenWorld\(\) takes a server such as Server\(\).start\(\), not 'http"):
        OpenWorld("http://127.0.0.1:4010")  # type: ignore[arg-type]  # that is what is refused
