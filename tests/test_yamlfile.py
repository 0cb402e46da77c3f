"""YAML limited to JSON's types: what is read, what is refused, and where each value stands."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver import yamlfile, yamltext
from mockserver.errors import Place, YamlError


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request, monkeypatch):
    """Every promise holds with the parser in C and with the one in Python."""
    if not hasattr(yaml, request.param):
        pytest.skip("this PyYAML has no parser in C")
    monkeypatch.setattr(yamltext, "_LOADER", getattr(yaml, request.param))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None), ("~", None), ("", None), ("true", True), ("false", False),
        ("0", 0), ("-12", -12), ("1.5", 1.5), ("-0.5e3", -500.0), ("1e3", 1000.0), ("1180591620717411303424", 2**70),
    ],
)  # fmt: skip
def test_json_scalars_have_their_type(text, value):
    """null, true, false and numbers as JSON writes them; `~` and nothing at all are null."""
    read = yamlfile.parse(f"a: {text}", "f.yaml").value["a"]

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "no", "on", "Yes", "True", "NULL", "2026-01-01", "2026-01-01T00:00:00Z", "0o17", "017", "0x1f", "1_000", ".inf",
        "-.inf", ".nan", "NaN", "1.", ".5", "+1", "12:30:00", "=", "'5'", '"true"',
    ],
)  # fmt: skip
def test_whatever_json_would_not_read_stays_text(text):
    """No Norway problem: words, dates, octals and quoted scalars are the text that stands there."""
    assert yamlfile.parse(f"a: {text}", "f.yaml").value["a"] == text.strip("'\"")


def test_names_are_their_text():
    """A name in a mapping is never a number or a boolean."""
    assert yamlfile.parse("200: a\non: b\nnull: c\n1.0: d\n~: e", "f.yaml").value == {
        "200": "a", "on": "b", "null": "c", "1.0": "d", "~": "e"
    }  # fmt: skip


def test_an_alias_is_a_copy():
    """Two places that use one anchor can be changed apart."""
    value = yamlfile.parse("a: &it {x: [1]}\nb: *it", "f.yaml").value

    value["a"]["x"].append(2)

    assert value["b"] == {"x": [1]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", 'f.yaml:3:1  the name "a" occurs twice in one mapping; keep one of them'),
        ("a: &x\n  - *x", "f.yaml:2:5  the alias *x stands inside what it stands for; a value cannot contain itself"),
        ("a: *x", "f.yaml:1:4  the alias *x has no anchor before it; mark a value before it with &x"),
        ("a: !!python/object/apply:os.system [x]", "f.yaml:1:4  the tag !!python/object/apply:os.system is not read"),
        ("a: !!int '5'", "f.yaml:1:4  the tag !!int is not read; leave it out; quotes make a value text"),
        ("a: !odd x", "f.yaml:1:4  the tag !odd is not read"),
        ("a: ! x", "f.yaml:1:4  the tag ! is not read"),
        ("a: 1\n---\nb: 2", 'f.yaml:2:1  a second document begins here ("---"); keep one document to a file'),
        ("a: 1e999", "f.yaml:1:4  the number 1e999 is too large to be read; write it in quotes if it is text"),
        ("a: " + "9" * 5000, f"f.yaml:1:4  the number {'9' * 40}... is too large to be read"),
        ("? [a]\n: b", "f.yaml:1:3  a name in a mapping must be text, not a list, mapping or alias"),
        ("x: &k k\n*k : b", "f.yaml:2:1  a name in a mapping must be text, not a list, mapping or alias"),
        ("a: {x: 1}\nb:\n  <<: *a", 'f.yaml:3:3  merge keys ("<<") are not read; write the fields out'),
        ("a: b: c", 'f.yaml:1:5  is not YAML: mapping values are not allowed'),
        ("a:\n\t- b", "f.yaml:2:1  is not YAML: found character"),
        ("a: [1, 2", "is not YAML: "),
        ("a: \x07", 'f.yaml:1:4  a control character (U+0007) cannot be in a text file; write it as'),
        ("[" * 500, "f.yaml:1:129  is nested more than 128 levels deep; flatten it"),
    ],
)  # fmt: skip
def test_what_is_not_read_says_where_and_what_to_do(text, message):
    """Each refusal is one line: file, line, column, what is wrong, what would be right."""
    with pytest.raises(YamlError) as caught:
        yamlfile.parse(text, "f.yaml")

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_a_tab_is_named_as_the_mistake():
    """Who indents with a tab is told so."""
    with pytest.raises(YamlError, match="indent with spaces, not with tabs"):
        yamlfile.parse("a:\n\t- b", "f.yaml")


def test_aliases_cannot_grow_without_bound():
    """Nine lines that stand for a thousand million values are refused, before any of them is made."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]

    with pytest.raises(YamlError, match="aliases stand for more than 100000 values"):
        yamlfile.parse("\n".join(lines), "f.yaml")


