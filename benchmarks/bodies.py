"""The two bulk calls that are measured, as bytes; the same on every machine."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Workload:
    """One body, its name in the tables, and which share of the bare server's requests a second is wanted."""

    name: str
    body: bytes
    at_least: float
    aim: float


def workloads() -> tuple[Workload, ...]:
    """A small body of strings, and a large one of everything that an input may be."""
    dice = random.Random(0)
    small = [{"inputs": {"quarter": f"Q{n}", "topic": "revenue by region"}} for n in range(1, 4)]
    large = [{"inputs": {f"input_{n}": mixed(n, dice) for n in range(10)}} for _ in range(100)]
    return (
        Workload("3 runs, 2 strings each", encode(small), at_least=0.40, aim=0.60),
        Workload("100 runs, 10 mixed inputs each", encode(large), at_least=0.20, aim=0.40),
    )


def encode(runs: list[dict[str, Any]]) -> bytes:
    """The request body for these runs."""
    return json.dumps({"runs": runs}).encode()


def mixed(kind: int, dice: random.Random) -> Any:
    """An input of one of ten kinds: text, numbers, truth, null, lists in lists, maps in maps, files."""
    text = f"quarter {dice.randint(1, 4)} of {dice.randint(1990, 2030)}, as reported"
    return (
        text,
        dice.randint(-(10**6), 10**6),
        dice.random() * 1000,
        dice.random() < 0.5,
        None,
        [dice.randint(0, 99) for _ in range(5)],
        [[text, 1, 2.5], [True, None], [[dice.randint(0, 9)]]],
        {"type": "map", "items": {"year": dice.randint(1990, 2030), "title": text, "pages": [1, 2, 3]}},
        {"type": "map", "items": {"inner": {"type": "map", "items": {"share": dice.random()}}}},
        {
            "type": "file",
            "raw_bytes": base64.b64encode(dice.randbytes(90)).decode(),
            "metadata": {"name": "report.pdf", "mime_type": "application/pdf"},
        },
    )[kind]
