"""From the `then` of a scenario to the frozen values that the engine plays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mockserver.errors import FixtureError, Several
from mockserver.hints import nearest
from mockserver.openapi.operation import Operation
from mockserver.openapi.paths import parameters_of
from mockserver.openapi.validate import Checker
from mockserver.pointer import join
from mockserver.regex import compiled
from mockserver.scenario.faults import Faults
from mockserver.scenario.model import MISSING, Event, Executions, Fault, Missing, Plan, Random, Respond, Sequence, Then
from mockserver.scenario.promise import breaches
from mockserver.scenario.render import EXECUTION_ROOTS, RESPOND_ROOTS, Template, compile_template
from mockserver.scenario.words import VendorWords

_GOES_WITH: Mapping[str, tuple[str, ...]] = {
    "respond": (),
    "executions": ("more", "delay", "hold"),
    "sequence": ("more",),
    "random": (),
    "fault": ("delay", "hold"),
}
_KEYS = frozenset([*_GOES_WITH, *(key for keys in _GOES_WITH.values() for key in keys)])
_LONGEST_HOLD = 60.0
_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_CONTROL = r"[\x00-\x08\x0a-\x1f\x7f]"
_SET_BY_US = ("content-length", "transfer-encoding", "connection")


class Steps:
    """Reads the steps of one scenario that its file's schema has accepted. What is wrong goes to `faults`."""

    def __init__(
        self,
        faults: Faults,
        operations: Collection[Operation],
        words: VendorWords,
        outputs: Collection[Checker] = (),
    ) -> None:
        self.faults, self.words = faults, words
        self.operations = operations  # all that the scenario may answer for
        self.outputs = outputs  # what the vendor's documents ask of an execution's output
        self.roots = None if words.scope is None else EXECUTION_ROOTS | words.scope
        named = {name for each in operations for name in parameters_of(each.path)}
        self.parameters = named if operations else None  # of the path; unknown where the operation is

    def then(self, value: Any, pointer: str) -> Then:
        """The step at `pointer`, or an empty answer in the place of one that is none."""
        if not isinstance(value, dict):
            return Respond()
        kinds = [kind for kind in _GOES_WITH if kind in value]
        if len(kinds) != 1:
            if value.keys() - _KEYS:
                return Respond()  # the name that the schema refuses may have been meant for one
            said = f"{' and '.join(kinds)} cannot stand together" if kinds else "nothing is said to happen"
            self.faults.add(pointer, said, f"give exactly one of {', '.join(_GOES_WITH)}")
            return Respond()
        kind = kinds[0]
        for key in value:
            if key != kind and key in _KEYS and key not in _GOES_WITH[kind]:
                self.faults.add(join(pointer, key), f'"{key}" does not go with {kind}', _home(key, kind))
        return self._step(kind, value, pointer)

    def respond(self, given: Any, pointer: str) -> Respond:
        """The verbatim answer at `pointer`, held against what the document declares."""
        value = self.faults.sound(given, pointer)
        known = len(self.faults.found)
        for second, first in (("text", "body"), ("events", "body"), ("events", "text"), ("fault", "more")):
            if first in value and second in value:
                said = f"{first} and {second} cannot stand together"
                self.faults.add(join(pointer, second), said, "keep one of them")
        for key in ("more", "fault"):
            if key in value and "events" not in value:
                hint = "write fault: in the place of respond:" if key == "fault" else "it says how a stream goes on"
                self.faults.add(join(pointer, key), f"{key} goes with events", hint)
        delay, hold = self._waits(value, pointer)
        respond = Respond(
            status=int(value.get("status", 200)),
            headers=self._headers(value.get("headers", {}), join(pointer, "headers")),
            body=self._template(value, "body", pointer, RESPOND_ROOTS),
            text=value.get("text"),
            delay=delay,
            hold=hold,
            off_contract=value.get("off_contract", ""),
            events=self._events(value["events"], join(pointer, "events"), RESPOND_ROOTS) if "events" in value else None,
            more=value.get("more"),
            fault=value.get("fault"),
        )
        if not respond.off_contract and len(self.faults.found) == known and self.faults.is_sound(pointer):
            self._hold_to_contract(respond, pointer)
        return respond

    def plan(self, given: Any, pointer: str) -> Plan:
        """How one execution goes, from the mapping at `pointer`."""
        value = self.faults.sound(given, pointer)
        if "reject" in value and len(value) > 1:
            others = ", ".join(key for key in value if key != "reject")
            self.faults.add(pointer, f"reject excludes {others}", "nothing starts, so nothing else can happen")
        if "output" in value and "outputs" in value:
            self.faults.add(pointer, "output and outputs are two names for one thing", "keep the one the vendor uses")
        if self.faults.is_sound(join(pointer, "ends")):
            self._end(value, pointer)
        self._webhook(value.get("webhook", {}), join(pointer, "webhook"))
        if "stream" in value and self.operations and not any(map(_streams, self.operations)):
            label = next(iter(self.operations)).label
            self.faults.add(join(pointer, "stream"), f"{label} answers no stream", "leave it out")
        return Plan(
            timeline=self._timeline(value["timeline"], join(pointer, "timeline")) if "timeline" in value else None,
            ends=value.get("ends"),
            output=self._output(value, pointer),
            error=self._template(value, "error", pointer, self.roots),
            reject=value.get("reject"),
            webhook=value.get("webhook", {}),
            stream=self._events(value["stream"], join(pointer, "stream"), self.roots) if "stream" in value else None,
        )

    def _step(self, kind: str, value: Mapping[str, Any], pointer: str) -> Then:
        below, members = join(pointer, kind), self.faults.sound(value, pointer)
        listed = value[kind] if isinstance(value[kind], list) else []
        more = members.get("more", "last")
        match kind:
            case "respond":
                return self.respond(value["respond"], below)
            case "executions":
                self._can_start(below)
                plans = (self.plan(plan, join(below, number)) for number, plan in enumerate(listed))
                return Executions(tuple(plans), more, *self._waits(members, pointer))
            case "sequence":
                return Sequence(tuple(self.then(step, join(below, n)) for n, step in enumerate(listed)), more)
            case "random":
                return Random(tuple(self._option(option, join(below, n)) for n, option in enumerate(listed)))
            case _:
                return Fault(members.get("fault", "reset"), *self._waits(members, pointer))

    def _option(self, value: Any, pointer: str) -> tuple[float, Then]:
        weight = float(self.faults.sound(value, pointer).get("weight", 1))
        return weight, self.then(value.get("then") if isinstance(value, dict) else None, join(pointer, "then"))

    def _can_start(self, pointer: str) -> None:
        if self.operations and not any(map(self.words.starts, self.operations)):
            label = next(iter(self.operations)).label
            self.faults.add(pointer, f"{label} starts no executions", "say what it answers with respond:")

    def _end(self, value: Mapping[str, Any], pointer: str) -> None:
        """Whether the vendor's executions can end so, and have an error then."""
        end = value.get("ends", self.words.happy)
        if end not in self.words.ends:
            known = sorted(self.words.ends)
            self.faults.add(join(pointer, "ends"), f'no execution ends "{end}" here', nearest(end, known))
        elif "error" in value and self.words.failures and end not in self.words.failures:
            failed = "failed" if "failed" in self.words.failures else self.words.failures[0]
            said = "only an execution that fails has an error"
            self.faults.add(join(pointer, "error"), said, f'add "ends: {failed}"')

    def _output(self, value: Mapping[str, Any], pointer: str) -> Template | Missing:
        """The output, held against the vendor's document where it is known before any call."""
        key = "outputs" if "outputs" in value else "output"
        output = self._template(value, key, pointer, self.roots)
        if (
            isinstance(output, Missing)
            or not output.constant
            or value.get("ends", self.words.happy) != self.words.happy
        ):
            return output
        constant = output.render({})
        explained = [one.explain(constant).violations for one in self.outputs if not one.fits(constant)]
        for violation in dict.fromkeys(violation for violations in explained for violation in violations):
            hint = f"the vendor's document does not allow it, see {violation.at or violation.rule}"
            self.faults.add(join(pointer, key) + violation.where, violation.clause, hint)
        return output

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
            elif not compiled(_HEADER_NAME).fullmatch(name) or compiled(_CONTROL).search(text):
                hint = "a name is letters, digits and dashes; a value is one line"
                self.faults.add(join(pointer, name), f"{name!r:.60} cannot be sent as a header", hint)
        return headers

    def _template(
        self, value: Mapping[str, Any], key: str, pointer: str, roots: Collection[str] | None
    ) -> Template | Missing:
        if key not in value:
            return MISSING
        try:
            return compile_template(value[key], self.faults.below(join(pointer, key)), roots, self.parameters)
        except (FixtureError, Several) as error:
            self.faults.keep(error)
            return MISSING

    def _events(self, listed: Any, pointer: str, roots: Collection[str] | None) -> tuple[Event, ...]:
        """The events of a stream, as far as the schema of fixtures has not refused them."""
        given = enumerate(listed if isinstance(listed, list) else ())
        return tuple(self._event(one, join(pointer, number), roots) for number, one in given)

    def _event(self, given: Any, pointer: str, roots: Collection[str] | None) -> Event:
        value = self.faults.sound(given, pointer)
        if ("data" in value) == ("text" in value) and self.faults.is_sound(pointer):
            said = "data and text cannot stand together" if "data" in value else "an event has data"
            self.faults.add(pointer, said, "give data: a JSON value, or text: as it is sent")
        return Event(
            data=self._template(value, "data", pointer, roots),
            text=value.get("text", ""),
            after=self.faults.seconds(value.get("after", 0), join(pointer, "after")),
            name=value.get("event", ""),
            id=str(value.get("id", "")),
        )

    def _waits(self, value: Mapping[str, Any], pointer: str) -> tuple[float, float]:
        """The seconds of `delay` and `hold`."""
        return (
            self.faults.seconds(value.get("delay", 0), join(pointer, "delay")),
            self.faults.seconds(value.get("hold", 0), join(pointer, "hold"), most=_LONGEST_HOLD),
        )

    def _timeline(self, value: Mapping[str, Any], pointer: str) -> tuple[tuple[str, float | tuple[float, float]], ...]:
        for state in value:
            if state in self.words.ends:
                hint = f"leave it out and write ends: {state}"
                self.faults.add(join(pointer, state), f"{state} is an end and has no length", hint)
            elif self.words.states is not None and state not in self.words.states:
                hint = nearest(state, self.words.states)
                self.faults.add(join(pointer, state), f'no execution is ever "{state}" here', hint)
        return tuple((state, self.faults.stay(length, join(pointer, state))) for state, length in value.items())

    def _webhook(self, value: Mapping[str, Any], pointer: str) -> None:
        for key in ("after", "resend"):
            self.faults.seconds(value.get(key, 0), join(pointer, key))
        self.faults.seconds(value.get("drip", 0), join(pointer, "drip"), most=_LONGEST_HOLD)
        known = self.words.schedules
        if known is not None and "retry" in value and value["retry"] not in known:
            said = f'there is no retry schedule "{value["retry"]}"'
            self.faults.add(join(pointer, "retry"), said, nearest(value["retry"], sorted(known)))
        self.faults.seconds(str(value.get("timestamp", "0s")).lstrip("+-"), join(pointer, "timestamp"))


def _streams(operation: Operation) -> bool:
    return any(media.media_type == "text/event-stream" for reply in operation.replies for media in reply.media)


def _each(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _home(key: str, kind: str) -> str:
    """Where a key that does not go with `kind` belongs."""
    if kind == "respond" and key in ("delay", "hold"):
        return f"write it inside: respond: {{{key}: ...}}"
    if kind in ("sequence", "random") and key in ("delay", "hold"):
        return "write it at each step"
    return "it goes with " + " and ".join(name for name, keys in _GOES_WITH.items() if key in keys)
