"""docs/journal.md says what the program does."""

import re
from pathlib import Path

from mockserver.cli.journal import journal
from mockserver.engine import log
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


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    """The lines of Python, with a journal that a server wrote."""
    monkeypatch.chdir(tmp_path)
    with Server(journal=Path("worlds.jsonl"), vendors=("vectorshift",)) as server:
        from mockserver.engine.messages import Request

        server.run(lambda: server.worlds.default.apply(Request("GET", "/nowhere", "/nowhere")))
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    exec(compile(example, "docs/journal.md", "exec"), {})
    assert capsys.readouterr().out == "GET /nowhere 404 1\n"
    assert len(list(records_of(Path("worlds.jsonl")))) == 3
