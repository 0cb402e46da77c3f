"""The part of `mockserver check` that holds recorded traffic, of journals and HAR files, against documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mockserver.cli.replayed import behaviour
from mockserver.cli.spec_word import service_of
from mockserver.contract import har
from mockserver.contract.coverage import together
from mockserver.contract.exchanges import exchanges
from mockserver.contract.findings import Finding
from mockserver.contract.recorded import Addresses, Recording, learning
from mockserver.contract.report import Report
from mockserver.contract.traffic import MOST_ROWS
from mockserver.engine.log import FORMAT, Header, Lost, Record, Torn
from mockserver.engine.service import Service
from mockserver.errors import UsageError
from mockserver.hints import listed
from mockserver.journalfile import header_of, records_of
from mockserver.openapi.jsontext import MAX_DEPTH
from mockserver.vendors.catalogue import vendors

_SUFFIXES = (".jsonl", ".har")
_SNIFFED = 4096  # bytes of a file that show what it is


def is_recording(word: str) -> bool:
    """Whether a PATH is a journal or a HAR file, by its name or its beginning."""
    path = Path(word)
    if not path.is_file():
        return False
    if path.suffix.lower() in _SUFFIXES:
        return True
    return path.suffix.lower() == ".json" and _is_har(_beginning(path))


def hold(words: Sequence[str], options: Mapping[str, Any]) -> Report:
    """What these recordings break, in both directions. Raises UsageError, or a located error, for what is none."""
    services = tuple(service_of(word, overlays=options["overlays"]).taking_any_key() for word in options["specs"])
    _refuse_twins(services)
    if options["base_url"] and len(services) != 1:
        raise UsageError("--base-url goes with exactly one --spec: it says where that was recorded")
    if options["base_url"] and not options["base_url"].startswith(("http://", "https://", "/")):
        raise UsageError(f"--base-url {options['base_url']} is no address; write one like http://127.0.0.1:8080/api")
    remarks: list[str] = []
    held = [_held(Path(word), services, options, remarks) for word in words]
    return Report(
        command="check",
        subject=" ".join(words),
        findings=tuple(one for each in held for one in each.findings),
        requests=sum(each.requests for each in held),
        traffic=tuple(row for each in held for row in each.rows)[:MOST_ROWS],
        coverage=together(each.coverage for each in held),
        needed=options["coverage_fail_under"],
        remarks=tuple(remarks),
    )


def _held(path: Path, services: tuple[Service, ...], options: Mapping[str, Any], remarks: list[str]) -> Recording:
    data = _beginning(path)
    if _is_har(data) or path.suffix.lower() == ".har":
        recording = _har(path, services, options, remarks)
    else:
        recording = _journal(path, services, options, remarks)
    if recording.elsewhere:
        number = recording.elsewhere.total()
        hosts = listed([host for host, _ in recording.elsewhere.most_common()])
        were = "1 request was" if number == 1 else f"{number} requests were"
        remarks.append(f"{path}: {were} for other addresses and passed over: {hosts}")
    return recording


def _har(path: Path, services: tuple[Service, ...], options: Mapping[str, Any], remarks: list[str]) -> Recording:
    if not services:
        raise UsageError(f"{path} is a HAR file; say with --spec which document its traffic is held against")
    try:
        found = har.read(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    remarks += [f"{path}: {hole}" for hole in found.holes]
    recording = Recording(services, str(path), is_har=True, max_depth=options["max_depth"] or MAX_DEPTH)
    addresses = Addresses(services, base_url=options["base_url"] or "")
    for one in found.exchanges:
        recording.hold(one, addresses)
    return recording


def _journal(path: Path, services: tuple[Service, ...], options: Mapping[str, Any], remarks: list[str]) -> Recording:
    header = header_of(path)
    is_asked = bool(services)
    services = services or (_recorded_services(header, path) if header else ())
    max_depth = options["max_depth"] or (header.limits.max_depth if header else MAX_DEPTH)
    recording = Recording(services, str(path), is_har=False, asked=is_asked, max_depth=max_depth)
    known: dict[str, Sequence[str]] = {}
    addresses = Addresses(services, known, options["base_url"] or "")
    records = (_noted(record, path, remarks) for record in records_of(path))
    for one in exchanges(learning(records, known), str(path)):
        recording.hold(one, addresses)
    if header is not None and recording.requests:
        found = behaviour(path, header, options["manners"])
        recording.lifecycles = found.lifecycles
        # What is for other services is passed over here, too.
        recording.findings += [
            one
            for one in found.findings
            if (one.service in recording.reached if one.source == "webhook" else _line(one) in recording.lines)
        ]
        remarks += found.remarks
    return recording


def _line(finding: Finding) -> int:
    return finding.also.line if finding.also else 0


def _noted(record: Record, path: Path, remarks: list[str]) -> Record:
    """The record; what is missing beside it goes to the remarks."""
    match record:
        case Lost(line=line):
            remarks.append(f"{path}:{line}: {record}")
        case Torn(line=line):
            remarks.append(f"{path}:{line}: the last line is not whole and is passed over")
    return record


def _recorded_services(header: Header, path: Path) -> tuple[Service, ...]:
    """The documents that a journal was recorded with: those that are shipped, or where they were then."""
    shipped = {source.name for vendor in vendors().values() for source in vendor.sources}
    found = []
    for one in header.services:
        name, file = str(one["name"]), str(one.get("file", ""))
        if name not in shipped and not Path(file).is_file():
            raise UsageError(f"{path} was recorded with {file}, which is not here; give the document with --spec")
        found.append(service_of(name if name in shipped else f"{name}={file}").taking_any_key())
    return tuple(found)


def _refuse_twins(services: Sequence[Service]) -> None:
    names = [one.name for one in services]
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise UsageError(f'two documents are called "{twins[0]}"; name one with NAME=SPEC')


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_SNIFFED)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _is_har(beginning: bytes) -> bool:
    """A journal begins with its format; a HAR is one object whose first name is `log`."""
    text = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")
    return FORMAT.encode() not in text[:60] and text[:1] == b"{" and text[1:].lstrip()[:5] == b'"log"'
