"""Keys for JSON values."""

from __future__ import annotations

import pytest

from mockserver.engine.digest import canonical

LONG = "x" * 70_000


def test_equal_values_have_equal_keys_whatever_the_order_of_their_names():
    """Clients write members in any order."""
    assert canonical({"b": [1, {"d": 1.5, "c": None}], "a": "é"}) == canonical(
        {"a": "é", "b": [1, {"c": None, "d": 1.5}]}
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1], ["1"]),
        ([True], [1]),
        ([None], [False]),
        ({"a": 1}, {"a": 2}),
        (["ab", "c"], ["a", "bc"]),
        ([2**70], [2**70 + 1]),
        (['a","b'], ["a", "b"]),
        (["\ud800"], ["\ud801"]),
    ],
)
def test_different_values_have_different_keys(one, other):
    """A lone surrogate too, which no client can send and a test can."""
    assert canonical(one) != canonical(other)


def test_a_long_string_is_hashed():
    """A file in a body is not written again for its key; its key still tells it from another."""
    keys = {canonical({"file": text}, long=True) for text in (LONG, LONG + "x", LONG[:-1] + "y")}

    assert len(keys) == 3
    assert max(map(len, keys)) < 100
