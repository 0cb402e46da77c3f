"""`mockserver run -- CMD`: clients of any language, held to the contract; their exit codes, output and signals."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
COMMAND = [sys.executable, "-W", "error", "-m", "mockserver", "run"]
GOOD = """\
import json, os
from urllib.request import Request, urlopen
url, key = os.environ["EACHLABS_BASE_URL"], os.environ["EACHLABS_API_KEY"]
headers = {"X-API-Key": key, "Content-Type": "application/json"}
body = json.dumps({"inputs": [{"n": 1}]}).encode()
print(urlopen(Request(f"{url}/wf_1/bulk-trigger", body, headers)).status)
"""

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is missing")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`mockserver run ... -- CMD` in a folder of its own: exit code, CMD's output, ours."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])

    def call(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words], cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths, **env}, text=True,
            capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return call


def python(text: str) -> tuple[str, ...]:
    """The command that runs this program."""
    return "--", sys.executable, "-c", text


@needs_curl
def test_a_broken_client_in_shell_is_caught(run: Run, tmp_path: Path) -> None:
    """Its mistakes are in every report, on the line of the spec; its output is untouched, and ours comes after."""
    reports = ("junit=j.xml", "html=r.html", "json=r.json", "github=annotations.txt")
    options = [word for one in reports for word in ("--report", one)]

    done = run(*options, "--", "sh", str(HERE / "broken_client.sh"))

    assert done.returncode == 1
    assert done.stdout.endswith("the client is content\n")
    assert "E101" not in done.stdout
    assert done.stderr.endswith("mockserver run: 3 errors in 3 requests\n")
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))["findings"]
    assert [one["code"] for one in found] == ["E101", "E105", "E108"]
    spot = found[0]["place"]["line"]
    assert f"specs/eachlabs/engine.yaml:{spot}:" in done.stderr
    junit = ElementTree.parse(tmp_path / "j.xml").getroot()
    cases = {str(one.get("name")): one for one in junit.iter("testcase")}
    case = cases["E101 bulkTriggerWorkflow body /webhook_url"]
    assert (case.get("file"), case.get("line")) == ("specs/eachlabs/engine.yaml", str(spot))
    annotation = (tmp_path / "annotations.txt").read_text("utf-8").splitlines()[0]
    assert annotation.startswith(f"::error file=specs/eachlabs/engine.yaml,line={spot},col=")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert f"specs/eachlabs/engine.yaml:{spot}:" in page
    assert found[0]["sentence"] in unescape(page)


@needs_node
def test_a_broken_client_in_javascript_is_caught(run: Run, tmp_path: Path) -> None:
    """Node's own fetch; the place is that of the wrong item."""
    script = tmp_path / "client.mjs"
    shutil.copy(HERE / "broken_client.js", script)
    options = ("--report", "github", "--report", "junit=j.xml", "--report", "html=r.html")

    done = run(*options, "--", "node", str(script))

    assert done.returncode == 1
    said, _, annotation = done.stdout.splitlines()
    assert said == "the client is content"
    assert annotation.startswith("::error file=specs/eachlabs/engine.yaml,line=")
    assert "::/inputs/0: " in annotation
    assert 'name="E101 bulkTriggerWorkflow body /inputs/0"' in (tmp_path / "j.xml").read_text("utf-8")
    assert "/inputs/0" in (tmp_path / "r.html").read_text("utf-8")


def test_a_good_client_is_green(run: Run) -> None:
    """Exit code 0, and one line on what was seen."""
    done = run(*python(GOOD))

    assert (done.returncode, done.stdout) == (0, "202\n")
    assert done.stderr.endswith("mockserver run: no findings in 1 request\n")


