"""The tables of docs/vendors.md, made from the shipped documents: what is supported, guessed or absent.

`python -m tests.docs.vendor_tables` (`make docs`) writes them; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mockserver import data, yamlfile
from mockserver.engine.vendor import Source
from mockserver.openapi.document import Document
from mockserver.openapi.load import load
from mockserver.openapi.operation import Operation
from mockserver.vendors.catalogue import vendors

PAGE = Path(__file__).parents[2] / "docs" / "vendors.md"
BEGIN = "<!-- Made by `make docs` from the documents in specs/. Do not edit below this line. -->\n"

MEANS = {
    "documented": ("supported", "a page of the vendor"),
    "sdk": ("supported", "the vendor's SDK"),
    "emulator": ("supported", "ours"),
    "guess": ("guessed", "a guess"),
}


def tables() -> str:
    """A section for each document of the shipped vendors."""
    sources = [source for vendor in vendors().values() for source in vendor.sources if _is_shipped(source)]
    return "\n".join("\n".join(section(source)) for source in sources)


def section(source: Source) -> Iterator[str]:
    """One document: its operations, what is absent, what was chosen, what the emulator adds."""
    folder = data.specs_dir()
    document = load(folder / source.spec, name=source.name, overlays=[folder / one for one in source.overlays])
    overlays = [yamlfile.read(folder / one).value for one in source.overlays]
    yield f"\n## `{source.name}`: {document.title}\n"
    yield f"Base URL `{source.mount}{document.base_path}`, document `specs/{source.spec}`.\n"
    yield "| operation | operationId | | rests on |"
    yield "| --- | --- | --- | --- |"
    for one in (*document.operations, *document.aliases):
        status, rests_on = MEANS[evidence(one, overlays)]
        yield f"| `{one.label}` | {_name(one, document)} | {status} | {rests_on} |"
    for absent in (absent for overlay in overlays for absent in overlay.get("x-absent", ())):
        yield f"| {absent['operation']} | | absent | {absent['why']} |"
    choices = [(one, one.extensions["x-choices"]) for one in document.operations if "x-choices" in one.extensions]
    if choices:
        yield "\nWhat no source says, or two say differently, and what the emulator does:\n"
    for one, said in choices:
        yield f"- `{one.id}`"
        yield from (f"  - {choice}" for choice in said)
    yield "\nBeyond the published document:\n"
    actions = [action for overlay in overlays for action in overlay["actions"]]
    for description in dict.fromkeys(action["description"] for action in actions):
        kind = next(action["x-evidence"] for action in actions if action["description"] == description)
        yield f"- ({kind}) {' '.join(description.split())}"


def evidence(operation: Operation, overlays: list[Any]) -> str:
    """What an operation rests on: its own word, else that of the overlay that added its path, else its page."""
    for action in (action for overlay in overlays for action in overlay["actions"]):
        if action["target"] == "$.paths" and operation.path in action.get("update", {}):
            return str(action["x-evidence"])
    return str(operation.extensions.get("x-evidence", "documented"))


def _name(operation: Operation, document: Document) -> str:
    if operation.same_as is not None:
        return f"as `{document.operation(operation.same_as).id}`"
    return "" if operation.id == operation.label else f"`{operation.id}`"


def _is_shipped(source: Source) -> bool:
    return (data.specs_dir() / source.spec).is_file()


def page(text: str) -> str:
    """The page with the tables of today."""
    return text.partition(BEGIN)[0] + BEGIN + tables() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
