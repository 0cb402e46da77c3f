"""`mockserver verify URL --spec SPEC`: a live service, held against its spec."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import click

from mockserver import __version__
from mockserver.cli.main import Terminal
from mockserver.cli.report import Reports, covering, reporting
from mockserver.cli.spec_word import routes_of, service_of
from mockserver.cli.what import number, size
from mockserver.contract.verify import Plan, Verification
from mockserver.contract.verify_ask import Keys
from mockserver.contract.verify_report import report_of
from mockserver.errors import UsageError
from mockserver.http.prober import Bounds, probe
from mockserver.openapi.document import UnknownOperation
from mockserver.openapi.jsontext import MAX_DEPTH

_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([ -~]*)")


@click.command()
@click.argument("url", metavar="URL")
@click.option("--spec", required=True, metavar="SPEC", help="An OpenAPI document, or the name of a shipped one.")
@click.option("--overlay", "overlays", multiple=True, metavar="FILE", help="Corrections for SPEC (repeatable).")
@click.option("--strict-spec", is_flag=True, help="Read oneOf with integer and number literally.")
@click.option("--documented-only", is_flag=True, help="Drop overlay actions that the vendor does not document.")
@click.option("--header", "headers", multiple=True, metavar="HEADER", help='Sent always: "Name: value" (repeatable).')
@click.option(
    "--key",
    metavar="KEY",
    help="Sent as the security schemes of SPEC say. For a shipped SPEC also from its environment name, "
    "such as EACHLABS_API_KEY.",
)
@click.option(
    "--only", multiple=True, metavar="OPERATION", help='Play this one (operationId or "METHOD /path"; repeatable).'
)
@click.option("--all-methods", is_flag=True, help="Play operations that change things too: POST, PUT, PATCH, DELETE.")
@click.option("--seed", default=0, show_default=True, type=number(), metavar="N", help="What samples are drawn from.")
@click.option(
    "--max-requests", default=500, show_default=True, type=number(1), metavar="N", help="The most requests sent."
)
@click.option(
    "--max-time",
    default=120.0,
    show_default=True,
    type=number(above=0, whole=False),
    metavar="SECONDS",
    help="The longest that all of them may take.",
)
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    type=number(above=0, whole=False),
    metavar="SECONDS",
    help="The longest that one answer may take.",
)
@click.option(
    "--max-body", default="32MiB", show_default=True, metavar="SIZE", help="The largest answer that is read."
)  # fmt: skip
@click.option(
    "--max-depth",
    default=MAX_DEPTH,
    show_default=True,
    type=number(1, 1000),
    metavar="N",
    help="The most nested brackets of an answer that are read.",
)
@reporting
@covering
@click.pass_obj
def verify(terminal: Terminal, /, url: str, **words: Any) -> int:
    """Play the operations of SPEC against the live service at URL, and report every answer that breaks SPEC.

    URL is the base URL that clients use, with the spec's server path: http://127.0.0.1:4010/eachlabs/v1. Requests are
    made of the spec's examples, then of samples; ids come from earlier answers where they can. Then come requests that
    the spec refuses. Only GET, HEAD, OPTIONS and TRACE are played, unless --all-methods.

    Exits 0 when nothing is wrong, 1 when something is, 2 for a broken SPEC, 3 when nothing could be played.
    """
    reports = Reports(words)
    base = _base(url)
    service = service_of(
        words["spec"],
        overlays=words["overlays"],
        strict_spec=words["strict_spec"],
        documented_only=words["documented_only"],
    )
    plan = Plan(
        service=service,
        keys=Keys(_headers(words["headers"]), words["key"] or _from(terminal.env, service.vendor.face.api_key_names)),
        base=base,
        only=words["only"],
        all_methods=words["all_methods"],
        seed=words["seed"],
        max_requests=words["max_requests"],
        max_depth=words["max_depth"],
    )
    bounds = Bounds(words["timeout"], words["max_time"], size(words["max_body"]))
    with reports.telling_why("verify", url, terminal):
        verification = _begun(plan, routes_of(words["spec"], words["overlays"]))
        probe(verification, url, bounds, __version__)
        report = report_of(verification, url, needed=words["coverage_fail_under"])
    return reports.publish(report, terminal)


def _begun(plan: Plan, listing: str) -> Verification:
    """A verification. Raises UsageError for an operation that is not there; the command `listing` lists what is."""
    try:
        return Verification(plan)
    except UnknownOperation as error:
        near = " or ".join(f'"{one}"' for one in error.nearest)
        asked = f"; did you mean {near}?" if near else ";"
        said = f'--only names no operation of {plan.document.name}: "{error.name}"'
        raise UsageError(f"{said}{asked} `{listing}` lists them") from None


def _base(url: str) -> str:
    """The path of a base URL. Raises UsageError for what is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_good = parts.scheme in ("http", "https") and bool(host) and (parts.port or 1) > 0
        if host.isascii():
            host.encode("idna")  # as a resolver is asked: no part of a name may be empty or too long
    except ValueError:
        is_good = False
    if not is_good or not url.isprintable() or " " in url:
        raise UsageError(f"{url!r} is no base URL; write one like http://127.0.0.1:4010/v1")
    if parts.query or parts.fragment or parts.username is not None:
        raise UsageError("URL has a query, a fragment or a user; keys go into --key or --header")
    return parts.path.rstrip("/")


def _headers(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for word in words:
        read = _HEADER.fullmatch(word)
        if read is None:
            # What stands there may be a key: it is not repeated.
            raise UsageError('a --header is no header; write it like --header "Authorization: Bearer KEY"')
        found.append((read[1], read[2].strip()))
    return tuple(found)


def _from(env: Mapping[str, str], names: Sequence[str]) -> str:
    return next((env[name] for name in names if env.get(name)), "")
