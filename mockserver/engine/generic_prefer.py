"""What a client prefers to be answered: `Prefer: code=404, example=cat, dynamic=true` (RFC 7240), as Prism reads it.

Preferences that are not ours (`return=minimal`, `respond-async`) are ignored, as RFC 7240 asks. Ours are meant for the
mock: a value that cannot be is refused in one sentence, since whoever asks for it must not take another answer for it.
"""

from __future__ import annotations

import re
from typing import NoReturn

from msgspec import Struct

from mockserver.engine.messages import Call
from mockserver.errors import Problem, Refused

_MEMBER = re.compile(r"""\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,;"]*))?[^,]*(?:,|\Z)""")
_OURS = ("code", "example", "dynamic")


class Preference(Struct, frozen=True):
    """What was asked for; None = nothing was said."""

    code: int | None = None
    example: str | None = None
    dynamic: bool | None = None

    @property
    def applied(self) -> str:
        """The value of `Preference-Applied`; an example that is named goes before a sample."""
        is_sample = self.dynamic and self.example is None
        said = {
            "code": self.code,
            "example": None if self.example is None else _quoted(self.example),
            "dynamic": "true" if is_sample else "false" if self.dynamic is False else None,
        }
        return ", ".join(f"{name}={value}" for name, value in said.items() if value is not None)


NOTHING = Preference()


def preference(call: Call) -> Preference:
    """What a call prefers: by its `Prefer` header, else by `__code`, `__example` and `__dynamic` in its query.

    Raises Refused for a value that cannot be meant.
    """
    if call.request.header("prefer") is None and "__" not in call.request.query:
        return NOTHING
    header = ", ".join(value for name, value in call.request.headers if name.lower() == "prefer")
    said: dict[str, str] = {}
    declared = {one.name for one in call.match.operation.parameters if one.location == "query"}
    for name in _OURS:
        value = call.query.get(f"__{name}")
        if isinstance(value, str) and f"__{name}" not in declared:
            said[name] = value
    said |= _members(header)
    if not said:
        return NOTHING
    code, dynamic = said.get("code"), said.get("dynamic", "").lower()
    if code is not None and not re.fullmatch("[1-5][0-9][0-9]", code):
        unmet(f'"{code[:40]}" is no status; write `Prefer: code=404`')
    if "dynamic" in said and dynamic not in ("true", "false"):
        unmet(f'dynamic is true or false, not "{said["dynamic"][:40]}"')
    return Preference(
        code=None if code is None else int(code),
        example=said.get("example"),
        dynamic=None if not dynamic else dynamic == "true",
    )


def unmet(why: str) -> NoReturn:
    """Refuse a preference; `why` is a sentence."""
    raise Refused(Problem("rejected", f"the preference cannot be met: {why}"))


def _members(header: str) -> dict[str, str]:
    """Our preferences in a header; of those said twice the first counts (RFC 7240, section 2)."""
    found: dict[str, str] = {}
    end = 0
    while end < len(header) and (member := _MEMBER.match(header, end)):
        end = member.end()
        name, value = member[1].lower(), member[2] or ""
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        if name in _OURS:
            found.setdefault(name, value)
    return found


def _quoted(text: str) -> str:
    """A token as it is, other text in quotes; what a header cannot hold is left out."""
    if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        return text
    kept = "".join(letter for letter in text if " " <= letter <= "~")
    escaped = kept.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
