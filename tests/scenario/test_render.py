"""Placeholders: what they find, which type it keeps, and what is said about those that are none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import FixtureError, Place, Several
from mockserver.scenario.model import MISSING
from mockserver.scenario.render import compile_template

SCOPE: dict[str, Any] = {
    "inputs": {"quarter": "Q3", "n": 5, "on": True, "none": None, "tags": ["a", "b"], "a.b": "dot", "unit price": 2.5},
    "body": {"runs": [{"inputs": {"q": "first"}}, {"inputs": {"q": "second"}}], "0": "zero"},
    "headers": {"x-request-id": "r-1"},
    "index": 3,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("written", "rendered"),
    [
        pytest.param("${inputs.n}", 5, id="number"),
        pytest.param("${inputs.on}", True, id="boolean"),
        pytest.param("${inputs.none}", None, id="null"),
        pytest.param("${inputs.tags}", ["a", "b"], id="list"),
        pytest.param("${inputs}", SCOPE["inputs"], id="object"),
        pytest.param("${index}", 3, id="root"),
        pytest.param("${body.runs.1.inputs.q}", "second", id="list-item"),
        pytest.param("${body.runs[0].inputs.q}", "first", id="list-item-in-brackets"),
        pytest.param("${body.0}", "zero", id="digits-are-a-name-in-an-object"),
        pytest.param('${inputs["a.b"]}', "dot", id="name-with-a-dot"),
        pytest.param("${inputs['unit price']}", 2.5, id="name-with-a-space"),
        pytest.param("${headers.X-Request-Id}", "r-1", id="header-in-any-case"),
    ],
)
def test_a_placeholder_that_is_the_whole_string_keeps_the_type(written: str, rendered: Any) -> None:
    """What is found comes out as it is: a number stays a number."""
    value = compile_template(written).render(SCOPE)

    assert value == rendered
    assert type(value) is type(rendered)


@pytest.mark.parametrize(
    ("written", "rendered"),
    [
        pytest.param("Summary of ${inputs.quarter}", "Summary of Q3", id="text-as-it-is"),
        pytest.param("${inputs.quarter}!", "Q3!", id="at-the-beginning"),
        pytest.param("${inputs.quarter}${index}", "Q33", id="two-in-a-row"),
        pytest.param("n=${inputs.n}, on=${inputs.on}, none=${inputs.none}", "n=5, on=true, none=null", id="json-words"),
        pytest.param("tags: ${inputs.tags}", 'tags: ["a", "b"]', id="list-as-json"),
        pytest.param("[${inputs.absent}]", "[]", id="absent-is-empty"),
    ],
)
def test_a_placeholder_inside_a_text_becomes_text(written: str, rendered: str) -> None:
    """Strings are put in as they are, all else as JSON, what is absent as nothing."""
    assert compile_template(written).render(SCOPE) == rendered


def test_placeholders_are_filled_in_at_any_depth_and_keys_stay() -> None:
    """Lists and objects keep their shape; names of members are no place for placeholders."""
    template = compile_template({"a": [{"b": "${index}"}, "plain"], "${index}": 1})

    assert template.render(SCOPE) == {"a": [{"b": 3}, "plain"], "${index}": 1}


def test_two_dollars_escape_a_placeholder() -> None:
    """`$${` stands for `${`, alone and beside a real placeholder."""
    assert compile_template("$${index}").render(SCOPE) == "${index}"
    assert compile_template("$${index} = ${index}").render(SCOPE) == "${index} = 3"
    assert compile_template("cost: 5$, $x, {y}").render(SCOPE) == "cost: 5$, $x, {y}"


def test_what_was_filled_in_is_not_searched_again() -> None:
    """A client cannot smuggle a placeholder in through its inputs."""
    assert compile_template("say ${inputs.q}").render({"inputs": {"q": "${index}"}, "index": 1}) == "say ${index}"


def test_what_the_scope_lacks_is_null_and_named() -> None:
    """A missing path renders null when it stands alone, and `missing` names each once."""
    written = ["${inputs.absent}", "x ${inputs.absent}", "${body.runs.7}", "${body.runs.x}", "${index}"]
    template = compile_template(written)

    assert template.render(SCOPE) == [None, "x ", None, None, 3]
    assert template.missing(SCOPE) == ("inputs.absent", "body.runs.7", "body.runs.x")


def test_a_body_that_never_came_has_no_members() -> None:
    """MISSING in the scope is missing like any absent name."""
    template = compile_template(["${body}", "${body.runs}"])

    assert template.render({"body": MISSING}) == [None, None]
    assert template.missing({"body": MISSING}) == ("body", "body.runs")


def test_a_template_without_placeholders_is_constant_and_never_copied() -> None:
    """Rendering a constant gives the very same value each time."""
    template = compile_template({"a": [1, {"b": "$${x}"}]})

    assert template.constant
    assert template.render({}) is template.render({})
    assert template.render({}) == {"a": [1, {"b": "${x}"}]}
    assert not compile_template({"a": "${x}"}).constant


@given(JSON.filter(lambda value: "${" not in str(value)))
def test_any_value_without_placeholders_renders_as_itself(value: Any) -> None:
    """Compiling changes nothing that is no placeholder."""
    assert compile_template(value).render({}) == value


@given(JSON)
def test_any_value_comes_through_a_whole_placeholder_unchanged(value: Any) -> None:
    """The value in the scope is the value that comes out."""
    assert compile_template({"x": "${value}"}).render({"value": value}) == {"x": value}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        pytest.param("a ${inputs.n", "the placeholder ${inputs.n is never closed", id="never-closed"),
        pytest.param("${inputs.n + 1}", "${inputs.n + 1} is no path", id="expression"),
        pytest.param("${}", "${} is no path", id="empty"),
        pytest.param("${inputs..n}", "${inputs..n} is no path", id="empty-step"),
        pytest.param("${0}", "${0} is no path", id="number"),
        pytest.param('${inputs["n}', '${inputs["n} is no path', id="open-quote"),
    ],
)
def test_what_is_no_path_is_refused_with_a_remedy(written: str, message: str) -> None:
    """A placeholder that is none is an error at its own spot, which says how paths look and how to escape."""
    with pytest.raises(FixtureError) as caught:
        compile_template({"a": [written]}, lambda pointer: Place("f.yaml", 3, 1, "/then" + pointer))

    assert caught.value.at.pointer == "/then/a/0"
    assert caught.value.message == message
    assert "write $${ for a literal ${" in caught.value.hint


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    """A placeholder begins with one of the names that there are; the nearest is proposed."""
    with pytest.raises(FixtureError) as caught:
        compile_template("${input.n}", roots={"inputs", "index"})

    assert str(caught.value) == (
        'template  unknown name "input" in ${input.n}; '
        'did you mean "inputs"? a placeholder here begins with one of index, inputs'
    )


def test_all_wrong_placeholders_are_reported_together() -> None:
    """One pass over a value finds every error in it."""
    with pytest.raises(Several) as caught:
        compile_template({"a": "${", "b": "${x y}"})

    assert [error.at.pointer for error in caught.value.errors if isinstance(error, FixtureError)] == ["/a", "/b"]
