"""Live services to verify: a pet shop that keeps its spec, and a port for it and for others that do not."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Any, Self

SPEC = """\
openapi: 3.1.0
info: {title: Shop, version: '1'}
servers: [{url: https://shop.example.test/v1}]
security: [{Key: []}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
      responses:
        '200':
          description: pets
          headers:
            X-Total: {required: true, schema: {type: integer}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}
        '400': {$ref: '#/components/responses/Wrong'}
        '401': {$ref: '#/components/responses/Wrong'}
    post:
      operationId: addPet
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/NewPet'}
            example: {name: Rex, kind: dog}
      responses:
        '201':
          description: the pet
          content:
            application/json: {schema: {$ref: '#/components/schemas/Pet'}}
        '400': {$ref: '#/components/responses/Wrong'}
        '401': {$ref: '#/components/responses/Wrong'}
  /pets/{petId}:
    get:
      operationId: showPet
      parameters:
        - {name: petId, in: path, required: true, schema: {type: integer, minimum: 1}}
      responses:
        '200':
          description: the pet
          content:
            application/json: {schema: {$ref: '#/components/schemas/Pet'}}
        '400': {$ref: '#/components/responses/Wrong'}
        '401': {$ref: '#/components/responses/Wrong'}
components:
  securitySchemes:
    Key: {type: apiKey, in: header, name: X-Key}
  responses:
    Wrong:
      description: no
      content:
        application/json:
          schema: {type: object, required: [error], properties: {error: {type: string}}}
  schemas:
    NewPet:
      type: object
      required: [name, kind]
      properties:
        name: {type: string}
        kind: {enum: [dog, cat]}
    Pet:
      allOf: [{$ref: '#/components/schemas/NewPet'}]
      type: object
      required: [id]
      properties: {id: {type: integer}}
"""
KEY = "shop-secret"


@dataclass
class Got:
    """A request that came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    """What is answered. `announced`: another length than that of the body. `broken`: what the socket does instead."""

    status: int
    value: Any = None
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    raw: bytes | None = None
    announced: int | None = None
    broken: str = ""

    @property
    def body(self) -> bytes:
        return json.dumps(self.value).encode() if self.raw is None else self.raw


class Shop:
    """Keeps the spec above."""

    def __init__(self) -> None:
        self.pets: list[dict[str, Any]] = [{"id": 7, "name": "Tom", "kind": "cat"}]

    def answer(self, got: Got) -> Answer:
        """The answer to a request."""
        if got.headers.get("x-key") != KEY:
            return Answer(401, {"error": "no key"})
        if got.path == "/v1/pets" and got.method == "GET":
            return self.listed(got)
        if got.path == "/v1/pets":
            return self.added(got)
        return self.shown(got.path.rpartition("/")[2])

    def listed(self, got: Got) -> Answer:
        text = got.query.partition("limit=")[2]
        if text and not (text.isdigit() and 1 <= int(text) <= 50):
            return Answer(400, {"error": "limit"})
        pets = self.pets[: int(text or 50)]
        return Answer(200, pets, {"Content-Type": "application/json", "X-Total": str(len(self.pets))})

    def added(self, got: Got) -> Answer:
        try:
            value = json.loads(got.body)
            is_good = isinstance(value["name"], str) and value["kind"] in ("dog", "cat")
        except (ValueError, KeyError, TypeError):
            is_good = False
        if not is_good:
            return Answer(400, {"error": "no pet"})
        self.pets.append({**value, "id": self.pets[-1]["id"] + 1})
        return Answer(201, self.pets[-1])

    def shown(self, text: str) -> Answer:
        if not text.isdigit():
            return Answer(400, {"error": "no id"})
        found = next((pet for pet in self.pets if pet["id"] == int(text)), None)
        return Answer(200, found) if found else Answer(404, {"error": "no such pet"})


class Live:
    """A service on a port of its own, while a `with` lasts. `got` are the requests that came."""

    def __init__(self, answer: Callable[[Got], Answer]) -> None:
        self.got: list[Got] = []
        live, self.left = self, threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                path, _, query = self.path.partition("?")
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                got = Got(self.command, path, query, headers, body)
                live.got.append(got)
                live._send(self, answer(got))

            do_GET = do_POST = _any  # noqa: N815  # what the library calls

            def log_message(self, *words: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.broken == "hang":
            self.left.wait(10)
            return
        if answer.broken == "reset":
            handler.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            return
        if answer.broken == "noise":
            handler.wfile.write(b"\x00\x01 what is HTTP?\r\n\r\n")
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body) if answer.announced is None else answer.announced))
        handler.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            handler.wfile.write(answer.body)
            if answer.broken == "goes on":
                handler.wfile.flush()
                self.left.wait(10)
