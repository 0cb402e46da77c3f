"""`mockserver journal` and `serve --journal`: what was recorded, on a terminal, and worlds that go on."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path

import pytest

from mockserver.cli.main import main
from mockserver.server import Server

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-W", "error", "-m", "mockserver"]
PATH = "/vectorshift/v1/pipeline/p/bulk_run"


def run(*argv):
    """Exit code and what was printed."""
    out = io.StringIO()
    return main([str(word) for word in argv], {}, out), out.getvalue()


def send(port, body, path=PATH):
    """Status and bytes of one bulk call."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Authorization": "Bearer vs-test-key", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """Four requests in two worlds."""
    path = tmp_path_factory.mktemp("journal") / "j.jsonl"
    with Server(journal=path, vendors=("vectorshift",), seed=4) as server:
        server.run(lambda: server.worlds.open("a"))
        for target, body in [(PATH, {"runs": [{"inputs": {}}]}), (PATH, {"runs": 5}), ("/w/a" + PATH, {}), ("/x", {})]:
            send(server.port, body, target)
    return path


def test_a_journal_is_printed_line_by_line(journal):
    """Time, number, request, status, operation; below a request whatever was wrong with it."""
    code, text = run("journal", journal)

    assert code == 0
    lines = text.splitlines()
    assert lines[0] == f"2026-01-01T00:00:00Z  #1  POST {PATH}  200  bulkRunPipeline"
    assert lines[1] == f"2026-01-01T00:00:00Z  #2  POST {PATH}  400  bulkRunPipeline"
    assert lines[2].startswith("    E101  /runs: ")
    assert "specs/vectorshift/pipeline.yaml:" in lines[2]
    assert f"  a  #1  POST /w/a{PATH}  400" in text
    assert "E108" in lines[-1]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (["--operation", "bulkRunPipeline"], ["#1", "#2", "#1"]),
        (["--status", "200"], ["#1"]),
        (["--status", "4xx"], ["#2", "#1", "#3"]),
        (["--invalid"], ["#2", "#1", "#3"]),
        (["--world", "a"], ["#1"]),
        (["--world", ""], ["#1", "#2", "#3"]),
        (["--after", "1"], ["#2", "#3"]),
        (["--invalid", "--world", "", "--after", "2"], ["#3"]),
    ],
    ids=" ".join,
)
def test_filters_choose_requests(journal, filters, numbers):
    """Each leaves what it says; several leave what all say."""
    _, text = run("journal", journal, *filters)

    shown = [word for line in text.splitlines() if line[0] != " " for word in line.split() if word.startswith("#")]
    assert shown == numbers


def test_entries_as_json(journal):
    """One a line, as the admin API has them."""
    _, text = run("journal", journal, "--json")

    entries = [json.loads(line) for line in text.splitlines()]
    assert [entry["status"] for entry in entries] == [200, 400, 400, 404]
    assert entries[0]["answer"]["body"].startswith('{"status":"success"')


def test_nothing_to_show_is_said(journal, tmp_path):
    """An empty screen could mean anything."""
    empty = tmp_path / "empty.jsonl"
    empty.touch()

    assert run("journal", journal, "--status", "500") == (0, "none of 4 requests is like that\n")
    assert run("journal", empty) == (0, "no requests are recorded\n")


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (
            ("--operation", "bulkRunPipelin"),
            'no request of the operation "bulkRunPipelin" is recorded; did you mean "bulkRunPipeline"?',
        ),
        (("--world", "b"), 'no request of the world "b" is recorded; known: a'),
    ],
    ids=["operation", "world"],
)
def test_a_name_that_is_not_recorded_is_told(journal, capsys, filters, said):
    """With those that are."""
    assert run("journal", journal, *filters) == (0, "none of 4 requests is like that\n")
    assert capsys.readouterr().err == f"mockserver: {said}\n"


@pytest.mark.parametrize("status", ["9", "6xx", "42", "600", "OK", ""])
def test_a_status_that_no_answer_has_is_a_mistake(journal, capsys, status):
    """None would be found, whatever was recorded."""
    assert run("journal", journal, "--status", status) == (2, "")
    assert f"no answer has the status {status!r}; write one from 100 to 599, or a class" in capsys.readouterr().err


def test_a_torn_line_and_a_gap_are_noted(journal, tmp_path, capsys):
    """What is there is printed, what is not is told on stderr."""
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(journal.read_bytes() + b'{"record":"lost","count":3}\n{"record":"inp')

    code, text = run("journal", torn)
    assert code == 0
    assert text == run("journal", journal)[1]
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("  3 records are missing: they could not be written")
    assert second.endswith("  the last line is not whole and is passed over")


