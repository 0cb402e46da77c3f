"""How a world is set up: frozen values, passed in."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from mockserver.clock import START

ClockMode = Literal["auto", "manual", "real"]


class Limits(Struct, frozen=True):
    """Bounds that keep a hostile or runaway client from hurting anyone; sizes in bytes."""

    max_body: int = 32 * 1024 * 1024
    max_depth: int = 256  # levels of brackets in a JSON body
    journal_entries: int = 10_000
    journal_bytes: int = 64 * 1024 * 1024
    keep_body: int = 64 * 1024  # how much of a body the journal keeps


class Settings(Struct, frozen=True):
    """One world's settings. Same settings, same inputs, same bytes."""

    seed: int = 0
    clock: ClockMode = "auto"
    start: float = START  # seconds since the epoch
    speed: float = 1.0  # under `real`: how many times as fast
    limits: Limits = Limits()
