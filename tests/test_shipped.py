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
    read, closed = loaded(name), shipped.closed(PATHS[name])

    assert closed is not None
    kept = of_closed(closed, name=name, again=lambda: pytest.fail("nobody asked for a place"))

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
    read, closed = loaded(name), shipped.closed(PATHS[name])

    assert closed is not None
    kept = of_closed(closed, name=name, again=lambda: loaded(name))

    assert [kept.place(one.rule) for one in kept.operations] == [read.place(one.rule) for one in read.operations]
    assert kept.remarks() == read.remarks()


def test_a_changed_document_is_read(tmp_path):
    """A value is kept for one text only."""
    path, *overlays = PATHS["vectorshift"]
    changed = tmp_path / path.name
    changed.write_text(path.read_text("utf-8").replace("title: ", "title: Another "), "utf-8")

    assert shipped.closed([path, *overlays]) is not None
    assert shipped.closed([changed, *overlays]) is None


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
