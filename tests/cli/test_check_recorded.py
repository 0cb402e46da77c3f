"""`mockserver check` with recorded traffic: journals and HAR files, against documents."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mockserver.cli.main import main
from mockserver.engine.messages import Request
from mockserver.server import Server
from tests.contract.orders import GOOD, ORDERS, entry, har


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the document is, and we are."""
    (tmp_path / "orders.yaml").write_text(ORDERS, "utf-8")
    (tmp_path / "good.har").write_bytes(har(GOOD))
    (tmp_path / "bad.har").write_bytes(har(GOOD, entry(sent={"item": 5}, status=400, came={})))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*argv: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = io.StringIO()
    return main(["check", *argv], {}, out), out.getvalue()


def test_good_traffic_is_green(folder: Path) -> None:
    """In one line, with its coverage."""
    code, text = check("good.har", "--spec", "orders.yaml")

    assert code == 0
    assert text.endswith("seen\nmockserver check: no findings in 1 request\n")


def test_bad_traffic_is_told_in_every_report(folder: Path) -> None:
    """On the line of the document; the recording stands beside it."""
    kinds = ("junit=j.xml", "json=r.json", "html=r.html", "github=a.txt")

    code, text = check("bad.har", "--spec", "orders.yaml", *(word for one in kinds for word in ("--report", one)))

    assert code == 1
    assert "#2 POST https://api.orders.test/v1/orders   order" in text
    assert "see also bad.har" in text
    (found,) = json.loads((folder / "r.json").read_text("utf-8"))["findings"]
    place = found["place"]
    assert ORDERS.splitlines()[place["line"] - 1].lstrip().startswith("schema: {type: object, required: [item]")
    where = f"file=orders.yaml,line={place['line']},col={place['column']},"
    assert (folder / "a.txt").read_text("utf-8").startswith(f"::error {where}")
    case = ElementTree.parse(folder / "j.xml").getroot().find(".//failure/..")
    assert case is not None
    assert (case.get("file"), case.get("line")) == ("orders.yaml", str(place["line"]))
    assert f"orders.yaml:{place['line']}:{place['column']}" in (folder / "r.html").read_text("utf-8")


def test_several_recordings_are_one_report(folder: Path) -> None:
    """Their requests are counted together; whatever they are called."""
    (folder / "traffic.json").write_bytes(har(GOOD))

    code, text = check("good.har", "traffic.json", "--spec", "orders.yaml")

    assert (code, text.splitlines()[-1]) == (0, "mockserver check: no findings in 2 requests")


def test_a_journal_needs_no_spec_where_its_documents_are_still_there(folder: Path) -> None:
    """They are named in it; a better one can be given."""
    with Server(specs=((None, Path("orders.yaml")),), journal=Path("j.jsonl"), any_key=True) as server:
        body, head = b'{"item": "tea"}', (("X-Key", "k"), ("Content-Type", "application/json"))
        request = Request("POST", "/orders/v1/orders", "/orders/v1/orders", headers=head, body=body)
        server.run(lambda: server.worlds.default.apply(request))
    (folder / "new.yaml").write_text(ORDERS.replace("required: [item]", "required: [item, count]"), "utf-8")

    assert check("j.jsonl")[0] == 0
    code, text = check("j.jsonl", "--spec", "new.yaml")
    assert code == 1
    assert 'body: missing "count"   new.yaml:' in text
    (folder / "orders.yaml").unlink()
    assert check("j.jsonl")[0] == 2


def test_a_key_that_was_refused_is_told(folder: Path) -> None:
    """The file does not hold the key; it does hold what was said of it. A document that asks for none minds none."""
    path = "/eachlabs/api/v1/categories"
    asked = [Request("GET", path, path, headers=(("X-API-Key", key),)) for key in ("el-test-key", "wrong-key")]
    with Server(journal=Path("j.jsonl")) as server:
        server.run(lambda: [server.worlds.default.apply(one) for one in asked])
    (folder / "open.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Open, version: '1'}\n"
        "paths: {/categories: {get: {responses: {200: {description: fine}, 401: {description: no}}}}}\n",
        "utf-8",
    )

    code, text = check("j.jsonl")

    assert code == 1
    assert (
        "error E105: the client could not be identified\n  #2 GET /eachlabs/api/v1/categories   listCategories\n"
        in text
    )
    assert "X-API-Key holds a key that is not known here; it was refused when this was recorded   specs/" in text
    assert "E105" not in check("j.jsonl", "--spec", "eachlabs=open.yaml")[1]


