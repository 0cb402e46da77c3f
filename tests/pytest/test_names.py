"""What `import mockserver` gives: names for annotations, at no cost, and types for whoever checks them."""

import ast
import subprocess
import sys
from importlib import import_module
from importlib.resources import files
from pkgutil import walk_packages

import pytest

import mockserver
import mockserver.plugin
from mockserver import pytest_plugin
from mockserver.vendors.catalogue import vendors

HEAVY = ("aiohttp", "jsonschema", "jsonschema_rs", "yaml", "mockserver.engine", "mockserver.server")
REPORTS = "mockserver.plugin.reports"  # which a run imports that asks for a report
PLUGIN = [found.name for found in walk_packages(mockserver.plugin.__path__, "mockserver.plugin.")]


@pytest.mark.parametrize(
    "module", ["mockserver", "mockserver.pytest_plugin", *(name for name in PLUGIN if name != REPORTS)]
)
def test_it_is_imported_at_no_cost(module):
    """Neither the package nor any module of the plugin imports a server, a validator or the engine."""
    code = f"import sys, {module}; print(*(name for name in {HEAVY} if name in sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == []


@pytest.mark.parametrize("name", [name for name in mockserver.__all__ if name != "__version__"])
def test_each_name_is_at_the_front_door(name):
    """`from mockserver import Server` gives what the module that holds it gives."""
    found = getattr(mockserver, name)

    assert found.__name__ in (name, "Mock")  # the mocks of vendors are all Mock when tests run
    assert getattr(import_module(found.__module__), found.__name__) is found
    assert name in dir(mockserver)


def test_an_unknown_name_is_none():
    """A misspelt import fails as it does elsewhere."""
    with pytest.raises(ImportError, match="cannot import name 'EachLabsMock' from 'mockserver'"):
        exec("from mockserver import EachLabsMock")


def test_the_package_says_that_it_is_typed():
    """A type checker reads the annotations of an installed package only if it holds this file."""
    assert files("mockserver").joinpath("py.typed").is_file()


@pytest.mark.parametrize("vendor", ["eachlabs", "vectorshift"])
def test_a_type_checker_knows_the_nouns_of_a_vendor(vendor):
    """The class that annotations name has a method for each noun, which takes the fields that tests can give."""
    tree = ast.parse(files("mockserver").joinpath("pytest_plugin.py").read_text("utf-8"))
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    methods = [node for node in classes[f"{vendor.title()}Mock"].body if isinstance(node, ast.FunctionDef)]
    known = {method.name: {each.arg for each in method.args.kwonlyargs} for method in methods}

    assert known == {name: set(noun.fields) for name, noun in vendors()[vendor].face.nouns.items()}
    assert hasattr(pytest_plugin, f"{vendor.title()}Mock")