def test_aliases_cannot_grow_deeper_than_the_text():
    """Depth is counted through aliases, so whoever walks a value may recurse."""
    lines = ["a0: &a0 [[[[[[[[[[x]]]]]]]]]]"]
    lines += [f"a{n}: &a{n} [[[[[[[[[[*a{n - 1}]]]]]]]]]]" for n in range(1, 20)]

    with pytest.raises(YamlError, match=r"f\.yaml:13:\d+  the alias \*a11 nests more than 128 levels deep"):
        yamlfile.parse("\n".join(lines), "f.yaml")


def test_places_are_the_line_of_the_name_or_of_the_item():
    """A member stands where its name stands, an item where it begins, and what is missing where its parent stands."""
    file = yamlfile.parse("a:\n  b~/c:\n    - x\n    - {d: 1}\ne: &k {f: 1}\ng: *k\n", "f.yaml")

    assert [str(file.place(pointer)) for pointer in ("", "/a", "/a/b~0~1c", "/a/b~0~1c/1", "/a/b~0~1c/1/d")] == [
        "f.yaml:1:1", "f.yaml:1:1", "f.yaml:2:3", "f.yaml:4:7", "f.yaml:4:8"
    ]  # fmt: skip
    assert str(file.place("/a/b~0~1c/7/x")) == "f.yaml:2:3"
    assert str(file.place("/g/f")) == "f.yaml:6:1"
    assert file.place("/nowhere/at/all") == Place("f.yaml", 1, 1, "/nowhere/at/all")


def test_json_files_are_read_as_json():
    """Tabs and surrogate pairs are fine in JSON, and places work there too."""
    file = yamlfile.parse('{\n\t"a": [1, "\\ud83d\\ude00"],\n\t"b": {"c": null}\n}', "f.JSON")

    assert file.value == {"a": [1, "😀"], "b": {"c": None}}
    assert str(file.place("/a/1")) == "f.JSON:2:11"
    assert str(file.place("/b/c")) == "f.JSON:3:8"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n "a": 2}', 'f.json:2:2  the name "a" occurs twice in one mapping'),
        ('{"a": 1e999}', "f.json:1:7  the number 1e999 is too large to be read"),
        ('{"NaN": "NaN",\n"a": NaN}', "f.json:2:6  cannot be read: NaN is not a JSON number"),
        ('["Infinity", -Infinity]', "f.json:1:14  cannot be read: -Infinity is not a JSON number"),
        ('["\\\\ud800 \\ud83d\\ude00",\n "\\ud800"]', "f.json:2:3  \\ud800 is half of a character; write both"),
        ('["\\udc00"]', "f.json:1:3  \\udc00 is half of a character; write both halves"),
        ('{"a" 1}', "f.json:1:6  is not JSON: Expecting ':' delimiter"),
        ("", "f.json:1:1  is not JSON: Expecting value"),
        ("[" * 100_000, "f.json:1:129  is nested more than 128 levels deep"),
        ("[" * 129 + "]" * 129, "f.json:1:129  is nested more than 128 levels deep"),
        ('["[[",\n' + '{"}": ' * 200 + "1" + "}" * 200 + "]", "f.json:2:763  is nested more than 128 levels deep"),
    ],
)
def test_json_faults_are_located_as_well_as_can_be(text, message):
    """A JSON file says the same things as a YAML file."""
    with pytest.raises(YamlError) as caught:
        yamlfile.parse(text, "f.json")

    assert str(caught.value).startswith(message)


def test_bytes_that_are_not_utf_8_are_located(tmp_path):
    """The first bad byte has a line and a column."""
    (tmp_path / "f.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")

    with pytest.raises(YamlError) as caught:
        yamlfile.read(tmp_path / "f.yaml", label="f.yaml")

    assert str(caught.value) == "f.yaml:2:7  the byte 0xe9 is not UTF-8; save the file as UTF-8"


def test_a_byte_order_mark_is_not_content(tmp_path):
    """Files as Windows editors save them are read like any other."""
    (tmp_path / "f.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")

    assert yamlfile.read(tmp_path / "f.yaml").value == {"a": 1, "b": 2}


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    """A missing file, a folder and a file too large are one sentence each, with the name the user gave."""
    (tmp_path / "big.yaml").write_text("a: 12345678")
    said = []
    for path, limit in ((tmp_path / "no.yaml", 10), (tmp_path, 10), (tmp_path / "big.yaml", 10)):
        with pytest.raises(YamlError) as caught:
            yamlfile.read(path, label="it.yaml", max_bytes=limit)
        said.append(str(caught.value))

    assert said == [
        "it.yaml  cannot be read: no such file or directory; check the path",
        "it.yaml  cannot be read: is a directory; write which file in it is meant",
        "it.yaml:1:11  is larger than 10 bytes; split it, or take examples out of it",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_every_json_value_is_read_back_from_json(value):
    """What Python writes as JSON is the same value again."""
    assert yamlfile.parse(json.dumps(value), "f.json").value == value


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#,?~ \n\t0", max_size=40))
def test_no_text_escapes_as_another_error(text):
    """Any text at all is a value or a YamlError, and its places can be asked for."""
    try:
        file = yamlfile.parse(text, "f.yaml")
    except YamlError as error:
        said = str(error)
    else:
        said = str(file.place("/a/0"))

    assert said.startswith("f.yaml")
