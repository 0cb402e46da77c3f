"""Keys for JSON values, made one by one and together."""

from __future__ import annotations

import pytest

from mockserver.engine.digest import canonical, canonical_each

VALUES = {
    "none": [],
    "one": [{"b": 1, "a": [1, 2]}],
    "several": [[{"id": "x"}], {"inputs": {"q": "Q1"}}, "text", None],
    "the mark itself": ["\0", "\0"],
    "the mark inside": [{"a": "\0"}, ["x", "\0", "y"]],
    "text like the mark": [',"\\u0000",', {',"\\u0000",': '"'}],
}


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_values_have_the_same_keys_together_as_alone(values):
    """Whatever the values hold, taking their keys in one go changes none of them."""
    together = canonical_each(values)

    assert together == [canonical(value) for value in values]
