"""`mockserver verify`: from the command line to the report, against right services and wrong ones."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mockserver.cli.main import main
from mockserver.server import Server
from tests.http.live import KEY, SPEC, Answer, Got, Live, Shop

SPECS = Path(__file__).parent.parent / "specs"
SHIPPED = ("vectorshift", "eachlabs", "eachlabs-api")
KEYS = {"VECTORSHIFT_API_KEY": "vs-test-key", "EACHLABS_API_KEY": "el-test-key"}

THING = "{type: object, required: [id], properties: {id: {type: integer}}}"
OPERATION = f"""\
  /NAME:
    get:
      operationId: NAME
      PARAMETERS
      responses:
        '200':
          description: a thing
          headers: {{X-Total: {{required: true, schema: {{type: integer}}}}}}
          content: {{application/json: {{schema: {THING}}}}}
        '400': {{description: no}}
        '401': {{description: no}}
"""
NINE = {
    "status": ("E401", Answer(203, {"id": 1})),
    "body": ("E402", Answer(200, {"id": "one"}, {"Content-Type": "application/json", "X-Total": "1"})),
    "content": ("E403", Answer(200, raw=b"<p>", headers={"Content-Type": "text/html", "X-Total": "1"})),
    "header": ("E404", Answer(200, {"id": 1})),
    "enum": ("E405", Answer(200, {"id": 1}, {"Content-Type": "application/json", "X-Total": "1"})),
    "keys": ("E405", Answer(200, {"id": 1}, {"Content-Type": "application/json", "X-Total": "1"})),
    "short": ("E406", Answer(200, {"id": 1}, announced=999)),
    "large": ("E407", Answer(200, {"id": 1}, announced=100_000_000)),
    "away": ("E408", Answer(301, headers={"Location": "https://elsewhere.test/"}, raw=b"")),
}


def verify(*words: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = io.StringIO()
    return main(["verify", *words], env or {}, out), out.getvalue()


@pytest.fixture(scope="module")
def ours() -> Iterator[Server]:
    """Our own server with all that is shipped."""
    with Server() as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """The path of the shop's document."""
    (tmp_path / "shop.yaml").write_text(SPEC, "utf-8")
    return str(tmp_path / "shop.yaml")


@pytest.fixture
def nine(tmp_path: Path) -> str:
    """The path of a document with nine operations, of which each is broken in another way by a wrong service."""
    text = "openapi: 3.1.0\ninfo: {title: Nine, version: '1'}\npaths:\n"
    for name in NINE:
        more = {
            "enum": "parameters: [{name: sort, in: query, required: true, schema: {enum: [up, down]}}]",
            "keys": "security: [{Key: []}]",
        }
        text += OPERATION.replace("NAME", name).replace("PARAMETERS", more.get(name, "summary: one of nine"))
    text += "components: {securitySchemes: {Key: {type: apiKey, in: header, name: X-Key}}}\n"
    (tmp_path / "nine.yaml").write_text(text, "utf-8")
    return str(tmp_path / "nine.yaml")


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("env", [{}, KEYS], ids=["without a key", "with a key"])
@pytest.mark.parametrize("more", [(), ("--all-methods",)], ids=["safe methods", "all methods"])
def test_our_own_server_is_clean(ours: Server, name: str, env: dict[str, str], more: tuple[str, ...]) -> None:
    """What `serve` answers for each shipped document keeps that document, with and without a key."""
    code, text = verify(ours.base_url(name), "--spec", name, *more, env=env)

    assert (code, text) == (0, text)
    assert "mockserver verify: no findings in " in text


@pytest.mark.parametrize(
    "name", ["petstore.yaml", "jobs.yaml", "forms.yaml", "everything.yaml", "upload.yaml", "tree.json"]
)
def test_any_document_that_is_served_is_clean(name: str) -> None:
    """The same for a document that no vendor speaks for, whatever styles and schemas are in it."""
    with Server(specs=[("mine", SPECS / name)]) as server:
        url = server.base_url("mine")
        code, text = verify(url, "--spec", str(SPECS / name), "--all-methods", "--key", "test-key")

    assert (code, text) == (0, text)


def test_nine_breaches_are_named(nine: str, tmp_path: Path) -> None:
    """A service with nine different breaches is caught: each operation with its code, and with none for another."""
    report = tmp_path / "report.json"
    with Live(lambda got: NINE[got.path.rpartition("/")[2]][1]) as live:
        code, _ = verify(live.url, "--spec", nine, "--key", KEY, "--report", f"json={report}")
    found = {(one["operation"], one["code"]) for one in json.loads(report.read_text("utf-8"))["findings"]}

    assert code == 1
    assert found == {(name, code) for name, (code, _) in NINE.items()}


