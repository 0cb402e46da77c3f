"""A client of a document that no vendor module speaks for, with a fixture, by function call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mockserver.engine.inputs import Dial
from mockserver.engine.messages import Entry, Request
from mockserver.engine.settings import ClockMode, Settings
from mockserver.engine.world import World
from mockserver.vendors.assembly import Wanted, assemble

TRANSCODER = Path(__file__).parents[1] / "specs" / "transcoder.yaml"
LIFE = """\
format: 1
vendor: transcoder
lifecycle:
  starts: [transcodeFilm, {operation: transcodeReel, inputs: /films, at: /films}]
  reads: getFilm
  lists: [{operation: listFilms, at: /films}, {operation: listReel, by: reel}]
  cancels: stopFilm
  id: /id
  state: /phase
  states: {waiting: 1s, encoding: 4s}
  ends: {completed: ready, failed: broken, cancelled: stopped}
  output: /result
  error: /trouble/message
  batch: /reel
  callback: {name: filmDone, at: /film}
"""


class AnyApi:
    """Asks one world."""

    def __init__(self, spec: Path, *fixtures: Path, clock: ClockMode = "auto", seed: int = 0) -> None:
        wanted = Wanted(specs=((None, spec),), fixtures=tuple(map(str, fixtures)))
        self.world = World(assemble(wanted), Settings(seed=seed, clock=clock))

    def ask(self, method: str, target: str, body: Any = None, *headers: tuple[str, str]) -> Entry:
        """The entry of one request; nothing of it is our fault."""
        data = b"" if body is None else json.dumps(body).encode()
        pairs = (("X-Transcoder-Key", "x"), ("Host", "localhost:4010"), *headers)
        pairs += (("Content-Type", "application/json"),) if data else ()
        path, _, query = target.partition("?")
        entry = self.world.apply(Request(method, target, path, query, pairs, data))
        assert (entry.crash, entry.violations, entry.answer.broken) == ("", (), ())
        return entry

    def got(self, method: str, target: str, body: Any = None) -> Any:
        """The JSON of one answer."""
        return json.loads(self.ask(method, target, body).answer.body)

    def sent(self) -> Sequence[tuple[str, Any]]:
        """What has to be posted now: URL and JSON."""
        return [(one.url, json.loads(one.body)) for one in self.world.apply(Dial(0.0))]
