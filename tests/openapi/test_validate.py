"""Yes or no: one factory for both validators, a closed set of documents, one dialect."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from mockserver.errors import Place, Several, SpecError
from mockserver.openapi.oracle import Oracle
from mockserver.openapi.validate import Schemas
from tests.openapi.datatype import place


def checker(schema, **documents):
    return Schemas({"mem:///": schema, **documents}, place=place).checker("")


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, [1, 1.0, 2**70, -(2**70), 1e300], [True, 1.5, "1", None]),
        ({"type": "number"}, [1, 1.5, 2**70], [True, "1"]),
        ({"maximum": 2**70}, [2**70, 2**70 - 1, -(2**80), 1.5], [2**70 + 1, 10**400]),
        ({"multipleOf": 0.1}, [0.3, 4.7, 2], [0.35]),
        ({"multipleOf": 7}, [7 * 2**70], [7 * 2**70 + 1]),
        ({"const": 1}, [1, 1.0], [True, "1"]),
        ({"uniqueItems": True}, [[1, True, "1"], [[1], [2]]], [[1, 1.0], [{"a": 1}, {"a": 1}]]),
        ({"format": "int32"}, [2**31 - 1, -(2**31), "x"], [2**31, -(2**31) - 1, 2**70]),
        ({"format": "int64", "minimum": 0}, [0, 2**63 - 1], [-1, 2**63]),
        ({"format": "float"}, [3.4e38], [3.5e38, 10**39]),
        ({"format": "double"}, [1.7e308, 10**300], [10**400]),
        ({"format": "uri"}, ["https://e.com", 5], ["", "not a url"]),
        ({"format": "password"}, ["x"], []),
        ({"format": "uri-template"}, ["{"], []),
        ({"format": "made-up"}, ["x"], []),
    ],
    ids=str,
)
def test_numbers_and_formats_are_judged_exactly(schema, good, bad):
    """Whole numbers of any size, floats, booleans and formats: each gets the verdict of JSON Schema 2020-12."""
    fits = checker(schema).fits

    assert [value for value in good if not fits(value)] == []
    assert [value for value in bad if fits(value)] == []


def test_a_value_of_256_levels_is_judged(data_type):
    """Depth is no obstacle to a verdict."""
    good: Any = "x"
    bad: Any = {"type": "file"}
    for _ in range(127):
        good, bad = ({"type": "map", "items": {"k": value}} for value in (good, bad))

    assert data_type.fits(good)
    assert not data_type.fits(bad)


@pytest.mark.parametrize(
    "reference", ["http://127.0.0.1:1/x.json", "file:///etc/passwd", "other.yaml", "#/nowhere", "#gone"]
)
def test_a_reference_out_of_the_documents_is_an_error_with_its_place(reference):
    """Nothing is fetched: a reference that leads out stops the start and names itself."""
    with pytest.raises(SpecError) as caught:
        checker({"properties": {"a": {"$ref": reference}}})

    assert str(caught.value) == f'spec.yaml  /properties/a  "{reference}" leads nowhere; correct it'


def test_references_lead_to_other_documents_anchors_and_ids():
    """All that JSON Schema calls a reference is followed, in the documents that were given."""
    schema: dict[str, Any] = {
        "properties": {
            "file": {"$ref": "other.yaml#/$defs/text"},
            "anchor": {"$ref": "#here"},
            "id": {"$ref": "https://e.com/s"},
            "dynamic": {"$dynamicRef": "#here"},
        },
        "$defs": {"a": {"$anchor": "here", "type": "string"}, "b": {"$id": "https://e.com/s", "$ref": "#/$defs/c",
                  "$defs": {"c": {"type": "string"}}}},
    }  # fmt: skip
    fits = checker(schema, **{"mem:///other.yaml": {"$defs": {"text": {"type": "string"}}}}).fits

    assert [fits({key: 5}) for key in schema["properties"]] == [False] * 4
    assert fits(dict.fromkeys(schema["properties"], "x"))


def test_a_violation_of_another_document_names_that_document():
    """A rule outside the root is told as URI and pointer."""
    other = {"mem:///other.yaml": {"$defs": {"text": {"type": "string"}}}}
    found = checker({"$ref": "other.yaml#/$defs/text"}, **other).explain(5)

    assert [one.rule for one in found.violations] == ["mem:///other.yaml#/$defs/text/type"]


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "strin"}, "/type"),
        ({"properties": {"a": {"maxLength": "x"}}}, "/properties/a/maxLength"),
        ({"items": [{"type": "string"}]}, "/items"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"minimum": "0"}}}, "/$defs/a/minimum"),
        ("text", ""),
    ],
    ids=str,
)
def test_what_is_no_schema_is_an_error_with_its_place(schema, pointer):
    """A schema that JSON Schema 2020-12 does not know stops the start at the spot that is wrong."""
    with pytest.raises(SpecError) as caught:
        checker(schema)

    assert caught.value.at == place(pointer)
    assert caught.value.message.startswith("is not a JSON Schema: ")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        pytest.param(
            {"type": "objct"},
            '/type  is not a JSON Schema: "objct" is not one of "array", "boolean", "integer", "null", "number", '
            '"object", "string"; did you mean "object"?',
            id="type",
        ),
        pytest.param(
            {"additionalProperties": 5},
            "/additionalProperties  is not a JSON Schema: 5 is not an object or boolean; correct it as JSON Schema "
            "2020-12 has it",
            id="no-schema",
        ),
        pytest.param(
            {"required": ["a", "a"]},
            "/required  is not a JSON Schema: items 0 and 1 are equal; each may occur once",
            id="twice",
        ),
    ],
)
def test_what_is_no_schema_is_told_in_our_own_words(schema, said):
    """What came and what was wanted, as for any other value."""
    with pytest.raises(SpecError) as caught:
        checker(schema)

    assert str(caught.value).partition("  ")[2] == said


def test_all_that_is_wrong_with_a_schema_is_told_at_once():
    """Each fault at its own spot, a reference that leads nowhere among them."""
    schema = {"properties": {"a": {"$ref": "#/x"}, "b": {"maxLength": "x"}}, "required": "a"}

    with pytest.raises(Several) as caught:
        checker(schema)

    assert {str(one).split("  ")[1] for one in caught.value.errors} == {
        "/properties/a",
        "/properties/b/maxLength",
        "/required",
    }


def test_a_pointer_to_nothing_is_an_error(schemas):
    """Asking for a schema that is not there is told with its place."""
    with pytest.raises(SpecError, match="there is no schema here"):
        schemas.checker("/components/schemas/Nothing")


def test_the_same_schema_is_compiled_once(schemas):
    """A checker is kept."""
    assert schemas.checker("/components/schemas/DataType") is schemas.checker("/components/schemas/DataType")


def test_a_pattern_that_cannot_be_run_is_unchecked_and_listed():
    """Neither validator checks it, what it would have covered is not refused, and lint is told."""
    schema = {
        "properties": {"a": {"pattern": "("}, "pattern": {"type": "string"}},
        "patternProperties": {"[": {"type": "integer"}, "^n": {"type": "integer"}},
        "additionalProperties": False,
        "examples": [{"pattern": "("}],
    }
    schemas = Schemas({"mem:///": schema}, place=place)

    assert schemas.uncompilable == (("/properties/a/pattern", "("), ("/patternProperties/[", "["))
    assert schemas.checker("").fits({"a": "x", "[": "x", "other": 1})
    assert not schemas.checker("").fits({"n": "x"})


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(?=a)(a|aa)+$", r"^(a|a)*\1$"])
def test_no_pattern_holds_anything_up(pattern):
    """A pattern that backtracks for ever elsewhere gives up here, in the verdict and in the explanation."""
    text = "a" * 5000 + "!"
    check = checker({"pattern": pattern, "additionalProperties": False, "patternProperties": {pattern: True}})

    assert not check.fits(text)
    assert [one.fault for one in check.explain(text).violations] == [f"does not match {pattern}"]
    assert [one.fault for one in check.explain({text: 1}).violations] == [
        f"is not allowed here; allowed: names like {pattern}"
    ]


def test_a_schema_that_stands_alone_tells_where_it_stands(schemas):
    """A fixture's own schema: rules begin with its pointer, places come from its file."""
    here = schemas.check_of(
        {"type": "object", "required": ["a"]}, rule="/when/body", place=lambda rest: Place("f.yaml", 7, 3, rest)
    )
    found = here.explain({}, part="query", where="/q", code="E102").violations

    assert [(str(one), one.rule, one.code, str(one.at)) for one in found] == [
        ('query q: missing "a"', "/when/body/required", "E102", "f.yaml:7:3")
    ]


