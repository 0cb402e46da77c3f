"""Regular expressions that wait until they are asked for."""

import subprocess
import sys

from mockserver.regex import compiled


def test_a_pattern_is_compiled_once():
    """Whoever asks again gets what is there, however many other patterns the process has compiled meanwhile."""
    first = compiled("[a-z]+")

    assert compiled("[a-z]+") is first
    assert first.fullmatch("abc")


def test_hardly_any_is_compiled_by_an_import():
    """What a server and a mock are made of is imported without its regular expressions."""
    code = """
import re, sys
import aiohttp.web, jsonschema_rs, msgspec  # they compile their own

made = []
compile_one = re._compiler.compile

def noted(pattern, flags):
    caller = sys._getframe(1)
    while caller.f_globals["__name__"].partition(".")[0] == "re":
        caller = caller.f_back
    if caller.f_globals["__name__"].startswith("mockserver"):
        made.append(pattern)
    return compile_one(pattern, flags)

re._compiler.compile = noted
import mockserver.mock, mockserver.server
print(len(made))
"""
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert int(made) < 8
