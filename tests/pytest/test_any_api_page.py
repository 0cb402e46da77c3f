"""The example of docs/any-api.md, tried out: a document, a fixture, and tests that pass as they stand."""

import re
from pathlib import Path

import pytest

from mockserver.cli.main import main
from mockserver.vendors.assembly import Wanted, assemble

PAGE = (Path(__file__).parents[2] / "docs" / "any-api.md").read_text("utf-8")
DOCUMENT, FIXTURE, SENDING = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
(TESTS,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "transcoder.yaml").write_text(DOCUMENT, "utf-8")
    (tmp_path / "transcoder.fixture.yaml").write_text(FIXTURE, "utf-8")
    return tmp_path


def test_the_example_passes(suite, pytester):
    """The Python block is a test file that passes beside the two YAML blocks, in a strict test."""
    for name, text in (("transcoder.yaml", DOCUMENT), ("transcoder.fixture.yaml", FIXTURE)):
        (pytester.path / name).write_text(text, "utf-8")

    suite(TESTS).assert_outcomes(passed=TESTS.count("def test_"))


def test_the_second_fixture_is_sound(folder):
    """What the page says of callbacks and webhooks can be loaded beside the lifecycle."""
    (folder / "sending.yaml").write_text(SENDING, "utf-8")
    files = (str(folder / "transcoder.fixture.yaml"), str(folder / "sending.yaml"))

    (service,) = assemble(Wanted(specs=((None, folder / "transcoder.yaml"),), fixtures=files))

    assert service.vendor.sending is not None
    assert service.vendor.sending.names == ("outage", "filmDone")


def test_the_document_is_sound(folder, capsys):
    """`mockserver check` has nothing to say of it."""
    import io

    out = io.StringIO()

    assert main(["check", "--strict", str(folder / "transcoder.yaml")], {}, out) == 0, out.getvalue()
