"""What a journal file holds of the traffic: each request with its answer, whole, to be shown or held against a spec."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from mockserver.engine.inputform import bytes_from_json
from mockserver.engine.log import Closed, JournalError, Opened, Record, Reset, Told, Took
from mockserver.engine.messages import Headers
from mockserver.errors import Place


class Exchange(Struct, frozen=True):
    """One request that was answered, secrets masked. A body of None was not kept: it was too large, or cut."""

    line: int  # of its entry in the file
    world: str
    number: int
    at: str  # the world's time, RFC 3339
    method: str
    target: str  # as sent
    path: str  # percent-encoded, without the world's prefix
    query: str
    headers: Headers
    body: bytes | None
    service: str
    operation: str  # its id; "" for an unknown path
    status: int | None  # None: the connection was broken on purpose
    answer_headers: Headers
    answer_body: bytes | None
    scenario: str | None
    violations: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]
    entry: Mapping[str, Any]  # all of it, as the admin API shows it

    def __repr__(self) -> str:
        """Without headers and bodies: they are long."""
        return f"<Exchange {self.number} {self.method} {self.target} {self.status}>"

    @property
    def is_unreadable(self) -> bool:
        """Whether what came was no HTTP request."""
        return not self.method


def exchanges(records: Iterable[Record], name: str = "journal") -> Iterator[Exchange]:
    """The requests of a journal, in a file called `name`, and what they were answered, in the order of their answers.

    A stream comes when it has ended; those that had not are the last. Raises JournalError, with the line, for an entry
    that somebody changed.
    """
    asked: dict[str, Mapping[str, Any]] = {}  # by world: the request that is being answered
    streams: dict[tuple[str, int], Exchange] = {}
    for record in records:
        match record:
            case Took() if record.kind in ("Request", "Unreadable"):
                asked[record.world] = record.given
            case Told():
                begun = streams.pop((record.world, record.entry.get("number", 0)), None)
                try:
                    found = _exchange(record, asked.pop(record.world, None), begun)
                except (AttributeError, KeyError, TypeError, ValueError):
                    said = "the entry, or its request, is not what was written"
                    raise JournalError(Place(name, record.line), said, "take the line out to read the rest") from None
                if record.is_under_way:
                    streams[record.world, found.number] = found
                else:
                    yield found
            case Opened() | Reset() | Closed():
                asked.pop(record.world, None)
                for key in [key for key in streams if key[0] == record.world]:
                    yield streams.pop(key)
    yield from streams.values()


def _exchange(record: Told, asked: Mapping[str, Any] | None, begun: Exchange | None) -> Exchange:
    entry = record.entry
    answer = entry["answer"]
    target = str(entry["target"])
    status = entry["status"]
    if status is not None and type(status) is not int:
        raise TypeError
    path, _, query = target.partition("?")
    headers: Headers = tuple(entry["headers"].items())
    body = _body(entry)
    if begun is not None:
        path, query, headers, body = begun.path, begun.query, begun.headers, begun.body
    elif asked is not None and asked.get("is") == "Request":
        # Whole, and with every header of a name: an entry shows one of each, and the first part of a large body.
        path, query = str(asked.get("path", path)), str(asked.get("query", ""))
        headers = tuple((str(name), str(value)) for name, value in asked.get("headers", ()))
        said = asked.get("body", {"text": ""})
        body = None if "is" in said else bytes_from_json(said)
    return Exchange(
        line=record.line,
        world=record.world,
        number=int(entry["number"]),
        at=str(entry["at"]),
        method=str(entry["method"]),
        target=target,
        path=path,
        query=query,
        headers=headers,
        body=body,
        service=str(entry.get("service", "")),
        operation=str(entry.get("operation", "")),
        status=status,
        answer_headers=tuple(answer["headers"].items()),
        answer_body=_body(answer),
        scenario=entry.get("scenario"),
        violations=tuple(entry.get("violations", ())),
        notes=tuple(entry.get("notes", ())),
        entry=entry,
    )


def _body(said: Mapping[str, Any]) -> bytes | None:
    """The body of an entry's record; None where it is not whole."""
    if "body_length" in said:
        return None
    if "body_base64" in said:
        return base64.b64decode(said["body_base64"], validate=True)
    return None if said["body"] is None else str(said["body"]).encode("utf-8", "surrogatepass")
