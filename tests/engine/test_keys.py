"""Keys by every security scheme, with a fixture that says which are good and without one."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from mockserver.engine.messages import Headers, Request, SharedHeaders
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.vendors.assembly import Wanted, assemble

DOCUMENT = Path(__file__).parents[1] / "specs" / "everything.yaml"


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


def digest(user: str) -> str:
    return f'Digest username="{user}", realm="mockserver", nonce="n", uri="/", response="0"'


@pytest.fixture(scope="module", params=["any", "listed"])
def world(request, tmp_path_factory) -> World:
    """Any key will do, or those that a fixture lists."""
    fixtures: tuple[str, ...] = ()
    if request.param == "listed":
        path = tmp_path_factory.mktemp("fixtures") / "keys.yaml"
        path.write_text("format: 1\nvendor: everything\napi_keys: [good, 'me:both']\n")
        fixtures = (str(path),)
    return World(assemble(Wanted(specs=((None, DOCUMENT),), fixtures=fixtures)), Settings())


def status(world: World, where: str, query: str = "", **headers: str) -> int:
    return asked(world, where, query, tuple((name.replace("_", "-"), value) for name, value in headers.items()))[0]


def asked(world: World, where: str, query: str, headers: Headers) -> tuple[int, str]:
    """The status of the answer, and the key that it was asked with."""
    path = f"/all/keys/{where}"
    entry = world.apply(Request("GET", f"{path}?{query}", path, query, headers))
    return entry.answer.status, entry.call.account.key if entry.call else ""


@pytest.mark.parametrize(
    ("where", "query", "headers"),
    [
        ("header", "", {"X-Key": "good"}),
        ("query", "key=good", {}),
        ("cookie", "", {"Cookie": "a=b; key=good"}),
        ("basic", "", {"Authorization": basic("me:good")}),
        ("basic", "", {"Authorization": basic("good:")}),
        ("basic", "", {"Authorization": basic("me:both")}),
        ("bearer", "", {"Authorization": "bearer good"}),
        ("digest", "", {"Authorization": digest("good")}),
        ("oauth2", "", {"Authorization": "Bearer good"}),
        ("openid", "", {"Authorization": "Bearer good"}),
        ("mutual", "", {}),
        ("both", "key=good", {"X-Key": "good"}),
        ("either", "", {"Authorization": basic("me:good")}),
        ("either", "", {"X-Key": "good"}),
        ("optional", "", {}),
    ],
)
def test_a_key_opens_where_its_scheme_says_that_it_travels(world, where, query, headers):
    """Whatever the scheme; a client certificate is not looked at."""
    assert status(world, where, query, **headers) == 204


@pytest.mark.parametrize(
    ("where", "query", "headers", "challenge"),
    [
        ("header", "", {}, "ApiKey"),
        ("query", "key=", {}, "ApiKey"),
        ("cookie", "", {"Cookie": "other=good"}, "ApiKey"),
        ("basic", "", {}, 'Basic realm="mockserver"'),
        ("basic", "", {"Authorization": "Basic not-base64!"}, 'Basic realm="mockserver"'),
        ("basic", "", {"Authorization": "Basic " + b64encode(b"no colon").decode()}, 'Basic realm="mockserver"'),
        ("bearer", "", {"Authorization": basic("me:good")}, "Bearer"),
        ("digest", "", {"Authorization": "Digest realm=x"}, 'Digest realm="mockserver", qop="auth", nonce="bW9jaw=="'),
        ("oauth2", "", {"Authorization": "good"}, "Bearer"),
        ("both", "", {"X-Key": "good"}, "ApiKey"),
    ],
)
def test_without_it_the_answer_is_401_and_says_what_is_wanted(world, where, query, headers, challenge):
    """With the challenge that HTTP asks for."""
    path = f"/all/keys/{where}"
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    entry = world.apply(Request("GET", path, path, query, pairs))

    assert entry.answer.status == 401
    assert dict(entry.answer.headers)["WWW-Authenticate"] == challenge


@pytest.mark.parametrize(
    ("where", "headers"),
    [("header", {"X-Key": "bad"}), ("basic", {"Authorization": basic("me:bad")}),
     ("digest", {"Authorization": digest("bad")}), ("bearer", {"Authorization": "Bearer bad"})],
)  # fmt: skip
def test_a_key_that_a_fixture_does_not_list_opens_nothing(world, where, headers):
    """Unless no fixture lists any."""
    (service,) = world.services

    assert status(world, where, **headers) == (204 if service.any_key else 401)


@pytest.mark.parametrize("authorization", [basic("me:good"), "Bearer good", digest("good"), "Bearer bad", ""])
@pytest.mark.parametrize("beside", [(), (("X-Key", "good"),), (("X-Key", "bad"), ("Cookie", "key=good"))])
def test_what_is_remembered_of_headers_opens_nothing_else(world, authorization, beside):
    """Headers that many requests share are good for what they are good for by themselves, again and again."""
    plain = (*beside, *((("Authorization", authorization),) if authorization else ()))
    shared = SharedHeaders.of(plain)
    kinds = ("header", "query", "cookie", "basic", "bearer", "digest", "oauth2", "mutual", "both", "either", "optional")
    each = [(where, query) for query in ("key=good", "", "key=bad", "") for where in kinds]

    assert [asked(world, *one, shared) for one in each] == [asked(world, *one, plain) for one in each]
