"""What the SDK sends and no page has: with `--documented-only` none of it means anything, and the journal says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.messages import Call
from mockserver.openapi.accept import ranges

STATUS = "GET /pipeline/{id}/run/status/{task_id}"

# By operation: fields of a body, or of a query. A test compares them with the overlay.
UNDOCUMENTED: Mapping[str, tuple[str, ...]] = {
    "POST /pipeline/{id}/run": (
        "stream",
        "stream_all_outputs",
        "background",
        "session_id",
        "node_input_overrides",
        "send_intermediate_results",
        "webhook_url",
        "version",
        "trace_id",
    ),
    "GET /pipelines": ("folder_id", "offset", "limit"),
    "GET /pipeline": ("branch_id", "version"),
    "POST /pipeline": ("nodes", "canvas_metadata", "inputs", "outputs"),
}


def takes_options(call: Call) -> bool:
    """Whether what the SDK alone has is known here. Not with `--documented-only`: no page has it."""
    return any(one.label == STATUS for one in call.match.service.document.operations)


def option(call: Call, name: str, otherwise: Any = None) -> Any:
    """What a call says in a field that no page has; `otherwise` where it says nothing, or where that means nothing."""
    given = _given(call)
    return given[name] if name in given and takes_options(call) else otherwise


def unheeded(call: Call) -> tuple[str, ...]:
    """A note for the journal, where a call says what no page has and only the pages count."""
    given = _given(call)
    names = [f"`{name}`" for name in UNDOCUMENTED.get(call.match.operation.label, ()) if name in given]
    if not names or takes_options(call):
        return ()
    return (f"no page of the vendor has {', '.join(names)}: with --documented-only that changes nothing",)


def _given(call: Call) -> Mapping[str, Any]:
    given: Mapping[str, Any] = call.body if call.request.method == "POST" else call.query
    return given


def asks_for_background(call: Call) -> bool:
    """Whether a run is to be answered at once with a task. That counts before a stream (a guess)."""
    return option(call, "background") is True


def asks_for_stream(call: Call) -> bool:
    """Whether a run is to be streamed: the SDK says so in the body, other clients in the header."""
    return option(call, "stream") is True or _prefers_events(call.headers.get("accept", ""))


def _prefers_events(accept: str) -> bool:
    """Whether a client names event streams, and would not rather have JSON."""
    if "event-stream" not in accept.lower():
        return False
    weights = {one.media_type: one.weight for one in ranges(accept)}
    return 0 < weights.get("text/event-stream", 0.0) >= weights.get("application/json", 0.0)


def traced(call: Call) -> dict[str, str]:
    """`trace_id`, for whoever sent one."""
    given = option(call, "trace_id")
    return {"trace_id": given} if isinstance(given, str) else {}
