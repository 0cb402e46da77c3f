"""Regular expressions that are compiled when they are first asked for.

Most of ours read what a valid request never holds; to compile them all takes longer than a test.
"""

from __future__ import annotations

import re
from functools import cache


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of one of our own patterns; at hand from the second time on."""
    return re.compile(pattern)
