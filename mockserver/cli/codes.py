"""`mockserver explain CODE`: what every code means: what happened, what to do, how to allow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import fill

import click

from mockserver.cli.main import Terminal
from mockserver.errors import UsageError

_ALLOW = 'In pytest: with m.allow_violations("<operation>"): ...   m is the mock, such as eachlabs_mock.'


@click.command()
@click.argument("code", required=False)
@click.pass_obj
def explain(terminal: Terminal, /, code: str | None) -> int:
    """Say what a code such as E101 means, what to do about it and how to allow it; without CODE: list them."""
    terminal.say(overview() if code is None else text_of(code))
    return 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code: a title, what happened, what mends it, and how it is allowed where that is wanted."""

    title: str
    happened: str
    mend: str
    allow: str = ""

    def text(self, code: str) -> str:
        """All of it, as paragraphs for a terminal."""
        parts = [f"{code}  {self.title}", self.happened, f"To mend it: {self.mend}"]
        parts += [f"To allow it: {self.allow}"] if self.allow else []
        return "\n\n".join(fill(part, 100, break_on_hyphens=False) for part in parts)


CODES: Mapping[str, Explanation] = {
    "E101": Explanation(
        "the client sent a body that the spec does not allow",
        "The body could be read, but a value in it breaks its schema. The finding names the place as a JSON Pointer "
        '("/runs/1/inputs/report"), what came, what the spec asks for, and the line of the spec that asks for it.',
        "change the client so that it sends what the spec asks for. If the real service accepts the value, the spec "
        "is wrong: correct it with an overlay next to it, `<spec>.overlay.yaml`.",
        _ALLOW,
    ),
    "E102": Explanation(
        "the client sent a query parameter that the spec does not allow",
        "A query parameter is missing, is given in another style than the spec declares, or breaks its schema.",
        "compare the finding with `mockserver spec NAME`; lists and objects travel as `style` and `explode` say.",
        _ALLOW,
    ),
    "E103": Explanation(
        "the client sent a path parameter that the spec does not allow",
        "The path fits an operation's template, but a value in it breaks the schema of its parameter.",
        "look at how the client builds the path: an empty id, a forgotten percent-encoding, a name instead of an id.",
        _ALLOW,
    ),
    "E104": Explanation(
        "the client sent a header or cookie that the spec does not allow",
        "A header or cookie that the operation declares is missing or breaks its schema.",
        "send it as `mockserver spec NAME` shows it. Headers that the spec does not mention are never a violation.",
        _ALLOW,
    ),
    "E105": Explanation(
        "the client could not be identified",
        "The request has no key, the key travels in another way than the spec's security scheme says, or it is a key "
        "that is not known here. The answer is 401, worded as the vendor words it. It comes before anything is said "
        "about the body.",
        "use a key that works: `mockserver serve` prints it at the start, in pytest it is `m.api_key`. `serve --any-"
        'key` and `api_keys: ["*"]` in a fixture take every key that is not empty.',
        'to test what the client does with a 401, script it: m.on("<operation>").respond(401, json={"error": "..."}) '
        'Or in pytest: with m.allow_violations("<operation>"): ...   m is the mock, such as eachlabs_mock.',
    ),
    "E106": Explanation(
        "the client sent a media type that the operation does not take",
        "The Content-Type is missing, is not one of the operation's media types, or the body is compressed (Content-"
        "Encoding), which is not taken here. The answer is 415.",
        "send the Content-Type that belongs to the body; the answer lists those that are taken.",
        _ALLOW,
    ),
    "E107": Explanation(
        "the client sent a body that cannot be read",
        "The body is not what its Content-Type says: broken JSON, NaN or Infinity, a name that occurs twice in one "
        "object, a lone surrogate, bytes that are not UTF-8, a multipart body without its boundary or cut off.",
        "let a JSON or form library write the body. The answer names the place, such as the line and column or the "
        "part.",
        _ALLOW,
    ),
    "E108": Explanation(
        "no operation has this path",
        "Nothing is served at the path of the request. The answer is 404 and names the nearest operations.",
        "compare the client's base URL with those that `mockserver serve` prints, or `m.url` in pytest: the mount "
        "(`/<name>`) and the server path of the spec are part of it. `mockserver routes` lists every operation.",
        _ALLOW,
    ),
    "E109": Explanation(
        "the path is known, the method is not",
        "The path belongs to an operation with another method. The answer is 405; `Allow` lists the methods.",
        "use one of the methods in `Allow`.",
        _ALLOW,
    ),
    "E110": Explanation(
        "the body is too large or too deep",
        "The body has more bytes (413) or more nested brackets (400) than this server takes. The bounds keep a client"
        " that runs wild from hurting anyone; they are not the vendor's.",
        "send less, or raise the bound: `serve --max-body 64MiB`, `serve --max-depth 512`.",
        _ALLOW,
    ),
    "E201": Explanation(
        "a scripted answer was left over",
        "A test scripted an answer with m.on(...) or m.input(...), and no request asked for it. Either the client "
        "made fewer calls than the test says, or the calls did not fit the script.",
        "look at the nearest candidates in the report: they list only what differs.",
        "call .optional() on the script, or .always() where any number of calls is fine.",
    ),
    "E202": Explanation(
        "a script names an operation that does not exist",
        "The operation of m.on(...) or of a fixture's scenario is neither an operationId of the spec nor METHOD "
        "/template.",
        "choose one from `mockserver routes`; the message names the nearest.",
    ),
    "E203": Explanation(
        "an expected violation did not happen",
        "The body of `with m.allow_violations(...)` ended without a violation that fits, like pytest.raises without "
        "an exception. The client is better than the test believes.",
        "take the `with` away, or look at `operation` and `at`: they may be narrower than what the client breaks.",
    ),
    "E301": Explanation(
        "the client retried sooner than it was asked to",
        "An answer carried `Retry-After`, and the client sent the same call again before that time was over.",
        "let the client wait for as long as `Retry-After` says.",
        _ALLOW,
    ),
    "E302": Explanation(
        "a webhook was given up",
        "All attempts to deliver a webhook were used up and the receiver never answered with a 2xx.",
        "look at the attempts in the report: the receiver's status, or why no connection came about.",
        "m.webhooks.allow_undelivered()",
    ),
    "E4xx": Explanation(
        "a live service breaks its spec",
        "The codes from E401 are kept for `mockserver verify`, which holds a live service against its spec.",
        "either the service or the spec is wrong; the finding names the answer and the line of the spec.",
    ),
    "E501": Explanation(
        "a scripted answer breaks the spec",
        "An answer that a fixture, a stub or a Python callable gave does not fit the schema that the spec declares "
        "for its status. It was sent unchanged: the client under test saw it.",
        "correct the script at the file and line of the finding.",
        'say why: `off_contract: <reason>` in the fixture, off_contract="<reason>" in .respond(...).',
    ),
    "E9xx": Explanation(
        "mockserver itself is at fault",
        "E901: the two validators disagree about a value, which is then let through, or something failed that should "
        "not. E902: an answer of the emulator's own does not fit the spec. The client did nothing wrong.",
        "please report it, with the entry from the journal and what `serve` printed on stderr.",
    ),
}


def text_of(code: str) -> str:
    """The text for a code, in any case; a family answers for its members (`E901` is told under `E9xx`)."""
    wanted = code.strip().upper()
    for name in (wanted, f"{wanted[:2]}XX"):
        found = next((known for known in CODES if known.upper() == name), None)
        if found and len(wanted) == 4:
            return CODES[found].text(found if found.upper() == wanted else wanted)
    near = get_close_matches(wanted, CODES, n=1)
    raise UsageError(f"unknown code {code!r}" + (f"; did you mean {near[0]}?" if near else "; they look like E101"))


def overview() -> str:
    """All codes, one line each."""
    return "\n".join(f"{code}  {explanation.title}" for code, explanation in CODES.items())
