"""What a service is made of, as names and digests: whoever has the same definition answers the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from mockserver.engine.messages import Answer
from mockserver.engine.service import Service
from mockserver.openapi.document import Document


class Definitions:
    """Definitions of services. A document is digested once."""

    def __init__(self) -> None:
        self._digests: WeakKeyDictionary[Document, str] = WeakKeyDictionary()

    def of(self, service: Service) -> dict[str, Any]:
        """The definition of one service."""
        return {
            "name": service.name,
            "vendor": service.vendor.name,
            "mounts": list(service.mounts),
            "file": service.document.place("").file,
            "document": self._digest(service.document),
            "fixtures": [list(each) for each in service.fixtures],
            "any_key": service.any_key,
        }

    def all(self, services: Sequence[Service]) -> tuple[dict[str, Any], ...]:
        """Those of several, in order."""
        return tuple(map(self.of, services))

    def difference(self, said: Sequence[Mapping[str, Any]], services: Sequence[Service]) -> str:
        """The first thing in which these services are others than those that `said` defines, "" when they are not."""
        now = self.all(services)
        names, others = [str(one.get("name")) for one in said], [one["name"] for one in now]
        if names != others:
            return f"it is of {', '.join(names)}, and {', '.join(others)} is served"
        for old, new in zip(said, now, strict=True):
            for what, value in new.items():
                # Where a document lies does not matter; what it says does.
                if what != "file" and old.get(what) != value:
                    return f"{_WORDS[what]} of {new['name']} {'are others' if what in _MANY else 'is another'} now"
        return ""

    def _digest(self, document: Document) -> str:
        if document not in self._digests:
            text = json.dumps(document.effective(), ensure_ascii=True)
            self._digests[document] = sha256(text.encode()).hexdigest()[:16]
        return self._digests[document]


_WORDS: Mapping[str, str] = {
    "vendor": "the vendor",
    "mounts": "the base URLs",
    "document": "the document",
    "fixtures": "the fixtures",
    "any_key": "what is taken as a key",
}
_MANY = ("mounts", "fixtures")


def digest_of(answer: Answer) -> str:
    """What tells the bytes of an answer from any others; "" for one that is streamed."""
    if answer.chunks is not None:
        return ""
    head = json.dumps([answer.status, answer.headers, answer.fault, answer.delay, answer.hold])
    return sha256(head.encode() + answer.body).hexdigest()[:16]
