"""Which documents Schemathesis is let loose on, and with which keys.

Each is served with a fixture that lists its keys: without one any key is accepted, and Schemathesis rightly says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SPECS = Path(__file__).parents[1] / "specs"
KEY = "key-of-the-contract-test"


@dataclass(frozen=True, slots=True)
class Served:
    """A document as `mockserver serve` is told to serve it; of a vendor's the shipped fixtures are played."""

    name: str
    vendor: str = ""
    spec: str = ""
    key: str = KEY

    def words(self, folder: Path) -> list[str]:
        """What follows `mockserver serve`; the fixture is written into the folder."""
        if self.vendor:
            return ["--vendor", self.vendor]
        fixture = folder / "keys.yaml"
        fixture.write_text(f"format: 1\nvendor: {self.name}\napi_keys: [{self.key}]\n", "utf-8")
        return [f"{self.name}={SPECS / self.spec}", "--fixtures", str(fixture)]


DOCUMENTS = (
    Served("vectorshift", vendor="vectorshift", key="vs-test-key"),
    Served("eachlabs", vendor="eachlabs", key="el-test-key"),
    Served("eachlabs-api", vendor="eachlabs", key="el-test-key"),
    Served("petstore", spec="petstore.yaml"),
    Served("forms", spec="forms.yaml"),
    Served("tree", spec="tree.json"),
    Served("upload", spec="upload.yaml"),
    Served("jobs", spec="jobs.yaml"),
    Served("library", spec="library/api.yaml"),
    Served("everything", spec="everything.yaml"),
)
