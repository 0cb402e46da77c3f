"""One request to the admin API, what is read from it, and how it is denied."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf
from typing import Any

from msgspec import Struct, field

from mockserver.clock import seconds
from mockserver.engine.messages import Answer, Request, TooLarge
from mockserver.engine.vendor import json_answer
from mockserver.engine.world import World
from mockserver.engine.worlds import Located
from mockserver.errors import UsageError
from mockserver.http.addresses import no_such_world


class Ask(Struct, frozen=True):
    """One request to the admin API: `located` says in which world, `route` is decoded and below /__admin."""

    request: Request
    located: Located
    route: str
    name: str = ""  # what stands for the `{...}` in the route
    query: Mapping[str, str] = field(default_factory=dict)
    value: Mapping[str, Any] = field(default_factory=dict)  # the JSON body of a change

    @property
    def world(self) -> World:
        """The world that is meant."""
        if self.located.world is None:
            raise Denied(no_such_world(self.located))
        return self.located.world

    def take(self, name: str, kind: type, default: Any = None) -> Any:
        """A member of the body, of this kind. Raises UsageError for one of another kind."""
        found = self.value.get(name)
        if found is None:
            return default
        if not isinstance(found, kind) or isinstance(found, bool):
            words = {str: "a string", int: "a whole number", list: "a list"}
            raise UsageError(f"{name} is {json.dumps(found)[:100]}; it is {words[kind]}")
        return found

    def span(self, name: str, default: float | None = None) -> float:
        """A member of the body that is a duration, in seconds. Raises UsageError when it is none, or not there."""
        value = self.value.get(name, default)
        if value is None:
            raise UsageError(f'say how long: {{"{name}": "30s"}}')
        try:
            found = seconds(value)
        except ValueError as error:
            raise UsageError(f"{name}: {error}") from error
        if not 0 <= found < inf:
            raise UsageError(f'{name} is {found:g}; time goes forward, by a duration such as "30s"')
        return found

    def only(self, what: str, *names: str) -> None:
        """Raises UsageError when the body has members other than these."""
        unknown = sorted(set(self.value) - set(names))
        if unknown:
            raise UsageError(f"{what} has no {unknown[0]!r}; it takes {_listed(names)}")


class Denied(Exception):
    """An admin request ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.status)


def denied(status: int, error: str, **headers: str) -> Denied:
    """A refusal as JSON."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Denied(json_answer(status, {"error": error}, headers=named))


def change(request: Request) -> Mapping[str, Any]:
    """The JSON body of a change. The media type keeps forms of other sites out: they cannot send it unasked."""
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise denied(415, "a change needs `Content-Type: application/json`")
    if isinstance(request.body, TooLarge):
        raise denied(413, f"the body is too large; at most {request.body.limit} bytes are taken")
    try:
        value = json.loads(request.body) if request.body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise denied(400, f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise denied(400, "the body of a change is a JSON object")
    return value


def _listed(names: tuple[str, ...]) -> str:
    *first, last = names or ("nothing",)
    return f"{', '.join(first)} and {last}" if first else last
