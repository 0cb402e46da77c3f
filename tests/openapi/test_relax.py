"""The integer trap, and OpenAPI 3.0 read as JSON Schema 2020-12."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from mockserver.errors import Place
from mockserver.openapi.dialect import remarks_on_31, translate
from mockserver.openapi.references import References
from mockserver.openapi.relax import relax
from mockserver.pointer import patched

INTEGER = {"type": "integer"}
NOT_INTEGER = {"not": {"type": "integer"}}


def place(rule: str) -> Place:
    return Place("spec.yaml", pointer=rule)


def read(branches: list[Any], *, strict: bool = False, siblings: bool = True, **more: Any):
    """The branches of a `oneOf` as they are read, and what is remarked."""
    tree = {"S": {"oneOf": branches}, **more}
    known = [(f"/{name}", schema) for name, schema in tree.items()]
    patches, remarks = relax(known, References(tree).resolve, place, strict=strict, siblings=siblings)
    changed = patched(tree, patches)
    assert tree == {"S": {"oneOf": branches}, **more}
    return changed["S"]["oneOf"], [str(remark) for remark in remarks]


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        ([INTEGER, {"type": "number"}], [INTEGER, {"type": "number", **NOT_INTEGER}]),
        ([{"type": "number"}, INTEGER], [{"type": "number", **NOT_INTEGER}, INTEGER]),
        ([{"type": "string"}, INTEGER, {"type": ["number", "null"], "maximum": 5}],
         [{"type": "string"}, INTEGER, {"type": ["number", "null"], "maximum": 5, **NOT_INTEGER}]),
        ([{"type": ["integer", "null"]}, {"type": "number"}],
         [{"type": ["integer", "null"]}, {"type": "number", **NOT_INTEGER}]),
        ([{**INTEGER, "title": "whole", "description": "d", "x-y": 1, "format": "odd"}, {"type": "number"}],
         [{**INTEGER, "title": "whole", "description": "d", "x-y": 1, "format": "odd"},
          {"type": "number", **NOT_INTEGER}]),
        ([INTEGER, {"multipleOf": 0.5}], [INTEGER, {"multipleOf": 0.5, **NOT_INTEGER}]),
        ([INTEGER, {"type": "number", "not": {"const": 1.5}}],
         [INTEGER, {"type": "number", "not": {"const": 1.5}, "allOf": [NOT_INTEGER]}]),
        ([INTEGER, True], [INTEGER, NOT_INTEGER]),
        ([INTEGER, {"enum": ["auto", 0.5]}], [INTEGER, {"enum": ["auto", 0.5], **NOT_INTEGER}]),
        ([INTEGER, {"anyOf": [{"type": "string"}, {"type": "number"}]}],
         [INTEGER, {"anyOf": [{"type": "string"}, {"type": "number"}], **NOT_INTEGER}]),
    ],
)  # fmt: skip
def test_branches_beside_one_that_takes_every_integer_exclude_integers(branches, expected):
    """The branch that takes all integers keeps them; every other that accepts numbers is read without integers."""
    changed, remarks = read(branches)

    assert changed == expected
    assert len(remarks) == 1
    assert remarks[0].startswith("spec.yaml  /S/oneOf  this oneOf takes integer and number in two branches")


@pytest.mark.parametrize(
    "branches",
    [
        [{"type": "integer", "minimum": 0}, {"type": "string"}],
        [INTEGER, {"type": "string"}, {"type": "array"}, False],
        [INTEGER, {"const": "auto"}, {"enum": ["a", True]}],
        [INTEGER, {"allOf": [{"type": "string"}, {"minLength": 1}]}, {"anyOf": [{"type": "string"}]}],
    ],
)
def test_a_one_of_without_the_trap_is_read_as_it_stands(branches):
    """Nothing changes and nothing is remarked where no number fits twice."""
    assert read(branches) == (branches, [])


@pytest.mark.parametrize(
    ("branches", "shared"),
    [
        ([{"type": "integer", "format": "int32"}, {"type": "number"}], "0 and 1 of this oneOf both take integer"),
        ([{"type": "string"}, {"type": "string", "format": "uuid"}], "0 and 1 of this oneOf both take string"),
        ([{"type": "object", "required": ["a"]}, {"type": "object"}], "0 and 1 of this oneOf both take object"),
        ([INTEGER, {"type": ["number", "null"]}, {"type": "null"}], "1 and 2 of this oneOf both take null"),
    ],
)  # fmt: skip
def test_any_other_overlap_is_remarked_and_read_literally(branches, shared):
    """What is no integer trap is the author's to mend; we say where."""
    changed, remarks = read(branches)

    assert changed == [branches[0], *changed[1:]]
    assert any(shared in remark for remark in remarks)
    if branches[0] is not INTEGER:
        assert changed == branches


def test_references_are_followed_and_may_have_siblings():
    """A branch that only refers is judged by what it refers to; the exclusion stands beside the reference."""
    branches = [{"$ref": "#/Whole"}, {"$ref": "#/Any"}, {"$ref": "#/Text"}]

    changed, remarks = read(branches, Whole=INTEGER, Any={"type": "number"}, Text={"type": "string"})

    assert changed == [{"$ref": "#/Whole"}, {"$ref": "#/Any", **NOT_INTEGER}, {"$ref": "#/Text"}]
    assert len(remarks) == 1


