"""The house's rules that no linter holds. Imports between rooms are import-linter's (`make check`)."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mockserver"
PURE_ROOMS = ("openapi", "scenario", "engine", "vendors", "contract")
PURE_FILES = ("chance.py", "clock.py", "errors.py", "pointer.py", "yamlfile.py")
NAMED_AFTER_A_KIND = {"base", "common", "factories", "helpers", "managers", "misc", "types", "utils"}
VENDOR_NOUN = re.compile(r"bulk_id|run_outputs", re.IGNORECASE)
VENDOR_NAME = re.compile(r"eachlabs|each::labs|vectorshift", re.IGNORECASE)
MACHINE_PATH = re.compile(
    r"""(?:^|[\s"'`(=])((?:/(?:home|Users|root|tmp|opt|work|mnt|srv)/|[A-Z]:\\)[\w.-]+)""", re.MULTILINE
)
MUTABLE_DISPLAY = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTATORS = {
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse",
    "setdefault", "sort", "update",
}  # fmt: skip
HARMLESS_CALLS = {"attrgetter", "getLogger", "itemgetter", "methodcaller"}  # what they give holds no state
IMPURE_MODULES = {"random", "secrets", "time"}
IMPURE_CALLS = {"now", "sleep", "today", "urandom", "utcnow", "uuid1", "uuid4"}


def python_files(folder: Path = PACKAGE) -> list[Path]:
    """Every Python file below `folder`, in a fixed order."""
    return sorted(folder.rglob("*.py"))


def shown(path: Path, line: int = 0) -> str:
    """`mockserver/x.py:12`, as an editor opens it."""
    return path.relative_to(ROOT).as_posix() + (f":{line}" if line else "")


def room_of(path: Path) -> str:
    """The first part of a path inside the package: "engine", "clock.py"."""
    return path.relative_to(PACKAGE).parts[0]


def pure_files() -> list[Path]:
    """The files that must not know what time it is."""
    return [path for path in python_files() if room_of(path) in (*PURE_ROOMS, *PURE_FILES)]


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def lines_with(pattern: re.Pattern[str], path: Path) -> Iterator[str]:
    """`file:line  match` for each line of `path` in which `pattern` occurs."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if found := pattern.search(line):
            yield f"{shown(path, number)}  {found[found.lastindex or 0]}"


def statements(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """What runs when a module or class is made: its statements, and those inside its `if`, `try`, `for` and `with`."""
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for block in ("body", "handlers", "orelse", "finalbody"):
                yield from statements(getattr(statement, block, ()))


def bound(body: Sequence[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """The names that a module or class binds, each with its value."""
    for statement in statements(body):
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def shared(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The names bound to something that may change and that all who import the module share."""
    for name, value in bound(tree.body):
        if isinstance(value, MUTABLE_DISPLAY) or (isinstance(value, ast.Call) and not is_harmless(name, value)):
            yield name, value
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from ((name, value) for name, value in bound(node.body) if isinstance(value, MUTABLE_DISPLAY))


def name_of_call(call: ast.Call) -> str:
    """`getLogger` of `logging.getLogger(...)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def is_harmless(name: str, value: ast.Call) -> bool:
    """Whether a call gives a class, named like one, or a function."""
    return name_of_call(value) in HARMLESS_CALLS or (name.lstrip("_")[:1].isupper() and not name.isupper())


def is_constant(name: str) -> bool:
    """Upper case says that nobody changes it; dunder names are the language's."""
    return name.lstrip("_").isupper() or (name.startswith("__") and name.endswith("__"))


def mutated(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The names whose values a file changes in place, each with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name, node.lineno
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name, node.lineno
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if attribute in MUTATORS:
                yield name, node.lineno


def impure(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What a file uses of wall clocks and of chance that has no seed, each with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names if alias.name in IMPURE_MODULES)
            case ast.ImportFrom(module=str(module), level=0) if module in IMPURE_MODULES:
                yield module, node.lineno
            case ast.Call() if name_of_call(node) in IMPURE_CALLS:
                yield f"{name_of_call(node)}()", node.lineno


def test_files_are_short() -> None:
    """A file of the package or of its tests has at most 400 lines."""
    paths = (*python_files(), *python_files(ROOT / "tests"))
    lengths = {shown(path): len(path.read_text("utf-8").splitlines()) for path in paths}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_files_are_named_after_subjects() -> None:
    """No file or folder of the package is named after a kind, such as `utils.py`."""
    found = [shown(path) for path in PACKAGE.rglob("*") if path.stem.lower() in NAMED_AFTER_A_KIND]

    assert found == []


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        pytest.param(VENDOR_NOUN, {"vendors"}, id="nouns"),
        pytest.param(VENDOR_NAME, {"vendors", "cli", "pytest_plugin.py", "data.py", "__init__.py"}, id="names"),
    ],
)
def test_vendor_words_stay_in_their_rooms(pattern: re.Pattern[str], allowed: set[str]) -> None:
    """A vendor's nouns live in `vendors/` only; its name is also known to the rooms that users name it in."""
    files = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".js", ".html", ".css"}]
    found = [line for path in files if room_of(path) not in {*allowed, "_data"} for line in lines_with(pattern, path)]

    assert found == []


