"""What the steps of a run did: a simple play in which they share its running time in equal parts.

Branches inside a step (parallel, choice) are not played. A run without a definition has no steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.clock import stamp
from mockserver.engine.executions import Execution
from mockserver.regex import compiled
from mockserver.vendors.eachlabs.workflow import Version, step_id

_KINDS = frozenset({"model", "http", "python", "parallel", "choice", "pass"})
# Both spellings of references that the vendor's pages have: `{{draw.output}}` and `$.draw.output`.
_REFERENCE = r"\{\{\s*([\w-]+)\.(output|primary)\s*\}\}|\$\.([\w-]+)\.(output|primary)"


def outline(version: Version) -> dict[str, Any]:
    """What a run has to remember of its version, which may change while it runs."""
    if not version.definition:
        return {}
    return {"steps": version.steps, "output_mapping": version.output_mapping}


def failure_of(version: Version) -> dict[str, str]:
    """Why a run fails that nobody gave a reason for, in the words of the vendor's example."""
    steps = version.steps if version.definition else ()
    name = step_id(steps[-1]) if steps else "generate_image"
    return {"error": "ExecutionFailed", "error_cause": f"Step '{name}' failed: Model timeout after 30s"}


def step_outputs(execution: Execution, failure: Mapping[str, str], now: float) -> dict[str, Any]:
    """What each step that has begun did, by its id; `failure` is why the run failed, empty when it did not."""
    steps: Sequence[Mapping[str, Any]] = execution.details.get("steps", ())
    begun = execution.when("running") or (execution.started if execution.is_final else None)
    end = execution.ended or execution.next_due
    if not steps or begun is None or end is None:
        return {}
    last = _last_step(steps, failure) if execution.is_final else None
    share = (end - begun) / ((len(steps) if last is None else last + 1) or 1)
    found = {}
    for number, step in enumerate(steps):
        if begun + number * share > now or (last is not None and number > last):
            break
        status = execution.state if number == last else _status(begun + (number + 1) * share, now)
        window = (begun + number * share, begun + (number + 1) * share)
        found[step_id(step)] = _StepOutput(step, status, window, execution, failure).value(final=number == last)
    return found


def _last_step(steps: Sequence[Mapping[str, Any]], failure: Mapping[str, str]) -> int:
    """The step that a run ended in: the one that its error names, else the last."""
    named = (number for number, step in enumerate(steps) if f"'{step_id(step)}'" in failure.get("error_cause", ""))
    return next(named, len(steps) - 1)


def _status(end: float, now: float) -> str:
    return "completed" if end <= now else "running"


class _StepOutput:
    """One step that has begun."""

    def __init__(
        self,
        step: Mapping[str, Any],
        status: str,
        window: tuple[float, float],
        execution: Execution,
        failure: Mapping[str, str],
    ) -> None:
        self.step, self.status, self.window = step, status, window
        self.execution, self.failure = execution, failure

    def value(self, *, final: bool) -> dict[str, Any]:
        """As reads show it."""
        return dict(self._fields(final=final))

    def _fields(self, *, final: bool) -> Iterator[tuple[str, Any]]:
        step, status = self.step, self.status
        yield "step_id", step_id(step)
        if step.get("type") in _KINDS:
            yield "kind", step["type"]
        yield "status", status
        yield "started_at", stamp(self.window[0])
        if status != "running":
            yield "completed_at", stamp(self.window[1])
        if status == "completed":
            output = self.execution.output if final else f"output of {step_id(step)}"
            yield "output", output
            yield "primary", output[0] if isinstance(output, list) and output else output
        if isinstance(step.get("model"), str):
            yield "metadata", {"model": step["model"]}
        if status == "failed":
            yield from self.failure.items()


def workflow_output(execution: Execution, steps: Mapping[str, Any]) -> dict[str, Any] | None:
    """The named outputs of a completed run whose version has an `output_mapping`; None for any other."""
    mapping: Mapping[str, Any] = execution.details.get("output_mapping") or {}
    if execution.state != "completed" or not mapping:
        return None
    return {name: _referred(said, steps, execution.output) for name, said in mapping.items()}


def _referred(said: Any, steps: Mapping[str, Any], output: Any) -> Any:
    """What a reference to a step leads to; the output of the whole run where it leads nowhere."""
    found = compiled(_REFERENCE).search(said) if isinstance(said, str) else None
    if found is None:
        return output
    step, which = (found[1], found[2]) if found[1] else (found[3], found[4])
    return steps.get(step, {}).get(which, output)
