"""What every test may use: pytester, ready-made callers of each vendor, and an open world."""

import pytest

pytest_plugins = ["pytester", "tests.callers", "tests.opened"]


@pytest.fixture(autouse=True)
def _a_terminal_like_any_other(monkeypatch):
    """What a test prints, and what the programs that it starts print, is as wide and as plain everywhere."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
