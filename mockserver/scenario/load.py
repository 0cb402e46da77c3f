"""The fixture in a file: the whole of it, or of a shipped one the keys alone. Every error is located."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from mockserver.openapi.document import Document
from mockserver.scenario.faults import Faults
from mockserver.scenario.model import Fixture
from mockserver.scenario.resources import read_resources
from mockserver.scenario.schema import FixtureSchema
from mockserver.scenario.words import VendorWords
from mockserver.shipped import read
from mockserver.yamlfile import YamlFile, parse


def load(
    path: Path,
    *,
    label: str | None = None,
    documents: Callable[[str], Sequence[Document]],
    words: Callable[[str], VendorWords] = lambda vendor: VendorWords(),
    schema: FixtureSchema | None = None,
) -> Fixture:
    """The fixture in the file at `path`, called `label` in messages; `parse_fixture` says more.

    `schema` is that of fixtures, for whoever loads several.
    """
    return _whole(read(path, label=str(path) if label is None else label), documents, words, schema)


def load_keys(path: Path, *, label: str, words: Callable[[str], VendorWords]) -> Fixture:
    """Of the shipped fixture at `path` only its keys and the entries that stand for every other id (`"*"`).

    The rest is not even looked at: that shipped fixtures are sound is for `mockserver check` to say.
    """
    file = read(path, label=label)
    faults, value = Faults(file), file.value
    anything = {kind: {"*": named["*"]} for kind, named in value.get("resources", {}).items() if "*" in named}
    resources = read_resources(anything, words(value["vendor"]), faults)
    faults.raise_all()
    return Fixture.of(file, resources)


def parse_fixture(
    text: str,
    *,
    label: str,
    documents: Callable[[str], Sequence[Document]],
    words: Callable[[str], VendorWords] = lambda vendor: VendorWords(),
) -> Fixture:
    """The fixture that `text` is, called `label` in messages.

    `documents` gives the documents of a vendor, none for an unknown one (or raises what should be said);
    `words` what it says of itself; it is asked only about vendors that have documents.
    Raises YamlError for what is no YAML, FixtureError for the rest, several of them as Several.
    """
    return _whole(parse(text, label), documents, words, None)


def _whole(
    file: YamlFile,
    documents: Callable[[str], Sequence[Document]],
    words: Callable[[str], VendorWords],
    schema: FixtureSchema | None,
) -> Fixture:
    # Imported when needed: of what we ship, a test's server takes the keys only.
    from mockserver.scenario.fixture import read_fixture

    return read_fixture(file, documents, words, schema)
