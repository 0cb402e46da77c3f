"""`mockserver check`: specs, overlays and fixtures, held against what `serve` needs, and recorded traffic, held against
specs; every finding with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from msgspec import Struct, field

from mockserver import data, yamlfile
from mockserver.cli.kinds import Kind, files_in, kind_of, kind_of_named, kind_of_unread
from mockserver.cli.main import Terminal
from mockserver.cli.recorded import hold, is_recording
from mockserver.cli.report import Reports, behaving, covering, reporting
from mockserver.cli.what import SUFFIXES, number
from mockserver.console import printable
from mockserver.contract.findings import Finding, Severity
from mockserver.contract.remedies import remedy
from mockserver.contract.report import Report
from mockserver.errors import LocatedError, MockserverError, Place, Several, UsageError
from mockserver.hints import counted, nearest
from mockserver.openapi.document import Document
from mockserver.scenario.load import load as load_fixture
from mockserver.vendors.assembly import Wanted, assemble, fixture_files, shipped_fixture
from mockserver.vendors.catalogue import vendors

_OF_RECORDINGS = {
    "specs": "--spec",
    "overlays": "--overlay",
    "base_url": "--base-url",
    "max_depth": "--max-depth",
    "manners": "--manners",
    "coverage_fail_under": "--coverage-fail-under",
}


class Found(Struct, frozen=True):
    """A file to check; `vendor` is the one that a fixture names, `is_named` one that was given by itself."""

    path: Path
    kind: Kind
    vendor: str
    is_named: bool = False


class Checked(Struct):
    """What was found so far; the same finding is told once."""

    findings: dict[Finding, None] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)

    def error(self, error: MockserverError) -> None:
        """Take an error in, or each of several."""
        for one in error.errors if isinstance(error, Several) else (error,):
            if isinstance(one, LocatedError):
                self.findings[_finding("E701", "error", one.at, one.message, one.hint)] = None
            else:
                self.findings[_finding("E701", "error", None, str(one))] = None

    def warn(self, documents: Sequence[Document]) -> None:
        """Take in what is odd about documents."""
        for remark in (remark for one in documents for remark in one.remarks()):
            self.findings[_finding(remark.code, "warning", remark.at, remark.message, remark.hint)] = None


def _finding(code: str, severity: Severity, at: Place | None, message: str, hint: str = "") -> Finding:
    pointer = at.pointer if at else ""
    said = message + (f"; {hint}" if hint else "")
    return Finding(
        code=code,
        sentence=f"{pointer}  {said}" if pointer else said,
        severity=severity,
        source="spec",
        service=at.file if at else "",
        place=at,
        pointer=pointer,
        wanted=message,
        remedy=hint or remedy(code),
    )


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@click.option(
    "--spec",
    "specs",
    multiple=True,
    metavar="SPEC",
    help="Each PATH is recorded traffic, held against SPEC: a file, NAME=FILE or a shipped name (repeatable).",
)
@click.option("--overlay", "overlays", multiple=True, metavar="FILE", help="Corrections for the SPEC (repeatable).")
@click.option("--base-url", metavar="URL", help="Where the SPEC was recorded, if not where its servers say.")
@click.option(
    "--max-depth",
    type=number(1, 1000),
    metavar="N",
    help="The most nested brackets of a body that are read (default: those of the journal, else 256).",
)
@reporting
@covering
@behaving
@click.pass_obj
def check(terminal: Terminal, /, paths: tuple[str, ...], *, strict: bool, **words: Any) -> int:
    """Check OpenAPI documents, overlays, fixtures, or folders of them; without PATH: all that is shipped. Or hold
    recorded traffic, of journals (.jsonl) and HAR files, against documents: both requests and answers.

    An overlay is checked with the document beside it: `api.overlay.yaml` with `api.yaml`.
    """
    recordings = tuple(word for word in paths if words["specs"] or is_recording(word))
    if recordings:
        return _check_recordings(terminal, recordings, paths, words, strict=strict)
    context = click.get_current_context()
    for name, option in _OF_RECORDINGS.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(f"{option} goes with recorded traffic: a journal (.jsonl) or a HAR file")
    reports = Reports(words)
    checked = Checked()
    if paths:
        _check_files(_found(paths, checked), checked)
    else:
        _check_shipped(checked)
    subject = " ".join(paths) or "all that is shipped"
    report = reports.final(Report("check", subject, tuple(checked.findings), error_code=2))
    return _tell(terminal, reports, report, len(checked.files), strict=strict)


def _tell(terminal: Terminal, reports: Reports, report: Report, files: int, *, strict: bool) -> int:
    """Errors before warnings, a line each, and how many; what is known is only counted. Returns the exit code."""
    found = {kind: [one for one in report.findings if one.severity == kind] for kind in ("error", "warning")}
    for kind, some in found.items():
        for one in some:
            told = f"{kind} {one.code}: {one.sentence}"
            terminal.say(printable(f"{one.place}  {told}" if one.place else told))  # files may be called anything
    counts = [counted(len(some), kind) for kind, some in found.items()]
    counts += [f"{len(report.known)} known"] if report.known else []
    terminal.say(f"{counted(files, 'file')}: {', '.join(counts)}")
    reports.write(report, terminal)
    return report.exit_code or int(strict and bool(found["warning"]))


def _check_recordings(
    terminal: Terminal, recordings: Sequence[str], paths: Sequence[str], words: Mapping[str, Any], *, strict: bool
) -> int:
    """The exit code of what was recorded; 1 for a warning too if `strict`."""
    other = next((word for word in paths if word not in recordings), None)
    if other is not None:
        raise UsageError(f"{other} is no recorded traffic, {recordings[0]} is; check them one after the other")
    missing = next((word for word in recordings if not Path(word).is_file()), None)
    if missing is not None:
        raise UsageError(f"there is no file {missing}")
    reports = Reports(words)
    report = hold(recordings, words)
    code = reports.publish(report, terminal)
    return code or int(strict and report.number_of("warning") > 0)


def _check_shipped(checked: Checked) -> None:
    for vendor in vendors().values():
        specs = data.specs_dir()
        checked.files |= {specs / name for source in vendor.sources for name in (source.spec, *source.overlays)}
        try:
            checked.warn([service.document for service in assemble(Wanted(vendors=(vendor.name,)))])
        except MockserverError as error:
            checked.error(error)
        if vendor.fixtures:
            for path in fixture_files(str(data.fixtures_dir() / vendor.fixtures)):
                _check_fixture(Found(path, "fixture", vendor.name), {}, checked)


def _check_files(found: Sequence[Found], checked: Checked) -> None:
    """Documents first: fixtures may be about them."""
    documents = {one.path: None for one in found if one.kind == "spec"}
    documents |= {path: None for one in found if one.kind == "overlay" and (path := _document_of(one, checked))}
    own = {_check_document(path, checked): path for path in documents}
    for one in found:
        if one.kind == "fixture":
            _check_fixture(one, own, checked)


def _check_document(path: Path, checked: Checked) -> str:
    """Check one document with the overlays beside it; returns the name that `serve` would give it."""
    wanted = Wanted(specs=((None, path),), overlays=_overlays_of(path))
    checked.files |= {path, *wanted.overlays}
    try:
        services = assemble(wanted)
    except MockserverError as error:
        checked.error(error)
        return path.stem.lower()
    checked.warn([service.document for service in services])
    return services[0].name


def _check_fixture(one: Found, own: Mapping[str, Path], checked: Checked) -> None:
    """Check one fixture as `serve` would load it, by itself so that it hides no other."""
    checked.files.add(one.path)
    spec = own.get(one.vendor)
    try:
        if spec is not None:
            assemble(Wanted(specs=((None, spec),), overlays=_overlays_of(spec), fixtures=(str(one.path),)))
        elif one.vendor in vendors():
            assemble(Wanted(vendors=(one.vendor,), fixtures=(str(one.path),)))
        else:
            load_fixture(one.path, label=data.shown(one.path), documents=partial(_nobody, own=own))
    except MockserverError as error:
        checked.error(error)


def _nobody(vendor: str, own: Iterable[str]) -> Sequence[Document]:
    hint = nearest(vendor, (*own, *vendors()), "check the name, or give its document as a PATH too")
    raise UsageError(f'unknown vendor "{vendor}"; {hint}')


def _found(words: Sequence[str], checked: Checked) -> list[Found]:
    """The files that words name. In a folder, files of other kinds are passed over."""
    found: list[Found] = []
    for word in words:
        path = Path(word)
        if not path.exists():
            path = shipped_fixture(word) or path
        if not path.exists():
            raise UsageError(f"there is no file or folder {word}")
        before = len(found), len(checked.files)
        found += _found_in(path, checked) if path.is_dir() else _named(path, word, checked)
        if (len(found), len(checked.files)) == before:
            raise UsageError(
                f"nothing to check in {word}: no OpenAPI document, overlay or fixture (.yaml, .yml, .json)"
            )
    return found


def _named(path: Path, word: str, checked: Checked) -> Iterator[Found]:
    """The file that a word names, whatever it looks like."""
    try:
        value = yamlfile.read(path, label=data.shown(path)).value
    except MockserverError as error:
        checked.files.add(path)
        checked.error(error)
        return
    kind = kind_of_named(value, vendors())
    if kind is None:
        raise UsageError(f"{word} is no OpenAPI document (openapi:), overlay (overlay:) or fixture (format:, vendor:)")
    yield Found(path, kind, str(value.get("vendor", "")), is_named=True)


def _found_in(folder: Path, checked: Checked) -> Iterator[Found]:
    """The files in a folder that show what they are; one of them that cannot be read is an error."""
    known = vendors()
    for path in files_in(folder):
        try:
            value = yamlfile.read(path, label=data.shown(path)).value
        except MockserverError as error:
            if kind_of_unread(path, known) is not None:
                checked.files.add(path)
                checked.error(error)
            continue
        kind = kind_of(value, known)
        if kind is not None:
            yield Found(path, kind, str(value.get("vendor", "")))


def _document_of(overlay: Found, checked: Checked) -> Path | None:
    """`api.yaml` of `api.overlay.yaml`; None, and a warning, where an overlay that was only found has none."""
    stem = overlay.path.name.partition(".overlay")[0]
    for suffix in SUFFIXES:
        found = overlay.path.with_name(stem + suffix)
        if found != overlay.path and found.is_file():
            return found
    told, hint = "the overlay has no document beside it", "`api.overlay.yaml` goes with `api.yaml`"
    if overlay.is_named:
        raise UsageError(f"{overlay.path}: {told}; {hint}")
    checked.files.add(overlay.path)
    place = Place(data.shown(overlay.path), 1, 1)
    checked.findings[_finding("E702", "warning", place, f"{told} and is not checked", hint)] = None
    return None


def _overlays_of(path: Path) -> tuple[Path, ...]:
    found = (path.with_name(f"{path.stem}.overlay{suffix}") for suffix in SUFFIXES)
    return tuple(overlay for overlay in found if overlay.is_file())
