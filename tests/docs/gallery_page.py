"""docs/gallery.md, made from the gallery of wrong clients: what each does wrong, what mends it, what its test says.

`python -m tests.docs.gallery_page` (`make docs`) writes it; a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import ndiff
from pathlib import Path

from tests.pytest.gallery.case import CASES, Case

PAGE = Path(__file__).parents[2] / "docs" / "gallery.md"

_ERROR = r"^[\w.]+Error: "
_HEAD = """\
<!-- Made by `make docs` from tests/pytest/gallery/. Do not edit. -->
# Gallery of failures

Clients that are wrong in one thing each, and what their tests say: without an assertion of their own, where mockserver
can know; by one of its assertions where it cannot. Minus is the wrong client, plus the corrected one, whose test
passes. Below each failure stands the journal of the test, which is left out here. How findings are let pass is told
in [pytest](pytest.md#what-fails-a-test).
"""

_SHOWN = {
    "Requests that break the document": (
        "eleven_inputs",
        "wrong_type_deep_in_a_list",
        "wrong_scheme",
        "wrong_path",
        "not_a_number",
    ),
    "Time and retries": (
        "retry_too_soon",
        "polling_while_the_clock_stands",
        "waiting_for_a_clock_that_nobody_moves",
    ),
    "Batches": ("failed_entry_overlooked", "paid_twice"),
    "Webhooks": (
        "one_webhook_for_a_batch",
        "processed_twice",
        "tampered_webhook_trusted",
        "paired_by_order_of_arrival",
        "receiver_that_always_breaks",
    ),
    "The test itself": ("built_before_patch_env", "script_for_another_call", "script_used_up"),
}


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    by_name = {case.name: case for case in CASES}
    yield _HEAD.rstrip()
    for title, names in _SHOWN.items():
        yield f"\n## {title}"
        for name in names:
            yield from _section(by_name[name])
    rest = [case for case in CASES if not any(case.name in names for names in _SHOWN.values())]
    yield "\n## More of them\n"
    yield "| mistake | what its test says |"
    yield "| --- | --- |"
    for case in rest:
        yield f"| [{case.mistake}]({_folder(case)}) | {_gist(case.message)} |"


def _section(case: Case) -> Iterator[str]:
    yield f"\n**{case.mistake}** [Both twins]({_folder(case)}).\n"
    yield "```diff"
    yield from _difference(case)
    yield "```\n"
    yield "```text"
    yield case.message
    yield "```"


def _difference(case: Case) -> Iterator[str]:
    """The lines that the twins do not share, without their first ones, which say what each is."""
    wrong, right = ((case.folder / f"{twin}.py").read_text("utf-8").splitlines()[1:] for twin in ("wrong", "right"))
    yield from (line.rstrip() for line in ndiff(wrong, right) if line[0] in "+-" and line[1:].strip())


def _folder(case: Case) -> str:
    return f"../{case.folder.relative_to(PAGE.parents[1]).as_posix()}"


def _gist(message: str) -> str:
    """What says most: of a finding its code and the first thing found; else how the message begins."""
    lines = [" ".join(line.split()) for line in message.splitlines() if not line.startswith("  signed at ")]
    code = re.match(r"(E\d\d\d) ", lines[0])
    if code is None:
        said = [line for line in lines[:3] if not line.startswith("execution ")]
        return f"`{re.sub(_ERROR, '', '; '.join(said))}`"
    return f"{code[1]} `{next(line for line in lines[1:] if not line.startswith('request #'))}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
