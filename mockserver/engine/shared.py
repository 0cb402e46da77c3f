"""What worlds of the same services have in common. It is found in the services alone, so that none sees of another."""

from __future__ import annotations

from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from mockserver.engine.pools import Pools
from mockserver.engine.secrets import Secrets
from mockserver.engine.service import Mounts, Service


class Shared(Struct, frozen=True):
    """Where services are mounted, what is secret in them, and what was drawn for them before."""

    mounts: Mounts
    secrets: Secrets
    pools: Pools

    @classmethod
    def of(cls, services: tuple[Service, ...], seed: int) -> Self:
        """What worlds of these services and this seed have in common."""
        return cls(Mounts(services), Secrets(services), Pools(seed))

    def seeded(self, seed: int) -> Self:
        """The same for worlds of another seed."""
        return self if seed == self.pools.seed else replace(self, pools=Pools(seed))
