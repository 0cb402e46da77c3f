"""An OpenAPI document, loaded once: overlays applied, references closed, traps relaxed, operations compiled.

Nothing of it changes afterwards, and the file on disk is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from posixpath import dirname
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.errors import MockserverError, Place, SpecError
from mockserver.openapi import discriminators, lint, overlay, unheeded
from mockserver.openapi.callbacks import Outgoing, outgoing
from mockserver.openapi.compile import Compiled, Compiler
from mockserver.openapi.dialect import remarks_on_31, translate
from mockserver.openapi.directions import Patches, directions
from mockserver.openapi.fields import unknown
from mockserver.openapi.operation import Operation, SecurityScheme
from mockserver.openapi.origins import Origins
from mockserver.openapi.paths import Routes
from mockserver.openapi.references import References, close
from mockserver.openapi.relax import relax
from mockserver.openapi.remark import Remark as Remark
from mockserver.openapi.spots import spots
from mockserver.openapi.validate import Checker, Schemas
from mockserver.pointer import GONE, look_up, patched
from mockserver.yamlfile import YamlFile, copy, read

if TYPE_CHECKING:
    from mockserver.openapi.sample import Sampler
    from mockserver.openapi.samples import Samples

_VERSION = re.compile(r"3\.[012](\.\d+)?(-.+)?\Z")
_DIALECTS = ("https://json-schema.org/draft/2020-12/schema", "https://spec.openapis.org/oas/3.1/dialect/")


class UnknownOperation(MockserverError):
    """A name that no operation of a document has; `known` are those that it has."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        self.name, self.known = name, known
        super().__init__(name, known)

    @property
    def nearest(self) -> tuple[str, ...]:
        """The known ones that look most like it. Made when asked for: whoever has another document to ask does not."""
        # Imported for errors only: it is not free.
        from difflib import get_close_matches

        return tuple(get_close_matches(self.name, self.known, 3, 0.5))

    @property
    def hint(self) -> str:
        """What was probably meant, or what lists all that could be."""
        return f'did you mean "{self.nearest[0]}"?' if self.nearest else "`mockserver routes` lists them"

    def __str__(self) -> str:
        """The name and what was probably meant."""
        return f'unknown operation "{self.name}"; {self.hint}'


class Document:
    """What a document says, compiled. Pointers ("rules") are into the effective document."""

    def __init__(
        self,
        name: str,
        tree: dict[str, Any],
        effective: dict[str, Any],
        reading: dict[str, Any],
        compiled: Compiled,
        schemas: Schemas,
        answers: Callable[[], Samples],
        requests: Callable[[], Samples],
        origins: Origins,
        warnings: Sequence[Remark],
        sent: Outgoing,
        unheeded: Sequence[str],
        inner: Callable[[], Sequence[Remark]],
    ) -> None:
        self.name = name
        self.title = str(tree["info"]["title"]) if _has(tree, "info", "title") else name
        self.base_path = _base_path(tree)
        self.operations = compiled.operations
        self.aliases = compiled.aliases
        self.callbacks, self.webhooks = sent.callbacks, sent.webhooks  # what the service sends by itself
        self.schemes: Mapping[str, SecurityScheme] = compiled.locks.schemes
        self.routes = Routes(compiled.operations, compiled.aliases)
        self.warnings = tuple(warnings)
        self.value = tree
        self._effective = effective
        self._references = References(reading)
        self._schemas, self._origins = schemas, origins
        self._unheeded, self._inner = unheeded, inner
        self._make_answers, self._make_requests = answers, requests
        self._named = {name: one for one in compiled.operations for name in (one.id, one.label)}
        originals = {one.label: one for one in compiled.operations}
        for alias in compiled.aliases:
            self._named |= dict.fromkeys((alias.id, alias.label), originals[alias.same_as or ""])

    @cached_property
    def _answers(self) -> Samples:
        return self._make_answers()

    @cached_property
    def _requests(self) -> Samples:
        return self._make_requests()

    def remarks(self) -> tuple[Remark, ...]:
        """All that is odd: the warnings, and examples inside schemas that break them, which only this call looks at."""
        return tuple(dict.fromkeys((*self.warnings, *self._inner())))

    def operation(self, name: str) -> Operation:
        """The operation called `name`: an operationId, or `METHOD /template`; an alias leads to what it stands for."""
        if name not in self._named:
            raise UnknownOperation(name, self._named.keys())
        return self._named[name]

    def effective(self) -> dict[str, Any]:
        """The document as it is served: overlays applied, aliases and relaxed numbers written out. A copy.

        The `servers` of paths and operations, which are not heeded, are left out.
        """
        patches = []
        originals = {one.label: one for one in self.operations}
        for alias in self.aliases:
            original = originals[alias.same_as or ""].rule
            said = look_up(self._effective, original)
            patches.append((alias.rule, {key: one for key, one in said.items() if key != "operationId"}))
            patches.append((alias.rule, look_up(self._effective, alias.rule)))
            shared = look_up(self._effective, original.rpartition("/")[0]).get("parameters")
            if shared:
                patches.append((alias.rule.rpartition("/")[0], {"parameters": shared}))
        patches += [(pointer, {"servers": GONE}) for pointer in self._unheeded]
        result: dict[str, Any] = copy(patched(self._effective, patches))
        return result

    def spots(self, rule: str, pointer: str) -> tuple[str, ...] | None:
        """Where the schemas stand of what is at `pointer` in values of the schema at `rule`; `-` is any item of a list.

        () = there cannot be anything; None = nothing is said of it, so anything may be there.
        """
        return spots(self._references, rule, pointer)

    def checker(self, rule: str) -> Checker:
        """The validator of the schema at `rule`."""
        return self._schemas.checker(rule)

    def sampler(self, rule: str) -> Sampler:
        """What makes values for the schema at `rule`, as answers carry them. Raises SampleError where there is none."""
        return self._answers.sampler(rule)

    def request_sampler(self, rule: str) -> Sampler:
        """What makes values for the schema at `rule` as requests carry them: nothing `readOnly` is demanded of them."""
        return self._requests.sampler(rule)

    def example(self, rule: str) -> Any:
        """The first sound example that the schema at `rule` gives of itself; MISSING when there is none."""
        return self._answers.example(rule)

    def with_examples(self, rule: str, value: Any) -> Any:
        """A value of the schema at `rule` in which parts that have an example are that example, if it still fits."""
        return self._answers.with_examples(rule, value)

    def resolve(self, node: Any) -> Any:
        """`node`, or what it refers to at last."""
        return self._references.resolve(node)

    def follow(self, rule: str) -> tuple[str, Any]:
        """Pointer and value of what is at `rule`, references followed as long as nothing stands beside them."""
        return self._references.follow(rule)

    def place(self, rule: str) -> Place:
        """The line that says what is at `rule`: in the document, an overlay, or a file that it refers to."""
        return self._origins.place(self.value, rule)


