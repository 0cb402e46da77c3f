"""Routes: which operation a method and a path mean."""

from __future__ import annotations

import pytest

from mockserver.openapi.operation import Operation
from mockserver.openapi.paths import Found, NotFound, Routes, WrongMethod, segments, shape


def operation(label: str, same_as: str | None = None) -> Operation:
    method, path = label.split(" ", 1)
    return Operation(label, method, path, (), None, (), (), rule="", same_as=same_as)


ROUTES = Routes(
    [
        operation(label)
        for label in (
            "GET /workflows/{id}",
            "POST /{id}/trigger",
            "GET /workflows/mine",
            "PUT /workflows/mine",
            "GET /workflows/{id}/executions",
            "GET /files/{name}.{kind}",
            "GET /files/{name}.tar.gz",
            "GET /files/{whole}",
            "GET /public/@{nick}/{slug}",
            "GET /",
            "GET /a%20b/{x}/",
            "DELETE /workflows/{id}",
        )
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "label", "params"),
    [
        ("GET", "/workflows/w1", "GET /workflows/{id}", {"id": "w1"}),
        ("GET", "/workflows/mine", "GET /workflows/mine", {}),
        ("GET", "/workflows/m%69ne", "GET /workflows/mine", {}),
        ("DELETE", "/workflows/mine", "DELETE /workflows/{id}", {"id": "mine"}),
        ("POST", "/workflows/trigger", "POST /{id}/trigger", {"id": "workflows"}),
        ("GET", "/workflows/trigger", "GET /workflows/{id}", {"id": "trigger"}),
        ("GET", "/workflows/a%2Fb/executions", "GET /workflows/{id}/executions", {"id": "a/b"}),
        ("GET", "/workflows/%7Bid%7D", "GET /workflows/{id}", {"id": "{id}"}),
        ("GET", "/workflows/a+b%25", "GET /workflows/{id}", {"id": "a+b%"}),
        ("GET", "/files/x.json", "GET /files/{name}.{kind}", {"name": "x", "kind": "json"}),
        ("GET", "/files/x.y.json", "GET /files/{name}.{kind}", {"name": "x", "kind": "y.json"}),
        ("GET", "/files/x.tar.gz", "GET /files/{name}.tar.gz", {"name": "x"}),
        ("GET", "/files/x", "GET /files/{whole}", {"whole": "x"}),
        ("GET", "/files/.json", "GET /files/{whole}", {"whole": ".json"}),
        ("GET", "/public/@me/it", "GET /public/@{nick}/{slug}", {"nick": "me", "slug": "it"}),
        ("GET", "/public/%40me/it", "GET /public/@{nick}/{slug}", {"nick": "me", "slug": "it"}),
        ("GET", "/", "GET /", {}),
        ("GET", "/a%20b/1/", "GET /a%20b/{x}/", {"x": "1"}),
        ("HEAD", "/workflows/w1", "GET /workflows/{id}", {"id": "w1"}),
    ],
)
def test_a_path_means_its_most_literal_operation(method, path, label, params):
    """Literal text wins over templates, segment by segment, among the operations that have the method."""
    found = ROUTES.match(method, path)

    assert isinstance(found, Found)
    assert (found.operation.label, found.params, found.alias) == (label, params, None)


@pytest.mark.parametrize(
    "path",
    ["/workflows/", "/workflows//executions", "/workflows/w1/", "//workflows/w1", "/public/@/it", "/nope/x", "", "*"],
)
def test_a_path_that_nothing_has_is_not_found(path):
    """No parameter is empty, and a slash at the end is not overlooked."""
    assert isinstance(ROUTES.match("GET", path), NotFound)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/workflows/mine", ("GET", "HEAD", "OPTIONS", "PUT")),
        ("OPTIONS", "/workflows/w1", ("DELETE", "GET", "HEAD", "OPTIONS")),
        ("HEAD", "/x/trigger", ("OPTIONS", "POST")),
        ("BREW", "/", ("GET", "HEAD", "OPTIONS")),
    ],
)
def test_a_known_path_with_another_method_says_what_is_allowed(method, path, allowed):
    """The methods of the most literal template that the path could mean, HEAD where GET is, and OPTIONS; sorted."""
    assert ROUTES.match(method, path) == WrongMethod(allowed)


@pytest.mark.parametrize(
    ("method", "path", "nearest"),
    [
        ("GET", "/workflow/w1/executions", "GET /workflows/{id}/executions"),
        ("GET", "/workflows/w1/execution", "GET /workflows/{id}/executions"),
        ("POST", "/w1/triger", "POST /{id}/trigger"),
        ("GET", "/" + "x" * 100_000, None),
    ],
)
def test_an_unknown_path_names_what_looks_most_like_it(method, path, nearest):
    """Up to three labels, the likeliest first, whatever came."""
    missed = ROUTES.match(method, path)

    assert isinstance(missed, NotFound)
    assert len(missed.nearest) == 3
    assert nearest in (None, missed.nearest[0])


def test_an_alias_leads_to_the_operation_it_stands_for():
    """The canonical operation answers; the alias says whose path came."""
    original = operation("POST /p/{id}/bulk_run")
    alias = operation("POST /p/{id}/bulk-run", same_as=original.label)
    routes = Routes([original], [alias])

    assert routes.match("POST", "/p/7/bulk-run") == Found(original, alias, {"id": "7"})
    assert routes.match("POST", "/p/7/bulk_run") == Found(original, None, {"id": "7"})


def test_each_operation_names_its_own_parameters():
    """Two methods of one shape may call the same segment differently."""
    routes = Routes([operation("GET /a/{x}"), operation("PUT /a/{y}")])

    found = [routes.match(method, "/a/1") for method in ("GET", "PUT")]
    assert [one.params for one in found if isinstance(one, Found)] == [{"x": "1"}, {"y": "1"}]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a/{x}", 'does not begin with "/"'),
        ("/a/{x}/{x}", 'has two parameters called "x"'),
        ("/a/{x}{y}", "has two parameters with no text between them"),
        ("/a/{x", "has a brace without its partner"),
        ("/a/x}", "has a brace without its partner"),
        ("/a/{}", "has a brace without its partner"),
        ("/a" * 101, "more than 100 segments"),
    ],
)
def test_a_template_that_cannot_be_matched_says_why(template, message):
    """Faults of a template are sentences."""
    with pytest.raises(ValueError, match=message):
        segments(template)


def test_templates_of_one_shape_match_the_same_paths():
    """Names do not count, text does."""
    assert shape("/a/{x}.{y}") == shape("/a/{p}.{q}") == "/a/{}.{}"
    assert shape("/a/{x}") != shape("/b/{x}")


def test_a_long_path_takes_no_long_time():
    """Templates with many parameters in one segment are matched in one pass over it."""
    routes = Routes([operation("GET /{a}-{b}-{c}-{d}-{e}-{f}.x")])

    assert isinstance(routes.match("GET", "/" + "-" * 100_000), NotFound)
