"""How much of what documents and lifecycles declare was seen: counted world by world, merged, sent as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, Self

from msgspec import Struct, field

if TYPE_CHECKING:
    from mockserver.engine.delivery import Delivery
    from mockserver.engine.executions import Execution
    from mockserver.engine.journal import Kind
    from mockserver.engine.service import Service
    from mockserver.engine.world import World


class Share(Struct, frozen=True):
    """Names that are declared, in order, and how often each was seen; `seen` holds undeclared names too."""

    declared: tuple[str, ...] = ()
    seen: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, declared: Iterable[str], seen: Iterable[str] | Mapping[str, int] = ()) -> Self:
        """Names in any order, and those that were seen, one by one or counted."""
        counts = Counter(seen)
        return cls(tuple(sorted(set(declared))), {name: counts[name] for name in sorted(counts)})

    @property
    def met(self) -> tuple[str, ...]:
        """What is declared and was seen."""
        return tuple(name for name in self.declared if name in self.seen)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is declared and was never seen."""
        return tuple(name for name in self.declared if name not in self.seen)

    @property
    def undeclared(self) -> tuple[str, ...]:
        """What was seen and is not declared."""
        return tuple(name for name in self.seen if name not in self.declared)

    def merge(self, other: Share) -> Share:
        """Both, with counts added."""
        return Share.of((*self.declared, *other.declared), Counter(self.seen) + Counter(other.seen))

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {"declared": list(self.declared), "seen": dict(self.seen), "missing": list(self.missing)}

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """From its JSON."""
        return cls.of(record["declared"], record["seen"])


class OperationCoverage(Struct, frozen=True):
    """One operation: calls that reached it, by its path or an alias, and its answers by declared status.

    A connection that a script broke is a call and no answer.
    """

    id: str
    label: str  # `METHOD /template`
    calls: int
    answers: Share

    def merge(self, other: OperationCoverage) -> OperationCoverage:
        """Both, with counts added."""
        return OperationCoverage(self.id, self.label, self.calls + other.calls, self.answers.merge(other.answers))


class ServiceCoverage(Struct, frozen=True):
    """One document. `requests` counts those for unknown paths below its base URL too."""

    name: str
    document: str  # the file
    vendor: str
    requests: int
    operations: tuple[OperationCoverage, ...]

    def merge(self, other: ServiceCoverage) -> ServiceCoverage:
        """Both, with counts added; the operations of either."""
        mine = {one.id: one for one in self.operations}
        for one in other.operations:
            mine[one.id] = mine[one.id].merge(one) if one.id in mine else one
        requests = self.requests + other.requests
        return ServiceCoverage(self.name, self.document, self.vendor, requests, tuple(mine.values()))


class LifecycleCoverage(Struct, frozen=True):
    """The executions of one vendor: how many were started, how they ended, and which ends a webhook told of."""

    vendor: str
    started: int
    ends: Share
    webhooks: Share

    def merge(self, other: LifecycleCoverage) -> LifecycleCoverage:
        """Both, with counts added."""
        ends, webhooks = self.ends.merge(other.ends), self.webhooks.merge(other.webhooks)
        return LifecycleCoverage(self.vendor, self.started + other.started, ends, webhooks)


