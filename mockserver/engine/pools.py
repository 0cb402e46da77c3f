"""Values that were drawn and checked before: picking one costs a tenth of drawing and writing it afresh."""

from __future__ import annotations

from mockserver.chance import Chance
from mockserver.engine.service import Service
from mockserver.engine.vendor import Encoded

_SIZE = 4096
_PROVEN = 1024

Shape = tuple[object, ...]


class Pools:
    """Seeded values for the schemas of services, and the shapes of answers that were found to keep the spec."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._pools: dict[tuple[str, str], dict[int, Encoded]] = {}
        self._proven: set[Shape] = set()

    def sample(self, service: Service, rule: str, chance: Chance) -> Encoded:
        """A value for the schema at `rule`: one of 4,096 seeded ones, picked by `chance`. Treat it as frozen."""
        pool = self._pools.get((service.name, rule))
        if pool is None:
            pool = self._pools[service.name, rule] = {}
        number = chance.slot(_SIZE)
        found = pool.get(number)
        if found is None:
            value = service.document.sampler(rule).draw(Chance(self.seed, service.name, rule, number))
            found = pool[number] = Encoded.of(value, sound=service.document.checker(rule).fits(value))
        return found

    def is_proven(self, shape: Shape) -> bool:
        """Whether an answer of this shape was held against the spec and kept it."""
        return shape in self._proven

    def prove(self, shape: Shape) -> None:
        """Remember it; bounded."""
        if len(self._proven) >= _PROVEN:
            self._proven.clear()
        self._proven.add(shape)
