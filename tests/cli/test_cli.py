"""The command line: settings in, lines and exit codes out; never a traceback for a user's mistake."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver import __version__
from mockserver.cli.main import main
from mockserver.data import specs_dir

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-W", "error", "-m", "mockserver"]


def run(*argv: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = io.StringIO()
    return main(argv, env or {}, out), out.getvalue()


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    """Exit code and the one line on stderr."""
    code, _ = run(*argv)
    (line,) = capsys.readouterr().err.splitlines()
    return code, line


@contextmanager
def serving(*argv: str) -> Iterator[subprocess.Popen[str]]:
    """`mockserver serve ...` as a process."""
    process = subprocess.Popen(
        [*COMMAND, "serve", *argv], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    # A line that never comes must fail the test that waits for it, not hold the suite.
    watchdog = threading.Timer(30, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    """What the process says first."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip()


def request(url: str, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON of one request."""
    host, _, path = url.removeprefix("http://").partition("/")
    connection = HTTPConnection(host, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, "/" + path, json.dumps(body) if body is not None else None, named)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.mark.parametrize("argv", [(), ("--help",), ("-h",), ("serve", "--help"), ("check", "-h")])
def test_help_is_printed_where_it_is_asked_for(argv: tuple[str, ...]) -> None:
    """Help goes to the given stream and is no error."""
    code, text = run(*argv)

    assert code == 0
    assert text.startswith("Usage: mockserver")


def test_the_version_is_printed() -> None:
    """`--version` prints name and version."""
    assert run("--version") == (0, f"mockserver {__version__}\n")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["srve"], 'did you mean "serve"'),
        (["whatever"], "serve, demo, run"),
        (["serve", "--prot", "1"], "there is no option --prot; did you mean --port?"),
        (["serve", "--nope"], "there is no option --nope; `mockserver serve --help` lists them"),
        (["--verison"], "there is no option --verison; did you mean --version?"),
        (["serve", "--port", "99999"], "'99999' is not a whole number from 0 to 65535"),
        (["serve", "--port", "x"], "'x' is not a whole number from 0 to 65535"),
        (["serve", "--seed", "x"], "'x' is not a whole number"),
        (["serve", "--max-depth", "0"], "'0' is not a whole number from 1 to 1000"),
        (["serve", "--clock", "fast"], "real"),
        (["serve", "--speed", "0"], "'0' is not a number above 0"),
        (["serve", "--speed", "nan"], "'nan' is not a number above 0"),
        (["serve", "--speed", "2", "--clock", "auto"], "--clock real"),
        (["serve", "--vendor", "vectorshfit"], 'did you mean "vectorshift"'),
        (["serve", "--fixtures", "nowhere.yaml"], "nowhere.yaml"),
        (["serve", "--max-body", "big"], "32MiB"),
        (["serve", "nowhere.yaml"], "there is no spec nowhere.yaml"),
        (["serve", "A/B=pyproject.toml"], "cannot stand in a URL"),
        (["serve", "--overlay", "nowhere.yaml"], "there is no overlay nowhere.yaml"),
        (["serve", "--port", "0", "--ready-file", "no/such/folder/ready.json"], "no/such/folder/ready.json"),
        (["check", "nowhere"], "there is no file or folder nowhere"),
        (["spec", "nothing"], 'there is no document "nothing"'),
        (["spec"], "NAME"),
        (["explain", "E1", "E2"], "E2"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line_and_exit_2(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Called wrongly: one line on stderr that says what would be right, exit code 2."""
    code, line = refused(capsys, *argv)

    assert code == 2
    assert line.startswith("mockserver: ")
    assert said in line


@pytest.mark.parametrize("name", ["no/such/folder/ready.json", "."])
def test_a_ready_file_that_cannot_be_written_stops_the_start(name: str, tmp_path: Path) -> None:
    """Nothing listens, and nothing says that it does."""
    out = io.StringIO()

    assert main(["serve", "--port", "0", "--ready-file", str(tmp_path / name)], {}, out) == 2
    assert out.getvalue() == ""


def test_a_port_that_is_taken_is_one_line_and_exit_3(capsys: pytest.CaptureFixture[str]) -> None:
    """Could not run: exit code 3."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, line = refused(capsys, "serve", "--port", str(port))

    assert code == 3
    assert line.startswith(f"mockserver: port {port} on 127.0.0.1 is taken")


def test_a_broken_spec_is_located(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document that cannot be served stops the start with its line."""
    spec = tmp_path / "broken.yaml"
    spec.write_text("openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a: 5\n")

    code, line = refused(capsys, "serve", str(spec), "--port", "0")

    assert code == 2
    assert "broken.yaml:4:" in line


def test_serve_says_where_and_stops_when_asked(tmp_path: Path) -> None:
    """The first line says where and with which seed, the ready file has it all, SIGTERM ends both it and the file."""
    ready = tmp_path / "ready.json"
    ready.write_text("left over from an earlier run")

    with serving("--port", "0", "--seed", "7", "--ready-file", str(ready)) as process:
        line = first_line(process)
        url = line.split()[2]
        assert line == f"listening on {url} (seed 7)"
        assert process.stdout is not None
        names = [process.stdout.readline().split()[0] for _ in range(3)]
        assert names == ["vectorshift", "eachlabs", "eachlabs-api"]
        process.stdout.readline()
        status, answer = request(f"{url}/vectorshift/v1/pipeline/p/bulk_run", "POST", {"runs": []})
        assert (status, answer) == (401, {"error": "Missing authorization header"})
        event = process.stdout.readline()
        assert "-->  POST /vectorshift/v1/pipeline/p/bulk_run  401" in event
        assert process.stdout.readline().split()[0] == "E105"
        told = json.loads(ready.read_text())
        assert {**told, "env": None} == {"url": url, "pid": process.pid, "seed": 7, "env": None}
        assert told["env"]["VECTORSHIFT_BASE_URL"] == f"{url}/vectorshift/v1"
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)

    assert (process.returncode, errors) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_as_json_every_line_is_an_object() -> None:
    """The banner too: one line for each base URL, with its fields beside the sentence."""
    with serving("--port", "0", "--seed", "7", "--log-format", "json") as process:
        assert process.stdout is not None
        first, *services, admin = (json.loads(process.stdout.readline()) for _ in range(5))

    url = first["url"]
    assert first == {"message": f"listening on {url} (seed 7)", "url": url, "seed": 7}
    assert services[0] == {
        "message": f"vectorshift is at {url}/vectorshift/v1",
        "service": "vectorshift",
        "base_url": f"{url}/vectorshift/v1",
        "key": "vs-test-key",
    }
    assert [one["service"] for one in services[1:]] == ["eachlabs", "eachlabs-api"]
    assert admin == {"message": f"admin is at {url}/__admin/health", "admin": f"{url}/__admin/health"}


