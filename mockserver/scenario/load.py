"""From a fixture file to a Fixture: its schema first, then all that a schema cannot say. Every error is located."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mockserver import data
from mockserver.errors import MockserverError, Several, SpecError
from mockserver.openapi.document import Document, UnknownOperation
from mockserver.openapi.operation import Operation
from mockserver.openapi.validate import Checker, Schemas
from mockserver.pointer import join
from mockserver.scenario.faults import Faults
from mockserver.scenario.model import MISSING, Fixture, Scenario, When
from mockserver.scenario.render import EXECUTION_ROOTS
from mockserver.scenario.schema import check
from mockserver.scenario.steps import Steps
from mockserver.yamlfile import YamlFile, parse, read

SCHEMA = "fixture.schema.json"


def load(
    path: Path,
    *,
    label: str | None = None,
    documents: Callable[[str], Sequence[Document]],
    extra_roots: Callable[[str], frozenset[str]] = lambda vendor: frozenset(),
    schema: Path | None = None,
) -> Fixture:
    """The fixture in the file at `path`, called `label` in messages; `parse_fixture` says more.

    `schema` is where the schema of fixtures is, if not among the shipped ones.
    """
    return _read(read(path, label=label), documents, extra_roots, schema)


def parse_fixture(
    text: str,
    *,
    label: str,
    documents: Callable[[str], Sequence[Document]],
    extra_roots: Callable[[str], frozenset[str]] = lambda vendor: frozenset(),
) -> Fixture:
    """The fixture that `text` is, called `label` in messages.

    `documents` gives the documents of a vendor, none for an unknown one (or raises what should be said);
    `extra_roots` the names besides EXECUTION_ROOTS that placeholders in a vendor's executions may begin with.
    Raises YamlError for what is no YAML, FixtureError for the rest, several of them as Several.
    """
    return _read(parse(text, label), documents, extra_roots, None)


def _read(
    file: YamlFile,
    documents: Callable[[str], Sequence[Document]],
    extra_roots: Callable[[str], frozenset[str]],
    schema: Path | None,
) -> Fixture:
    faults = Faults(file)
    broken = check(read(schema or data.fixtures_dir() / SCHEMA, label=SCHEMA).value, faults)
    vendor = file.value.get("vendor") if isinstance(file.value, dict) else None
    known = _documents(vendor, documents, faults) if isinstance(vendor, str) and "/vendor" not in broken else ()
    scenarios: tuple[Scenario, ...] = ()
    if known:
        reader = _Reader(faults, known, EXECUTION_ROOTS | extra_roots(file.value["vendor"]))
        scenarios = reader.scenarios(file.value.get("scenarios"), broken)
    faults.raise_all()
    return _fixture(file, scenarios)


def _documents(vendor: str, documents: Callable[[str], Sequence[Document]], faults: Faults) -> tuple[Document, ...]:
    try:
        found = tuple(documents(vendor))
    except MockserverError as error:
        faults.add("/vendor", str(error))
        return ()
    if not found:
        faults.add("/vendor", f'no document of a vendor "{vendor}" is loaded', "check the name, or serve its document")
    return found


def _fixture(file: YamlFile, scenarios: tuple[Scenario, ...]) -> Fixture:
    value: Mapping[str, Any] = file.value
    kinds: Mapping[str, Mapping[str, Any]] = value.get("resources", {})
    return Fixture(
        vendor=value["vendor"],
        file=file.name,
        about=value.get("about", ""),
        api_keys=tuple(value.get("api_keys", ())),
        resources={kind: {key: thing or {} for key, thing in things.items()} for kind, things in kinds.items()},
        scenarios=scenarios,
        places=file.place,
    )


class _Reader:
    """Reads the scenarios of one file."""

    def __init__(self, faults: Faults, documents: Sequence[Document], roots: frozenset[str]) -> None:
        self.faults, self.documents, self.roots = faults, documents, roots

    def scenarios(self, values: Any, broken: frozenset[str]) -> tuple[Scenario, ...]:
        """All that the schema has not found broken."""
        names: dict[str, str] = {}
        found = []
        for number, value in enumerate(values if isinstance(values, list) else ()):
            pointer = f"/scenarios/{number}"
            if any(spot == pointer or spot.startswith(pointer + "/") for spot in broken):
                continue
            first = names.setdefault(value["name"], pointer)
            if first != pointer:
                line = self.faults.file.place(first).line
                self.faults.add(f"{pointer}/name", f'"{value["name"]}" is the name of the scenario in line {line} too',
                                "give each scenario a name of its own")  # fmt: skip
            found.append(self.scenario(value, pointer))
        return tuple(scenario for scenario in found if scenario)

    def scenario(self, value: Mapping[str, Any], pointer: str) -> Scenario | None:
        """The scenario at `pointer`; None when its operation is unknown."""
        when: Mapping[str, Any] = value.get("when", {})
        operations = self.operations(value["operation"], when.get("path", {}), pointer)
        then = Steps(self.faults, operations, self.roots).then(value["then"], join(pointer, "then"))
        read_when = self.when(when, join(pointer, "when"))
        if not operations:
            return None
        return Scenario(
            name=value["name"],
            operation=operations[0].id,
            when=read_when,
            then=then,
            at=self.faults.file.place(pointer),
            about=value.get("about", ""),
        )

    def operations(self, name: str, path: Mapping[str, Any], pointer: str) -> tuple[Operation, ...]:
        """What `name` is in the vendor's documents, as far as it has the parameters in `path`."""
        found: list[Operation] = []
        unknown: list[UnknownOperation] = []
        for document in self.documents:
            try:
                found.append(document.operation(name))
            except UnknownOperation as error:
                unknown.append(error)
        if not found:
            near = [one for error in unknown for one in error.nearest]
            best = get_close_matches(name, near, 1, 0)
            hint = f'did you mean "{best[0]}"?' if best else "`mockserver routes` lists them"
            self.faults.add(join(pointer, "operation"), f'unknown operation "{name}"', hint)
            return ()
        fitting = [each for each in found if path.keys() <= _parameters(each)]
        if not fitting:
            nearest = max(found, key=lambda each: len(path.keys() & _parameters(each)))
            self._unknown_parameters(nearest, path, join(pointer, "when", "path"))
        return tuple(fitting)

    def when(self, value: Mapping[str, Any], pointer: str) -> When:
        """What a call must look like, from the mapping at `pointer`."""
        return When(
            path={name: _written(wanted) for name, wanted in value.get("path", {}).items()},
            query=value.get("query", {}),
            headers={name.lower(): _written(wanted) for name, wanted in value.get("headers", {}).items()},
            body=self._checker(value["body"], join(pointer, "body")) if "body" in value else None,
            body_has=value.get("body_has", MISSING),
        )

    def _checker(self, schema: Any, pointer: str) -> Checker | None:
        try:
            schemas = Schemas({"mem:///": schema}, place=self.faults.below(pointer))
            checker = schemas.checker("")
        except (SpecError, Several) as error:
            self.faults.keep(error)
            return None
        for spot, pattern in schemas.uncompilable:
            self.faults.add(pointer + spot, f"the pattern {pattern[:60]!r} cannot be used", "write it in another way")
        return checker

    def _unknown_parameters(self, operation: Operation, path: Mapping[str, Any], pointer: str) -> None:
        names = sorted(_parameters(operation))
        for name in path:
            if name in names:
                continue
            near = get_close_matches(name, names, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"it has {', '.join(names) or 'none'}"
            self.faults.add(join(pointer, name), f'{operation.label} has no path parameter "{name}"', hint)


def _parameters(operation: Operation) -> set[str]:
    return {parameter.name for parameter in operation.parameters if parameter.location == "path"}


def _written(value: Any) -> str:
    """A scalar as it stands in an address or a header."""
    return value if isinstance(value, str) else json.dumps(value)
