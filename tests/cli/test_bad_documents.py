"""Documents that cannot be served: one located line each, exit code 2, never a traceback."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mockserver.cli.main import main

HEAD = 'openapi: 3.1.0\ninfo: {title: t, version: "1"}\n'
ANSWERS = "responses: {'200': {description: d}}"


def bomb() -> str:
    """Ten aliases deep, nine of each: three thousand million values."""
    lines = ["openapi: 3.1.0", "a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]" for before, one in zip("abcdefghi", "bcdefghij")]  # noqa: B905
    return "\n".join(lines)


BAD = {
    "swagger": ("swagger: '2.0'", ":1:1  error E701: /swagger  Swagger 2.0 is not served; convert"),
    "nowhere": (
        HEAD + "paths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/No'}}}}}",
        ':3:40  error E701: /paths/~1a/get/responses/200/$ref  "#/components/responses/No" leads nowhere',
    ),
    "network": (
        HEAD + "paths: {/a: {$ref: 'https://example.test/a.yaml'}}",
        ':3:14  error E701: /paths/~1a/$ref  "https://example.test/a.yaml" is on the network, which is never asked',
    ),
    "absolute": (
        HEAD + "paths: {/a: {$ref: 'file:///srv/a.yaml'}}",
        ':3:14  error E701: /paths/~1a/$ref  "file:///srv/a.yaml" is an absolute file address: references stay in and',
    ),
    "folder": (HEAD + "paths: {/a: {$ref: '.'}}", ':3:14  error E701: /paths/~1a/$ref  "." is a folder; write which'),
    "outside": (
        HEAD + "paths: {/a: {$ref: '../outside.yaml'}}",
        ':3:14  error E701: /paths/~1a/$ref  "../outside.yaml" is outside the folder of the document',
    ),
    "cycle": (
        HEAD + "paths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, "
        "B: {$ref: '#/components/schemas/A'}}}",
        ":4:24  error E701: /components/schemas/A  this refers back to itself without ever reaching a value",
    ),
    "bomb": (bomb(), ":7:8  error E701: aliases stand for more than 100000 values"),
    "large": ("openapi: 3.1.0\nx: '" + "a" * (16 << 20) + "'", ":2:16777202  error E701: is larger than 1677721"),
    "deep": ("openapi: 3.1.0\nx: " + "[" * 100_000, ":2:131  error E701: is nested more than 128 levels deep"),
    "broken": ("openapi: 3.1.0\n  x: [1", ":2:4  error E701: is not YAML: mapping values are not allowed"),
    "names": (
        HEAD + f"paths: {{'/{{x}}/{{x}}': {{get: {{{ANSWERS}}}}}}}",
        ':3:9  error E701: /paths/~1{x}~1{x}  the path "/{x}/{x}" has two parameters called "x"',
    ),
    "twice": (
        HEAD + "paths: {/a: {get: {parameters: [{name: q, in: query, schema: {}}, {name: q, in: query, schema: {}}], "
        f"{ANSWERS}}}}}}}",
        ':3:67  error E701: /paths/~1a/get/parameters/1  a second query parameter is called "q"',
    ),
    "shape": (
        HEAD + f"paths:\n  /{{x}}: {{get: {{{ANSWERS}}}}}\n  /{{y}}: {{get: {{{ANSWERS}}}}}",
        ":5:10  error E701: /paths/~1{y}/get  GET /{y} fits the same paths as GET /{x}",
    ),
}  # fmt: skip


def ran(*argv: str) -> tuple[int, list[str]]:
    """Exit code and printed lines."""
    out = io.StringIO()
    return main(argv, {}, out), out.getvalue().splitlines()


@pytest.mark.parametrize("name", BAD)
def test_each_is_one_located_line(name, tmp_path, capsys):
    """`check` prints it, `serve` says the same and does not start."""
    (tmp_path / "outside.yaml").write_text("get: {}")
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / f"{name}.yaml"
    text, said = BAD[name]
    path.write_text(text)

    code, lines = ran("check", str(path))

    assert (code, len(lines), lines[-1]) == (2, 2, "1 file: 1 error, 0 warnings")
    assert lines[0].startswith(f"{path}{said}")
    assert ran("serve", "--port", "0", str(path)) == (2, [])
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert complaint.startswith(f"mockserver: {path}{said.replace('error E701: ', '')}")
    assert ran("routes", str(path)) == ran("spec", str(path)) == (2, [])
    assert capsys.readouterr().err == complaint * 2


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("")])
def test_what_is_no_document_is_one_line_too(make, tmp_path: Path, capsys):
    """A file that is missing, a directory, an empty file."""
    path = tmp_path / "api.yaml"
    make(path)

    for command in (["check"], ["serve", "--port", "0"], ["routes"], ["spec"]):
        code, lines = ran(*command, str(path))
        complaint = capsys.readouterr().err
        assert (code, lines) == (2, [])
        assert complaint.count("\n") == 1
        assert str(path) in complaint


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("routes",), ("spec",)])
def test_a_folder_is_called_one(command, tmp_path: Path, capsys):
    """With a file in it that may be meant."""
    (tmp_path / "api.yaml").write_text(HEAD)

    assert ran(*command, str(tmp_path)) == (2, [])
    told = f"mockserver: {tmp_path} is a folder; name the spec in it, such as {tmp_path / 'api.yaml'}\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("command", [("check",), ("serve", "--port", "0"), ("routes",), ("spec",)])
def test_a_name_that_no_file_can_have_is_one_line(command, capsys):
    """The system refuses it before it can say that there is no such file."""
    assert ran(*command, "a" * 400) == (2, [])
    assert capsys.readouterr().err == f"mockserver: {'a' * 80}... cannot be used: file name too long\n"


DEEP_JSON = '{"openapi": "3.1.0",\n"x-a": ' + "[" * 100_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DEEP_JSON, "api.json:2:135  is nested more than 128 levels deep; flatten it"),
        ('{"openapi": "3.1.0",\n"x-a": "\\ud800", "paths": {}}', "api.json:2:9  \\ud800 is half of a character"),
    ],
    ids=["deep", "half a character"],
)
def test_json_is_told_with_its_line_too(text, said, tmp_path: Path, capsys):
    """Where nothing of it is a value yet, too."""
    path = tmp_path / "api.json"
    path.write_text(text)

    assert ran("routes", str(path)) == (2, [])
    assert capsys.readouterr().err.startswith(f"mockserver: {tmp_path}/{said}")
