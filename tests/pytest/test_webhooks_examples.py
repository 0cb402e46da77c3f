"""The two examples by which the pytest interface was drawn, run as they stand beside a client and a receiver."""

CLIENT = '''
import json
import threading
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Execution:
    id: str | None
    status: str


@dataclass
class Job:
    executions: list[Execution]


def start_bulk(prompts, base_url, webhook_url=None):
    body = {"inputs": [{"prompt": prompt} for prompt in prompts]}
    if webhook_url:
        body["webhook_url"] = webhook_url
    headers = {"X-API-Key": "el-test-key", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{base_url}/wf_1/bulk-trigger", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return Job([Execution(one.get("execution_id"), one["status"]) for one in json.load(answer)["executions"]])


class App:
    """Takes each event once, in whatever order and however often it comes."""

    def __init__(self):
        app = self
        self.results, self.processed, self.deliveries = {}, [], 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                app.deliveries += 1
                if event["execution_id"] not in app.results:
                    app.results[event["execution_id"]] = event["output"]
                    app.processed.append(event["execution_id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))


@pytest.fixture
def my_app():
    app = App()
    app.thread.start()
    yield app
    app.server.shutdown()
    app.server.server_close()
    app.thread.join()
'''


def test_the_examples_of_the_interface(suite):
    """Word for word."""
    suite(
        CLIENT
        + """
def test_partial_failure(eachlabs_mock):
    eachlabs_mock.input(2).reject("invalid input: missing required field 'prompt'")
    job = start_bulk(["a", "b", ""], base_url=eachlabs_mock.url)            # code under test
    assert [e.status for e in job.executions] == ["queued", "queued", "failed"]

def test_hostile_delivery(eachlabs_mock, my_app):                          # nothing sleeps
    eachlabs_mock.webhooks.duplicate(2).order(2, 0, 1).delay("2h")
    job = start_bulk(["a", "b", "c"], base_url=eachlabs_mock.url, webhook_url=my_app.url)
    a, b, c = (e.id for e in job.executions)
    eachlabs_mock.clock.advance("1h59m"); assert my_app.results == {}
    eachlabs_mock.clock.advance("2m");    assert my_app.processed == [c, a, b]   # each once
    assert my_app.deliveries == 6
"""
    ).assert_outcomes(passed=2)


def test_an_app_that_waits_for_webhooks_is_driven(suite):
    """It makes no read, so the test drives the clock until it is done."""
    suite(
        CLIENT
        + """
def test_it(eachlabs_mock, my_app):
    start_bulk(["a", "b", "c"], base_url=eachlabs_mock.url, webhook_url=my_app.url)
    eachlabs_mock.clock.run_until(lambda: len(my_app.results) == 3)
    eachlabs_mock.webhooks.assert_delivered(count=3, status="completed")
    assert eachlabs_mock.clock.mode == "auto"
"""
    ).assert_outcomes(passed=1)
