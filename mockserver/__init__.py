"""Stands in for HTTP APIs that start many executions with one call.

The names that tests and tools write stand here; what they need is imported when one of them is asked for, so that a
pytest run that uses nothing of ours does not pay for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.gate import Gate
    from mockserver.inbox import Received, WebhookInbox
    from mockserver.mock import Mock
    from mockserver.openworld import OpenWorld
    from mockserver.pytest_plugin import EachlabsMock, OpenapiMock, VectorshiftMock
    from mockserver.server import Server, ServerSettings
    from mockserver.stubbing import matching
    from mockserver.webhook_faults import WebhookFaults

__version__ = "0.1.0"
__all__ = [
    "EachlabsMock",
    "Gate",
    "Mock",
    "OpenWorld",
    "OpenapiMock",
    "Received",
    "Server",
    "ServerSettings",
    "VectorshiftMock",
    "WebhookFaults",
    "WebhookInbox",
    "__version__",
    "matching",
]


def __getattr__(name: str) -> Any:
    match name:
        case "EachlabsMock" | "OpenapiMock" | "VectorshiftMock":
            home = "pytest_plugin"
        case "Gate":
            home = "gate"
        case "Mock":
            home = "mock"
        case "OpenWorld":
            home = "openworld"
        case "Received" | "WebhookInbox":
            home = "inbox"
        case "Server" | "ServerSettings":
            home = "server"
        case "WebhookFaults":
            home = "webhook_faults"
        case "matching":
            home = "stubbing"
        case _:
            raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
    return getattr(import_module(f"mockserver.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
