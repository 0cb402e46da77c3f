"""The journal as JSON: entries in the shape that users, the admin API and files share, secrets masked."""

from __future__ import annotations

import base64
from typing import Any

from mockserver.clock import stamp
from mockserver.engine.journal import Cut
from mockserver.engine.messages import Entry, TooLarge
from mockserver.engine.secrets import Secrets
from mockserver.errors import Violation


def entry_record(entry: Entry, secrets: Secrets) -> dict[str, Any]:
    """One entry: number, at, world, method, target, headers, body, operation, status, scenario, violations, answer."""
    request, answer = entry.request, entry.answer
    source = entry.decision.source if entry.decision else ""
    return {
        "number": entry.number,
        "at": stamp(entry.at),
        "world": entry.world,
        "method": request.method,
        "target": secrets.target(request.target),
        "headers": dict(secrets.headers(request.headers)),
        **_body(request.body, secrets),
        "service": entry.service,
        "operation": entry.operation,
        "status": answer.status or None,  # 0: a fault, nothing was sent
        "scenario": source if source and source != "emulator" else None,
        "violations": [violation_record(violation, secrets) for violation in entry.violations],
        "notes": [secrets.known(note) for note in entry.notes],
        "answer": {"headers": dict(secrets.headers(answer.headers)), **_body(answer.body, secrets)},
        **({"fault": answer.fault} if answer.fault else {}),
        **({"undeclared": True} if entry.undeclared else {}),
        **({"ms": round(entry.sent.ms, 3), "cut_off": entry.sent.cut_off} if entry.sent else {}),
        # A stream; null while it is under way.
        **({"chunks": entry.sent.chunks if entry.sent else None} if answer.chunks is not None else {}),
    }


def violation_record(violation: Violation, secrets: Secrets | None = None) -> dict[str, Any]:
    """One violation as JSON, its clause beside what it is made of."""

    def shown(text: str) -> str:
        return secrets.text(text) if secrets else text

    return {
        "code": violation.code,
        "part": violation.part,
        "where": shown(violation.where),
        "said": shown(violation.said),
        "wanted": shown(violation.wanted),
        "clause": shown(violation.clause),
        "at": str(violation.at) if violation.at else None,
    }


def _body(body: bytes | TooLarge, secrets: Secrets) -> dict[str, Any]:
    match body:
        case TooLarge():
            return {"body": None, "body_length": body.size}
        case Cut():
            more = {"body_length": body.length, "body_sha256": body.sha256}
        case _:
            more = {}
    # A cut may fall into the middle of a character; what is left of it is not the body's fault.
    try:
        text = body.decode("utf-8", "ignore" if more else "strict")
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(secrets.raw(body)).decode(), **more}
    return {"body": secrets.text(text), **more}
