"""What one operation of a document says: frozen values that hold compiled validators, made once at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr

if TYPE_CHECKING:
    from mockserver.openapi.validate import Checker

Location = Literal["path", "query", "header", "cookie"]
NO_BODY = frozenset({204, 205, 304})  # statuses of answers without one (RFC 9110, section 6.4.1)


class Missing:
    """Stands for "not given" where None is a value."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


def as_it_is(node: Any) -> Any:
    """`node` itself: how references are followed where there are none."""
    return node


class Parameter(Struct, frozen=True):
    """One parameter; `style` and `explode` have their defaults filled in (OpenAPI 3.1, "Parameter Object")."""

    name: str
    location: Location
    required: bool
    schema: Mapping[str, Any] | bool  # what the document says, references followed one level
    kinds: frozenset[str]  # the JSON types that the schema lets through: see `coerce.kinds`
    checker: Checker
    rule: str  # JSON Pointer of the parameter in the effective document
    style: str = "simple"
    explode: bool = False
    media_type: str | None = None  # set for `content` parameters: the value is text of that type
    allow_empty: bool = False
    named: Mapping[str, Any] = field(default_factory=dict)  # its examples by name; "" is the one without

    @property
    def examples(self) -> tuple[Any, ...]:
        """The values of its examples."""
        return tuple(self.named.values())


class Media(Struct, frozen=True):
    """One media type of a body. `schema` is the document's own, references followed one level; None = anything goes."""

    media_type: str  # "application/json", lower case, without parameters; may be a range, "application/*"
    schema: Mapping[str, Any] | bool | None
    checker: Checker | None
    rule: str  # JSON Pointer of the schema in the effective document
    encoding: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    named: Mapping[str, Any] = field(default_factory=dict)  # its examples by name; "" is the one without
    is_stream: bool = False  # the schema is that of each item (OpenAPI 3.2, `itemSchema`)
    at: str = ""  # JSON Pointer of the media type itself

    @property
    def examples(self) -> tuple[Any, ...]:
        """The values of its examples."""
        return tuple(self.named.values())


class Body(Struct, frozen=True):
    """A request body and the media types that it may have."""

    required: bool
    media: tuple[Media, ...]
    rule: str

    def of(self, media_type: str) -> Media | None:
        """The most specific entry that covers `media_type` (exact, then `type/*`, then `*/*`), or None."""
        return _covering(self.media, media_type)


class Reply(Struct, frozen=True):
    """One declared answer: `status` is "200", "4XX" or "default"."""

    status: str
    media: tuple[Media, ...]
    headers: tuple[Parameter, ...]
    rule: str

    def of(self, media_type: str) -> Media | None:
        """The most specific entry that covers `media_type` (exact, then `type/*`, then `*/*`), or None."""
        return _covering(self.media, media_type)


def _covering(entries: tuple[Media, ...], media_type: str) -> Media | None:
    for media in entries:
        if media.media_type == media_type:
            return media
    kind = media_type.split("/", 1)[0]
    for wanted in (f"{kind}/*", "*/*"):
        for media in entries:
            if media.media_type == wanted:
                return media
    return None


class SecurityScheme(Struct, frozen=True):
    """How a key travels. `kind` is the document's `type`; `key` the header, query field or cookie that carries it."""

    name: str
    kind: str  # "apiKey" | "http" | "oauth2" | "openIdConnect" | "mutualTLS"
    location: Literal["header", "query", "cookie"]
    key: str  # "X-API-Key"; "Authorization" for http, oauth2 and openIdConnect
    scheme: str = ""  # http only, lower case: "bearer", "basic"


class Operation(Struct, frozen=True):
    """One operation, compiled. `id` is its operationId, else `METHOD /template`."""

    id: str
    method: str  # upper case
    path: str  # template as written: "/pipeline/{id}/bulk_run"
    parameters: tuple[Parameter, ...]
    body: Body | None
    replies: tuple[Reply, ...]
    security: tuple[
        tuple[SecurityScheme, ...], ...
    ]  # alternatives, each a conjunction; () inside = no key needed; () = open
    rule: str
    same_as: str | None = None  # `METHOD /template` of the operation whose alias path this is (x-same-as)
    callbacks: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)  # its x-... fields
    summary: str = ""
    resolve: Callable[[Any], Any] = as_it_is  # follows a `$ref`
    replies_by_status: Mapping[str, Reply] = field(default_factory=dict)  # made of `replies`
    label: str = ""  # `METHOD /template`: made of these

    def __post_init__(self) -> None:
        force_setattr(self, "label", f"{self.method} {self.path}")
        force_setattr(self, "replies_by_status", {reply.status: reply for reply in reversed(self.replies)})

    def reply(self, status: int) -> Reply | None:
        """What the document declares for `status`: exact, then `4XX`, then `default`; None = undeclared."""
        known = self.replies_by_status
        return known.get(str(status)) or known.get(f"{status // 100}XX") or known.get("default")