def test_a_schema_that_stands_alone_stands_in_the_document_unless_told(schemas):
    """Without a place of its own, its lines are looked up in the document."""
    found = schemas.check_of({"type": "string"}, rule="/components/x").explain(5).violations

    assert [one.at for one in found] == [place("/components/x/type")]


def test_what_reaches_far_is_compiled_together(monkeypatch):
    """In a document where everything refers to everything, a validator for each would hold a copy of all the others."""
    names = [f"S{i}" for i in range(400)]
    ring = dict(zip(names, [*names[1:], names[0]], strict=True))
    tree = {
        name: {"properties": {"next": {"$ref": f"#/$defs/{other}"}, "v": {"type": "integer"}}}
        for name, other in ring.items()
    }
    compiled = []
    build = Oracle._build

    def counted(self, schema):
        compiled.append(schema)
        return build(self, schema)

    monkeypatch.setattr(Oracle, "_build", counted)
    schemas = Schemas({"mem:///": {"$defs": tree}}, place=place)
    checkers = [schemas.checker(f"/$defs/{name}") for name in names]

    assert all(check.fits({"v": 1, "next": {"next": {"v": 2}}}) for check in checkers)
    assert not any(check.fits({"next": {"next": {"v": "x"}}}) for check in checkers)
    assert [str(one) for one in checkers[7].explain({"next": {"next": {"v": "x"}}}).violations] == [
        '/next/next/v: "x" is not an integer'
    ]
    assert len(compiled) == 2  # once for requests, and once for explanations


def test_the_document_of_the_user_is_not_touched():
    """Making validators changes nothing in what they are made from."""
    schema = {"$id": "https://e.com/s", "pattern": "(", "format": "int32", "$ref": "#/$defs/a", "$defs": {"a": True}}
    before = repr(schema)
    checker(schema)

    assert repr(schema) == before


def test_jsonschema_is_imported_for_the_first_explanation_only():
    """A server starts without it, and so does every request that fits."""
    script = (
        "import sys; from mockserver.openapi.validate import Schemas; from mockserver.errors import Place\n"
        "check = Schemas({'mem:///': {'type': 'string'}}, place=Place).checker('')\n"
        "assert check.fits('x') and 'jsonschema' not in sys.modules\n"
        "assert check.explain(5).violations and 'jsonschema' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
