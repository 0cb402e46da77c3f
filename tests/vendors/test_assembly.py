"""From words to services: names of documents, and services that are loaded when something first asks for them."""

from pathlib import Path

import pytest

from mockserver.errors import UsageError
from mockserver.vendors.assembly import Wanted, assemble
from mockserver.vendors.catalogue import vendors

LATE = Wanted(shipped_scenarios=False, late=True)


@pytest.mark.parametrize("vendor", [(), *((name,) for name in vendors())], ids=lambda names: " ".join(names) or "all")
def test_a_late_service_is_the_same_as_one_that_is_loaded_at_once(vendor):
    """Its base URLs are those that its document gives, and so is all else."""
    whole = assemble(Wanted(vendor, shipped_scenarios=False))
    late = assemble(Wanted(vendor, shipped_scenarios=False, late=True))

    assert all(one.is_late for one in late)
    assert [one.mounts for one in late] == [one.mounts for one in whole]
    assert all(one.is_late for one in late)
    assert [one.document.value for one in late] == [one.document.value for one in whole]
    for field in ("name", "vendor", "scenarios", "api_keys", "any_key", "fixtures", "test_key"):
        assert [getattr(one, field) for one in late] == [getattr(one, field) for one in whole]
    assert [sorted(one.resources) for one in late] == [sorted(one.resources) for one in whole]
    assert not any(one.is_late for one in late)


def test_a_late_service_has_no_other_fields():
    """A misspelt one loads nothing."""
    service = assemble(LATE)[0]

    with pytest.raises(AttributeError, match="a service has no 'documents'"):
        getattr(service, "documents")  # noqa: B009 - a type checker knows it too
    assert service.is_late


@pytest.mark.parametrize("name", ["a/b c", "ä", "a?b", "a%20b", " "])
def test_a_name_of_a_document_stands_in_addresses(name):
    """What could not be asked for by its address is refused."""
    with pytest.raises(UsageError, match=r'is no name for a document, .*; write one like "my-shop"'):
        assemble(Wanted(specs=((name, Path("shop.yaml")),)))


def test_where_scenarios_speak_of_operations_nothing_is_late():
    """A broken fixture stops the start."""
    assert not any(one.is_late for one in assemble(Wanted(late=True)))
