"""What workflows can be filed under (docs: categories page, undocumented since 2026-08-14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.vendors.eachlabs.workflow import KIND

if TYPE_CHECKING:
    from mockserver.engine.world import World

# The vendor's own list is not known; these stand for it.
_OURS = ("image-generation", "text-generation", "video-generation")


def list_categories(call: Call, decision: Decision, world: World) -> Answer:
    """Ours, and those that the workflows of this world name."""
    named = (slug for workflow in world.named(call.match.service, KIND).values() for slug in workflow.categories)
    shown = [
        {"slug": slug, "label": slug.replace("-", " ").capitalize(), "is_default": slug in _OURS}
        for slug in dict.fromkeys((*_OURS, *named))
    ]
    return json_answer(200, {"categories": shown}, summary=f"{len(shown)} categories")
