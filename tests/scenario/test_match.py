"""When does a call fit a scenario, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import Place
from mockserver.openapi.validate import Checker, Schemas
from mockserver.scenario.match import LIMIT, Difference, differences, fits, partial
from mockserver.scenario.model import MISSING, When


@dataclass(frozen=True)
class Came:
    """A call as the matcher sees it."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = MISSING


class AnyInt:
    """Like dirty-equals' IsInt: decides for itself what it equals."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "AnyInt()"


def schema(value: Any) -> Checker:
    """A checker of `value`."""
    return Schemas({}, place=lambda rule: Place("f.yaml")).check_of(value)


CALL = Came(
    path={"id": "pipe_1", "page": 5},
    query={"limit": 5, "sort": "up"},
    headers={"x-debug": "yes"},
    body={"runs": [{"inputs": {"q": "Q3"}}], "note": None},
)


@pytest.mark.parametrize(
    "when",
    [
        pytest.param(When(), id="empty"),
        pytest.param(When(path={"id": "pipe_1"}), id="path"),
        pytest.param(When(path={"page": "5"}), id="typed-path-parameter-as-text"),
        pytest.param(When(query={"limit": 5, "sort": "up"}), id="query"),
        pytest.param(When(query={"limit": "5"}), id="typed-query-parameter-as-text"),
        pytest.param(When(headers={"X-Debug": "yes"}), id="header-in-any-case"),
        pytest.param(When(body_has={"runs": [{"inputs": {}}]}), id="partial-body"),
        pytest.param(When(body_has={"note": None}), id="null-is-a-value"),
        pytest.param(When(path={"id": "pipe_1"}, body_has={"runs": [{"inputs": {"q": "Q3"}}]}), id="both"),
    ],
)
def test_a_call_that_has_all_that_is_given_fits(when: When) -> None:
    """What `when` does not name may be anything."""
    assert fits(when, CALL)
    assert differences(when, CALL) == []


@pytest.mark.parametrize(
    ("when", "difference"),
    [
        pytest.param(When(path={"id": "p2"}), Difference("path.id", '"pipe_1"', '"p2"'), id="path"),
        pytest.param(When(path={"no": "x"}), Difference("path.no", "nothing", '"x"'), id="absent-path-parameter"),
        pytest.param(When(query={"limit": 6}), Difference("query.limit", "5", "6"), id="query"),
        pytest.param(When(headers={"X-Debug": "no"}), Difference("headers.x-debug", '"yes"', '"no"'), id="header"),
        pytest.param(When(headers={"x-no": "1"}), Difference("headers.x-no", "nothing", '"1"'), id="absent-header"),
        pytest.param(When(body_has={"runs": [{"inputs": {"q": "Q4"}}]}),
                     Difference("body/runs/0/inputs/q", '"Q3"', '"Q4"'), id="deep-in-the-body"),
        pytest.param(When(body_has={"runs": []}), Difference("body/runs", "1 item", "0 items"), id="length-of-a-list"),
        pytest.param(When(body_has={"runs": {"a": 1}}),
                     Difference("body/runs", '[{"inputs": {"q": "Q3"}}]', '{"a": 1}'), id="another-kind-of-value"),
        pytest.param(When(body_has={"a/b": 1}), Difference("body/a~1b", "nothing", "1"), id="pointer-is-escaped"),
    ],
)  # fmt: skip
def test_a_call_that_lacks_something_differs_there(when: When, difference: Difference) -> None:
    """The one difference names the spot, what came and what was wanted, and deciding agrees with explaining."""
    assert differences(when, CALL) == [difference]
    assert not fits(when, CALL)


def test_every_difference_is_listed_in_the_order_of_reading() -> None:
    """A near miss is judged by how many differ, so all are counted."""
    when = When(path={"id": "p2"}, query={"limit": 6}, headers={"x-debug": "no"}, body_has={"note": 1, "x": 2})

    where = [difference.where for difference in differences(when, CALL)]

    assert where == ["path.id", "query.limit", "headers.x-debug", "body/note", "body/x"]


def test_a_difference_reads_as_one_line() -> None:
    """The text of reports comes from the same facts."""
    assert str(Difference("path.id", '"p1"', '"p2"')) == 'path.id  wanted "p2", got "p1"'


def test_a_schema_decides_and_explains() -> None:
    """A body that breaks `when.body` differs where the schema is broken."""
    when = When(body=schema({"type": "object", "properties": {"runs": {"type": "array", "minItems": 2}}}))

    found = differences(when, CALL)

    assert [difference.where for difference in found] == ["body/runs"]
    assert not fits(when, CALL)
    assert fits(when, Came(body={"runs": [1, 2]}))


def test_without_a_body_nothing_that_asks_for_one_fits() -> None:
    """No body is not the same as null."""
    assert differences(When(body=schema({})), Came()) == [Difference("body", "nothing", "a body")]
    assert differences(When(body_has=None), Came()) == [Difference("body", "nothing", "null")]
    assert fits(When(body_has=None), Came(body=None))


@pytest.mark.parametrize(
    ("expected", "actual", "equal"),
    [
        pytest.param(1, 1.0, True, id="one-number-two-spellings"),
        pytest.param(True, 1, False, id="true-is-no-number"),
        pytest.param(1, True, False, id="a-number-is-not-true"),
        pytest.param(0, False, False, id="zero-is-not-false"),
        pytest.param("1", 1, False, id="text-is-no-number"),
        pytest.param(None, False, False, id="null-is-not-false"),
        pytest.param({}, [], False, id="no-object"),
        pytest.param([], {}, False, id="no-list"),
        pytest.param({"a": {}}, {"a": {"b": 1}}, True, id="empty-object-asks-only-for-an-object"),
        pytest.param([1, 2], [1, 2, 3], False, id="a-longer-list"),
        pytest.param([{"a": 1}], [{"a": 1, "b": 2}], True, id="partial-in-a-list"),
        pytest.param({"a": AnyInt()}, {"a": 7}, True, id="an-object-that-decides-itself"),
        pytest.param({"a": AnyInt()}, {"a": "7"}, False, id="and-declines"),
        pytest.param(AnyInt(), MISSING, False, id="nothing-equals-nothing"),
    ],
)
def test_a_partial_literal_is_compared_as_json(expected: Any, actual: Any, equal: bool) -> None:
    """Expected on the left, every key given must be there, lists have equal length, JSON's types are kept apart."""
    assert (partial(expected, actual) == []) is equal


def test_what_is_shown_is_bounded() -> None:
    """Neither a huge value nor a thousand differences make a long report."""
    huge = {"a": ["x" * 50] * 100_000}

    assert len(partial({"a": 1}, huge)[0].said) <= 200
    assert len(partial([0] * 1000, [1] * 1000)) == LIMIT
    assert partial(AnyInt(), "x")[0].wanted == "AnyInt()"


_LEAVES = st.sampled_from([None, True, False, 0, 1, 1.0, "", "a", "1"])
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
)


@settings(deadline=None, derandomize=True, database=None)
@given(_JSON, _JSON)
def test_deciding_agrees_with_explaining(wanted, came):
    """Whether a body fits is found by a shorter way than why it does not."""
    when, facts = When(body_has=wanted), Came(body=came)

    assert fits(when, facts) == (differences(when, facts) == [])
