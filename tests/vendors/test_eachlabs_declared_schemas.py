"""What a test or a fixture may declare as the `input_schema` of a workflow."""

import re

import pytest

from mockserver.vendors.eachlabs.workflow import workflow


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "objekt"}, 'the type of the input_schema of workflow wf is "objekt"; inputs are objects'),
        ({"type": ["array"]}, 'the type of the input_schema of workflow wf is ["array"]; inputs are objects'),
        ({"properties": {"p": "string"}}, 'the property "p" of the input_schema of workflow wf is "string", which'),
        ({"properties": {"type": "string"}}, 'the property "type" of the input_schema of workflow wf is "string"'),
        ({"properties": {"p": False}}, 'the property "p" of the input_schema of workflow wf is false'),
    ],
)
@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"definition": one}], ids=["own key", "definition"])
def test_a_declared_input_schema_says_nothing_that_would_be_passed_over(wrap, schema, message):
    """A type that inputs do not have, and a property that is no schema; beside `input_schema` or in the definition."""
    with pytest.raises(ValueError, match=re.escape(message)):
        workflow("workflows", "wf", wrap({"input_schema": schema}))


@pytest.mark.parametrize(
    "schema", [{"type": ["object", "null"]}, {"properties": {"type": "object", "p": {"type": "image"}, "q": True}}]
)
def test_what_the_vendor_and_json_schema_know_may_be_declared(schema):
    """A list of types, media by their kind, the bare `type: object` of the vendor's sample, and `true`."""
    assert workflow("workflows", "wf", {"input_schema": schema}).latest.takes.faults({"p": "x"}) == ()
