"""`mockserver demo`: the vendors' documented examples end to end over a real socket, printed readably."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPConnection
from typing import Any

import click
from msgspec import Struct, field

from mockserver import console
from mockserver.cli.main import Terminal
from mockserver.cli.timeline import timeline
from mockserver.contract.findings import sentence
from mockserver.engine.inbox import Reply
from mockserver.engine.inputs import AddReplies
from mockserver.engine.messages import Entry
from mockserver.server import Server

_SEED = 1234  # the demo prints the same values every time
_BOUNDARY = "demo-boundary"
_INBOX = "demo"
_LATER = 30.0  # seconds of the world's clock


class Step(Struct, frozen=True):
    """One request and what must come of it."""

    title: str
    path: str  # below the vendor's base URL
    value: Any  # the JSON body, or what is printed for `body`
    status: int
    expected: str  # in words, for the reader
    holds: Callable[[Any], bool] = lambda answer: True
    body: bytes | None = None  # sent instead of `value` as JSON
    headers: Mapping[str, str] = field(default_factory=dict)  # beside the key; None of it = no key


class Part(Struct, frozen=True):
    """One vendor's steps."""

    service: str
    title: str
    key: Mapping[str, str]
    steps: tuple[Step, ...]


@click.command()
@click.pass_obj
def demo(terminal: Terminal, /) -> int:
    """Run both vendors' bulk calls end to end over real HTTP and print what happens."""
    failed = 0
    with Server(seed=_SEED, vendors=["vectorshift", "eachlabs"]) as server:
        terminal.say(f"mockserver runs at {server.url} (seed {_SEED}); every request below goes through a real socket.")
        inbox = f"{server.url}/__inbox/{_INBOX}"
        for part in (_vectorshift(), _eachlabs(inbox)):
            terminal.say(f"\n=== {part.title}: {server.base_url(part.service)}")
            for number, step in enumerate(part.steps, 1):
                terminal.say(f"\n{number}. {step.title}")
                failed += not _play(terminal, server, part, step)
        terminal.say(f"\n{number + 1}. {_LATER:g} seconds later, on a clock that nobody has to wait for")
        failed += not _play_out(terminal, server, inbox)
    terminal.say(
        f"\n{failed} of the answers differ from what was expected." if failed else "\nEvery answer was as expected."
    )
    return 1 if failed else 0


