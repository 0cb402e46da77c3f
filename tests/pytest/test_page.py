"""docs/pytest*.md and docs/coming-from-*.md, tried out: their examples pass, a failure is what a user sees, and they
leave nothing out.
"""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import requests  # noqa: F401 - here once: pytester forgets what a run imported, and then it is there twice

import mockserver
from mockserver import pytest_plugin
from mockserver.gate import Gate
from mockserver.inbox import Received, WebhookInbox
from mockserver.mock import Mock, MockJournal
from mockserver.openworld import Allowance, OpenWorld
from mockserver.outcomes import OutcomeMaker, OutputMaker
from mockserver.plugin import options
from mockserver.scripted_input import ScriptedInput
from mockserver.stubbing import ScriptedCalls
from mockserver.vendors.catalogue import vendors
from mockserver.webhook_faults import WebhookFaults
from mockserver.webhooks import Webhooks
from mockserver.worldclock import WorldClock

ROOT = Path(__file__).parents[2]
PAGES = {
    path.name: path.read_text("utf-8")
    for pattern in ("pytest*.md", "coming-from-*.md")
    for path in sorted((ROOT / "docs").glob(pattern))
}
SCRIPTS = PAGES["pytest-scripts.md"]
BLOCKS = [
    (page, block)
    for page, text in PAGES.items()
    for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
]
# What begins with the name of a file, or with whose words it is in, does not run as it stands.
NAMED = {block.splitlines()[0].removeprefix("# "): block for _, block in BLOCKS if block.startswith("# ")}
EXAMPLES = [(page, block) for page, block in BLOCKS if not block.startswith("# ")]
CODE = "\n".join(
    code
    for page, text in PAGES.items()
    if page.startswith("pytest")
    for code in re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
)

HELD = (
    Mock, MockJournal, ScriptedCalls, ScriptedInput, Gate, OutcomeMaker, OutputMaker,
    WorldClock, Webhooks, WebhookInbox, Received, WebhookFaults, OpenWorld, Allowance,
)  # fmt: skip
# What a world does for mocks and for the plugin; a test asks the mocks.
NOT_FOR_TESTS = {
    OpenWorld: {
        "aheld", "allow", "allow_undelivered", "areceived", "ask", "asettle", "at_rest", "background", "brief", "call",
        "close", "findings", "give", "held", "journal", "look", "mocked", "new_gate", "next_number", "notes", "outlook",
        "received", "release", "report", "serve", "services_of", "settle", "told",
    },
}  # fmt: skip
SOURCES = [ROOT / "mockserver" / "pytest_plugin.py", *sorted((ROOT / "mockserver" / "plugin").glob("*.py"))]


class Registered:
    """Stands in for pytest's parser and configuration, and keeps what a plugin tells them."""

    def __init__(self):
        self.options, self.keys, self.markers = [], [], []

    def getgroup(self, *names):
        return self

    def addoption(self, *names, **more):
        self.options += names

    def addini(self, name, *more, **others):
        self.keys.append(name)

    def addinivalue_line(self, key, line):
        self.markers.append(line)


def registered():
    """What our plugin tells pytest."""
    told: Any = Registered()
    pytest_plugin.pytest_addoption(told)
    options.add_marker(told)
    return told


def missing(words):
    """Those that no code on the pytest pages holds as a whole word."""
    return sorted(word for word in set(words) if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", CODE))


def public(held):
    """What a test can ask of such an object: its methods, properties and fields."""
    found = {name for name in vars(held) if not name.startswith("_")}
    return found - NOT_FOR_TESTS.get(held, set())


def keywords(held):
    """The arguments of public methods that are given by name, as `name=`."""
    for name in public(held):
        method = vars(held).get(name)
        if inspect.isfunction(method):
            for parameter in inspect.signature(method).parameters.values():
                if parameter.kind is parameter.KEYWORD_ONLY:
                    yield f"{parameter.name}="


def files(page):
    """The files that a page shows beside its tests, by name; the client of the first page is there for all."""
    found = re.findall(
        r"^```\w+\n# (\w+\.(?:py|yaml))\n(.*?)^```", PAGES["pytest.md"] + PAGES[page], re.MULTILINE | re.DOTALL
    )
    return {name: text for name, text in found if not name.startswith("test_")}


@pytest.fixture
def beside(pytester):
    """Writes the files of a page."""

    def write(page):
        for name, text in files(page).items():
            pytester.path.joinpath(name).write_text(text, "utf-8")

    return write


@pytest.mark.parametrize(
    ("page", "block"),
    EXAMPLES,
    ids=[f"{page}-{re.findall(r'def (test_[a-z0-9_]+)', block)[0]}" for page, block in EXAMPLES],
)
def test_examples_pass(suite, beside, page, block):
    """Each Python block is a test file that passes as it stands."""
    beside(page)

    suite(block).assert_outcomes(passed=block.count("def test_"))


def test_the_failure_is_what_a_user_sees(suite, beside):
    """The text after the failing example is its output, line for line."""
    beside("pytest.md")
    result = suite(NAMED["test_eleven.py"])
    (text,) = re.findall(r"^```text\n(.*?)^```", PAGES["pytest.md"], re.MULTILINE | re.DOTALL)

    result.assert_outcomes(failed=1)
    # The file is called otherwise here, and some lines stand above the block.
    wanted = [
        re.sub(r"from test_eleven.py:\d+", "from test_suite.py:*", line).replace("...", "*")
        for line in text.splitlines()
    ]
    result.stdout.fnmatch_lines(wanted, consecutive=True)


def test_every_named_file_is_tried_out():
    """A block that begins with the name of a test file is run by a test that names it."""
    named = [name for name in NAMED if name.startswith("test_")]
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))

    assert [name for name in named if name not in tests and name.removesuffix(".py") not in tests] == []