def test_no_function_rebinds_a_module_name() -> None:
    """No `global` statement: state is in a world."""
    found = [
        shown(path, node.lineno)
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Global)
    ]

    assert found == []


def test_what_a_module_shares_is_constant() -> None:
    """Modules and classes bind what may change to UPPER_CASE names only."""
    found = [
        f"{shown(path, value.lineno)}  {name}"
        for path in python_files()
        for name, value in shared(parsed(path))
        if not is_constant(name)
    ]

    assert found == []


def test_constants_are_never_changed() -> None:
    """An UPPER_CASE name of a module is not changed in place, anywhere in its file."""
    found = [
        f"{shown(path, line)}  {name}"
        for path in python_files()
        for name, line in mutated(parsed(path))
        if is_constant(name) and name in dict(bound(parsed(path).body))
    ]

    assert found == []


def test_the_core_reads_no_clock_and_no_dice() -> None:
    """Time, chance and ids come from the world; the core calls no clock, no `random` and no `uuid4`."""
    found = [f"{shown(path, line)}  {name}" for path in pure_files() for name, line in impure(parsed(path))]

    assert found == []


def test_every_pure_room_is_held_by_import_linter() -> None:
    """The `forbidden` contract in pyproject.toml names each pure room that exists."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (pure,) = (contract for contract in contracts if contract["id"] == "pure")

    assert pure["source_modules"] == [f"mockserver.{room}" for room in PURE_ROOMS if (PACKAGE / room).is_dir()]


def test_documents_name_no_machine() -> None:
    """README, docs, changelog, specs and fixtures name no path that exists on one machine only."""
    files = [ROOT / "README.md", ROOT / "CHANGELOG.md"]
    files += [
        path
        for folder in ("docs", "specs", "fixtures", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.*"))
        if path.suffix != ".pyc"
    ]
    found = [line for path in files for line in lines_with(MACHINE_PATH, path)]

    assert found == []


def test_decision_notes_are_short() -> None:
    """A note in docs/decisions/ has at most 30 lines and says context, decision and consequence."""
    notes = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    long = [shown(path) for path in notes if len(path.read_text("utf-8").splitlines()) > 30]
    vague = [
        shown(path)
        for path in notes
        if re.findall(r"^## (\w+)", path.read_text("utf-8"), re.MULTILINE) != ["Context", "Decision", "Consequence"]
    ]

    assert notes
    assert (long, vague) == ([], [])


@pytest.mark.parametrize(
    "source",
    [
        "seen = []",
        "seen = dict()",
        "try:\n    pass\nexcept OSError:\n    seen = {}",
        "class A:\n    seen: list[int] = []",
    ],
)
def test_the_rule_about_shared_state_sees_it(source: str) -> None:
    """The rule finds a list, a call, a name bound in a branch and an attribute of a class."""
    assert [name for name, _ in shared(ast.parse(source))] == ["seen"]


@pytest.mark.parametrize("source", ["A[1] = 2", "del A[1]", "A.append(1)", "def f():\n    A[0] += 1"])
def test_the_rule_about_constants_sees_changes(source: str) -> None:
    """The rule finds an item that is set or deleted, a method that mutates, and what a function does."""
    assert {name for name, _ in mutated(ast.parse(source))} == {"A"}


@pytest.mark.parametrize(
    "source",
    ["import time", "from random import choice", "uuid.uuid4()", "datetime.now(UTC)", "asyncio.sleep(1)"],
)
def test_the_rule_about_clocks_and_dice_sees_them(source: str) -> None:
    """The rule finds imports and calls alike."""
    assert len(list(impure(ast.parse(source)))) == 1