def _play(terminal: Terminal, server: Server, part: Part, step: Step) -> bool:
    """Send one step's request, print both sides, and say whether the answer is what was expected."""
    body = step.body if step.body is not None else json.dumps(step.value, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", **part.key, **step.headers}
    path = server.service(part.service).mounts[0] + step.path
    journal = server.worlds.default.journal
    before = server.run(lambda: journal.next_number)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("POST", path, body, {name: value for name, value in headers.items() if value})
        response = connection.getresponse()
        status, data = response.status, response.read()
    finally:
        connection.close()
    answer = json.loads(data)
    entries = [entry for entry in server.run(lambda: journal.entries) if entry.number >= before]
    for line in _lines(step, path, status, answer, entries):
        terminal.say("   " + line.replace("\n", "\n   "))
    if status == step.status and step.holds(answer):
        return True
    terminal.say(f"   NOT AS EXPECTED: {step.status}, {step.expected}")
    return False


def _play_out(terminal: Terminal, server: Server, inbox: str) -> bool:
    """Move the clock on, show what it brought, and say whether every webhook arrived in the end."""
    world = server.worlds.default
    server.give("", AddReplies(_INBOX, (Reply(500),)))  # so that one is sent again
    start = server.run(lambda: world.clock.now)
    server.advance("", _LATER)
    told = server.run(lambda: [one for one in world.outbox.all if one.url == inbox])
    ids = {one.execution_id for one in told}
    executions = server.run(lambda: [one for one in world.executions.all if one.id in ids])
    arrived = server.wait_for_inbox("", _INBOX, len(told) + 1)
    terminal.say("   " + timeline(executions, told, start).replace("\n", "\n   "))
    for one in arrived[1:]:  # the first was refused
        terminal.say(f"   -->  {one.method} {inbox}")
        terminal.say("        " + console.json_text(one.json, indent="        "))
    if len(executions) == len(told) == 2 and all(one.state == "delivered" for one in told):
        return True
    terminal.say("   NOT AS EXPECTED: two webhooks, the first of them sent twice, and both acknowledged")
    return False


def _lines(step: Step, path: str, status: int, answer: Any, entries: Sequence[Entry]) -> Iterator[str]:
    yield f"-->  POST {path}"
    if step.body is None:
        yield "     " + console.json_text(step.value, indent="     ")
    else:
        yield from (f"     part {name}: {text}" for name, text in step.value.items())
    yield f"<--  {status}  {step.expected}"
    yield "     " + console.json_text(answer, indent="     ")
    for entry in entries:
        if entry.decision is not None and entry.decision.at:
            yield f"     answered by {entry.decision.source}, {entry.decision.at}"
        for violation in entry.violations:
            where = f" ({violation.at})" if violation.at else ""
            yield f"     refused for {violation.code}: {sentence(violation, entry.problem)}{where}"


def _vectorshift() -> Part:
    file = {"type": "file", "raw_bytes": base64.b64encode(b"Revenue grew.").decode(), "metadata": {"name": "q2.txt"}}
    quarters = [{"inputs": {"quarter": "Q1", "pages": 3}}, {"inputs": {"quarter": "Q2", "tags": ["a", "b"]}}]
    parts = {'name="runs"': json.dumps(quarters), 'name="runs.1.inputs.report"; filename="q2.txt"': "Revenue grew."}
    return Part(
        service="vectorshift",
        title="VectorShift, run a pipeline in bulk",
        key={"Authorization": "Bearer vs-test-key"},
        steps=(
            Step(
                "Two runs with plain values",
                "/pipeline/pipe_demo/bulk_run",
                {"runs": quarters},
                200,
                "one entry for each run, in order, outputs drawn by seeded chance",
                lambda answer: answer["status"] == "success" and len(_entries(answer)) == 2,
            ),
            Step(
                "A pipeline that a fixture speaks for",
                "/pipeline/pipe_partial/bulk_run",
                {"runs": quarters},
                200,
                "the first run succeeds, the second fails; only the status on top can say so",
                lambda answer: answer["status"] == "failed" and len(_entries(answer)) == 2,
            ),
            Step(
                "A file as a value",
                "/pipeline/pipe_demo/bulk_run",
                {"runs": [{"inputs": {"report": file}}]},
                200,
                "files travel as base64",
                lambda answer: len(_entries(answer)) == 1,
            ),
            Step(
                "A file as a part of a form, on the path that the vendor's SDK posts to",
                "/pipeline/pipe_demo/bulk-run",
                parts,
                200,
                "the alias path is the same operation",
                lambda answer: len(_entries(answer)) == 2,
                _multipart(parts),
                {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
            ),
            Step(
                "A value that is no DataType",
                "/pipeline/pipe_demo/bulk_run",
                {"runs": [quarters[0], {"inputs": {"report": {"type": "file"}}}]},
                400,
                "refused, with the place in the body and the line of the spec",
                lambda answer: answer["status"] == "failed" and "/runs/1/inputs/report" in answer["error"],
            ),
            Step(
                "No key",
                "/pipeline/pipe_demo/bulk_run",
                {"runs": quarters},
                401,
                "the vendor's own words",
                lambda answer: answer == {"error": "Missing authorization header"},
                headers={"Authorization": ""},
            ),
        ),
    )


def _eachlabs(inbox: str) -> Part:
    path = "/wf_abc123/bulk-trigger"
    inputs = [
        {"prompt": "A harbour at dawn", "style": "photorealistic"},
        {"prompt": "A valley in fog", "style": "artistic"},
        {"style": "minimalist"},
    ]
    hook = {"webhook_url": inbox}
    return Part(
        service="eachlabs",
        title="each::labs, trigger a workflow in bulk",
        key={"X-API-Key": "el-test-key"},
        steps=(
            Step(
                "Three inputs, one of them without its prompt",
                path,
                {"inputs": inputs, "version_id": "v1", **hook},
                202,
                "two are queued, the third is refused and never gets an id",
                lambda answer: (
                    [entry["status"] for entry in _entries(answer)] == ["queued", "queued", "failed"]
                    and _entries(answer)[2]["message"] == "invalid input: missing required field 'prompt'"
                ),
            ),
            Step(
                "Eleven inputs",
                path,
                {"inputs": [{"prompt": f"Sketch {n}"} for n in range(1, 12)]},
                400,
                "ten are allowed",
                lambda answer: "1–10" in answer["error"],
            ),
            Step(
                "A workflow over its quota, scripted by a fixture",
                "/wf_quota/bulk-trigger",
                {"inputs": inputs[:1]},
                429,
                "clients can try their back-off",
            ),
            Step(
                "A key that nobody knows",
                path,
                {"inputs": inputs},
                401,
                "identified before anything is said about the body",
                lambda answer: answer == {"error": "Invalid or missing API key"},
                headers={"X-API-Key": "somebody-elses"},
            ),
        ),
    )


def _entries(answer: Mapping[str, Any]) -> list[Any]:
    """The list in a bulk call's answer: one entry for each input."""
    return next((value for value in answer.values() if isinstance(value, list)), [])


def _multipart(parts: Mapping[str, str]) -> bytes:
    lines = []
    for disposition, text in parts.items():
        lines += [f"--{_BOUNDARY}", f"Content-Disposition: form-data; {disposition}", "", text]
    return "\r\n".join([*lines, f"--{_BOUNDARY}--", ""]).encode()
