"""The `lifecycle` of a fixture: how the executions of an API live that no vendor module speaks for.

Read from the file, held against its document, and handed on as a frozen value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.hints import nearest
from mockserver.openapi.document import Document, UnknownOperation
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import Media, Operation
from mockserver.pointer import join
from mockserver.scenario.faults import Faults
from mockserver.scenario.words import ENDS, VendorWords

Kind = Literal["starts", "reads", "lists", "cancels"]
Stay = float | tuple[float, float]

_AT = "/lifecycle"
_KINDS: tuple[Kind, ...] = ("starts", "reads", "lists", "cancels")
_FIELDS = ("id", "state", "output", "error")
# The fields that must be there in the answers of each kind.
_NEEDED: Mapping[Kind, tuple[str, ...]] = {
    "starts": ("id",),
    "reads": ("state", "output", "error"),
    "lists": ("state",),
    "cancels": (),
}


class Role(Struct, frozen=True):
    """What an operation is to executions."""

    kind: Kind
    operation: str  # its id
    at: str = ""  # JSON Pointer: where its answer holds the execution, or the list of them; "" = it is the answer
    by: str = ""  # the parameter that holds the id of the execution (`lists`: of the batch)
    inputs: str = ""  # `starts`: where the body holds the input, or the list of them


class LifecycleScript(Struct, frozen=True):
    """How executions start, are read, and tell of their end. The pointers are into what shows one execution."""

    roles: Mapping[str, Role]  # by operation id
    fields: Mapping[str, str]  # "id", "state", "output", "error" -> JSON Pointer
    states: tuple[tuple[str, Stay], ...]  # (the API's word, seconds in it), in order
    ends: Mapping[str, str]  # "completed", "failed", "cancelled" -> the API's word
    batch: str | None = None  # where the answer that starts several holds what they have in common
    callback: str = ""  # the name of the callback that tells of an end
    callback_at: str = ""  # where its body holds the execution

    def word(self, state: str) -> str:
        """The API's word for a state or an end."""
        return self.ends.get(state, state)

    def words(self, own: VendorWords, documents: Sequence[Document]) -> VendorWords:
        """What scenarios may say of such executions."""
        reads = [role.operation for role in self.roles.values() if role.kind == "reads"]
        starts = {role.operation for role in self.roles.values() if role.kind == "starts"}
        rules = list(_output_rules(self, reads, documents))
        return replace(
            own,
            states=tuple(state for state, _ in self.states),
            ends=frozenset(self.ends),
            starts=lambda operation: operation.id in starts,
            output_rule=lambda operation: rules[0] if rules and operation.id in starts else None,
        )


def _output_rules(script: LifecycleScript, reads: Sequence[str], documents: Sequence[Document]) -> Iterator[str]:
    pointer = script.fields.get("output")
    for document in documents if pointer is not None else ():
        for name in reads:
            for media in shown(document.operation(name)):
                found = document.spots(media.rule, script.roles[name].at + (pointer or ""))
                if found is not None and len(found) == 1:
                    yield found[0]


def shown(operation: Operation) -> tuple[Media, ...]:
    """The JSON that its successful answers may be, those of the lowest status first."""
    replies = sorted((one for one in operation.replies if one.status[0] in "2d"), key=lambda one: one.status)
    return tuple(media for one in replies for media in one.media if is_json(media.media_type))


def read_lifecycle(value: Any, documents: Sequence[Document], faults: Faults) -> LifecycleScript | None:
    """The lifecycle that `value` is; None when there is none, or it cannot be: then `faults` knows why."""
    if not isinstance(value, dict) or not faults.is_sound(_AT) or not documents:
        return None
    return _Reader(faults, documents[0], value).script()


