"""What a fixture says exists: compiled by the vendor, and each thing that cannot be told at the key that says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mockserver.pointer import join
from mockserver.scenario.faults import Faults
from mockserver.scenario.words import VendorWords

_AT = "/resources"


NEVER = "ids of zeros only are kept free, so that a client can try its 404"


def never_exists(name: str) -> bool:
    """Whether nothing of this name can exist: zeros only, in whatever groups."""
    return "0" in name and not name.strip("0-")


def read_resources(value: Any, words: VendorWords, faults: Faults) -> Mapping[str, Mapping[str, Any]]:
    """The resources by kind and id, as the vendor compiles them. What is wrong goes to `faults`."""
    kinds = value if isinstance(value, dict) else {}
    return {kind: _things(kind, things, words, faults) for kind, things in kinds.items()}


def _things(kind: str, value: Any, words: VendorWords, faults: Faults) -> Mapping[str, Any]:
    pointer = join(_AT, kind)
    found = {}
    told = set()  # what is wrong with an entry as a whole, an unknown kind for one, is told once
    for name, given in (value if isinstance(value, dict) else {}).items():
        at = join(pointer, name)
        thing = faults.sound(given, at)
        if never_exists(name):
            faults.add(at, f'"{name}" never exists: {NEVER}', "give it another id")
            continue
        make = partial(words.resource, kind, name)
        refused = _refused(make, thing)
        if not refused:
            found[name] = make(thing)
        for key, sentence in refused.items():
            if key or sentence not in told:
                faults.add(join(at, key) if key else at, sentence)
            told.add(sentence)
    return found


def _refused(make: Callable[[Mapping[str, Any]], Any], value: Mapping[str, Any]) -> dict[str, str]:
    """Why `make` takes no `value`: a sentence for each key that is at fault by itself, else one for "", the whole.

    `make` tells its first fault only and not where; so it is asked about parts.
    """
    whole = _refusal(make, value)
    if whole is None:
        return {}
    alone = [key for key in value if _refusal(make, {key: value[key]})] if _refusal(make, {}) is None else []
    found = {}
    for key in alone:
        # With the keys that nothing is wrong with: it may need one of them.
        said = _refusal(make, {name: one for name, one in value.items() if name == key or name not in alone})
        if said is not None:
            found[key] = said
    return found or {"": whole}


def _refusal(make: Callable[[Mapping[str, Any]], Any], value: Mapping[str, Any]) -> str | None:
    """What `make` says against `value`, on one line; None when it takes it."""
    try:
        make(value)
    except ValueError as error:
        return "; ".join(str(error).splitlines())
    return None
