"""Each input as JSON, and back: what a journal file holds of it. Knows nothing of files, worlds and secrets.

An input is `{"is": "Wrote", "number": 3, ...}` without what is at its default, and so is each value inside it. A list
is a tuple; what a user gave as JSON stands below `json`. What holds a function of Python has no form: Unrepeatable.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from msgspec import NODEFAULT, Struct

from mockserver.engine import inputs
from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inbox import Reply
from mockserver.engine.inputs import Input
from mockserver.engine.messages import Request, Sent, TooLarge
from mockserver.engine.outcomes import Made, Outcomes
from mockserver.engine.service import Service
from mockserver.engine.signing import Signing
from mockserver.engine.stubs import Computed, InputScript, Matching, Step, Stub
from mockserver.errors import Place
from mockserver.openapi.validate import Checker, Schemas
from mockserver.scenario.model import (
    MISSING,
    Event,
    Executions,
    Fault,
    Missing,
    Plan,
    Random,
    Respond,
    Scenario,
    Sequence,
    When,
)
from mockserver.scenario.render import Template, compile_template

_INPUTS: tuple[type[Struct], ...] = (
    Request, inputs.Unreadable, inputs.Wrote, inputs.Pull, inputs.Advance, inputs.Jump, inputs.Freeze, inputs.Tick,
    inputs.PutStub, inputs.PutInputScript, inputs.Declare, inputs.Serve, inputs.ClearJournal, inputs.PutDeliveryScript,
    inputs.Dial, inputs.Attempted, inputs.Resend, inputs.Arrive, inputs.AddReplies, inputs.AddScenarios,
    inputs.DropScenarios, inputs.PutOutcomes, inputs.Release, inputs.SendWebhook,
)  # fmt: skip
_PARTS: tuple[type[Struct], ...] = (
    TooLarge, Sent, Stub, Step, InputScript, Respond, Fault, Event, Plan, Executions, Sequence, Random, When, Scenario,
    Place, DeliveryScript, Signing, Reply, Outcomes,
)  # fmt: skip
SHAPES: Mapping[str, type[Struct]] = {one.__name__: one for one in (*_INPUTS, *_PARTS)}

ServiceOf = Callable[[Mapping[str, Any]], Service]


class Unrepeatable(Exception):
    """An input holds what no file can: says what, and where it was written."""


def to_json(given: Input, service: Callable[[Service], Mapping[str, Any]]) -> dict[str, Any]:
    """The input as JSON; `service` gives what stands for a document that is served from here on.

    Raises Unrepeatable for what holds a function, or an object of a test's own.
    """
    try:
        value = _encode(given, service)
    except Unrepeatable as error:
        at = _written_at(given)
        raise Unrepeatable(f"{error} at {at}" if at else str(error)) from None
    except RecursionError:
        raise Unrepeatable("a value that is nested too deep") from None
    return cast(dict[str, Any], value)


def from_json(value: Any, service: ServiceOf) -> Input:
    """The input that `to_json` wrote; `service` finds a document by what stands for it.

    Raises ValueError for what is no input.
    """
    try:
        given = _decode(value, service)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"is no input that this version knows ({type(error).__name__}: {error})") from None
    if not isinstance(given, _INPUTS):
        raise ValueError("is no input")
    return cast(Input, given)


def _encode(value: Any, service: Callable[[Service], Mapping[str, Any]]) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case bytes():
            return bytes_to_json(value)
        case tuple():
            return [_encode(one, service) for one in value]
        case frozenset():
            return {"set": sorted((_encode(one, service) for one in value), key=repr)}
        case Missing():
            return {"is": "MISSING"}
        case Template():
            return {"template": value.source}
        case Matching():
            return {"matching": value.schema}
        case Checker():
            return {"schema": value.schema}
        case Service():
            return {"service": dict(service(value))}
        case Mapping() | list() if _is_json(value):
            return {"json": value}
        case Mapping() if all(isinstance(key, str) for key in value):
            return {"map": {key: _encode(one, service) for key, one in value.items()}}
        case list():
            return {"list": [_encode(one, service) for one in value]}
    name = type(value).__name__
    if SHAPES.get(name) is type(value):
        said = ((each, default, getattr(value, each)) for each, default in _fields(SHAPES[name]))
        return {"is": name, **{each: _encode(one, service) for each, default, one in said if not _is(default, one)}}
    raise Unrepeatable(_called(value))


def _decode(value: Any, service: ServiceOf) -> Any:
    if isinstance(value, list):
        return tuple(_decode(one, service) for one in value)
    if not isinstance(value, dict):
        return value
    match value:
        case {"is": "MISSING"}:
            return MISSING
        case {"is": name, **more}:
            return SHAPES[name](**{key: _decode(one, service) for key, one in more.items()})
        case {"text": str()} | {"base64": str()}:
            return bytes_from_json(value)
        case {"set": found}:
            return frozenset(_decode(one, service) for one in found)
        case {"template": source}:
            return compile_template(source)
        case {"matching": schema}:
            return Matching(schema, _checker(schema))
        case {"schema": schema}:
            return _checker(schema)
        case {"service": said}:
            return service(said)
        case {"map": members}:
            return {key: _decode(one, service) for key, one in members.items()}
        case {"list": items}:
            return [_decode(one, service) for one in items]
        case {"json": plain}:
            return plain
    raise KeyError(next(iter(value), "nothing"))


def bytes_to_json(data: bytes) -> dict[str, str]:
    """`{"text": ...}` of what is UTF-8, `{"base64": ...}` of everything else."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def bytes_from_json(value: Mapping[str, Any]) -> bytes:
    """The bytes that `bytes_to_json` wrote."""
    if "text" in value:
        return str(value["text"]).encode()
    return base64.b64decode(value["base64"], validate=True)


def _is_json(value: Any) -> bool:
    match value:
        case dict():
            return all(isinstance(key, str) and _is_json(one) for key, one in value.items())
        case list():
            return all(map(_is_json, value))
        case float():
            return math.isfinite(value)
    return value is None or isinstance(value, bool | int | str)


def _fields(shape: type[Struct]) -> Iterator[tuple[str, Any]]:
    """The name and the default of each field, NODEFAULT of what must be said."""
    names, defaults = shape.__struct_fields__, shape.__struct_defaults__
    for name, default in zip(names, (NODEFAULT,) * (len(names) - len(defaults)) + defaults, strict=True):
        make = getattr(default, "factory", None)
        yield name, make() if callable(make) else default


def _is(default: Any, value: Any) -> bool:
    # Of one type only: a `Matching` is asked by `==` whether it accepts the other.
    return value is default or (type(value) is type(default) and bool(value == default))


def _checker(schema: Any) -> Checker:
    return Schemas({"mem:///": schema}, place=lambda pointer: Place("journal", pointer=pointer)).checker("")


def _called(value: Any) -> str:
    """What a value is that has no form, as its test knows it."""
    function = value.function if isinstance(value, Computed | Made) else value
    if callable(function):
        return f"the function {getattr(function, '__name__', repr(function))}"
    return f"an object of the type {type(value).__name__}"


def _written_at(given: Input) -> str:
    """The line of the test that an input comes from, "" where it is not known."""
    match given:
        case inputs.PutStub(stub):
            return stub.at
        case inputs.PutInputScript(script):
            return script.at
        case inputs.PutOutcomes(_, Outcomes(Made(at=at))):
            return at
    return ""
