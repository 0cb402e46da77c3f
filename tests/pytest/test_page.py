"""docs/pytest.md, tried out: its examples pass, its failure is what a user sees, and it leaves nothing out."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
NAMED = {block.splitlines()[0].removeprefix("# "): block for block in BLOCKS if block.startswith("# ")}
EXAMPLES = [block for block in BLOCKS if not block.startswith("# ")]


@pytest.fixture
def client(pytester):
    """The client that the page tests."""
    pytester.path.joinpath("client.py").write_text(NAMED["client.py"], "utf-8")


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: re.findall(r"def (test_\w+)", block)[0])
def test_examples_pass(suite, client, block):
    """Each Python block is a test file that passes as it stands."""
    suite(block).assert_outcomes(passed=block.count("def test_"))


def test_the_failure_is_what_a_user_sees(suite, client):
    """The text after the failing example is its output, line for line."""
    result = suite(NAMED["test_eleven.py"])
    (text,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

    result.assert_outcomes(failed=1)
    # The file is called otherwise here, and some lines stand above the block.
    wanted = [
        re.sub(r"from test_eleven.py:\d+", "from test_suite.py:*", line).replace("...", "*")
        for line in text.splitlines()
    ]
    result.stdout.fnmatch_lines(wanted, consecutive=True)


def test_every_option_and_public_word_is_on_the_page():
    """Fixtures, options, ini keys, marker arguments, and the methods of what a test holds."""
    import mockserver.plugin.options as options
    from mockserver.inbox import Received, WebhookInbox
    from mockserver.mock import Mock
    from mockserver.stubbing import ScriptedCalls, ScriptedInput
    from mockserver.webhooks import Webhooks
    from mockserver.worldclock import WorldClock

    held = (Mock, WorldClock, ScriptedCalls, ScriptedInput, Webhooks, WebhookInbox, Received)
    methods = {name for each in held for name in vars(each)}
    words = {name for name in methods if not name.startswith("_")}
    words |= {f"{name}=" for name in options.MARKER}
    words |= set(re.findall(r'"(--[a-z-]+|mockserver_[a-z]+)"', Path(options.__file__).read_text("utf-8")))

    assert sorted(word for word in words if word not in PAGE) == []