class Coverage(Struct, frozen=True):
    """What was seen of some services. Answers and ends count; webhooks are told and do not: a client may poll."""

    services: tuple[ServiceCoverage, ...] = ()
    lifecycles: tuple[LifecycleCoverage, ...] = ()

    @property
    def requests(self) -> int:
        """How many requests came below the base URL of any of the services."""
        return sum(service.requests for service in self.services)

    @property
    def counted(self) -> tuple[ServiceCoverage, ...]:
        """The services that were reached, and the first one of each vendor of which none was."""
        reached = {service.vendor for service in self.services if service.requests}
        first = {service.vendor: service for service in reversed(self.services)}
        return tuple(
            one for one in self.services if one.requests or (one.vendor not in reached and one is first[one.vendor])
        )

    @property
    def declared(self) -> int:
        """How many answers and ends there are to be seen."""
        return sum(len(share.declared) for share in self._shares())

    @property
    def met(self) -> int:
        """How many of them were seen."""
        return sum(len(share.met) for share in self._shares())

    @property
    def percent(self) -> float:
        """`met` of `declared`, with one decimal, rounded down: what is not all is not 100."""
        return percent(self.met, self.declared)

    def is_below(self, threshold: float) -> bool:
        """Whether less than `threshold` percent was seen; nothing seen is below any threshold but 0."""
        if not self.requests:
            return threshold > 0
        return self.met * 100 < threshold * self.declared

    def merge(self, other: Coverage) -> Coverage:
        """Both, with counts added."""
        services = {(one.name, one.document): one for one in self.services}
        for service in other.services:
            key = (service.name, service.document)
            services[key] = services[key].merge(service) if key in services else service
        lifecycles = {one.vendor: one for one in self.lifecycles}
        for one in other.lifecycles:
            lifecycles[one.vendor] = lifecycles[one.vendor].merge(one) if one.vendor in lifecycles else one
        return Coverage(
            tuple(services[key] for key in sorted(services)), tuple(lifecycles[key] for key in sorted(lifecycles))
        )

    def record(self) -> dict[str, Any]:
        """As JSON: built of what any process can send to another."""
        return {
            "percent": self.percent,
            "declared": self.declared,
            "met": self.met,
            "services": [
                {
                    "name": service.name,
                    "document": service.document,
                    "vendor": service.vendor,
                    "requests": service.requests,
                    "operations": [
                        {"operation": one.id, "label": one.label, "calls": one.calls, "answers": one.answers.record()}
                        for one in service.operations
                    ],
                }
                for service in self.services
            ],
            "executions": [
                {
                    "vendor": one.vendor,
                    "started": one.started,
                    "ends": one.ends.record(),
                    "webhooks": one.webhooks.record(),
                }
                for one in self.lifecycles
            ],
        }

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """From its JSON; what is computed of the rest is computed again."""
        services = tuple(
            ServiceCoverage(
                service["name"],
                service["document"],
                service["vendor"],
                service["requests"],
                tuple(
                    OperationCoverage(one["operation"], one["label"], one["calls"], Share.read(one["answers"]))
                    for one in service["operations"]
                ),
            )
            for service in record["services"]
        )
        lifecycles = tuple(
            LifecycleCoverage(one["vendor"], one["started"], Share.read(one["ends"]), Share.read(one["webhooks"]))
            for one in record["executions"]
        )
        return cls(services, lifecycles)

    def _shares(self) -> Iterator[Share]:
        vendors = set()
        for service in self.counted:
            vendors.add(service.vendor)
            yield from (operation.answers for operation in service.operations)
        yield from (one.ends for one in self.lifecycles if one.vendor in vendors)


def percent(part: int, whole: int) -> float:
    """`part` of `whole` in percent, one decimal, rounded down; nothing of nothing is 0."""
    return part * 1000 // whole / 10 if whole else 0.0


def covered(
    services: Iterable[Service],
    answered: Mapping[Kind, int],
    executions: Iterable[Execution] = (),
    deliveries: Iterable[Delivery] = (),
    *,
    asked: Collection[str] = (),
) -> Coverage:
    """What was seen of the services that were reached, and of those `asked` for by name.

    `answered` is what a journal tallied. A lifecycle is there as soon as one of its executions was started.
    """
    every = tuple(services)
    by_service: dict[str, dict[str, Counter[int]]] = {}
    for (service, operation, status), number in answered.items():
        by_service.setdefault(service, {}).setdefault(operation, Counter())[status] += number
    found = tuple(_service(one, by_service.get(one.name, {})) for one in every if one.name in {*by_service, *asked})
    return Coverage(found, tuple(_lifecycles(every, tuple(executions), tuple(deliveries))))


def of_world(world: World, *, asked: Collection[str] = ()) -> Coverage:
    """What a world has seen since it began, also of entries that its journal no longer keeps."""
    return covered(world.services, world.journal.answered, world.executions.all, world.outbox.all, asked=asked)


def together(parts: Iterable[Coverage]) -> Coverage:
    """All of them, merged."""
    return reduce(Coverage.merge, parts, Coverage())


def _service(service: Service, seen: Mapping[str, Counter[int]]) -> ServiceCoverage:
    operations = []
    for operation in service.document.operations:
        statuses = seen.get(operation.id, Counter())
        answers: Counter[str] = Counter()
        for status, number in statuses.items():
            if status:
                reply = operation.reply(status)
                answers[reply.status if reply else str(status)] += number
        declared = Share.of((reply.status for reply in operation.replies), answers)
        operations.append(OperationCoverage(operation.id, operation.label, statuses.total(), declared))
    requests = sum(statuses.total() for statuses in seen.values())
    document = service.document.place("").file
    return ServiceCoverage(service.name, document, service.vendor.name, requests, tuple(operations))


def _lifecycles(
    services: tuple[Service, ...], executions: tuple[Execution, ...], deliveries: tuple[Delivery, ...]
) -> Iterator[LifecycleCoverage]:
    vendors = {service.vendor.name: service.vendor for service in services}
    owner = {service.name: service.vendor.name for service in services}
    for name in sorted({owner[one.service] for one in executions}):
        vendor = vendors[name]
        own = [one for one in executions if owner[one.service] == name]
        told = (one.status for one in deliveries if one.state == "delivered" and owner[one.service] == name)
        ends = Share.of(vendor.lifecycle.final, (one.state for one in own if one.is_final))
        yield LifecycleCoverage(name, len(own), ends, Share.of(vendor.webhooks.notify if vendor.webhooks else (), told))
