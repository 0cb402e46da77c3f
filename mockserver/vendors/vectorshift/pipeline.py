"""A pipeline: as fixtures and tests declare it, as clients save it, and how it is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.errors import Problem, Refused
from mockserver.regex import compiled
from mockserver.vendors.declared import check_fields
from mockserver.vendors.vectorshift.ports import Port, port

if TYPE_CHECKING:
    from mockserver.engine.messages import Call
    from mockserver.engine.service import Service
    from mockserver.engine.world import World

KIND = "pipelines"
FIRST = "1.0.0"
_VERSION = r"(?a)(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2}"


class Saved(Struct, frozen=True):
    """What a client saved of a pipeline: its nodes by id, and their places and edges."""

    nodes: Mapping[str, Any] = field(default_factory=dict)
    canvas: Mapping[str, Any] = field(default_factory=dict)


class Pipeline(Struct, frozen=True):
    """A pipeline. A time of None is the world's start."""

    id: str
    name: str = ""
    description: str = ""
    inputs: Mapping[str, Port] = field(default_factory=dict)  # what a fixture says of it
    outputs: Mapping[str, Port] = field(default_factory=dict)
    failed_status: int | None = None  # the status of a call with a failed run in it; None = each call's own
    folder: str = ""
    shared: bool = False  # it belongs to somebody else
    shared_with: tuple[Mapping[str, Any], ...] = ()
    saved: Saved | None = None  # None: nobody built it from nodes
    version: str = FIRST
    versions: Mapping[str, Saved] = field(default_factory=dict)  # those that were deployed
    created: float | None = None
    updated: float | None = None

    def at(self, version: Any) -> Pipeline:
        """This pipeline as of a version, the one that stands when no text names one.

        Raises Refused: 400 for what is no version, or one that was never made of a saved pipeline.
        """
        if not isinstance(version, str) or version == "latest":
            return self
        known = self.versions.get(version)
        if known is not None:
            return replace(self, saved=known, version=version)
        if self.saved is not None or not compiled(_VERSION).fullmatch(version):
            raise Refused(Problem("rejected", f"Invalid pipeline version: {version[:60]}"))
        return replace(self, version=version)


NOTHING_KNOWN = Pipeline("")

_FIELDS: Mapping[str, tuple[type, ...]] = {
    "name": (str,),
    "description": (str,),
    "inputs": (dict,),
    "outputs": (dict,),
    "failed_status": (int,),
    "folder_id": (str,),
    "shared": (bool,),
}


def pipeline(kind: str, name: str, value: Mapping[str, Any]) -> Pipeline:
    """Compile a declared pipeline. Raises ValueError with a sentence for what cannot be."""
    if kind != KIND:
        raise ValueError(f'there are no "{kind}" here; VectorShift has {KIND}')
    check_fields("pipeline", name, value, _FIELDS)
    status = value.get("failed_status")
    if status not in (None, 200, 500):
        raise ValueError(f"the failed_status of pipeline {name} is {status}; it can be 200 or 500")
    return Pipeline(
        id=name,
        name=value.get("name", ""),
        description=value.get("description", ""),
        inputs={one: port(one, given, takes_value=False) for one, given in value.get("inputs", {}).items()},
        outputs={one: port(one, given, takes_value=True) for one, given in value.get("outputs", {}).items()},
        failed_status=status,
        folder=value.get("folder_id", ""),
        shared=value.get("shared", False),
    )


def find(id: str, service: Service, world: World) -> Pipeline | None:
    """The pipeline of this id, else what `"*"` stands for; None when there is none."""
    found = world.resource(service, KIND, id)
    if not isinstance(found, Pipeline):
        return None
    return found if found.id == id else replace(found, id=id)


def find_by_name(name: str, service: Service, world: World) -> Pipeline | None:
    """The pipeline of this name, the last one changed of several; else what `"*"` stands for, with an id of its own."""
    known = [one for one in named(service, world) if one.name == name]
    if known:
        return max(reversed(known), key=lambda one: world.settings.start if one.updated is None else one.updated)
    anything = world.anything(service, KIND)
    if not isinstance(anything, Pipeline):
        return None
    # The id depends on the name alone, so that fetching it twice gives one pipeline.
    return replace(anything, id=Chance("pipeline named", name).mark(24), name=name)


def named(service: Service, world: World) -> list[Pipeline]:
    """All that have an id of their own, in the order in which they came to be."""
    return [one for one in world.named(service, KIND).values() if isinstance(one, Pipeline)]


def called(call: Call, world: World) -> Pipeline:
    """The pipeline that a call is about, whose existence was looked at before.

    A literal id in a scenario exists without being declared; nothing is known of it.
    """
    return find(call.path["id"], call.match.service, world) or Pipeline(call.path["id"])


def run_by(call: Call, world: World) -> Pipeline:
    """As `called`, without its own id where `"*"` stands for it: enough to run it, and done sooner."""
    found = world.resource(call.match.service, KIND, call.path["id"])
    return found if isinstance(found, Pipeline) else NOTHING_KNOWN


def keep(pipeline: Pipeline, call: Call, world: World) -> None:
    """It exists from here on, as it is now."""
    world.declare(call.match.service.vendor, KIND, pipeline.id, pipeline)


def exists(call: Call, world: World) -> Problem | None:
    """A pipeline that nobody declared, or that was deleted: 404, as the SDK's page on errors says of unknown ids."""
    id = call.path.get("id")
    if id is None or world.resource(call.match.service, KIND, id) is not None:
        return None
    is_deleted = id in world.named(call.match.service, KIND)
    return None if not is_deleted and world.exists(call, KIND, id) else not_found()


def not_found(what: str = "Pipeline") -> Problem:
    """The vendor's 404, which hides whether the thing exists for others."""
    return Problem("not_found", f"{what} not found", reason=what.lower())
