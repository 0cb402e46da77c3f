"""The fixture `webhook_faults`: one run of a test for each fault, and the judgement that no author has to remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.webhook_faults import WebhookFaults

FIXTURE = "webhook_faults"


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for the fixture once for each fault that its markers leave."""
    try:
        chosen = _chosen(metafunc.definition)
    except ValueError as error:
        path, line, name = metafunc.definition.location
        told = f"{path}:{(line or 0) + 1}  {name}  @pytest.mark.{FIXTURE}: {error}"
        raise pytest.fail.Exception(told, pytrace=False) from None
    metafunc.parametrize(FIXTURE, chosen, indirect=True)


def fault_of(request: pytest.FixtureRequest) -> WebhookFaults:
    """The fault of this run."""
    from mockserver.webhook_faults import FAULTS, WebhookFaults

    if not hasattr(request, "param"):
        pytest.fail(f"a test that wants {FIXTURE} names it among its own arguments or fixtures", pytrace=False)
    fault = next(each for each in FAULTS if each.name == request.param)
    faults = WebhookFaults(fault, pytest.skip)
    request.node.stash[_FAULTS] = faults
    return faults


def judge(item: pytest.Item) -> None:
    """Hold the receiver's answers against the fault when the body of the test has not done so."""
    faults = item.stash.get(_FAULTS, None)
    if faults is not None:
        try:
            faults.finish()
        except AssertionError as wrong:
            raise pytest.fail.Exception(str(wrong), pytrace=False) from None


def _chosen(item: pytest.Item) -> list[str]:
    """The names that the markers of a test choose, in the order of the list. Raises ValueError when that are none."""
    from mockserver.webhook_faults import FAULTS

    known = [each.name for each in FAULTS]
    left = list(known)
    for marker in item.iter_markers(FIXTURE):
        strange = [name for name in marker.kwargs if name != "exclude"]
        if strange:
            raise ValueError(f"it takes names and exclude=, and no {strange[0]}=")
        excluded = marker.kwargs.get("exclude", ())
        if not isinstance(excluded, str | list | tuple | set | frozenset):
            raise ValueError(f"exclude is {excluded!r}; it is a name, or a list of names")
        without = (excluded,) if isinstance(excluded, str) else tuple(excluded)
        for name in (*marker.args, *without):
            if name not in known:
                raise ValueError(f"there is no fault {name!r}; {_hint(name, known)}")
        left = [name for name in left if (not marker.args or name in marker.args) and name not in without]
    if not left:
        raise ValueError("no fault is left; name fewer in exclude=, or leave the test out with skip")
    return left


def _hint(name: object, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(str(name), known, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"


_FAULTS = pytest.StashKey["WebhookFaults"]()
