"""What is said of a path that no operation has (E108)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.engine.messages import Request
from mockserver.engine.record import entry_record
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


@pytest.mark.parametrize("path", ["/nowhere", "/jobs/v1/job", "/jobs/v1/v1/jobs/7"], ids=["mount", "path", "doubled"])
def test_what_is_recorded_says_what_the_answer_says(path: str) -> None:
    """The clause of the violation, which journals and answers hold as JSON, is the whole sentence."""
    world = World(assemble(Wanted(specs=(JOBS,))), Settings())

    entry = world.apply(Request("GET", path, path))

    (recorded,) = entry_record(entry, world.secrets)["violations"]
    assert recorded["clause"] == said(world, path)


WIDE = """\
openapi: 3.1.0
info: {title: Wide, version: '1'}
servers: [{url: 'https://wide.example.test/api'}]
paths:
  /{anything}: {get: {responses: {'200': {description: fine}}}}
  /parts/{id}/runs: {get: {responses: {'200': {description: fine}}}}
  /parts/{id}: {delete: {responses: {'204': {description: gone}}}}
"""


@pytest.fixture
def both(tmp_path: Path) -> World:
    """A world of two documents; the other one takes any path of one segment, and `/parts/{id}/runs`."""
    (tmp_path / "wide.yaml").write_text(WIDE, "utf-8")
    return World(assemble(Wanted(specs=(JOBS, (None, tmp_path / "wide.yaml")))), Settings())


@pytest.mark.parametrize(
    ("path", "base"),
    [("/jobs/v1/parts/p%2F1/runs", "/wide/api"), ("/wide/api/jobs/7", "/jobs/v1")],
    ids=["one way", "the other way"],
)
def test_a_path_of_another_document_is_told_with_its_base_url(both: World, path: str, base: str) -> None:
    """What has the base URL of one service and the path of another leads to the other."""
    assert said(both, path).endswith(f"; it is served at {base}")


@pytest.mark.parametrize("path", ["/jobs/v1/job", "/jobs/v1/parts/7", "/wide/api/jobs/7/8"])
def test_a_path_that_is_not_known_elsewhere_names_what_is_near(both: World, path: str) -> None:
    """Nor is one that only a template takes which takes anything, nor one that has another method there."""
    assert "; nearest: " in said(both, path)
