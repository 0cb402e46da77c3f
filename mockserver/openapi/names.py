"""Schemas by name: where `$id`, `$anchor` and `$dynamicAnchor` of a tree stand (JSON Schema 2020-12, section 8.2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from mockserver.openapi.grammar import DATA, FILES
from mockserver.pointer import join, split, step

_ANCHORS = ("$anchor", "$dynamicAnchor")


class Names:
    """The names in a tree as it is now; make another one when it has grown."""

    def __init__(self, tree: Any) -> None:
        self.ids: dict[str, str] = {}  # URI -> pointer
        self.anchors: dict[tuple[str, str], str] = {}  # (pointer of the resource, name) -> pointer
        todo: list[tuple[str, Any, str, str]] = [("", tree, "", "")]
        while todo:
            pointer, node, base, root = todo.pop()
            if isinstance(node, list):
                todo += [(join(pointer, number), one, base, root) for number, one in enumerate(node)]
            elif isinstance(node, dict):
                if isinstance(own := node.get("$id"), str):
                    base, root = urljoin(base, own).rstrip("#"), pointer
                    self.ids.setdefault(base, pointer)
                for key in _ANCHORS:
                    if isinstance(name := node.get(key), str):
                        self.anchors.setdefault((root, name), pointer)
                inner = ((join(pointer, key), one) for key, one in node.items() if key not in DATA)
                # Each file is a resource of its own.
                todo += [(at, one, base, at if pointer == f"/{FILES}" else root) for at, one in inner]

    def find(self, reference: str, scope: tuple[str, str]) -> str | None:
        """Where a reference leads from inside `scope`; None = no name that is known here."""
        base, root = scope
        uri, _, fragment = urljoin(base, reference).partition("#") if base else reference.partition("#")
        if uri and uri not in self.ids and uri != base:
            return None
        root = self.ids.get(uri, root) if uri else root
        if not fragment or fragment.startswith("/"):
            return root + fragment if uri or root else None
        return self.anchors.get((root, fragment))


def scope_of(tree: Any, pointer: str) -> tuple[str, str]:
    """The base URI at `pointer` and where the resource of that URI begins; ("", "") in the document itself."""
    base, root, at = "", "", ""
    for key in ("", *split(pointer)):
        if at or key:
            tree, at = step(tree, key), join(at, key)
        if isinstance(tree, dict) and isinstance(own := tree.get("$id"), str):
            base, root = urljoin(base, own).rstrip("#"), at
    return base, root
