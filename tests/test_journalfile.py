"""A journal as a file: what is written is there at once, one process writes it, and a full disk stops nobody."""

import errno
import os
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from mockserver.engine.log import Header, JournalError, Lost, Opened, Reset, Torn, header_record, missing
from mockserver.engine.settings import Limits
from mockserver.errors import CouldNotRun, UsageError
from mockserver.journalfile import JournalFile, header_of, records_of
from mockserver.server import Server


class Disk:
    """A disk that has room for so many bytes."""

    def __init__(self, room):
        self.room = room

    def write(self, file, data):
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = os.write(file, data[: self.room])
        self.room -= written
        return written


@pytest.fixture
def path(tmp_path):
    """A journal with a header and nothing else."""
    with Server(journal=tmp_path / "j.jsonl", vendors=("vectorshift",), seed=4):
        pass
    return tmp_path / "j.jsonl"


def test_each_record_is_in_the_file_when_write_returns(path):
    """Whoever is killed then has lost nothing."""
    file = JournalFile(path, anew=False)
    file.write({"record": "reset", "world": ""})

    assert path.read_bytes().endswith(b'{"record":"reset","world":""}\n')
    file.close()


@pytest.mark.parametrize("room", range(0, 80, 7))
def test_a_full_disk_is_said_once_and_what_is_missing_is_counted(path, room):
    """Also when half a line found room: the file can be read at every moment, and says where records are missing."""
    said: list[str] = []
    disk = Disk(room)
    file = JournalFile(path, anew=False, write=disk.write, say=said.append)
    for _ in range(6):
        file.write({"record": "reset", "world": ""})
    kinds = [type(record) for record in records_of(path)]
    assert Torn not in kinds[:-1]
    assert len(said) == 1
    assert said[0] == f"the journal {path} cannot be written: No space left on device; serving goes on without it"

    disk.room = 10_000
    file.write({"record": "reset", "world": ""})
    file.write({"record": "reset", "world": ""})
    file.close()
    header, *records = records_of(path)
    lost = 6 - room // 30
    assert isinstance(header, Header)
    assert [record.count for record in records if isinstance(record, Lost)] == [lost]
    assert len(records) == 1 + 8 - lost
    assert said[1:] == [f"the journal {path} is written again; {missing(lost)}"]


@pytest.mark.parametrize("part", [0, 5, 30, 59, 60, 75])
def test_each_outage_is_said_when_it_begins_and_when_it_ends(path, part):
    """However often a disk is full in turns: what is said, what the file says and what is missing are the same number.

    `part` bytes find room before the disk is full once more: less than the line that counts, or that and half a record.
    """
    said: list[str] = []
    disk = Disk(0)
    file = JournalFile(path, anew=False, write=disk.write, say=said.append)
    numbers = iter(range(100))

    def write(count):
        for _ in range(count):
            file.write({"record": "reset", "world": f"{next(numbers):02}"})

    for outage in (1, 3):
        disk.room = part
        write(outage)
        disk.room = 10_000
        write(2)
    file.close()

    _, *records = records_of(path)
    there = [int(record.world) for record in records if isinstance(record, Reset)]
    told = [record.count for record in records if isinstance(record, Lost)]
    holes = [after - before - 1 for before, after in pairwise([-1, *there]) if after - before > 1]
    begins = f"the journal {path} cannot be written: No space left on device; serving goes on without it"
    ends = [f"the journal {path} is written again; {missing(count)}" for count in holes]
    assert told == holes
    assert said == [text for end in ends for text in (begins, end)]
    assert sum(holes) + len(there) == 8
    assert b"".join(path.read_bytes().splitlines(keepends=True)[1:]).count(b"\n") == len(records)


def test_room_for_the_count_alone_is_no_end_of_an_outage(path):
    """The count is written in one piece with the record after it, so that no record is counted twice."""
    said: list[str] = []
    disk = Disk(0)
    file = JournalFile(path, anew=False, write=disk.write, say=said.append)
    file.write({"record": "reset", "world": ""})
    for _ in range(2):
        disk.room = len(b'{"record":"lost","count":1}\n') + 10
        file.write({"record": "reset", "world": ""})
    disk.room = 10_000
    file.write({"record": "reset", "world": ""})
    file.close()

    assert [type(record).__name__ for record in records_of(path)] == ["Header", "Lost", "Reset"]
    assert [record.count for record in records_of(path) if isinstance(record, Lost)] == [3]
    assert said[1:] == [f"the journal {path} is written again; 3 records are missing"]