class _Reader(Struct, frozen=True):
    faults: Faults
    document: Document
    value: Mapping[str, Any]
    found: dict[str, Role] = field(default_factory=dict)

    def script(self) -> LifecycleScript | None:
        before = len(self.faults.found)
        operations = [pair for kind in _KINDS for pair in self.roles(kind)]
        for operation, pointer in operations:
            self.hold_answer(operation, self.found[operation.id], pointer)
        name, more = _named(self.value.get("callback", ""), "name")
        if name:
            self.hold_callback(name, more.get("at", ""), join(_AT, "callback"))
        batch = self.value.get("batch")
        if batch is not None:
            self.hold_batch(batch)
        script = LifecycleScript(
            roles=self.found,
            fields={name: self.value[name] for name in _FIELDS if name in self.value},
            states=self.states(),
            ends=self.ends(),
            batch=batch,
            callback=name,
            callback_at=more.get("at", ""),
        )
        return script if len(self.faults.found) == before else None

    def roles(self, kind: Kind) -> Iterator[tuple[Operation, str]]:
        """The operations of a kind and where the fixture names them; what they are is noted."""
        given = self.value.get(kind, [])
        listed = given if isinstance(given, list) else [given]
        for number, one in enumerate(listed):
            pointer = join(_AT, kind, number) if isinstance(given, list) else join(_AT, kind)
            name, more = _named(one, "operation")
            operation = self.operation(name, pointer if isinstance(one, str) else join(pointer, "operation"))
            if operation is None:
                continue
            if operation.id in self.found:
                told = f"{operation.id} is in {self.found[operation.id].kind} already"
                self.faults.add(pointer, told, "an operation does one thing to executions")
                continue
            by = self.parameter(operation, kind, more.get("by"), pointer)
            self.found[operation.id] = Role(kind, operation.id, more.get("at", ""), by, more.get("inputs", ""))
            yield operation, pointer

    def operation(self, name: str, pointer: str) -> Operation | None:
        try:
            return self.document.operation(name)
        except UnknownOperation as error:
            self.faults.add(pointer, f'unknown operation "{name}"', error.hint)
            return None

    def parameter(self, operation: Operation, kind: Kind, given: str | None, pointer: str) -> str:
        """The parameter that says which execution (or batch) is meant: the last one in the path, if none is named."""
        known = [one.name for one in operation.parameters if one.location in ("path", "query")]
        if given is not None:
            if given not in known:
                self.faults.add(
                    join(pointer, "by"), f'{operation.label} has no parameter "{given}"', nearest(given, known)
                )
            return given
        if kind in ("starts", "lists"):
            return ""
        in_path = [one.name for one in operation.parameters if one.location == "path"]
        if not in_path:
            said = f"{operation.label} has no parameter in its path that could hold the id"
            self.faults.add(pointer, said, f"write {{operation: {operation.id}, by: NAME}}")
            return ""
        return max(in_path, key=lambda name: operation.path.rfind(f"{{{name}}}"))

    def hold_answer(self, operation: Operation, role: Role, pointer: str) -> None:
        """Whether the operation's answer has what is to be seen there."""
        media = shown(operation)
        if not media:
            if role.kind != "cancels":
                self.faults.add(
                    pointer, f"{operation.label} answers no JSON", "take an operation that shows executions"
                )
            return
        if role.inputs and not self.leads(operation.body.media if operation.body else (), role.inputs):
            said = f'{operation.label} takes no body with "{role.inputs}"'
            self.faults.add(join(pointer, "inputs"), said, "write the JSON Pointer of the inputs in its body")
        if role.at and not self.leads(media, role.at):
            said = f'the answer of {operation.label} has nothing at "{role.at}"'
            self.faults.add(
                join(pointer, "at"), said, "write the JSON Pointer of the execution, or of the list of them"
            )
            return
        for name in _NEEDED[role.kind]:
            if name in self.value and not self.field(media, role, name):
                said = f'the answer of {operation.label} has nothing at "{role.at}{self.value[name]}"'
                self.faults.add(
                    join(_AT, name), said, "write a JSON Pointer into its schema, or say `at` of the operation"
                )
        if role.kind == "lists" and not role.at and not self.leads(media, "/-"):
            self.faults.add(
                pointer,
                f"the answer of {operation.label} is no list",
                f"write {{operation: {operation.id}, at: /LIST}}",
            )
        self.hold_words(media, role, operation)

    def leads(self, media: Sequence[Media], pointer: str) -> bool:
        """Whether there can be anything at `pointer` in one of these bodies."""
        return any(one.schema is None or self.document.spots(one.rule, pointer) != () for one in media)

    def field(self, media: Sequence[Media], role: Role, name: str) -> bool:
        """Whether an execution in these answers, or in a list in them, can have the field."""
        pointer = self.value[name]
        return self.leads(media, role.at + pointer) or self.leads(media, f"{role.at}/-{pointer}")

    def hold_words(self, media: Sequence[Media], role: Role, operation: Operation) -> None:
        """Whether the state can have the words that the fixture has for it."""
        pointers = [f"{role.at}{between}{self.value['state']}" for between in ("", "/-")]
        rules = [
            self.document.spots(one.rule, pointer) for one in media if one.schema is not None for pointer in pointers
        ]
        if None in rules or not any(rules):
            return
        checkers = [self.document.checker(rule) for found in rules for rule in found or ()]
        said = {join(_AT, "states", word): word for word in self.value["states"]}
        said |= {join(_AT, "ends", end): word for end, word in self.value["ends"].items()}
        for pointer, word in said.items():
            if not any(one.fits(word) for one in checkers):
                clause = checkers[0].explain(word).violations[0].clause
                self.faults.add(pointer, f'{operation.label} never shows the state "{word}"', clause)

    def hold_callback(self, name: str, at: str, pointer: str) -> None:
        starts = [role.operation for role in self.found.values() if role.kind == "starts"]
        known = {one.name: one for id in starts for one in self.document.callbacks.get(id, ())}
        if name not in known:
            said = f'no operation that starts executions has a callback "{name}"'
            self.faults.add(pointer, said, nearest(name, list(known)))
        elif at and known[name].media and not self.leads(known[name].media, at):
            said = f'the body of the callback "{name}" has nothing at "{at}"'
            self.faults.add(join(pointer, "at"), said, "write the JSON Pointer of the execution")

    def hold_batch(self, pointer: str) -> None:
        operations = [self.document.operation(one.operation) for one in self.found.values() if one.kind == "starts"]
        if not any(self.leads(shown(operation), pointer) for operation in operations):
            said = f'no answer of an operation that starts executions has anything at "{pointer}"'
            self.faults.add(join(_AT, "batch"), said, "write a JSON Pointer into its schema")

    def states(self) -> tuple[tuple[str, Stay], ...]:
        ends = ENDS | set(self.value["ends"].values())
        for state in self.value["states"]:
            if state in ends:
                self.faults.add(
                    join(_AT, "states", state), f"{state} is an end and has no length", "write it in `ends`"
                )
        return tuple(
            (one, self.faults.stay(long, join(_AT, "states", one))) for one, long in self.value["states"].items()
        )

    def ends(self) -> Mapping[str, str]:
        ends: dict[str, str] = self.value["ends"]
        if "cancels" in self.value and "cancelled" not in ends:
            self.faults.add(
                join(_AT, "cancels"),
                "nothing says what a cancelled execution is called",
                "add `ends: {cancelled: WORD}`",
            )
        return ends


def _named(given: Any, key: str) -> tuple[str, Mapping[str, Any]]:
    """A name, or a mapping that holds it."""
    return (given, {}) if isinstance(given, str) else (given[key], given)
