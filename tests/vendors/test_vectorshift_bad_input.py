"""Whatever a client sends to VectorShift's runs and tasks is answered, and never by a fault of our own."""

import json
from urllib.parse import quote

from mockserver.chance import Chance

PATHS = ("run", "run", "bulk_run", "terminate", "pause", "resume", "run/status/{id}")
FIELDS = (
    "inputs",
    "background",
    "webhook_url",
    "run_id",
    "run_ids",
    "runs",
    "trace_id",
    "version",
    "stream",
    "inputs.x",
)
TYPES = (
    "application/json",
    "application/json; charset=latin-1",
    "multipart/form-data; boundary=B",
    "application/x-www-form-urlencoded",
    "text/plain",
    "",
)
HOSTS = ("127.0.0.1:9", "[::1", "u:p@h", "h:99999", "..", "é", " ", "\x00", "a" * 300, "%zz", "1.2.3")


class Sender:
    """Makes requests up, each from its own number."""

    def __init__(self, number, ids):
        self.chance, self.ids = Chance("bad input", number), ids

    def pick(self, options):
        return options[self.chance.bits() % len(options)]

    def text(self):
        """Words that break things, and ids that are good."""
        made = f"http://{self.pick(HOSTS)}/h"
        return self.pick(
            (*self.ids, *self.ids, made, "", "0" * 24, "true", "\x00", "é🌅", "a" * 10_000, "${inputs}", "{")
        )

    def value(self, depth=0):
        """Any JSON."""
        kind = self.pick(("text", "text", "number", "word", "list", "map"))
        if kind == "list" and depth < 3:
            return [self.value(depth + 1) for _ in range(self.chance.bits() % 4)]
        if kind == "map" and depth < 3:
            return {self.pick((*FIELDS, self.text())): self.value(depth + 1) for _ in range(self.chance.bits() % 4)}
        if kind == "number":
            return self.pick((0, -1, 5.0, 1.5, 10**30, 1e300))
        return self.text() if kind == "text" else self.pick((None, True, False))

    def body(self):
        """A media type and a body, which mostly fit one another; now and then cut off."""
        fields = {self.pick(FIELDS): self.value() for _ in range(1 + self.chance.bits() % 3)}
        if self.chance.bits() % 2:
            fields = self.pick(({"background": True}, {"run_id": self.ids[-1]}, {"run_ids": [*self.ids]})) | fields
        texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in fields.items()}
        parts = "".join(
            f'--B\r\nContent-Disposition: form-data; name="{name}"{self.pick(("", "; filename=a"))}\r\n\r\n{one}\r\n'
            for name, one in texts.items()
        )
        urlencoded = "&".join(f"{name}={quote(one)}" for name, one in texts.items())
        made = (json.dumps(fields), json.dumps(self.value()), parts + "--B--\r\n", urlencoded, "hello", "")
        number = self.pick((0, 0, 0, 1, 2, 2, 3, 3, 4, 5))
        body = made[number].encode()
        if self.chance.bits() % 8 == 0:
            body = body[: self.chance.bits() % (len(body) + 1)]
        return TYPES[number] if self.chance.bits() % 8 else self.pick(TYPES), body

    def send(self, one):
        """Its entry."""
        path = self.pick(PATHS).replace("{id}", quote(self.pick((*self.ids, self.text())), safe=""))
        pipeline = "p1" if self.chance.bits() % 8 else quote(self.text(), safe="")
        method = "GET" if "status" in path else "POST" if self.chance.bits() % 16 else "DELETE"
        media_type, body = self.body()
        headers = {"Content-Type": media_type, "Accept": self.pick(("*/*", "*/*", "text/event-stream"))}
        return one.send(method, f"/pipeline/{pipeline}/{path}", body, headers)


def test_bad_input_is_never_a_fault_of_ours(vectorshift):
    """No 5xx, no answer that breaks the document, and the world goes on: 800 requests, some to tasks that live."""
    world, statuses = vectorshift.world, set()
    for number in range(800):
        ids = tuple(task.id for task in world.executions.all[-2:]) or ("x", "y")
        entry = Sender(number, ids).send(vectorshift)
        statuses.add(entry.answer.status)

        assert entry.crash == "", entry.crash
        assert entry.answer.status < 500, entry.answer.body
        assert [found for found in entry.violations if found.code >= "E5"] == []
        world.clock.advance_to(world.clock.now + number % 3)
        if number % 4 == 0:
            start = {"inputs": {"n": number}, "background": True}
            assert vectorshift.post("/pipeline/p1/run", start).answer.status == 200

    assert {200, 400, 404, 405, 415} <= statuses
    assert {state for task in world.executions.all for state, _ in task.entered} >= {"completed", "cancelled", "paused"}
