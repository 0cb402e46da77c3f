"""Requests that a document allows, written out of it: an independent writer of parameter styles and bodies."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from mockserver.chance import Chance
from mockserver.engine.messages import Request
from mockserver.openapi.coerce import kinds
from mockserver.openapi.document import Document
from mockserver.openapi.operation import Media, Operation, Parameter

KEY = "test-key"
_DELIMITER = {"spaceDelimited": "%20", "pipeDelimited": "|"}


def requests(document: Document, operation: Operation, mount: str, seed: int = 0) -> Iterator[Request]:
    """A request for an operation, one for each media type that its body may have."""
    chance = Chance("asking", seed, operation.id)
    path, query, headers, cookies = operation.path, [], [], []
    for parameter in operation.parameters:
        value = document.request_sampler(parameter.checker.rule).draw(chance)
        match parameter.location:
            case "path":
                text = quote(in_path(parameter, value), safe=",;=.")
                path = path.replace(f"{{{parameter.name}}}", text or "x")
            case "query":
                query += in_query(parameter, value)
            case "header":
                headers.append((parameter.name, in_header(parameter, value)))
            case "cookie":
                cookies.append(f"{parameter.name}={','.join(map(text_of, value)) if type(value) is list else value}")
    more_headers, more_query, more_cookies = keys(operation)
    cookies += more_cookies
    headers += [*more_headers, *([("Cookie", "; ".join(cookies))] if cookies else [])]
    full, text = mount + path, "&".join([*query, *more_query])
    for media in operation.body.media if operation.body else (None,):
        content_type, body = body_of(document, operation, media, chance) if media else ("", b"")
        typed = (*headers, ("Content-Type", content_type)) if media else tuple(headers)
        yield Request(operation.method, f"{full}?{text}" if text else full, full, text, typed, body)


def keys(operation: Operation) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Headers, query fields and cookies that open an operation."""
    headers, query, cookies = [], [], []
    for scheme in operation.security[0] if operation.security else ():
        if scheme.kind == "apiKey":
            match scheme.location:
                case "header":
                    headers.append((scheme.key, KEY))
                case "query":
                    query.append(f"{scheme.key}={KEY}")
                case "cookie":
                    cookies.append(f"{scheme.key}={KEY}")
        elif scheme.scheme == "basic":
            headers.append(("Authorization", "Basic " + base64.b64encode(f"me:{KEY}".encode()).decode()))
        elif scheme.scheme == "digest":
            headers.append(("Authorization", 'Digest username="me", realm="r", nonce="n", uri="/", response="0"'))
        elif scheme.kind != "mutualTLS":
            headers.append(("Authorization", f"Bearer {KEY}"))
    return headers, query, cookies


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def in_path(parameter: Parameter, value: Any) -> str:
    """OpenAPI 3.1.1, "Style Examples", the rows simple, label and matrix."""
    name, explode = parameter.name, parameter.explode
    first, between, pair = {
        "simple": ("", ",", "="),
        "label": (".", "." if explode else ",", "="),
        "matrix": (";", ";" if explode else ",", "="),
    }[parameter.style]
    if isinstance(value, dict):
        members = [f"{key}{pair}{text_of(one)}" if explode else f"{key},{text_of(one)}" for key, one in value.items()]
    elif isinstance(value, list):
        members = [
            f"{name}={text_of(one)}" if parameter.style == "matrix" and explode else text_of(one) for one in value
        ]
    else:
        return f"{first}{name}={text_of(value)}" if parameter.style == "matrix" else first + text_of(value)
    head = f"{name}=" if parameter.style == "matrix" and not explode else ""
    return first + head + between.join(members)


def in_query(parameter: Parameter, value: Any) -> list[str]:
    """The same table, the rows form, spaceDelimited, pipeDelimited and deepObject."""
    name, quoted = quote(parameter.name, safe=""), lambda one: quote(text_of(one), safe="")
    if parameter.media_type is not None:
        return [f"{name}={quote(json.dumps(value), safe='')}"]
    if isinstance(value, dict):
        if parameter.style == "deepObject":
            return [f"{name}[{quoted(key)}]={quoted(one)}" for key, one in value.items()]
        if parameter.explode:
            return [f"{quoted(key)}={quoted(one)}" for key, one in value.items()]
        return [f"{name}={','.join(f'{quoted(key)},{quoted(one)}' for key, one in value.items())}"]
    if isinstance(value, list):
        if parameter.explode:
            return [f"{name}={quoted(one)}" for one in value]
        return [f"{name}={_DELIMITER.get(parameter.style, ',').join(map(quoted, value))}"]
    return [f"{name}={quoted(value)}"]


def in_header(parameter: Parameter, value: Any) -> str:
    """Style simple."""
    if isinstance(value, dict):
        sign = "=" if parameter.explode else ","
        return ",".join(f"{key}{sign}{text_of(one)}" for key, one in value.items())
    return ",".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def body_of(document: Document, operation: Operation, media: Media, chance: Chance) -> tuple[str, bytes]:
    """Content-Type and bytes of a body that fits."""
    media_type = media.media_type.replace("text/*", "text/plain")
    value: Any = b"\x00\x01" if media.schema is None else document.request_sampler(media.rule).draw(chance)
    if media_type == "application/x-www-form-urlencoded":
        fields = [field for name, one in value.items() for field in _fields(media, name, one)]
        return media_type, urlencode(fields).encode()
    if media_type == "multipart/form-data":
        parts = [part for name, one in value.items() for part in _parts(media, operation, name, one)]
        return f"{media_type}; boundary=cut", b"".join(parts) + b"--cut--\r\n"
    if media_type.startswith("text/"):
        return media_type, value.encode()
    return media_type, value if isinstance(value, bytes) else json.dumps(value).encode()


def _fields(media: Media, name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        assert media.encoding[name]["style"] == "deepObject"
        return [(f"{name}[{key}]", text_of(one)) for key, one in value.items()]
    return [(name, text_of(one)) for one in value] if isinstance(value, list) else [(name, text_of(value))]


def _parts(media: Media, operation: Operation, name: str, value: Any) -> list[bytes]:
    """One part, or one for each item of a list; an object is JSON."""
    schema = operation.resolve(media.schema)["properties"][name]
    found = []
    for one in value if isinstance(value, list) else [value]:
        head = f'Content-Disposition: form-data; name="{name}"'
        if schema.get("format") == "binary":
            head += '; filename="a.png"\r\nContent-Type: image/png'
        elif "object" in kinds(schema, operation.resolve):
            head += "\r\nContent-Type: application/json"
        found.append(f"--cut\r\n{head}\r\n\r\n{text_of(one)}\r\n".encode())
    return found
