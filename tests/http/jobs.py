"""A tiny vendor whose jobs tell of their end by webhook, and receivers for them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockserver.engine.batch import plan_inputs
from mockserver.engine.delivery import Delivery, WebhookPolicy
from mockserver.engine.executions import Execution
from mockserver.engine.generic import plain_refusal
from mockserver.engine.launch import launch
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.service import Service
from mockserver.engine.vendor import Face, Vendor, json_answer
from mockserver.engine.world import World
from mockserver.openapi.load import load
from mockserver.server import Server
from tests.http.client import Client, Got

SPEC = """\
openapi: 3.1.0
info: {title: Jobs, version: "1"}
paths:
  /jobs:
    post:
      operationId: startJobs
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [inputs], properties: {inputs: {type: array}, hook: {type: string}}}
      responses:
        "202": {description: started, content: {application/json: {schema: {type: object}}}}
  /jobs/{id}:
    get:
      operationId: readJob
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: a job, content: {application/json: {schema: {type: object}}}}
"""
RETRIES = (0.0, 10.0, 60.0)


def start(call: Call, decision: Decision, world: World) -> Answer:
    """One job for each input."""
    planned = plan_inputs(call, decision, world)
    batch = world.draw(call, call.body["inputs"], "batch").uuid()
    jobs = [
        launch(
            one,
            call,
            world,
            Execution(
                id=one.chance.uuid(),
                service=call.match.service.name,
                operation=call.operation,
                resource="job",
                version="",
                input=one.input,
                started=world.clock.now,
                batch=batch,
                index=one.index,
                webhook_url=call.body.get("hook"),
            ),
        )
        for one in planned
    ]
    return json_answer(202, {"jobs": [job.id for job in jobs]})


def read(call: Call, decision: Decision, world: World) -> Answer:
    """The state of one job."""
    job = world.executions.get(call.path["id"])
    assert job is not None
    return json_answer(200, told(job, world), reads=(job.id,))


def told(job: Execution, world: World) -> dict[str, Any]:
    """A job in JSON. It is a valid trigger too, so that a hook of ours that leads to us makes a loop."""
    return {"id": job.id, "state": job.state, "inputs": [job.input], "hook": job.webhook_url}


def jobs_service(*, retries: tuple[float, ...] = RETRIES) -> Service:
    """The vendor, mounted at /jobs-api."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "jobs.yaml"
        file.write_text(SPEC)
        loaded = load(file, name="jobs", label="jobs.yaml")
    vendor = Vendor(
        name="jobs",
        sources=(),
        face=Face("key"),
        refuse=plain_refusal,
        handlers={"POST /jobs": start, "GET /jobs/{id}": read},
        webhooks=WebhookPolicy(frozenset({"completed", "failed"}), retries, told),
        inputs=lambda call: tuple(call.body["inputs"]),
    )
    return Service("jobs", ("/jobs-api",), loaded, vendor)


class Jobs(Client):
    """A client of a world that serves the tiny vendor."""

    def start(self, *inputs: Any, hook: str | None = None) -> list[str]:
        """Start jobs; returns their ids."""
        got = self.send("POST", "/jobs-api/jobs", {"inputs": list(inputs), **({"hook": hook} if hook else {})})
        assert got.status == 202
        ids: list[str] = got.json["jobs"]
        return ids

    def read(self, id: str) -> str:
        """The state of a job."""
        state: str = self.send("GET", f"/jobs-api/jobs/{id}").json["state"]
        return state

    def inbox(self, name: str = "it") -> str:
        """The URL of an inbox of this world."""
        return f"{self.server.url}{self.prefix}/__inbox/{name}"

    def admin(self, method: str, path: str, value: Any = None) -> Got:
        """A request to the admin API of this world."""
        return self.send(method, f"/__admin/{path}", value if method == "GET" else value or {})

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The world's deliveries."""
        return self.server.run(lambda: self.world.outbox.all)

    def journal_notes(self) -> list[str]:
        """What the world did by itself."""
        return [note.text for note in self.server.run(lambda: self.world.journal.notes)]


def jobs_client(server: Server, **settings: Any) -> Jobs:
    """A client of a fresh world that serves the tiny vendor."""
    services = (jobs_service(retries=settings.pop("retries", RETRIES)),)
    return Jobs(server, server.run(lambda: server.worlds.open(services=services, **settings)))


@dataclass
class Receiver:
    """What came to a receiver in a thread of its own, and what it answers: one status after another, then 200."""

    port: int
    statuses: list[int] = field(default_factory=list)
    on_post: Callable[[Any], None] = lambda value: None
    received: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def receiver(*statuses: int, on_post: Callable[[Any], None] = lambda value: None) -> Iterator[Receiver]:
    """A running receiver."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            value = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            here.headers.append(dict(self.headers))
            here.on_post(value)
            here.received.append(value)
            self.send_response(here.statuses.pop(0) if here.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Receiver(http.server_port, list(statuses), on_post)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield here
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
