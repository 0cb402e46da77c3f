"""Texts of formats, lengths and patterns at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chance import Chance
from mockserver.errors import Place
from mockserver.openapi.formats import ANNOTATIONS, TEXT
from mockserver.openapi.sample import SampleError, Sampler
from mockserver.openapi.sample_text import FORMATS
from mockserver.openapi.validate import Schemas

# The lengths that texts of each format have: from, to (None: any), and those between that none has.
LENGTHS: dict[str, tuple[int, int | None, frozenset[int]]] = {
    "base64": (0, None, frozenset(n for n in range(400) if n % 4)),
    "byte": (0, None, frozenset(n for n in range(400) if n % 4)),
    "date": (10, 10, frozenset()),
    "date-time": (20, None, frozenset({21})),
    "duration": (3, None, frozenset()),
    "email": (3, 318, frozenset()),
    "hostname": (1, 253, frozenset()),
    "ipv4": (7, 15, frozenset()),
    "ipv6": (2, 45, frozenset()),
    "iri": (2, None, frozenset()),
    "iri-reference": (0, None, frozenset()),
    "json-pointer": (0, None, frozenset()),
    "regex": (0, None, frozenset()),
    "relative-json-pointer": (1, None, frozenset()),
    "time": (9, None, frozenset({10})),
    "uri": (2, None, frozenset()),
    "uri-reference": (0, None, frozenset()),
    "uuid": (36, 36, frozenset()),
}


def sampler(schema: dict[str, Any]) -> Sampler:
    schemas = Schemas({"mem:///": schema}, place=lambda pointer: Place("a.yaml", pointer=pointer))
    return Sampler(schema, fits=lambda pointer: schemas.checker(pointer).fits)


def drawn(schema: dict[str, Any]) -> list[str]:
    """Some values of a schema, each held against it by the validator that judges traffic."""
    made = sampler(schema)
    fits = Schemas({"mem:///": schema}, place=lambda pointer: Place("a.yaml", pointer=pointer)).checker("").fits
    values = [made.draw(Chance(seed)) for seed in range(5)]
    assert all(map(fits, values)), values
    return values


def is_there(name: str, low: int, high: int) -> bool:
    shortest, longest, gaps = LENGTHS[name]
    return any(
        low <= n <= high and n not in gaps for n in range(shortest, 1 + min(high, high if longest is None else longest))
    )


def test_the_table_of_lengths_speaks_of_every_format_that_asserts_something():
    """So that no format is added without its lengths being tried."""
    assert LENGTHS.keys() == TEXT.keys()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(LENGTHS)), st.integers(0, 330), st.integers(0, 40))
def test_a_format_has_samples_of_every_length_that_it_can_have(name, low, more):
    """Whatever the bounds, the values fit; and where there can be none it is said when the sampler is made."""
    schema = {"type": "string", "format": name, "minLength": low, "maxLength": low + more}

    if is_there(name, low, low + more):
        drawn(schema)
    else:
        with pytest.raises(SampleError, match=f"no text was found with .* and format {name}"):
            sampler(schema)


@pytest.mark.parametrize("name", LENGTHS)
def test_the_shortest_and_the_longest_text_of_a_format_are_found(name):
    """At its ends as well as between."""
    shortest, longest, _ = LENGTHS[name]

    assert {len(text) for text in drawn({"type": "string", "format": name, "maxLength": shortest})} == {shortest}
    if longest is not None:
        assert {len(text) for text in drawn({"type": "string", "format": name, "minLength": longest})} == {longest}


@pytest.mark.parametrize("name", sorted(FORMATS.keys() & set(ANNOTATIONS)))
@pytest.mark.parametrize("bounds", [{"maxLength": 0}, {"maxLength": 2}, {"minLength": 700}])
def test_a_format_that_asserts_nothing_takes_no_length_away(name, bounds):
    """Where none of its own texts is of that length, any text is."""
    drawn({"type": "string", "format": name, **bounds})


@pytest.mark.parametrize(
    "schema",
    [
        {"format": "email", "pattern": r"@corp\.example$"},
        {"format": "email", "pattern": r"@corp\.example$", "maxLength": 14},
        {"format": "email", "pattern": "^(?!admin)", "maxLength": 20},
        {"format": "email", "pattern": r"^[^@]+@[^@]+\.(com|org)$", "maxLength": 10},
        {"format": "email", "pattern": "^[A-Z]"},
        {"format": "hostname", "pattern": r"\.corp\.example$", "maxLength": 14},
        {"format": "uri", "pattern": r"\.png$"},
        {"format": "uri", "pattern": "corp"},
        {"format": "uri", "pattern": r"^https://hooks\.corp\.example/", "minLength": 60},
        {"format": "uuid", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4"},
        {"format": "ipv4", "pattern": r"^10\."},
        {"format": "ipv6", "pattern": "^fe80:"},
        {"format": "date", "pattern": "-31$"},
        {"format": "date", "pattern": "^2024-02-29$"},
        {"format": "date-time", "pattern": r"\+00:00$"},
        {"format": "date-time", "pattern": r"\.\d{3}Z$"},
        {"format": "date-time", "pattern": r"^2024-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"},
        {"format": "duration", "pattern": "^PT.*H$"},
        {"format": "json-pointer", "pattern": "^/paths/"},
        {"format": "byte", "pattern": "==$", "minLength": 8},
        {"pattern": "abc", "minLength": 10},
        {"pattern": "abc$", "minLength": 10, "maxLength": 10},
        {"pattern": "(?i)^[a-z]+$"},
        {"allOf": [{"pattern": "^a"}, {"pattern": "b$"}]},
        {"allOf": [{"format": "hostname"}, {"format": "ipv4"}]},
        {"allOf": [{"format": "email", "maxLength": 12}, {"pattern": r"\.org$"}]},
    ],
)
def test_a_pattern_and_a_format_are_kept_to_at_once(schema):
    """A pattern mostly says how a text begins or ends, and the format what the rest is."""
    drawn({"type": "string", **schema})


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"format": "email", "maxLength": 2}, "no text was found with at most 2 characters and format email"),
        ({"format": "date", "pattern": "^x"}, "no text was found with format date and pattern '^x'"),
        ({"pattern": "^a$", "minLength": 2}, "no text was found with at least 2 characters and pattern '^a$'"),
        ({"format": "ipv4", "minLength": 90_000}, "no text was found with at least 90000 characters and format ipv4"),
        ({"pattern": r"\p{Greek}"}, r"""cannot sample pattern '\\p{Greek}': "\p{Greek}" is not read"""),
    ],
)
def test_what_cannot_be_is_said_when_the_sampler_is_made(schema, told):
    """With what was asked for; the search for it ends."""
    with pytest.raises(SampleError) as raised:
        sampler({"type": "string", **schema})

    assert raised.value.message == told
