"""Where the journal of this process is written, if it is asked for: one file a process, begun anew by each run."""

from __future__ import annotations

from pathlib import Path

import pytest


def path(config: pytest.Config) -> Path | None:
    """`DIR/main.jsonl`, under xdist `DIR/gw0.jsonl` and so on; None when no journal is asked for.

    The folder is made. On the command line it is relative to where pytest was called, in the ini file to that file.
    Raises UsageError when there cannot be such a folder.
    """
    said = config.getoption("mockserver_journal")
    folder: Path | None = config.invocation_params.dir / said if said else None
    if said is None and (written := config.getini("mockserver_journal")):
        folder = (config.inipath.parent if config.inipath else config.rootpath) / written
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"mockserver_journal: {folder} cannot be a folder: {error.strerror}") from None
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    return folder / f"{worker}.jsonl"
