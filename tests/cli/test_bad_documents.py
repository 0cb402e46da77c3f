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
    "large": ("openapi: 3.1.0\nx: '" + "a" * (16 << 20) + "'", "  error E701: is larger than 16777216 bytes"),
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


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("")])
def test_what_is_no_document_is_one_line_too(make, tmp_path: Path, capsys):
    """A file that is missing, a directory, an empty file."""
    path = tmp_path / "api.yaml"
    make(path)

    for command in (["check", str(path)], ["serve", "--port", "0", str(path)]):
        code, lines = ran(*command)
        complaint = capsys.readouterr().err
        assert (code, lines) == (2, [])
        assert complaint.count("\n") == 1
        assert str(path) in complaint
