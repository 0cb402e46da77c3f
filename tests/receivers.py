"""Receivers of Standard Webhooks: correct ones, and others that are each wrong in one thing."""

import base64
import hmac
import json
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 300


class Correct:
    """Verifies, takes each event once, and keeps what it read. `processed` are the events, `kept` outputs by id.

    Some that are wrong go by more: `known`, the ids that the answer of the call named, and `hours()` since then.
    """

    def __init__(self, secret):
        self.secret, self.processed, self.kept, self.seen = secret, [], {}, set()
        self.lock, self.known, self.signatures, self.hours = threading.Lock(), [], [], float
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers["content-length"]))
                with receiver.lock:
                    status = receiver.take(headers, body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *raised):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def take(self, headers, body):
        """The status that a delivery is answered with."""
        if not self.is_genuine(headers, body):
            return 401
        if not self.is_fresh(int(headers["webhook-timestamp"]) - time.time()):
            return 400
        key = self.key(headers, body)
        if key not in self.seen:
            self.seen.add(key)
            self.process(self.read(body))
        return 204

    def is_genuine(self, headers, body):
        given = headers.get("webhook-signature", "").split()
        return any(hmac.compare_digest(each, self.signature(headers, body)) for each in given)

    def signature(self, headers, body):
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        return "v1," + base64.b64encode(hmac.new(key, content, sha256).digest()).decode()

    def is_fresh(self, seconds):
        return abs(seconds) <= TOLERANCE

    def key(self, headers, body):
        return headers["webhook-id"]

    def read(self, body):
        return json.loads(body)

    def process(self, event):
        self.processed.append(event)
        self.kept[event["execution_id"]] = event["output"]


class AsksForLater(Correct):
    """Correct as well: what its own call has not told it of yet, it wants to be sent again."""

    def take(self, headers, body):
        known = not self.is_genuine(headers, body) or json.loads(body)["execution_id"] in self.known
        return super().take(headers, body) if known else 503


class RefusesReplays(Correct):
    """Correct as well: the same signature is never taken twice."""

    def take(self, headers, body):
        signature = headers.get("webhook-signature")
        if signature in self.signatures:
            return 409
        status = super().take(headers, body)
        self.signatures += [signature] * (status == 204)
        return status


class TrustsAnybody(Correct):
    def is_genuine(self, headers, body):
        return True


class ChecksSignaturesThatAreThere(Correct):
    """Looks at a signature only where there is one."""

    def is_genuine(self, headers, body):
        return "webhook-signature" not in headers or super().is_genuine(headers, body)


class SignsWhatItParsed(Correct):
    """Verifies the body as it would write it itself."""

    def is_genuine(self, headers, body):
        again = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False)
        return super().is_genuine(headers, again.encode())


class SignsInAscii(Correct):
    """Verifies what it parsed and wrote anew, with escapes for what is not ASCII."""

    def is_genuine(self, headers, body):
        return super().is_genuine(headers, json.dumps(json.loads(body), separators=(",", ":")).encode())


class IgnoresAge(Correct):
    def is_fresh(self, seconds):
        return True


class TakesTheFuture(Correct):
    """Asks only whether a stamp is too old."""

    def is_fresh(self, seconds):
        return seconds >= -TOLERANCE


class KnowsOneSignature(Correct):
    """Compares the whole header."""

    def is_genuine(self, headers, body):
        return headers.get("webhook-signature") == self.signature(headers, body)


class LooksAtTheFirstSignature(Correct):
    def is_genuine(self, headers, body):
        return headers.get("webhook-signature", "").split()[:1] == [self.signature(headers, body)]


class ProcessesEachDelivery(Correct):
    def key(self, headers, body):
        return object()


class RemembersSignatures(Correct):
    """Takes what is signed anew for a new event."""

    def key(self, headers, body):
        return headers["webhook-signature"]


class RefusesRepeats(Correct):
    """Answers a repeat with a conflict, and so is sent it again and again."""

    def take(self, headers, body):
        return 409 if headers["webhook-id"] in self.seen else super().take(headers, body)


class BreaksOnRepeats(Correct):
    def take(self, headers, body):
        return 500 if headers["webhook-id"] in self.seen else super().take(headers, body)


class ReadsLatin1(Correct):
    def read(self, body):
        return json.loads(body.decode("latin-1"))


class WaitsForAscii(Correct):
    """Breaks on what it cannot decode."""

    def read(self, body):
        return json.loads(body.decode("ascii"))

    def take(self, headers, body):
        try:
            return super().take(headers, body)
        except UnicodeDecodeError:
            return 500


class DropsUnknownRuns(Correct):
    """Acknowledges, and forgets, what its own call has not told it of yet."""

    def process(self, event):
        if event["execution_id"] in self.known:
            super().process(event)


class GoesByArrival(Correct):
    """Gives the first webhook to the first run."""

    def process(self, event):
        super().process(event)
        self.kept = dict(zip(self.known, [one["output"] for one in self.processed], strict=False))


class GivesUp(Correct):
    """Forgets a run that is a day old."""

    def take(self, headers, body):
        return 404 if self.hours() > 24 else super().take(headers, body)


class BreaksOnForgeries(Correct):
    """Meets what it does not trust with an error of its own."""

    def take(self, headers, body):
        status = super().take(headers, body)
        return 500 if status == 401 else status


class AcknowledgesFirst(Correct):
    """Answers 200 to all, and verifies afterwards."""

    def take(self, headers, body):
        super().take(headers, body)
        return 200


class NeverProcesses(Correct):
    def process(self, event):
        pass
