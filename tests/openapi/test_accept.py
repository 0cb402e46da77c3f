"""Which media type a client gets, by its Accept header."""

from __future__ import annotations

import pytest

from mockserver.openapi.accept import Range, choose, ranges

JSON, XML, TEXT = "application/json", "application/xml", "text/plain"


@pytest.mark.parametrize(
    ("accept", "offered", "chosen"),
    [
        pytest.param(None, [XML, JSON], JSON, id="no header: JSON first"),
        pytest.param("*/*", [XML, JSON], JSON, id="anything: JSON first"),
        pytest.param("*/*", [XML, TEXT], XML, id="anything, no JSON: the document's order"),
        pytest.param(XML, [JSON, XML], XML, id="named"),
        pytest.param("TEXT/Plain; charset=utf-8", [JSON, TEXT], TEXT, id="no matter how it is written"),
        pytest.param("text/*", [JSON, TEXT], TEXT, id="a range"),
        pytest.param("application/json;q=0.2, application/xml;q=0.9", [JSON, XML], XML, id="by weight"),
        pytest.param("application/xml;q=0.5, */*;q=0.5", [JSON, XML], JSON, id="wanted alike"),
        pytest.param("*/*, application/json;q=0", [JSON, XML], XML, id="q=0 is never"),
        pytest.param("application/json;q=0.1, application/*;q=0.9", [JSON, XML], XML, id="the closest range counts"),
        pytest.param("image/png", [JSON, XML], None, id="nothing fits"),
        pytest.param("application/json;q=0", [JSON], None, id="explicitly not"),
        pytest.param("nonsense", [XML], XML, id="unreadable: as if it were absent"),
        pytest.param("", [XML], XML, id="empty"),
        pytest.param(None, ["*/*"], JSON, id="a range in the document"),
        pytest.param("image/webp", ["image/*"], "image/webp", id="the client makes a range concrete"),
        pytest.param("image/*", ["image/*"], "image/png", id="a range on both sides"),
        pytest.param("audio/ogg", ["image/*"], None, id="another range"),
        pytest.param("application/json", ["application/vnd.a+json"], None, id="a suffix is another type"),
        pytest.param("application/json;q=2", [JSON], JSON, id="a weight that is none"),
    ],
)
def test_the_type_that_suits_best_is_sent(accept, offered, chosen):
    """Weights first, then JSON, then the order of the document; None is a 406."""
    found = choose(accept, offered)

    assert (found and found[1]) == chosen


@pytest.mark.parametrize(
    ("accept", "offered", "number"),
    [
        pytest.param(None, ["*/*", JSON], 1, id="a range and the type itself"),
        pytest.param(TEXT, ["*/*", "text/*"], 1, id="a range and one within it"),
        pytest.param(TEXT, ["text/*", JSON, TEXT], 2, id="named by the client"),
        pytest.param(XML, ["*/*", JSON], 0, id="only the range speaks of it"),
    ],
)
def test_of_what_is_offered_the_most_specific_speaks_of_a_type(accept, offered, number):
    """What a range may be called can have an entry of its own, whose schema is the one that counts."""
    found = choose(accept, offered)

    assert found is not None
    assert found[0] == number


def test_a_quoted_comma_does_not_end_a_range():
    """Parameters may hold anything in quotes."""
    assert ranges('text/plain;note="a,b";q=0.5, text/csv') == (Range("text/plain", 0.5), Range("text/csv", 1.0))
