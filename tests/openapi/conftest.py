"""Documents written for one test, and the recursive schema of a real vendor with its checkers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mockserver.errors import MockserverError
from mockserver.openapi.document import Document
from mockserver.openapi.load import load
from mockserver.openapi.validate import Checker, Schemas
from tests.openapi.datatype import DOCUMENT, place
from tests.openapi.documents import HEAD


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Document]:
    """Loads a document from its text; `parts__paths_yaml="..."` is a file beside it, `parts/paths.yaml`."""

    def loaded(
        text: str, *, head: str = HEAD, overlays: Sequence[str] = (), strict: bool = False, **files: str
    ) -> Document:
        for name, content in {**files, "api_yaml": head + text}.items():
            path = tmp_path / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        beside = [tmp_path / one for one in overlays]
        return load(tmp_path / "api.yaml", name="things", label="specs/api.yaml", overlays=beside, strict=strict)

    return loaded


@pytest.fixture
def refusal(document: Callable[..., Document]) -> Callable[..., str]:
    """What is said of a document that cannot be loaded."""

    def said(text: str, **more: str) -> str:
        with pytest.raises(MockserverError) as caught:
            document(text, **more)
        return str(caught.value)

    return said


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    return Schemas({"mem:///": DOCUMENT}, place=place)


@pytest.fixture(scope="session")
def bulk_run(schemas: Schemas) -> Checker:
    return schemas.checker("/components/schemas/PipelineBulkRunRequest")


@pytest.fixture(scope="session")
def data_type(schemas: Schemas) -> Checker:
    return schemas.checker("/components/schemas/DataType")
