"""Where the shipped specs and fixtures are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from os.path import realpath
from pathlib import Path

from mockserver.errors import CouldNotRun

_PACKAGE = Path(__file__).resolve().parent


def specs_dir() -> Path:
    """The folder of the shipped OpenAPI documents and overlays."""
    return _find("specs")


def fixtures_dir() -> Path:
    """The folder of the shipped fixtures."""
    return _find("fixtures")


def shown(path: Path) -> str:
    """How users see a path: `specs/...` for what we ship, relative to here where that is shorter, else as it is."""
    full = Path(realpath(path))  # unlike `resolve` it takes links that lead in a circle
    for name in ("specs", "fixtures"):
        for folder in _places(name):
            if full.is_relative_to(folder):
                return (Path(name) / full.relative_to(folder)).as_posix()
    here = Path.cwd()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else path.as_posix()


def _find(name: str) -> Path:
    for folder in _places(name):
        if folder.is_dir():
            return folder
    raise CouldNotRun(
        f"mockserver's own folder {name!r} is missing from this installation; install bulk-mockserver again"
    )


def _places(name: str) -> tuple[Path, ...]:
    # The checkout first: an editable install leaves a copy in `_data` that goes stale. Only a checkout has the
    # pyproject.toml; in site-packages a neighbour called "specs" is somebody else's.
    checkout = _PACKAGE.parent
    inside = _PACKAGE / "_data" / name
    return (checkout / name, inside) if (checkout / "pyproject.toml").is_file() else (inside,)
