"""docs/codes.md lists what `mockserver explain` knows."""

import re
from pathlib import Path

from mockserver.contract.codes import TITLES

PAGE = Path(__file__).parents[2] / "docs" / "codes.md"


def test_the_table_is_that_of_the_program():
    """All codes with their titles, in order."""
    rows = re.findall(r"^\| (E\w+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)

    assert rows == list(TITLES.items())
