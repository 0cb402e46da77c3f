"""How long a large document takes to load, and its first answer. Run with `python -m benchmarks.documents`."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from benchmarks.results import publish, table
from mockserver.engine.messages import Request
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.vendors.assembly import Wanted, assemble

OPERATIONS, SCHEMAS = 500, 250
PROSE = 1000  # characters of each description: about 3 MB in all


def main() -> None:
    """Load the document a few times in each form, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for form, odd in (("json", False), ("yaml", False), ("yaml", True)):
            path = Path(folder) / f"big.{form}"
            path.write_text(written(document(odd=odd), form), "utf-8")
            loads, firsts = zip(*(seconds(path) for _ in range(options.rounds)), strict=True)
            what = f"{form}, {path.stat().st_size / 1e6:.1f} MB" + (", with a warning" if odd else "")
            rows.append([what, f"{median(loads):.1f} (wanted: under 10)", f"{median(firsts) * 1000:,.0f}"])
    said = f"{OPERATIONS} operations over {SCHEMAS} schemas that all reach one another."
    publish("Large documents", f"{said}\n\n{table(['', 'load, s', 'first answer, ms'], rows)}")


def seconds(path: Path) -> tuple[float, float]:
    """Of loading a document, and of its first answer."""
    began = time.perf_counter()
    (service,) = assemble(Wanted(specs=(("big", path),)))
    loaded = time.perf_counter()
    answer = World((service,), Settings()).apply(
        Request("POST", "/things7/a", "/things7/a", "", (("Content-Type", "application/json"),), b"{}")
    )
    assert answer.answer.status == 400
    answer = World((service,), Settings()).apply(Request("POST", "/things7/a", "/things7/a"))
    assert answer.answer.status == 200
    return loaded - began, time.perf_counter() - loaded


def written(value: Any, form: str) -> str:
    """The document as text."""
    if form == "json":
        return json.dumps(value, indent=1)
    text: str = yaml.dump(value, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))
    return text


def document(*, odd: bool) -> dict[str, Any]:
    """An OpenAPI document; an `odd` one has a field that OpenAPI does not know, so that its place is looked for."""
    paths = {f"/things{number}/{{id}}": {"post": operation(number)} for number in range(OPERATIONS)}
    if odd:
        paths["/things0/{id}"]["post"]["respones"] = {}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Big", "version": "1"},
        "paths": paths,
        "components": {"schemas": {f"Thing{number}": thing(number) for number in range(SCHEMAS)}},
    }


def operation(number: int) -> dict[str, Any]:
    """Takes one schema and gives another."""
    prose = "word " * (PROSE // 5)
    error = {"type": "object", "properties": {"message": {"type": "string"}}}
    return {
        "operationId": f"op{number}",
        "description": prose,
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "size", "in": "query", "description": prose, "schema": {"type": "integer", "maximum": 100}},
        ],
        "requestBody": {"content": {"application/json": {"schema": reference(number)}}},
        "responses": {
            "200": {"description": prose, "content": {"application/json": {"schema": reference(number + 9)}}},
            "400": {"description": prose, "content": {"application/json": {"schema": error}}},
        },
    }


def thing(number: int) -> dict[str, Any]:
    """A schema that leads to three others, and so to all of them."""
    prose = "word " * (PROSE // 5)
    return {
        "type": "object",
        "description": prose,
        "required": ["id", "next"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "size": {"type": "integer", "minimum": 0},
            "next": {"anyOf": [reference(number + 1), {"type": "null"}]},
            "others": {"type": "array", "items": reference(number * 7 + 3)},
            "third": reference(number * 13 + 5),
            "tags": {"type": "array", "items": {"type": "string", "description": prose, "example": "red"}},
        },
    }


def reference(number: int) -> dict[str, str]:
    """To the schema of that number."""
    return {"$ref": f"#/components/schemas/Thing{number % SCHEMAS}"}


if __name__ == "__main__":
    main()
