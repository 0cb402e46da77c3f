"""`mockserver check`: what it looks at, what it counts, and that the documentation shows what it prints."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from mockserver.cli.main import main

DOCS = Path(__file__).parents[2] / "docs" / "fixtures.md"
TRAP = """openapi: 3.1.0
info: {title: x, version: "1"}
paths:
  /a:
    get:
      operationId: getA
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {oneOf: [{type: integer}, {type: number}]}}}
"""


def check(*argv: str) -> tuple[int, list[str]]:
    """Exit code and the lines that were printed."""
    out = io.StringIO()
    return main(("check", *argv), {}, out), out.getvalue().splitlines()


@pytest.mark.parametrize("name", [None, "notes.yaml", "notes.txt"])
def test_a_folder_with_nothing_to_check_is_not_green(
    name: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error in the path of a CI job must not pass."""
    if name:
        (tmp_path / name).write_text("just: notes\n")

    code, lines = check(str(tmp_path))

    assert (code, lines) == (2, [])
    assert capsys.readouterr().err.startswith(f"mockserver: nothing to check in {tmp_path}: no OpenAPI document")


def test_a_shipped_fixture_is_checked_by_its_name() -> None:
    """As `serve --fixtures` takes it."""
    assert check("vectorshift/bulk", "--strict") == (0, ["1 file: 0 errors, 0 warnings"])


def test_warnings_are_those_of_the_documents_that_were_asked_for(tmp_path: Path) -> None:
    """A fixture is not blamed for what is odd about its document; whoever asks for that is told."""
    (tmp_path / "pets.yaml").write_text(TRAP)
    (tmp_path / "f.yaml").write_text("format: 1\nvendor: eachlabs\n")

    assert check("--strict", str(tmp_path / "f.yaml")) == (0, ["1 file: 0 errors, 0 warnings"])
    code, lines = check("--strict", str(tmp_path))
    assert code == 1
    assert lines[-1] == "2 files: 0 errors, 1 warning"
    assert check(str(tmp_path))[0] == 0


def test_a_vendor_is_known_by_its_name_even_where_it_is_unknown(tmp_path: Path) -> None:
    """Whatever else is wrong in the file is told beside it."""
    (tmp_path / "f.yaml").write_text("format: 2\nvendor: nobody\ncolour: red\n")

    code, lines = check(str(tmp_path))

    assert code == 2
    assert [line.split("  ")[1].split()[2] for line in lines[:-1]] == ["/format", "/vendor", "/colour"]
    assert 'unknown vendor "nobody"; check the name, or give its document as a PATH too' in lines[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "format: 1\nvendor: vectorshift\nscenarios:\n"
            "  - {name: a, operation: bulkRunPipeline, then: {executions: [{outputs: {a: {x: 1}}}]}}\n",
            '/scenarios/0/then/executions/0/outputs/a  missing "type" (one of "map", "file"); '
            "the vendor's document does not allow it, see specs/vectorshift/pipeline.yaml:",
            id="outputs",
        ),
        pytest.param(
            "format: 1\nvendor: eachlabs\nscenarios:\n"
            "  - {name: a, operation: getExecution, then: {executions: [{}]}}\n",
            "/scenarios/0/then/executions  GET /executions/{executionID} starts no executions; ",
            id="get",
        ),
        pytest.param(
            "format: 1\nvendor: eachlabs\nscenarios:\n"
            "  - {name: a, operation: triggerWorkflow, then: {executions: [{webhook: {retry: eachlab}}]}}\n",
            '/scenarios/0/then/executions/0/webhook/retry  there is no retry schedule "eachlab"; '
            'did you mean "eachlabs"?',
            id="retry",
        ),
        pytest.param(
            "format: 1\nvendor: eachlabs\nresources: {workflows: {wf_1: {nme: x}}}\n",
            '/resources/workflows/wf_1/nme  a workflow has no "nme"; did you mean "name"?',
            id="resource",
        ),
        pytest.param(
            "format: 1\nvendor: eachlabs\nresources: {workflows: {wf_1: {input_schema: {type: objekt}}}}\n",
            '/resources/workflows/wf_1/input_schema  the type of the input_schema of workflow wf_1 is "objekt"; ',
            id="input schema",
        ),
        pytest.param(
            "format: 1\nvendor: eachlabs\nresources: {workflows: {wf_1: {input_schema: {properties: {p: string}}}}}\n",
            '/resources/workflows/wf_1/input_schema  the property "p" of the input_schema of workflow wf_1 is "string"'
            ", which is no schema; write one like p: {type: string}",
            id="property",
        ),
    ],
)
def test_a_fixture_is_held_against_what_its_vendor_says_of_itself(text: str, said: str, tmp_path: Path) -> None:
    """Outputs, operations, schedules and resources, each at its place."""
    (tmp_path / "f.yaml").write_text(text)

    code, (line, _) = check(str(tmp_path))

    assert code == 2
    assert line.split("  ", 1)[1].startswith(f"error E701: {said}")


def test_the_documentation_shows_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken fixture of docs/fixtures.md and the lines below it."""
    text = DOCS.read_text("utf-8").partition("## When something is wrong")[2]
    fixture, printed = re.findall(r"^```(?:yaml)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[:2]
    (tmp_path / "my.yaml").write_text(fixture)
    monkeypatch.chdir(tmp_path)

    code, lines = check("my.yaml")

    assert code == 2
    assert lines == printed.removeprefix("$ mockserver check my.yaml\n").splitlines()


def test_what_is_wrong_with_documents_and_fixtures_is_reported_like_all_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Annotations on their lines, exit code 2 for errors; a baseline lets known ones pass."""
    monkeypatch.chdir(tmp_path)
    Path("pets.yaml").write_text(TRAP)
    Path("f.yaml").write_text("format: 1\nvendor: eachlabs\nscenarios:\n- {name: x, operation: nope, then: {}}\n")

    code, lines = check("pets.yaml", "f.yaml", "--report", "github", "--report", "junit=j.xml")

    assert code == 2
    assert [line for line in lines if line.startswith("f.yaml:4:")]
    assert [line for line in lines if line.startswith("::error file=f.yaml,line=4,") and "title=E701 " in line]
    assert [line for line in lines if line.startswith("::warning file=pets.yaml,line=10,") and "title=E703 " in line]
    assert 'file="f.yaml" line="4"' in Path("j.xml").read_text()
    assert check("f.yaml", "--baseline", "known.json", "--update-baseline")[0] == 0
    known, lines = check("f.yaml", "--baseline", "known.json")
    assert (known, lines[-1].partition("warnings, ")[2][-5:]) == (0, "known")


def test_spec_without_traffic_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody takes a check of all that is shipped for one of a recording that was forgotten."""
    assert check("--spec", "eachlabs") == (2, [])
    assert "--spec goes with recorded traffic" in capsys.readouterr().err
