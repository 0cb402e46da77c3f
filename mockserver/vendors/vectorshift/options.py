"""What the SDK sends with a run and no page has."""

from __future__ import annotations

from typing import Any

from mockserver.engine.messages import Call

STATUS = "GET /pipeline/{id}/run/status/{task_id}"


def takes_options(call: Call) -> bool:
    """Whether background runs and webhooks are known here. Not with `--documented-only`: no page has them."""
    return any(one.label == STATUS for one in call.match.service.document.operations)


def asks_for_background(call: Call) -> bool:
    """Whether a run is to be answered at once with a task. That counts before a stream (a guess)."""
    return call.body.get("background") is True and takes_options(call)


def traced(body: Any) -> dict[str, str]:
    """`trace_id`, for whoever sent one."""
    return {"trace_id": body["trace_id"]} if isinstance(body.get("trace_id"), str) else {}
