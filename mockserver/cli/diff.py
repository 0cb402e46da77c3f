"""`mockserver diff OLD NEW`: the changes between two documents that break clients."""

from __future__ import annotations

from typing import Any

import click

from mockserver.cli.main import Terminal
from mockserver.cli.report import Reports, reporting
from mockserver.cli.spec_word import service_of
from mockserver.contract.diff import differences
from mockserver.contract.report import Report


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--strict-spec", is_flag=True, help="Read oneOf with integer and number literally.")
@click.option("--documented-only", is_flag=True, help="Drop overlay actions that the vendor does not document.")
@click.option("--all", "is_all", is_flag=True, help="List changes that break no client too.")
@reporting
@click.pass_obj
def diff(terminal: Terminal, /, old: str, new: str, *, is_all: bool, **words: Any) -> int:
    """Name the changes from OLD to NEW that break clients of OLD: OpenAPI documents, or names of shipped ones.

    An error is a change that breaks clients, a warning one that may, or one of which it cannot be told; with --all, a
    note is one that breaks none. Each is located in both files.

    Exits 0 when no change breaks clients, 1 when one does, 2 for a document that cannot be read.
    """
    reports = Reports(words)
    reading = {"strict_spec": words["strict_spec"], "documented_only": words["documented_only"]}
    before, after = (service_of(word, **reading).document for word in (old, new))
    found = differences(before, after)
    shown = tuple(one for one in found if is_all or one.severity != "note")
    fine = len(found) - len(shown)
    some = "1 change breaks" if fine == 1 else f"{fine} changes break"
    remarks = (f"{some} no client; --all lists them",) if fine else ()
    return reports.publish(Report("diff", f"{old} {new}", shown, remarks=remarks), terminal)
