"""docs/openapi.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mockserver import yamlfile, yamltext
from mockserver.engine import generic_prefer
from mockserver.openapi import compile, formats, grammar, security

TEXT = (Path(__file__).parents[2] / "docs" / "openapi.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| (.+?) \| (.+) \|$", TEXT, re.MULTILINE))


def test_the_formats_are_those_of_the_table():
    """Each that is asserted, and no other."""
    listed = TEXT.partition("Formats that are asserted:")[2].partition(".")[0]

    assert re.findall(r"`(.+?)`", listed) == sorted([*formats.TEXT, *formats.RANGES])


def test_the_styles_and_places_of_parameters_are_those_that_are_read():
    """In the row about parameters."""
    places, (said,) = list(compile._STYLES), [row for head, row in ROWS.items() if head.startswith("parameters in")]

    assert f"parameters in {', '.join(places)}" in ROWS
    for style in {style for styles in compile._STYLES.values() for style in styles}:
        assert style in said


def test_each_security_scheme_has_a_row():
    """Those that are checked, and the one that is not."""
    heads = " ".join(head for head in ROWS if "apiKey" in head or "mutualTLS" in head)

    assert [kind for kind in security._KINDS if kind not in heads] == []


def test_the_bounds_are_those_of_the_reader():
    """Of files, nesting and aliases."""
    assert f"at most {yamlfile.MAX_BYTES >> 20} MB and {yamltext.MAX_DEPTH} levels" in ROWS["YAML and JSON"]
    assert f"{yamltext.MAX_ALIASED:,}\nvalues" in TEXT


@pytest.mark.parametrize("name", generic_prefer._OURS)
def test_each_preference_is_explained(name):
    """As a header and in the query."""
    assert f"| `Prefer: {name}=" in TEXT
    assert f"__{name}=" in TEXT


def test_what_is_read_of_openapi_3_2_is_known_to_the_grammar():
    """No row promises a field that nothing reads."""
    (row,) = [head for head in ROWS if head.startswith("OpenAPI 3.2: `query`")]
    known = {*grammar.METHODS, *grammar.DATA, *(name for members in grammar._MEMBERS.values() for name in members)}

    assert set(re.findall(r"`(\w+)`", row)) <= known
