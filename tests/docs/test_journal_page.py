"""docs/journal.md says what the program does."""

import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli.journal import journal
from mockserver.engine import log
from mockserver.engine.messages import Answer, Call, Decision, Entry, Request, Sent, Spoken, TooLarge
from mockserver.errors import Problem, Violation
from mockserver.journalfile import records_of
from mockserver.server import Server

PAGE = (Path(__file__).parents[2] / "docs" / "journal.md").read_text("utf-8")


def test_every_option_is_on_the_page():
    """Those of `mockserver journal`, each in the table, and no others."""
    options = {name for one in journal.params for name in one.opts if name.startswith("--")}

    table = PAGE.partition("## To look at one")[2].partition("## ")[0]
    assert set(re.findall(r"--[a-z]+", table)) == options


def test_every_record_is_on_the_page():
    """Whoever reads files with a program of their own finds each kind of line."""
    kinds = {"opened", "reset", "closed", "input", "entry", "lost"}

    assert kinds <= set(re.findall(r'"(\w+)"', PAGE.partition("## Format")[2]))
    assert f"Version {log.VERSION};" in PAGE
    assert f'("{log.FORMAT}")' in PAGE


def public(value):
    """Fields, properties and methods of a value."""
    return {name for name in dir(value) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("value", "title", "internal"),
    [
        (Entry, "`entry`", {"reread"}),
        (Request, "`entry.request`", set()),
        (Answer, "`entry.answer`", {"chunks", "gate", "reads", "scripts", "shape", "value"}),
        (Call, "`entry.call`", {"account", "long", "match", "request"}),
        (Violation, "a violation", set()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_all_that_an_entry_has_is_on_the_page(value, title, internal):
    """Each field, property and method that a test may ask for, and none that there is not."""
    table = PAGE.partition(f"\n| {title} | |\n")[2].partition("\n\n")[0]
    told = {name for cell in re.findall(r"^\| (.+?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)", cell)}

    assert told == public(value) - internal


@pytest.mark.parametrize(
    ("value", "row", "internal"),
    [
        (Problem, "problem", {"headers", "reason"}),
        (Decision, "decision", {"gate", "stub", "then"}),
        (Spoken, "spoken", {"script"}),
        (Sent, "sent", set()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_stands_in_an_entry_is_told_in_its_row(value, row, internal):
    """All that a test may ask of the smaller values."""
    (told,) = re.findall(rf"^\| `{row}` \| (.+) \|$", PAGE, re.MULTILINE)

    assert public(value) - internal - set(re.findall(r"`(\w+)`", told)) == set()


def test_headers_and_bodies_are_found_as_the_page_says():
    """By any spelling, on both sides of what came over the network; the pairs stay pairs."""
    with Server(vendors=("vectorshift",)) as server:
        asked = urllib.request.Request(f"{server.url}/nowhere", b'{"n": 1}', {"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked)
        refused.value.close()
        server.settle()
        (entry,) = server.run(lambda: server.worlds.default.journal.entries)

    for one in (entry.request, entry.answer):
        headers: Any = one.headers  # pairs, to a type checker
        assert headers["CONTENT-type"] == headers.get("content-type") == "application/json"
        assert one.header("Content-TYPE") == "application/json"
        assert "content-type" in headers
        assert ("Content-Type", "application/json") in headers
        assert headers[0] in tuple(headers)
        assert "x-other" not in headers
        assert one.header("x-other") is headers.get("x-other") is None
        with pytest.raises(KeyError, match="x-other"):
            headers["X-Other"]
    assert entry.request.json == {"n": 1}
    assert entry.answer.json["error"].startswith("no operation POST /nowhere")


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, TooLarge(1)], ids=["none", "broken", "deep", "too large"])
def test_a_body_that_is_no_json_is_none(body):
    """And no error."""
    assert Request("POST", "/", "/", body=body).json is None


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    """The lines of Python, with a journal that a server wrote."""
    monkeypatch.chdir(tmp_path)
    with Server(journal=Path("worlds.jsonl"), vendors=("vectorshift",)) as server:
        server.run(lambda: server.worlds.default.apply(Request("GET", "/nowhere", "/nowhere")))
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    exec(compile(example, "docs/journal.md", "exec"), {})
    assert capsys.readouterr().out == "GET /nowhere 404 1\n"
    assert len(list(records_of(Path("worlds.jsonl")))) == 3