def test_a_test_suite_runs_under_it(run: Run, tmp_path: Path) -> None:
    """pytest as the command: its tests read the address from the environment."""
    (tmp_path / "test_it.py").write_text(f"def test_it():\n    {GOOD.replace(chr(10), chr(10) + '    ')}\n")

    done = run("--", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py")

    assert done.returncode == 0
    assert "1 passed" in done.stdout
    assert "no findings in 1 request" in done.stderr


def test_own_documents_are_served(run: Run, tmp_path: Path) -> None:
    """The options are those of `serve`; the finding lies in the user's own file."""
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n"
        "      parameters:\n      - {name: n, in: query, required: true, schema: {type: integer}}\n"
        "      responses: {'204': {description: fine}}\n"
    )
    client = "import os; from urllib.request import urlopen; urlopen(os.environ['MOCKSERVER_URL'] + '/api/a?n=x')"
    client = f"print('no end', end=''); {client}"  # GitHub reads an annotation at the beginning of a line only

    done = run("api.yaml", "--report", "github", *python(f"try:\n    {client}\nexcept OSError: pass"))

    assert done.returncode == 1
    assert done.stdout.startswith("no end\n::error file=api.yaml,line=8,col=")


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        ("raise SystemExit(7)", 7, "exited with 7, which is the exit code"),
        (f"{GOOD}raise SystemExit(7)", 7, "exited with 7"),
        ("pass", 3, "tests that use the fixtures of the pytest plugin have servers of their own and need no `run`"),
        ("import os; os.kill(os.getpid(), 9)", 137, "was killed by signal 9"),
        ("import os; os.kill(os.getpid(), 15)", 143, "was killed by signal 15"),
    ],
    ids=["failed", "failed with traffic", "nothing recorded", "killed", "terminated"],
)
def test_exit_codes_are_those_of_the_command_first(run: Run, program: str, code: int, said: str) -> None:
    """CMD's own code if it failed; 3 when nothing was recorded: an empty journal is never green."""
    done = run(*python(program))

    assert done.returncode == code
    assert said in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--", "no-such-command"), 2, "there is no command no-such-command"),
        (("--", "./data.txt"), 2, "the command ./data.txt cannot be run"),
        (("--",), 2, "say which command to run, after --"),
        (("true",), 2, "say which command to run, after --"),
        ((), 2, "say which command to run, after --"),
        (("nowhere.yaml", "--", "true"), 2, "there is no spec nowhere.yaml"),
        (("broken.yaml", "--", "true"), 2, "broken.yaml:2"),
        (("--report", "pdf=x", "--", "true"), 2, 'there is no report "pdf"; there are junit, github, json, html'),
        (("--report", "junit", "--", "true"), 2, "--report junit needs a file"),
        (("--report", "junit=no/where/x.xml", "--", "true"), 2, "no/where/x.xml cannot be written"),
        (("--baseline", "none.json", "--", "true"), 2, "--update-baseline writes it"),
        (("--baseline", "data.txt", "--", "true"), 2, "is no JSON, so it is no baseline"),
        (("--update-baseline", "--", "true"), 2, "goes with --baseline FILE"),
        (("--coverage-fail-under", "101", "--", "true"), 2, "from 0 to 100"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else None,
)
def test_a_mistake_is_one_line(run: Run, tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    """Told before the command runs; no traceback."""
    (tmp_path / "data.txt").write_text("no program")
    (tmp_path / "broken.yaml").write_text("openapi: 3.1.0\npaths: 5\n")

    done = run(*words)

    assert (done.returncode, done.stdout) == (code, "")
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith("mockserver: ")
    assert said in complaint


def test_a_port_that_is_taken_is_one_line(run: Run, tmp_path: Path) -> None:
    """Could not run: exit code 3, in reports too, and the command was not started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ("--port", str(taken.getsockname()[1]), "--report", "junit=j.xml")
        done = run(*words, *python("print('started')"))

    assert (done.returncode, done.stdout) == (3, "")
    assert all("is taken" in text for text in (done.stderr, (tmp_path / "j.xml").read_text("utf-8")))


@contextmanager
def running(*command: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """`mockserver run -- CMD` as a process; gone afterwards, whatever happens."""
    words = [*COMMAND, "--", *command]
    wrapped = [*more.pop("wrapped", ()), *words]
    process = subprocess.Popen(wrapped, cwd=ROOT, text=True, stdout=subprocess.PIPE, **more)
    watchdog = threading.Timer(30, process.kill)  # a line that never comes must fail the test, not hold the suite
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    """The next line that the command prints."""
    assert process.stdout is not None
    return process.stdout.readline()


PARENT = """\
import signal, subprocess, sys
signal.signal({number}, lambda *_: None)
child = subprocess.Popen([sys.executable, "-c", {child!r}])
code = child.wait()
print("child ended with", code, flush=True)
sys.exit(code)
"""
CHILD = """\
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [{number}])
print("up", flush=True)
sys.exit(signal.sigwait([{number}]) and 5)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_are_passed_on(tmp_path: Path, number: signal.Signals) -> None:
    """The command may clean up, children of its own are told too, and its code is the exit code."""
    program = tmp_path / "parent.py"
    program.write_text(PARENT.format(number=int(number), child=CHILD.format(number=int(number))))

    with running(sys.executable, str(program), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert line(process) == "up\n"
        process.send_signal(number)
        out, err = process.communicate()

    assert (process.returncode, out) == (5, "child ended with 5\n")
    assert "nothing was recorded" in err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals")
def test_on_a_terminal_the_command_can_read_and_control_c_reaches_it(tmp_path: Path) -> None:
    """It stays in the terminal's foreground; it minds the signal itself, and we live to tell."""
    program = tmp_path / "ask.py"
    program.write_text(
        "import signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # held until it is waited for\n"
        "print('hello', input(), flush=True); signal.sigwait([signal.SIGINT]); sys.exit(4)\n"
    )
    ours, theirs = os.openpty()
    # The first terminal that the leader of a session opens is the one that Control-C comes from.
    opening = ("sh", "-c", 'exec "$@" <"$TERMINAL" 2>"$TERMINAL"', "sh")
    env = {**os.environ, "TERMINAL": os.ttyname(theirs)}
    try:
        with running(sys.executable, str(program), wrapped=opening, env=env, start_new_session=True) as process:
            os.write(ours, b"world\n")
            assert line(process) == "hello world\n"
            os.write(ours, b"\x03")
            code = process.wait()
    finally:
        os.close(ours)
        os.close(theirs)

    assert code == 4


@pytest.mark.parametrize(("code", "wanted"), [(0, 3), (7, 7)])
def test_a_report_that_cannot_be_written_is_one_line(run: Run, tmp_path: Path, code: int, wanted: int) -> None:
    """Its folder is gone when the command has ended; the command's own failure has the last word."""
    (tmp_path / "out").mkdir()

    done = run("--report", "html=out/r.html", *python(f"{GOOD}os.rmdir('out'); raise SystemExit({code})"))

    assert done.returncode == wanted
    assert done.stderr.splitlines()[-1].startswith("mockserver: out/r.html cannot be written: ")
    assert "Traceback" not in done.stderr


def test_known_findings_are_counted_and_new_ones_fail(run: Run, tmp_path: Path) -> None:
    """Gradual adoption: write a baseline, stay green, and hear of what is new and of what is gone."""
    bad = GOOD.replace('"inputs": [{"n": 1}]', '"inputs": INPUTS').replace("print(", "try: print(")
    bad += "except OSError: print('refused')\n"
    first, second = bad.replace("INPUTS", "[5]"), bad.replace("INPUTS", "7")

    made = run("--baseline", "known.json", "--update-baseline", *python(first))
    same = run("--baseline", "known.json", *python(first))
    new = run("--baseline", "known.json", *python(second))

    assert (made.returncode, same.returncode, new.returncode) == (0, 0, 1)
    assert same.stderr.endswith("mockserver run: no findings, 1 known in 1 request\n")
    assert "known, in the baseline: E101 (1)" in same.stderr
    assert "1 finding of the baseline was not found any more" in new.stderr
    assert "/inputs: 7 is not" in new.stderr
    assert str(tmp_path) not in (tmp_path / "known.json").read_text("utf-8")


def test_too_little_coverage_fails(run: Run) -> None:
    """With the table of what is missing."""
    done = run("--coverage-fail-under", "90", *python(GOOD))

    assert done.returncode == 1
    assert "90% are asked for" in done.stderr
    assert "getExecution" in done.stderr or "executions" in done.stderr


def test_bad_manners_are_warnings_unless_they_shall_fail(run: Run) -> None:
    """A request that was refused is sent again, unchanged."""
    twice = GOOD.replace('"n": 1}]', '"n": 1}] * 11').replace("print(", "for _ in (1, 2):\n  try: print(")
    twice += "  except OSError: pass\n"

    codes = [run("--manners", one, *python(twice)).stderr.count(" E303: ") for one in ("off", "warn", "fail")]

    assert codes == [0, 1, 1]
    assert "warning E303" in run(*python(twice)).stderr
    assert "error E303" in run("--manners", "fail", *python(twice)).stderr


def test_webhooks_that_were_not_delivered_are_told(run: Run) -> None:
    """What is given up while the command runs is E302; what was on its way when it ended is a remark."""
    hooked = GOOD.replace('{"n": 1}]', '{"n": 1}], "webhook_url": "http://127.0.0.1:9/hook"')

    until_it_failed = (
        "import os\nurl = os.environ['MOCKSERVER_URL'] + '/__admin/deliveries'\n"
        "while not any(one['state'] == 'failed' for one in json.load(urlopen(url))['deliveries']): pass\n"
    )

    waiting = run(*python(hooked))
    patient = run("--speed", "1000", "--report", "github", *python(hooked + until_it_failed))

    assert waiting.returncode == 0
    assert "1 execution still running when it ended" in waiting.stderr
    assert patient.returncode == 1
    assert "E302" in patient.stderr
    assert "http://127.0.0.1:9/hook" in patient.stderr


def test_the_journal_of_a_run_is_of_that_run_alone(run: Run, tmp_path: Path) -> None:
    """Written anew each time; `check` reads it."""
    for _ in range(2):
        run("--journal", "j.jsonl", *python(GOOD))

    done = subprocess.run(
        [*COMMAND[:-1], "check", str(tmp_path / "j.jsonl")], cwd=ROOT, text=True, capture_output=True, timeout=60
    )

    assert done.returncode == 0
    assert done.stdout.endswith("mockserver check: no findings in 1 request\n")


def test_the_command_has_addresses_and_keys(run: Run) -> None:
    """What is exported is there beside the caller's own environment."""
    names = (
        "MOCKSERVER_URL",
        "EACHLABS_BASE_URL",
        "EACHLABS_API_KEY",
        "VECTORSHIFT_BASE_URL",
        "VECTORSHIFT_API_KEY",
        "OWN",
    )

    done = run(*python(f"import json, os; print(json.dumps([os.environ[name] for name in {names!r}]))"), OWN="mine")

    url, eachlabs, key, vectorshift, other, own = json.loads(done.stdout)
    assert (eachlabs, key) == (f"{url}/eachlabs/api/v1", "el-test-key")
    assert (vectorshift, other, own) == (f"{url}/vectorshift/v1", "vs-test-key", "mine")


def test_a_world_that_the_command_opened_and_closed_counts(run: Run) -> None:
    """Whatever a client does to worlds, its traffic is held to the contract."""
    program = """\
import json, os
from urllib.error import HTTPError
from urllib.request import Request, urlopen
url = os.environ["MOCKSERVER_URL"]
head = {"Content-Type": "application/json"}
urlopen(Request(url + "/__admin/worlds", json.dumps({"name": "mine"}).encode(), head))
try:
    urlopen(url + "/w/mine/nowhere")
except HTTPError as error:
    print(error.code)
urlopen(Request(url + "/__admin/worlds/mine", headers=head, method="DELETE"))
urlopen(Request(url + "/__admin/reset", b"{}", head))
"""

    done = run(*python(program))

    assert (done.returncode, done.stdout) == (1, "404\n")
    assert "error E108" in done.stderr
    assert "in 1 request" in done.stderr
