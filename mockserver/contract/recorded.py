"""Recorded traffic held against a spec, requests and answers: that of a journal, or of a HAR file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mockserver.contract.coverage import Coverage, LifecycleCoverage, covered
from mockserver.contract.exchanges import Exchange
from mockserver.contract.findings import Asked, Finding, of_entry
from mockserver.contract.remedies import remedy
from mockserver.contract.report import Row
from mockserver.contract.traffic import MOST_ROWS
from mockserver.contract.verify_ask import Ask, Heard
from mockserver.contract.verify_judge import Judge
from mockserver.engine.authenticate import authenticate
from mockserver.engine.log import Header, Opened, Record, Took
from mockserver.engine.messages import Account, Answer, Entry, Match, Request
from mockserver.engine.read import read
from mockserver.engine.secrets import Secrets
from mockserver.engine.service import Service
from mockserver.engine.settings import Settings
from mockserver.engine.spine import Draft, Options, find
from mockserver.engine.world import World
from mockserver.errors import Place, Problem, Refused, Violation
from mockserver.openapi.jsontext import MAX_DEPTH
from mockserver.openapi.parameters import read_parameters
from mockserver.openapi.paths import Found

_LEFT_OUT = "exports of browsers leave keys and cookies out"
_SCRIPTABLE = ("E401", "E402", "E403", "E404")
_OURS = "mockserver gave this answer, by the document that it served: compare the two with `mockserver diff`"
_MASK = "***"  # a secret in a journal: what stands for it fits no schema


class Address(Struct, frozen=True):
    """What a recording's request was for: the service of today, and the path below its base URL."""

    service: Service
    below: str


class Addresses:
    """Finds the service of a request, by where it was recorded."""

    def __init__(
        self, services: Sequence[Service], mounts: Mapping[str, Sequence[str]] | None = None, base_url: str = ""
    ) -> None:
        """`mounts`: the base URLs of a journal's services; `base_url`: where the one service was recorded."""
        self._services = tuple(services)
        self._mounts: Mapping[str, Sequence[str]] = {} if mounts is None else mounts
        self._base_url = base_url.rstrip("/")

    def find(self, one: Exchange) -> Address | None:
        """The address of a request; None when it is for none of these services."""
        if self._base_url:
            return self._below_base(one)
        if one.service or self._mounts:
            return self._as_recorded(one)
        return self._by_server(one) or self._by_path(one)

    def _below_base(self, one: Exchange) -> Address | None:
        below = _below(one.target.partition("?")[0], self._base_url)
        return None if below is None else Address(self._services[0], below)

    def _as_recorded(self, one: Exchange) -> Address | None:
        """By the base URLs in the journal: a spec may be called otherwise now, or lie elsewhere."""
        for name, mounts in self._mounts.items():
            service = self._heir(name)
            if service is None or (one.service and name != one.service):
                continue
            for mount in sorted(mounts, key=len, reverse=True):
                below = _below(one.path, mount)
                if below is not None and (service.name == name or self._is_sure(service, one.method, below)):
                    return Address(service, below)
        return self._by_path(one)

    def _heir(self, name: str) -> Service | None:
        """The service of today for one that a journal calls so: that of the name, or the only one, by a new name."""
        only = self._services[0] if len(self._services) == 1 and self._services[0].name not in self._mounts else None
        return next((one for one in self._services if one.name == name), only)

    def _is_sure(self, service: Service, method: str, below: str) -> bool:
        """Whether a service by a new name is the one of these mounts: where there were several, it knows the path."""
        return len(self._mounts) == 1 or isinstance(service.document.routes.match(method, below), Found)

    def _by_server(self, one: Exchange) -> Address | None:
        asked = urlsplit(one.target)
        for service in self._services:
            for url in _servers(service):
                if url.netloc == asked.netloc and (below := _below(one.path, url.path.rstrip("/"))) is not None:
                    return Address(service, below)
        return None

    def _by_path(self, one: Exchange) -> Address | None:
        """By the path alone: whatever is below a mount of ours; of other addresses only what an operation has."""
        for service in self._services:
            if (below := _below(one.path, service.mounts[0])) is not None:
                return Address(service, below)
        for service in self._services:
            below = _below(one.path, service.document.base_path)
            if below is not None and isinstance(service.document.routes.match(one.method, below), Found):
                return Address(service, below)
        return None


def _below(path: str, base: str) -> str | None:
    if not path.startswith(base) or path[len(base) : len(base) + 1] not in ("", "/"):
        return None
    return path[len(base) :] or "/"


def _servers(service: Service) -> Iterator[Any]:
    servers = service.document.value.get("servers")
    for one in servers if isinstance(servers, list) else ():
        if isinstance(one, Mapping) and "://" in str(one.get("url", "")):
            yield urlsplit(str(one["url"]))


