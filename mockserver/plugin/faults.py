"""The fixture `webhook_faults`: one run of a test for each fault, and the judgement that no author has to remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.webhook_faults import WebhookFaults

FIXTURE = "webhook_faults"


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for the fixture once for each fault that its markers leave."""
    metafunc.parametrize(FIXTURE, _chosen(metafunc.definition), indirect=True)


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
    """The names that the markers of a test choose, in the order of the list."""
    from mockserver.webhook_faults import FAULTS

    known = [each.name for each in FAULTS]
    left = list(known)
    for marker in item.iter_markers(FIXTURE):
        strange = [name for name in marker.kwargs if name != "exclude"]
        if strange:
            pytest.fail(f"@pytest.mark.{FIXTURE} takes no {strange[0]}=; it takes names and exclude=", pytrace=False)
        excluded = marker.kwargs.get("exclude", ())
        without = (excluded,) if isinstance(excluded, str) else tuple(excluded)
        for name in (*marker.args, *without):
            if name not in known:
                pytest.fail(f"@pytest.mark.{FIXTURE}: there is no fault {name!r}; {_hint(name, known)}", pytrace=False)
        left = [name for name in left if (not marker.args or name in marker.args) and name not in without]
    return left


def _hint(name: object, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(str(name), known, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"


_FAULTS = pytest.StashKey["WebhookFaults"]()
