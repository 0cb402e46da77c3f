"""each::labs spoken to through both of its contracts, over one world and without a server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mockserver.clock import stamp
from mockserver.engine.inputs import Advance
from mockserver.engine.messages import Entry
from mockserver.engine.world import World
from tests.callers import Caller, answer, caller

NOBODY = "00000000-0000-0000-0000-000000000000"  # never exists
HOOK = "http://127.0.0.1:9/hook"


@dataclass
class Contract:
    """One contract: gives the answer's status and JSON, and holds each answer against the document."""

    caller: Caller

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """A GET."""
        return self.told(self.caller.send("GET", path, headers=headers))

    def post(self, path: str, value: Any, **headers: str) -> tuple[int, Any]:
        """A POST of JSON."""
        return self.told(self.caller.post(path, value, headers))

    def put(self, path: str, value: Any) -> tuple[int, Any]:
        """A PUT of JSON."""
        body, headers = json.dumps(value).encode(), {"Content-Type": "application/json"}
        return self.told(self.caller.send("PUT", path, body, headers))

    def told(self, entry: Entry) -> tuple[int, Any]:
        """Status and JSON of an answer that the document allows: none of its violations is ours."""
        assert entry.crash == ""
        assert not entry.undeclared
        assert [one for one in entry.violations if one.code >= "E5"] == []
        return entry.answer.status, answer(entry)


@dataclass
class Both:
    """Both contracts over one world."""

    engine: Contract
    api: Contract
    world: World

    def pass_by(self, seconds: float) -> None:
        """Let time go by."""
        self.world.apply(Advance(seconds))

    @property
    def now(self) -> str:
        """The world's time, as bodies show it."""
        return stamp(self.world.clock.now)


def both(**wanted: Any) -> Both:
    """The contracts, by default as a pytest world has them: every workflow exists, nothing is scripted."""
    engine = caller("eachlabs", **wanted)
    api = Caller(engine.world, engine.world.services[1].mounts[0], ("Authorization", "Bearer el-test-key"))
    return Both(Contract(engine), Contract(api), engine.world)
