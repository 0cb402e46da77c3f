"""Overlays: what they change, what they must say, and where their parts stand afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import yamlfile
from mockserver.errors import MockserverError
from mockserver.openapi.origins import Origins
from mockserver.openapi.overlay import apply
from mockserver.pointer import copy

DOCUMENT = """\
paths:
  /a/{id}:
    get:
      tags: [one]
      responses:
        '200': {description: fine}
    post:
      parameters:
        - {name: x}
        - {name: y}
        - {name: z}
"""


def applied(actions: str, *, documented_only: bool = False) -> tuple[dict[str, Any], Origins]:
    """The document above with these actions applied, and where its parts come from."""
    file = yamlfile.parse(DOCUMENT, "api.yaml")
    tree, origins = copy(file.value), Origins(file)
    overlay = yamlfile.parse(f"overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{actions}", "over.yaml")
    apply(tree, origins, overlay, documented_only=documented_only)
    assert file.value == yamlfile.parse(DOCUMENT, "api.yaml").value
    return tree, origins


def action(target: str, rest: str, evidence: str = "emulator") -> str:
    return f"  - target: {target}\n    description: why\n    x-evidence: {evidence}\n    {rest}\n"


def test_an_update_merges_mappings_and_appends_to_lists():
    """Mappings merge member by member, lists grow, plain values are replaced."""
    tree, _ = applied(
        action(
            "$.paths['/a/{id}'].get", "update: {operationId: getA, tags: [two], responses: {'404': {description: no}}}"
        )
        + action("$.paths['/a/{id}'].get.responses['200']", "update: {description: very fine}")
        + action("$.paths['/a/{id}'].post.parameters", "update: {name: w}")
        + action("$", "update: {openapi: 3.1.0}")
    )

    assert tree["openapi"] == "3.1.0"
    assert tree["paths"]["/a/{id}"]["get"] == {
        "tags": ["one", "two"],
        "responses": {"200": {"description": "very fine"}, "404": {"description": "no"}},
        "operationId": "getA",
    }
    assert [one["name"] for one in tree["paths"]["/a/{id}"]["post"]["parameters"]] == ["x", "y", "z", "w"]


@pytest.mark.parametrize(
    ("target", "left"),
    [
        ("$.paths['/a/{id}'].post.parameters[1]", ["x", "z"]),
        ("$.paths.*.post.parameters[?@.name != 'y']", ["y"]),
        ("$..parameters[0,2]", ["y"]),
        ("$.paths['/a/{id}'].post.parameters[*]", []),
    ],
)
def test_a_removal_takes_out_everything_that_the_target_selects(target, left):
    """Targets are RFC 9535 paths: names, wildcards, filters, unions, descent."""
    tree, _ = applied(action(f'"{target}"', "remove: true"))

    assert [one["name"] for one in tree["paths"]["/a/{id}"]["post"]["parameters"]] == left


def test_a_part_stands_in_the_file_that_said_it():
    """What an overlay adds or replaces points into the overlay, everything else into the document."""
    tree, origins = applied(
        action("$.paths['/a/{id}'].get.responses", "update:\n      '404': {description: no}")
        + action("$.paths['/a/{id}'].get.responses['200']", "update: {description: very fine}")
        + action("$.paths['/a/{id}'].post.parameters[0]", "remove: true")
        + action("$.paths['/a/{id}'].post.parameters", "update: {name: w}")
    )

    def at(*keys: str) -> str:
        pointer = "/paths/~1a~1{id}/" + "/".join(keys)
        place = origins.place(tree, pointer)
        assert place.pointer == pointer
        return f"{place.file}:{place.line}"

    assert at("get/responses/200") == "api.yaml:6"
    assert at("get/responses/200/description") == "over.yaml:12"
    assert at("get/responses/404/description") == "over.yaml:8"
    assert at("get/responses/404/nowhere") == "over.yaml:8"
    assert at("post/parameters/0/name") == "api.yaml:10"
    assert at("post/parameters/1/name") == "api.yaml:11"
    assert at("post/parameters/2/name") == "over.yaml:20"


def test_documented_only_keeps_what_a_page_of_the_vendor_backs():
    """Every other action is dropped, whether or not its target exists."""
    tree, _ = applied(
        action("$.paths['/a/{id}'].get", "update: {operationId: getA}", "documented")
        + action("$.paths['/a/{id}'].get", "update: {summary: s}", "sdk")
        + action("$.nowhere", "update: {x: 1}", "guess"),
        documented_only=True,
    )

    assert tree["paths"]["/a/{id}"]["get"]["operationId"] == "getA"
    assert "summary" not in tree["paths"]["/a/{id}"]["get"]


WHY = "description: why, x-evidence: guess"


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (f"  - {{target: \"$.paths['/a'].get\", {WHY}, update: {{}}}}",
         "over.yaml:4:6  /actions/0/target  nothing is at $.paths['/a'].get; "
         "the document may have changed: it has $['paths'], and nothing of that name below"),
        (f"  - {{target: '$.paths[?@.x]', {WHY}, update: {{}}}}", "nothing is at $.paths[?@.x]; the document may have"),
        (f"  - {{target: '$.paths[', {WHY}, update: {{}}}}", "/actions/0/target  $.paths[ is not a JSONPath: "),
        (f"  - {{target: paths, {WHY}, update: {{}}}}", "/actions/0/target  paths is not a JSONPath: "),
        ("  - {target: $, x-evidence: sdk, update: {}}", "/actions/0/description  the action has no description"),
        ("  - {target: $, description: ' ', x-evidence: sdk, update: {}}", "the action has no description; write why"),
        ("  - {description: why, x-evidence: sdk, update: {}}", "/actions/0/target  the action has no target"),
        ("  - {target: $, description: why, update: {}}",
         "the action has no x-evidence; write one of documented, sdk, emulator, guess"),
        ("  - {target: $, description: why, x-evidence: [sdk, guess], update: {}}", "['sdk', 'guess'] is no evidence"),
        (f"  - {{target: $, {WHY}}}", "must have either update or `remove: true`"),
        (f"  - {{target: $, {WHY}, update: {{}}, remove: true}}", "must have either update or `remove: true`"),
        (f"  - {{target: $.paths, {WHY}, remove: maybe}}", "/actions/0/remove  remove must be true or false"),
        (f"  - {{target: $, {WHY}, remove: true}}", "the whole document cannot be removed"),
        (f"  - {{target: $.paths, {WHY}, update: [1]}}", "/actions/0/update  the target is a mapping, so update"),
        (f"  - {{target: '$.paths.*.get.tags[0]', {WHY}, update: {{}}}}", "the target is a plain value"),
        ("  - just text", "/actions/0  an action must be a mapping"),
        ("  []", "/actions  the overlay has no actions; list them under `actions`"),
    ],
)  # fmt: skip
def test_a_faulty_action_is_one_located_sentence(actions, message):
    """Each says where in the overlay, what is wrong and what would be right."""
    with pytest.raises(MockserverError) as caught:
        applied(actions)

    assert message in str(caught.value)
    assert str(caught.value).startswith("over.yaml:")
    assert "\n" not in str(caught.value)


def test_all_faults_of_an_overlay_come_together():
    """One run shows what there is to mend."""
    with pytest.raises(MockserverError) as caught:
        applied(action("$.x", "update: {}") + action("$.y", "update: {}"))

    assert [line.split("  ")[1] for line in str(caught.value).splitlines()] == [
        "/actions/0/target",
        "/actions/1/target",
    ]


@pytest.mark.parametrize("text", ["", "[]", "openapi: 3.1.0", "overlay: 2.0.0", "overlay: {}"])
def test_another_file_is_no_overlay(text):
    """Giving the wrong file says what an overlay looks like."""
    file = yamlfile.parse(text, "over.yaml")

    with pytest.raises(MockserverError, match="is not an OpenAPI Overlay; it begins with"):
        apply({}, Origins(file), file)
