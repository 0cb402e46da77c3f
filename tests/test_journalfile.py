"""A journal as a file: what is written is there at once, one process writes it, and a full disk stops nobody."""

import errno
import os
from functools import partial
from pathlib import Path

import pytest

from mockserver.engine.log import Header, JournalError, Lost, Opened, Torn
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
    assert said[1:] == [f"the journal {path} is written again; {lost} records are missing"]


def test_serving_goes_on_without_a_journal(path, caplog):
    """A full disk costs records and no answers; the log says so, once."""
    with Server(journal=path, vendors=("vectorshift",), seed=4) as server:
        assert server._journal is not None
        server._journal._write_bytes = Disk(0).write
        for name in ("a", "b"):
            server.run(partial(server.worlds.open, name))

    assert server.worlds.names == ("", "a", "b")
    assert [record.message.count("No space left on device") for record in caplog.records] == [1]


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
