"""Which documents Schemathesis is let loose on, and with which keys.

Each is served with a fixture that lists its keys: without one any key is accepted, and Schemathesis rightly says so.
The shipped ones ask more of some ids than their documents do (the inputs of a workflow); here every id will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SPECS = Path(__file__).parents[1] / "specs"
KEY = "key-of-the-contract-test"


@dataclass(frozen=True, slots=True)
class Served:
    """A document as `mockserver serve` is told to serve it: one of tests/specs, or a vendor's and what exists there."""

    name: str
    spec: str = ""
    vendor: str = ""
    resources: str = ""

    def words(self, folder: Path) -> list[str]:
        """What follows `mockserver serve`; the fixture is written into the folder."""
        fixture = folder / "keys.yaml"
        said = f"format: 1\nvendor: {self.vendor or self.name}\napi_keys: [{KEY}]\n"
        if self.resources:
            said += f"resources: {{{self.resources}: {{'*': {{}}}}}}\n"
        fixture.write_text(said, "utf-8")
        document = ["--vendor", self.vendor] if self.vendor else [f"{self.name}={SPECS / self.spec}"]
        return [*document, "--fixtures", str(fixture)]


DOCUMENTS = (
    Served("vectorshift", vendor="vectorshift", resources="pipelines"),
    Served("eachlabs", vendor="eachlabs", resources="workflows"),
    Served("eachlabs-api", vendor="eachlabs", resources="workflows"),
    Served("petstore", "petstore.yaml"),
    Served("forms", "forms.yaml"),
    Served("tree", "tree.json"),
    Served("upload", "upload.yaml"),
    Served("jobs", "jobs.yaml"),
    Served("library", "library/api.yaml"),
    Served("everything", "everything.yaml"),
)
