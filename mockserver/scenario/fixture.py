"""From a fixture file to a Fixture: its schema first, then all that a schema cannot say. Every error is located."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from mockserver.errors import MockserverError, Several, SpecError
from mockserver.hints import nearest
from mockserver.openapi.document import Document, UnknownOperation
from mockserver.openapi.operation import Operation
from mockserver.openapi.validate import Checker, Schemas
from mockserver.pointer import join
from mockserver.scenario.faults import Faults
from mockserver.scenario.lifecycle import LifecycleScript, read_lifecycle
from mockserver.scenario.model import MISSING, Fixture, Scenario, When
from mockserver.scenario.resources import read_resources
from mockserver.scenario.schema import FixtureSchema
from mockserver.scenario.sending import Sending, read_sending
from mockserver.scenario.steps import Steps
from mockserver.scenario.words import VendorWords
from mockserver.yamlfile import YamlFile


def read_fixture(
    file: YamlFile,
    documents: Callable[[str], Sequence[Document]],
    words: Callable[[str], VendorWords],
    schema: FixtureSchema | None,
) -> Fixture:
    """The fixture that `file` is; `load.parse_fixture` says what the rest is for."""
    faults = Faults(file)
    value: dict[str, Any] = file.value if isinstance(file.value, dict) else {}
    known: tuple[Document, ...] = ()
    own = VendorWords()
    if (schema or FixtureSchema()).check(faults):
        if "vendor" in value and faults.is_sound("/vendor"):
            known = _documents(value["vendor"], documents, faults)
            own = words(value["vendor"]) if known else own
        lifecycle, sending = _of_documents(value, known, own, faults)
        if lifecycle is not None:
            own = lifecycle.words(own, known)
        elif "lifecycle" in value and own.generic:  # it is wrong, and what scenarios say of it cannot be told
            own = VendorWords(schedules=own.schedules)
        resources = read_resources(value.get("resources"), own, faults)
        scenarios = _Reader(faults, known, own).scenarios(value.get("scenarios"))
    faults.raise_all()
    return replace(Fixture.of(file, resources), scenarios=scenarios, lifecycle=lifecycle, sending=sending)


def _of_documents(
    value: Mapping[str, Any], known: Sequence[Document], own: VendorWords, faults: Faults
) -> tuple[LifecycleScript | None, Sending | None]:
    """What goes with documents that no vendor module speaks for: a lifecycle, and what is said of what they send."""
    keys = [key for key in ("lifecycle", "callbacks", "webhooks") if key in value]
    if known and keys and not own.generic:
        told = f"{value['vendor']} has its own, which a fixture cannot change"
        faults.add(join("", keys[0]), told, "leave it out: it is for documents that you bring")
        return None, None
    lifecycle = read_lifecycle(value.get("lifecycle"), known, faults)
    return lifecycle, read_sending(value, known, own, faults) if keys else None


def _documents(vendor: str, documents: Callable[[str], Sequence[Document]], faults: Faults) -> tuple[Document, ...]:
    try:
        found = tuple(documents(vendor))
    except MockserverError as error:
        faults.add("/vendor", str(error))
        return ()
    if not found:
        faults.add("/vendor", f'no document of a vendor "{vendor}" is loaded', "check the name, or serve its document")
    return found


class _Reader:
    """Reads the scenarios of one file, as far as the schema of fixtures has not refused them.

    Without documents, of an unknown vendor, it reads what can be read all the same.
    """

    def __init__(self, faults: Faults, documents: Sequence[Document], words: VendorWords) -> None:
        self.faults, self.documents, self.words = faults, documents, words
        self.names: dict[str, str] = {}

    def scenarios(self, values: Any) -> tuple[Scenario, ...]:
        """All that can be played."""
        listed = enumerate(values if isinstance(values, list) else ())
        found = [self.scenario(value, join("/scenarios", number)) for number, value in listed]
        return tuple(scenario for scenario in found if scenario)

    def scenario(self, value: Any, pointer: str) -> Scenario | None:
        """The scenario at `pointer`; None when the schema has refused it or its operation is unknown."""
        sound = self.faults.sound(value, pointer)
        if "name" in sound:
            self.name(sound["name"], pointer)
        if not isinstance(value, dict):
            return None
        when = self.faults.sound(value.get("when", {}), join(pointer, "when"))
        targets = self.targets(sound["operation"], when.get("path", {}), pointer) if "operation" in sound else ()
        steps = Steps(
            self.faults,
            [operation for _, operation in targets],
            self.words,
            outputs=[
                document.checker(rule) for document, one in targets if (rule := self.words.output_rule(one)) is not None
            ],
        )
        then = steps.then(value.get("then"), join(pointer, "then"))
        read_when = self.when(when, join(pointer, "when"))
        if not targets or not self.faults.is_sound(pointer):
            return None
        return Scenario(
            name=value["name"],
            operation=targets[0][1].id,
            when=read_when,
            then=then,
            at=self.faults.file.place(pointer),
            about=value.get("about", ""),
        )

    def name(self, name: str, pointer: str) -> None:
        """Note a name that another scenario has too."""
        first = self.names.setdefault(name, pointer)
        if first != pointer:
            line = self.faults.file.place(first).line
            self.faults.add(f"{pointer}/name", f'"{name}" is the name of the scenario in line {line} too',
                            "give each scenario a name of its own")  # fmt: skip

    def targets(self, name: str, path: Mapping[str, Any], pointer: str) -> tuple[tuple[Document, Operation], ...]:
        """What `name` is in the vendor's documents, as far as it has the parameters in `path`."""
        found: list[tuple[Document, Operation]] = []
        known: list[str] = []
        for document in self.documents:
            try:
                found.append((document, document.operation(name)))
            except UnknownOperation as error:
                known += error.known
        if not self.documents:
            return ()
        if not found:
            hint = UnknownOperation(name, known).hint
            self.faults.add(join(pointer, "operation"), f'unknown operation "{name}"', hint)
            return ()
        fitting = [(document, each) for document, each in found if path.keys() <= _parameters(each)]
        if not fitting:
            nearest = max(found, key=lambda each: len(path.keys() & _parameters(each[1])))
            self._unknown_parameters(nearest[1], path, join(pointer, "when", "path"))
            return (nearest,)  # so that the rest is read too
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
        schemas = Schemas({"mem:///": schema}, place=self.faults.below(pointer))
        for spot, pattern in schemas.uncompilable:
            self.faults.add(pointer + spot, f"the pattern {pattern[:60]!r} cannot be used", "write it in another way")
        try:
            return schemas.checker("")
        except (SpecError, Several) as error:
            self.faults.keep(error)
            return None

    def _unknown_parameters(self, operation: Operation, path: Mapping[str, Any], pointer: str) -> None:
        names = sorted(_parameters(operation))
        for name in path:
            if name in names:
                continue
            hint = nearest(name, names, f"it has {', '.join(names) or 'none'}")
            self.faults.add(join(pointer, name), f'{operation.label} has no path parameter "{name}"', hint)


def _parameters(operation: Operation) -> set[str]:
    return {parameter.name for parameter in operation.parameters if parameter.location == "path"}


def _written(value: Any) -> str:
    """A scalar as it stands in an address or a header."""
    return value if isinstance(value, str) else json.dumps(value)
