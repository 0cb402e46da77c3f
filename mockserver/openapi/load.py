"""From an OpenAPI document's files to the Document: overlays applied, references closed, traps relaxed, all compiled.

What is odd on the way is noted, with its place. The files on disk are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from posixpath import dirname
from typing import Any

from mockserver.errors import SpecError
from mockserver.openapi import discriminators, lint, overlay, unheeded
from mockserver.openapi.callbacks import outgoing
from mockserver.openapi.closing import close
from mockserver.openapi.compile import Compiler
from mockserver.openapi.dialect import remarks_on_31, translate
from mockserver.openapi.directions import directions
from mockserver.openapi.document import Document, samples
from mockserver.openapi.fields import unknown
from mockserver.openapi.origins import Origins
from mockserver.openapi.references import References
from mockserver.openapi.relax import relax
from mockserver.openapi.remark import Remark
from mockserver.openapi.validate import Schemas
from mockserver.pointer import copy, look_up, patched
from mockserver.shipped import Closed
from mockserver.yamlfile import YamlFile, parse, read

_VERSION = re.compile(r"3\.[012](\.\d+)?(-.+)?\Z")
_DIALECTS = ("https://json-schema.org/draft/2020-12/schema", "https://spec.openapis.org/oas/3.1/dialect/")


def load(
    path: Path,
    *,
    name: str,
    label: str | None = None,
    overlays: Sequence[Path] = (),
    strict: bool = False,
    documented_only: bool = False,
    answering: bool = False,
    texts: Mapping[Path, str] | None = None,
) -> Document:
    """The document at `path`, called `name`; `label` is how messages call its file.

    `strict` reads the integer trap literally; `documented_only` drops overlay actions that no page of the vendor backs;
    `answering` warns of answers for which no value can be made, where the document itself must give them; `texts` are
    those of the files that were read before.
    Raises YamlError and SpecError, located; all that are found together as Several.
    """
    shown = path.as_posix() if label is None else label

    def opened(one: Path, called: str) -> YamlFile:
        return parse(texts[one], called) if texts and one in texts else read(one, label=called)

    file = opened(path, shown)
    if not isinstance(file.value, dict):
        raise SpecError(file.place(), "is not an OpenAPI document", 'it is a mapping that begins with "openapi: 3.1.0"')
    tree, origins = copy(file.value), Origins(file)
    for one in overlays:
        found = opened(one, _beside(shown, path, one))
        overlay.apply(tree, origins, found, documented_only=documented_only)
    place = partial(origins.place, tree)
    is_30 = _check_outline(tree, place)

    def beside(full: Path, file_name: str) -> YamlFile:
        return read(full, label=f"{dirname(shown)}/{file_name}".lstrip("/") if dirname(shown) else file_name)

    things = close(tree, origins, path.parent, path.name, beside)
    pointers = [pointer for kind, pointer in things if kind == "schema"]
    known = [(pointer, look_up(tree, pointer)) for pointer in pointers]
    patches, remarks = relax(known, References(tree).resolve, place, strict=strict, siblings=not is_30)
    effective = patched(tree, patches)
    dropped, told = unheeded.without(known, place, is_30=is_30)
    reading = patched(effective, dropped)
    if is_30:
        changes, more = translate([(pointer, look_up(reading, pointer)) for pointer in pointers], place)
        reading = patched(reading, changes)
    else:
        more = remarks_on_31(known, place)
    ways = directions(known, References(tree).resolve)
    schemas = Schemas({"mem:///": patched(reading, ways.answers)}, place=place)
    as_asked = patched(reading, ways.requests)
    asked = Schemas({"mem:///": as_asked}, place=place) if ways.requests else schemas
    unread = [
        Remark(
            place(pointer),
            f"the pattern {pattern} cannot be read and is not checked",
            "write it as ECMA-262 has it",
            "E705",
        )
        for pointer, pattern in schemas.uncompilable
    ]
    warnings = [*_outline_remarks(tree, place), *unknown(tree, things, place), *remarks, *told, *more, *unread]
    compiled = Compiler(reading, schemas, asked, place, warnings).compile()
    sent = outgoing(reading, compiled.operations, asked, place, warnings)
    answers = partial(samples, reading, [*ways.answers, *ways.samples], schemas)
    requests = partial(samples, as_asked, [], asked)
    warnings += lint.remarks(compiled.operations, answers() if answering else None, place)
    elsewhere = lint.servers(tree, things)
    warnings += [*lint.remarks_on_servers(elsewhere, place), *discriminators.remarks(tree, known, place)]
    both = (schemas,) if asked is schemas else (schemas, asked)

    def inner() -> list[Remark]:
        from mockserver.openapi.overlaps import Overlaps

        told = {one.at for one in remarks}
        shared = Overlaps(answers(), both, References(reading).resolve).remarks(known, place, told)
        return [*shared, *lint.inner_examples(known, (schemas, asked), place)]

    is_plain = reading is effective and not any((ways.answers, ways.requests, ways.samples, warnings, elsewhere))
    closed = Closed(tree, tuple((at, dict(said)) for at, said in patches)) if is_plain else None
    return Document(
        name,
        tree,
        effective,
        reading,
        compiled,
        schemas,
        answers,
        requests,
        place,
        warnings,
        sent,
        elsewhere,
        inner,
        closed,
    )


def _check_outline(tree: dict[str, Any], place: Any) -> bool:
    """Whether this is OpenAPI 3.0 (and not later). Raises SpecError if it is nothing that can be served."""
    if "swagger" in tree:
        told = f"Swagger {tree['swagger']} is not served"
        raise SpecError(place("/swagger"), told, "convert the document to OpenAPI 3.1")
    version = str(tree.get("openapi", ""))
    if not version:
        raise SpecError(place(""), "is not an OpenAPI document", 'it begins with "openapi: 3.1.0"')
    if not _VERSION.match(version):
        raise SpecError(place("/openapi"), f'OpenAPI "{version}" is not known', 'write "3.1.0" or "3.0.3"')
    if not any(key in tree for key in ("paths", "webhooks", "components")):
        raise SpecError(place("/paths"), "the document has no paths", "`paths` is a mapping of paths to operations")
    for key in ("paths", "info", "components", "webhooks"):
        if not isinstance(tree.get(key, {}), dict):
            raise SpecError(place(f"/{key}"), f"{key} must be a mapping", "check the indentation")
    return version.startswith("3.0")


def _outline_remarks(tree: dict[str, Any], place: Any) -> list[Remark]:
    remarks = []
    if not tree.get("paths") and not tree.get("webhooks"):
        remarks.append(Remark(place("/paths"), "there are no paths to serve", "add one"))
    if "info" not in tree:
        remarks.append(Remark(place(""), "there is no info", "give the document a title and a version"))
    dialect = str(tree.get("jsonSchemaDialect", _DIALECTS[0]))
    if not dialect.startswith(_DIALECTS):
        told = f'the dialect "{dialect}" is read as JSON Schema 2020-12'
        remarks.append(Remark(place("/jsonSchemaDialect"), told, "take the line out if that is what you mean"))
    if str(tree["openapi"]).startswith("3.2"):
        remedy = "docs/openapi.md lists what of 3.2 has an effect"
        remarks.append(Remark(place("/openapi"), "OpenAPI 3.2 is read as 3.1", remedy))
    return remarks


def _beside(label: str, path: Path, other: Path) -> str:
    """How messages call `other`: like its neighbour `path`, which they call `label`."""
    if other.parent != path.parent:
        return other.as_posix()
    return f"{dirname(label)}/{other.name}" if dirname(label) else other.name
