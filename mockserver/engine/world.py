"""All state of one isolated emulation. `apply` is the only way in: a world is the fold of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.clock import VirtualClock
from mockserver.engine import spine
from mockserver.engine.delivery import DeliveryScript, Posting
from mockserver.engine.digest import canonical, short
from mockserver.engine.executions import Execution, Executions, earliest
from mockserver.engine.inbox import Inboxes
from mockserver.engine.inputs import (
    AddReplies,
    AddScenarios,
    Advance,
    Arrive,
    Attempted,
    ClearJournal,
    Declare,
    Dial,
    DropScenarios,
    Freeze,
    Input,
    Jump,
    Pull,
    PutDeliveryScript,
    PutInputScript,
    PutOutcomes,
    PutStub,
    Release,
    Resend,
    SendWebhook,
    Serve,
    Tick,
    Unreadable,
    Wrote,
)
from mockserver.engine.journal import Journal
from mockserver.engine.messages import Answer, Call, Chunk, Entry, Request, Spoken
from mockserver.engine.notify import notify, revise
from mockserver.engine.outbox import Outbox
from mockserver.engine.outcomes import Outcomes
from mockserver.engine.service import Service
from mockserver.engine.settings import ClockMode, Settings
from mockserver.engine.shared import Shared
from mockserver.engine.streams import Streams
from mockserver.engine.stubs import InputScript, Stub
from mockserver.engine.vendor import Vendor
from mockserver.errors import Refused, UsageError
from mockserver.scenario.model import Scenario
from mockserver.scenario.resources import never_exists

_PLAIN = DeliveryScript()
_UNCHANGED_READS = 20


class World:
    """Clock, chance, journal, scripts, resources and executions. Reset = a new one."""

    def __init__(
        self,
        services: tuple[Service, ...],
        settings: Settings,
        name: str = "",
        *,
        shared: Shared | None = None,
        log: Callable[[Input], None] | None = None,
    ) -> None:
        self.name = name
        self.services = services
        self.settings = settings
        self._share(shared or Shared.of(services, settings.seed))
        self.clock = VirtualClock(settings.start)
        self.mode: ClockMode = settings.clock
        # The first entry that came when only the test or real time moved the clock; None while it runs by itself.
        self.timed_from: int | None = None if settings.clock == "auto" else 1
        self.journal = Journal(settings.limits)
        self.outbox = Outbox(self.clock, lambda text: self.journal.note(self.clock.now, text))
        self.executions = Executions(self.clock, self._ended)
        self.inboxes = Inboxes(settings.limits)
        self.streams = Streams(self.clock, settings.limits.keep_body)
        self.log = log  # hears of each input before it is taken in
        self.on_entry: Callable[[Entry], None] | None = None  # hears of each entry; of a streamed one again at its end
        self._scenarios: dict[str, tuple[Scenario, ...]] = {}  # added beside those of the services
        self._stubs: dict[int, Stub] = {}
        self._input_scripts: dict[int, InputScript] = {}
        self._spoken: list[Spoken] = []  # for inputs of the call that is being answered
        self._declared: dict[tuple[str, str], dict[str, Any]] = {}
        self._delivery_scripts: dict[str, DeliveryScript] = {}
        self._outcomes: dict[str, Outcomes] = {}
        self._released: set[int] = set()
        self._uses: dict[tuple[object, ...], int] = {}
        self._draws: dict[bytes, int] = {}  # the number of the last source of chance, by key
        for service in services:
            self._begin(service)

    @overload
    def apply(self, given: Request | Unreadable, ahead: Call | Refused | None = None) -> Entry: ...
    @overload
    def apply(self, given: Dial) -> tuple[Posting, ...]: ...
    @overload
    def apply(self, given: Arrive) -> Answer: ...
    @overload
    def apply(self, given: Pull) -> Chunk | None: ...
    @overload
    def apply(self, given: Input) -> Entry | tuple[Posting, ...] | Answer | Chunk | None: ...
    def apply(
        self, given: Input, ahead: Call | Refused | None = None
    ) -> Entry | tuple[Posting, ...] | Answer | Chunk | None:
        """Take one input in. A request gives its entry, `Dial` what has to be posted, `Arrive` the inbox's answer.

        `Pull` gives the piece of a stream that is due, None when none is. Everything else gives None.
        `ahead` is what `spine.read_ahead` made of a request, where the shell asked it to.
        Raises UsageError when the clock is asked for a move that its mode does not allow.
        """
        if self.log is not None:
            self.log(given)
        match given:
            case Request():
                return self._told(spine.handle(self, given, ahead))
            case Tick(now):
                self.clock.advance_to(now)
            case Wrote(number, sent):
                self.journal.sent(number, sent)
                stream = self.streams.close(number)
                if stream is not None:
                    streamed = self.journal.streamed(number, stream.body, stream.violations)
                    if streamed is not None:
                        self._told(replace(streamed, sent=sent))
            case Unreadable(why, said):
                return self._told(spine.unreadable(self, why, said))
            case Pull(number):
                return self.streams.take(number)
            case Advance(seconds):
                self._move(f"advance by {seconds:g}s")
                self.clock.advance_to(self.clock.now + seconds)
            case Jump():
                self._jump(given)
            case Freeze():
                self._move("freeze")
            case PutStub(stub):
                self._stubs[stub.number] = stub
            case PutInputScript(script):
                self._input_scripts[script.number] = script
            case Declare(service, kind, name, value):
                vendor = self.vendor(service)
                self.declare(vendor, kind, name, vendor.resource(kind, name, value))
            case Serve(service):
                self.services = (*self.services, service)
                self._share(Shared.of(self.services, self.settings.seed))
                self._begin(service)
            case SendWebhook(service, name, url, body):
                sending = self.vendor(service).sending
                if sending is None:
                    raise UsageError(f"{service} sends webhooks of its executions only")
                sending.send(name, url, body, self)
            case Dial(wall):
                return self.outbox.take(wall)
            case Attempted():
                self.outbox.report(given)
            case PutOutcomes(service, outcomes):
                self._outcomes[self.vendor(service).name] = outcomes
            case Release(gate):
                self._released.add(gate)
            case PutDeliveryScript(service, delivery_script):
                self._delivery_scripts[self.vendor(service).name] = delivery_script
                revise(self, self.vendor(service))
            case Resend(delivery_id):
                self.outbox.resend(delivery_id)
            case Arrive(inbox, wall, request):
                return self.inboxes.take(inbox, request, self.clock.now, wall)
            case AddReplies(inbox, replies, optional):
                self.inboxes.script(inbox, replies, optional=optional)
            case AddScenarios(service, scenarios):
                self._scenarios[service] = (*scenarios, *self._scenarios.get(service, ()))
            case DropScenarios():
                self._scenarios.clear()
            case ClearJournal():
                self.journal.clear()
        return None

    def _told(self, entry: Entry) -> Entry:
        if self.on_entry is not None:
            self.on_entry(entry)
        return entry

    def _share(self, shared: Shared) -> None:
        self.shared = shared
        self.mounts, self.secrets, self.pools = shared.mounts, shared.secrets, shared.pools
        self.sample = self.pools.sample

    def _begin(self, service: Service) -> None:
        if service.vendor.sending is not None:
            service.vendor.sending.begin(self)

    def _ended(self, execution: Execution) -> None:
        policy = self.vendor(execution.service).webhooks
        if policy is not None:
            notify(execution, policy, self)

    def after_read(self, reads: tuple[str, ...]) -> None:
        """Under an `auto` clock, a read of living executions or pending deliveries moves time to their first next move.

        Not while a delivery is under way: its receiver may be about to read too.
        """
        if self.mode != "auto" or not reads or self.outbox.is_open:
            return
        read = [one for id in reads if (one := self.executions.get(id) or self.outbox.get(id)) is not None]
        due = earliest(read)
        if due is not None:
            what = (
                "an unfinished execution" if any(isinstance(one, Execution) for one in read) else "a pending delivery"
            )
            self.journal.note(self.clock.now, f"the clock jumped by {due - self.clock.now:g}s: {what} was read")
            self.clock.advance_to(due)

    def standing_still(self, reads: tuple[str, ...]) -> tuple[str, ...]:
        """A note for the 20th unchanged read of an execution under a clock that only the test moves."""
        if not reads or self.mode != "manual":
            return ()
        stuck = [id for id in reads if self.executions.read(id) == _UNCHANGED_READS]
        due = earliest(one for one in map(self.executions.get, stuck) if one is not None)
        if due is None:
            return ()
        what = f"execution {stuck[0]} was read {_UNCHANGED_READS} times unchanged"
        return (f"{what}: the clock stands, next is due in {due - self.clock.now:g}s; advance the clock",)

    def delivery_script(self, service: str) -> DeliveryScript:
        """What a test wants done to the deliveries of a service's vendor."""
        return self._delivery_scripts.get(self.vendor(service).name, _PLAIN) if self._delivery_scripts else _PLAIN

    def outcomes(self, vendor: Vendor) -> Outcomes | None:
        """What a test asked for where no script speaks; None when it asked for nothing."""
        return self._outcomes.get(vendor.name)

    def came_to(self, gate: int) -> bool:
        """Whether an answer has come to this gate."""
        return self.used("gate", gate) > 0

    def is_released(self, gate: int) -> bool:
        """Whether answers may pass this gate."""
        return gate in self._released

    def _move(self, what: str) -> None:
        if self.mode == "real":
            said = f'the clock of world "{self.name}" is real and moves by itself'
            raise UsageError(f"{said}; set the clock to manual or auto for {what}")
        if self.mode == "auto":
            self.timed_from = self.journal.next_number
        self.mode = "manual"
        self.journal.note(self.clock.now, what)

    def _jump(self, given: Jump) -> None:
        if given.explicit:
            self._move(given.cause)
        elif self.mode == "real":
            raise UsageError(f'the clock of world "{self.name}" is real and moves by itself')
        elif given.cause:
            self.journal.note(self.clock.now, f"the clock jumped by {given.to - self.clock.now:g}s: {given.cause}")
        self.clock.advance_to(given.to)

    def scenarios(self, service: Service, operation: str) -> tuple[Scenario, ...]:
        """The scenarios of an operation (by id), in the order in which they are asked."""
        return self._added(service, operation) + service.scenarios_of(operation).all

    def likely_scenarios(self, call: Call) -> tuple[Scenario, ...]:
        """Those of a call's operation that may fit it, in order: most that are for another id are not among them."""
        service = call.match.service
        likely = service.scenarios_of(call.operation).likely(call.path)
        return self._added(service, call.operation) + likely if self._scenarios else likely

    def _added(self, service: Service, operation: str) -> tuple[Scenario, ...]:
        return tuple(one for one in self.added_scenarios(service) if one.operation == operation)

    def added_scenarios(self, service: Service) -> tuple[Scenario, ...]:
        """Those that were added to a service's own."""
        return self._scenarios.get(service.name, ())

    @property
    def stubs(self) -> tuple[Stub, ...]:
        """Newest first."""
        return tuple(self._stubs[number] for number in sorted(self._stubs, reverse=True)) if self._stubs else ()

    @property
    def input_scripts(self) -> tuple[InputScript, ...]:
        """Newest first."""
        if not self._input_scripts:
            return ()
        return tuple(self._input_scripts[number] for number in sorted(self._input_scripts, reverse=True))

    def speak(self, script: InputScript, index: int) -> None:
        """A script speaks for an input of the call that is being answered: counted, and kept for its entry."""
        self.use("input", script.number)
        self._spoken.append(Spoken(index, script.number, script.source))

    def take_spoken(self) -> tuple[Spoken, ...]:
        """The scripts that spoke for inputs of the call that was answered; they are not kept any longer."""
        if not self._spoken:
            return ()
        spoken, self._spoken = tuple(self._spoken), []
        return spoken

    def used(self, *key: object) -> int:
        """How often `use` was called with this key."""
        return self._uses.get(key, 0)

    def use(self, *key: object) -> int:
        """Count one more use of a key; returns how many there were before."""
        before = self._uses.get(key, 0)
        self._uses[key] = before + 1
        return before

    def draw(self, call: Call, value: Any, *more: object) -> Chance:
        """A source of chance for `value`, keyed by seed, operation, path, `more`, value and occurrence, nothing else.

        Values that differ in secrets only are one value.
        """
        return self._chances(_scope(call, *more), [canonical(value, long=call.long)])[0]

    def draws(self, call: Call, values: Sequence[Any]) -> list[Chance]:
        """`draw` for each value."""
        return self._chances(_scope(call), [canonical(value, long=call.long) for value in values])

    def _chances(self, scope: bytes, texts: list[bytes]) -> list[Chance]:
        # A journal holds no secret: what is drawn must not hang on one, or a restored world would draw something else.
        if self.secrets.may_be_in(b"".join(texts)):
            texts = [self.secrets.without(text) for text in texts]
        made, draws, seed = [], self._draws, self.settings.seed
        for text in texts:
            key = short(scope + text)
            draws[key] = before = draws.get(key, -1) + 1
            made.append(Chance.of(b"%d\0%b\0%d" % (seed, key, before)))
        return made

    def resource(self, service: Service, kind: str, name: str) -> Any:
        """What exists under this name: declared by a test, by a fixture, else its `"*"`; None when nothing does.

        Names of zeros only never exist, so that a client can try its 404; nor does `*`, which is no name.
        """
        if name == "*" or never_exists(name):
            return None
        declared = self._declared.get((service.vendor.name, kind), {}) if self._declared else {}
        known: Mapping[str, Any] = service.resources.get(kind, {})
        if name in declared:
            return declared[name]
        if name in known:
            return known[name]
        return declared.get("*", known.get("*"))

    def anything(self, service: Service, kind: str) -> Any:
        """What stands for every name that nothing is declared under (`"*"`); None when nothing does."""
        declared = self._declared.get((service.vendor.name, kind), {})
        return declared.get("*", service.resources.get(kind, {}).get("*"))

    def named(self, service: Service, kind: str) -> Mapping[str, Any]:
        """All that exists under a name of its own: fixtures' first, then what was declared since; not `"*"`."""
        found = {**service.resources.get(kind, {}), **self._declared.get((service.vendor.name, kind), {})}
        found.pop("*", None)
        return found

    def declare(self, vendor: Vendor, kind: str, name: str, value: Any) -> None:
        """This exists from here on, for all documents of the vendor. For handlers; from outside comes `Declare`."""
        self._declared.setdefault((vendor.name, kind), {})[name] = value

    def exists(self, call: Call, kind: str, name: str) -> bool:
        """Whether a call may use this resource: declared, or named literally by a scenario's `when.path`."""
        if name == "*":
            return False
        if self.resource(call.match.service, kind, name) is not None:
            return True
        vendor = call.match.service.vendor.name
        scenarios = (
            one
            for service in self.services
            if service.vendor.name == vendor
            for one in (*self.added_scenarios(service), *service.scenarios)
        )
        names = [parameter for parameter, value in call.path.items() if value == name]
        return any(scenario.when.path.get(parameter) == name for scenario in scenarios for parameter in names)

    def vendor(self, name: str) -> Vendor:
        """The vendor of the service of this name, or of this name itself."""
        return next(one.vendor for one in self.services if name in (one.name, one.vendor.name))


def _scope(call: Call, *more: object) -> bytes:
    return call.match.operation.id.encode() + canonical([call.path, *more])
