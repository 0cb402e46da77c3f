"""JSON Pointer (RFC 6901): how a spot in a JSON value is named, looked up and changed in a copy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

GONE: Any = object()  # in `patched`: the member is left out

_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z")


def join(pointer: str, *keys: str | int) -> str:
    """`pointer` and `keys` below it: `join("/paths", "/a")` is `/paths/~1a`."""
    for key in keys:
        name = str(key)
        if "~" in name or "/" in name:
            name = name.replace("~", "~0").replace("/", "~1")
        pointer = f"{pointer}/{name}"
    return pointer


def split(pointer: str) -> tuple[str, ...]:
    """The keys of `pointer`, unescaped; "" has none."""
    if not pointer:
        return ()
    tokens = pointer[1:].split("/")
    if "~" not in pointer:
        return tuple(tokens)
    return tuple([token.replace("~1", "/").replace("~0", "~") if "~" in token else token for token in tokens])


def step(value: Any, key: str) -> Any:
    """The member `key` of an object or the item with that number of a list; KeyError where there is none."""
    if isinstance(value, dict):
        return value[key]
    if isinstance(value, list) and _INDEX.match(key) and int(key) < len(value):
        return value[int(key)]
    raise KeyError(key)


def look_up(value: Any, pointer: str) -> Any:
    """What is at `pointer` in `value`; KeyError (with the pointer) where nothing is."""
    try:
        for key in split(pointer):
            value = value[key] if isinstance(value, dict) else step(value, key)
    except KeyError:
        raise KeyError(pointer) from None
    return value


def is_there(value: Any, pointer: str) -> bool:
    """Whether there is anything at `pointer` in `value`."""
    try:
        look_up(value, pointer)
    except KeyError:
        return False
    return True


def copy(value: Any) -> Any:
    """A copy of a JSON value that shares no list and no mapping with it."""
    if isinstance(value, dict):
        return {key: copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy(item) for item in value]
    return value


def patched(value: Any, patches: Iterable[tuple[str, Mapping[str, Any]]]) -> Any:
    """A copy of `value` in which the object or list at each pointer has these members; untouched parts are shared."""
    root = [value]
    owned: dict[int, Any] = {id(root): root}  # the containers that are ours to change; kept, so that ids stay theirs
    for pointer, members in patches:
        node: Any = root
        for key in ("0", *split(pointer)):
            index: Any = int(key) if isinstance(node, list) else key
            inner = node[index]
            if id(inner) not in owned:
                inner = node[index] = inner.copy()
                owned[id(inner)] = inner
            node = inner
        for key, item in members.items():
            if item is GONE:
                node.pop(key, None)
            else:
                node[int(key) if isinstance(node, list) else key] = item
    return root[0]
