"""Webhooks of runs. No page describes them: the SDK has the field `webhook_url` and a sentence, all else is a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.engine.delivery import WebhookPolicy
from mockserver.engine.executions import Execution
from mockserver.engine.messages import Call
from mockserver.errors import Problem, Refused, Violation
from mockserver.vendors.vectorshift.options import option
from mockserver.vendors.webhook_address import ADDRESS, fault_of

if TYPE_CHECKING:
    from mockserver.engine.world import World


def webhook_url(call: Call) -> str | None:
    """Where a run tells of its end; None when nobody asks.

    Raises Refused for an address with a user, or with a host or port that cannot be.
    """
    url = option(call, "webhook_url")
    if url is None:
        return None
    fault = fault_of(url)
    if fault:
        # What came is not repeated: it may hold a password.
        violation = Violation("body", "/webhook_url", "", ADDRESS, code="E101", fault=fault)
        raise Refused(Problem("invalid", str(violation), (violation,)))
    return str(url)


def _body(execution: Execution, world: World) -> dict[str, Any]:
    """The run's own answer, with the reason where it failed."""
    failed = execution.state != "completed"
    return {
        "status": "failed" if failed else "success",
        "run_id": execution.id,
        "outputs": {} if failed else execution.output,
        **({"error": execution.error} if failed else {}),
        **({"trace_id": execution.details["trace_id"]} if "trace_id" in execution.details else {}),
    }


WEBHOOKS = WebhookPolicy(
    notify=frozenset({"completed", "failed"}),  # "called when the run completes"; a terminated one does not
    wait=(0.0,),  # once
    body=_body,
)
