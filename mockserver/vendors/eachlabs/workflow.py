"""A workflow and its versions: as fixtures and tests declare them, and as they change while a world lives."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.errors import MockserverError, Place, Problem, Refused
from mockserver.openapi.validate import Schemas
from mockserver.vendors.declared import check_fields
from mockserver.vendors.eachlabs.input_schema import ANYTHING, InputSchema, check_declared, compile_schema

if TYPE_CHECKING:
    from mockserver.engine.messages import Call
    from mockserver.engine.service import Service
    from mockserver.engine.world import World
    from mockserver.openapi.sample import Sampler

KIND = "workflows"


class Version(Struct, frozen=True):
    """One version: what it takes, and the definition that it was put with. A time of None is the world's start."""

    id: str
    takes: InputSchema = ANYTHING
    definition: Mapping[str, Any] = field(default_factory=dict)
    output_mapping: Mapping[str, str] = field(default_factory=dict)
    gives: Sampler | None = None  # makes outputs, where the definition has an `output_schema`
    published: bool = True
    locked: bool = False
    production: bool = False
    shared: bool = False
    created: float | None = None
    updated: float | None = None

    @property
    def steps(self) -> tuple[Mapping[str, Any], ...]:
        """The steps of its definition that have a name."""
        steps = self.definition.get("steps")
        given = steps if isinstance(steps, list) else ()
        return tuple(step for step in given if isinstance(step, Mapping) and step_id(step))

    def output(self, chance: Chance, *, example: bool = False) -> Any:
        """What a run comes to that nobody scripted: a value of its `output_schema`, else a picture (a guess).

        `example`: rather the schema's own, where it has one.
        """
        if self.gives is not None:
            given = self.gives.example() if example else None
            return self.gives.draw(chance.derive("output")) if given is None else given
        return f"https://cdn.example.test/{chance.mark(16)}.png"


class Workflow(Struct, frozen=True):
    """A workflow with its versions in the order in which they were put: the last one is the latest."""

    id: str
    slug: str
    name: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    locked: bool = False
    production: bool = False
    public: str = ""  # the nickname that it is shared under, "*" = any, "" = not shared
    versions: tuple[Version, ...] = (Version("v1"),)
    takes_any_version: bool = True
    created: float | None = None
    updated: float | None = None

    @property
    def latest(self) -> Version:
        """The version that runs when none is named."""
        return self.versions[-1]

    def version(self, name: str) -> Version | None:
        """The version of this name; None when there is none."""
        known = next((one for one in self.versions if one.id == name), None)
        if known is None and self.takes_any_version:
            return replace(self.latest, id=name)
        return known

    def put(self, version: Version) -> Workflow:
        """This workflow with one more version, or another one of that name; it is the latest from here on."""
        others = tuple(one for one in self.versions if one.id != version.id)
        return replace(self, versions=(*others, version))


def step_id(step: Mapping[str, Any]) -> str:
    """What a step is called: `step_id` on endpoint pages, `id` on the page about structure."""
    name = step.get("step_id") or step.get("id")
    return name if isinstance(name, str) else ""


_FIELDS: Mapping[str, tuple[type, ...]] = {
    "name": (str,),
    "slug": (str,),
    "description": (str,),
    "categories": (list,),
    "locked": (bool,),
    "production": (bool,),
    "public": (bool, str),
    "versions": (list,),
    "definition": (dict,),
    "input_schema": (dict,),
    "output_schema": (dict,),
}


def workflow(kind: str, name: str, value: Mapping[str, Any]) -> Workflow:
    """Compile a declared workflow. Raises ValueError with a sentence for what cannot be."""
    if kind != KIND:
        raise ValueError(f'there are no "{kind}" here; each::labs has {KIND}')
    check_fields("workflow", name, value, _FIELDS)
    definition = dict(value.get("definition", {}))
    definition |= {key: value[key] for key in ("input_schema", "output_schema") if key in value}
    check_declared(definition.get("input_schema"), f"workflow {name}")
    first = compiled(Version("v1"), definition, f"workflow {name}")
    named = [str(one) for one in value.get("versions", ())]
    if len(set(named)) < len(named):
        raise ValueError(f"the versions of workflow {name} name one twice")
    public = value.get("public", name == "*")
    return Workflow(
        id=name,
        slug=value.get("slug") or slug_of(value.get("name", "")) or name,
        name=value.get("name", ""),
        description=value.get("description", ""),
        categories=tuple(map(str, value.get("categories", ()))),
        locked=value.get("locked", False),
        production=value.get("production", False),
        public=public if isinstance(public, str) else "*" if public else "",
        versions=tuple(replace(first, id=one) for one in named) or (first,),
        takes_any_version=not named,
    )


def compiled(version: Version, definition: Mapping[str, Any], owner: str) -> Version:
    """`version` with another definition. Raises ValueError when a schema in it is none."""
    schema = definition.get("input_schema") or {}
    if not isinstance(schema, Mapping):
        raise ValueError(f"the input_schema of {owner} is no JSON Schema")
    mapping = definition.get("output_mapping")
    return replace(
        version,
        takes=compile_schema(schema, owner),
        definition=definition,
        gives=_sampler(definition.get("output_schema"), owner),
        output_mapping=mapping if isinstance(mapping, dict) else version.output_mapping,
    )


def _sampler(schema: Any, owner: str) -> Sampler | None:
    """What makes values of an `output_schema`; None where there is none."""
    if not schema:
        return None
    from mockserver.openapi.sample import Sampler  # as late as `Document` imports it

    try:
        Schemas({"mem:///": schema}, place=partial(Place, owner, 0, 0)).checker("")
        return Sampler(schema)
    except MockserverError as error:
        raise ValueError(f"no value of the output_schema of {owner} can be made: {error}") from error


def slug_of(name: str) -> str:
    """A name as it stands in addresses: `Text to Image` is `text-to-image`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def free_slug(name: str, taken: Collection[str]) -> str:
    """The slug of a name, with a number behind it where it is taken already."""
    slug = slug_of(name) or "workflow"
    return next(one for one in _numbered(slug) if one not in taken)


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1


def find(name: str, service: Service, world: World) -> Workflow | None:
    """The workflow of this id or slug, else what `"*"` stands for; None when there is none."""
    found = world.resource(service, KIND, name)
    if isinstance(found, Workflow) and found.id == name:
        return found
    known: Iterable[Workflow] = world.named(service, KIND).values()
    by_slug = next((one for one in known if one.slug == name), None)
    if by_slug is not None or not isinstance(found, Workflow):
        return by_slug
    return replace(found, id=name, slug=slug_of(name) or name)


def called(call: Call, world: World) -> Workflow:
    """The workflow that a call is about, whose existence was looked at before.

    A literal id in a scenario exists without being declared; nothing is known of its inputs.
    """
    name = call.path["workflowID"]
    return find(name, call.match.service, world) or Workflow(name, slug_of(name) or name)


def exists(call: Call, world: World) -> Problem | None:
    """A workflow that nobody declared is the vendor's 404."""
    name = call.path.get("workflowID")
    if name is None or find(name, call.match.service, world) or world.exists(call, KIND, name):
        return None
    return not_found("workflow")


def not_found(what: str, message: str = "") -> Problem:
    """The vendor's 404 for a thing that is not there."""
    return Problem("not_found", message or f"{what} not found", reason=what)


def version_of(workflow: Workflow, name: str | None, message: str = "version not found") -> Version:
    """The version of this name, the latest when none is named. Raises Refused: 404 with `message`."""
    found = workflow.version(name) if name else workflow.latest
    if found is None:
        raise Refused(not_found("version", message))
    return found
