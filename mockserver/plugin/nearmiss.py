"""What was probably meant by a name that ours do not have: an attribute, or an argument of a method. As a note.

Python says which name it was and not which there are; to say that by `**kwargs` would take the signatures away from
type checkers and editors.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# As Python words it: `ScriptedCalls.respond() got an unexpected keyword argument 'body'`.
_UNEXPECTED = re.compile(r"([\w.<>]+)\(\) got an unexpected keyword argument '(\w+)'")
_OTHER_WORDS = {  # what fixtures and other tools call it -> what may be meant here
    "body": ("json",),
    "content": ("text",),
    "count": ("times", "n"),
    "data": ("json",),
    "n": ("times", "count"),
    "number": ("times", "count"),
    "params": ("path",),
    "payload": ("json", "body"),
    "response": ("json",),
    "status_code": ("status",),
    "times": ("count", "n"),
}


def hint(error: BaseException, others: Mapping[str, Callable[..., Any]]) -> str:
    """`did you mean json=?`, where a name of ours was missed; "" of any other error.

    `others` are functions of ours that belong to no class, by the names that Python has for them.
    """
    # Python raises these and no classes derived from them, whose own code would be called here.
    if type(error) is AttributeError:
        return _attribute(error)
    said = error.args[0] if type(error) is TypeError and error.args else None
    found = _UNEXPECTED.match(said) if isinstance(said, str) else None
    method = others.get(found[1], _method(found[1])) if found else None
    if found is None or method is None:
        return ""
    known = [one for one in inspect.signature(method).parameters if one != "self"]
    if meant := _near(found[2], known) or next((one for one in _OTHER_WORDS.get(found[2], ()) if one in known), ""):
        return f"did you mean {meant}=?"
    return f"it takes {', '.join(f'{one}=' for one in known) or 'no arguments'}"


def _attribute(error: AttributeError) -> str:
    if type(error.obj) not in _ours() or not isinstance(error.name, str):
        return ""
    known = [one for one in dir(error.obj) if not one.startswith("_")]
    near = _near(error.name, known)
    return f"did you mean {near}?" if near else f"it has {', '.join(known)}"


def _near(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, 1)), "")


def _method(qualified: str) -> Callable[..., Any] | None:
    """The method of ours that Python calls so."""
    from mockserver.mock import Mock

    owner, _, name = qualified.rpartition(".")
    found = getattr(next((one for one in (Mock, *_ours()) if one.__name__ == owner), None), name, None)
    return found if inspect.isfunction(found) else None


def _ours() -> tuple[type, ...]:
    """The classes whose methods a test calls, but for `Mock`: that one tells of its attributes itself."""
    from mockserver.gate import Gate
    from mockserver.inbox import Received, WebhookInbox
    from mockserver.mock import MockJournal
    from mockserver.openworld import OpenWorld
    from mockserver.outcomes import OutcomeMaker, OutputMaker
    from mockserver.scripted_input import ScriptedInput
    from mockserver.stubbing import ScriptedCalls
    from mockserver.webhook_faults import WebhookFaults
    from mockserver.webhooks import Webhooks
    from mockserver.worldclock import WorldClock

    return (
        Gate,
        MockJournal,
        OpenWorld,
        OutcomeMaker,
        OutputMaker,
        Received,
        ScriptedCalls,
        ScriptedInput,
        WebhookFaults,
        WebhookInbox,
        Webhooks,
        WorldClock,
    )
