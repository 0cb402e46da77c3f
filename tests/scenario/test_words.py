"""Fixtures held against what a vendor says of itself: its states, schedules, outputs and resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import MockserverError, Several
from mockserver.openapi.document import Document
from mockserver.scenario.words import VendorWords
from tests.scenario.shop import load_text, then

TAKEN = "/components/schemas/Taken"


def thing(kind: str, name: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A resource with a size, and a colour that only sized ones may have. Tells its first fault."""
    if kind != "things":
        raise ValueError(f"there are no {kind}")
    if unknown := value.keys() - {"size", "colour"}:
        raise ValueError(f"no {min(unknown)} here")
    if not isinstance(value.get("size", 1), int):
        raise ValueError("a size is a whole number\nof centimetres")
    if "colour" in value and "size" not in value:
        raise ValueError("a colour needs a size")
    return {"compiled": name}


WORDS = VendorWords(
    scope=frozenset(),
    states=("packing", "sent"),
    ends=frozenset({"arrived", "lost", "cancelled"}),
    happy="arrived",
    schedules=frozenset({"hourly", "daily"}),
    output_rule=lambda operation: TAKEN,
    resource=thing,
)

Said = Callable[[str, VendorWords], list[str]]


@pytest.fixture
def said(shop: Document, tmp_path: Path) -> Said:
    """The sentences of all errors in a text, from the pointer on; none when it loads."""

    def read(text: str, words: VendorWords) -> list[str]:
        try:
            load_text(text, tmp_path, [shop], words)
        except MockserverError as error:
            errors = error.errors if isinstance(error, Several) else (error,)
            return [str(one).partition("  ")[2] for one in errors]
        return []

    return read


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        pytest.param(
            "{output: {id: 5}}",
            "/output/id  5 is not a string; the vendor's document does not allow it, see shop.yaml:20:61",
            id="output",
        ),
        pytest.param(
            "{outputs: {n: 1}, ends: arrived}",
            '/outputs  missing "id"; the vendor\'s document does not allow it, see shop.yaml:20:27',
            id="outputs",
        ),
        pytest.param(
            "{timeline: {paking: 1s}}",
            '/timeline/paking  no execution is ever "paking" here; did you mean "packing"?',
            id="state",
        ),
        pytest.param(
            "{timeline: {arrived: 1s}}",
            "/timeline/arrived  arrived is an end and has no length; leave it out and write ends: arrived",
            id="end-in-timeline",
        ),
        pytest.param(
            "{ends: completed}",
            '/ends  no execution ends "completed" here; known: arrived, cancelled, lost',
            id="end",
        ),
        pytest.param(
            "{error: gone}",
            '/error  only an execution that fails has an error; add "ends: lost"',
            id="error-of-the-happy-end",
        ),
        pytest.param(
            "{webhook: {retry: weekly}}",
            '/webhook/retry  there is no retry schedule "weekly"; known: daily, hourly',
            id="schedule",
        ),
        pytest.param(
            "{webhook: {drip: 2m}}",
            "/webhook/drip  2m is longer than 60s; at most 60s are possible here",
            id="drip",
        ),
    ],
)
def test_a_plan_that_the_vendor_cannot_play_stops_the_start(plan: str, sentence: str, said: Said) -> None:
    """One sentence at the key that says it."""
    (line,) = said(then(f"{{executions: [{plan}]}}"), WORDS)

    assert line == f"/scenarios/0/then/executions/0{sentence}"


@pytest.mark.parametrize(
    "plan",
    [
        "{timeline: {packing: 1s, sent: 5s}, ends: lost, error: gone, webhook: {retry: daily}}",
        '{output: {id: "${index}", n: x}}',
        "{ends: lost, output: 5}",
        "{output: {id: a}}",
    ],
    ids=["all", "output-with-a-placeholder", "output-that-nobody-gets", "output"],
)
def test_a_plan_in_the_vendors_own_words_is_fine(plan: str, said: Said) -> None:
    """Its states, ends and schedules; an output is judged where it is known and sent."""
    assert said(then(f"{{executions: [{plan}]}}"), WORDS) == []


def test_executions_of_an_operation_that_starts_none_stop_the_start(said: Said) -> None:
    """Nothing would ever read them."""
    words = VendorWords(starts=lambda operation: operation.method != "POST")

    assert said(then("{executions: [{}]}"), words) == [
        "/scenarios/0/then/executions  POST /shops/{shop}/orders starts no executions; "
        "say what it answers with respond:"
    ]


@pytest.mark.parametrize(
    ("resources", "sentences"),
    [
        pytest.param("{things: {a: {size: 2, colour: red}, b: , '*': {}}}", [], id="good"),
        pytest.param(
            "{things: {a: {siz: 1, size: x}, b: {size: y}}}",
            [
                "/resources/things/a/siz  no siz here",
                "/resources/things/a/size  a size is a whole number; of centimetres",
                "/resources/things/b/size  a size is a whole number; of centimetres",
            ],
            id="several",
        ),
        pytest.param(
            "{things: {a: {colour: red}}}",
            ["/resources/things/a/colour  a colour needs a size"],
            id="one-that-needs-another",
        ),
        pytest.param(
            "{thongs: {a: {x: 1}, b: {}}, things: {a: {x: 1}}}",
            ["/resources/thongs/a  there are no thongs", "/resources/things/a/x  no x here"],
            id="kind",
        ),
        pytest.param(
            "{things: {'000-0': {}, a: 5, 100: {}}}",
            [
                '/resources/things/000-0  "000-0" never exists: ids of zeros only are kept free, so that a client can '
                "try its 404; give it another id",
                "/resources/things/a  5 is not an object or null; what is known of this one; which fields mean "
                "something is the vendor's",
            ],
            id="zeros",
        ),
    ],
)
def test_resources_that_cannot_be_are_told_all_at_once_at_their_keys(
    resources: str, sentences: list[str], said: Said
) -> None:
    """Though the vendor tells its first fault only, and not where."""
    assert said(f"format: 1\nvendor: shop\nresources: {resources}\n", WORDS) == sentences


def test_resources_are_what_the_vendor_makes_of_them(shop: Document, tmp_path: Path) -> None:
    """Compiled once, when the fixture is read."""
    fixture = load_text("format: 1\nvendor: shop\nresources: {things: {a: {size: 2}}}\n", tmp_path, [shop], WORDS)

    assert fixture.resources == {"things": {"a": {"compiled": "a"}}}
