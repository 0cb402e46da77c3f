"""What the server takes of aiohttp: the documented classes, without the rest of `aiohttp.web`."""

from __future__ import annotations

import subprocess
import sys

import pytest
from aiohttp import web as theirs

from mockserver.http import web as ours

NAMES = [name for name in vars(ours) if name[0].isupper()]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_that_of_aiohttp_web(name):
    """Each is the class that aiohttp documents by this name."""
    assert getattr(ours, name) is getattr(theirs, name)


def test_a_server_leaves_the_rest_alone():
    """Routes, files and applications of aiohttp, which take as long to import as our own core, are not imported."""
    program = (
        "import sys, mockserver.server; print([name for name in sys.modules if name.startswith('aiohttp.web_app')])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("[]\n", "")