def test_serve_stops_on_control_c() -> None:
    """SIGINT ends it with 0 and without a traceback."""
    with serving("--port", "0") as process:
        first_line(process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)

    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("words", [[], ["--webhook-reach", "loopback"]], ids=["private", "loopback"])
def test_serve_tells_of_webhooks(words: list[str]) -> None:
    """One line for each attempt; below it why none was made, and which option allows it."""
    with serving("--port", "0", "--speed", "1000", "--log-format", "json", *words) as process:
        url = json.loads(first_line(process))["message"].split()[2]
        hook = "http://172.31.255.1:9/" if words else f"{url}/__inbox/it"
        body = {"inputs": [{"prompt": "a"}], "webhook_url": hook}
        headers = {"X-API-Key": "el-test-key", "Content-Type": "application/json"}
        status, _ = request(f"{url}/eachlabs/api/v1/wf_1/bulk-trigger", "POST", body, **headers)
        assert status == 202
        assert process.stdout is not None
        event = next(one for one in map(json.loads, process.stdout) if "webhook" in one)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)

    assert (event["url"], event["attempt"]) == (hook, 1)
    if words:
        assert (event["status"], event["state"]) == (None, "blocked")
        assert "allow it with --webhook-reach private" in event["error"]
    else:
        assert (event["status"], event["state"]) == (200, "delivered")


def test_serve_never_prints_a_key() -> None:
    """Keys that clients send are masked in the log, wherever they stand."""
    with serving("--port", "0", "--log-format", "json", "-v") as process:
        url = json.loads(first_line(process))["message"].split()[2]
        assert process.stdout is not None
        for _ in range(4):  # the base URLs
            process.stdout.readline()
        body = {"runs": [{"inputs": {"api_key": "s3cret-value"}}, {"inputs": 5}]}
        target = f"{url}/vectorshift/v1/pipeline/p/bulk_run?token=s3cret-token"
        headers = {"Authorization": "Bearer s3cret-key", "Content-Type": "application/json"}
        request(target, "POST", body, **headers)
        request(target, "POST", body, **{**headers, "Authorization": "Bearer vs-test-key"})
        lines = [process.stdout.readline() for _ in range(2)]

    assert [json.loads(line)["status"] for line in lines] == [401, 400]
    assert not [line for line in lines if "s3cret" in line or "vs-test-key" in line]


def test_beyond_loopback_the_admin_api_needs_a_token() -> None:
    """Binding to every address prints a warning and a token."""
    with serving("--port", "0", "--host", "0.0.0.0", "--quiet") as process:
        url = first_line(process).split()[2]
        assert process.stdout is not None
        warning, token = process.stdout.readline(), process.stdout.readline().split()[-1]
        without, _ = request(f"{url}/__admin/health")
        with_it, _ = request(f"{url}/__admin/health", Authorization=f"Bearer {token}")

    assert warning.startswith("warning: ")
    assert (without, with_it) == (401, 200)


def test_the_demo_shows_both_vendors() -> None:
    """The demo runs both vendors' examples over a real socket, says what was refused and why, and is content."""
    code, text = run("demo")

    assert code == 0, text
    assert "Every answer was as expected." in text
    assert "invalid input: missing required field 'prompt'" in text
    assert "specs/vectorshift/pipeline.yaml:" in text
    assert "fixtures/eachlabs/bulk.yaml:" in text
    assert "completed, attempt 1 answered 500" in text
    assert "completed, attempt 2 answered 200" in text
    assert "refused for E105: header Authorization is missing (specs/" in text


