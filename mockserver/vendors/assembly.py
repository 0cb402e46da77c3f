"""From words to services: loads the documents, overlays and fixtures that a user asks for, and mounts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from mockserver import data, shipped, yamlfile
from mockserver.engine.schedules import SCHEDULES
from mockserver.engine.service import Service
from mockserver.engine.vendor import Source, Vendor, no_inputs
from mockserver.errors import FixtureError, UsageError
from mockserver.hints import nearest
from mockserver.openapi.document import Document, of_closed
from mockserver.scenario.load import load as load_fixture
from mockserver.scenario.load import load_keys
from mockserver.scenario.model import Fixture
from mockserver.scenario.schema import FixtureSchema
from mockserver.scenario.words import VendorWords
from mockserver.vendors.catalogue import vendors as all_vendors

WHAT_IS_A_FIXTURE = "give a file, a folder, or a shipped one such as vectorshift/bulk"
KEYS_ONLY = "-keys"  # ends the digest of a fixture of which only keys and `"*"` are taken
_NAME = re.compile(r"[A-Za-z0-9._~-]+")  # what an address holds as it is (RFC 3986, section 2.3)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # they change nothing (RFC 9110, section 9.2.1)


class Wanted(Struct, frozen=True):
    """What to serve. Without `vendors` and `specs`: all vendors."""

    vendors: tuple[str, ...] = ()
    specs: tuple[tuple[str | None, Path], ...] = ()  # (name or None = the file's stem, path)
    fixtures: tuple[str, ...] = ()  # files, folders, or "vendor/theme" for a shipped one
    overlays: tuple[Path, ...] = ()
    shipped_scenarios: bool = True  # False: the shipped fixtures give keys and `"*"` only
    strict_spec: bool = False
    documented_only: bool = False
    any_key: bool = False


def assemble(wanted: Wanted) -> tuple[Service, ...]:
    """The services, in the order asked for. What a user brings is read now, what we ship when something asks for it.

    Raises UsageError for unknown names and missing files, SpecError and FixtureError (located) for broken ones.
    """
    if wanted.overlays and len(wanted.specs) != 1:
        raise UsageError("--overlay goes with exactly one SPEC; serve each of several documents by itself")
    known = all_vendors()
    names = wanted.vendors or (() if wanted.specs else tuple(known))
    chosen = [_vendor(name, known) for name in dict.fromkeys(names)]
    if not (wanted.specs or wanted.fixtures):
        return _late(chosen, wanted)
    mounted = [(vendor, source, _load(source, wanted)) for vendor in chosen for source in vendor.sources]
    mounted += _given(wanted)
    _refuse_twins([source.name for _, source, _ in mounted])
    fixtures = _fixtures([(vendor, one) for vendor, _, one in mounted], wanted)
    alone = len(mounted) == 1
    return tuple(
        _service(_told(vendor, one, fixtures[vendor.name]), source, one, fixtures[vendor.name], alone, wanted)
        for vendor, source, one in mounted
    )


def _late(chosen: Sequence[Vendor], wanted: Wanted) -> tuple[Service, ...]:
    """The services of vendors, each loaded when something first asks what its document or a fixture says."""
    sources = [(vendor, source) for vendor in chosen for source in vendor.sources]
    _refuse_twins([source.name for _, source in sources])
    alone = len(sources) == 1

    @cache
    def loaded(names: tuple[str, ...]) -> Mapping[str, Service]:
        mounted = [(vendor, source, _load(source, wanted)) for vendor, source in sources if source.name in names]
        fixtures = _fixtures([(vendor, one) for vendor, _, one in mounted], wanted)
        return {
            source.name: _service(vendor, source, one, fixtures[vendor.name], alone, wanted)
            for vendor, source, one in mounted
        }

    def load(vendor: Vendor, source: Source) -> Service:
        # A scenario may speak of any document of its vendor.
        together = vendor.sources if wanted.shipped_scenarios else (source,)
        return loaded(tuple(each.name for each in together))[source.name]

    return tuple(
        load(vendor, source)
        if source.path is None
        else Service.late(source.name, _mounts(source, source.path, alone), vendor, partial(load, vendor, source))
        for vendor, source in sources
    )


def _mounts(source: Source, path: str, alone: bool) -> tuple[str, ...]:
    """The base URLs of a document whose server has this path; with and without it, where nothing else is served."""
    return tuple(dict.fromkeys((source.mount + path, path, "") if alone else (source.mount + path,)))


def _vendor(name: str, known: Mapping[str, Vendor]) -> Vendor:
    if name in known:
        return known[name]
    raise UsageError(f'unknown vendor "{name}"; {nearest(name, known)}')


def _load(source: Source, wanted: Wanted) -> Document:
    specs = data.specs_dir()
    path, *overlays = paths = [specs / one for one in (source.spec, *source.overlays)]
    texts = {one: yamlfile.text_of(one, data.shown(one)) for one in paths}

    def again() -> Document:
        # Imported when needed: for a document that is kept, what reads one from its files is not.
        from mockserver.openapi.load import load

        return load(
            path,
            name=source.name,
            label=data.shown(path),
            overlays=overlays,
            strict=wanted.strict_spec,
            documented_only=wanted.documented_only,
            texts=texts,
        )

    is_as_kept = not (wanted.strict_spec or wanted.documented_only)
    closed = shipped.closed(texts.values()) if is_as_kept else None
    return again() if closed is None else of_closed(closed, name=source.name, file=data.shown(path), again=again)


def _given(wanted: Wanted) -> list[tuple[Vendor, Source, Document]]:
    """The documents that the user brings."""
    if not wanted.specs:
        return []
    # Imported when needed: for the vendors' own documents, modules of theirs speak.
    from mockserver.engine.generic import generic_vendor
    from mockserver.openapi.load import load

    found = []
    for name, path in wanted.specs:
        if name and not _NAME.fullmatch(name):
            raise UsageError(f'"{name}" is no name for a document, which stands in addresses; write one like "my-shop"')
        name = name or re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "api"
        source = Source(name, str(path), f"/{name}", tuple(str(overlay) for overlay in wanted.overlays))
        one = load(
            path,
            name=name,
            overlays=wanted.overlays,
            strict=wanted.strict_spec,
            documented_only=wanted.documented_only,
            answering=True,
        )
        found.append((generic_vendor(name, source), source, one))
    return found


def _told(vendor: Vendor, one: Document, fixtures: Sequence[Fixture]) -> Vendor:
    """The vendor of a document that no module speaks for, with what the document sends and fixtures say of it."""
    if not vendor.generic:
        return vendor
    from mockserver.engine.scripted_lifecycle import living
    from mockserver.engine.sending import Sender
    from mockserver.scenario.sending import Sending

    said = Sending()
    for fixture in fixtures:
        said |= fixture.sending or Sending()
    lifecycle = next((fixture.lifecycle for fixture in fixtures if fixture.lifecycle is not None), None)
    sender = Sender(vendor.name, one, said, lifecycle.callback if lifecycle else "")
    vendor = replace(vendor, sending=sender, webhooks=sender.policy())
    return living(vendor, lifecycle, sender) if lifecycle is not None else vendor


def _refuse_twins(names: Sequence[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise UsageError(f'two documents are called "{twins[0]}"; name one with NAME=PATH')


def _service(
    vendor: Vendor, source: Source, one: Document, fixtures: Sequence[Fixture], alone: bool, wanted: Wanted
) -> Service:
    own = {operation.id for operation in one.operations}
    resources: dict[str, dict[str, Any]] = {}
    for fixture in fixtures:
        for kind, named in fixture.resources.items():
            for name, value in named.items():
                resources.setdefault(kind, {})[name] = value
    keys = frozenset(key for fixture in fixtures for key in fixture.api_keys)
    return Service(
        name=source.name,
        mounts=_mounts(source, one.base_path, alone),
        document=one,
        vendor=vendor,
        scenarios=tuple(
            scenario for fixture in fixtures for scenario in fixture.scenarios if scenario.operation in own
        ),
        resources=resources,
        api_keys=keys,
        any_key=wanted.any_key or not keys,
        fixtures=tuple((fixture.file, fixture.digest) for fixture in fixtures),
    )


def _fixtures(mounted: Sequence[tuple[Vendor, Document]], wanted: Wanted) -> dict[str, list[Fixture]]:
    """The fixtures of each vendor: the user's where they name it, else the shipped ones."""
    documents: dict[str, list[Document]] = {}
    vendors = {vendor.name: vendor for vendor, _ in mounted}
    for vendor, one in mounted:
        documents.setdefault(vendor.name, []).append(one)

    def of(name: str) -> Sequence[Document]:
        return documents[name] if name in documents else _refuse_vendor(name, documents)

    def words(name: str) -> VendorWords:
        own = words_of(vendors[name])
        lifecycle = next((each.lifecycle for each in found[name] if each.lifecycle is not None), None)
        return own if lifecycle is None else lifecycle.words(own, documents[name])

    schema = FixtureSchema() if wanted.fixtures or wanted.shipped_scenarios else None
    found: dict[str, list[Fixture]] = {name: [] for name in vendors}
    for path in (path for text in wanted.fixtures for path in fixture_files(text)):
        fixture = load_fixture(path, label=data.shown(path), documents=of, words=words, schema=schema)
        first = next((each for each in found[fixture.vendor] if each.lifecycle is not None), None)
        if fixture.lifecycle is not None and first is not None:
            told = f"{first.file} has a lifecycle of {fixture.vendor} too"
            raise FixtureError(fixture.place("/lifecycle"), told, "keep one of them; it may name several operations")
        found[fixture.vendor].append(fixture)
    for name, vendor in vendors.items():
        if not found[name] and vendor.fixtures:
            found[name] = [
                load_fixture(path, label=data.shown(path), documents=of, words=words, schema=schema)
                if wanted.shipped_scenarios
                else _keys_only(load_keys(path, label=data.shown(path), words=words))
                for path in _shipped(vendor)
            ]
    return found


