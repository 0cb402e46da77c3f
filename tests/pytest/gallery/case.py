"""The cases of the gallery: a folder each, with a client that is wrong, its corrected twin, and the text.

cases/eleven_inputs/wrong.py     a test file; the first line of its docstring says what the client does wrong
right.py     the same, put right
golden.txt   what a user sees of the failure of the wrong one
...          whatever else the two need beside them
"""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_CASES = Path(__file__).parent / "cases"
_OWN = ("wrong.py", "right.py", "golden.txt")
_ID = re.compile(  # whole, or its beginning; what stands behind *** is no id, but the fingerprint of a key
    r"(?<![*\w-])([0-9a-f]{8})(?:(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8})?(?![\w-])"
)
_PORT = re.compile(r"127\.0\.0\.1:(?!4010\b)\d+")  # 4010 is written by us: where `mockserver serve` listens

_SIGNED = re.compile(r"signed at [\dT:-]+Z, wall time")


@dataclass(frozen=True, slots=True)
class Case:
    """One mistake, by the name of its folder."""

    name: str

    @property
    def folder(self) -> Path:
        """Where it stands."""
        return _CASES / self.name

    @property
    def mistake(self) -> str:
        """What the client does wrong, in a sentence."""
        text = ast.get_docstring(ast.parse((self.folder / "wrong.py").read_text("utf-8"))) or ""
        return " ".join(text.split("\n\n")[0].split())

    @property
    def golden(self) -> Path:
        """The file with what the wrong client is told."""
        return self.folder / "golden.txt"

    @property
    def message(self) -> str:
        """What the wrong client is told, without the sections that stand below."""
        return self.golden.read_text("utf-8").split("\n--- ")[0].rstrip()

    def lay_out(self, twin: str, folder: Path) -> Path:
        """Write "wrong" or "right" into a folder as a test file, with what it needs beside it."""
        for each in self.folder.iterdir():
            if each.is_file() and each.name not in _OWN:
                shutil.copy(each, folder)
        file = folder / f"test_{self.name}.py"
        shutil.copy(self.folder / f"{twin}.py", file)
        return file


CASES = tuple(Case(each.name) for each in sorted(_CASES.iterdir()) if (each / "wrong.py").exists())


def told(reports: Sequence[pytest.TestReport]) -> str:
    """What a user sees of the one test that failed: its error and our sections. Ports are PORT, ids ID-1, now NOW."""
    (report,) = [each for each in reports if each.failed]
    error = getattr(report.longrepr, "reprcrash", None)
    # `Failed: ` stands before a verdict of ours here, and not on the screen.
    blocks = [error.message.removeprefix("Failed: ") if error is not None else str(report.longrepr)]
    blocks += [f"--- {title} ---\n{text}" for title, text in report.sections if title.startswith("mockserver")]
    text = _PORT.sub("127.0.0.1:PORT", "\n\n".join(block.strip() for block in blocks))
    text = _SIGNED.sub("signed at NOW, wall time", text)
    names: dict[str, str] = {}
    return _ID.sub(lambda id: names.setdefault(id[1], f"ID-{len(names) + 1}"), text) + "\n"
