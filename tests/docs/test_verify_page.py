"""docs/verify.md and docs/diff.md say what the program does."""

from __future__ import annotations

import io
import re
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli.diff import diff
from mockserver.cli.main import main
from mockserver.cli.verify import verify
from mockserver.contract.codes import TITLES

DOCS = Path(__file__).parents[2] / "docs"
VERIFY = (DOCS / "verify.md").read_text("utf-8")
DIFF = (DOCS / "diff.md").read_text("utf-8")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def shown(page: str) -> tuple[list[str], str]:
    """The words and the output of the first command on a page."""
    command, _, output = blocks(page, "console")[0].partition("\n")
    return command.removeprefix("$ mockserver ").split(), output


def test_the_service_of_the_page_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document and the service of the page, and word for word what is said of them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(blocks(VERIFY, "yaml")[0], "utf-8")
    names: dict[str, Any] = {}
    exec(compile(blocks(VERIFY, "python")[0].replace("8000", "0"), "docs/verify.md", "exec"), names)
    names["Shop"].log_message = lambda *words: None
    shop: ThreadingHTTPServer = names["shop"]
    thread = threading.Thread(target=shop.serve_forever, args=(0.01,))
    thread.start()
    words, output = shown(VERIFY)
    out = io.StringIO()
    try:
        code = main([word.replace("8000", str(shop.server_port)) for word in words], {}, out)
    finally:
        shop.shutdown()
        thread.join()
        shop.server_close()

    assert (code, out.getvalue()) == (1, output)


def test_the_documents_of_the_page_differ_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two documents of the page, and word for word what is said of them."""
    monkeypatch.chdir(tmp_path)
    for name, text in zip(("old.yaml", "new.yaml"), blocks(DIFF, "yaml"), strict=True):
        (tmp_path / name).write_text(text, "utf-8")
    words, output = shown(DIFF)
    out = io.StringIO()

    assert (main(words, {}, out), out.getvalue()) == (1, output)


def test_every_code_is_on_its_page() -> None:
    """The codes of `verify` and of `diff`, each in the table of its page."""
    codes = [set(re.findall(r"^\| (E\d+) ", page, re.MULTILINE)) for page in (VERIFY, DIFF)]

    assert codes[0] == {code for code in TITLES if code.startswith("E4")}
    assert codes[1] | {"E609"} == {code for code in TITLES if code.startswith("E6")}


def test_bounds_are_those_of_the_program() -> None:
    """The table of bounds has the defaults of the program."""
    table = dict(re.findall(r"^\| `(--[a-z-]+) [A-Z]+` \| (\S+) \|", VERIFY, re.MULTILINE))
    defaults = {name: one.default for one in verify.params for name in one.opts if name in table}

    assert {name: str(value).removesuffix(".0") for name, value in defaults.items()} == table


@pytest.mark.parametrize(("page", "command"), [(VERIFY, verify), (DIFF, diff)])
def test_options_of_the_page_are_those_of_the_program(page: str, command: Any) -> None:
    """No page names an option that its command does not have."""
    known = {name for one in command.params for name in one.opts}

    assert set(re.findall(r"`(--[a-z-]+)", page)) <= known
