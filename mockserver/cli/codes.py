"""`mockserver explain CODE`: what every code means: what happened, what to do, how to allow it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from textwrap import fill

import click
from msgspec import Struct

from mockserver.cli.main import Terminal
from mockserver.contract.codes import title
from mockserver.errors import UsageError

_MANNERS = 'In pytest: m.allow_manners("{code}"), or @pytest.mark.mockserver(manners="off").   m is the mock.'
_ALLOW = 'In pytest: with m.allow_violations("<operation>"): ...   m is the mock, such as eachlabs_mock.'


@click.command()
@click.argument("code", required=False)
@click.pass_obj
def explain(terminal: Terminal, /, code: str | None) -> int:
    """Say what a code such as E101 means, what to do about it and how to allow it; without CODE: list them."""
    terminal.say(overview() if code is None else text_of(code))
    return 0


class Explanation(Struct, frozen=True):
    """One code: what happened, what mends it, and how it is allowed where that is wanted."""

    happened: str
    mend: str
    allow: str = ""

    def text(self, code: str) -> str:
        """All of it, as paragraphs for a terminal."""
        parts = [f"{code}  {title(code)}", self.happened, f"To mend it: {self.mend}"]
        parts += [f"To allow it: {self.allow}"] if self.allow else []
        return "\n\n".join(fill(part, 100, break_on_hyphens=False) for part in parts)


CODES: Mapping[str, Explanation] = {
    "E101": Explanation(
        "The body could be read, but a value in it breaks its schema. The finding names the place as a JSON Pointer "
        '("/runs/1/inputs/report"), what came, what the spec asks for, and the line of the spec that asks for it.',
        "change the client so that it sends what the spec asks for. If the real service accepts the value, the spec "
        "is wrong: correct it with an overlay next to it, `<spec>.overlay.yaml`.",
        _ALLOW,
    ),
    "E102": Explanation(
        "A query parameter is missing, is given in another style than the spec declares, or breaks its schema.",
        "compare the finding with `mockserver spec NAME`; lists and objects travel as `style` and `explode` say.",
        _ALLOW,
    ),
    "E103": Explanation(
        "The path fits an operation's template, but a value in it breaks the schema of its parameter.",
        "look at how the client builds the path: an empty id, a forgotten percent-encoding, a name instead of an id.",
        _ALLOW,
    ),
    "E104": Explanation(
        "A header or cookie that the operation declares is missing or breaks its schema.",
        "send it as `mockserver spec NAME` shows it. Headers that the spec does not mention are never a violation.",
        _ALLOW,
    ),
    "E105": Explanation(
        "The request has no key, the key travels in another way than the spec's security scheme says, or it is a key "
        "that is not known here. The answer is 401, worded as the vendor words it. It comes before anything is said "
        "about the body.",
        "use a key that works: `mockserver serve` prints it at the start, `mockserver run` exports it, in pytest it is "
        '`m.api_key`. `serve --any-key` and `api_keys: ["*"]` in a fixture take every key that is not empty.',
        'to test what the client does with a 401, script it: m.on("<operation>").respond(401, json={"error": "..."}) '
        'Or in pytest: with m.allow_violations("<operation>"): ...   m is the mock, such as eachlabs_mock.',
    ),
    "E106": Explanation(
        "The Content-Type is missing, is not one of the operation's media types, or the body is compressed (Content-"
        "Encoding), which is not taken here. The answer is 415.",
        "send the Content-Type that belongs to the body; the answer lists those that are taken.",
        _ALLOW,
    ),
    "E107": Explanation(
        "The body is not what its Content-Type says: broken JSON, NaN or Infinity, a name that occurs twice in one "
        "object, a lone surrogate, bytes that are not UTF-8, a multipart body without its boundary or cut off.",
        "let a JSON or form library write the body. The answer names the place, such as the line and column or the "
        "part.",
        _ALLOW,
    ),
    "E108": Explanation(
        "Nothing is served at the path of the request. The answer is 404 and names the nearest operations, the base "
        "URL that such a path is served at, or what is in the path twice: a base URL holds the server path of the spec "
        "already.",
        "compare the client's base URL with those that `mockserver serve` prints, or `m.url` in pytest: the mount "
        "(`/<name>`) and the server path of the spec are part of it. `mockserver routes` lists every operation.",
        _ALLOW,
    ),
    "E109": Explanation(
        "The path belongs to an operation with another method. The answer is 405; `Allow` lists the methods.",
        "use one of the methods in `Allow`.",
        _ALLOW,
    ),
    "E110": Explanation(
        "The body has more bytes (413) or more nested brackets (400) than this server takes. The bounds keep a client"
        " that runs wild from hurting anyone; they are not the vendor's.",
        "send less, or raise the bound: `serve --max-body 64MiB`, `serve --max-depth 512`.",
        _ALLOW,
    ),
    "E201": Explanation(
        "A test scripted an answer with m.on(...) or m.input(...), and no request asked for it. Either the client "
        "made fewer calls than the test says, or the calls did not fit the script.",
        "look at the nearest candidates in the report: they list only what differs.",
        "call .optional() on the script, or .always() where any number of calls is fine.",
    ),
    "E202": Explanation(
        "The operation of m.on(...) or of a fixture's scenario is neither an operationId of the spec nor METHOD "
        "/template.",
        "choose one from `mockserver routes`; the message names the nearest.",
    ),
    "E203": Explanation(
        "The body of `with m.allow_violations(...)` ended without a violation that fits, like pytest.raises without "
        "an exception. The client is better than the test believes.",
        "take the `with` away, or look at `operation` and `at`: they may be narrower than what the client breaks.",
    ),
    "E301": Explanation(
        "An answer carried `Retry-After` in seconds, and the same request (operation, path, query, body) came again "
        "before they were over on the world's clock. It fails a strict test where the test moves the clock itself or "
        "the clock is real. While the clock is auto a sleep moves nothing, so there it is a note.",
        "let the client wait for as long as `Retry-After` says. Where the test has patched the client's sleep, let it "
        "call m.clock.advance(seconds).",
        'In pytest: m.allow_manners("E301").   m is the mock, such as eachlabs_mock.',
    ),
    "E302": Explanation(
        "All attempts to deliver a webhook were used up and the receiver never answered with a 2xx.",
        "look at the attempts in the report: the receiver's status, or why no connection came about. The stamp of a "
        "signature is wall time: a receiver that answers 400, 401 or 403 must hold it against its real clock, and not "
        "against the clock of the world.",
        "m.webhooks.allow_undelivered()",
    ),
    "E303": Explanation(
        "A request was answered 400 or 401, and the next time the same request came (operation, path, query, body, "
        "media type and key) nothing about it had changed. It will be refused again.",
        "do not retry what the server calls the client's mistake: retry 408, 429 and 5xx, raise the rest. A 401 is "
        "worth another try only with another key.",
        _MANNERS.format(code="E303"),
    ),
    "E304": Explanation(
        "An execution was read by its id at least twice more after an answer had shown its end. One more read is let "
        "pass.",
        "stop at the first final state; compare with all final states that the spec declares, not with one of them.",
        _MANNERS.format(code="E304"),
    ),
    "E305": Explanation(
        "Executions of a batch failed, and the client neither read them, nor was sent a webhook, nor submitted their "
        "inputs again. Or inputs were refused in the answer itself and nothing was sent to the operation since: "
        "whether the answer was read cannot be seen, so that is told and fails no test.",
        "look at each entry of the answer and at the end of each execution, and hand on what failed.",
        _MANNERS.format(code="E305"),
    ),
    "E306": Explanation(
        "A webhook was tampered with after it was signed, signed with another secret, or sent without its proof, as "
        "the test had asked, and the receiver answered 2xx. It believes everybody.",
        "verify the signature over the raw body before anything else, and answer 401 when it does not hold.",
        _MANNERS.format(code="E306"),
    ),
    "E307": Explanation(
        "An input was submitted again, for the same resource, when an execution of the same input had already "
        "completed. With the real service both are paid for.",
        "keep the result of what has completed, and submit only what has not.",
        _MANNERS.format(code="E307"),
    ),
    "E401": Explanation(
        "The status of an answer, to `mockserver verify` or in recorded traffic, is not among those that the operation "
        "declares. A refusal that was asked for, 401, 403 and 429, and 404 for an id that no answer had named need no"
        " declaration. As a warning: the service answered a declared 5xx to a request that keeps the spec.",
        "add the status to the operation's `responses`, with what its body holds, or let the service answer one that "
        "is there.",
    ),
    "E402": Explanation(
        "A value in the answer breaks the schema that the spec declares for its status and content type. The finding "
        "names the place as a JSON Pointer, what came, what the spec asks for, and the line of the spec.",
        "let the service answer what the schema says. If clients rely on what it answers, the spec is wrong: correct "
        "it with an overlay.",
    ),
    "E403": Explanation(
        "The Content-Type is missing or is none that the spec declares for the status, or the body is not what its "
        "Content-Type says, such as HTML that is called JSON.",
        "let the service send the Content-Type that is declared; error pages of a proxy in front of it are the usual "
        "cause.",
    ),
    "E404": Explanation(
        "A header that the spec declares for the answer is missing though required, or breaks its schema.",
        "let the service send the header as the spec declares it.",
    ),
    "E405": Explanation(
        "A request broke the spec in one thing, which the finding names (a required field left out, a value of "
        "another type, a value that is not listed, no key), and the service did not refuse it with a 4xx: it went on "
        "as if nothing were wrong, or broke down with a 5xx.",
        "let the service check what the spec says. If it is meant to be taken, let the spec say so.",
    ),
    "E406": Explanation(
        "No whole answer came: nothing within --timeout, the connection was refused or broke, the answer ended before"
        " the length that it announced, or it was not HTTP.",
        "look at the service's own log for the request. If it only needs longer, give it more time with --timeout.",
    ),
    "E407": Explanation(
        "The answer is larger than --max-body, nested deeper than --max-depth, or holds more than a million values, so "
        "it was not held against the spec.",
        "let the service answer in pages, or raise the bound: `mockserver verify URL --spec SPEC --max-body 200MiB`, "
        "`--max-depth 512`.",
    ),
    "E408": Explanation(
        "The answer was a redirect that the spec does not declare, to another host, to what is no address, or round in "
        "circles. Other hosts are never asked: they might be sent a key that is not theirs.",
        "give `verify` the URL that the service is at, or declare the redirect in the spec.",
    ),
    "E501": Explanation(
        "An answer that a fixture, a stub or a Python callable gave does not fit the schema that the spec declares "
        "for its status. It was sent unchanged: the client under test saw it.",
        "correct the script at the file and line of the finding.",
        'say why: `off_contract: <reason>` in the fixture, off_contract="<reason>" in .respond(...). The output of an '
        "execution has no such word: it fits what is declared, or the whole answer is scripted.",
    ),
    "E601": Explanation(
        "`mockserver diff` found an operation in the old document that the new one does not have: a client that calls"
        " it is answered 404 or 405. A path that was renamed counts as removed; names of path parameters do not "
        "matter.",
        "keep the operation until no client calls it; mark it as `deprecated` first.",
    ),
    "E602": Explanation(
        "A parameter, a body or a field of it is required now and was not before: requests of today's clients are "
        "refused.",
        "let it be optional, with a default for those who do not send it.",
    ),
    "E603": Explanation(
        "The new document refuses requests that the old one took: a type, list of values, bound or media type is "
        "narrower, or a parameter or field is gone (which is a warning where it is ignored and not refused).",
        "go on taking what was taken, or give the operation a new version.",
    ),
    "E604": Explanation(
        "A status or media type of an answer is gone, or an answer is new that clients may not know (a warning).",
        "go on answering it, or give the operation a new version.",
    ),
    "E605": Explanation(
        "A field or header that answers always had may be missing now, or is gone.",
        "go on sending it, or give the operation a new version.",
    ),
    "E606": Explanation(
        "A value in an answer may be what the old document did not allow: another type, which is an error, or values "
        "beyond those that were listed or bounded, which is a warning.",
        "tell clients before you send it, or give the operation a new version.",
    ),
    "E607": Explanation(
        "The keys that an operation took before are not enough any more, or no key was needed before.",
        "go on taking the old key beside the new one.",
    ),
    "E608": Explanation(
        "The documents differ in schemas that cannot be compared with certainty, such as oneOf with other branches, "
        "patterns, or `not`. Nothing is claimed either way.",
        "compare the two places that the finding names by hand.",
    ),
    "E609": Explanation(
        "The documents differ in a way that breaks no client: something was added that nobody has to use.",
        "nothing is to be done.",
    ),
    "E701": Explanation(
        "`mockserver check` found what would stop `serve`: a document, overlay or fixture that cannot be read, says "
        "what cannot be, or names what is not there. The finding has the file, the line and the column.",
        "the finding says what would be right at that line.",
    ),
    "E702": Explanation(
        "`mockserver check` found something in a document that does not hinder serving it and is probably meant "
        "otherwise: no `info`, no paths, a parameter that is not declared. It is a warning, as are E703 to E709; "
        "`check --strict` exits 1.",
        "the finding says what is odd and, where it can, what would be better.",
    ),
    "E703": Explanation(
        "A value that fits two branches of a oneOf is refused, since exactly one must fit; the finding shows the types "
        "or such a value. Only integer beside number is read more kindly, unless `--strict-spec` is given.",
        "let the branches exclude one another (a required property with a const of its own, another type), or write "
        "anyOf. Whoever knows of integer beside number writes `x-accepted: {integer-trap: why}` beside the oneOf.",
    ),
    "E704": Explanation(
        "An example, or a default, is not what its own schema allows. It is not sent as an answer; a sample is sent.",
        "correct one of the two. The finding names the place in the value, and what the schema asks for.",
    ),
    "E705": Explanation(
        "A `pattern` is no regular expression that can be run, so texts are not held against it.",
        "write it as ECMA-262 has it; lookbehind and backreferences are better said in another way.",
    ),
    "E706": Explanation(
        "No value could be found for the schema of an answer, such as for a text of at least 3 and at most 2 "
        "characters. The operation answers 500 until an example or a stub stands in.",
        "loosen the schema, or put an example beside it.",
    ),
    "E707": Explanation(
        "A discriminator has no propertyName, or its mapping leads to nothing, to none of the branches, or to a schema "
        "without a name, which OpenAPI does not foresee. Here it only helps to make samples and messages; the verdict "
        "is that of oneOf.",
        "give each branch a name in components/schemas and map to it. Whoever cannot change it writes "
        "`x-accepted: {inline-mapping: why}` beside the discriminator.",
    ),
    "E708": Explanation(
        "A field that OpenAPI does not know, a word of another version of it (`nullable` in 3.1), or `servers` of a "
        "path or an operation: it is passed over.",
        "correct the name, or take it out. What is served elsewhere can be a document of its own.",
    ),
    "E709": Explanation(
        "A name in a form, such as `runs.*.inputs`, means each element of `runs` in the JSON body of the same "
        "operation. Here the operation takes no JSON body with such a place, so the name is read as it is written.",
        "declare the same body as application/json, or take the `*` out.",
    ),
    "E9xx": Explanation(
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
    return "\n".join(f"{code}  {title(code)}" for code in CODES)