def test_the_demo_is_not_content_with_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is not as expected makes it exit 1."""
    monkeypatch.setattr("mockserver.cli.demo._entries", lambda answer: [])

    code, text = run("demo")

    assert code == 1
    assert "NOT AS EXPECTED" in text


def test_what_is_shipped_passes_its_check() -> None:
    """`check --strict` finds nothing in what we ship: our overlay says that we know of the integer trap."""
    code, text = run("check", "--strict")

    assert code == 0
    assert text.splitlines()[-1].endswith(": 0 errors, 0 warnings")


def test_check_takes_files_and_folders(tmp_path: Path) -> None:
    """A document is checked with the overlay beside it, a fixture against its vendor; other files are passed over."""
    (tmp_path / "pets.yaml").write_text(
        'openapi: 3.1.0\ninfo: {title: x, version: "1"}\npaths: {/a: {get: {responses: {"200": {description: ok}}}}}\n'
    )
    (tmp_path / "pets.overlay.yaml").write_text(
        'overlay: 1.0.0\ninfo: {title: x, version: "1"}\nactions:\n'
        "  - {target: \"$.paths['/a'].get\", description: why not, x-evidence: guess, update: {operationId: getA}}\n"
    )
    (tmp_path / "pets.fixture.yaml").write_text(
        "format: 1\nvendor: pets\nscenarios:\n  - {name: a, operation: getA, then: {respond: {status: 200}}}\n"
    )
    (tmp_path / "notes.yaml").write_text("just: notes\n")

    assert run("check", str(tmp_path)) == (0, "3 files: 0 errors, 0 warnings\n")
    assert run("check", str(tmp_path / "pets.overlay.yaml")) == (0, "2 files: 0 errors, 0 warnings\n")


def test_check_finds_every_error_with_its_place(tmp_path: Path) -> None:
    """Each broken file is told, the place first; one file's error hides no other's."""
    (tmp_path / "a.yaml").write_text(
        "format: 1\nvendor: vectorshift\nscenarios:\n  - {name: x, operation: bulkRun, then: {fault: reset}}\n"
    )
    (tmp_path / "b.yaml").write_text("format: 1\nvendor: nobody\n")
    (tmp_path / "c.yaml").write_text("openapi: 3.1.0\nopenapi: 3.1.0\n")

    code, text = run("check", str(tmp_path))

    *found, last = text.splitlines()
    assert code == 2
    assert [line.split("  ")[0].rpartition("/")[2].split(":")[:2] for line in sorted(found)] == [
        ["a.yaml", "4"],
        ["b.yaml", "2"],
        ["c.yaml", "2"],
    ]
    assert 'did you mean "bulkRunPipeline"' in text
    assert 'unknown vendor "nobody"' in text
    assert last.startswith("3 files: 3 errors")


def test_check_refuses_what_it_does_not_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is named and is nothing that we know is called wrongly."""
    (tmp_path / "notes.yaml").write_text("just: notes\n")

    code, line = refused(capsys, "check", str(tmp_path / "notes.yaml"))

    assert code == 2
    assert "is no OpenAPI document" in line


def test_routes_are_a_table() -> None:
    """Method, path below the mount, operation, and for an alias the operation that it stands for."""
    code, text = run("routes", "--vendor", "vectorshift")

    rows = [line.split() for line in text.splitlines()]
    assert code == 0
    assert rows[0][:3] == ["METHOD", "PATH", "OPERATION"]
    assert ["POST", "/vectorshift/v1/pipeline/{id}/bulk_run", "bulkRunPipeline"] in rows
    (alias,) = [row for row in rows if row[1] == "/vectorshift/v1/pipeline/{id}/bulk-run"]
    assert alias[-1] == "bulkRunPipeline"


def test_a_document_is_printed_as_it_is_served() -> None:
    """`spec NAME` has the overlay's additions; `spec FILE` takes a document of the user's."""
    code, text = run("spec", "vectorshift")
    own_code, own = run("spec", str(specs_dir() / "vectorshift" / "pipeline.yaml"))

    assert (code, own_code) == (0, 0)
    assert yaml.safe_load(text)["paths"]["/pipeline/{id}/bulk_run"]["post"]["operationId"] == "bulkRunPipeline"
    assert "operationId" not in own


def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    """`mockserver spec vectorshift | head -1` ends quietly."""
    process = subprocess.Popen(
        [*COMMAND, "spec", "vectorshift"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=10)

    assert "Traceback" not in errors
    assert "Exception ignored" not in errors


def test_the_script_and_the_module_are_one() -> None:
    """`python -m mockserver` runs the same command line."""
    done = subprocess.run(
        [*COMMAND, "--version"], cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ}
    )

    assert (done.returncode, done.stdout) == (0, f"mockserver {__version__}\n")