@pytest.mark.parametrize("words", [(), ("--spec", "vectorshift"), ("--spec", "orders.yaml")], ids=" ".join)
def test_what_no_service_had_is_an_error_in_a_journal(folder: Path, words: tuple[str, ...]) -> None:
    """It came to our server, whatever document the rest is held against; a HAR file does not know where it came to."""
    asked = [Request("GET", path, path) for path in ("/nope/x", "/eachlabs/api/v1/nope")]
    with Server(journal=Path("j.jsonl")) as server:
        server.run(lambda: [server.worlds.default.apply(one) for one in asked])

    code, text = check("j.jsonl", *words)

    assert code == 1
    assert "  #1 GET /nope/x\n    nothing is served at /nope/x; base URLs here are /vectorshift/v1, " in text
    assert ("#2 GET /eachlabs" in text) is (not words)
    assert ("1 request was for other addresses and passed over: /eachlabs/api/v1/nope" in text) is bool(words)


@pytest.mark.parametrize(
    ("name", "text", "words", "code", "said"),
    [
        ("x.har", "{", ("--spec", "orders.yaml"), 2, "x.har  is no JSON, so it is no HAR"),
        ("x.har", "{}", ("--spec", "orders.yaml"), 2, "x.har  is no HAR: it has no log with entries"),
        ("x.har", har(GOOD).decode(), (), 2, "say with --spec which document"),
        ("x.jsonl", '{"level": "info"}\n', ("--spec", "orders.yaml"), 2, "x.jsonl  is no journal of mockserver"),
        ("x.jsonl", '{"format":"mockserver journal","version":9}\n', (), 2, "of version 9"),
        ("x.txt", "hello", ("--spec", "orders.yaml"), 2, "is no journal of mockserver"),
        ("x.har", har(GOOD).decode(), ("--spec", "nowhere.yaml"), 2, "there is no spec nowhere.yaml"),
        ("x.har", har(GOOD).decode(), ("--spec", "orders.yaml", "--spec", "orders.yaml"), 2, "are called"),
        ("x.har", har(GOOD).decode(), ("--spec", "orders.yaml", "orders.yaml"), 2, "is no journal"),
        ("x.har", har(GOOD).decode(), ("--base-url", "http://x", "--spec", "orders.yaml", "--spec", "eachlabs"), 2,
         "exactly one --spec"),
        ("x.har", har(GOOD).decode(), ("--base-url", "shop.test", "--spec", "orders.yaml"), 2, "is no address"),
        ("x.har", har(GOOD).decode(), ("good.yaml", "--spec", "orders.yaml"), 2, "there is no file good.yaml"),
        ("x.json", har(GOOD).decode(), ("orders.yaml",), 2, "orders.yaml is no recorded traffic"),
        ("x.yaml", ORDERS, ("--base-url", "http://x"), 2, "--base-url goes with recorded traffic"),
        ("x.yaml", ORDERS, ("--max-depth", "9"), 2, "--max-depth goes with recorded traffic"),
        ("x.yaml", ORDERS, ("--manners", "warn"), 2, "--manners goes with recorded traffic"),
    ],
    ids=[
        "no json", "no har", "no spec", "another log", "another version", "text", "missing spec", "twins",
        "a spec among them", "base url", "no address", "missing file", "mixed", "no recording",
        "depth of no recording", "manners of no recording",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, words: tuple[str, ...], code: int, said: str
) -> None:
    """Exit code 2, no traceback."""
    (folder / name).write_text(text, "utf-8")

    assert check(name, *words) == (code, "")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mockserver: ")
    assert said in line


def test_traffic_of_somebody_else_is_not_green(folder: Path) -> None:
    """Nothing in it is for the document: exit code 3, and where it went."""
    (folder / "other.har").write_bytes(har(entry("GET", "/logo.png", url="https://cdn.test")))
    (folder / "empty.har").write_bytes(har())
    (folder / "empty.jsonl").write_bytes(b"")

    code, text = check("other.har", "--spec", "orders.yaml")

    assert code == 3
    assert "other.har: 1 request was for other addresses and passed over: cdn.test" in text
    assert "nothing was recorded" in text
    assert check("empty.har", "--spec", "orders.yaml")[0] == 3
    assert check("empty.jsonl", "--spec", "orders.yaml")[0] == 3


def test_holes_are_told(folder: Path) -> None:
    """What was not held, and why."""
    (folder / "holes.har").write_bytes(har(entry(sent={"item": "x"}), {"request": {}}))

    code, text = check("holes.har", "--spec", "orders.yaml")

    assert code == 0
    assert "holes.har: 1 entry without the body of the answer: only its status and headers are held" in text
    assert "holes.har: 1 entry without a request: passed over" in text


def test_known_findings_pass(folder: Path) -> None:
    """`--baseline`, as everywhere."""
    known = ("bad.har", "--spec", "orders.yaml", "--baseline", "known.json")

    assert [check(*known, "--update-baseline")[0], check(*known)[0], check("bad.har", "--spec", "orders.yaml")[0]] == [
        0, 0, 1,
    ]  # fmt: skip