def learning(records: Iterable[Record], known: dict[str, Sequence[str]]) -> Iterator[Record]:
    """The same records of a journal; the base URLs of the services that they tell of are put into `known`."""
    for record in records:
        match record:
            case Header(services=services):
                known |= {str(one["name"]): one.get("mounts", ()) for one in services}
            case Opened(services=services) if services:
                known |= {str(one["name"]): one.get("mounts", ()) for one in services}
            case Took(given={"is": "Serve", "service": {"name": str(name), "mounts": list(mounts)}}):
                known[name] = mounts
        yield record


class Recording:
    """Holds the exchanges of one file against services that take any key."""

    def __init__(
        self,
        services: Sequence[Service],
        file: str,
        *,
        is_har: bool,
        asked: bool = True,
        max_depth: int = MAX_DEPTH,
    ) -> None:
        """`asked`: somebody chose the services, so that each counts for coverage, reached or not."""
        self.requests = 0
        self.lines: set[int] = set()  # of a journal, those of the exchanges that were held
        self.reached: set[str] = set()  # the services that they were for, as the journal calls them
        self.rows: list[Row] = []
        self.findings: list[Finding] = []
        self.elsewhere: Counter[str] = Counter()  # requests that are for none of the services, by host
        self.lifecycles: tuple[LifecycleCoverage, ...] = ()  # of a journal: how executions ended when it was recorded
        self._services = tuple(services)
        self._file, self._is_har = file, is_har
        self._asked = [one.name for one in self._services] if asked else []
        self._secrets = Secrets(self._services)
        self._max_depth = max_depth
        self._world = World(self._services, Settings())  # it finds operations; nothing is applied to it
        self._answered: Counter[tuple[str, str, int]] = Counter()

    @property
    def coverage(self) -> Coverage:
        """What the recording has seen of the services."""
        vendors = {one.vendor.name for one in self._services}
        ends = tuple(one for one in self.lifecycles if one.vendor in vendors)
        return covered(self._services, self._answered, asked=self._asked).merge(Coverage((), ends))

    def hold(self, one: Exchange, addresses: Addresses) -> None:
        """Take in one exchange."""
        address = None if one.is_unreadable else addresses.find(one)
        if address is None and not self._is_har and not one.service:
            # It came to our server, and was for none of its services.
            self._take(one, "", "", self._as_told(one))
            return
        if address is None or (self._is_har and one.method == "OPTIONS"):
            self.elsewhere[urlsplit(one.target).netloc or one.path] += 1
            return
        service, below = address.service, address.below
        request = Request(one.method, one.target, service.mounts[0] + below, one.query, one.headers, one.body or b"")
        match, problem, faults = self._read(request, one)
        operation = match.operation.id if match else ""
        entry = Entry(
            one.number, 0.0, one.world, replace(request, sent_from=""), Answer(one.status or 0), service.name,
            operation, problem=problem, violations=(*(problem.violations if problem else ()), *faults),
        )  # fmt: skip
        found = [self._placed(each, one) for each in of_entry(entry, self._secrets) if _MASK not in each.said]
        if match is not None and one.status is not None and not one.entry.get("fault"):
            found += self._answer(match, one, is_kept=not found)
        self.reached.add(one.service)
        self._answered[service.name, operation, one.status or 0] += 1
        self._take(one, service.name, operation, found)

    def _take(self, one: Exchange, service: str, operation: str, found: Sequence[Finding]) -> None:
        self.requests += 1
        self.lines.add(one.line)
        self.findings += found
        if len(self.rows) < MOST_ROWS:
            self.rows.append(self._row(one, service, operation, found))

    def _as_told(self, one: Exchange) -> list[Finding]:
        """What was wrong with a request that no service had, as it was said then."""
        violations = tuple(map(_violation, one.violations))
        problem = Problem("unknown_path", "; ".join(each.clause for each in violations), violations)
        request = Request(one.method, one.target, one.path)
        entry = Entry(
            one.number, 0.0, one.world, request, Answer(one.status or 0), problem=problem, violations=violations
        )
        return [self._placed(each, one) for each in of_entry(entry, self._secrets)]

    def _read(self, request: Request, one: Exchange) -> tuple[Match | None, Problem | None, list[Violation]]:
        """The operation, what the request breaks, and what is our own fault; neither for OPTIONS of a known path."""
        draft = Draft()
        faults: list[Violation] = []
        try:
            match = find(self._world, request, draft)
        except Options:
            return None, None, faults
        except Refused as refused:
            return None, self._located(refused.problem, draft.service), faults
        try:
            self._authenticated(match, request, one)
            if one.body is None:
                violations = read_parameters(match.operation, match.path, request.query, request.headers).violations
                problem = Problem("invalid", "", violations) if violations else None
                return match, self._located(problem, match.service) if problem else None, faults
            # What a browser sends encoded is shown decoded in a HAR.
            plain = tuple(pair for pair in request.headers if pair[0].lower() != "content-encoding")
            request = replace(request, headers=plain) if self._is_har else request
            read(match, Account(), request, self._max_depth, faults)
        except Refused as refused:
            return match, self._located(refused.problem, match.service), faults
        return match, None, faults

    def _authenticated(self, match: Match, request: Request, one: Exchange) -> None:
        try:
            if not authenticate(match, request).key:
                return
        except Refused as refused:
            # Of a key that was masked the form cannot be told.
            if refused.problem.reason == "missing" or not any(_MASK in value for _, value in request.headers):
                raise
        told = next((each for each in one.violations if each.get("code") == "E105"), None)
        if told is not None:  # whoever served it knew the key that is masked now
            raise Refused(_refusal(told, match))

    def _located(self, problem: Problem, service: Service | None) -> Problem:
        if service is None:
            return problem
        place = service.document.place
        located = (replace(v, at=place(v.rule)) if v.at is None and v.rule else v for v in problem.violations)
        return replace(problem, violations=tuple(located))

    def _placed(self, finding: Finding, one: Exchange) -> Finding:
        """With the line of the recording beside it. Browsers leave keys and cookies out of a HAR: that is a note."""
        also = Place(self._file, one.line)
        is_no_cookie = finding.part == "cookie" and not any(name.lower() == "cookie" for name, _ in one.headers)
        if not self._is_har or not (finding.code == "E105" or is_no_cookie):
            return replace(finding, also=also)
        return replace(finding, also=also, severity="note", sentence=f"{finding.sentence}; {_LEFT_OUT}")

    def _answer(self, match: Match, one: Exchange, *, is_kept: bool) -> list[Finding]:
        """What is wrong with the answer. `is_kept`: the request kept the spec."""
        if one.status is None or (self._is_har and one.status == 304):
            return []  # a browser asked whether its copy is still good, and not the client
        ask = Ask(match.operation, "", kind="keeps" if is_kept else "breaks", is_guess=True)
        whole = one.answer_body is not None and one.method != "HEAD"
        heard = Heard(one.status, one.answer_headers, one.answer_body or b"")
        found = []
        judge = Judge(match.service.document, match.service.name, Secrets(()), "", self._max_depth)
        for each in judge.findings(one.number, ask, heard):
            if each.code == "E405" or _MASK in each.said or (each.part == "body" and not whole):
                continue
            if each.code == "E401" and one.entry.get("undeclared"):
                continue  # the emulator's own refusals, as when the journal was written
            each = each if self._is_har else _by_us(each, one)
            severity, said = each.severity, each.sentence
            if self._is_har and each.pointer.lower() == "/set-cookie" and not each.said:
                severity, said = "note", f"{said}; {_LEFT_OUT}"
            asked = Asked(one.method, self._secrets.target(one.target), one.number, one.world)
            found.append(
                replace(
                    each,
                    request=asked,
                    sentence=self._secrets.text(said),
                    said=self._secrets.text(each.said),
                    also=Place(self._file, one.line),
                    severity=severity,
                )
            )
        return found

    def _row(self, one: Exchange, service: str, operation: str, found: Sequence[Finding]) -> Row:
        marks = tuple((each.code, each.fingerprint) for each in found)
        return Row(
            one.number, one.method, self._secrets.target(one.target), one.status, operation, service, one.world,
            one.at, answered_by=one.scenario or "", found=marks,
        )  # fmt: skip


