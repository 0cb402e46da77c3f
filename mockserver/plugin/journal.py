"""Where the journal of this process is written, if it is asked for: one file a process, begun anew by each run."""

from __future__ import annotations

from pathlib import Path

import pytest


def folder(config: pytest.Config) -> Path | None:
    """The folder that is asked for, which need not exist; None when no journal is.

    On the command line it is relative to where pytest was called, in the ini file to that file.
    Raises UsageError when there cannot be such a folder.
    """
    said = config.getoption("mockserver_journal")
    found: Path | None = config.invocation_params.dir / said if said else None
    if said is None and (written := config.getini("mockserver_journal")):
        found = (config.inipath.parent if config.inipath else config.rootpath) / written
    if found is not None:
        taken = next((each for each in (found, *found.parents) if each.exists()), None)
        if taken is not None and not taken.is_dir():
            raise pytest.UsageError(f"mockserver_journal: {found} cannot be a folder: {taken} is a file")
    return found


def path(config: pytest.Config) -> Path | None:
    """`DIR/main.jsonl`, under xdist `DIR/gw0.jsonl` and so on; None without one. The folder is made."""
    wanted = folder(config)
    if wanted is None:
        return None
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"mockserver_journal: {wanted} cannot be a folder: {error.strerror}"
        raise pytest.fail.Exception(told, pytrace=False) from None
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    return wanted / f"{worker}.jsonl"
