"""Parts of sentences: what was probably meant, what there is, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def nearest(name: object, known: Iterable[str], otherwise: str | None = None) -> str:
    """`did you mean "x"?`, of those that are `known`; if none is like `name`: `otherwise`, else all that there is."""
    # Imported for errors only: it is not free.
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(str(name), names, 1)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known: {', '.join(names) or 'none'}" if otherwise is None else otherwise


def likely(name: str, known: Iterable[str]) -> list[str]:
    """Those of `known` that `name` may well stand for, the nearest first.

    They are spelt alike but for case, marks and a plural, or a letter or two differ.
    """
    from difflib import get_close_matches

    alike: dict[str, list[str]] = {}
    for one in known:
        alike.setdefault(folded(one), []).append(one)
    return [one for near in get_close_matches(folded(name), alike, 3, 0.8) for one in alike[near]]


def folded(name: str) -> str:
    """A name without what may be written otherwise: case, marks and a plural."""
    plain = "".join(filter(str.isalnum, name)).casefold()
    return plain.removesuffix("s") or plain


def listed(words: Sequence[str], shown: int = 5) -> str:
    """`a, b, c and 4 more`."""
    more = f" and {len(words) - shown} more" if len(words) > shown else ""
    return ", ".join(words[:shown]) + more


def counted(number: int, noun: str) -> str:
    """`1 request`, `1,204 requests`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
