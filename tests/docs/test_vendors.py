"""docs/vendors.md says what the shipped documents say."""

import pytest

from mockserver import data, yamlfile
from mockserver.openapi.load import load
from mockserver.vendors.catalogue import vendors
from tests.callers import caller
from tests.docs.vendor_tables import MEANS, PAGE, evidence, page

SOURCES = [source for name in ("vectorshift", "eachlabs") for source in vendors()[name].sources]


def test_the_tables_are_those_of_the_documents():
    """Write them anew with `make docs`."""
    text = PAGE.read_text("utf-8")

    assert text == page(text)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_operation_says_what_it_rests_on(source):
    """One of the four words; ours say it in the document itself."""
    folder = data.specs_dir()
    overlays = [yamlfile.read(folder / one).value for one in source.overlays]
    document = load(folder / source.spec, name=source.name, overlays=[folder / one for one in source.overlays])

    assert {evidence(one, overlays) for one in (*document.operations, *document.aliases)} <= MEANS.keys()
    if source.name.startswith("eachlabs"):
        assert all("x-evidence" in one.extensions for one in document.operations)


@pytest.mark.parametrize(
    ("vendor", "path", "status", "names"),
    [
        ("vectorshift", "/pipelines?limit=x", 400, {"status", "error", "violations"}),
        ("vectorshift", "/nowhere", 404, {"status", "error", "violations"}),
        ("vectorshift", "/pipeline?id=", 400, {"status", "error"}),
        ("eachlabs", "/categories/x/y/z", 404, {"error"}),
        ("eachlabs", "/workflows/wf_1/executions?limit=x", 400, {"error"}),
    ],
)
def test_what_no_vendor_sends_is_told(vendor, path, status, names):
    """`violations` beside the error, where the page says it and nowhere else."""
    answer = caller(vendor).send("GET", path).answer

    assert (answer.status, set(answer.json)) == (status, names)
    assert "`violations` beside them, which no vendor sends" in PAGE.read_text("utf-8")
