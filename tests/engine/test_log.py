"""The lines of a journal file: what they are read as, and what is refused."""

import json

import pytest

from mockserver.engine.log import Header, JournalError, Lost, Took, Torn, header_record, line_of, read
from mockserver.engine.settings import Limits

HEADER = Header("0.1.0", 7, "auto", 1.5, Limits(), ({"name": "acme", "document": "ab"},))
FIRST = line_of(header_record(HEADER))
TICK = line_of({"record": "input", "world": "w", "input": {"is": "Tick", "now": 2.5}})


def test_a_header_comes_back_as_it_was():
    """Format and version, and with what the worlds are set up: a restore compares it."""
    assert list(read([FIRST], "j.jsonl")) == [HEADER]
    assert json.loads(FIRST)["format"] == "mockserver journal"
    assert json.loads(FIRST)["version"] == 1


def test_records_know_their_lines():
    """Whoever says that something is wrong can say where."""
    records = list(read([FIRST, TICK, line_of({"record": "lost", "count": 3})], "j.jsonl"))

    assert records[1:] == [Took("w", {"is": "Tick", "now": 2.5}, 2), Lost(3, 3)]


@pytest.mark.parametrize("size", range(1, len(TICK) - 1))
def test_a_torn_last_line_is_told_and_passed_over(size):
    """A server was killed while it wrote, wherever that was: all before is there."""
    *_, before, last = read([FIRST, TICK, TICK[:size]], "j.jsonl")

    assert before == Took("w", {"is": "Tick", "now": 2.5}, 2)
    assert last == Torn(size, 3)


def test_a_last_line_without_its_end_is_whole():
    """An editor, or a kill between two bytes, took only the line's end: nothing is missing."""
    assert list(read([FIRST, TICK.rstrip()], "j.jsonl"))[1:] == [Took("w", {"is": "Tick", "now": 2.5}, 2)]


@pytest.mark.parametrize("size", [1, 10, 30, len(FIRST) - 3])
def test_a_torn_header_is_a_journal_without_records(size):
    """Killed while it wrote its first line: it begins anew."""
    assert list(read([FIRST[:size]], "j.jsonl")) == [Torn(size, 1)]


def test_an_empty_file_holds_nothing():
    """It was made, and nobody has written to it."""
    assert list(read([], "j.jsonl")) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([b"GIF89a\x00\n"], "j.jsonl  is no journal of mockserver"),
        ([b"hello"], "j.jsonl  is no journal of mockserver"),
        ([b"[1]\n"], "j.jsonl  is no journal of mockserver"),
        ([b'{"log": {"version": "1.2"}}\n'], "j.jsonl  is no journal of mockserver"),
        (
            [FIRST.replace(b'"version":1', b'"version":9')],
            "j.jsonl:1  the journal is of version 9; this mockserver reads version 1",
        ),
        (
            [b'{"format":"mockserver journal","version":99}\n'],
            "j.jsonl:1  the journal is of version 99; this mockserver reads version 1; "
            "read it with the mockserver that wrote it",
        ),
        ([b'{"format":"mockserver journal","version":1}\n'], "j.jsonl:1  the header of the journal is not whole"),
        (
            [FIRST.replace(b'{"name":"acme","document":"ab"}', b"{}")],
            "j.jsonl:1  the header of the journal is not whole",
        ),
        ([FIRST.replace(b'"ab"', b'"ab","fixtures":[5]')], "j.jsonl:1  the header of the journal is not whole"),
        ([FIRST, TICK[:20] + b"\n", TICK], "j.jsonl:2  the line is no record"),
        ([FIRST, b'{"record":"dance","world":""}\n'], "j.jsonl:2  the line is no record that this version has"),
        ([FIRST, b'{"record":"entry","world":""}\n'], "j.jsonl:2  the line is no record that this version has"),
        ([FIRST, b"5\n"], "j.jsonl:2  the line is no record"),
        ([FIRST, b"[" * 100_000 + b"\n"], "j.jsonl:2  the line is no record"),
    ],
    ids=[
        "binary",
        "text",
        "list",
        "har",
        "version",
        "version of nobody",
        "header",
        "service",
        "fixtures",
        "torn inside",
        "kind",
        "entry",
        "number",
        "deep",
    ],
)
def test_another_file_is_refused_in_one_line(lines, said):
    """What it is, where, and what would be right."""
    with pytest.raises(JournalError) as refused:
        list(read(lines, "j.jsonl"))

    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2
