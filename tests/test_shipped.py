"""What is kept of the shipped files: it is what reading them gives, and whoever changes a file gets what it says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mockserver import data, shipped, yamlfile
from mockserver.openapi.document import of_closed
from mockserver.openapi.load import load
from mockserver.vendors.assembly import Wanted, assemble
from mockserver.vendors.catalogue import vendors
from tests import shipped_values

SOURCES = [source for vendor in vendors().values() for source in vendor.sources]
PATHS = {
    source.name: [data.specs_dir() / one for one in (source.spec, *source.overlays)]
    for source in SOURCES
    if source.mount and (data.specs_dir() / source.spec).is_relative_to(data.specs_dir())
}


def texts(paths):
    return [yamlfile.text_of(path, path.name) for path in paths]


def loaded(name):
    path, *overlays = PATHS[name]
    return load(path, name=name, overlays=overlays)


def test_what_is_kept_is_what_reading_gives():
    """The file is up to date; `make shipped` writes it."""
    kept = json.loads(shipped.FILE.read_text("utf-8"))

    assert kept == json.loads(shipped_values.written())


@pytest.mark.parametrize("name", PATHS)
def test_a_kept_document_is_the_one_that_is_read(name):
    """Operations, aliases, schemes, base URL, title and effective document are the same, in the same order."""
    read, closed = loaded(name), shipped.closed(texts(PATHS[name]))

    assert closed is not None
    kept = of_closed(closed, name=name, file=name, again=lambda: pytest.fail("nobody asked for a place"))

    for one in (read, kept):
        assert one.warnings == ()
    assert kept.title == read.title
    assert kept.base_path == read.base_path
    assert json.dumps(kept.value) == json.dumps(read.value)
    assert json.dumps(kept.effective()) == json.dumps(read.effective())
    assert kept.schemes == read.schemes
    assert [told(one) for one in (*kept.operations, *kept.aliases)] == [
        told(one) for one in (*read.operations, *read.aliases)
    ]


def told(operation):
    """An operation as text, without the functions in it."""
    parts = [repr(getattr(operation, name)) for name in operation.__struct_fields__ if name != "resolve"]
    return operation.id, parts


@pytest.mark.parametrize("name", PATHS)
def test_places_and_remarks_come_from_the_files(name):
    """Where a rule stands, and all that is odd, is the same: the files are read when somebody asks."""
    read, closed = loaded(name), shipped.closed(texts(PATHS[name]))

    assert closed is not None
    kept = of_closed(closed, name=name, file=name, again=lambda: loaded(name))

    assert [kept.place(one.rule) for one in kept.operations] == [read.place(one.rule) for one in read.operations]
    assert kept.remarks() == read.remarks()


def test_a_changed_document_is_read(tmp_path):
    """A value is kept for one text only."""
    path, *overlays = PATHS["vectorshift"]
    changed = tmp_path / path.name
    changed.write_text(path.read_text("utf-8").replace("title: ", "title: Another "), "utf-8")

    assert shipped.closed(texts([path, *overlays])) is not None
    assert shipped.closed(texts([changed, *overlays])) is None


def test_a_changed_fixture_is_read(tmp_path):
    """A fixture that differs from the shipped one by one key has that key."""
    path = data.fixtures_dir() / "vectorshift" / "bulk.yaml"
    changed = tmp_path / path.name
    changed.write_text(path.read_text("utf-8").replace("about: ", "about: Another ", 1), "utf-8")

    same, other = (shipped.read(one, label="bulk.yaml") for one in (path, changed))

    assert same.value == yamlfile.read(path).value
    assert other.value == yamlfile.read(changed).value
    assert other.value["about"] == f"Another {same.value['about']}"


def test_other_readings_are_made_from_the_files():
    """`strict_spec` and `documented_only` are no part of what is kept."""
    plain, strict = (
        assemble(Wanted(vendors=("vectorshift",), strict_spec=strict_spec))[0].document for strict_spec in (False, True)
    )
    documented = assemble(Wanted(vendors=("vectorshift",), documented_only=True))[0].document

    assert plain.closed is not None
    assert strict.closed is None
    assert len(documented.operations) < len(plain.operations)


def test_a_mock_of_ours_needs_no_yaml():
    """Whoever serves what we ship imports neither PyYAML nor what reads documents from their files."""
    program = """
import sys
from mockserver.vendors.assembly import Wanted, assemble
services = assemble(Wanted(shipped_scenarios=False))
assert sum(len(service.document.operations) for service in services) > 40
print(sorted({"yaml", "mockserver.yamltext", "mockserver.openapi.load", "mockserver.openapi.overlay"} & {*sys.modules}))
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("content", [None, b'{"fixtures": {', b'<<<<<<< ours\n{"fixtures": {}}', b"[]"])
def test_without_the_file_everything_is_read(tmp_path, monkeypatch, content):
    """As in a checkout whose merge is not done: whoever mocks is not hindered."""
    monkeypatch.setattr(shipped, "FILE", tmp_path / "shipped.json")
    if content is not None:
        shipped.FILE.write_bytes(content)
    shipped._kept.cache_clear()
    try:
        services = assemble(Wanted(shipped_scenarios=False))
        served = [service.document.title for service in services]
    finally:
        monkeypatch.undo()
        shipped._kept.cache_clear()

    assert all(service.document.closed is not None for service in services)
    assert served == [service.document.title for service in assemble(Wanted(shipped_scenarios=False))]


def test_a_document_that_changes_or_goes_meanwhile_is_told_as_it_was_read(tmp_path, monkeypatch):
    """Where a rule stands is a line of the text that is served, whatever becomes of the file."""
    folder = tmp_path / "specs" / "vectorshift"
    folder.mkdir(parents=True)
    for path in PATHS["vectorshift"]:
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(data, "specs_dir", lambda: tmp_path / "specs")
    document = assemble(Wanted(vendors=("vectorshift",), shipped_scenarios=False))[0].document
    for path in folder.iterdir():
        path.unlink()

    lines = [document.place(one.rule).line for one in document.operations]

    read = loaded("vectorshift")
    assert lines == [read.place(one.rule).line for one in read.operations]


def test_where_pyyaml_is_missing_the_line_is_left_out(monkeypatch):
    """A test that plays so gets the answer all the same."""
    document = assemble(Wanted(vendors=("vectorshift",), shipped_scenarios=False))[0].document
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "mockserver.yamltext", raising=False)
    monkeypatch.delattr("mockserver.yamltext", raising=False)

    place = document.place("/paths")

    assert (place.file, place.line, place.pointer) == ("specs/vectorshift/pipeline.yaml", 0, "/paths")
