"""A document with a key, bodies both ways, a form and a file; and HAR entries of its traffic."""

import json

ORDERS = """\
openapi: 3.1.0
info: {title: Orders, version: "1"}
servers: [{url: "https://api.orders.test/v1"}]
security: [{key: []}]
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
paths:
  /orders:
    post:
      operationId: order
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [item], properties: {item: {type: string}, count: {type: integer}}}
      responses:
        "201":
          description: made
          content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}
        "400": {description: no, content: {application/json: {schema: {type: object}}}}
  /orders/{id}:
    get:
      operationId: readOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string, minLength: 3}}]
      responses: {"200": {description: it, content: {application/json: {schema: {type: object}}}}}
  /search:
    post:
      operationId: search
      security: []
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {type: object, properties: {pages: {type: integer}}}}
          multipart/form-data: {schema: {type: object, properties: {file: {type: string, format: binary}}}}
      responses: {"204": {description: done}}
"""
URL = "https://api.orders.test/v1"
KEY = {"name": "X-Key", "value": "k"}
JSON = {"name": "content-type", "value": "application/json"}


def entry(method="POST", path="/orders", sent=None, status=201, came=None, *, url=URL, key=True, **more):
    """One entry as a browser writes it, its members replaced by `more`."""
    request = {"method": method, "url": url + path, "headers": [{"name": ":authority", "value": "api.orders.test"}]}
    request["headers"] += [KEY] if key else []
    if sent is not None:
        request["headers"] += [JSON]
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(sent)}
    response = {"status": status, "headers": [JSON], "content": {"mimeType": "application/json"}}
    if came is not None:
        response["content"] |= {"size": 10, "text": json.dumps(came)}
    return {"startedDateTime": "2026-01-01T00:00:00Z", "request": request, "response": response, **more}


GOOD = entry(sent={"item": "tea"}, came={"id": "o1"})


def har(*entries):
    """A HAR file of these entries."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "a test"}, "entries": list(entries)}}).encode()
