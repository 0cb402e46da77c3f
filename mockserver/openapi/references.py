"""The references of a closed document, followed: each leads into the document itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from mockserver import hints
from mockserver.pointer import look_up


class References:
    """Follows references inside one closed tree."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree
        self._known: dict[str, Any] = {}

    def resolve(self, node: Any) -> Any:
        """`node`, or what it refers to at last."""
        while isinstance(node, dict) and isinstance(ref := node.get("$ref"), str):
            if ref not in self._known:
                self._known[ref] = look_up(self._tree, unquote(ref[1:]))
            node = self._known[ref]
        return node

    def follow(self, pointer: str) -> tuple[str, Any]:
        """The pointer and value of what is at `pointer`, references followed as long as nothing stands beside them."""
        node = look_up(self._tree, pointer)
        while isinstance(node, dict) and isinstance(ref := node.get("$ref"), str) and len(node) == 1:
            pointer = unquote(ref[1:])
            node = look_up(self._tree, pointer)
        return pointer, node


def nearest(wanted: str, known: Iterable[str]) -> str:
    """A hint that names what was probably meant, or what there is."""
    names = sorted(known)
    there_is = f"known: {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}" if names else "there are none"
    return hints.nearest(wanted, names, there_is)
