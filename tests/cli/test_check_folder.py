"""`mockserver check FOLDER`: of all that lies in a repository, it takes what is ours and nothing else."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from mockserver.cli.main import main

SPEC = 'openapi: 3.1.0\ninfo: {title: x, version: "1"}\npaths: {/a: {get: {responses: {"200": {description: ok}}}}}\n'
BROKEN = "openapi: 3.1.0\npaths: [\n"
FIXTURE = "format: 1\nvendor: eachlabs\n"

OTHERS: dict[str, str | bytes] = {
    "docker-compose.yml": "x: &a {b: 1}\nservices: {web: {<<: *a}}\n",
    "k8s.yaml": "apiVersion: v1\nkind: Service\n---\napiVersion: v1\nkind: Pod\n",
    "templates/service.yaml": "name: {{ .Values.name }}\n{{- if .Values.openapi }}\nopenapi: yes\n{{- end }}\n",
    "tsconfig.json": '{\n  // what to compile\n  "compilerOptions": {"openapi": "3.1"}, }',
    "latin.yaml": b"name: caf\xe9\n",
    "package.json": '{"name": "x", "format": "cjs", "vendor": "me", "resources": {}}',
    "app.yaml": "vendor: acme\nversion: 1\n",
    "provider.yaml": "vendor: eachlabs\nurl: http://127.0.0.1\n",
    "obj/app.nuget.dgspec.json": '{"format": 1, "restore": {}, "projects": {}}',
    "generator.yaml": "openapi: {url: api.yaml}\noverlay: true\n",
    "client.yaml": "openapi: ./api.yaml\n",
    "load.yaml": "scenarios: [{flow: [{get: {url: /}}]}]\n",
    "known.json": '{"format": "mockserver baseline", "version": 1, "findings": []}',
    "report.json": '{"format": "mockserver report", "version": 1, "scenarios": []}',
    "traffic.json": '{"log": {"version": "1.2", "entries": []}}',
    "journal.json": '{"format": "mockserver journal", "version": 1}\n{"number": 1}\n',
    "list.yaml": "- openapi: 3.1.0\n",
    "empty.yaml": "",
}


def check(*argv: str) -> tuple[int, list[str]]:
    """Exit code and the lines that were printed."""
    out = io.StringIO()
    return main(("check", *argv), {}, out), out.getvalue().splitlines()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A file below the folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A folder with one document and one fixture of ours."""
    write(tmp_path, "api.yaml", SPEC)
    write(tmp_path, "fixtures/mine.yaml", FIXTURE)
    return tmp_path


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_other_kinds_are_passed_over(name: str, repository: Path) -> None:
    """Whether they can be read or not: nobody who checks a repository is told about them."""
    write(repository, name, OTHERS[name])

    assert check(str(repository), "--strict") == (0, ["2 files: 0 errors, 0 warnings"])


@pytest.mark.parametrize(
    "folder", [".venv/lib", ".github", "node_modules/x", "web/node_modules/x", "lib/site-packages/y", "a/__pycache__"]
)
def test_folders_of_other_people_are_passed_over(folder: str, repository: Path) -> None:
    """What lies there is theirs, be it a document or a broken one."""
    write(repository, f"{folder}/openapi.yaml", BROKEN)

    assert check(str(repository)) == (0, ["2 files: 0 errors, 0 warnings"])


def test_a_virtual_environment_is_passed_over_by_whatever_name(repository: Path) -> None:
    """`pyvenv.cfg` tells it."""
    write(repository, "env/pyvenv.cfg", "home = /usr/bin\n")
    write(repository, "env/share/openapi.yaml", BROKEN)

    assert check(str(repository)) == (0, ["2 files: 0 errors, 0 warnings"])


