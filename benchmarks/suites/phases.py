"""A pytest plugin that times each test in its process: setup, call and teardown, without the body of the test.

It writes the milliseconds of each test, as a JSON list, to the file that PHASES names.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

_spent: list[float] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """A test begins."""
    _spent.append(0.0)
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    """Its fixtures are set up."""
    return (yield from _timed(1000))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """It runs and is judged."""
    return (yield from _timed(1000))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """Its body runs, which does not count."""
    return (yield from _timed(-1000))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """Its fixtures are torn down."""
    return (yield from _timed(1000))


def pytest_unconfigure() -> None:
    """All tests are done."""
    Path(os.environ["PHASES"]).write_text(json.dumps(_spent), "utf-8")


def _timed(unit: float) -> Generator[None, object, object]:
    began = time.perf_counter()
    try:
        return (yield)
    finally:
        _spent[-1] += (time.perf_counter() - began) * unit
