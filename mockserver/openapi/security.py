"""Security schemes and requirements: how a key travels, and which keys an operation asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mockserver.errors import Place, SpecError
from mockserver.openapi.operation import SecurityScheme
from mockserver.openapi.references import References, nearest
from mockserver.openapi.remark import Remark
from mockserver.pointer import join

Security = tuple[tuple[SecurityScheme, ...], ...]

_LOCATIONS: dict[str, Literal["header", "query", "cookie"]] = {"header": "header", "query": "query", "cookie": "cookie"}
_KINDS = ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS")


class Locks:
    """The schemes of a document. `place` gives the line of a pointer, `remarks` takes what is odd."""

    def __init__(self, tree: Any, references: References, place: Any, remarks: list[Remark]) -> None:
        self._place, self._remarks = place, remarks
        found = (tree.get("components") or {}).get("securitySchemes") or {}
        self.schemes: Mapping[str, SecurityScheme] = {
            name: self._scheme(name, references.resolve(node), join("/components/securitySchemes", name))
            for name, node in found.items()
        }

    def required(self, requirements: Any, rule: str) -> Security:
        """The alternatives of a `security` list: each a conjunction; none at all means open."""
        if requirements is None:
            return ()
        if not isinstance(requirements, list) or not all(isinstance(one, dict) for one in requirements):
            raise self._error(rule, "security must be a list of mappings", "write `- SchemeName: []`")
        return tuple(
            tuple(
                scheme
                for name in alternative
                if (scheme := self._named(name, join(rule, number, name))).kind != "mutualTLS"
            )
            for number, alternative in enumerate(requirements)
        )

    def _named(self, name: str, at: str) -> SecurityScheme:
        if name not in self.schemes:
            raise self._error(at, f'there is no security scheme "{name}"', nearest(name, self.schemes))
        return self.schemes[name]

    def _scheme(self, name: str, node: Mapping[str, Any], at: str) -> SecurityScheme:
        kind = node.get("type")
        if kind == "apiKey":
            location, key = _LOCATIONS.get(str(node.get("in"))), node.get("name")
            if location is None:
                raise self._error(at, f"the key of {name} travels nowhere", "`in` is header, query or cookie")
            if not isinstance(key, str) or not key:
                raise self._error(at, f"the key of {name} has no name", "`name` is the header, query field or cookie")
            return SecurityScheme(name, kind, location, key)
        if kind == "http":
            scheme = node.get("scheme")
            if not isinstance(scheme, str) or not scheme:
                raise self._error(at, f"{name} has no scheme", "`scheme` is bearer, basic or another HTTP scheme")
            return SecurityScheme(name, kind, "header", "Authorization", scheme.lower())
        if kind in ("oauth2", "openIdConnect"):
            return SecurityScheme(name, kind, "header", "Authorization", "bearer")
        if kind == "mutualTLS":
            told = f"{name} asks for a client certificate, which is not checked"
            self._remarks.append(Remark(self._place(at), told))
            return SecurityScheme(name, kind, "header", "")
        raise self._error(at, f"{name} has no type that is known", f"`type` is one of {', '.join(_KINDS)}")

    def _error(self, rule: str, message: str, hint: str) -> SpecError:
        at: Place = self._place(rule)
        return SpecError(at, message, hint)
