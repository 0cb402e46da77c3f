"""References by name: `$anchor`, `$id` and relative references inside a schema that has one."""

from __future__ import annotations

import pytest

from mockserver.chance import Chance
from tests.openapi.documents import OK, paths

SCHEMAS = """components:
  schemas:
    Anchored: {$anchor: place, type: string}
    Dynamic: {$dynamicAnchor: node, type: boolean}
    Coin: {$id: 'https://example.test/coin', enum: [heads], $defs: {side: {$anchor: side, const: up}}}
    Urn: {$id: 'urn:example:urn', type: 'null'}
    Purse:
      $id: https://example.test/purse
      type: object
      properties:
        self: {$ref: '#'}
        own: {$ref: '#/$defs/own'}
        beside: {$ref: coin}
        careless: {$ref: '#/components/schemas/Anchored'}
      $defs: {own: {type: integer}}
    Tested: %s
"""


@pytest.mark.parametrize(
    ("reference", "good", "bad"),
    [
        ("{$ref: '#place'}", "street", 5),
        ("{$dynamicRef: '#node'}", True, 5),
        ("{$ref: 'https://example.test/coin'}", "heads", "tails"),
        ("{$ref: 'https://example.test/coin#side'}", "up", "down"),
        ("{$ref: 'https://example.test/coin#/$defs/side'}", "up", "down"),
        ("{$ref: 'urn:example:urn'}", None, 5),
        ("{$ref: 'https://example.test/purse'}", {"self": {"own": 1}, "beside": "heads"}, {"self": {"own": "1"}}),
        ("{$ref: '#/components/schemas/Purse'}", {"beside": "heads", "careless": "text"}, {"beside": "tails"}),
        ("{$ref: 'parts/names.yaml#inside'}", 5, "5"),
    ],
)
def test_a_name_leads_to_its_schema(document, reference, good, bad):
    """As JSON Schema has it; the sampler comes to the same."""
    loaded = document(paths(OK) + SCHEMAS % reference, parts__names_yaml="a: {$anchor: inside, type: integer}\n")

    checker = loaded.checker("/components/schemas/Tested")
    assert checker.fits(good)
    assert not checker.fits(bad)
    assert checker.fits(loaded.sampler("/components/schemas/Tested").draw(Chance(1)))


def test_an_unknown_name_is_told_with_its_place(refusal):
    """Nothing is fetched."""
    said = refusal(paths(OK) + SCHEMAS % "{$ref: '#nobody'}")

    assert said.startswith("specs/api.yaml:")
    assert said.endswith('"#nobody" leads nowhere; no schema there has the `$anchor` "nobody"')