def _refuse_vendor(name: str, served: Iterable[str]) -> NoReturn:
    """Raise what to do about a fixture of a vendor whose document is not served."""
    told, installed = f'no document of the vendor "{name}" is served here', all_vendors()
    if name in installed:
        raise UsageError(f"{told}; --vendor {name} serves it")
    raise UsageError(f"{told}; {nearest(name, dict.fromkeys((*served, *installed)))}")


def words_of(vendor: Vendor) -> VendorWords:
    """What a vendor's fixtures may say."""
    own = vendor.webhooks.schedules if vendor.webhooks is not None else {}
    return VendorWords(
        scope=vendor.scope,
        states=tuple(state for state, _ in vendor.lifecycle.timeline),
        ends=vendor.lifecycle.final,
        happy=vendor.lifecycle.ends,
        schedules=frozenset({**SCHEDULES, **own}),
        generic=vendor.generic,
        starts=lambda operation: vendor.inputs is not no_inputs and operation.method not in _SAFE,
        output_rule=vendor.output_rule,
        resource=vendor.resource,
    )


def _keys_only(fixture: Fixture) -> Fixture:
    return replace(fixture, digest=f"{fixture.digest}{KEYS_ONLY}")


def _shipped(vendor: Vendor) -> list[Path]:
    return sorted((data.fixtures_dir() / vendor.fixtures).glob("*.yaml"))


def fixture_files(text: str) -> list[Path]:
    """The files that a word names: a file, a folder of `*.yaml`, or `vendor/theme` for a shipped one."""
    path = Path(text)
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError:  # a name that no file can have
        is_folder = is_file = False
    if is_folder:
        files = sorted(filter(yamlfile.is_like_a_file, [*path.rglob("*.yaml"), *path.rglob("*.yml")]))
        if not files:
            raise UsageError(f"there are no fixtures (*.yaml) in {text}")
        return files
    if is_file:
        return [path]
    shipped = shipped_fixture(text)
    if shipped is None:
        raise UsageError(f"there is no fixture {text}; {WHAT_IS_A_FIXTURE}")
    return [shipped]


def shipped_fixture(text: str) -> Path | None:
    """The shipped fixture `vendor/theme`; None when there is none of that name."""
    path = data.fixtures_dir() / f"{text}.yaml"
    return path if re.fullmatch(r"[\w-]{1,200}(/[\w-]{1,200})+", text) and path.is_file() else None
