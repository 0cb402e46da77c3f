"""What a run of saved nodes gives: inputs passed on, texts filled in, the rest made up by type."""

import base64
from time import process_time

import pytest

from mockserver.chance import Chance
from mockserver.vendors.vectorshift.graph import called, named, run_of, without
from mockserver.vendors.vectorshift.ports import is_data, made_up, of

FILE = {"type": "file", "raw_bytes": base64.b64encode("Grüße".encode()).decode(), "metadata": {"name": "g.txt"}}


def node(kind, name, **fields):
    return {"name": name, "type": kind, "inputs": fields}


def given(value, inputs, *, edges=None, **fields):
    """What the output `o` gives of an input `q`, and of a node that is neither."""
    nodes = {
        "in1": node("input", "q", **fields.pop("q", {})),
        "llm1": node("llm", "llm"),
        "out1": node("output", "o", value=value, **fields),
    }
    return run_of(nodes, edges, inputs, Chance("test"))["o"]


@pytest.mark.parametrize("value", ["text", 5, 1.5, True, None, [1, "a"], {"type": "map", "items": {"a": 1}}, FILE])
def test_an_output_that_names_an_input_gives_what_went_in(value):
    """Whatever its type is."""
    assert given("{{ in1.text }}", {"q": value}) == value


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("{{in1.text}}", "x"),
        ("  {{ in1.text }} ", "x"),
        ("Hello {{ in1.text }}, {{in1.text}}!", "Hello x, x!"),
        ("no reference", "no reference"),
        (["{{ in1.text }}", "y"], ["x", "y"]),
        (5, 5),
        (False, False),
    ],
)
def test_texts_are_filled_in(value, wanted):
    """A reference alone keeps the type, one in a text becomes text."""
    assert given(value, {"q": "x"}) == wanted


def test_numbers_in_texts_are_written_as_json():
    """So are lists and the like."""
    assert given("n: {{ in1.value }}", {"q": 5}) == "n: 5"
    assert given("l: {{ in1.value }}", {"q": [1, None]}) == "l: [1, null]"


@pytest.mark.parametrize(("output", "wanted"), [("file", FILE), ("processed_text", "Grüße"), ("file_name", "g.txt")])
def test_a_file_gives_itself_its_text_and_its_name(output, wanted):
    """The three outputs of an input node of type file."""
    assert given(f"{{{{ in1.{output} }}}}", {"q": FILE}) == wanted


@pytest.mark.parametrize(("uses", "inputs", "wanted"), [(True, {}, "d"), (True, {"q": "x"}, "x"), (False, {}, None)])
def test_an_input_that_did_not_come_is_its_default(uses, inputs, wanted):
    """If it has one, else null."""
    default = {"use_default_value": uses, "default_value": "d"}

    assert given("{{ in1.text }}", inputs, q=default) == wanted


def test_an_edge_is_enough_where_there_is_no_value():
    """Clients that draw wires send no references."""
    edges = [
        5,
        {"source": {}, "target": "out1"},
        {"source": "llm1", "target": "out1"},
        {"source": "in1", "target": "out1"},
    ]

    assert given("", {"q": "x"}, edges=edges) == "x"
    assert given(None, {"q": "x"}, edges=edges) == "x"


@pytest.mark.parametrize(
    "value", ["{{ llm1.response }}", "so: {{ llm1.response }}", "{{ gone.text }}", "", ["{{ llm1.x }}"]]
)
@pytest.mark.parametrize(("output_type", "kind"), [("string", str), ("int32", int), ("float", float), ("bool", bool)])
def test_the_rest_is_made_up_by_type(value, output_type, kind):
    """The same each time."""
    first, second = (given(value, {"q": "x"}, output_type=output_type) for _ in range(2))

    assert type(first) is kind
    assert first == second


@pytest.mark.parametrize(
    "odd", [5, None, [], "x", {}, {"type": 5}, {"type": "output", "inputs": 5}, {"type": "output", "name": {}}]
)
def test_odd_nodes_do_no_harm(odd):
    """Whatever a client saved, a run gives values that the document allows."""
    nodes = {"odd": odd, "in1": {"type": "input"}, "out1": node("output", "o", value="{{ odd.x }}", output_type=[])}

    found = run_of(nodes, {"not": "a list"}, {"q": {"type": "map", "items": {}}}, Chance("test"))

    assert all(map(is_data, found.values()))
    assert isinstance(found["o"], str)


def test_a_constant_that_is_no_data_is_not_sent():
    """An object that is neither map nor file."""
    assert isinstance(given({"a": 1}, {}), str)


def test_nodes_without_a_name_are_called_as_in_the_sdk():
    """By type and number."""
    nodes = {"a": {"type": "input"}, "b": {"type": "input", "name": "q"}, "c": {"type": "input"}}

    assert [name for _, name, _ in named(nodes, "input")] == ["input_0", "q", "input_2"]
    assert (called(nodes, "q"), called(nodes, "zz")) == ("b", None)


def test_a_node_goes_with_its_place_and_edges():
    """The others stay."""
    canvas = {
        "nodes": {"a": 1, "b": 2},
        "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "c"}],
        "x": 1,
    }

    nodes, left = without({"a": {}, "b": {}}, canvas, "a")

    assert (nodes, left) == ({"b": {}}, {"nodes": {"b": 2}, "edges": [{"source": "b", "target": "c"}], "x": 1})


@pytest.mark.parametrize(
    "type",
    ["string", "integer", "number", "boolean", "array", "map", "file", "null", "timestamp", "int32", "float", "bool",
     "json", "image", "audio", "dataframe", "any", "stream<string>", "vec<file>", "vec<vec<int32>>"],
)  # fmt: skip
def test_every_type_can_be_made_up(type):
    """As a value that the document allows."""
    values = [made_up(type, Chance("test", number)) for number in range(20)]

    assert of(type)
    assert all(map(is_data, values))
    assert type == "null" or len({str(value) for value in values}) > 1


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({"type": "map", "items": {"a": {"b": 1}}}, False),
        ({"type": "map"}, False),
        ({"type": "map", "items": {}, "x": 1}, False),
        ({"type": "file", "raw_bytes": "?"}, False),
        ({"type": "file", "raw_bytes": "QUFB", "x": 1}, False),
        ([[{"type": "map", "items": {"a": [FILE]}}]], True),
    ],
)
def test_data_is_told_from_other_objects(value, fits):
    """As the published DataType does."""
    assert is_data(value) is fits


def test_edges_are_looked_at_once():
    """Of thousands of outputs and edges, whatever the edges are; the first edge to an output counts."""
    number = 5000
    nodes = {"i": node("input", "q"), "j": node("input", "r")}
    nodes |= {f"o{n}": node("output", f"o{n}") for n in range(number)}
    odd = [5, {}, {"source": "i", "target": []}, {"source": [], "target": "o0"}, {"source": "nobody", "target": "o0"}]
    edges = [*odd, *({"source": id, "target": f"o{n}"} for id in "ij" for n in reversed(range(number)))]

    began = process_time()
    found = run_of(nodes, edges, {"q": "x", "r": "y"}, Chance("test"))
    took = process_time() - began

    assert found == {f"o{n}": "x" for n in range(number)}
    assert took < 1
