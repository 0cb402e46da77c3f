"""What changed between two documents, for the clients of the old one: findings E601 to E609, located in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mockserver.contract.diff_schema import Change, Level, Schemas
from mockserver.contract.findings import Finding, Severity
from mockserver.contract.remedies import remedy
from mockserver.openapi.document import Document
from mockserver.openapi.operation import Body, Media, Operation, Parameter, Reply, SecurityScheme
from mockserver.openapi.paths import parameters_of, shape

_SEVERITIES: Mapping[Level, Severity] = {"breaks": "error", "may": "warning", "unclear": "warning", "fine": "note"}


class _Told(Struct, frozen=True):
    """A change, and what it is about: the operation and the part of its messages."""

    operation: str
    about: str  # "", "query parameter limit", "the body", "the answer 200"
    change: Change
    part: str = ""


def differences(old: Document, new: Document) -> tuple[Finding, ...]:
    """All changes, those that break clients first; what several operations share is told once."""
    told: dict[tuple[str, ...], list[_Told]] = {}
    for one in _Diff(old, new).told():
        change = one.change
        mark = (change.level, change.code, change.what, change.old, change.new)
        key = (
            *mark,
            *(() if "/components/" in change.new or "/components/" in change.old else (one.operation, one.about)),
        )
        told.setdefault(key, []).append(one)
    found = [_finding(some, old, new) for some in told.values()]
    ranks = list(_SEVERITIES.values())
    return tuple(sorted(found, key=lambda one: (ranks.index(one.severity), one.code)))


def _finding(some: Sequence[_Told], old: Document, new: Document) -> Finding:
    first, others = some[0], len({one.operation for one in some}) - 1
    change = first.change
    where = f" {change.where}" if change.where else ""
    sentence = f"{first.about}{where}: {change.what}" if first.about or where else change.what
    if others:
        sentence += f" (and in {others} more {'operation' if others == 1 else 'operations'})"
    return Finding(
        code=change.code,
        sentence=sentence,
        severity=_SEVERITIES[change.level],
        source="spec",
        service=new.name,
        operation=first.operation,
        place=new.place(change.new),
        also=old.place(change.old),
        part=first.part,
        pointer=change.where,
        wanted=f"{first.about}: {change.what}" if first.about else change.what,
        remedy=remedy(change.code),
    )


class _Diff:
    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new
        self._asked = Schemas(old, new, is_request=True)
        self._answered = Schemas(old, new, is_request=False)

    def told(self) -> Iterator[_Told]:
        """All changes, in the order of the old document."""
        if self._old.base_path != self._new.base_path:
            what = f"the server path was {self._old.base_path or '/'} and is {self._new.base_path or '/'}"
            yield _Told("", "", Change("may", "E603", what, "/servers", "/servers"))
        now = {(one.method, shape(one.path)): one for one in (*self._new.operations, *self._new.aliases)}
        before = [*self._old.operations, *self._old.aliases]
        ids = {one.id: one for one in now.values()}
        for one in before:
            other = now.pop((one.method, shape(one.path)), None)
            if other is None:
                yield from self._gone(one, ids.get(one.id))
            elif one.same_as is None or other.same_as is None:
                yield from (replace(each, operation=one.id) for each in self._operation(one, other))
        for other in now.values():
            yield _Told(other.id, "", Change("fine", "E609", f"{other.label} is new", "/paths", other.rule))

    def _gone(self, one: Operation, moved: Operation | None) -> Iterator[_Told]:
        what = f"{one.label} was removed" if moved is None else f"{one.label} is {moved.label} now"
        path = one.rule.rpartition("/")[0]
        spot = moved.rule if moved else path if self._has(path) else "/paths"
        yield _Told(one.id, "", Change("breaks", "E601", what, one.rule, spot))

    def _has(self, rule: str) -> bool:
        try:
            self._new.follow(rule)
        except KeyError:
            return False
        return True

    def _operation(self, one: Operation, other: Operation) -> Iterator[_Told]:
        yield from self._parameters(one, other)
        yield from self._body(one, other)
        yield from self._replies(one, other)
        yield from self._security(one, other)

    def _parameters(self, one: Operation, other: Operation) -> Iterator[_Told]:
        before, now = _parameters(one), _parameters(other)
        for key, mine in before.items():
            about, part = f"{mine.location} parameter {mine.name}", mine.location
            theirs = now.get(key)
            if theirs is None:
                what = f"{about} is gone, and has no effect"
                yield _Told("", "", Change("may", "E603", what, mine.rule, other.rule), part)
                continue
            if theirs.required and not mine.required:
                yield _Told("", about, Change("breaks", "E602", "is required now", mine.rule, theirs.rule), part)
            way, their_way = ((each.style, each.explode, each.media_type) for each in (mine, theirs))
            if way != their_way:
                what = f"is written in another style: {_style(theirs)}, it was {_style(mine)}"
                yield _Told("", about, Change("breaks", "E603", what, mine.rule, theirs.rule), part)
            if theirs.schema is not True and mine.schema is not True:
                for change in self._asked.changes(mine.checker.rule, theirs.checker.rule):
                    yield _Told("", about, change, part)
            elif theirs.schema is not True:
                yield _Told("", about, Change("unclear", "E608", "has a schema now", mine.rule, theirs.rule), part)
        for key, theirs in now.items():
            if key in before:
                continue
            about = f"{theirs.location} parameter {theirs.name}"
            if theirs.required:
                yield _Told("", about, Change("breaks", "E602", "is new and required", one.rule, theirs.rule), key[0])
            else:
                yield _Told("", about, Change("fine", "E609", "is new", one.rule, theirs.rule), key[0])

    def _body(self, one: Operation, other: Operation) -> Iterator[_Told]:
        mine, theirs = one.body, other.body
        if mine is None and theirs is None:
            return
        if mine is None and theirs is not None:
            change = Change("breaks", "E602", "is new and required", one.rule, theirs.rule)
            fine = Change("fine", "E609", "is new", one.rule, theirs.rule)
            yield _Told("", "the body", change if theirs.required else fine, "body")
        elif mine is not None and theirs is None:
            yield _Told("", "the body", Change("may", "E603", "is not read any more", mine.rule, other.rule), "body")
        elif mine is not None and theirs is not None:
            if theirs.required and not mine.required:
                yield _Told("", "the body", Change("breaks", "E602", "is required now", mine.rule, theirs.rule), "body")
            yield from self._media(mine, theirs, "the body", self._asked, "E603")

    def _replies(self, one: Operation, other: Operation) -> Iterator[_Told]:
        for mine in one.replies:
            about = f"the answer {mine.status}"
            theirs = _counterpart(mine, other)
            if theirs is None:
                level: Level = "may" if mine.status[0] in "45" else "breaks"
                yield _Told("", "", Change(level, "E604", f"{about} was removed", mine.rule, other.rule))
                continue
            yield from self._headers(mine, theirs, about)
            yield from self._media(mine, theirs, about, self._answered, "E604")
        for theirs in other.replies:
            if _counterpart(theirs, one) is None:
                level = "may" if theirs.status[0] in "123" else "fine"
                code = "E604" if level == "may" else "E609"
                yield _Told("", "", Change(level, code, f"the answer {theirs.status} is new", one.rule, theirs.rule))

    def _headers(self, mine: Reply, theirs: Reply, about: str) -> Iterator[_Told]:
        now = {one.name.lower(): one for one in theirs.headers}
        for header in mine.headers:
            named, other = f"{about}, header {header.name}", now.get(header.name.lower())
            if other is None:
                level: Level = "breaks" if header.required else "may"
                yield _Told("", named, Change(level, "E605", "is gone", header.rule, theirs.rule), "header")
                continue
            if header.required and not other.required:
                yield _Told(
                    "", named, Change("breaks", "E605", "may be missing now", header.rule, other.rule), "header"
                )
            if header.schema is not True and other.schema is not True:
                for change in self._answered.changes(header.checker.rule, other.checker.rule):
                    yield _Told("", named, change, "header")

    def _media(
        self, mine: Body | Reply, theirs: Body | Reply, about: str, schemas: Schemas, code: str
    ) -> Iterator[_Told]:
        for media in mine.media:
            other = theirs.of(media.media_type)
            if other is None:
                what = f"is {media.media_type} no more"
                yield _Told("", about, Change("breaks", code, what, media.at or mine.rule, theirs.rule), "body")
            elif (both := _rules(media, other)) is not None:
                for change in schemas.changes(*both):
                    yield _Told("", about, change, "body")
            elif media.checker is not other.checker:
                what = "has a schema on one side only"
                yield _Told("", about, Change("unclear", "E608", what, media.rule, other.rule), "body")

    def _security(self, one: Operation, other: Operation) -> Iterator[_Told]:
        now = _keys(other)
        for keys, was in _keys(one):
            if not any(their_keys <= keys for their_keys, _ in now):
                what = f"{was} is not enough any more; it takes {' or '.join(said for _, said in now)}"
                yield _Told("", "", Change("breaks", "E607", what, one.rule, other.rule), "security")


def _parameters(operation: Operation) -> dict[tuple[str, str], Parameter]:
    """By location and name; path parameters by their place in the path, since their names do not travel."""
    names = parameters_of(operation.path)
    return {
        (one.location, str(names.index(one.name)) if one.location == "path" else _name(one)): one
        for one in operation.parameters
    }


def _name(parameter: Parameter) -> str:
    return parameter.name.lower() if parameter.location == "header" else parameter.name


def _style(parameter: Parameter) -> str:
    return parameter.media_type or f"{parameter.style}{', exploded' if parameter.explode else ''}"


def _counterpart(reply: Reply, other: Operation) -> Reply | None:
    """The answer of another document that declares the same statuses, or more."""
    known = other.replies_by_status
    if reply.status.isdigit():
        return other.reply(int(reply.status))
    return known.get(reply.status) or known.get("default")


def _rules(media: Media, other: Media) -> tuple[str, str] | None:
    return None if media.checker is None or other.checker is None else (media.rule, other.rule)


def _keys(operation: Operation) -> tuple[tuple[frozenset[tuple[str, ...]], str], ...]:
    """The alternatives of what proves who asks, each with its words; nothing at all is one where none is needed."""
    found = tuple((frozenset(map(_key, schemes)), " with ".join(map(_said, schemes))) for schemes in operation.security)
    return tuple((keys, said or "no key") for keys, said in found) or ((frozenset(), "no key"),)


def _key(scheme: SecurityScheme) -> tuple[str, ...]:
    name = scheme.key.lower() if scheme.location == "header" else scheme.key
    # Bearer tokens travel alike, whoever gives them out.
    kind = "http" if scheme.kind in ("oauth2", "openIdConnect") else scheme.kind
    return kind, scheme.location, name, scheme.scheme


def _said(scheme: SecurityScheme) -> str:
    return f"{scheme.location} {scheme.key}" + (f" ({scheme.scheme})" if scheme.scheme else "")
