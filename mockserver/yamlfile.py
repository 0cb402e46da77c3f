"""Files of YAML limited to JSON's types, or of JSON, with the line of every value for whoever has to report one.

Knows nothing of what the files are for. Values are plain trees (an alias is a copy), at most `yamltext.MAX_DEPTH` deep,
so whoever walks one may recurse.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from mockserver.errors import Place, YamlError

MAX_BYTES = 16 * 1024 * 1024


class YamlFile:
    """A file that was read: its `name` for messages, its `value`, and where in the text each part of it stands."""

    def __init__(self, name: str, text: str, value: Any) -> None:
        self.name, self.value = name, value
        self._text = text
        self._spots: dict[str, tuple[int, int]] | None = None

    @property
    def digest(self) -> str:
        """What tells this text from any other."""
        return digest(self._text)

    def place(self, pointer: str = "") -> Place:
        """Where `pointer` stands: a member at its key, an item at its start, what is missing at its ancestor."""
        if self._spots is None:
            from mockserver import yamltext

            self._spots = yamltext.spots(self._text, self.name)
        spot = pointer
        while spot not in self._spots and spot:
            spot = spot.rpartition("/")[0]
        line, column = self._spots.get(spot, (0, 0))
        return Place(self.name, line, column, pointer)


def digest(text: str) -> str:
    """What tells `text` from any other: 16 hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_like_a_file(path: Path) -> bool:
    """Whether `read` is worth a try: what it is cannot be told, or it is a file, and no folder and no endless pipe."""
    try:
        return path.is_file() or not path.exists()
    except OSError:
        return True


def read(path: Path, *, label: str | None = None, max_bytes: int = MAX_BYTES) -> YamlFile:
    """The file at `path`, called `label` in messages (default: the path as given). Raises YamlError, located."""
    name = label if label is not None else str(path)
    return parse(text_of(path, name, max_bytes), name)


def parse(text: str, name: str) -> YamlFile:
    """`text` as a file called `name`; read as JSON if the name ends in `.json`, else as YAML. Raises YamlError."""
    # Imported when there is a text to read, and PyYAML with it: what the values of shipped files are is known.
    from mockserver import yamltext

    return YamlFile(name, text, yamltext.value(text, name))


def text_of(path: Path, name: str, max_bytes: int = MAX_BYTES) -> str:
    """The text in the file at `path`, called `name` in messages. Raises YamlError where it is no such file."""
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        hint = "check the path" if isinstance(error, FileNotFoundError) else "it must be a file that you may read"
        hint = "write which file in it is meant" if isinstance(error, IsADirectoryError) else hint
        reason = error.strerror or type(error).__name__
        raise YamlError(Place(name), f"cannot be read: {reason[:1].lower()}{reason[1:]}", hint) from None
    except ValueError as error:  # a NUL in the path
        shown = name.replace("\0", "\\0")
        raise YamlError(Place(shown), f"cannot be read: {error}", "check the path") from None
    if len(data) > max_bytes:
        at = _after(data[:max_bytes], name)
        raise YamlError(at, f"is larger than {max_bytes} bytes", "split it, or take examples out of it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = _after(data[: error.start], name)
        raise YamlError(at, f"the byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8") from None


def _after(data: bytes, name: str) -> Place:
    """The place right after `data`."""
    from mockserver import yamltext

    return yamltext.position(name, data.decode("utf-8-sig", "replace"))
