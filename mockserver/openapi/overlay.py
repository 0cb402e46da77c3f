"""OpenAPI Overlays (1.0): corrections that stand beside a document, each saying why and on what evidence.

A target that matches nothing is an error: the text that it corrected has moved.
"""

from __future__ import annotations

import re
from typing import Any

from mockserver.errors import MockserverError, SpecError, raise_all
from mockserver.openapi.origins import Origins
from mockserver.pointer import copy, join, look_up, split, step
from mockserver.yamlfile import YamlFile

EVIDENCE = ("documented", "sdk", "emulator", "guess")

# A path that names one spot: $.paths['/a'].get. Anything else in RFC 9535 goes through python-jsonpath, which takes
# longer to import than a document takes to load.
# Names are written as what of ASCII cannot be in them: a class of all characters takes re milliseconds to compile.
_NAME = r"\.(?P<name>[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*)"
_STEP = re.compile(rf"""{_NAME}|\[(?:'(?P<single>[^'\\]*)'|"(?P<double>[^"\\]*)"|(?P<index>0|[1-9][0-9]{{0,8}}))\]""")


def apply(tree: dict[str, Any], origins: Origins, file: YamlFile, *, documented_only: bool = False) -> None:
    """Change `tree`, which is the caller's own copy of a document, as the overlay `file` says."""
    overlay = file.value
    if not isinstance(overlay, dict) or not str(overlay.get("overlay", "")).startswith("1."):
        raise SpecError(file.place(), "is not an OpenAPI Overlay", 'it begins with "overlay: 1.0.0"')
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise SpecError(file.place("/actions"), "the overlay has no actions", "list them under `actions`")
    errors: list[MockserverError] = []
    for number, action in enumerate(actions):
        at = join("/actions", number)
        try:
            _check(action, file, at)
            if not documented_only or action["x-evidence"] == "documented":
                _Action(tree, origins, file, at).play(action)
        except SpecError as error:
            errors.append(error)
    raise_all(errors)


def _check(action: Any, file: YamlFile, at: str) -> None:
    if not isinstance(action, dict):
        raise SpecError(file.place(at), "an action must be a mapping", "give it target and update or remove")
    for name, meaning in (("target", "a JSONPath"), ("description", "why the document must be corrected")):
        if not isinstance(action.get(name), str) or not action[name].strip():
            raise SpecError(file.place(join(at, name)), f"the action has no {name}", f"write {meaning}")
    if action.get("x-evidence") not in EVIDENCE:
        said = f"{action['x-evidence']!r} is no evidence" if "x-evidence" in action else "the action has no x-evidence"
        raise SpecError(file.place(join(at, "x-evidence")), said, f"write one of {', '.join(EVIDENCE)}")
    if action.get("remove", False) not in (True, False):
        raise SpecError(file.place(join(at, "remove")), "remove must be true or false", "write `remove: true`")
    if ("update" in action) == (action.get("remove") is True):
        raise SpecError(file.place(at), "the action must have either update or `remove: true`", "keep one of them")


class _Action:
    """One action at work."""

    def __init__(self, tree: dict[str, Any], origins: Origins, file: YamlFile, at: str) -> None:
        self.tree, self.origins, self.file, self.at = tree, origins, file, at

    def play(self, action: dict[str, Any]) -> None:
        target = action["target"]
        spots = self._spots(target)
        if not spots:
            raise self._error("target", f"nothing is at {target}", self._moved(target))
        if "update" in action:
            for spot in spots:
                self._update(spot, action["update"])
        else:
            # From the end, so that the numbers of list items stay true.
            for spot in sorted(spots, key=_from_the_end, reverse=True):
                self._remove(spot)

    def _spots(self, target: str) -> list[str]:
        keys = _singular(target)
        if keys is not None:
            pointer = join("", *keys)
            try:
                look_up(self.tree, pointer)
            except KeyError:
                return []
            return [pointer]
        import jsonpath

        try:
            matches = jsonpath.JSONPathEnvironment(strict=True).finditer(target, self.tree)
            return list(dict.fromkeys(join("", *match.parts) for match in matches))
        except (jsonpath.JSONPathError, RecursionError) as error:
            told = str(error).splitlines()[0].rstrip(".") if str(error) else "it cannot be read"
            raise self._error("target", f"{target} is not a JSONPath: {told}", "see RFC 9535") from None

    def _moved(self, target: str) -> str:
        node, known = self.tree, "$"
        for key in _singular(target) or ():
            try:
                node = step(node, str(key))
            except KeyError:
                break
            known += f"[{key}]" if isinstance(key, int) else f"['{key}']"
        if known == "$":
            return "the document may have changed; correct the target or take the action out"
        return f"the document may have changed: it has {known}, and nothing of that name below"

    def _update(self, spot: str, update: Any) -> None:
        node = look_up(self.tree, spot)
        at = join(self.at, "update")
        if isinstance(node, list):
            self._append(node, [update], at, whole=True)
        elif not isinstance(node, dict):
            raise self._error("target", "the target is a plain value", "aim at the mapping or list around it")
        elif not isinstance(update, dict):
            raise self._error("update", "the target is a mapping, so update must be one", "write the members to set")
        else:
            self._merge(node, update, at)

    def _merge(self, node: dict[str, Any], update: dict[str, Any], at: str) -> None:
        for key, value in update.items():
            old, spot = node.get(key), join(at, key)
            if isinstance(old, dict) and isinstance(value, dict):
                self._merge(old, value, spot)
            elif isinstance(old, list) and isinstance(value, list):
                self._append(old, value, spot)
            else:
                node[key] = copy(value)
                self.origins.put(node, key, self.file, spot)

    def _append(self, node: list[Any], items: list[Any], at: str, *, whole: bool = False) -> None:
        for number, item in enumerate(items):
            self.origins.put(node, len(node), self.file, at if whole else join(at, number))
            node.append(copy(item))

    def _remove(self, spot: str) -> None:
        if not spot:
            raise self._error("target", "the whole document cannot be removed", "aim at a part of it")
        above, _, _ = spot.rpartition("/")
        try:
            holder = look_up(self.tree, above)
        except KeyError:
            return  # gone with what held it
        key = split(spot)[-1]
        if isinstance(holder, list):
            self.origins.removed(holder, int(key), self.tree, above)
            del holder[int(key)]
        else:
            holder.pop(key, None)

    def _error(self, member: str, message: str, hint: str) -> SpecError:
        return SpecError(self.file.place(join(self.at, member)), message, hint)


def _singular(target: str) -> tuple[str | int, ...] | None:
    """The names and numbers of a path that names one spot, None for any other."""
    if not target.startswith("$"):
        return None
    keys: list[str | int] = []
    end = 1
    for found in _STEP.finditer(target, 1):
        if found.start() != end:
            return None
        end = found.end()
        kind = found.lastgroup or ""
        keys.append(int(found[kind]) if kind == "index" else found[kind])
    return tuple(keys) if end == len(target) else None


def _from_the_end(spot: str) -> list[tuple[int, str]]:
    return [(int(key) if key.isdecimal() and key.isascii() and len(key) < 10 else -1, key) for key in split(spot)]
