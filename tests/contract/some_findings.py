"""Findings and reports to write down, none of them made by a server."""

from mockserver.contract.coverage import Coverage, OperationCoverage, ServiceCoverage, Share
from mockserver.contract.findings import Asked, Finding
from mockserver.contract.report import Report, Row
from mockserver.errors import Place

BODY = Finding(
    code="E101",
    sentence="/inputs/0/prompt: 5 is not a string",
    service="shop",
    operation="order",
    place=Place("specs/shop.yaml", 87, 5),
    also=Place("tests/test_shop.py", 12),
    part="body",
    pointer="/inputs/0/prompt",
    said="5",
    wanted="is not a string",
    request=Asked("POST", "/shop/orders?page=1", 3),
    remedy="send what the spec asks for",
)
LOST = Finding(code="E108", sentence="no operation GET /x", part="path", request=Asked("GET", "/shop/x", 4))
ODD = Finding(code="E303", sentence="#5 after #4: sent again unchanged", severity="warning", wanted="no")
HINT = Finding(code="E305", sentence="#6: input 2 was refused", severity="note", wanted="look")

COVERAGE = Coverage(
    (
        ServiceCoverage(
            "shop",
            "specs/shop.yaml",
            "shop",
            5,
            (
                OperationCoverage("order", "POST /orders", 3, Share.of(["201", "4XX"], {"4XX": 3, "500": 1})),
                OperationCoverage("listOrders", "GET /orders", 1, Share.of(["200"], ["200"])),
                OperationCoverage("health", "GET /health", 0, Share.of(["204"])),
            ),
        ),
    )
)
ROWS = (
    Row(3, "POST", "/shop/orders?page=1", 400, "order", "shop", ms=1.4, found=(("E101", BODY.fingerprint),)),
    Row(4, "GET", "/shop/x", 404, found=(("E108", LOST.fingerprint),)),
    Row(5, "GET", "/shop/orders", None, "listOrders", "shop", world="w1", answered_by="scenario down"),
)


def report(*findings: Finding, **more: object) -> Report:
    """A report of a run with these findings."""
    said: dict[str, object] = {"requests": 5, "coverage": COVERAGE, "traffic": ROWS, **more}
    return Report("run", "pytest -q", findings, **said)  # type: ignore[arg-type]
