"""What `diff` passes over breaks no client: random schemas, a random change, and values drawn from one side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mockserver.chance import Chance
from mockserver.contract.diff import differences
from mockserver.openapi.document import Document
from mockserver.openapi.load import load
from mockserver.openapi.sample import SampleError

PAIRS = 8  # in each of the tests below
VALUES = 12  # drawn from each side
LISTS = ("oneOf", "anyOf", "allOf")
NAMES = ("a", "b", "c")
LITERALS: tuple[Any, ...] = ("a", "b", 1, 2, True, None)
SIMPLE = ("string", "integer", "number", "boolean", "enum")
KINDS = (*SIMPLE, "object", "array", "oneOf", "anyOf", "allOf", "null", "several", "ref", "any")


def schema(chance: Chance, depth: int = 3) -> dict[str, Any]:
    """A random schema, of the words that are compared."""
    match chance.pick(KINDS if depth else SIMPLE):
        case "string":
            return {"type": "string"} | _maybe(chance, "minLength", 1, 3) | _maybe(chance, "maxLength", 3, 6)
        case "integer" | "number" as kind:
            return {"type": kind} | _maybe(chance, "minimum", -3, 3) | _maybe(chance, "exclusiveMaximum", 4, 9)
        case "object":
            names = [name for name in NAMES if chance.happens(0.5)]
            made: dict[str, Any] = {"type": "object", "properties": {name: schema(chance, depth - 1) for name in names}}
            made["required"] = [name for name in names if chance.happens(0.5)]
            if chance.happens(0.3):
                made["additionalProperties"] = chance.pick((False, True, schema(chance, 0)))
            return made
        case "array":
            items = {"type": "array", "items": schema(chance, depth - 1)}
            return items | _maybe(chance, "minItems", 0, 2) | _maybe(chance, "maxItems", 2, 4)
        case "enum":
            return {"enum": [one for one in LITERALS if chance.happens(0.4)] or ["a"]}
        case "several":
            return {"type": ["string", chance.pick(("integer", "null", "boolean"))]}
        case "ref":
            return {"$ref": "#/components/schemas/Tree"}
        case "any":
            return {}
        case "oneOf" | "anyOf" | "allOf" as word:
            return {word: [schema(chance, depth - 1) for _ in range(chance.integer(1, 3))]}
        case kind:
            return {"type": kind}


def changed(chance: Chance, old: dict[str, Any]) -> dict[str, Any]:
    """The same with one thing changed somewhere in it."""
    new = {"whole": deepcopy(old)}
    holder, key = chance.pick(list(_spots(new, "whole")))
    at = holder[key]
    if chance.happens(0.5):
        holder[key] = schema(chance, 1)
    elif at and chance.happens(0.5):
        del at[chance.pick(sorted(at))]
    else:
        at["required"] = [chance.pick(NAMES)]
    return new["whole"]


def _maybe(chance: Chance, word: str, low: int, high: int) -> dict[str, Any]:
    return {word: chance.integer(low, high)} if chance.happens(0.3) else {}


def _spots(holder: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """Where schemas stand."""
    node = holder[key]
    yield holder, key
    for word in ("items", "additionalProperties"):
        if isinstance(node.get(word), dict):
            yield from _spots(node, word)
    for name in node.get("properties", {}):
        yield from _spots(node["properties"], name)
    for word in LISTS:
        for number in range(len(node.get(word, ()))):
            yield from _spots(node[word], number)


def document(folder: Path, name: str, asked: dict[str, Any]) -> Document:
    """A document whose one operation takes and answers such bodies."""
    tree = {"type": "object", "properties": {"more": {"$ref": "#/components/schemas/Tree"}, "a": {"type": "string"}}}
    content = {"content": {"application/json": {"schema": asked}}}
    operation = {"operationId": "a", "requestBody": content, "responses": {"200": {"description": "", **content}}}
    value = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": operation}}}
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**value, "components": {"schemas": {"Tree": tree}}}), "utf-8")
    return load(path, name=name, strict=True)


def refused(sender: Document, reader: Document, seed: int, *, is_request: bool) -> list[Any]:
    """Values that the one document lets be sent, and the other does not let through."""
    media = [
        (one.body.media if is_request and one.body else one.replies[0].media)[0]
        for each in (sender, reader)
        for one in each.operations
    ]
    try:
        sampler = sender.sampler(media[0].rule)
    except SampleError:
        return []  # nothing can be sent
    drawn = [sampler.draw(Chance(seed, "value", number)) for number in range(VALUES)]
    checker = media[1].checker
    assert checker is not None
    return [value for value in drawn if not checker.fits(value)]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_refused_was_told(seed: int, tmp_path: Path) -> None:
    """Where a value of one side is refused by the other, something was said of it: an error, or at least a warning.

    Two objects of a oneOf that overlap are the exception: whether a value is both is not looked at.
    """
    missed = []
    for pair in range(PAIRS):
        chance = Chance(seed, pair)
        schemas = (before := schema(chance)), changed(chance, before)
        old, new = (document(tmp_path, name, one) for name, one in zip(("old", "new"), schemas, strict=True))
        told = [one.sentence for one in differences(old, new) if one.severity != "note"]
        for about, is_request in (("the body", True), ("the answer", False)):
            sides = (old, new) if is_request else (new, old)
            found = refused(*sides, seed, is_request=is_request)
            if found and not any(one.startswith(about) for one in told):
                missed.append((about, schemas, found[0]))

    assert missed == []