def test_in_openapi_3_0_nothing_stands_beside_a_reference():
    """There the reference moves into an allOf, so that no reader overlooks the exclusion."""
    changed, _ = read([INTEGER, {"$ref": "#/Any"}], siblings=False, Any={"type": "number"})

    assert changed == [INTEGER, {"allOf": [{"$ref": "#/Any"}], **NOT_INTEGER}]


def test_strict_reads_the_trap_literally():
    """Nothing is changed, and the remark says what that means."""
    branches = [INTEGER, {"type": "number"}]

    changed, remarks = read(branches, strict=True)

    assert changed == branches
    assert "is refused; without --strict-spec it is read as the integer" in remarks[0]


@pytest.mark.parametrize(
    ("accepted", "strict", "said"),
    [
        pytest.param({"integer-trap": "the vendor's page"}, False, [], id="accepted"),
        pytest.param({"integer-trap": "the vendor's page"}, True, ["takes integer and number"], id="strict"),
        pytest.param({"integer-trap": ""}, False, ["takes integer and number"], id="without-a-reason"),
    ],
)
def test_a_trap_that_its_document_accepts_needs_no_remark(accepted, strict, said):
    """`x-accepted` with a reason silences the remark, not what follows of a literal reading."""
    tree = {"oneOf": [INTEGER, {"type": "number"}], "x-accepted": accepted}

    patches, remarks = relax([("/S", tree)], References(tree).resolve, place, strict=strict)

    assert len(patches) == (0 if strict else 1)
    assert [words in str(remark) for remark, words in zip(remarks, said, strict=True)] == [True] * len(said)


def test_to_accept_a_trap_that_is_not_there_is_remarked_upon():
    """The document was mended, and the line is left over."""
    tree = {"oneOf": [INTEGER, {"type": "string"}], "x-accepted": {"integer-trap": "the vendor's page"}}

    _, (remark,) = relax([("/S", tree)], References(tree).resolve, place)

    assert str(remark) == (
        "spec.yaml  /S/x-accepted/integer-trap  this oneOf holds no integer trap to accept; take the line out"
    )


def test_a_trap_under_not_is_left_alone():
    """Accepting more inside a negation would mean accepting less."""
    tree = {"not": {"oneOf": [INTEGER, {"type": "number"}]}}

    patches, remarks = relax([("", tree), ("/not", tree["not"])], References(tree).resolve, place)

    assert patches == []
    assert len(remarks) == 1


NUMBERS = [0, 5, -3, 5.0, 1.5, 2**70, 1e300, "x", None, True, [1], {"a": 1}]


@pytest.mark.parametrize(
    "branches",
    [
        [INTEGER, {"type": "number"}],
        [{"type": ["integer", "string"]}, {"type": "number", "minimum": 1}, {"type": "null"}],
        [{"type": "integer", "format": "int32"}, {"type": "number"}],
        [{"type": ["integer", "null"]}, INTEGER, True],
    ],
)
def test_the_relaxed_reading_never_accepts_less(branches):
    """Whatever the literal reading accepts is accepted still, and every integer is, where a branch takes them all."""
    relaxed, _ = read(branches)
    before = [jsonschema_rs.is_valid({"oneOf": branches}, value) for value in NUMBERS]
    after = [jsonschema_rs.is_valid({"oneOf": relaxed}, value) for value in NUMBERS]

    assert all(now for now, then in zip(after, before, strict=True) if then)
    if "format" not in branches[0]:
        assert all(after[:4])


def as_31(schema: dict[str, Any]):
    patches, remarks = translate([("", schema)], place)
    return patched(schema, patches), [str(remark) for remark in remarks]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"], "nullable": True}),
        ({"type": "string", "nullable": False}, {"type": "string", "nullable": False}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMaximum": True}, {}),
        ({"$ref": "#/a", "nullable": True, "description": "d"}, {"$ref": "#/a"}),
    ],
)
def test_openapi_3_0_schemas_mean_the_same_in_2020_12(schema, expected):
    """nullable, boolean bounds and what stands beside a reference are translated."""
    assert as_31(schema) == (expected, [])


def test_nullable_without_a_type_is_remarked():
    """OpenAPI 3.0.3 gives it no effect there, which surprises people."""
    schema = {"nullable": True, "allOf": [{"type": "string"}]}

    assert as_31(schema)[0] == schema
    assert as_31(schema)[1] == [
        "spec.yaml  /nullable  nullable has no effect where no type stands beside it; write the type beside it"
    ]


def test_nullable_in_a_later_document_is_remarked():
    """3.1 dropped the word, and documents keep it by habit."""
    (remark,) = remarks_on_31([("/a", {"type": "string", "nullable": True}), ("/b", True)], place)

    assert str(remark).startswith("spec.yaml  /a/nullable  nullable is a word of OpenAPI 3.0")
