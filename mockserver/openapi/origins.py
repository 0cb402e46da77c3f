"""Which file each part of a document came from: the document itself, unless an overlay or another file put it there."""

from __future__ import annotations

from typing import Any

from mockserver.errors import Place
from mockserver.pointer import join, split, step
from mockserver.yamlfile import YamlFile


class Origins:
    """Remembers the members that were put into a tree, by the object or list that holds them."""

    def __init__(self, file: YamlFile) -> None:
        self._file = file
        self._put: dict[tuple[int, str], tuple[YamlFile, str]] = {}
        self._kept: list[Any] = []  # the holders, so that their ids stay theirs

    def put(self, holder: Any, key: str | int, file: YamlFile, pointer: str) -> None:
        """The member `key` of `holder` stands at `pointer` in `file`."""
        self._put[id(holder), str(key)] = (file, pointer)
        self._kept.append(holder)

    def of(self, tree: Any, pointer: str) -> tuple[YamlFile, str]:
        """The file that says what is at `pointer` in `tree`, and where in it."""
        file, spot = self._file, ""
        for key in split(pointer):
            file, spot = self._put.get((id(tree), key), (file, join(spot, key)))
            try:
                tree = step(tree, key)
            except KeyError:
                tree = None
        return file, spot

    def place(self, tree: Any, pointer: str) -> Place:
        """The line that says what is at `pointer` in `tree`."""
        file, spot = self.of(tree, pointer)
        at = file.place(spot)
        return Place(at.file, at.line, at.column, pointer)

    def removed(self, holder: list[Any], number: int, tree: Any, pointer: str) -> None:
        """Call before the item `number` leaves the list `holder`, which is at `pointer`: those after it move up."""
        places = [self.of(tree, join(pointer, i)) for i in range(number + 1, len(holder))]
        for i, (file, spot) in enumerate(places, number):
            self.put(holder, i, file, spot)
