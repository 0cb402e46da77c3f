"""The same traffic, held by `mockserver run` and by `mockserver check` of the journal that it wrote."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli.main import main

COMMAND = [sys.executable, "-W", "error", "-m", "mockserver"]
ROOT = Path(__file__).parent.parent.parent
CLIENT = """\
import json, os, socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

base = urlsplit(os.environ["EACHLABS_BASE_URL"])
head = {"X-API-Key": os.environ["EACHLABS_API_KEY"], "Content-Type": "application/json"}

def ask(method, path, body=None):
    connection = HTTPConnection(base.hostname, base.port, timeout=10)
    connection.request(method, path, body and json.dumps(body), head)
    answer = connection.getresponse().read()
    connection.close()
    return json.loads(answer or "null")

ask("POST", "/wf_1/bulk-trigger", {"inputs": [{}]})
ask("POST", base.path + "/bulk-trigger", {"inputs": [{}]})
ask("PUT", base.path + "/executions/x")
ask("OPTIONS", base.path + "/executions/x")
ask("OPTIONS", "/nowhere")
ask("POST", base.path + "/wf_1/bulk-trigger", {"inputs": 5})
with socket.create_connection((base.hostname, base.port), 10) as raw:
    raw.sendall(b"this is no HTTP\\r\\n\\r\\n")
    raw.recv(1000)
started = ask("POST", base.path + "/wf_1/bulk-trigger", {"inputs": [{}]})["executions"][0]["execution_id"]
while ask("GET", base.path + "/executions/" + started)["status"] not in ("completed", "succeeded", "failed"):
    pass
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The report of each, of a client that does much wrong and has an execution that ends."""
    folder = tmp_path_factory.mktemp("both")
    (folder / "client.py").write_text(CLIENT, "utf-8")
    subprocess.run(
        [*COMMAND, "run", "--clock", "auto", "--journal", "j.jsonl", "--report", "json=run.json", "--",
         sys.executable, "client.py"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=60, capture_output=True,
    )  # fmt: skip
    words = ["check", str(folder / "j.jsonl"), "--report", f"json={folder / 'check.json'}"]
    assert main(words, {}, io.StringIO()) == 1
    first, second = (json.loads((folder / name).read_text("utf-8")) for name in ("run.json", "check.json"))
    return first, second


def test_both_find_the_same(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Of a dropped base path and what is no HTTP, too: whoever served it knows that it came."""
    own = ("place", "also")  # a journal has a line beside the spec's

    run, check = (
        [{name: said for name, said in one.items() if name not in own} for one in report["findings"]] for report in both
    )

    assert [one["code"] for one in run] == ["E101", "E107", "E108", "E108", "E108", "E109"]
    assert check == run


def test_both_count_the_same_requests(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Those that are answered to everybody (OPTIONS), too."""
    known = ("number", "method", "target", "status", "operation")

    run, check = (sorted([one[name] for name in known] for one in report["traffic"]) for report in both)

    assert check == run
    assert [report["counts"] for report in both] == [both[0]["counts"]] * 2


def test_both_see_the_same_share(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """The ends of executions are counted by either, so that one threshold is for both."""
    run, check = (report["coverage"] for report in both)

    assert run["executions"][0]["started"] == 1
    assert (check["percent"], check["met"], check["declared"]) == (run["percent"], run["met"], run["declared"])
    assert check["executions"] == run["executions"]
