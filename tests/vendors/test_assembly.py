"""From words to services: names of documents, and services that are loaded when something first asks for them."""

import os
from pathlib import Path

import pytest

from mockserver.errors import FixtureError, UsageError, YamlError
from mockserver.scenario.load import load as load_fixture
from mockserver.vendors import assembly
from mockserver.vendors.assembly import Wanted, assemble
from mockserver.vendors.catalogue import vendors


@pytest.mark.parametrize("scenarios", [False, True])
@pytest.mark.parametrize("vendor", vendors())
def test_what_a_late_service_says_before_it_is_loaded_is_what_its_document_says(vendor, scenarios):
    """Its base URLs and its key, whether scenarios are taken with it or not."""
    services = assemble(Wanted((vendor,), shipped_scenarios=scenarios))
    said = [(one.mounts, one.test_key) for one in services]
    assert all(one.is_late for one in services)

    for one, (mounts, key) in zip(services, said, strict=True):
        source = next(each for each in one.vendor.sources if each.name == one.name)
        path = one.document.base_path
        assert mounts == ((source.mount + path, path, "") if len(services) == 1 else (source.mount + path,))
        assert one.takes(key)
        assert not one.takes("another")
        assert (one.mounts, one.test_key) == (mounts, key)
        assert bool(one.scenarios) == scenarios
    assert not any(one.is_late for one in services)


def test_the_fixtures_of_a_vendor_are_read_once_for_all_its_documents(monkeypatch):
    """A scenario may speak of any of them, so they are read together."""
    read: list[Path] = []

    def noted(path, **words):
        read.append(path)
        return load_fixture(path, **words)

    monkeypatch.setattr(assembly, "load_fixture", noted)

    for one in assemble(Wanted(("eachlabs",))):
        one.load()

    assert sorted(path.name for path in read) == ["bulk.yaml", "runs.yaml", "webhooks.yaml"]


def test_a_late_service_has_no_other_fields():
    """A misspelt one loads nothing."""
    service = assemble(Wanted())[0]

    with pytest.raises(AttributeError, match="a service has no 'documents'"):
        getattr(service, "documents")  # noqa: B009 - a type checker knows it too
    assert service.is_late


@pytest.mark.parametrize("name", ["a/b c", "ä", "a?b", "a%20b", " "])
def test_a_name_of_a_document_stands_in_addresses(name):
    """What could not be asked for by its address is refused."""
    with pytest.raises(UsageError, match=r'is no name for a document, .*; write one like "my-shop"'):
        assemble(Wanted(specs=((name, Path("shop.yaml")),)))


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(fixtures=("vectorshift/bulk",)),
        Wanted(specs=((None, Path("tests/specs/petstore.yaml")),), vendors=("vectorshift",)),
    ],
)
def test_what_users_bring_is_read_at_once(wanted):
    """A broken fixture stops the start."""
    assert not any(one.is_late for one in assemble(wanted))


@pytest.mark.parametrize("specs", [(), ("petstore", "upload")])
def test_an_overlay_needs_the_one_document_that_it_corrects(specs):
    """Without one it would be passed over in silence; which of several is meant is not known."""
    documents = tuple((None, Path(f"tests/specs/{one}.yaml")) for one in specs)

    with pytest.raises(UsageError, match="--overlay goes with exactly one SPEC"):
        assemble(Wanted(specs=documents, overlays=(Path("mine.overlay.yaml"),)))


@pytest.mark.parametrize(
    ("vendor", "said"),
    [
        ("eachlabs", 'no document of the vendor "eachlabs" is served here; --vendor eachlabs serves it'),
        ("eachlab", 'no document of the vendor "eachlab" is served here; did you mean "eachlabs"?'),
        ("petstor", 'no document of the vendor "petstor" is served here; did you mean "petstore"?'),
        ("nobody", 'no document of the vendor "nobody" is served here; known: petstore, vectorshift, eachlabs'),
    ],
)
def test_a_fixture_for_what_is_not_served_says_what_to_do(vendor, said, tmp_path):
    """Serve it too, or write its name as it is."""
    (tmp_path / "f.yaml").write_text(f"format: 1\nvendor: {vendor}\n")
    wanted = Wanted(specs=((None, Path("tests/specs/petstore.yaml")),), fixtures=(str(tmp_path / "f.yaml"),))

    with pytest.raises(FixtureError) as caught:
        assemble(wanted)

    assert str(caught.value).partition("/vendor  ")[2] == said


def test_a_folder_of_fixtures_may_hold_more_than_files(tmp_path):
    """A pipe, which may never end, and a folder are none; a link that leads nowhere is told."""
    (tmp_path / "f.yaml").write_text("format: 1\nvendor: petstore\n")
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    wanted = Wanted(specs=((None, Path("tests/specs/petstore.yaml")),), fixtures=(str(tmp_path),))

    (service,) = assemble(wanted)
    assert [Path(file).name for file, _ in service.fixtures] == ["f.yaml"]

    (tmp_path / "link.yaml").symlink_to("link.yaml")
    with pytest.raises(YamlError, match=r"link\.yaml  cannot be read: too many levels of symbolic links"):
        assemble(wanted)
