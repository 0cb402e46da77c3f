"""What is said of a path that no operation has (E108)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.engine.messages import Request
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.vendors.assembly import Wanted, assemble

JOBS = (None, Path(__file__).parents[1] / "specs" / "jobs.yaml")  # its server path is /v1


def said(world: World, path: str) -> str:
    """The sentence of the answer to a GET."""
    entry = world.apply(Request("GET", path, path))
    assert entry.problem is not None
    assert [one.code for one in entry.violations] == ["E108"]
    return entry.problem.message


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/jobs/v1/v1/jobs/7", "/v1"),
        ("/jobs/v1/jobs/v1/jobs/7", "/jobs/v1"),
        ("/v1/v1/jobs/7", "/v1"),
        ("/jobs/v1/v1/jobs", "/v1"),
    ],
    ids=["under its mount", "mount and all", "where it is alone", "another method"],
)
def test_a_doubled_server_path_is_named(path: str, start: str) -> None:
    """A client that adds it to a base URL which holds it gets the path of no operation."""
    world = World(assemble(Wanted(specs=(JOBS,))), Settings())

    assert said(world, path).endswith(f"; the base URL ends with {start} already: leave it out of the path")


@pytest.mark.parametrize("path", ["/jobs/v1/v1/job", "/jobs/v1/job/7", "/jobs/v1/v11/jobs/7"])
def test_other_unknown_paths_name_what_is_near(path: str) -> None:
    """Also where leaving it out leads nowhere."""
    world = World(assemble(Wanted(specs=(JOBS,))), Settings())

    assert "; nearest: " in said(world, path)
