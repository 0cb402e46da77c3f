"""What Schemathesis cannot read out of our documents: how a form and a stream are written, and what exists.

It holds for requests that are meant to be valid; what is meant to be refused is sent as it is. No check is left out.
"""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote
from urllib.request import Request, urlopen

import schemathesis
from hypothesis import strategies as st
from schemathesis import HookContext, Response
from schemathesis.core.parameters import ParameterLocation

_DEFINITION = {"steps": [{"step_id": "generate", "type": "model", "model": "flux-1-1-pro"}]}
_PLACES = (ParameterLocation.PATH, ParameterLocation.QUERY, ParameterLocation.BODY)
_NO_HOST = re.compile(r"https?://(?=[/?#]|$)", re.IGNORECASE)

schemathesis.openapi.format("base64", st.binary(max_size=30).map(lambda data: b64encode(data).decode()))
schemathesis.openapi.format("json", st.sampled_from(["{}", '{"question": "why"}', '{"n": 3, "list": [true, null]}']))


@schemathesis.serializer("application/x-www-form-urlencoded")
def form(context: Any, value: Any) -> Any:
    """A field that holds objects, or an empty list, is JSON text unless the document styles it (OpenAPI 3.1, "Encoding
    Object"); all else is as Schemathesis has it."""
    if not isinstance(value, Mapping):
        return value if value is None or isinstance(value, str | bytes) else json.dumps(value).encode()
    media = context.case.operation.get_body_for_media_type(context.case.media_type)
    encoding = media.definition.get("encoding", {}) if media is not None else {}
    fields: dict[str, Any] = {}
    for name, one in value.items():
        style = encoding.get(name, {}).get("style")
        if isinstance(one, Mapping) and style == "deepObject":
            fields |= {f"{name}[{key}]": inner for key, inner in one.items()}
        elif style is None and (isinstance(one, Mapping) or _holds_objects(one)):
            fields[name] = json.dumps(one)
        else:
            fields[name] = one
    return fields


@schemathesis.deserializer("text/event-stream")
def events(context: Any, response: Response) -> list[Any]:
    """OpenAPI 3.1 does not say what `schema` means of an event stream; here it is the JSON in `data` of each event."""
    return [json.loads(line.removeprefix("data:")) for line in _lines(response) if line.startswith("data:")]


@schemathesis.deserializer("application/x-ndjson")
def lines(context: Any, response: Response) -> list[Any]:
    """A value on each line."""
    return [json.loads(line) for line in _lines(response) if line]


@schemathesis.hook
def map_case(context: HookContext, case: Any) -> Any:
    """Rules of the services that no OpenAPI document can say."""
    for values in (case.body, case.query):
        if isinstance(values, dict):
            # No service takes such a URL (RFC 9110, 4.2.1); Schemathesis holds it for a URI.
            bare = {name: one for name, one in values.items() if isinstance(one, str) and _NO_HOST.match(one)}
            values.update({name: _NO_HOST.sub("https://host.example.test", one) for name, one in bare.items()})
    _apply(_RULES, case)
    return case


@schemathesis.hook
def before_call(context: HookContext, case: Any, kwargs: dict[str, Any]) -> None:
    """What exists on the side of the service, of whatever is spoken of."""
    _apply(_EXISTING, case)


def _apply(rules: Mapping[str, Callable[[Any], None]], case: Any) -> None:
    if case.meta is not None and any(case.meta.is_negative_at(place) for place in _PLACES):
        return
    said = case.operation.definition.raw
    rule = rules.get(said.get("operationId") or said.get("x-same-as", ""))
    if rule is not None:
        rule(case)


def _fetched(case: Any) -> None:
    """One of id and name has to be there."""
    if not case.query.get("id") and not case.query.get("name"):
        case.query["id"] = "pipe_1"
    _latest(case)


def _latest(case: Any) -> None:
    """A version that there is."""
    for values in (case.body, case.query):
        if isinstance(values, dict) and isinstance(values.get("version"), str):
            values["version"] = "latest"


def _defined(case: Any) -> None:
    """A version that is new needs a definition, and one without a schema takes all inputs."""
    if isinstance(case.body, dict):
        case.body["definition"] = _DEFINITION


def _redefined(case: Any) -> None:
    """The same, for what need not be given."""
    if isinstance(case.body, dict) and "definition" in case.body:
        _defined(case)


def _parts(case: Any) -> None:
    """`runs.*.inputs` stands for `runs.0.inputs`, and the JSON in `runs` is a list of runs."""
    if isinstance(case.body, dict) and case.media_type == "multipart/form-data":
        named = {name.replace("runs.*", "runs.0").replace("inputs.*", "inputs.file"): name for name in case.body}
        parts = {name: case.body[as_declared] for name, as_declared in named.items()}
        case.body.clear()
        case.body.update(parts, runs="[{}]")


def _running(case: Any) -> None:
    """A run that there is, of that pipeline."""
    started = _call(case, "/pipeline/{id}/run", {"background": True})
    if started is None:
        return
    id = started["task_id"]
    if "task_id" in case.path_parameters:
        case.path_parameters["task_id"] = id
    if isinstance(case.body, dict):
        case.body.update({name: value for name, value in {"run_id": id, "run_ids": [id]}.items() if name in case.body})


def _saved(case: Any) -> None:
    """A node that there is, in that pipeline."""
    if _call(case, "/update/pipeline/{id}", {"nodes": {"node": {"name": "node"}}}) is not None:
        case.body = {"node_id": "node"}


_RULES = {
    "fetchPipeline": _fetched,
    "runPipeline": _latest,
    "revertPipeline": _latest,
    "bulkRunPipeline": _parts,
    "POST /pipeline/{id}/bulk_run": _parts,
}
_EXISTING = {
    "createWorkflow": _defined,
    "updateWorkflow": _redefined,
    "upsertWorkflowVersion": _defined,
    "terminatePipelineRun": _running,
    "pausePipelineRun": _running,
    "resumePipelineRuns": _running,
    "getPipelineRunStatus": _running,
    "removePipelineNode": _saved,
}


def _call(case: Any, template: str, body: Any) -> Any:
    """What another operation answers about the same pipeline; None where that is gone, or fits into no path."""
    path = template.format(id=quote(str(case.path_parameters["id"]), safe=""))
    headers = {"Authorization": f"Bearer {os.environ['CONTRACT_KEY']}", "Content-Type": "application/json"}
    url = f"{case.operation.base_url.rstrip('/')}{path}"
    try:
        with urlopen(Request(url, json.dumps(body).encode(), headers)) as answer:
            return json.load(answer)
    except OSError:
        return None


def _holds_objects(value: Any) -> bool:
    return value == [] or (isinstance(value, list) and isinstance(value[0], Mapping | list))


def _lines(response: Response) -> list[str]:
    text: str = response.content.decode()
    return text.splitlines()


@schemathesis.deserializer("application/x-www-form-urlencoded")
def fields(context: Any, response: Response) -> dict[str, Any]:
    """Its fields, numbers as numbers."""
    pairs = parse_qsl(response.content.decode(), keep_blank_values=True, strict_parsing=True)
    return {name: int(text) if re.fullmatch(r"-?\d+", text) else text for name, text in pairs}
