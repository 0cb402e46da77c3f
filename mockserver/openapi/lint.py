"""What is odd about a compiled document and does not hinder serving it: examples that break their schema, and answers
for which no value can be made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mockserver.errors import Place
from mockserver.openapi.assembly import described
from mockserver.openapi.coerce import properties
from mockserver.openapi.decode import FORMS
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import Media, Operation
from mockserver.openapi.remark import Remark
from mockserver.openapi.validate import Checker, Schemas
from mockserver.pointer import join, look_up

if TYPE_CHECKING:
    from mockserver.openapi.samples import Samples

_At = Callable[[str], Place]


def remarks(operations: Sequence[Operation], samples: Samples | None, place: _At) -> list[Remark]:
    """All of it, each once; without `samples` nothing about answers."""
    found = [
        *_examples(operations, place),
        *_wildcards(operations, place),
        *(_impossible(operations, samples, place) if samples else ()),
    ]
    return list({str(one): one for one in found}.values())


def _examples(operations: Sequence[Operation], place: _At) -> Iterator[Remark]:
    for operation in operations:
        headers = [header for reply in operation.replies for header in reply.headers]
        for parameter in (*operation.parameters, *headers):
            for name, value in parameter.named.items():
                if not parameter.checker.fits(value):
                    yield _broken(parameter.checker, parameter.rule, name, value, place)
        asked = operation.body.media if operation.body else ()
        for media in (*asked, *(one for reply in operation.replies for one in reply.media)):
            for name, value in media.named.items():
                if media.checker is not None and not is_sound(media, value):
                    yield _broken(media.checker, media.at, name, value, place)


def _wildcards(operations: Sequence[Operation], place: _At) -> Iterator[Remark]:
    """Names of form fields with a `*` that stands for nothing."""
    for operation in operations:
        body = operation.body
        for media in body.media if body else ():
            if body is None or media.media_type not in FORMS:
                continue
            declared = properties(media.schema, operation.resolve)
            wild = next((name for name in declared if "*" in name), None)
            if wild is not None and described(body, media, declared, operation.resolve) is None:
                told = (
                    f'the "*" of the field "{wild}" stands for nothing: no JSON body of {operation.id} has such a place'
                )
                yield Remark(place(media.rule), told, "take the form's shape as application/json too", "E709")


def inner_examples(known: Iterable[tuple[str, Any]], ways: Sequence[Schemas], place: _At) -> list[Remark]:
    """Examples and defaults inside schemas that break them, whether asked or answered. Looks at each such schema."""
    found = []
    for pointer, schema in known:
        if not isinstance(schema, dict):
            continue
        for where, what, value in _given(pointer, schema):
            if not all(one.is_sound(pointer) for one in ways):
                break
            checkers = [one.checker(pointer) for one in ways]
            if not any(checker.fits(value) for checker in checkers):
                found.append(Remark(place(where), *_broken_by(checkers[0], what, value), "E704"))
    return found


def _given(pointer: str, schema: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for word in ("example", "default"):
        if word in schema:
            yield join(pointer, word), word, schema[word]
    many = schema.get("examples")
    for number, value in enumerate(many if isinstance(many, list) else ()):
        yield join(pointer, "examples", number), "example", value


def servers(tree: Any, things: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Where paths and operations name servers of their own: only those of the document say where it is served."""
    kinds = ("path item", "operation")
    return tuple(pointer for kind, pointer in things if kind in kinds and "servers" in look_up(tree, pointer))


def remarks_on_servers(pointers: Iterable[str], place: _At) -> list[Remark]:
    """A remark on each of `servers`."""
    told = "the servers of a path or an operation are not heeded: it is served where the document is"
    hint = "give it a document of its own"
    return [Remark(place(join(pointer, "servers")), told, hint, code="E708") for pointer in pointers]


def is_sound(media: Media, value: Any) -> bool:
    """Whether an example fits; of what is not JSON a text may be what is sent, and not the value that it stands for."""
    if media.checker is None or (isinstance(value, str) and not is_json(media.media_type)):
        return True
    return media.checker.fits(value)


def _broken(checker: Checker, above: str, name: str, value: Any, place: _At) -> Remark:
    at = place(join(above, "examples", name) if name else join(above, "example"))
    return Remark(at, *_broken_by(checker, "example", value), "E704")


def _broken_by(checker: Checker, what: str, value: Any) -> tuple[str, str]:
    violations = checker.explain(value).violations
    why = f"{violations[0].where} {violations[0].clause}".lstrip() if violations else "it does not fit"
    return f"the {what} breaks its schema: {why}", "correct one of the two"


def _impossible(operations: Sequence[Operation], samples: Samples, place: _At) -> Iterator[Remark]:
    wanted = {
        media.rule: None
        for operation in operations
        for reply in operation.replies
        for media in reply.media
        if media.schema is not None and not any(is_sound(media, value) for value in media.examples)
    }
    wanted |= {
        header.checker.rule: None
        for operation in operations
        for reply in operation.replies
        for header in reply.headers
        if header.required and header.schema is not True and not header.examples
    }
    for error in samples.impossible(wanted).values():
        yield Remark(
            place(error.rule),
            f"no value can be made for an answer: {error.message}",
            "loosen the schema, or give an example; until then the answer is a 500",
            "E706",
        )
