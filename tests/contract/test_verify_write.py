"""How `verify` writes parameters and bodies, with values alone."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.contract.verify_write import body_of, header_text, path_text, query_of
from mockserver.openapi.coerce import ANY
from mockserver.openapi.operation import Parameter
from mockserver.openapi.validate import Schemas


def parameter(location: str, style: str, *, explode: bool = False, media_type: str | None = None) -> Parameter:
    """A parameter `p` that takes anything."""
    checker = Schemas({"mem:///": {}}, place=lambda pointer: None).checker("")  # type: ignore[arg-type, return-value]  # no file
    return Parameter("p", location, True, True, ANY, checker, "", style, explode, media_type)  # type: ignore[arg-type]  # a location


@pytest.mark.parametrize(
    ("style", "explode", "value", "text"),
    [
        ("simple", False, "a b/ü", "a%20b%2F%C3%BC"),
        ("simple", False, [1, 2], "1,2"),
        ("simple", True, {"a": 1, "b": True}, "a=1,b=true"),
        ("simple", False, {"a": 1, "b": "x"}, "a,1,b,x"),
        ("label", False, 3, ".3"),
        ("label", True, ["x", "y"], ".x.y"),
        ("matrix", False, 3, ";p=3"),
        ("matrix", True, ["x", "y"], ";p=x;p=y"),
        ("matrix", False, ["x", "y"], ";p=x,y"),
        ("matrix", True, {"a": 1, "b": 2}, ";a=1;b=2"),
        ("simple", False, "", None),
        ("simple", False, "..", None),
        ("simple", False, [], None),
        ("simple", False, {"a": {"b": 1}}, None),
        ("simple", False, None, None),
    ],
)
def test_path_parameters_are_written_in_their_style(style: str, explode: bool, value: Any, text: str | None) -> None:
    """As OpenAPI has it; what no segment can hold is not written."""
    assert path_text(parameter("path", style, explode=explode), value) == text


@pytest.mark.parametrize(
    ("style", "explode", "value", "text"),
    [
        ("form", True, "a&b", "p=a%26b"),
        ("form", True, [1, 2], "p=1&p=2"),
        ("form", False, [1, 2], "p=1,2"),
        ("spaceDelimited", False, [1, 2], "p=1%202"),
        ("pipeDelimited", False, [1, 2], "p=1%7C2"),
        ("form", True, {"a": 1}, "a=1"),
        ("form", False, {"a": 1}, "p=a,1"),
        ("deepObject", False, {"a": {"b": [1, 2]}, "c": "x"}, "p[a][b]=1&p[a][b]=2&p[c]=x"),
        ("deepObject", False, {"a": [{}]}, None),
        ("form", True, [], None),
        ("form", True, None, None),
    ],
)
def test_query_parameters_are_written_in_their_style(style: str, explode: bool, value: Any, text: str | None) -> None:
    """As OpenAPI has it; what no query can hold is not written."""
    assert query_of(parameter("query", style, explode=explode), value) == text


def test_content_parameters_are_json() -> None:
    """A parameter with a media type holds JSON, whatever it is."""
    one = parameter("query", "form", explode=True, media_type="application/json")

    assert query_of(one, {"a": [1]}) == "p=%7B%22a%22%3A%20%5B1%5D%7D"
    assert header_text(replace(one, location="header"), {"a": 1}) == '{"a": 1}'


@pytest.mark.parametrize(
    ("media_type", "value", "written"),
    [
        ("application/json", {"a": "ü"}, ("application/json", '{"a":"ü"}'.encode())),
        ("*/*", [1], ("application/json", b"[1]")),
        ("application/x-www-form-urlencoded", {"a b": [1, "&"]}, (None, b"a%20b=1&a%20b=%26")),
        ("text/csv", "a,b", ("text/csv", b"a,b")),
        ("text/csv", {"a": 1}, None),
        ("image/*", "x", None),
    ],
)
def test_bodies_are_written_in_their_media_type(media_type: str, value: Any, written: Any) -> None:
    """JSON, forms and text; what cannot be written gives nothing."""
    made = body_of(media_type, value)

    assert made == (written and (written[0] or media_type, written[1]))
