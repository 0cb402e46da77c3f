"""Runtime expressions: what each comes to in an exchange, and what is none."""

from __future__ import annotations

import pytest

from mockserver.openapi.expressions import Exchange, compile_expression

EXCHANGE = Exchange(
    url="http://api.test/jobs?hook=q",
    method="POST",
    status=201,
    path={"id": "7"},
    query={"hook": "http://query.test", "many": ["a", "b"]},
    headers={"x-hook": "http://header.test"},
    body={"url": "http://body.test", "deep": [{"a/b": "found"}], "off": None, "n": 5, "yes": True},
    answer_headers={"location": "/jobs/9"},
    answer_body={"id": 9},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("{$request.body#/url}", "http://body.test", id="body"),
        pytest.param("$request.body#/url", "http://body.test", id="bare"),
        pytest.param("{$request.body#/deep/0/a~1b}", "found", id="pointer"),
        pytest.param("{$request.query.hook}", "http://query.test", id="query"),
        pytest.param("{$request.header.X-Hook}", "http://header.test", id="header"),
        pytest.param("{$request.path.id}", "7", id="path"),
        pytest.param("{$response.body#/id}", "9", id="answer-body"),
        pytest.param("{$response.header.Location}", "/jobs/9", id="answer-header"),
        pytest.param("{$url}", "http://api.test/jobs?hook=q", id="url"),
        pytest.param("{$method} {$statusCode}", "POST 201", id="method-and-status"),
        pytest.param("{$request.body#/yes}", "true", id="true"),
        pytest.param("http://x.test/{$request.path.id}?n={$request.body#/n}", "http://x.test/7?n=5", id="embedded"),
        pytest.param("http://x.test/hook", "http://x.test/hook", id="plain"),
        pytest.param("{$request.body#/nowhere}", None, id="not-there"),
        pytest.param("{$request.body#/off}", None, id="null"),
        pytest.param("{$request.body}", None, id="object"),
        pytest.param("{$request.query.many}", None, id="list"),
        pytest.param("http://x.test/{$request.query.none}", None, id="a-part-is-missing"),
    ],
)
def test_an_expression_comes_to_a_text(text, value):
    """What is asked for, as text; None where it is not there."""
    assert compile_expression(text).evaluate(EXCHANGE) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{request.body#/url}", "no runtime expression"),
        ("{$request.cookie.a}", "no runtime expression"),
        ("{$response.query.a}", "an answer has no query"),
        ("{$request.body#url}", "a JSON Pointer begins with /"),
        ("http://x.test/{$url", "a brace without its other half"),
        ("$nothing", "one is like $request.body#/url"),
    ],
)
def test_what_is_none_is_said(text, said):
    """A sentence with the text in it."""
    with pytest.raises(ValueError, match=r"\{|\$") as caught:
        compile_expression(text)

    assert said in str(caught.value)


def test_it_says_whether_it_needs_an_answer():
    """An address that is made of the request alone is known before the answer is."""
    assert [
        compile_expression(text).needs_answer for text in ("$request.body#/a", "$response.body#/a", "$statusCode")
    ] == [
        False,
        True,
        True,
    ]
