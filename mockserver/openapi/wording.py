"""The sentences of violations: what came, shortened, and what was wanted. Facts in, words out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.openapi import formats

LONGEST = 200  # characters of `said`
_ROOM = 100  # characters of a text rendered into it
_INSIDE = 60  # the same, of an array or object
_LISTED = 12  # names or options that a sentence lists

Words = tuple[str, str, str]
"""What was said and its fault, which read as one clause, and what is wanted: `5`, `is not a string`, `a string`."""


def words(keyword: str, schema: Mapping[str, Any], value: Any, extra: Sequence[str] = ()) -> Iterator[Words]:
    """How `value` breaks `keyword` of `schema`, one pair for each thing to mend. `extra`: keys that are not allowed."""
    limit = schema[keyword]
    match keyword:
        case "type":
            yield render(value), f"is not {_typed(schema)}", _typed(schema)
        case "enum":
            said, fault, wanted = not_among(value, limit)
            yield said, fault + _nearest(value, limit), wanted
        case "const":
            yield render(value), f"is not {render(limit)}", render(limit)
        case "required":
            yield from (
                ("", f"missing {quoted(name)}", f"the key {quoted(name)}") for name in limit if name not in value
            )
        case "dependentRequired":
            for name, needs in limit.items():
                if name in value:
                    for key in (quoted(need) for need in needs if need not in value):
                        yield "", f"missing {key}, which {quoted(name)} needs", f"the key {key} beside {quoted(name)}"
        case "additionalProperties":
            yield from (unknown_key(name, schema, value) for name in extra)
        case "format":
            yield render(value), f"is not {_format(limit)}", _format(limit)
        case "pattern":
            pattern = shorten(str(limit))
            yield render(value), f"does not match {pattern}", f"a string that matches {pattern}"
        case "multipleOf":
            yield render(value), f"is not a multiple of {limit}", f"a multiple of {limit}"
        case "minLength" | "minItems" | "minProperties":
            yield counted(value), f"at least {limit} needed", f"at least {some(limit, value)}"
        case "maxLength" | "maxItems" | "maxProperties":
            yield counted(value), f"at most {limit} allowed", f"at most {some(limit, value)}"
        case _:
            yield render(value), *_beyond(keyword, schema)


def render(value: Any, room: int = _ROOM) -> str:
    """`value` as JSON, cut to about `room` characters however large it is."""
    text = _json(value, min(room, _INSIDE) if isinstance(value, list | dict) else room)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def counted(value: Any) -> str:
    """How much of it there is: `11 items`, `1 character`."""
    return some(len(value), value)


def some(number: int, like: Any) -> str:
    """So many of what `like` holds: `10 items`, `1 character`."""
    unit = "character" if isinstance(like, str) else "key" if isinstance(like, dict) else "item"
    return f"{number} {unit}" + ("" if number == 1 else "s")


def sized(value: Any) -> str:
    """A value too large to show: `an array of 3 items`."""
    if isinstance(value, list | dict):
        return f"an {'array' if isinstance(value, list) else 'object'} of {counted(value)}"
    return render(value)


def quoted(name: str) -> str:
    """A name or short text in double quotes."""
    return render(name, 60)


def shorten(text: str, room: int = _ROOM) -> str:
    """`text`, cut to `room` characters."""
    return text if len(text) <= room else text[: room - 1] + "…"


def not_among(value: Any, options: Sequence[Any]) -> Words:
    """`5` `is not one of "a", "b"`."""
    return render(value), f"is not {one_of(options)}", one_of(options)


def one_of(options: Sequence[Any]) -> str:
    """`one of "a", "b"`."""
    return f"one of {_several(options)}" if len(options) != 1 else render(options[0])


def missing_tag(name: str, options: Sequence[Any]) -> Words:
    """What to say when the property that tells alternatives apart is not there."""
    tag = f"{quoted(name)} ({'one of ' if len(options) > 1 else ''}{_several(options)})"
    return "", f"missing {tag}", f"the key {tag}"


def unknown_key(name: str, schema: Mapping[str, Any], value: Mapping[str, Any]) -> Words:
    """What to say of a key that may not be there, with the one that was probably meant."""
    allowed = [key for key, below in schema.get("properties", {}).items() if below is not False]
    patterns = [f"names like {shorten(pattern)}" for pattern in schema.get("patternProperties", {})]
    fault, wanted = "is not allowed here", "no further names"
    if allowed or patterns:
        listed = [shorten(key, 60) for key in allowed] + patterns
        names = ", ".join(listed[:_LISTED] + ["…"] * (len(listed) > _LISTED))
        fault, wanted = f"{fault}; allowed: {names}", f"{wanted} than {names}"
    return quoted(name), fault + _nearest(name, [key for key in allowed if key not in value]), wanted


def a(names: Sequence[str]) -> str:
    """Type names as an English alternative: `a string, integer or null`."""
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" or {names[-1]}"
    return listed if names[0] == "null" else f"{'an' if names[0][0] in 'aeiou' else 'a'} {listed}"


def _typed(schema: Mapping[str, Any]) -> str:
    types = schema["type"]
    wanted = a(types if isinstance(types, list) else [types])
    name = schema.get("format")
    known = isinstance(name, str) and (name in formats.TEXT or name in formats.RANGES)
    return f"{wanted} (format {name})" if known else wanted


def _format(name: str) -> str:
    example = formats.EXAMPLES.get(name)
    return f"a string of format {name}" + (f", such as {example}" if example else "")


def _beyond(keyword: str, schema: Mapping[str, Any]) -> tuple[str, str]:
    limit, name = schema[keyword], schema.get("format")
    low, high = formats.RANGES.get(name, (None, None)) if isinstance(name, str) else (None, None)
    match keyword:
        case "minimum":
            end = f", the smallest {name}" if limit == low else ""
            return f"is less than {limit}{end}", f"at least {limit}{end}"
        case "maximum":
            end = f", the largest {name}" if limit == high else ""
            return f"is more than {limit}{end}", f"at most {limit}{end}"
        case "exclusiveMinimum":
            return f"is not more than {limit}", f"more than {limit}"
        case "exclusiveMaximum":
            return f"is not less than {limit}", f"less than {limit}"
    raise ValueError(keyword)


def _several(options: Sequence[Any]) -> str:
    return ", ".join([render(option, 40) for option in options[:_LISTED]] + ["…"] * (len(options) > _LISTED))


def _nearest(name: Any, options: Sequence[Any]) -> str:
    if not isinstance(name, str) or len(name) > 60:
        return ""
    texts = [option for option in options[:100] if isinstance(option, str) and len(option) <= 60]
    # Imported for errors only: it is not free.
    from difflib import get_close_matches

    near = get_close_matches(name, texts, 1, 0.7)
    return f"; did you mean {quoted(near[0])}?" if near else ""


def _json(value: Any, room: int, depth: int = 0) -> str:
    """JSON text of `value`: what is beyond `room` characters or below four levels is an ellipsis."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= room else value[: max(room, 8)] + "…", ensure_ascii=False)
    if not isinstance(value, list | dict):
        return json.dumps(value)
    opening, closing = "[]" if isinstance(value, list) else "{}"
    if depth == 4:
        return f"{opening}…{closing}" if value else opening + closing
    parts: list[str] = []
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        if room <= 0:
            parts.append("…")
            break
        name = f"{_json(key, 40)}: " if isinstance(value, dict) else ""
        parts.append(name + _json(member, room - len(name), depth + 1))
        room -= len(parts[-1]) + 2
    return opening + ", ".join(parts) + closing
