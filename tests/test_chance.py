"""Keyed chance."""

import re
from collections import Counter

from mockserver.chance import Chance


def test_the_same_key_draws_the_same_values():
    """Nothing but the key matters."""
    first, second = Chance(7, "op", "a"), Chance(7, "op", "a")

    assert [first.bits() for _ in range(5)] == [second.bits() for _ in range(5)]


def test_a_key_that_is_text_already_is_the_same_key():
    """Whoever writes the text of a key draws what its parts draw."""
    assert Chance.of(b"7\0op\0a").bits() == Chance(7, "op", "a").bits()


def test_another_key_draws_other_values():
    """Each part of the key counts, and parts do not run together."""
    drawn = {Chance(*key).bits() for key in [(0, "ab"), (0, "a", "b"), (1, "ab"), ("0a", "b")]}

    assert len(drawn) == 4


def test_a_derived_source_does_not_move_its_parent():
    """Whoever draws more in one part does not change the other parts."""
    parent, twin = Chance("k"), Chance("k")
    child = parent.derive("part")
    [child.bits() for _ in range(10)]

    assert parent.bits() == twin.bits()
    assert Chance("k").derive("part").bits() == Chance("k").derive("part").bits()


def test_whole_numbers_stay_within_their_bounds_and_reach_them():
    """Both ends are included, also for spans beyond 64 bits."""
    chance = Chance("range")
    small = {chance.integer(-1, 2) for _ in range(200)}
    wide = [chance.integer(-(2**80), 2**80) for _ in range(200)]

    assert small == {-1, 0, 1, 2}
    assert all(-(2**80) <= number <= 2**80 for number in wide)
    assert max(map(abs, wide)) > 2**70


def test_draws_are_even_enough():
    """No option of four is drawn less than a fifth of the time."""
    chance = Chance("even")
    counted = Counter(chance.pick("abcd") for _ in range(2000))

    assert min(counted.values()) > 400


def test_ids_have_their_shape():
    """UUIDs are version 4, hexadecimal ids have the digits asked for."""
    chance = Chance("ids")

    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", chance.uuid())
    assert re.fullmatch(r"[0-9a-f]{24}", chance.hex(24))
