"""An OpenAPI document as the other rooms ask it: overlays applied, references closed, traps relaxed, all compiled.

Nothing of it changes. `load` makes one from its files, `of_closed` from what is kept of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.errors import MockserverError, Place
from mockserver.openapi.callbacks import Outgoing, outgoing
from mockserver.openapi.compile import Compiled, Compiler
from mockserver.openapi.operation import Operation, SecurityScheme
from mockserver.openapi.paths import Routes
from mockserver.openapi.references import References
from mockserver.openapi.remark import Remark as Remark
from mockserver.openapi.spots import spots
from mockserver.openapi.validate import Checker, Schemas
from mockserver.pointer import GONE, copy, look_up, patched
from mockserver.shipped import Closed

if TYPE_CHECKING:
    from mockserver.openapi.directions import Patches
    from mockserver.openapi.sample import Sampler
    from mockserver.openapi.samples import Samples


class UnknownOperation(MockserverError):
    """A name that no operation of a document has; `known` are those that it has."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        self.name, self.known = name, known
        super().__init__(name, known)

    @property
    def nearest(self) -> tuple[str, ...]:
        """The known ones that look most like it. Made when asked for: whoever has another document to ask does not."""
        # Imported for errors only: it is not free.
        from difflib import get_close_matches

        return tuple(get_close_matches(self.name, self.known, 3, 0.5))

    @property
    def hint(self) -> str:
        """What was probably meant, or what lists all that could be."""
        return f'did you mean "{self.nearest[0]}"?' if self.nearest else "`mockserver routes` lists them"

    def __str__(self) -> str:
        """The name and what was probably meant."""
        return f'unknown operation "{self.name}"; {self.hint}'


class Document:
    """What a document says, compiled. Pointers ("rules") are into the effective document."""

    def __init__(
        self,
        name: str,
        tree: dict[str, Any],
        effective: dict[str, Any],
        reading: dict[str, Any],
        compiled: Compiled,
        schemas: Schemas,
        answers: Callable[[], Samples],
        requests: Callable[[], Samples],
        place: Callable[[str], Place],
        warnings: Sequence[Remark],
        sent: Outgoing,
        unheeded: Sequence[str],
        inner: Callable[[], Sequence[Remark]],
        closed: Closed | None = None,
    ) -> None:
        self.name = name
        self.title = str(tree["info"]["title"]) if _has(tree, "info", "title") else name
        self.base_path = _base_path(tree)
        self.operations = compiled.operations
        self.aliases = compiled.aliases
        self.callbacks, self.webhooks = sent.callbacks, sent.webhooks  # what the service sends by itself
        self.schemes: Mapping[str, SecurityScheme] = compiled.locks.schemes
        self.routes = Routes(compiled.operations, compiled.aliases)
        self.warnings = tuple(warnings)
        self.value = tree
        self._effective = effective
        self._references = References(reading)
        self._schemas, self._place = schemas, place
        self.closed = closed  # what `of_closed` makes such a document of; None where there is more to be said of it
        self._unheeded, self._inner = unheeded, inner
        self._make_answers, self._make_requests = answers, requests
        self._named = {name: one for one in compiled.operations for name in (one.id, one.label)}
        originals = {one.label: one for one in compiled.operations}
        for alias in compiled.aliases:
            self._named |= dict.fromkeys((alias.id, alias.label), originals[alias.same_as or ""])

    @cached_property
    def _answers(self) -> Samples:
        return self._make_answers()

    @cached_property
    def _requests(self) -> Samples:
        return self._make_requests()

    def remarks(self) -> tuple[Remark, ...]:
        """All that is odd: the warnings, and examples inside schemas that break them, which only this call looks at."""
        return tuple(dict.fromkeys((*self.warnings, *self._inner())))

    def operation(self, name: str) -> Operation:
        """The operation called `name`: an operationId, or `METHOD /template`; an alias leads to what it stands for."""
        if name not in self._named:
            raise UnknownOperation(name, self._named.keys())
        return self._named[name]

    def effective(self) -> dict[str, Any]:
        """The document as it is served: overlays applied, aliases and relaxed numbers written out. A copy.

        The `servers` of paths and operations, which are not heeded, are left out.
        """
        patches = []
        originals = {one.label: one for one in self.operations}
        for alias in self.aliases:
            original = originals[alias.same_as or ""].rule
            said = look_up(self._effective, original)
            patches.append((alias.rule, {key: one for key, one in said.items() if key != "operationId"}))
            patches.append((alias.rule, look_up(self._effective, alias.rule)))
            shared = look_up(self._effective, original.rpartition("/")[0]).get("parameters")
            if shared:
                patches.append((alias.rule.rpartition("/")[0], {"parameters": shared}))
        patches += [(pointer, {"servers": GONE}) for pointer in self._unheeded]
        result: dict[str, Any] = copy(patched(self._effective, patches))
        return result

    def spots(self, rule: str, pointer: str) -> tuple[str, ...] | None:
        """Where the schemas stand of what is at `pointer` in values of the schema at `rule`; `-` is any item of a list.

        () = there cannot be anything; None = nothing is said of it, so anything may be there.
        """
        return spots(self._references, rule, pointer)

    def checker(self, rule: str) -> Checker:
        """The validator of the schema at `rule`."""
        return self._schemas.checker(rule)

    def sampler(self, rule: str) -> Sampler:
        """What makes values for the schema at `rule`, as answers carry them. Raises SampleError where there is none."""
        return self._answers.sampler(rule)

    def request_sampler(self, rule: str) -> Sampler:
        """What makes values for the schema at `rule` as requests carry them: nothing `readOnly` is demanded of them."""
        return self._requests.sampler(rule)

    def example(self, rule: str) -> Any:
        """The first sound example that the schema at `rule` gives of itself; MISSING when there is none."""
        return self._answers.example(rule)

    def with_examples(self, rule: str, value: Any) -> Any:
        """A value of the schema at `rule` in which parts that have an example are that example, if it still fits."""
        return self._answers.with_examples(rule, value)

    def resolve(self, node: Any) -> Any:
        """`node`, or what it refers to at last."""
        return self._references.resolve(node)

    def follow(self, rule: str) -> tuple[str, Any]:
        """Pointer and value of what is at `rule`, references followed as long as nothing stands beside them."""
        return self._references.follow(rule)

    def place(self, rule: str) -> Place:
        """The line that says what is at `rule`: in the document, an overlay, or a file that it refers to."""
        return self._place(rule)