def test_the_same_nine_without_a_breach_are_clean(nine: str) -> None:
    """A right service behind the same document has no finding."""

    def answer(got: Got) -> Answer:
        if got.path.endswith("/keys") and got.headers.get("x-key") != KEY:
            return Answer(401, {})
        if got.path.endswith("/enum") and got.query not in ("sort=up", "sort=down"):
            return Answer(400, {})
        return Answer(200, {"id": 1}, {"Content-Type": "application/json", "X-Total": "1"})

    with Live(answer) as live:
        code, text = verify(live.url, "--spec", nine, "--key", KEY)

    assert (code, text) == (0, text)


def test_a_finding_names_its_request_and_the_line_of_the_spec(shop: str) -> None:
    """All that is needed to mend it: what was sent, what came, what was wanted, and where that is written."""

    def answer(got: Got) -> Answer:
        return Answer(200, {"id": "x", "name": "Tom", "kind": "cat"}) if got.path.endswith("/7") else right(got)

    right = Shop().answer
    with Live(answer) as live:
        code, text = verify(live.url, "--spec", shop, "--key", KEY, "--only", "listPets", "--only", "showPet")
    line = next(number for number, one in enumerate(SPEC.splitlines(), 1) if "id: {type: integer}" in one)

    assert code == 1
    assert "error E402: an answer has a body that breaks its schema" in text
    assert "GET /v1/pets/7   showPet" in text
    assert f'/id: "x" is not an integer (sample 1)   {shop}:{line}:' in text


def test_what_must_be_refused_is_named(shop: str) -> None:
    """Of a service that takes anything, each finding says what it should have refused."""

    def answer(got: Got) -> Answer:
        pet = {"id": 7, "name": "Tom", "kind": "cat"}
        headers = {"Content-Type": "application/json", "X-Total": "1"}
        return Answer(
            201 if got.method == "POST" else 200,
            [pet] if got.path == "/v1/pets" and got.method == "GET" else pet,
            headers,
        )

    with Live(answer) as live:
        code, text = verify(live.url, "--spec", shop, "--key", KEY, "--all-methods")
    wanted = (
        "without a key",
        "query parameter limit: a text instead of integer",
        "path parameter petId: a text instead of integer",
        "without the required body",
        '/name: without the required "name"',
        "/name: a value of another type",
        "/kind: a value that is not listed",
    )

    assert code == 1
    assert [one for one in wanted if one not in text] == []
    assert text.count("it accepted what the spec refuses, with 20") >= len(wanted)


def test_safe_methods_only_unless_asked(shop: str) -> None:
    """Nothing is changed unless --all-methods says so, and the report says what was left out."""
    with Live(Shop().answer) as live:
        _, text = verify(live.url, "--spec", shop, "--key", KEY)
    methods = {got.method for got in live.got}

    assert methods == {"GET"}
    assert "not played, as they change things: addPet; --all-methods plays them too" in text


def test_headers_are_sent_and_kept_quiet(shop: str) -> None:
    """--header goes along with each request but those that try without the key, and its value is printed nowhere."""
    with Live(Shop().answer) as live:
        code, text = verify(live.url, "--spec", shop, "--header", f"X-Key: {KEY}", "--header", "X-Trace: on")
    keys = [got.headers.get("x-key") for got in live.got]

    assert code == 0
    assert (set(keys), keys.count(None)) == ({KEY, None}, 2)
    assert {got.headers["x-trace"] for got in live.got} == {"on"}
    assert KEY not in text


def test_without_a_key_only_that_is_tried(shop: str) -> None:
    """Operations that need a key are asked for without one, must refuse, and the report says how to give one."""
    with Live(Shop().answer) as live:
        code, text = verify(live.url, "--spec", shop)

    assert code == 0
    assert "tried without a key only: listPets, showPet; give one with --key or --header" in text
    assert len(live.got) == 2


def test_the_same_seed_plays_the_same(shop: str) -> None:
    """Two runs with the same seed send the same requests; another seed sends others."""

    def played(seed: str) -> list[tuple[str, str, bytes]]:
        with Live(Shop().answer) as live:
            verify(live.url, "--spec", shop, "--key", KEY, "--all-methods", "--seed", seed)
        return [(got.path, got.query, got.body) for got in live.got]

    assert played("1") == played("1")
    assert played("1") != played("2")


def test_the_number_of_requests_is_bounded(shop: str) -> None:
    """No more than --max-requests are sent, and it is noted."""
    with Live(Shop().answer) as live:
        _, text = verify(live.url, "--spec", shop, "--key", KEY, "--max-requests", "3")

    assert len(live.got) == 3
    assert "stopped after 3 requests, as --max-requests says" in text


@pytest.mark.parametrize(
    ("status", "words", "said"),
    [
        (404, (), "every answer was 404: URL is the base URL that operations are below"),
        (404, ("--key", KEY), "every answer was 404: URL is the base URL that operations are below"),
        (401, ("--key", KEY), "every answer was 401: the key that was given is refused"),
    ],
    ids=["404 without a key", "404", "401"],
)
def test_a_service_that_answers_all_alike_was_not_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, words: tuple[str, ...], said: str
) -> None:
    """The URL or the key is wrong: exit code 3, and one line, also where only keyless requests could be sent."""
    path = tmp_path / "closed.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: Closed, version: '1'}\nsecurity: [{k: []}]\n"
        "paths: {/a: {get: {operationId: a, responses: {'200': {description: fine}, 4XX: {description: no, content: "
        "{application/json: {}}}}}}}\ncomponents: {securitySchemes: {k: {type: apiKey, in: header, name: X-Key}}}\n",
        "utf-8",
    )
    with Live(lambda got: Answer(status, raw=b"no", headers={"Content-Type": "text/plain"})) as live:
        code, _ = verify(live.url, "--spec", str(path), *words)

    assert (code, said in capsys.readouterr().err) == (3, True)


