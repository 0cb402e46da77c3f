"""The client that both suites of the vendor's SDK test: one bulk run of one run, as the SDK sends it.

Both import the SDK through this: how deep an import is changes what it takes.
"""

from __future__ import annotations

from typing import Any

import vectorshift as vectorshift
from vectorshift.pipeline import Pipeline
from vectorshift.request import request_client as request_client

PATH = "/pipeline/p1/bulk-run"
ANSWER = {  # what the emulator answers, give or take ids and values
    "status": "success",
    "run_outputs": [
        {
            "run_id": "8c1f0fc1e1d24b0ca9a2b1d3",
            "outputs": {"output_1": "a text"},
        }
    ],
}


def run() -> Any:
    """The JSON of the answer."""
    return Pipeline(id="p1").bulk_run([{"question": "what is new?"}])
