"""JSON Pointers: RFC 6901, and copies changed at pointers."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.pointer import GONE, join, look_up, patched, split

TREE: dict[str, Any] = {"a/b": {"m~n": [10, {"": "empty"}]}, "list": [[1], [2]]}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", TREE),
        ("/a~1b/m~0n/0", 10),
        ("/a~1b/m~0n/1/", "empty"),
        ("/list/1/0", 2),
    ],
)
def test_a_pointer_leads_to_its_value(pointer, value):
    """Slashes and tildes in names are escaped, list items are numbers, the empty name is a name."""
    assert look_up(TREE, pointer) == value
    assert join("", *split(pointer)) == pointer


@pytest.mark.parametrize("pointer", ["/x", "/list/2", "/list/-1", "/list/01", "/list/-", "/list/1/0/deeper", "/list/²"])
def test_a_pointer_to_nothing_is_a_key_error(pointer):
    """Nothing is guessed: numbers are plain digits, and plain values have no members."""
    with pytest.raises(KeyError) as caught:
        look_up(TREE, pointer)

    assert caught.value.args == (pointer,)


def test_a_patched_copy_shares_what_it_does_not_change():
    """Only the containers on the way to a change are new; the original stays as it was."""
    tree: dict[str, Any] = {"a": {"b": {"c": 1}}, "rest": {"d": [1, 2]}, "items": [{"x": 1}, {"y": 2}]}

    changed = patched(tree, [("/a/b", {"c": GONE, "e": 2}), ("/items", {"1": True}), ("/a", {"f": 3})])

    assert changed == {"a": {"b": {"e": 2}, "f": 3}, "rest": {"d": [1, 2]}, "items": [{"x": 1}, True]}
    assert tree == {"a": {"b": {"c": 1}}, "rest": {"d": [1, 2]}, "items": [{"x": 1}, {"y": 2}]}
    assert changed["rest"] is tree["rest"]
    assert changed["items"][0] is tree["items"][0]