def test_an_operation_that_needs_no_key_and_gets_401_asks_for_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where none was given, none can be refused."""
    path = tmp_path / "open.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: Open, version: '1'}\n"
        "paths: {/a: {get: {operationId: a, responses: {'200': {description: fine}}}}}\n",
        "utf-8",
    )
    with Live(lambda got: Answer(401)) as live:
        code, _ = verify(live.url, "--spec", str(path))

    assert (code, "every answer was 401: give a key with --key or --header" in capsys.readouterr().err) == (3, True)


def test_why_nothing_was_tried_is_in_every_report(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who reads only the reports must not take a service that nobody reached for a right one."""
    monkeypatch.chdir(tmp_path)
    reports = ("--report", "junit=j.xml", "--report", "json=r.json", "--report", "html=r.html", "--report", "github")
    code, printed = verify("http://127.0.0.1:1", "--spec", shop, *reports, "--baseline", "b", "--update-baseline")
    why = "http://127.0.0.1:1 cannot be reached: "

    assert (code, why in capsys.readouterr().err) == (3, True)
    error = ElementTree.parse("j.xml").find("testsuite/testcase/error")
    assert error is not None
    assert error.get("message", "").startswith(why)
    record = json.loads(Path("r.json").read_text("utf-8"))
    assert (record["exit_code"], record["verdict"].startswith(f"could not run: {why}")) == (3, True)
    assert "Nothing was tried." in Path("r.html").read_text("utf-8")
    assert printed.startswith(f"::error title=mockserver verify::could not run: {why}")
    assert not Path("b").exists()


def test_known_findings_fail_nothing(shop: str, tmp_path: Path) -> None:
    """With a baseline only new findings fail."""
    words = ("--spec", shop, "--key", KEY, "--baseline", str(tmp_path / "known.json"))
    with Live(lambda got: Answer(418)) as live:
        updated, _ = verify(live.url, *words, "--update-baseline")
        again, text = verify(live.url, *words)

    assert (updated, again) == (0, 0)
    assert "known, in the baseline: E401" in text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("ftp://127.0.0.1/", "--spec", "SHOP"), 2, "is no base URL; write one like"),
        (("127.0.0.1:4010", "--spec", "SHOP"), 2, "is no base URL"),
        (("http://a..b/", "--spec", "SHOP"), 2, "is no base URL"),
        (("http://127.0.0.1:1/v1?key=x", "--spec", "SHOP"), 2, "keys go into --key or --header"),
        (("http://127.0.0.1:1", "--spec", "none.yaml"), 2, "there is no spec none.yaml; shipped are "),
        (("http://127.0.0.1:1", "--spec", "eachlab"), 2, 'did you mean "eachlabs"?'),
        (("http://127.0.0.1:1", "--spec", "BROKEN"), 2, "broken.yaml:1:1"),
        (("http://127.0.0.1:1", "--spec", "SHOP", "--header", "secret"), 2, 'write it like --header "Authorization:'),
        (("http://127.0.0.1:1", "--spec", "SHOP", "--only", "listPet"), 2, 'did you mean "listPets"'),
        (
            ("http://127.0.0.1:1", "--spec", "SHOP", "--only", "x"),
            2,
            'of shop: "x"; `mockserver routes SHOP` lists them',
        ),
        (("http://127.0.0.1:1", "--spec", "eachlabs-api", "--only", "x"), 2, "`mockserver routes --vendor eachlabs`"),
        (("http://127.0.0.1:1", "--spec", "SHOP", "--only", "addPet"), 3, "--all-methods plays them too"),
        (("http://127.0.0.1:1", "--spec", "SHOP"), 3, "cannot be reached: "),
        (("http://127.0.0.1:1", "--spec", "SHOP", "--timeout", "0"), 2, "is not a number above 0"),
        (("http://127.0.0.1:1", "--spec", "eachlabs", "--overlay", "SHOP"), 2, "--overlay corrects a SPEC of your own"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    """A wrong word is exit 2, a service that cannot be played exit 3, each told in one line with what is right."""
    (tmp_path / "broken.yaml").write_text("openapi: 2.9\n", "utf-8")
    paths = {"SHOP": shop, "BROKEN": str(tmp_path / "broken.yaml")}
    got, _ = verify(*(paths.get(word, word) for word in words))
    (line,) = capsys.readouterr().err.splitlines()

    assert (got, said.replace("SHOP", shop) in line) == (code, True), line
    assert "secret" not in line
