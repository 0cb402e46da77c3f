"""What a run does not pay for: documents that no test asks for, and worlds of tests that are over."""

ALL_THREE = """
import gc
from mockserver.engine.service import Service

def late():
    found = [one for one in gc.get_objects() if type(one) is Service and one.name in NAMES]
    return sorted(one.name for one in found if one.is_late)

NAMES = ("eachlabs", "eachlabs-api", "vectorshift")
"""


def test_only_the_document_of_the_mock_that_is_asked_for_is_read(suite):
    """Others wait until a request, or a test, asks for them."""
    source = f"""
{ALL_THREE}
import urllib.error, urllib.request

def test_one(eachlabs_mock):
    assert late() == ["eachlabs-api", "vectorshift"]

@pytest.mark.mockserver(strict=False)
def test_another_base_url(mockserver):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{{mockserver.url}}/vectorshift/v1/pipelines")
    assert late() == ["eachlabs-api"]
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{{mockserver.url}}/eachlabs/v1/workflows")
    assert late() == []
"""
    suite(source, subprocess=True).assert_outcomes(passed=2)


def test_what_no_script_form_or_fixture_needs_is_not_imported(suite):
    """A test whose client does all right pays for no reader of YAML, forms or fixtures, and no words of scripts."""
    source = """
import sys

def test_one(eachlabs_mock):
    trigger(eachlabs_mock, {})

def test_two():
    unused = ("yaml", "mockserver.openapi.assembly", "mockserver.scenario.fixture", "mockserver.stubbing",
              "mockserver.scripted_input", "mockserver.contract.findings", "mockserver.engine.events")
    assert [name for name in unused if name in sys.modules] == []
"""
    suite(source, "-p", "no:schemathesis", subprocess=True).assert_outcomes(passed=2)


def test_a_value_without_patterns_is_drawn_without_the_search_for_texts(suite):
    """A draw from objects, texts and numbers pays for nothing that reads expressions."""
    source = """
import json, sys, urllib.request

def test_one(vectorshift_mock):
    body = json.dumps({"inputs": {"question": "why"}}).encode()
    headers = {"Authorization": f"Bearer {vectorshift_mock.api_key}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{vectorshift_mock.url}/pipeline/pipe_1/run", data=body, headers=headers)
    urllib.request.urlopen(asked).close()

def test_two():
    assert "mockserver.openapi.sample_draw" in sys.modules
    unused = ("sample_pattern", "sample_formats", "sample_search", "sample_least")
    assert [name for name in unused if f"mockserver.openapi.{name}" in sys.modules] == []
"""
    suite(source, "-p", "no:schemathesis", subprocess=True).assert_outcomes(passed=2)


def test_a_vendor_that_was_not_asked_for_answers_like_one_that_was(suite):
    """What a request gets does not depend on the tests before it."""
    source = """
import json, urllib.request

def listed(url, key):
    asked = urllib.request.Request(f"{url}/pipelines", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)

seen = []

def test_before(mockserver):
    seen.append(listed(f"{mockserver.url}/vectorshift/v1", "vs-test-key"))

def test_after(vectorshift_mock):
    seen.append(listed(vectorshift_mock.url, vectorshift_mock.api_key))
    assert seen[0] == seen[1]
"""
    suite(source, subprocess=True).assert_outcomes(passed=2)


def test_the_world_of_a_test_that_is_over_is_forgotten(suite):
    """A session of thousands of tests holds the requests of one of them."""
    source = """
import gc, weakref

worlds = []

@pytest.mark.parametrize("number", range(3))
def test_one(eachlabs_mock, number):
    worlds.append(weakref.ref(eachlabs_mock.world))

def test_last():
    gc.collect()
    assert [world() for world in worlds] == [None] * 3
"""
    suite(source).assert_outcomes(passed=4)