def test_what_is_missing_at_the_end_is_counted_when_there_is_room(path):
    """A server that stops after an outage leaves a file that says so."""
    said: list[str] = []
    disk = Disk(10)
    file = JournalFile(path, anew=False, write=disk.write, say=said.append)
    file.write({"record": "reset", "world": ""})
    disk.room = 10_000
    file.close()

    assert [record.count for record in records_of(path) if isinstance(record, Lost)] == [1]
    assert said[1:] == [f"the journal {path} is written again; 1 record is missing"]


def test_a_disk_that_stays_full_is_said_with_the_number_that_the_file_cannot_tell(path):
    """Else nobody would know of them: the file ends where it was full."""
    said: list[str] = []
    file = JournalFile(path, anew=False, write=Disk(0).write, say=said.append)
    for _ in range(3):
        file.write({"record": "reset", "world": ""})
    file.close()

    assert [type(record) for record in records_of(path)] == [Header]
    assert said[1:] == [f"the journal {path} ends before its time: 3 records are missing"]


def test_an_error_when_the_file_is_closed_is_said(path, monkeypatch):
    """Some file systems tell only then that they are full; the server stops all the same."""
    said: list[str] = []
    file = JournalFile(path, anew=False, say=said.append)
    close = os.close

    def full(number):
        close(number)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patches:
        patches.setattr(os, "close", full)
        file.close()

    assert said == [f"the journal {path} cannot be written: No space left on device; serving goes on without it"]
    file.open()
    file.write({"record": "reset", "world": ""})
    file.close()
    assert [type(record) for record in records_of(path)] == [Header, Reset]


@pytest.mark.parametrize("room", [0, 40])
def test_a_disk_that_is_full_from_the_beginning_costs_no_header(tmp_path, room):
    """A file without its header could not be read: it is written as soon as there is room."""
    said: list[str] = []
    disk = Disk(room)
    file = JournalFile(tmp_path / "j.jsonl", anew=True, write=disk.write, say=said.append)
    file.write(header_record(Header("1", 4, "real", 0.0, Limits(), ())))
    file.write({"record": "reset", "world": ""})
    disk.room = 10_000
    file.write({"record": "reset", "world": ""})
    file.close()

    assert [type(record) for record in records_of(file.path)] == [Header, Lost, Reset]
    assert said[1:] == [f"the journal {file.path} is written again; 1 record is missing"]


def test_a_line_without_its_end_is_ended_when_there_is_room(path):
    """Also on a disk that is full when a server begins, which goes on."""
    path.write_bytes(path.read_bytes().rstrip())
    said: list[str] = []
    disk = Disk(0)
    file = JournalFile(path, anew=False, write=disk.write, say=said.append)
    file.end_line()
    file.write({"record": "reset", "world": "a"})
    disk.room = 10_000
    file.write({"record": "reset", "world": "b"})
    file.close()

    assert [type(record) for record in records_of(path)] == [Header, Lost, Reset]
    assert len(said) == 2


def test_a_record_that_is_no_json_is_an_outage_of_one(path):
    """It is said and counted like any other that is missing."""
    said: list[str] = []
    file = JournalFile(path, anew=False, say=said.append)
    file.write({"record": "reset", "world": 10**5000})
    file.write({"record": "reset", "world": ""})
    file.close()

    assert [type(record) for record in records_of(path)] == [Header, Lost, Reset]
    assert len(said) == 2
    assert said[0].startswith(f"the journal {path} cannot be written: a record is no JSON: Exceeds the limit")
    assert said[1] == f"the journal {path} is written again; 1 record is missing"


def test_serving_goes_on_without_a_journal(path, caplog):
    """A full disk costs records and no answers; the log says so, once."""
    with Server(journal=path, vendors=("vectorshift",), seed=4) as server:
        assert server._journal is not None
        server._journal._write_bytes = Disk(0).write
        for name in ("a", "b"):
            server.run(partial(server.worlds.open, name))

    assert server.worlds.names == ("", "a", "b")
    assert [record.message.count("No space left on device") for record in caplog.records] == [1, 0]


def test_one_process_writes_a_journal(path):
    """Two servers in one file would garble it: the second one does not start."""
    pytest.importorskip("fcntl")
    file = JournalFile(path, anew=False)

    with pytest.raises(CouldNotRun, match="is written by another process"):
        Server(journal=path, restore=True, vendors=("vectorshift",), seed=4)
    file.close()
    with Server(journal=path, restore=True, vendors=("vectorshift",), seed=4):
        pass


@pytest.mark.parametrize("anew", [True, False])
def test_another_file_is_never_written_over(tmp_path, anew):
    """Whoever names a wrong file keeps it."""
    other = tmp_path / "notes.txt"
    other.write_text("dear diary\n")

    with pytest.raises(JournalError, match="is no journal of mockserver"):
        JournalFile(other, anew=anew)
    assert other.read_text() == "dear diary\n"


