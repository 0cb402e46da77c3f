"""Of `aiohttp.web` what a server without routes takes, by the same names: the whole takes twice as long to import."""

from __future__ import annotations

from aiohttp.web_protocol import RequestHandler as RequestHandler
from aiohttp.web_protocol import RequestPayloadError as RequestPayloadError
from aiohttp.web_request import BaseRequest as BaseRequest
from aiohttp.web_response import Response as Response
from aiohttp.web_response import StreamResponse as StreamResponse
from aiohttp.web_server import Server as Server
