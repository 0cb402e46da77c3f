"""Reports: the same findings as text, JUnit, GitHub annotations, JSON and a page."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from mockserver.contract import report_github, report_html, report_json, report_junit, report_terminal
from mockserver.contract.coverage import Coverage
from mockserver.contract.findings import Asked, Finding
from mockserver.errors import Place
from tests.contract.some_findings import BODY, HINT, LOST, ODD, report

EVIL = replace(
    BODY,
    sentence='</script><img src=x onerror="alert(1)">\x1b[31m\n::error::hello, 100%',
    said="<b>&amp;</b>]]>\x00\ud800",
    pointer="/<i>",
)
RENDERERS = (
    report_terminal.render, report_junit.render, report_github.render, report_json.render, report_html.render,
)  # fmt: skip


class Page(HTMLParser):
    """What a browser would see of a page: tags, attributes, ids and text."""

    VOID = frozenset({"meta", "br", "img", "link", "input"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.open, self.text = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize(
    ("found", "code", "verdict"),
    [
        (report(), 0, "no findings in 5 requests"),
        (report(BODY, BODY, LOST), 1, "2 errors in 5 requests"),
        (report(ODD, HINT), 0, "1 warning, 1 note in 5 requests"),
        (report(requests=0), 3, "nothing was recorded: no request reached a service"),
        (report(BODY, requests=0), 1, "nothing was recorded: no request reached a service; 1 error"),
        (report(requests=None, coverage=None), 0, "no findings"),
        (report(needed=99.0), 1, "no findings in 5 requests"),
        (report(requests=None, coverage=None, stopped="no answer"), 3, "could not run: no answer"),
        (report(needed=99.0, requests=0, coverage=Coverage()), 3, None),
        (report(needed=10.0), 0, "no findings in 5 requests"),
    ],
    ids=[
        "clean", "errors", "warnings", "empty", "empty and wrong", "no traffic", "short", "stopped", "empty and short",
        "enough",
    ],
)  # fmt: skip
def test_the_exit_code_follows_from_what_was_found(found, code, verdict):
    """Errors before emptiness before too little coverage; warnings and notes fail nothing."""
    assert found.exit_code == code
    assert verdict in (None, found.verdict)


def test_the_terminal_tells_what_where_and_how_to_mend_it():
    """What matters most comes last, where a terminal shows it."""
    text = report_terminal.render(
        report(HINT, BODY, replace(BODY, said="6"), ODD, known=(LOST,), gone=2, remarks=("1 webhook blocked",))
    )

    assert (
        text
        == """\
note E305: failed entries of a batch were never looked at
  #6: input 2 was refused
  explain: mockserver explain E305

warning E303: the client repeated a request that had been refused
  #5 after #4: sent again unchanged
  explain: mockserver explain E303

error E101: the client sent a body the spec does not allow
  #3 POST /shop/orders?page=1   order   and 1 more like it
    /inputs/0/prompt: 5 is not a string   specs/shop.yaml:87:5
    see also tests/test_shop.py:12
  mend it: send what the spec asks for     explain: mockserver explain E101

