"""Which entries of a journal are asked for by the status of their answers: in the admin API and on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable

from mockserver.errors import UsageError

_CLASS = re.compile(r"[1-5]xx", re.IGNORECASE)
_STATUS = re.compile(r"[1-5][0-9]{2}")


def status_filter(wanted: str | None) -> Callable[[int | None], bool]:
    """Whether a status is the one, or of the class, that is asked for: any if None; an answer that never came has none.

    Raises UsageError for what no status can be.
    """
    if wanted is None:
        return lambda status: True
    if _CLASS.fullmatch(wanted):
        return lambda status: status is not None and status // 100 == int(wanted[0])
    if not _STATUS.fullmatch(wanted):
        raise UsageError(f"no answer has the status {wanted!r:.20}; write one from 100 to 599, or a class such as 4xx")
    return lambda status: status == int(wanted)
