"""A pipeline as the vendor shows it: the fields that its SDK reads, and those that it knows and leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.chance import Chance
from mockserver.clock import stamp
from mockserver.vendors.vectorshift.pipeline import Pipeline
from mockserver.vendors.vectorshift.ports import Port

if TYPE_CHECKING:
    from mockserver.engine.world import World

_OWNER = {"orgID": "6500000000000000000000a1", "userID": "6500000000000000000000b1"}  # of whoever has the key


def shown(pipeline: Pipeline, world: World) -> dict[str, Any]:
    """One pipeline. The SDK makes its inputs and outputs of the nodes, so declared ones are shown as nodes too."""
    start = world.settings.start
    nodes = pipeline.saved.nodes if pipeline.saved is not None else _nodes(pipeline)
    return {
        "_id": pipeline.id,
        "name": pipeline.name or pipeline.id,
        "description": pipeline.description,
        "mainBranch": Chance("main branch of", pipeline.id).mark(24),
        "nodes": nodes,
        "canvas_metadata": pipeline.saved.canvas if pipeline.saved is not None else {"nodes": {}, "edges": []},
        "version": pipeline.version,
        "createdDate": stamp(start if pipeline.created is None else pipeline.created),
        "modifiedDate": stamp(start if pipeline.updated is None else pipeline.updated),
        "shared_with": list(pipeline.shared_with),
        **_OWNER,
    }


def _nodes(pipeline: Pipeline) -> dict[str, Any]:
    """Input and output nodes for what a fixture declares."""
    ports = [("input", *one) for one in pipeline.inputs.items()] + [
        ("output", *one) for one in pipeline.outputs.items()
    ]
    made = [_node(kind, name, port, pipeline.id) for kind, name, port in ports]
    return {node["id"]: node for node in made}


def _node(kind: str, name: str, port: Port, owner: str) -> dict[str, Any]:
    return {
        "id": f"{kind}_{Chance(owner, kind, name).mark(24)}",
        "name": name,
        "type": kind,
        "inputs": {f"{kind}_type": port.node_type, "description": port.description},
        "outputs": [],
        "task_name": kind,
        "execution_mode": "normal",
    }
