"""From the `then` of a scenario to the frozen values that the engine plays."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from mockserver.errors import FixtureError, Several
from mockserver.openapi.operation import Operation
from mockserver.pointer import join
from mockserver.scenario.faults import Faults
from mockserver.scenario.model import MISSING, Executions, Fault, Missing, Plan, Random, Respond, Sequence, Then
from mockserver.scenario.promise import breaches
from mockserver.scenario.render import RESPOND_ROOTS, Template, compile_template

_GOES_WITH: Mapping[str, tuple[str, ...]] = {
    "respond": (),
    "executions": ("more", "delay", "hold"),
    "sequence": ("more",),
    "random": (),
    "fault": ("delay", "hold"),
}
_ENDS = ("completed", "failed", "cancelled")
_LONGEST_HOLD = 60.0
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SET_BY_US = ("content-length", "transfer-encoding", "connection")


class Steps:
    """Reads the steps of one scenario that its file's schema has accepted. What is wrong goes to `faults`."""

    def __init__(self, faults: Faults, operations: Collection[Operation], roots: Collection[str]) -> None:
        self.faults = faults
        self.operations = operations  # all that the scenario may answer for
        self.roots = roots  # what placeholders in executions begin with

    def then(self, value: Mapping[str, Any], pointer: str) -> Then:
        """The step at `pointer`, or an empty answer in the place of one that is none."""
        kinds = [kind for kind in _GOES_WITH if kind in value]
        if len(kinds) != 1:
            said = f"{' and '.join(kinds)} cannot stand together" if kinds else "nothing is said to happen"
            self.faults.add(pointer, said, f"give exactly one of {', '.join(_GOES_WITH)}")
            return Respond()
        kind = kinds[0]
        for key in value:
            if key != kind and key not in _GOES_WITH[kind]:
                self.faults.add(join(pointer, key), f'"{key}" does not go with {kind}', _home(key, kind))
        return self._step(kind, value, pointer)

    def respond(self, value: Mapping[str, Any], pointer: str) -> Respond:
        """The verbatim answer at `pointer`, held against what the document declares."""
        known = len(self.faults.found)
        if "body" in value and "text" in value:
            self.faults.add(join(pointer, "text"), "body and text cannot stand together", "keep one of them")
        delay, hold = self._waits(value, pointer)
        respond = Respond(
            status=int(value.get("status", 200)),
            headers=self._headers(value.get("headers", {}), join(pointer, "headers")),
            body=self._template(value, "body", pointer, RESPOND_ROOTS),
            text=value.get("text"),
            delay=delay,
            hold=hold,
            off_contract=value.get("off_contract", ""),
        )
        if not respond.off_contract and len(self.faults.found) == known:
            self._hold_to_contract(respond, pointer)
        return respond

    def plan(self, value: Mapping[str, Any], pointer: str) -> Plan:
        """How one execution goes, from the mapping at `pointer`."""
        if "reject" in value and len(value) > 1:
            others = ", ".join(key for key in value if key != "reject")
            self.faults.add(pointer, f"reject excludes {others}", "nothing starts, so nothing else can happen")
        if "output" in value and "outputs" in value:
            self.faults.add(pointer, "output and outputs are two names for one thing", "keep the one the vendor uses")
        if "error" in value and value.get("ends") != "failed":
            self.faults.add(join(pointer, "error"), "only an execution that fails has an error", 'add "ends: failed"')
        self._webhook(value.get("webhook", {}), join(pointer, "webhook"))
        return Plan(
            timeline=self._timeline(value["timeline"], join(pointer, "timeline")) if "timeline" in value else None,
            ends=value.get("ends"),
            output=self._template(value, "outputs" if "outputs" in value else "output", pointer, self.roots),
            error=self._template(value, "error", pointer, self.roots),
            reject=value.get("reject"),
            webhook=value.get("webhook", {}),
        )

    def _step(self, kind: str, value: Mapping[str, Any], pointer: str) -> Then:
        below, more = join(pointer, kind), value.get("more", "last")
        match kind:
            case "respond":
                return self.respond(value["respond"], below)
            case "executions":
                plans = (self.plan(plan, join(below, number)) for number, plan in enumerate(value[kind]))
                return Executions(tuple(plans), more, *self._waits(value, pointer))
            case "sequence":
                return Sequence(tuple(self.then(step, join(below, n)) for n, step in enumerate(value[kind])), more)
            case "random":
                return Random(tuple(self._option(option, join(below, n)) for n, option in enumerate(value[kind])))
            case _:
                return Fault(value["fault"], *self._waits(value, pointer))

    def _option(self, value: Mapping[str, Any], pointer: str) -> tuple[float, Then]:
        return float(value.get("weight", 1)), self.then(value["then"], join(pointer, "then"))

    def _hold_to_contract(self, respond: Respond, pointer: str) -> None:
        for breach in dict.fromkeys(found for each in self.operations for found in breaches(respond, each)):
            remedy = 'or say why with off_contract: "..."'
            if breach.below == "/status":
                remedy = f"declare it in an overlay {remedy}"
            hint = f"{breach.hint}; {remedy}" if breach.hint else remedy
            self.faults.add(pointer + breach.below, breach.message, hint)

    def _headers(self, value: Mapping[str, Any], pointer: str) -> tuple[tuple[str, str], ...]:
        headers = tuple((name, str(text)) for name, given in value.items() for text in _each(given))
        for name, text in headers:
            if name.lower() in _SET_BY_US:
                hint = "leave it out; fault: truncate breaks an answer off"
                self.faults.add(join(pointer, name), f"the header {name} is written by the server itself", hint)
            elif not _HEADER_NAME.fullmatch(name) or _CONTROL.search(text):
                hint = "a name is letters, digits and dashes; a value is one line"
                self.faults.add(join(pointer, name), f"{name!r:.60} cannot be sent as a header", hint)
        return headers

    def _template(self, value: Mapping[str, Any], key: str, pointer: str, roots: Collection[str]) -> Template | Missing:
        if key not in value:
            return MISSING
        try:
            return compile_template(value[key], self.faults.below(join(pointer, key)), roots)
        except (FixtureError, Several) as error:
            self.faults.keep(error)
            return MISSING

    def _waits(self, value: Mapping[str, Any], pointer: str) -> tuple[float, float]:
        """The seconds of `delay` and `hold`."""
        return (
            self.faults.seconds(value.get("delay", 0), join(pointer, "delay")),
            self.faults.seconds(value.get("hold", 0), join(pointer, "hold"), most=_LONGEST_HOLD),
        )

    def _timeline(self, value: Mapping[str, Any], pointer: str) -> tuple[tuple[str, float | tuple[float, float]], ...]:
        for state in value:
            if state in _ENDS:
                hint = f"leave it out and write ends: {state}"
                self.faults.add(join(pointer, state), f"{state} is an end and has no length", hint)
        return tuple((state, self._stay(length, join(pointer, state))) for state, length in value.items())

    def _stay(self, length: Any, pointer: str) -> float | tuple[float, float]:
        """One length, or two to draw between."""
        if not isinstance(length, list):
            return self.faults.seconds(length, pointer)
        low, high = (self.faults.seconds(one, join(pointer, number)) for number, one in enumerate(length))
        if low > high:
            self.faults.add(pointer, f"{length[0]} is longer than {length[1]}", "write the shorter one first")
        return low, high

    def _webhook(self, value: Mapping[str, Any], pointer: str) -> None:
        for key in ("after", "drip", "resend"):
            self.faults.seconds(value.get(key, 0), join(pointer, key))
        self.faults.seconds(str(value.get("timestamp", "0s")).lstrip("+-"), join(pointer, "timestamp"))


def _each(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _home(key: str, kind: str) -> str:
    """Where a key that does not go with `kind` belongs."""
    if kind == "respond" and key in ("delay", "hold"):
        return f"write it inside: respond: {{{key}: ...}}"
    if kind in ("sequence", "random") and key in ("delay", "hold"):
        return "write it at each step"
    return "it goes with " + " and ".join(name for name, keys in _GOES_WITH.items() if key in keys)
