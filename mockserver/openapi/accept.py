"""Which of several media types a client would rather have: the Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mockserver.openapi.mediatype import is_json
from mockserver.regex import compiled

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_RANGE = rf"(?s)\s*({_TOKEN}/{_TOKEN})\s*(;.*)?\Z"
_WEIGHT = r"(?i);\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*(?:;|\Z)"
_MEMBER = r'(?:[^,"]|"(?:[^"\\]|\\.)*")+'
_MOST = 100  # ranges that are looked at
# What is sent where a document declares a range, and the client does not mind.
_CONCRETE = {"text": "text/plain", "image": "image/png", "audio": "audio/mpeg", "video": "video/mp4"}


class Range(Struct, frozen=True):
    """A media type or range in lower case, without parameters, and how much it is wanted: 0 = not at all, 1 = most."""

    media_type: str
    weight: float


def ranges(header: str) -> tuple[Range, ...]:
    """The ranges of an Accept header; members that are malformed are passed over."""
    found = []
    for member in compiled(_MEMBER).findall(header)[:_MOST]:
        if read := compiled(_RANGE).match(member):
            weight = compiled(_WEIGHT).search(read[2] or "")
            found.append(Range(read[1].lower(), float(weight[1]) if weight else 1.0))
    return tuple(found)


def choose(header: str | None, offered: Sequence[str]) -> tuple[int, str] | None:
    """The number of the offered type or range that suits best, and the concrete media type to send; None = none does.

    Of those wanted alike, JSON comes first, then the order of the document. No header, or one without a readable
    range: anything suits. Of a range nothing is sent that something more specific speaks of.
    """
    wanted = ranges(header) if header else ()
    best: tuple[float, bool, int, str] | None = None
    for number, media_type in enumerate(offered):
        for concrete in _concrete(media_type, wanted):
            if _covering(concrete, offered) != media_type:
                continue
            weight = _weight(concrete, wanted) if wanted else 1.0
            key = (weight, is_json(concrete), -number, concrete)
            if weight > 0 and (best is None or key[:3] > best[:3]):
                best = key
    return None if best is None else (-best[2], best[3])


def _covering(media_type: str, offered: Sequence[str]) -> str:
    """The most specific of what is offered that speaks of a media type."""
    kind = media_type.partition("/")[0]
    return next(one for one in (media_type, f"{kind}/*", "*/*") if one in offered)


def _weight(media_type: str, wanted: Sequence[Range]) -> float:
    """The weight of the most specific range that covers a media type; 0 where none does."""
    kind = media_type.partition("/")[0]
    for covering in (media_type, f"{kind}/*", "*/*"):
        weights = [one.weight for one in wanted if one.media_type == covering]
        if weights:
            return max(weights)
    return 0.0


def _concrete(media_type: str, wanted: Sequence[Range]) -> list[str]:
    """The media type itself; for a range what the client names of it, else a usual one."""
    kind, _, rest = media_type.partition("/")
    if rest != "*":
        return [media_type]
    named = [
        one.media_type
        for one in wanted
        if not one.media_type.endswith("/*") and (kind == "*" or one.media_type.startswith(f"{kind}/"))
    ]
    usual = "application/json" if kind in ("*", "application") else _CONCRETE.get(kind, f"{kind}/plain")
    kinds = [one.media_type[:-2] for one in wanted if one.media_type.endswith("/*") and one.media_type != "*/*"]
    others = [_CONCRETE[one] for one in kinds if kind == "*" and one in _CONCRETE]
    return [*named, usual, *others]