def load(
    path: Path,
    *,
    name: str,
    label: str | None = None,
    overlays: Sequence[Path] = (),
    strict: bool = False,
    documented_only: bool = False,
    answering: bool = False,
) -> Document:
    """The document at `path`, called `name`; `label` is how messages call its file.

    `strict` reads the integer trap literally; `documented_only` drops overlay actions that no page of the vendor backs;
    `answering` warns of answers for which no value can be made, where the document itself must give them.
    Raises YamlError and SpecError, located; all that are found together as Several.
    """
    shown = path.as_posix() if label is None else label
    file = read(path, label=shown)
    if not isinstance(file.value, dict):
        raise SpecError(file.place(), "is not an OpenAPI document", 'it is a mapping that begins with "openapi: 3.1.0"')
    tree, origins = copy(file.value), Origins(file)
    for one in overlays:
        found = read(one, label=_beside(shown, path, one))
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
    answers = partial(_samples, reading, [*ways.answers, *ways.samples], schemas)
    requests = partial(_samples, as_asked, [], asked)
    warnings += lint.remarks(compiled.operations, answers() if answering else None, place)
    elsewhere = lint.servers(tree, things)
    warnings += [*lint.remarks_on_servers(elsewhere, place), *discriminators.remarks(tree, known, place)]
    both = (schemas,) if asked is schemas else (schemas, asked)

    def inner() -> list[Remark]:
        from mockserver.openapi.overlaps import Overlaps

        told = {one.at for one in remarks}
        shared = Overlaps(answers(), both, References(reading).resolve).remarks(known, place, told)
        return [*shared, *lint.inner_examples(known, (schemas, asked), place)]

    return Document(
        name, tree, effective, reading, compiled, schemas, answers, requests, origins, warnings, sent, elsewhere, inner
    )


def _samples(reading: dict[str, Any], patches: Patches, schemas: Schemas) -> Samples:
    # Imported when a value is made: a client of a vendor that makes its own never needs the dozen modules.
    from mockserver.openapi.samples import Samples

    return Samples(patched(reading, patches), schemas)


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


def _base_path(tree: dict[str, Any]) -> str:
    """The path of the first server's URL, its variables at their defaults; "" for none."""
    servers = tree.get("servers")
    server = servers[0] if isinstance(servers, list) and servers else {}
    url = str(server.get("url", "")) if isinstance(server, dict) else ""
    for name, variable in (server.get("variables") or {}).items() if isinstance(server, dict) else ():
        if isinstance(variable, dict):
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""


def _has(tree: dict[str, Any], key: str, member: str) -> bool:
    return isinstance(tree.get(key), dict) and member in tree[key]


def _beside(label: str, path: Path, other: Path) -> str:
    """How messages call `other`: like its neighbour `path`, which they call `label`."""
    if other.parent != path.parent:
        return other.as_posix()
    return f"{dirname(label)}/{other.name}" if dirname(label) else other.name
