"""From a closed, checked document to its operations: frozen values with their validators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.errors import LocatedError, MockserverError, Place, SpecError, raise_all
from mockserver.openapi.coerce import kinds
from mockserver.openapi.grammar import METHODS
from mockserver.openapi.operation import Body, Location, Media, Operation, Parameter, Reply
from mockserver.openapi.paths import parameters_of, shape
from mockserver.openapi.references import References, nearest
from mockserver.openapi.remark import Remark
from mockserver.openapi.security import Locks
from mockserver.openapi.validate import Checker, Schemas
from mockserver.pointer import join, look_up

# OpenAPI 3.1.1, "Style Values": the styles of each location, the default first.
_STYLES: dict[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),  # the latter is OpenAPI 3.2's
}
# OpenAPI 3.1.1, "Parameter Object": header parameters of these names are ignored.
_OTHERWISE_SAID = {"accept": "responses", "content-type": "requestBody", "authorization": "security"}
# What an Example Object may hold; the latter two are OpenAPI 3.2's.
_VALUES = ("value", "dataValue", "serializedValue")
_ALIAS_MAY_SAY = frozenset({"summary", "description", "tags", "deprecated", "operationId", "externalDocs"})


class Compiled(Struct, frozen=True):
    """All operations of a document, the aliases among them apart."""

    operations: tuple[Operation, ...]
    aliases: tuple[Operation, ...]
    locks: Locks


class Compiler(Struct, frozen=True):
    """What it takes to compile: `tree` as validators read it, `place` for the line of a pointer.

    `asked` holds the schemas as requests are held against, `schemas` as answers are.
    """

    tree: Any
    schemas: Schemas
    asked: Schemas
    place: Callable[[str], Place]
    remarks: list[Remark] = field(default_factory=list)
    replies: dict[tuple[str, str], Reply] = field(default_factory=dict)  # by status and rule: operations share them

    def compile(self) -> Compiled:
        """The operations of the document. Raises SpecError, or all of them as Several."""
        references = References(self.tree)
        locks = Locks(self.tree, references, self.place, self.remarks)
        errors: list[MockserverError] = []
        operations: list[Operation] = []
        aliases: list[_Alias] = []
        for path in self.tree.get("paths") or {}:
            if path.startswith("x-"):
                continue
            at = join("/paths", path)
            try:
                names = set(parameters_of(path))
            except ValueError as error:
                errors.append(SpecError(self.place(at), str(error), "correct the path"))
                continue
            at, item = references.follow(at)
            for method, rule in _methods(at, item):
                try:
                    one = _One(self, references, locks, path, names, at, method, rule)
                    if "x-same-as" in one.node:
                        aliases.append(one.alias())
                    else:
                        operations.append(one.operation())
                except LocatedError as error:
                    errors.append(error)
        errors += self._twins(operations, [alias.operation for alias in aliases])
        raise_all(errors)
        return Compiled(tuple(operations), tuple(self._joined(aliases, operations)), locks)

    def _twins(self, operations: list[Operation], aliases: list[Operation]) -> list[MockserverError]:
        """An error for each operation whose name or shape another one has already."""
        errors: list[MockserverError] = []
        ids: dict[str, Operation] = {}
        shapes: dict[tuple[str, str], Operation] = {}
        for one in (*operations, *aliases):
            first = ids.setdefault(one.id, one)
            if first is not one:
                told = f'the operationId "{one.id}" is taken by {first.label}'
                errors.append(SpecError(self.place(join(one.rule, "operationId")), told, "give each operation its own"))
            first = shapes.setdefault((one.method, shape(one.path)), one)
            if first is not one:
                told = f"{one.label} fits the same paths as {first.label}"
                errors.append(SpecError(self.place(one.rule), told, "keep one of them"))
        return errors

    def _joined(self, aliases: list[_Alias], operations: list[Operation]) -> list[Operation]:
        known = {name: one for one in operations for name in (one.id, one.label)}
        errors: list[MockserverError] = []
        joined: list[Operation] = []
        for alias in aliases:
            one, original = alias.operation, known.get(alias.of)
            if original is None:
                at = self.place(join(one.rule, "x-same-as"))
                errors.append(SpecError(at, f'there is no operation "{alias.of}"', nearest(alias.of, known)))
            elif set(parameters_of(one.path)) != set(parameters_of(original.path)):
                told = f"{one.path} has not the same parameters as {original.path}"
                errors.append(SpecError(self.place(one.rule), told, "an alias names them alike"))
            elif differing := self._differing(one.rule, original.rule):
                told = f"an alias takes its {differing} from {original.label}, and this is another"
                errors.append(SpecError(self.place(join(one.rule, differing)), told, "take it out, or x-same-as"))
            else:
                joined.append(
                    replace(
                        original,
                        id=one.id,
                        method=one.method,
                        path=one.path,
                        rule=one.rule,
                        same_as=original.label,
                        extensions=one.extensions,
                        summary=one.summary or original.summary,
                    )
                )
        raise_all(errors)
        return joined

    def _differing(self, alias: str, original: str) -> str | None:
        """What an alias says differently from the operation that it stands for."""
        ours, theirs = look_up(self.tree, alias), look_up(self.tree, original)
        own = (key for key in ours if key not in _ALIAS_MAY_SAY and not key.startswith("x-"))
        return next((key for key in own if ours[key] != theirs.get(key)), None)


class _Alias(Struct, frozen=True):
    operation: Operation
    of: str


class _One(Struct, frozen=True):
    """One operation at work: `names` are in its path, `item` is where its path item stands."""

    compiler: Compiler
    references: References
    locks: Locks
    path: str
    names: set[str]
    item: str
    method: str
    rule: str

    @property
    def node(self) -> dict[str, Any]:
        found: dict[str, Any] = look_up(self.compiler.tree, self.rule)
        return found

    def operation(self) -> Operation:
        node = self.node
        inherits = "security" not in node
        requirements = self.compiler.tree.get("security") if inherits else node["security"]
        return Operation(
            id=self._id(),
            method=self.method.upper(),
            path=self.path,
            parameters=self._parameters(),
            body=self._body(),
            replies=self._replies(),
            security=self.locks.required(requirements, "/security" if inherits else join(self.rule, "security")),
            rule=self.rule,
            callbacks={key: self.references.resolve(one) for key, one in node.get("callbacks", {}).items()},
            extensions={key: one for key, one in node.items() if key.startswith("x-")},
            summary=str(node.get("summary") or ""),
            resolve=self.references.resolve,
        )

    def _id(self) -> str:
        """Its operationId, else `METHOD /template`."""
        label = f"{self.method.upper()} {self.path}"
        name = self.node.get("operationId", label)
        if isinstance(name, str) and name:
            return name
        told = f"the operationId is no name and has no effect: the operation is called {label}"
        self._remark(join(self.rule, "operationId"), told, "write a name, or take it out")
        return label

    def alias(self) -> _Alias:
        node = self.node
        of = node["x-same-as"]
        if not isinstance(of, str):
            raise self._error(join(self.rule, "x-same-as"), "x-same-as must be text", 'write "METHOD /path"')
        extensions = {key: one for key, one in node.items() if key.startswith("x-")}
        return _Alias(
            Operation(
                id=self._id(),
                method=self.method.upper(),
                path=self.path,
                parameters=(),
                body=None,
                replies=(),
                security=(),
                rule=self.rule,
                extensions=extensions,
                summary=str(node.get("summary") or ""),
            ),
            of,
        )

    def _parameters(self) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
        for where in (self.item, self.rule):
            here: set[tuple[str, str]] = set()
            listed = look_up(self.compiler.tree, where).get("parameters", ())
            for number in range(len(listed)):
                rule, node = self.references.follow(join(where, "parameters", number))
                key = (str(node.get("name", "")), str(node.get("in", "")))
                if key in here and key[0]:
                    told = f'a second {key[1]} parameter is called "{key[0]}"'
                    raise self._error(join(where, "parameters", number), told, "keep one of them")
                here.add(key)
                found[key] = (rule, node)
        made = tuple(one for rule, node in found.values() if (one := self._parameter(rule, node)) is not None)
        declared = {one.name for one in made if one.location == "path"}
        for name in sorted(self.names - declared):
            self._remark(self.rule, f'the path parameter "{name}" is not declared: any text fits', "declare it")
        return made

    def _parameter(self, rule: str, node: Mapping[str, Any]) -> Parameter | None:
        name, location = node.get("name"), node.get("in")
        if not isinstance(name, str) or not name:
            self._remark(rule, "the parameter has no name and has no effect", "write `name`")
            return None
        if location == "querystring":
            self._remark(rule, f'the query as a whole ("{name}") is not read: anything fits', "declare its fields")
            return None
        if not isinstance(location, str) or location not in _STYLES:
            raise self._error(rule, f'the parameter "{name}" is nowhere', f"`in` is one of {', '.join(_STYLES)}")
        if location == "header" and name.lower() in _OTHERWISE_SAID:
            elsewhere = _OTHERWISE_SAID[name.lower()]
            self._remark(rule, f'a header parameter called "{name}" has no effect', f"`{elsewhere}` says it")
            return None
        if location == "path" and name not in self.names:
            self._remark(rule, f'"{name}" is not in the path {self.path} and has no effect', "correct one of the two")
            return None
        if location == "path" and node.get("required") is not True:
            self._remark(rule, f'the path parameter "{name}" is not marked as required', "write `required: true`")
        return self._carried(rule, node, name, cast(Location, location), is_asked=True)

    def _carried(
        self, rule: str, node: Mapping[str, Any], name: str, location: Location, *, is_asked: bool
    ) -> Parameter:
        """A parameter or header: what may stand in it and how it is written."""
        styles = _STYLES[location]
        style = node.get("style", styles[0])
        if style not in styles:
            told = f'the {location} parameter "{name}" has no style "{style}"'
            raise self._error(join(rule, "style"), told, f"write one of {', '.join(styles)}")
        media_type, at = None, join(rule, "schema")
        content = node.get("content")
        if content is not None:
            if len(content) != 1 or "schema" in node:
                told = f'"{name}" must have either a schema or one media type'
                raise self._error(rule, told, "keep one of them")
            (media_type,) = content
            at = join(rule, "content", media_type, "schema")
        schemas = self.compiler.asked if is_asked else self.compiler.schemas
        schema_rule, schema, checker = self._schema(at, schemas)
        if checker is None:
            self._remark(rule, f'"{name}" has no schema: anything fits', "say what it is")
            schema, checker = True, schemas.check_of({}, rule=schema_rule)
        return Parameter(
            name=name,
            location=location,
            required=location == "path" or node.get("required") is True,
            schema=True if schema is None else schema,
            kinds=kinds(schema, self.references.resolve),
            checker=checker,
            rule=rule,
            style=style,
            explode=bool(node.get("explode", style in ("form", "cookie"))),
            media_type=None if media_type is None else _plain(media_type),
            allow_empty=node.get("allowEmptyValue") is True,
            named=self._examples(node),
        )

    def _body(self) -> Body | None:
        if "requestBody" not in self.node:
            return None
        rule, node = self.references.follow(join(self.rule, "requestBody"))
        if not node.get("content"):
            self._remark(rule, "the requestBody has no content: anything fits", "say which media types it may have")
            return None
        return Body(node.get("required") is True, self._media(rule, node, self.compiler.asked), rule)

    def _replies(self) -> tuple[Reply, ...]:
        made = []
        for status in self.node.get("responses", {}):
            if status.startswith("x-"):
                continue
            at = join(self.rule, "responses", status)
            known = status == "default" or (
                len(status) == 3 and status[0] in "12345" and (status[1:].isdecimal() or status[1:].upper() == "XX")
            )
            if not known:
                raise self._error(at, f'"{status}" is no status', 'write one like "200", "4XX" or "default"')
            rule, node = self.references.follow(at)
            wanted = status if status == "default" else status.upper()
            if (wanted, rule) not in self.compiler.replies:
                self.compiler.replies[wanted, rule] = self._reply(wanted, rule, node)
            made.append(self.compiler.replies[wanted, rule])
        return tuple(made)

    def _reply(self, status: str, rule: str, node: Mapping[str, Any]) -> Reply:
        headers = []
        for name in node.get("headers", {}):
            if name.lower() != "content-type":
                header_rule, header = self.references.follow(join(rule, "headers", name))
                headers.append(self._carried(header_rule, header, name, "header", is_asked=False))
        return Reply(status, self._media(rule, node, self.compiler.schemas), tuple(headers), rule)

    def _media(self, rule: str, node: Mapping[str, Any], schemas: Schemas) -> tuple[Media, ...]:
        made: dict[str, Media] = {}
        for media_type in node.get("content", {}):
            at, name = join(rule, "content", media_type), _plain(media_type)
            if name in made:
                self._remark(at, f'"{name}" is described twice; the first counts', "keep one of them")
                continue
            at, said = self.references.follow(at)
            is_stream = "schema" not in said and "itemSchema" in said
            schema_rule, schema, checker = self._schema(join(at, "itemSchema" if is_stream else "schema"), schemas)
            encoding = said.get("encoding", {})
            made[name] = Media(name, schema, checker, schema_rule, encoding, self._examples(said), is_stream, at)
        return tuple(made.values())

    def _examples(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The values of `examples`, by name, after that of `example`, which has none."""
        found = {"": said["example"]} if "example" in said else {}
        for name, example in (said.get("examples") or {}).items():
            given = self.references.resolve(example)
            for key in _VALUES:
                if key in given:
                    found.setdefault(name, given[key])
        return found

    def _schema(self, at: str, schemas: Schemas) -> tuple[str, Any, Checker | None]:
        """Rule, schema and checker of the schema at `at`; the checker is None where there is no schema."""
        try:
            rule, schema = self.references.follow(at)
        except KeyError:
            return at.rpartition("/")[0], None, None
        return rule, self.references.resolve(schema), schemas.checker(rule)

    def _remark(self, rule: str, message: str, hint: str) -> None:
        self.compiler.remarks.append(Remark(self.compiler.place(rule), message, hint))

    def _error(self, rule: str, message: str, hint: str) -> SpecError:
        return SpecError(self.compiler.place(rule), message, hint)


def _methods(at: str, item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The methods of a path item, and where their operations stand."""
    yield from ((method, join(at, method)) for method in METHODS if method in item)
    more = item.get("additionalOperations") or {}
    yield from ((method, join(at, "additionalOperations", method)) for method in more)


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