@pytest.mark.parametrize("name", ["no/such/folder/j.jsonl", "."])
def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path, name):
    """No traceback: which file, and why."""
    with pytest.raises(UsageError, match=r"the journal .* cannot be written: "):
        JournalFile(tmp_path / name, anew=False)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
def test_a_device_is_no_journal():
    """It has no end, or forgets all: it is not even read."""
    with pytest.raises(UsageError, match="the journal /dev/zero is no file that can be read again"):
        JournalFile(Path("/dev/zero"), anew=False)


def test_a_torn_line_is_taken_away_before_more_is_written(path):
    """Else the next record would be glued to it."""
    with path.open("ab") as file:
        file.write(b'{"record":"res')
    with Server(journal=path, restore=True, vendors=("vectorshift",), seed=4) as server:
        server.run(partial(server.worlds.open, "a"))

    assert server.restored is not None
    assert server.restored.torn
    assert [type(record).__name__ for record in records_of(path)] == ["Header", "Opened"]


def test_a_line_without_its_end_is_ended_before_more_is_written(path):
    """It is a whole record: it counts, and the next one begins a line of its own."""
    with path.open("ab") as file:
        file.write(b'{"record":"reset","world":""}')
    with Server(journal=path, restore=True, vendors=("vectorshift",), seed=4) as server:
        server.run(partial(server.worlds.open, "a"))

    assert server.restored is not None
    assert not server.restored.torn
    assert [type(record).__name__ for record in records_of(path)] == ["Header", "Reset", "Opened"]


def test_a_torn_header_begins_anew(path):
    """A server was killed while it wrote its first line: there is nothing to restore."""
    whole = path.read_bytes()
    path.write_bytes(whole[:40])

    with Server(journal=path, restore=True, vendors=("vectorshift",), seed=4) as server:
        assert server.restored is None
    assert path.read_bytes() == whole


def test_a_server_that_is_started_again_goes_on_writing(path):
    """Stopped and started, it has the same worlds and the same journal."""
    server = Server(journal=path, restore=True, vendors=("vectorshift",), seed=4)
    for name in ("a", "b"):
        with server:
            server.run(partial(server.worlds.open, name))

    assert [record.world for record in records_of(path) if isinstance(record, Opened)] == ["a", "b"]


def test_without_restore_a_journal_begins_anew(path):
    """`run` and pytest record one run: what an earlier one left is dropped."""
    with Server(journal=path, vendors=("vectorshift",), seed=5) as server:
        assert server.restored is None

    header = header_of(path)
    assert header is not None
    assert header.seed == 5


def test_a_world_with_fixtures_of_its_own_has_them_again(path):
    """They are loaded from where they were."""
    wanted = {"journal": path, "restore": True, "vendors": ("vectorshift",), "seed": 4, "shipped_scenarios": False}
    path.unlink()
    with Server(**wanted) as server:
        own = server._services_with(("vectorshift/bulk",))
        server.run(lambda: server.worlds.open("a", services=own))
        scenarios = [one.name for one in own[0].scenarios]

    again = Server(**wanted)
    world = again.worlds.find("a")
    assert world is not None
    assert scenarios
    assert [one.name for one in world.services[0].scenarios] == scenarios
    assert again.worlds.default.services[0].scenarios == ()
    again.stop()


@pytest.mark.parametrize("levels", [10, 800, 2000])
def test_no_secret_is_in_the_file_or_the_admin_api_however_deep_it_was_sent(tmp_path, levels):
    """Also of a body that is refused since nobody reads it that deep."""
    with Server(
        journal=tmp_path / "j.jsonl", vendors=("vectorshift",), seed=4, limits=Limits(max_depth=1000)
    ) as server:
        key = server.services[0].test_key
        escaped = "".join(f"\\u{ord(each):04x}" for each in key)
        inner = f'{{"a": "{key}", "b": "{escaped}", "password": [{{"c": "hunter2"}}], "token": 7766554433}}'
        body = f'{{"inputs": {"[" * levels}{inner}{"]" * levels}}}'
        url = f"{server.base_url('vectorshift')}/pipeline/p/run"
        request = Request(url, body.encode(), {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        with pytest.raises(HTTPError) as refused, urlopen(request):
            pass
        refused.value.close()
        with urlopen(f"{server.url}/__admin/journal") as answer:
            shown = answer.read().decode()

    for text in (shown, (tmp_path / "j.jsonl").read_text()):
        assert "pipeline/p/run" in text
        assert [one for one in (key, escaped[1:], "hunter2", "7766554433") if one in text] == []
