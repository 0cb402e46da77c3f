"""Parts of sentences that all rooms share."""

import pytest

from mockserver.hints import counted, listed, nearest


@pytest.mark.parametrize(
    ("name", "known", "otherwise", "hint"),
    [
        ("stat", ["status", "body"], None, 'did you mean "status"?'),
        ("stat", ["status", "body"], "see the page", 'did you mean "status"?'),
        ("zzz", ["status", "body"], None, "known: status, body"),
        ("zzz", ["status", "body"], "see the page", "see the page"),
        ("zzz", [], None, "known: none"),
        (7, ["7.0"], None, "known: 7.0"),
    ],
)
def test_a_hint_names_what_was_meant_or_what_there_is(name, known, otherwise, hint):
    """What is near goes before all else; a name may be of any type."""
    assert nearest(name, known, otherwise) == hint


def test_a_long_list_is_cut_and_counted():
    """So that a sentence stays one."""
    assert listed(["a", "b"]) == "a, b"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"


@pytest.mark.parametrize(("number", "said"), [(0, "0 requests"), (1, "1 request"), (1204, "1,204 requests")])
def test_a_count_has_the_number_of_its_noun(number, said):
    """Thousands are set apart, as on every report."""
    assert counted(number, "request") == said
