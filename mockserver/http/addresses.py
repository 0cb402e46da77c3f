"""Which base URL leads to which service, and what is said about a world, or an address, that is not to be had."""

from __future__ import annotations

import errno
from urllib.parse import quote

from mockserver.engine.messages import Answer, Request
from mockserver.engine.vendor import json_answer
from mockserver.engine.world import World
from mockserver.engine.worlds import Located

# Why a test that is running has no world, and what to do about it.
NOT_NOW = (
    "it begins with the mock that the test asks for, after fixtures of module or session scope, and ends with the "
    "test; send this in the test, or in a fixture that asks for the mock, or to a Server of your own"
)


def origin(request: Request) -> str:
    """The address by which the client reached us; "" when it did not say, which makes URLs relative."""
    host = request.header("host")
    return f"http://{host}" if host else ""


def world_url(origin: str, name: str) -> str:
    """The address of a world; the default world has that of the server."""
    return f"{origin}/w/{quote(name, safe='')}" if name else origin


def base_urls(world: World, origin: str) -> dict[str, str]:
    """Service name -> base URL for a client."""
    return {service.name: world_url(origin, world.name) + service.mounts[0] for service in world.services}


def front_page(world: World, origin: str) -> Answer:
    """What `/` answers when no document claims it."""
    return json_answer(200, {"base_urls": base_urls(world, origin)})


def no_such_world(located: Located) -> Answer:
    """404 for a world that never was, 410 for one that is closed and for a reserved name that leads nowhere now."""
    if located.is_reserved:
        now = f"{located.occasion} has none now: {NOT_NOW}" if located.occasion else "no test is running"
        last = f". The last one was that of {located.closed}" if located.closed else ""
        return json_answer(410, {"error": f"/w/{located.name} is the world of the running test, and {now}{last}"})
    if located.closed is not None:
        return json_answer(410, {"error": f'the world "{located.name}" is closed; it belonged to {located.closed}'})
    return json_answer(404, {"error": f'there is no world "{located.name}"; POST /__admin/worlds opens one'})


def not_listening(error: OSError, host: str, port: int) -> str:
    """Why nothing can listen there."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken; choose another with --port, or --port 0 for any free one"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"
