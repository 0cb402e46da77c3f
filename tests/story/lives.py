"""A server that dies and lives again: for each line on stdin one life of it, forked from here, so that it is quick.

Each life writes `{"pid", "port", "requests", "inexact"}`; whoever reads that kills it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from functools import cache
from pathlib import Path

from mockserver import server


def main(journal: Path) -> None:
    server.assemble = cache(server.assemble)  # type: ignore[attr-defined]  # services never change: lives share them
    server.assemble(server.ServerSettings().wanted)  # type: ignore[attr-defined]
    for _ in sys.stdin:
        life = os.fork()
        if not life:
            serve(journal)
        os.waitpid(life, 0)


def serve(journal: Path) -> None:
    """Until it is killed."""
    with server.Server(journal=journal, restore=True, seed=11) as one:
        known = one.restored
        told = {"requests": known.requests, "inexact": list(map(str, known.inexact))} if known else {"inexact": []}
        print(json.dumps({"pid": os.getpid(), "port": one.port, **told}), flush=True)
        while True:
            signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