def test_one_missing_record_is_no_plural(journal, tmp_path, capsys):
    """For whoever prints the file, and for whoever holds it against a document."""
    holed = tmp_path / "holed.jsonl"
    holed.write_bytes(journal.read_bytes() + b'{"record":"lost","count":1}\n')
    line = len(holed.read_bytes().splitlines())

    run("journal", holed)
    _, checked = run("check", holed)
    assert capsys.readouterr().err == f"mockserver: {holed}:{line}  1 record is missing: it could not be written\n"
    assert f"{holed}:{line}: 1 record is missing: it could not be written" in checked


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"dear diary\n", "is no journal of mockserver; serve --journal FILE writes one"),
        (b'{"format":"mockserver journal","version":2,"mockserver":"9.0"}\n', "the journal is of version 2"),
    ],
    ids=["missing", "other file", "other version"],
)
@pytest.mark.parametrize("command", [["journal"], ["serve", "--port", "0", "--journal"]], ids=["journal", "serve"])
def test_another_file_is_one_line_and_exit_2(tmp_path, capsys, command, content, said):
    """For whoever prints it and for whoever would go on with it."""
    path = tmp_path / "folder" / "x.jsonl"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    elif command[0] == "serve":
        said = "cannot be written: No such file or directory"

    code, _ = run(*command, path)
    (line,) = capsys.readouterr().err.splitlines()
    assert code == 2
    assert line.startswith("mockserver: ")
    assert said in line
    assert content is None or path.read_bytes() == content


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "5"], "with seed 4, and seed 5 is asked for"),
        ([], "it is of vectorshift, and vectorshift, eachlabs"),
    ],
    ids=["seed", "documents"],
)
def test_a_journal_of_another_world_is_one_line_and_exit_2(journal, capsys, words, said):
    """Serve never mixes worlds, and says in what they differ."""
    code, _ = run("serve", "--port", "0", "--clock", "auto", *words, "--journal", journal)

    (line,) = capsys.readouterr().err.splitlines()
    assert code == 2
    assert said in line


def test_serve_restores_what_was_killed(tmp_path):
    """The same command again: the seed, the worlds and the journal are those of before, and a line says so."""
    path = tmp_path / "j.jsonl"
    asked = {"runs": [{"inputs": {"q": 1}}]}
    answers, said = [], []
    for _ in range(2):
        command = [*COMMAND, "serve", "--vendor", "vectorshift", "--port", "0", "--journal", str(path)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        watchdog = threading.Timer(30, process.kill)
        watchdog.start()
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        said.append((first.split("seed")[1], second))
        answers.append(send(int(first.split()[2].rsplit(":")[-1]), asked))
        os.kill(process.pid, signal.SIGKILL)
        watchdog.cancel()
        process.communicate()

    assert said[0][0] == said[1][0]
    assert said[1][1].startswith(f"restored 1 world from {path}: 1 request, ")
    assert [status for status, _ in answers] == [200, 200]
    _, text = run("journal", path)
    assert [line.split()[1] for line in text.splitlines()] == ["#1", "#2"]


def test_follow_forgets_the_beginning_of_a_line_that_found_no_room(journal, tmp_path, monkeypatch):
    """On a full disk it is taken away again, and another line is written in its place."""
    path = tmp_path / "j.jsonl"
    *whole, last = journal.read_bytes().splitlines(keepends=True)
    before = b"".join(whole)
    path.write_bytes(before + b'{"record":"lost"')
    steps = iter([lambda: path.write_bytes(before + last)])

    def pause(seconds):
        next(steps, interrupted)()

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("mockserver.cli.journal.time.sleep", pause)
    _, text = run("journal", path, "--follow", "--json")
    assert [json.loads(line) for line in text.splitlines()] == [
        json.loads(line) for line in run("journal", journal, "--json")[1].splitlines()
    ]


@pytest.fixture
def interruptible():
    """A program that is started now heeds Control-C, also where the suite runs in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_follow_prints_what_comes(journal, tmp_path):
    """Like `tail -f`: what is there, and what is written later."""
    path, whole = tmp_path / "j.jsonl", journal.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:5]))
    process = subprocess.Popen([*COMMAND, "journal", "-f", str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(30, process.kill)
    watchdog.start()
    assert process.stdout is not None
    first = process.stdout.readline()
    with path.open("ab") as file:
        file.write(b"".join(whole[5:]))
    rest = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    process.communicate()
    watchdog.cancel()

    assert first.split()[1] == "#1"
    assert rest[0].split()[1] == "#2"
    assert process.returncode == 130
