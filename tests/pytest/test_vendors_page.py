"""The examples of docs/vendors.md, tried out."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "vendors.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: re.findall(r"def (test_\w+)", block)[0])
def test_examples_pass(suite, block):
    """Each Python block is a test file that passes as it stands."""
    suite(block).assert_outcomes(passed=block.count("def test_"))


def test_the_sdk_has_one():
    """Runs in the background, webhooks and a run that is stopped."""
    assert any("handler.result(" in block and "webhook_inbox" in block for block in EXAMPLES)
