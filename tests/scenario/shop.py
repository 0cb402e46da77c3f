"""A small document to play fixtures against, and how its tests read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mockserver.errors import FixtureError, MockserverError, Several
from mockserver.openapi.document import Document
from mockserver.openapi.load import load as load_document
from mockserver.scenario.load import load
from mockserver.scenario.model import Fixture
from mockserver.scenario.schema import FixtureSchema
from mockserver.scenario.words import VendorWords

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "fixtures" / "fixture.schema.json"

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /shops/{shop}/orders:
    post:
      operationId: placeOrders
      parameters: [{name: shop, in: path, required: true, schema: {type: string}}]
      responses:
        '202': {description: taken, content: {application/json: {schema: {$ref: '#/components/schemas/Taken'}}}}
        '204': {description: nothing to do}
        4XX:
          description: refused
          headers: {X-Trace: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {type: object, required: [error]}}}
  /shops/{shop}/old-orders:
    post: {x-same-as: 'POST /shops/{shop}/orders', summary: the old path}
components:
  schemas:
    Taken: {type: object, required: [id], properties: {id: {type: string}, n: {type: integer}}}
"""
SHOP_2 = SHOP.replace("/orders", "/{floor}/orders").replace("/old-orders", "/{floor}/old-orders")
SHOP_2 = SHOP_2.replace("[{name: shop", "[{name: floor, in: path, required: true, schema: {type: string}}, {name: shop")
SHOP_2 = SHOP_2.replace("required: [id]", "required: [other]")

WORDS = VendorWords(scope=frozenset({"receipt"}))

Play = Callable[[str], Fixture]


def read_document(folder: Path, name: str, text: str) -> Document:
    """The document that `text` is."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_document(path, name=name, label=path.name)


def load_text(text: str, folder: Path, documents: Sequence[Document], words: VendorWords = WORDS) -> Fixture:
    """The fixture that `text` is, called f.yaml; its executions know `receipt` besides the common names."""
    path = folder / "f.yaml"
    path.write_text(text, encoding="utf-8")
    return load(
        path,
        label="f.yaml",
        documents=lambda vendor: documents if vendor == "shop" else (),
        words=lambda vendor: words,
        schema=FixtureSchema(SCHEMA),
    )


def then(text: str, when: str = "{}") -> str:
    """A fixture of one scenario."""
    return f"""format: 1
vendor: shop
scenarios:
  - name: only
    operation: placeOrders
    when: {when}
    then: {text}
"""


def said(play: Play, text: str) -> list[str]:
    """The sentences of all errors in `text`, from the pointer on."""
    with pytest.raises(MockserverError) as caught:
        play(text)
    errors = caught.value.errors if isinstance(caught.value, Several) else (caught.value,)
    assert all(isinstance(error, FixtureError) for error in errors)
    return [str(error).partition("  ")[2] for error in errors]
