"""Stands in for HTTP APIs that start many executions with one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.server import Server, ServerSettings

__version__ = "0.1.0"
__all__ = ["Server", "ServerSettings", "__version__"]


def __getattr__(name: str) -> Any:
    # Imported when asked for: a pytest run that uses nothing of ours does not pay for aiohttp.
    if name in ("Server", "ServerSettings"):
        from mockserver import server

        return getattr(server, name)
    raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
