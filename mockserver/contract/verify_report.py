"""What a verification found out, as the report that all commands share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mockserver.contract.coverage import covered
from mockserver.contract.report import Report, Row
from mockserver.contract.verify import SAFE, Verification
from mockserver.hints import listed
from mockserver.openapi.operation import Operation

_LISTED = 5


def report_of(verification: Verification, subject: str, *, needed: float = 0.0) -> Report:
    """The report of a verification that is over. Raises CouldNotRun where nothing was tried."""
    plan, played = verification.plan, verification.played
    service = plan.service
    answered = Counter((service.name, one.ask.operation.id, one.heard.status) for one in played)
    rows = tuple(
        Row(
            number=one.number,
            method=one.ask.operation.method,
            target=verification.secrets.target(plan.base + one.ask.target),
            status=one.heard.status or None,
            operation=one.ask.operation.id,
            service=service.name,
            ms=one.heard.ms,
            found=tuple((each.code, each.fingerprint) for each in one.findings),
        )
        for one in played
    )
    return Report(
        command="verify",
        subject=subject,
        findings=verification.finish(),
        requests=len(played),
        traffic=rows,
        coverage=covered([service], answered, asked=(service.name,)),
        remarks=tuple(_remarks(verification)),
        needed=needed,
    )


def _remarks(verification: Verification) -> Iterator[str]:
    plan = verification.plan
    unkeyed = verification.unkeyed
    if unkeyed:
        yield f"tried without a key only: {_listed(unkeyed)}; give one with --key or --header"
    if verification.is_unfound:
        yield "404 to all that keeps the spec: nothing is there by these ids; an example in the spec can name one"
    silent = [one for one in verification.unplayed if one not in unkeyed] if not verification.notes else []
    if silent:
        yield f"not played, as no request could be made for them: {_listed(silent)}"
    changing = [one for one in plan.document.operations if one.method not in SAFE]
    if changing and not plan.all_methods and not plan.only:
        yield f"not played, as they change things: {_listed(changing)}; --all-methods plays them too"
    yield from verification.notes


def _listed(operations: list[Operation] | tuple[Operation, ...]) -> str:
    return listed([one.id for one in operations], _LISTED)
