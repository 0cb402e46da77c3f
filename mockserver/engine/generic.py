"""The vendor of a document that no module speaks for: its examples or samples for answers, its errors for refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockserver.engine.generic_answer import answer_with, media_of, reply_of
from mockserver.engine.generic_prefer import preference
from mockserver.engine.generic_refusal import declared_refusal, plain_refusal, problem_answer
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.sending import unaddressed
from mockserver.engine.vendor import Face, Source, Vendor
from mockserver.openapi.sample import SampleError

if TYPE_CHECKING:
    from mockserver.engine.world import World

__all__ = ["declared_refusal", "document_answer", "generic_vendor", "plain_refusal"]

_UNSAID = "the document declares no answer"


def document_answer(call: Call, decision: Decision, world: World) -> Answer:
    """What the document lets us answer, as the client accepts and prefers it."""
    call = unaddressed(call)
    wish = preference(call)
    reply, status = reply_of(call.match.operation, wish)
    if reply is None:
        return Answer(status, off_contract=_UNSAID)
    chosen = media_of(reply, wish, call.request.header("accept"))
    # A sample is preferred to an example; where none can be made, the example is the answer.
    wishes = [wish, replace(wish, dynamic=None)] if wish.dynamic else [wish]
    for one in wishes:
        try:
            answer = answer_with(reply, status, chosen, one, call, world)
        except SampleError as error:
            missing = error
            continue
        applied = (("Preference-Applied", one.applied),) if one.applied else ()
        return replace(answer, headers=(*answer.headers, *applied)) if applied else answer
    return _unanswerable(missing)


def _unanswerable(error: SampleError) -> Answer:
    """The answer where the document asks for what cannot be; it was said when the document was loaded."""
    told = f"no value can be made for this answer: {error}; script one, or give an example in the document"
    return problem_answer(500, {"type": "about:blank", "title": "no answer", "status": 500, "detail": told}, told)


def generic_vendor(name: str, source: Source) -> Vendor:
    """A vendor for one document, with no behaviour of its own."""
    return Vendor(
        name=name,
        sources=(source,),
        face=Face(test_key="test-key"),
        refuse=declared_refusal,
        default=document_answer,
        generic=True,
    )
