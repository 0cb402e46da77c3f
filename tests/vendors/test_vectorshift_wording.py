"""How VectorShift's refusals begin: with the vendor's own words, chosen by what was sent."""

import json

import pytest

from mockserver.errors import Problem
from mockserver.vendors.vectorshift.wording import refuse
from tests.callers import answer

B = "----boundary"


@pytest.mark.parametrize(
    ("content_type", "body", "begins"),
    [
        ("application/json", b"{nope", "Invalid JSON body: "),
        ("application/json", b"", "Invalid JSON body: "),
        ("application/json", b'{"inputs": {"x": 1, "x": 2}}', "Invalid JSON body: "),
        ("application/json", b"[" * 300 + b"]" * 300, "Invalid JSON body: "),
        ("multipart/form-data", b"x", "Invalid form data: "),
        (f"multipart/form-data; boundary={B}", b"x", "Invalid form data: "),
        ("application/x-www-form-urlencoded", b"inputs=%ff", "Invalid form data: "),
        ("application/x-www-form-urlencoded", b"inputs={nope", "Invalid form data: "),
        (f"multipart/form-data; boundary={B}", b"", "Invalid form data: "),
        ("text/plain", b"x", "Unsupported content type: "),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_the_vendors_words(vectorshift, content_type, body, begins):
    """Its own text first, ours says the rest."""
    entry = vectorshift.send("POST", "/pipeline/p1/run", body, {"Content-Type": content_type})

    assert entry.answer.status in (400, 415)
    assert answer(entry)["error"].startswith(begins)
    assert len(answer(entry)["error"]) > len(begins)


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_the_prefix_goes_by_what_was_sent_and_not_by_our_words(content_type):
    """Whatever our sentence begins with."""
    problem = Problem("malformed", "part of it is missing", reason="form" if "form" in content_type else "")

    said = json.loads(refuse(problem, None).body)["error"]

    assert said == f"Invalid {'form data' if problem.reason else 'JSON body'}: part of it is missing"
