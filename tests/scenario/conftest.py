"""What tests of fixtures use: documents, and a way to load a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mockserver.openapi.document import Document
from mockserver.openapi.load import load
from tests.scenario.shop import ROOT, SHOP, Play, load_text, read_document


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A small document with one operation and an alias of it."""
    return read_document(tmp_path_factory.mktemp("shop"), "shop", SHOP)


@pytest.fixture
def play(shop: Document, tmp_path: Path) -> Play:
    """Loads the text of a fixture for the vendor "shop"."""
    return lambda text: load_text(text, tmp_path, [shop])


@pytest.fixture(scope="session")
def vendors() -> dict[str, Sequence[Document]]:
    """The shipped documents by vendor."""
    return {
        name: [load(spec, name=name, overlays=[spec.with_suffix(".overlay.yaml")])]
        for name, spec in (
            ("vectorshift", ROOT / "specs/vectorshift/pipeline.yaml"),
            ("eachlabs", ROOT / "specs/eachlabs/engine.yaml"),
        )
    }
