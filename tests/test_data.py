"""Where shipped files are, and how users see a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver import data
from mockserver.errors import CouldNotRun


def test_shipped_files_are_found() -> None:
    """A checkout has specs and fixtures beside the package."""
    assert (data.specs_dir() / "vectorshift" / "pipeline.yaml").is_file()
    assert (data.fixtures_dir() / "fixture.schema.json").is_file()


def test_shipped_files_are_shown_by_their_short_names() -> None:
    """What we ship is `specs/...` and `fixtures/...`, wherever it is installed."""
    assert data.shown(data.specs_dir() / "a" / "b.yaml") == "specs/a/b.yaml"
    assert data.shown(data.fixtures_dir() / "a.yaml") == "fixtures/a.yaml"


def test_paths_are_shown_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path below the working directory is relative to it, any other stays as it is."""
    monkeypatch.chdir(tmp_path)

    assert data.shown(tmp_path / "a" / "b.yaml") == "a/b.yaml"
    assert data.shown(tmp_path.parent / "b.yaml") == (tmp_path.parent / "b.yaml").as_posix()


def test_a_wheel_carries_its_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a checkout a neighbour called `specs` is somebody else's; ours are inside the package."""
    package = tmp_path / "site-packages" / "mockserver"
    (package / "_data" / "specs").mkdir(parents=True)
    (tmp_path / "site-packages" / "specs").mkdir()
    (tmp_path / "site-packages" / "fixtures").mkdir()
    monkeypatch.setattr(data, "_PACKAGE", package)

    assert data.specs_dir() == package / "_data" / "specs"
    assert data.shown(package / "_data" / "specs" / "x.yaml") == "specs/x.yaml"
    with pytest.raises(CouldNotRun, match="install bulk-mockserver again"):
        data.fixtures_dir()
