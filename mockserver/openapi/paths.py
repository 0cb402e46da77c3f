"""Which operation a method and a path mean. Compiled once into a tree of segments; a match takes microseconds.

Segment by segment, literal text wins over templates, and a template with more text in it over one with less. Paths are
split before they are percent-decoded, so an encoded slash stays in its segment. A trailing slash is a segment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from msgspec import Struct

from mockserver.openapi.operation import Operation

NEAREST = 3
MAX_SEGMENTS = 100


class Found(Struct, frozen=True):
    """The operation that is meant. `alias` is the operation whose path came, if that is an alias of `operation`."""

    operation: Operation
    alias: Operation | None
    params: Mapping[str, str]


class NotFound(Struct, frozen=True):
    """No operation has such a path; `nearest` are the labels of those that look most like it."""

    nearest: tuple[str, ...]


class WrongMethod(Struct, frozen=True):
    """The path is known, with other methods; `allowed` is for `Allow`: those of the most literal template."""

    allowed: tuple[str, ...]


class Segment(Struct, frozen=True):
    """One segment of a template: text, name, text, name, ..., text. All text (no names) is a literal."""

    texts: tuple[str, ...]
    names: tuple[str, ...]

    def values(self, text: str) -> tuple[str, ...] | None:
        """What stands for each name in `text` (decoded), none of it empty; None if it does not fit.

        The first text after a name ends it: `{a}.{b}` reads `x.y.z` as x and y.z.
        """
        first, *between, last = self.texts
        if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
            return None
        rest, found = text[len(first) : len(text) - len(last)], []
        for mark in between:
            end = rest.find(mark, 1)
            if end < 0:
                return None
            found.append(rest[:end])
            rest = rest[end + len(mark) :]
        return (*found, rest) if rest else None


def segments(template: str) -> tuple[Segment, ...]:
    """The segments of a path template. Raises ValueError with a sentence for one that nothing could be matched with."""
    if not template.startswith("/"):
        raise ValueError(f'the path "{template}" does not begin with "/"')
    if template.count("/") > MAX_SEGMENTS:
        raise ValueError(f"the path has more than {MAX_SEGMENTS} segments")
    parsed = tuple(_segment(part, template) for part in template[1:].split("/"))
    names = [name for segment in parsed for name in segment.names]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'the path "{template}" has two parameters called "{name}"')
    return parsed


def shape(template: str) -> str:
    """`template` without the names in it: templates of one shape match the same paths."""
    return "/" + "/".join("{}".join(segment.texts) for segment in segments(template))


def parameters_of(template: str) -> tuple[str, ...]:
    """The names in a path template, in order."""
    return tuple(name for segment in segments(template) for name in segment.names)


class Routes:
    """The paths of a document. `aliases` are operations whose `same_as` is the label of the one that they stand for."""

    def __init__(self, operations: Sequence[Operation], aliases: Sequence[Operation] = ()) -> None:
        self._root = _Node()
        self._labels = tuple((operation.method, operation.path) for operation in (*operations, *aliases))
        canonical = {operation.label: operation for operation in operations}
        for operation in operations:
            self._add(_Leaf(operation, None), operation)
        for alias in aliases:
            self._add(_Leaf(canonical[alias.same_as or ""], alias), alias)

    def match(self, method: str, raw_path: str) -> Found | NotFound | WrongMethod:
        """What a request for `raw_path` (percent-encoded, without the server's path and the query) means."""
        if raw_path[:1] == "/":
            raw = raw_path[1:].split("/")
            parts = [unquote(part) for part in raw] if "%" in raw_path else raw
            allowed: set[str] = set()
            values: list[str] = []
            leaf = _find(self._root, parts, 0, method, values, allowed)
            if leaf is None and method == "HEAD":
                leaf = _find(self._root, parts, 0, "GET", values, set())
            if leaf is not None:
                return Found(leaf.operation, leaf.alias, dict(zip(leaf.names, values, strict=True)))
            if allowed:
                more = {"OPTIONS", "HEAD"} if "GET" in allowed else {"OPTIONS"}
                return WrongMethod(tuple(sorted(allowed | more)))
        return NotFound(self.nearest(method, raw_path))

    def nearest(self, method: str, path: str) -> tuple[str, ...]:
        """The labels of up to three operations that look most like `method` and `path`."""
        # Imported for this rare answer only: it is not free.
        from difflib import SequenceMatcher

        came = unquote(path[:200]).split("/")
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2("/".join(came))
        scored: list[tuple[float, str]] = []
        for number, (verb, template) in enumerate(self._labels):
            filled = (came[i] if i < len(came) and "{" in part else part for i, part in enumerate(template.split("/")))
            matcher.set_seq1("/".join(filled))
            bound = scored[-1][0] if len(scored) == NEAREST else 0.0
            if matcher.real_quick_ratio() < bound or matcher.quick_ratio() < bound:
                continue
            likeness = matcher.ratio() + (0.001 if verb == method else 0.0) - number * 1e-9
            if likeness >= bound:
                scored = sorted([*scored, (likeness, f"{verb} {template}")], reverse=True)[:NEAREST]
        return tuple(label for _, label in scored)

    def _add(self, leaf: _Leaf, operation: Operation) -> None:
        node, names = self._root, list[str]()
        for segment in segments(operation.path):
            node = node.below(segment)
            names += segment.names
        node.leaves[operation.method] = leaf
        leaf.names = tuple(names)


class _Leaf:
    __slots__ = ("alias", "names", "operation")

    def __init__(self, operation: Operation, alias: Operation | None) -> None:
        self.operation, self.alias = operation, alias
        self.names: tuple[str, ...] = ()


class _Node:
    """What may follow: literal segments by their text, then templates, the most text first; and the ends here."""

    __slots__ = ("leaves", "literals", "templates")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.templates: list[tuple[Segment, _Node]] = []
        self.leaves: dict[str, _Leaf] = {}

    def below(self, segment: Segment) -> _Node:
        if not segment.names:
            return self.literals.setdefault(segment.texts[0], _Node())
        for known, node in self.templates:
            if known.texts == segment.texts:
                return node
        self.templates.append((segment, _Node()))
        self.templates.sort(key=lambda pair: (-len("".join(pair[0].texts)), -len(pair[0].texts)))
        return self.below(segment)


def _find(node: _Node, parts: list[str], depth: int, method: str, values: list[str], allowed: set[str]) -> _Leaf | None:
    """The first leaf for `method`, its values left in `values`; the methods of the first template go into `allowed`."""
    if depth == len(parts):
        if not allowed:
            allowed.update(node.leaves)
        return node.leaves.get(method)
    part = parts[depth]
    literal = node.literals.get(part)
    if literal is not None:
        leaf = _find(literal, parts, depth + 1, method, values, allowed)
        if leaf is not None:
            return leaf
    for segment, below in node.templates:
        found = segment.values(part)
        if found is not None:
            before = len(values)
            values.extend(found)
            leaf = _find(below, parts, depth + 1, method, values, allowed)
            if leaf is not None:
                return leaf
            del values[before:]
    return None


def _segment(text: str, template: str) -> Segment:
    texts, names, rest = [""], list[str](), text
    while rest:
        literal, brace, rest = rest.partition("{")
        texts[-1] += literal
        if not brace:
            break
        name, closed, rest = rest.partition("}")
        if not closed or not name or "{" in name:
            raise ValueError(f'the path "{template}" has a brace without its partner, or none but braces')
        if names and not texts[-1]:
            raise ValueError(f'the path "{template}" has two parameters with no text between them')
        names.append(name)
        texts.append("")
    if any("}" in part for part in texts):
        raise ValueError(f'the path "{template}" has a brace without its partner')
    return Segment(tuple(unquote(part) for part in texts), tuple(names))