def _by_us(found: Finding, one: Exchange) -> Finding:
    """What is wrong with an answer of ours: a script gave it, which may say why, or the document of then."""
    if found.code not in _SCRIPTABLE:
        return found
    is_told = any(each.get("code") == "E501" for each in one.violations)
    if is_told:
        return replace(found, code="E501", remedy=remedy("E501"))
    if one.scenario is not None:
        said = f"{found.sentence}; {one.scenario} may say why (off_contract)"
        return replace(found, code="E501", severity="warning", sentence=said, remedy=remedy("E501"))
    return replace(found, remedy=_OURS)


def _violation(told: Mapping[str, Any]) -> Violation:
    """A violation from its JSON in a journal."""
    said = str(told.get("said", ""))
    fault = str(told.get("clause", "")).removeprefix(said).lstrip()
    part, where, wanted = told.get("part", "path"), str(told.get("where", "")), str(told.get("wanted", ""))
    return Violation(part, where, said, wanted, code=str(told.get("code", "E108")), fault=fault)


def _refusal(told: Mapping[str, Any], match: Match) -> Problem:
    """The refusal of a key that a journal tells of, at today's place of its scheme."""
    where = str(told.get("where", ""))
    document = match.service.document
    names = (one.name for one in document.schemes.values() if f"/{one.key}" == where)
    rule = next((f"/components/securitySchemes/{name}" for name in names), match.operation.rule)
    fault = str(told.get("clause", "")).partition(";")[0]
    violation = Violation("security", where, "", str(told.get("wanted", "")), rule, "E105", fault=fault)
    return Problem("unauthorized", f"{violation}; it was refused when this was recorded", (violation,))
