"""What would be right, beside what is wrong: each violation says both."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.errors import Place
from mockserver.openapi.validate import Schemas

OBJECT = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
TAGGED = [
    {"type": "object", "required": ["t"], "properties": {"t": {"const": "x"}}},
    {"type": "object", "required": ["t"], "properties": {"t": {"const": "y"}}},
]


@pytest.mark.parametrize(
    ("schema", "value", "clause", "wanted"),
    [
        ({"type": "string"}, 5, "5 is not a string", "a string"),
        ({"type": ["string", "null"]}, 5, "5 is not a string or null", "a string or null"),
        ({"enum": ["a", "b"]}, 5, '5 is not one of "a", "b"', 'one of "a", "b"'),
        ({"enum": ["amber"]}, "ambr", '"ambr" is not "amber"; did you mean "amber"?', '"amber"'),
        ({"const": 1}, 2, "2 is not 1", "1"),
        ({"required": ["a"]}, {}, 'missing "a"', 'the key "a"'),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, 'missing "b", which "a" needs', 'the key "b" beside "a"'),
        ({"additionalProperties": False}, {"b": 1}, '"b" is not allowed here', "no further names"),
        (OBJECT, {"b": 1}, '"b" is not allowed here; allowed: a', "no further names than a"),
        ({"unevaluatedProperties": False}, {"b": 1}, '"b" is not allowed here', "no further names"),
        ({"unevaluatedItems": False}, [1], "item 0 is not allowed here", "no further items"),
        ({"format": "time"}, "x", '"x" is not a string of format time, such as 12:00:00Z',
         "a string of format time, such as 12:00:00Z"),
        ({"pattern": "^a$"}, "b", '"b" does not match ^a$', "a string that matches ^a$"),
        ({"multipleOf": 2}, 3, "3 is not a multiple of 2", "a multiple of 2"),
        ({"maxLength": 1}, "ab", "2 characters, at most 1 allowed", "at most 1 character"),
        ({"minItems": 2}, [], "0 items, at least 2 needed", "at least 2 items"),
        ({"maxProperties": 0}, {"a": 1}, "1 key, at most 0 allowed", "at most 0 keys"),
        ({"minimum": 2}, 1, "1 is less than 2", "at least 2"),
        ({"exclusiveMaximum": 1}, 1, "1 is not less than 1", "less than 1"),
        ({"format": "int32"}, 2**31, "2147483648 is more than 2147483647, the largest int32",
         "at most 2147483647, the largest int32"),
        (False, 1, "1 is not allowed here", "nothing here"),
        ({"not": {"type": "string"}}, "a", '"a" must not be a string', "anything but a string"),
        ({"not": {"enum": ["a", "b"]}}, "a", '"a" is not allowed here', 'anything but one of "a", "b"'),
        ({"not": {"minLength": 1}}, "a", '"a" fits what is ruled out by "not"', 'anything but what "not" rules out'),
        ({"oneOf": [{"minLength": 1}, {"maxLength": 5}]}, "a",
         '"a" matches 2 of the alternatives; exactly one is allowed', "exactly one of the alternatives"),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, 1, "1 is not a string or array", "a string or array"),
        ({"oneOf": TAGGED}, {}, 'missing "t" (one of "x", "y")', 'the key "t" (one of "x", "y")'),
        ({"oneOf": TAGGED}, {"t": 1}, '1 is not one of "x", "y"', 'one of "x", "y"'),
        ({"prefixItems": [{}], "items": False}, [1, 2], "2 items, at most 1 allowed", "at most 1 item"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, 'the name "ab", at most 1 allowed', "at most 1 character"),
        ({"uniqueItems": True}, [1, 1], "items 0 and 1 are equal; each may occur once", "items that all differ"),
        ({"contains": {"type": "string"}}, [1], '0 of 1 item fit "contains", at least 1 needed',
         'at least 1 that fit "contains"'),
    ],
)  # fmt: skip
def test_what_is_wanted_reads_as_what_would_be_right(schema: Any, value: Any, clause: str, wanted: str):
    """And the clause says what is wrong with what came."""
    checker = Schemas({"mem:///": schema}, place=lambda pointer: Place("a.yaml", pointer=pointer)).checker("")

    (violation,) = checker.explain(value).violations

    assert (violation.clause, violation.wanted) == (clause, wanted)