coverage: 50% of the declared answers and ends were seen
1 webhook blocked
known, in the baseline: E108 (1)
2 findings of the baseline were not found any more; --update-baseline takes what is gone out
mockserver run: 1 error, 1 warning, 1 note, 1 known in 5 requests"""
    )


def test_too_little_coverage_shows_the_table():
    """What is missing is there by name."""
    text = report_terminal.render(report(needed=80.0))

    assert "coverage: 50% of the declared answers and ends were seen, 80% are asked for" in text
    assert re.search(r"health +0 +0 of 1 +0% +204", text)


def test_junit_has_a_case_for_each_finding_and_each_operation_that_was_kept():
    """Errors fail, known ones are skipped, and what was called and is fine passes."""
    root = ElementTree.fromstring(report_junit.render(report(BODY, ODD, known=(LOST,))).encode())
    (suite,) = root

    cases = {(case.get("classname"), case.get("name")): [one.tag for one in case] for case in suite.iter("testcase")}
    assert cases == {
        ("mockserver.shop", "E101 order body /inputs/0/prompt"): ["failure"],
        ("mockserver", "E303 #5 after #4: sent again unchanged"): ["system-out"],
        ("mockserver", "E108 GET /shop/x path"): ["skipped"],
        ("mockserver.shop", "listOrders"): [],
    }
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "0", "skipped": "1",
    }  # fmt: skip
    failing = suite.find("testcase")
    assert failing is not None
    assert (failing.get("file"), failing.get("line")) == ("specs/shop.yaml", "87")
    said = failing.findtext("failure")
    assert said is not None
    for part in ("#3 POST /shop/orders?page=1", "specs/shop.yaml:87:5", "tests/test_shop.py:12", "is not a string"):
        assert part in said


def test_junit_names_each_case_once():
    """Of cases by one name readers show the first only: what is wanted tells them apart, as it does for a baseline."""
    found = (BODY, replace(BODY, wanted="at most 10 characters"))
    cases = ElementTree.fromstring(report_junit.render(report(*found, LOST)).encode()).iter("testcase")

    names = [case.get("name") for case in cases]
    assert len(set(names)) == len(names)
    assert names[:3] == [
        f"E101 order body /inputs/0/prompt: {BODY.wanted}",
        "E101 order body /inputs/0/prompt: at most 10 characters",
        "E108 GET /shop/x path",
    ]


@pytest.mark.parametrize(
    ("found", "name", "tag"),
    [(report(requests=0), "traffic", "error"), (report(needed=80.0), "coverage", "failure")],
    ids=["empty", "short"],
)
def test_junit_fails_where_no_single_finding_does(found, name, tag):
    """An empty journal is never green, nor is too little coverage."""
    root = ElementTree.fromstring(report_junit.render(found).encode())

    assert root.find(f".//testcase[@name='{name}']/{tag}") is not None


def test_github_gets_annotations_on_the_lines():
    """Files of the checkout are named relative to it."""
    text = report_github.render(report(BODY, ODD, HINT), "/home/ci/shop")

    assert text.splitlines() == [
        "::error file=specs/shop.yaml,line=87,col=5,title=E101 the client sent a body the spec does not allow::"
        "/inputs/0/prompt: 5 is not a string%0A#3 POST /shop/orders?page=1%0Asee also tests/test_shop.py:12%0A"
        "mend it: send what the spec asks for",
        "::warning title=E303 the client repeated a request that had been refused::#5 after #4: sent again unchanged",
        "::notice title=E305 failed entries of a batch were never looked at::#6: input 2 was refused",
    ]
    assert BODY.place is not None
    moved = replace(BODY, place=replace(BODY.place, file="/home/ci/shop/api, v1.yaml"))
    assert "file=api%2C v1.yaml," in report_github.render(report(moved), "/home/ci/shop")


def test_github_is_told_of_emptiness_and_of_too_little_coverage():
    """They have no line, and fail the run all the same."""
    assert report_github.render(report(requests=0)) == (
        "::error title=mockserver::nothing was recorded: no request reached a service\n"
    )
    assert "80%25 are asked for" in report_github.render(report(needed=80.0))


def test_json_has_it_all():
    """Findings can be read again; counts, coverage and traffic stand beside them."""
    value = json.loads(report_json.render(report(BODY, BODY, known=(LOST,), at="2026-01-01T00:00:00Z")))

    assert (value["format"], value["version"], value["command"]) == ("mockserver report", 1, "run")
    assert value["counts"] == {"error": 1, "warning": 0, "note": 0, "known": 1, "gone": 0, "requests": 5}
    assert [one["times"] for one in value["findings"]] == [2]
    assert Finding.read(value["findings"][0]) == BODY
    assert value["coverage"]["percent"] == 50.0
    assert value["traffic"][0]["found"] == [{"code": "E101", "fingerprint": BODY.fingerprint}]


def test_the_page_shows_findings_then_coverage_then_traffic():
    """In the order in which they are read, with links that lead somewhere."""
    page = Page(report_html.render(report(BODY, BODY, ODD, HINT, known=(LOST,), remarks=("1 webhook blocked",))))

    assert page.open == []
    assert [one for one in page.ids if one in ("findings", "coverage", "traffic")] == [
        "findings", "coverage", "traffic",
    ]  # fmt: skip
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    text = " ".join(page.text)
    for part in (
        "The contract is broken: 1 error",
        "/inputs/0/prompt: 5 is not a string",
        "specs/shop.yaml:87:5",
        "tests/test_shop.py:12",
        "2 times",
        "1 webhook blocked",
        "listOrders",
        "scenario down",
        "mockserver explain E101",
    ):
        assert part in text


def test_a_line_of_a_test_is_not_called_declared():
    """That is said of places in a document."""
    sent = replace(LOST, place=Place("tests/test_shop.py", 12))

    assert "<dt>place</dt><dd><code>tests/test_shop.py:12</code>" in report_html.render(report(sent))
    said = replace(BODY, place=Place("specs/shop.yaml", 87, 5, "/paths/~1orders/post"))
    assert "<dt>declared</dt><dd><code>specs/shop.yaml:87:5</code>" in report_html.render(report(said))


def test_the_page_loads_nothing_and_runs_nothing():
    """It is one file that can be kept, mailed and opened anywhere."""
    text = report_html.render(report(EVIL, LOST))
    page = Page(text)

    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(page.tags)
    assert all(link.startswith("#") for link in page.links)
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (report(), "The contract is kept"),
        (report(requests=0, traffic=(), coverage=Coverage()), "Nothing was recorded"),
        (report(needed=80.0), "Too little was covered"),
        (report(requests=None, coverage=None, traffic=()), "mockserver run: no findings"),
    ],
    ids=["clean", "empty", "short", "no traffic"],
)
def test_the_page_says_in_its_headline_what_came_of_it(found, said):
    """Whoever opens it reads that first."""
    page = Page(report_html.render(found))

    assert said in " ".join(page.text).partition("Findings")[0]


def test_more_traffic_than_is_shown_is_counted():
    """Nobody takes the first requests for all, and no link leads to one that is not there."""
    late = replace(BODY, request=Asked("POST", "/shop/orders", 1999))

    text = report_html.render(report(late, requests=2000))

    assert "and 1,997 more" in text
    assert "#1999 <code>POST /shop/orders</code>" in text
    assert 'href="#r-1999"' not in text


@pytest.mark.parametrize("render", RENDERERS, ids=lambda one: one.__module__.rpartition("_")[2])
def test_whatever_a_client_sends_cannot_break_a_report(render):
    """Markup, commands and control characters arrive as text; the result can be written as UTF-8, or is told apart."""
    text = render(report(EVIL))

    assert "<img" not in text or render in (report_terminal.render, report_github.render, report_json.render)
    if render is report_github.render:
        assert len(text.splitlines()) == 1
        assert "\x1b" not in text
    if render is report_junit.render:
        ElementTree.fromstring(text.encode())
    if render is report_json.render:
        assert json.loads(text)["findings"][0]["said"] == EVIL.said
    if render is report_html.render:
        assert Page(text).open == []


@pytest.mark.parametrize("render", RENDERERS, ids=lambda one: one.__module__.rpartition("_")[2])
def test_the_same_report_is_the_same_text(render):
    """Nothing in it depends on when or where it is written."""
    assert render(report(BODY, LOST, ODD)) == render(report(BODY, LOST, ODD))
