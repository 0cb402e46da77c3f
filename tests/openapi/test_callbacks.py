"""What a document says that its service sends, and where its schemas speak of a spot in a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.openapi.load import load

SPECS = Path(__file__).parents[1] / "specs"
HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"


def test_callbacks_and_webhooks_are_known_by_name():
    """With the address, the method and the media types; references are followed."""
    jobs = load(SPECS / "jobs.yaml", name="jobs")

    finished, progress = jobs.callbacks["startJob"]
    (maintenance,) = jobs.webhooks

    assert (finished.name, finished.method, [one.media_type for one in finished.media]) == (
        "finished",
        "POST",
        ["application/json"],
    )
    assert progress.address is not None
    assert progress.address.text == "{$request.query.notify}"
    assert (maintenance.name, maintenance.address) == ("maintenance", None)


def test_a_broken_address_is_a_warning(tmp_path):
    """The document is served, and that callback is never sent; the warning has its line."""
    path = tmp_path / "api.yaml"
    path.write_text(
        HEAD + "paths:\n  /a:\n    post:\n      callbacks:\n        done:\n          '{request.body}': {post: {}}\n"
        "      responses: {'200': {description: ok}}\n"
    )

    found = load(path, name="api")

    assert found.callbacks["POST /a"] == ()
    (told,) = [str(one) for one in found.warnings if "done" in str(one)]
    assert told.startswith(f"{path.as_posix()}:8:")
    assert "is never sent" in told


SHAPES = """
paths: {}
components:
  schemas:
    Tree:
      type: object
      properties: {name: {type: string}, below: {type: array, items: {$ref: '#/components/schemas/Tree'}}}
    Either: {oneOf: [{$ref: '#/components/schemas/Tree'}, {type: object, properties: {code: {type: integer}}}]}
    All: {allOf: [{$ref: '#/components/schemas/Tree'}], properties: {more: {type: boolean}}}
    Free: {type: object}
    Closed: {type: object, additionalProperties: false}
    Map: {type: object, additionalProperties: {type: integer}}
"""


@pytest.mark.parametrize(
    ("schema", "pointer", "found"),
    [
        pytest.param("Tree", "", ("Tree",), id="itself"),
        pytest.param("Tree", "/below/-/below/0/name", ("Tree/properties/name",), id="recursive"),
        pytest.param("Either", "/code", ("Either/oneOf/1/properties/code",), id="oneOf"),
        pytest.param("All", "/name", ("Tree/properties/name",), id="allOf"),
        pytest.param("All", "/more", ("All/properties/more",), id="beside-allOf"),
        pytest.param("Map", "/any", ("Map/additionalProperties",), id="map"),
        pytest.param("Tree", "/nope", (), id="not-there"),
        pytest.param("Tree", "/name/below-a-text", (), id="below-a-text"),
        pytest.param("Closed", "/a", (), id="closed"),
        pytest.param("Free", "/a", None, id="nothing-is-said"),
    ],
)
def test_spots(tmp_path, schema, pointer, found):
    """The schemas of what is at a pointer; () where nothing can be, None where anything may."""
    path = tmp_path / "api.yaml"
    path.write_text(HEAD + SHAPES)

    spots = load(path, name="api").spots(f"/components/schemas/{schema}", pointer)

    assert spots == (None if found is None else tuple(f"/components/schemas/{one}" for one in found))