def of_closed(closed: Closed, *, name: str, file: str, again: Callable[[], Document]) -> Document:
    """The document of which `closed` is kept, called `name`; `file` is how messages call its file.

    `again` loads it from its texts, for whoever asks what only they tell: where a rule stands, and what might be odd.
    """
    loaded = cache(again)

    def place(rule: str) -> Place:
        try:
            return loaded().place(rule)
        except ImportError:  # a test may play that there is no PyYAML; it is imported here for the first time
            return Place(file, pointer=rule)

    effective = patched(closed.tree, closed.relaxed)
    schemas = Schemas({"mem:///": effective}, place=place)
    compiled = Compiler(effective, schemas, schemas, place).compile()
    sent = outgoing(effective, compiled.operations, schemas, place, [])
    made = partial(samples, effective, [], schemas)

    def remarks() -> Sequence[Remark]:
        return loaded().remarks()

    return Document(
        name, closed.tree, effective, effective, compiled, schemas, made, made, place, (), sent, (), remarks, closed
    )


def samples(reading: dict[str, Any], patches: Patches, schemas: Schemas) -> Samples:
    """What makes values for the schemas of a document, as `reading` with `patches` has them."""
    # Imported when a value is made: a client of a vendor that makes its own never needs the dozen modules.
    from mockserver.openapi.samples import Samples

    return Samples(patched(reading, patches), schemas)


def _base_path(tree: dict[str, Any]) -> str:
    """The path of the first server's URL, its variables at their defaults; "" for none."""
    servers = tree.get("servers")
    server = servers[0] if isinstance(servers, list) and servers else {}
    url = str(server.get("url", "")) if isinstance(server, dict) else ""
    for name, variable in (server.get("variables") or {}).items() if isinstance(server, dict) else ():
        if isinstance(variable, dict):
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""


def _has(tree: dict[str, Any], key: str, member: str) -> bool:
    return isinstance(tree.get(key), dict) and member in tree[key]