def test_every_fixture_is_on_the_pages():
    """All that the plugin's modules define."""
    trees = [ast.parse(path.read_text("utf-8")) for path in SOURCES]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    fixtures = [one.name for one in functions if any("fixture" in ast.unparse(each) for each in one.decorator_list)]

    assert "eachlabs_mock" in fixtures
    assert missing(name for name in fixtures if not name.startswith("_")) == []


def test_every_option_is_on_the_pages():
    """Options and ini keys, as the plugin registers them with pytest."""
    told = registered()

    assert {"--mockserver-seed", "mockserver_seed"} <= {*told.options, *told.keys}
    assert missing((*told.options, *told.keys)) == []


def test_every_marker_is_on_the_pages():
    """The markers that the plugin makes known, each with its arguments; they are made known in one place."""
    told = registered()
    names = [re.split(r"\W", line)[0] for line in told.markers]
    arguments = [one for line in told.markers for one in re.findall(r"\w+=", line.split("):")[0])]
    elsewhere = [path.name for path in SOURCES if path.name != "options.py" and "addinivalue_line" in path.read_text()]

    assert set(arguments) >= {f"{name}=" for name in options.MARKER}
    assert elsewhere == []
    assert missing(f"pytest.mark.{name}" for name in names) == []
    assert [one for one in arguments if one not in CODE] == []


@pytest.mark.parametrize("held", HELD, ids=lambda held: held.__name__)
def test_every_public_word_is_on_the_pages(held):
    """What a test can ask of the objects that fixtures give, and the arguments that it gives by name."""
    assert missing(public(held)) == []
    assert sorted(each for each in set(keywords(held)) if each not in CODE) == []


def test_every_noun_of_a_vendor_is_on_the_pages():
    """`workflow`, `pipeline`: what its mock can declare, each with its fields."""
    nouns = [(name, noun) for vendor in vendors().values() for name, noun in vendor.face.nouns.items()]
    rows = {name: re.findall(rf"^\| `\w+_mock\.{name}\(id, (.*?)\)`", SCRIPTS, re.MULTILINE) for name, _ in nouns}

    assert {"workflow", "pipeline"} <= rows.keys()
    assert {name: sorted(rows[name][0].split(", ")) for name in rows} == {
        name: sorted(f"{field}=" for field in noun.fields) for name, noun in nouns
    }


def test_every_name_of_the_package_is_on_the_pages():
    """What `from mockserver import ...` gives for annotations."""
    assert missing(name for name in mockserver.__all__ if name != "__version__") == []


def test_every_section_of_a_report_is_on_the_pages():
    """The titles of what the plugin adds to reports of tests, and to that of a run."""
    text = "".join(path.read_text("utf-8") for path in SOURCES)
    titles = set(re.findall(r'"(mockserver:? [a-z ]+)"', text))

    assert {"mockserver journal", "mockserver: late requests"} <= titles
    assert [title for title in titles if title not in CODE] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("coming-from")])
def test_the_right_column_says_our_words(page):
    """What stands opposite to another library's names can be asked of our objects."""
    rows = re.findall(r"^\| .*? \| (.*) \|$", PAGES[page], re.MULTILINE)
    code = "\n".join(re.findall(r"`([^`]+)`", "\n".join(rows)))
    words = set(re.findall(r"(?<![\w.])(?:m|entry|webhook_inbox)\.(\w+)|(?<!\w)\.(\w+)\(", code))
    known = {word for held in HELD for word in public(held)} | {"journal", "webhooks", "request"}

    assert len(words) > 10
    assert {"".join(word) for word in words} - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_not_too_long(page):
    """About 400 lines; what is more is a page of its own."""
    assert len(PAGES[page].splitlines()) <= 400
