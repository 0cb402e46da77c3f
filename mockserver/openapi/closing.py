"""The references of a document, closed: each leads into the document or into a file beside it.

Files that are referred to become part of the document under `x-files`, so that whoever reads it later meets one tree
with references into itself. The network is never asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from posixpath import dirname, normpath
from typing import Any
from urllib.parse import quote, unquote

from mockserver.errors import MockserverError, SpecError, YamlError, raise_all
from mockserver.openapi import discriminators
from mockserver.openapi.grammar import FILES, members
from mockserver.openapi.names import Names, scope_of
from mockserver.openapi.origins import Origins
from mockserver.openapi.references import nearest
from mockserver.pointer import copy, is_there, join, look_up, split, step
from mockserver.yamlfile import YamlFile

# Keywords that look at the same value again: a circle of these alone never ends.
_IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})

_ABSOLUTE = re.compile(r"file:|[A-Za-z]:[/\\]", re.IGNORECASE)
_FORMS: dict[str, tuple[type, str]] = {"[": (list, "a list"), "{": (dict, "a mapping of names")}

Things = list[tuple[str, str]]  # (kind, pointer), each once
Read = Callable[[Path, str], YamlFile]  # full path, path relative to the document's folder


def close(tree: dict[str, Any], origins: Origins, folder: Path, name: str, read: Read) -> Things:
    """Bring the files that `tree` refers to into it, and check every reference and the form of everything in it.

    `tree` is the caller's copy of the document `name` in `folder`; it may refer to files in and below it.
    Returns everything in the tree that has a kind, including what is only reached by reference.
    """
    closing = _Closing(tree, origins, folder, name, read)
    closing.run()
    closing.find_circles()
    raise_all(closing.errors)
    closing.forget_names()
    return closing.things


class _Closing:
    def __init__(self, tree: dict[str, Any], origins: Origins, folder: Path, name: str, read: Read) -> None:
        self.tree, self.origins, self.folder, self.name, self.read = tree, origins, folder.resolve(), name, read
        self.things: Things = []
        self.errors: list[MockserverError] = []
        self.edges: dict[
            str, list[str]
        ] = {}  # what is looked at in the same breath: by reference, or by allOf and the like
        self._brought: set[str] = set()  # files; what else stands under `x-files` is a part of the document itself
        self._targets: dict[str, str] = {}  # of the references at these pointers; one may stand for things of two kinds
        self._names: tuple[int, Names] | None = None  # with the number of files that they were found in
        self._named_schemas: list[dict[str, Any]] = []

    def run(self) -> None:
        """Visit everything once, parents first and in order."""
        waiting: list[tuple[str, str, Any]] = [("document", "", self.tree)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            kind, pointer, node = waiting.pop()
            if (kind, pointer) in seen:
                continue
            seen.add((kind, pointer))
            try:
                waiting.extend(reversed(self._visit(kind, pointer, node)))
            except (SpecError, YamlError) as error:
                self.errors.append(error)

    def find_circles(self) -> None:
        """An error for each circle of references that never reaches a value."""
        done: set[str] = set()
        for start in self.edges:
            path: list[str] = []
            waiting = [(start, False)]
            while waiting:
                pointer, leaving = waiting.pop()
                if leaving:
                    done.add(path.pop())
                elif pointer in path:
                    told = "this refers back to itself without ever reaching a value"
                    self.errors.append(self._error(pointer, told, "take one reference out of the circle"))
                elif pointer not in done:
                    path.append(pointer)
                    waiting.append((pointer, True))
                    waiting.extend((inner, False) for inner in self.edges.get(pointer, ()))

    def forget_names(self) -> None:
        """Take away every `$id` that a reference would start from: all of them start from the document now."""
        for target in set(self._targets.values()):
            above = self.tree
            for key in split(target):
                if isinstance(above, dict) and isinstance(above.get("$id"), str):
                    self._named_schemas.append(above)
                above = step(above, key)
        for schema in self._named_schemas:
            schema.pop("$id", None)

    def _visit(self, kind: str, pointer: str, node: Any) -> list[tuple[str, str, Any]]:
        """Check one thing, or a list or mapping of things; returns those inside it and the one that it refers to."""
        form, wanted = _FORMS.get(kind[0], (dict, "a mapping"))
        if not isinstance(node, form) and not (kind == "schema" and isinstance(node, bool)):
            told = f"{_said(node)} stands where {wanted} ({kind.strip('[{}]')}) must be"
            raise self._error(pointer, told, "check the indentation")
        inner = list(members(kind, pointer, node))
        if kind[0] in _FORMS:
            return inner
        self.things.append((kind, pointer))
        if kind == "schema" and isinstance(node, dict):
            self._note_in_place(pointer, node)
            if isinstance(node.get("$id"), str):
                self._named_schemas.append(node)
            if "$dynamicRef" in node:
                node.setdefault("$ref", node.pop("$dynamicRef"))
            inner += self._mapped(pointer, node)
        if isinstance(node, dict) and "$ref" in node and kind not in ("document", "components", "operation"):
            target = self._targets.get(pointer)
            if target is None:
                target = self._targets[pointer] = self._target(pointer, node)
            self.edges.setdefault(pointer, []).append(target)
            inner.append((kind, target, look_up(self.tree, target)))
        return inner

    def _note_in_place(self, pointer: str, schema: dict[str, Any]) -> None:
        for word in _IN_PLACE & schema.keys():
            inner, below = schema[word], join(pointer, word)
            if isinstance(inner, list):
                found = [join(below, number) for number in range(len(inner))]
            elif word == "dependentSchemas":
                found = [join(below, name) for name in inner] if isinstance(inner, dict) else []
            else:
                found = [below]
            self.edges.setdefault(pointer, []).extend(found)

    def _target(self, pointer: str, node: dict[str, Any]) -> str:
        """Where the reference of `node` leads in the tree; rewritten if it leads through a file."""
        ref, at = node["$ref"], join(pointer, "$ref")
        if not isinstance(ref, str):
            raise self._error(at, f"{_said(ref)} is no reference", 'write text, such as "#/components/schemas/Pet"')
        target = self._lead(ref, pointer, at)
        node["$ref"] = _written(ref, target)
        return target

    def _mapped(self, pointer: str, schema: dict[str, Any]) -> list[tuple[str, str, Any]]:
        """The schemas in files that a discriminator's mapping leads to; it is rewritten where it leads through a file.

        What leads nowhere hinders nothing and stays as it is: `discriminators` remarks upon it.
        """
        mapping = discriminators.mapping(schema)
        found = []
        for name, said in mapping.items():
            at = join(pointer, "discriminator", "mapping", name)
            try:
                target = self._mapping_target(str(said), pointer, at)
            except SpecError:
                continue
            if discriminators.target(str(said)) != target:
                mapping[name] = _written(str(said), target)
            if self._base(target) != self.name:
                self._targets[at] = target
                found.append(("schema", target, look_up(self.tree, target)))
        return found

    def _mapping_target(self, said: str, pointer: str, at: str) -> str:
        """Where a mapping leads: to the schema of that name, in its file or the document, or as a reference does."""
        for root in (self._root(self._base(pointer)), "") if "#" not in said else ():
            named = root + discriminators.target(said)
            if is_there(self.tree, named):
                return named
        return self._lead(said, pointer, at)

    def _lead(self, ref: str, pointer: str, at: str) -> str:
        """Where a reference inside the thing at `pointer` leads; a file that it leads into is brought into the tree."""
        if (named := self._named(ref, pointer)) is not None:
            return named
        file, _, fragment = ref.partition("#")
        fragment = unquote(fragment)
        if _ABSOLUTE.match(file):
            told = f'"{ref}" is an absolute file address: references stay in and below the folder of the document'
            raise self._error(at, told, "write the path from this file on")
        if "://" in file or file.startswith("//"):
            raise self._error(at, f'"{ref}" is on the network, which is never asked', "save it beside the document")
        base = self._base(pointer)
        root = self._file(normpath(f"{dirname(base)}/{unquote(file)}".lstrip("/")), at) if file else self._root(base)
        if fragment and not fragment.startswith("/"):
            found = self._known_names().anchors.get((root, fragment))
            if found is None:
                raise self._error(at, f'"{ref}" leads nowhere', f'no schema there has the `$anchor` "{fragment}"')
            return found
        target = root + join("", *split(fragment))
        if not is_there(self.tree, target):
            raise self._error(at, f'"{ref}" leads nowhere', self._nearest(root, fragment))
        return target

    def _named(self, ref: str, pointer: str) -> str | None:
        """Where a reference leads by the `$id` of a schema; None for one that is a path, or leads nowhere so."""
        scope = scope_of(self.tree, pointer)
        if not scope[0] and "://" not in ref and not ref.startswith("urn:"):
            return None
        found = self._known_names().find(unquote(ref), scope)
        return found if found is not None and is_there(self.tree, found) else None

    def _known_names(self) -> Names:
        files = len(self._brought)
        if self._names is None or self._names[0] != files:
            self._names = (files, Names(self.tree))
        return self._names[1]

    def _base(self, pointer: str) -> str:
        """The file that `pointer` belongs to, relative to the folder."""
        keys = split(pointer)
        return keys[1] if len(keys) > 1 and keys[0] == FILES and keys[1] in self._brought else self.name

    def _root(self, file: str) -> str:
        return "" if file == self.name else join("", FILES, file)

    def _file(self, file: str, at: str) -> str:
        """Where the file stands in the tree; it is read if it does not stand there yet."""
        root = self._root(file)
        files = self.tree.get(FILES, {}) if root else {}
        if not isinstance(files, dict):
            told = f'{_said(files)} stands where the files that are referred to must be, such as "{file}"'
            raise self._error(f"/{FILES}", told, f"give this {FILES} another name")
        if root and file not in files:
            found = self.read(self._path(file, at), file)
            files = self.tree.setdefault(FILES, {})
            files[file] = copy(found.value)
            self.origins.put(files, file, found, "")
            self._brought.add(file)
        return root

    def _path(self, file: str, at: str) -> Path:
        """The path of a file in or below the folder, which is there."""
        try:
            full = (self.folder / file).resolve()
            is_file, is_folder = full.is_file(), full.is_dir()
        except (OSError, RuntimeError, ValueError):  # too long, not to be entered, links in a circle, a NUL
            raise self._error(at, f"{_said(file)} leads to no file that can be read", "check the path") from None
        if not full.is_relative_to(self.folder):
            raise self._error(at, f'"{file}" is outside the folder of the document', "move it beside the document")
        if is_folder:
            raise self._error(at, f'"{file}" is a folder', "write which file in it is meant")
        if not is_file:
            raise self._error(at, f'there is no file "{file}"', "check the path; it begins where this file is")
        return full

    def _nearest(self, root: str, fragment: str) -> str:
        above, _, _ = fragment.rpartition("/")
        try:
            known = look_up(self.tree, root + above)
        except KeyError:
            return f"there is no {above} either"
        return nearest(split(fragment)[-1], known) if isinstance(known, dict) and fragment else "nothing is there"

    def _error(self, pointer: str, message: str, hint: str) -> SpecError:
        return SpecError(self.origins.place(self.tree, pointer), message, hint)


def _written(ref: str, target: str) -> str:
    """A reference to `target`: as it is written in the document itself, else anew."""
    return ref if unquote(ref) == f"#{target}" else "#" + quote(target, safe="/~")


def _said(node: Any) -> str:
    match node:
        case None:
            return "nothing"
        case bool():
            return "true" if node else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            text = str(node)
            return f'"{text[:40]}..."' if len(text) > 40 else f'"{text}"'