def test_a_folder_that_is_named_is_looked_at(tmp_path: Path) -> None:
    """Also where it would be passed over in another."""
    write(tmp_path, ".mocks/api.yaml", SPEC)

    assert check(str(tmp_path / ".mocks")) == (0, ["1 file: 0 errors, 0 warnings"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.yaml", BROKEN, id="document"),
        pytest.param("a.yaml", f"# ours\n---\n{SPEC}---\nmore: 1\n", id="second document"),
        pytest.param("a.yaml", "--- \n'openapi' : \"3.1.0\" # the version\ninfo: {<<: x}\n", id="quoted name"),
        pytest.param("a.yaml", "info: {title: {{ .Values.title }}}\nopenapi:\npaths: {}\n", id="no version"),
        pytest.param("a.json", '{"info": {"title": "{"}, // note\n "openapi": "3.1.0"}', id="JSON document"),
        pytest.param("a.overlay.yaml", "overlay: 1.0.0\nactions: [\n", id="overlay"),
        pytest.param("a.yaml", "format: 1\nvendor: eachlabs\nscenarios: [\n", id="fixture"),
        pytest.param("a.yaml", "vendor: eachlabs\nscenarios:\n- &a {<<: *b}\n", id="fixture without format"),
        pytest.param("a.json", '{"format": 1, "scenarios": [,]}', id="JSON fixture"),
    ],
)
def test_what_means_to_be_ours_must_be_readable(name: str, text: str, repository: Path) -> None:
    """A document that lost a bracket is an error, not some other file."""
    write(repository, name, text)

    code, lines = check(str(repository))

    assert code == 2
    assert [line for line in lines if f"{name}:" in line and " E701: " in line]
    assert lines[-1] == "3 files: 1 error, 0 warnings"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("format: 2\nvendor: nobody\n", id="another version"),
        pytest.param("format: 1\nvendr: eachlabs\nscenarios: []\n", id="vendor misspelt"),
        pytest.param("formt: 1\nvendor: eachlabs\napi_keys: [a]\n", id="format misspelt"),
        pytest.param("vendor: eachlab\nresources: {}\nscenarios: []\n", id="value misspelt"),
        pytest.param("scenarios: [{name: a, operation: b, then: {}}]\n", id="scenarios alone"),
        pytest.param("format: one\nvendor: eachlabs\nscenarios: []\n", id="format is text"),
    ],
)
def test_a_misspelt_fixture_is_told(text: str, repository: Path) -> None:
    """The rest of it shows what it is meant to be."""
    write(repository, "other.yaml", text)

    code, lines = check(str(repository))

    assert code == 2
    assert [line for line in lines if "other.yaml:" in line and " E701: " in line]


def test_a_misspelt_vendor_is_told_by_its_likeness(repository: Path) -> None:
    """To a document of the folder, or an installed vendor."""
    write(repository, "a.yaml", "format: 1\nvendor: apii\n")
    write(repository, "b.yaml", "format: 1\nvendor: eachlab\n")

    _, lines = check(str(repository))

    assert [line.partition("unknown vendor ")[2] for line in lines[:2]] == [
        '"apii"; did you mean "api"?',
        '"eachlab"; did you mean "eachlabs"?',
    ]


@pytest.mark.parametrize("name", ["docker-compose.yml", "tsconfig.json"])
def test_a_file_that_is_named_is_judged(name: str, repository: Path) -> None:
    """It was asked for: that it cannot be read is told."""
    code, lines = check(str(write(repository, name, OTHERS[name])))

    assert code == 2
    assert lines[-1] == "1 file: 1 error, 0 warnings"


@pytest.mark.parametrize("name", ["app.yaml", "package.json"])
def test_a_named_file_with_a_key_of_fixtures_is_held_for_one(name: str, repository: Path) -> None:
    """So that a fixture which lost the rest is told what is missing."""
    code, lines = check(str(write(repository, name, OTHERS[name])))

    assert code == 2
    assert [line for line in lines if " E701: " in line]


@pytest.mark.parametrize("name", ["known.json", "report.json"])
def test_our_reports_are_no_fixtures(name: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their `format` is another."""
    assert check(str(write(repository, name, OTHERS[name]))) == (2, [])
    assert f"{name} is no OpenAPI document" in capsys.readouterr().err


def test_an_overlay_that_goes_with_something_else_is_a_warning(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other tools name theirs otherwise; one that is named by itself must have its document."""
    path = write(repository, "speak.yaml", 'overlay: 1.0.0\ninfo: {title: x, version: "1"}\nactions: []\n')

    code, lines = check(str(repository))

    assert (code, lines[-1]) == (0, "3 files: 0 errors, 1 warning")
    assert " E702: the overlay has no document beside it and is not checked" in lines[0]
    assert check(str(path)) == (2, [])
    assert "the overlay has no document beside it; `api.overlay.yaml` goes with" in capsys.readouterr().err


def test_links_in_a_circle_and_pipes_are_no_files(tmp_path):
    """To read a pipe may never end."""
    write(tmp_path, "api.yaml", SPEC)
    (tmp_path / "one.yaml").symlink_to("two.yaml")
    (tmp_path / "two.yaml").symlink_to("one.yaml")
    (tmp_path / "folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")

    assert check(str(tmp_path)) == (0, ["1 file: 0 errors, 0 warnings"])


def test_names_of_files_steer_no_terminal(tmp_path):
    """They are printed on one line, whatever is in them."""
    write(tmp_path, "a\n::error::\x1b[2J.yaml", BROKEN)

    code, (line, count) = check(str(tmp_path))

    assert (code, count) == (2, "1 file: 1 error, 0 warnings")
    assert "a\N{REPLACEMENT CHARACTER}::error::\N{REPLACEMENT CHARACTER}[2J.yaml:3:1  error E701" in line
