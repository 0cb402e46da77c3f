"""Why a value does not fit: a bounded walk down to the smallest parts that are refused.

jsonschema-rs is the oracle that prunes what fits; jsonschema judges what is left, a value at a time and never into it.
The cost is counted in steps, so that the same value always gets the same words; when the steps run out, what is known
is reported. The walk keeps its own stack: depth costs no recursion.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.openapi.branches import Branches, kind_of
from mockserver.openapi.evaluated import applied, left_items, left_properties
from mockserver.openapi.oracle import Oracle
from mockserver.openapi.rules import Rule, Rules
from mockserver.openapi.scan import JUDGE, VISIT, Meter, OutOfSteps, Scan
from mockserver.openapi.surface import Surface, spoken
from mockserver.openapi.verdict import Verdicts, extras, repeated
from mockserver.openapi.wording import (
    Words,
    a,
    counted,
    missing_tag,
    not_among,
    one_of,
    quoted,
    render,
    sized,
    some,
    unknown_key,
)
from mockserver.pointer import join

MOST = 100  # violations; what is beyond is counted, not told
_ALTERNATIVES = 4  # as many alternatives are named together, each with what it asks for
_WHOLE = 300  # nodes: a value up to this size is shown to jsonschema as a whole
_COMPARED = 100_000  # nodes: up to this size equal items are found

_UNKNOWN = "does not fit; it is too large to say where in it"
_UNNAMED = 'is not what "propertyNames" allows', 'a name that "propertyNames" allows'

_FORKS = frozenset(["$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas"])
_MEMBERS = frozenset(
    [
        *("properties", "patternProperties", "additionalProperties", "propertyNames", "unevaluatedProperties"),
        *("prefixItems", "items", "contains", "uniqueItems", "unevaluatedItems"),
    ]
)


class Finding(Struct, frozen=True):
    """One fault: where in the value, what is there, what is wrong with it, what is wanted, and which rule says so."""

    where: str
    said: str
    fault: str
    wanted: str
    rule: str


class Findings(Struct, frozen=True):
    """All that is told; `more` is how many faults there are at least beyond."""

    found: tuple[Finding, ...]
    more: int = 0


class Sides(Struct, frozen=True):
    """The two validators and what they read."""

    rules: Rules
    oracle: Oracle
    verdicts: Verdicts
    branches: Branches


class Task(Struct, frozen=True):
    """A value to hold against a schema; `refused`: jsonschema-rs is known to say no."""

    rule: Rule
    value: Any
    where: str
    refused: bool


def explain(rule: Rule, value: Any, where: str, sides: Sides) -> Findings:
    """Why `value`, which jsonschema-rs refuses, breaks `rule`; nothing found means that jsonschema accepts it."""
    return _Walk(sides).run(Task(rule, value, where, refused=True))


class _Enough(Exception):
    pass


class _Walk:
    def __init__(self, sides: Sides) -> None:
        self.rules, self.oracle, self.verdicts = sides.rules, sides.oracle, sides.verdicts
        self.branches = sides.branches
        self.meter = Meter()
        self.scan = Scan(sides.oracle, self.meter)
        self.surface = Surface(sides.rules, sides.verdicts, self.meter)
        self.found: dict[tuple[str, str, str], Finding] = {}
        self.waiting = 0  # tasks on the stack that are known to be refused
        self.unsure = False  # something could not be asked about

    def run(self, root: Task) -> Findings:
        deepest, todo, more = root, [root], 0
        self.waiting = 1
        try:
            while todo:
                task = todo.pop()
                if task.refused:
                    self.waiting -= 1
                    deepest = max(deepest, task, key=lambda one: one.where.count("/"))
                below = self.visit(task)
                self.waiting += sum(one.refused for one in below)
                todo += reversed(below)
            if not self.found and not self.unsure:
                self.ask_whole(root)
        except _Enough:
            more = 1 + self.waiting
        except OutOfSteps:
            more = max(1, self.waiting)
        if not self.found and (more or self.unsure):
            self.add(deepest, (sized(deepest.value), _UNKNOWN, "what fits the schema"))
            more = 1
        return Findings(tuple(self.found.values()), more)

    def add(self, task: Task, said: Words, *keys: str | int) -> None:
        rule = replace(task.rule, pointer=join(task.rule.pointer, *keys))
        finding = Finding(task.where, *said, rule.name)
        if (finding.where, finding.said, finding.fault) in self.found:
            return
        if len(self.found) == MOST:
            raise _Enough
        self.found[finding.where, finding.said, finding.fault] = finding

    def visit(self, task: Task) -> list[Task]:
        """Note what the schema itself refuses; the tasks for what it applies to the same value or to its members."""
        self.meter.spend(VISIT)
        schema, before = task.rule.schema, len(self.found)
        if schema is False:
            self.add(task, (render(task.value), "is not allowed here", "nothing here"))
        if not isinstance(schema, dict) or self.leaves(task):
            return []
        forks = self.forks(task)
        below = forks + self.members(task)
        if len(self.found) == before:
            self.overall(task, below)
        if task.refused and len(below) == 1 and len(self.found) == before and not self.unsure:
            return [replace(below[0], refused=True)]  # nothing else is left to be wrong
        return below

    # What the schema says of the value itself.

    def leaves(self, task: Task) -> bool:
        """Note the broken keywords that do not look into the value; whether nothing else can be said of it."""
        broken = self.surface.broken(task.rule, task.value)
        final = [key for key in ("enum", "const", "type") if key in broken][:1]
        for keyword in final or broken:
            for said in self.surface.sentences(task.rule, keyword, task.value):
                self.add(task, said, spoken(task.rule, keyword))
        return bool(final)

    # What it applies to the same value.

    def forks(self, task: Task) -> list[Task]:
        schema, alone = task.rule.schema, self.alone(task)
        rules = applied(task.rule, task.value, self.rules)
        if "if" in schema:
            fits = self.scan.ask(task.rule.child("if"), task.value, dear=True)
            taken = "then" if fits else "else"
            self.unsure |= fits is None
            rules += [task.rule.child(taken)] if fits is not None and taken in schema else []
        tasks = []
        for rule in rules:
            verdict = False if alone and len(rules) == 1 else self.scan.ask(rule, task.value)
            if verdict is not True:
                tasks.append(Task(rule, task.value, task.where, refused=verdict is False))
        for keyword in ("oneOf", "anyOf"):
            if branches := task.rule.children(keyword):
                tasks += self.choose(task, keyword, branches, alone=alone)
        if "not" in schema:
            self.exclude(task)
        return tasks

    def alone(self, task: Task) -> bool:
        """Whether the one keyword of the schema that can be at fault is one that applies others to the same value."""
        active = [key for key in task.rule.schema if key in _FORKS or key in _MEMBERS]
        return task.refused and len(active) == 1 and active[0] in _FORKS

    def exclude(self, task: Task) -> None:
        rule = task.rule.child("not")
        verdict = self.scan.ask(rule, task.value, dear=True)
        self.unsure |= verdict is None
        if verdict and self.confirmed(rule, task.value):
            options = self.branches.options(rule)
            fault, barred = 'fits what is ruled out by "not"', 'what "not" rules out'
            if options:
                fault, barred = "is not allowed here", one_of(options)
            if isinstance(rule.schema, dict) and set(rule.schema) == {"type"}:
                barred = a(self.branches.type_names([rule]))
                fault = f"must not be {barred}"
            self.add(task, (render(task.value), fault, f"anything but {barred}"), "not")

    def choose(self, task: Task, keyword: str, branches: list[Rule], *, alone: bool) -> list[Task]:
        """The branch that was meant, to look into; nothing where the union fits or there is no more to say."""
        kind = kind_of(task.value)
        fitting = [branch for branch in branches if kind in self.branches.kinds(branch)]
        if not fitting:
            self.add(task, self.outside(task.value, branches), keyword)
            return []
        if alone and len(fitting) == 1:
            return [replace(task, rule=fitting[0])]
        verdicts = [self.scan.ask(branch, task.value, dear=len(fitting) > 1) for branch in fitting]
        yes = verdicts.count(True)
        if yes == 1 or (yes and keyword == "anyOf"):
            return []
        if yes > 1:
            accepted = [branch for branch, verdict in zip(fitting, verdicts, strict=True) if verdict]
            if sum(self.confirmed(branch, task.value) for branch in accepted) > 1:
                fault = f"matches {yes} of the alternatives; exactly one is allowed"
                self.add(task, (render(task.value), fault, "exactly one of the alternatives"), keyword)
            return []
        refused = None not in verdicts
        meant = self.tagged(task, keyword, fitting, certain=refused or alone)
        if len(meant) > 1:
            meant = self.nearest(task, keyword, meant) if refused else meant[:1]
        return [Task(branch, task.value, task.where, refused=refused) for branch in meant]

    def outside(self, value: Any, branches: Sequence[Rule]) -> Words:
        """The words for a value of a kind that no branch takes."""
        options = [self.branches.options(branch) for branch in branches]
        if all(options):
            return not_among(value, [one for listed in options for one in listed])
        names = self.branches.type_names(branches)
        return (
            render(value),
            *((f"is not {a(names)}", a(names)) if names else ("is not allowed here", "nothing here")),
        )

    def tagged(self, task: Task, keyword: str, fitting: list[Rule], *, certain: bool) -> list[Rule]:
        """The branches that the value's tag property speaks for; none once a wrong or missing tag was noted."""
        tag = self.branches.tag(task.rule, fitting) if isinstance(task.value, dict) and len(fitting) > 1 else None
        if tag is None or not (certain or tag.binding):
            return fitting
        if tag.name not in task.value:
            if not tag.required:
                return fitting
            self.add(task, missing_tag(tag.name, tag.options), keyword)
            return []
        said = task.value[tag.name]
        spoken = render(said)
        meant = [rule for rule, values in zip(fitting, tag.values, strict=True) if spoken in map(render, values)]
        if not meant:
            at = replace(task, where=join(task.where, tag.name), value=said)
            self.add(at, not_among(said, tag.options), keyword)
        return meant

    def nearest(self, task: Task, keyword: str, branches: list[Rule]) -> list[Rule]:
        """Of several refused branches the one with the least wrong; none once they were told together."""
        options = [self.branches.options(branch) for branch in branches]
        if all(options):
            self.add(task, not_among(task.value, [one for listed in options for one in listed]), keyword)
            return []
        wrong = [self.surface.all(branch, task.value) for branch in branches]
        if len(branches) <= _ALTERNATIVES and all(len(one) == 1 and one[0][0] == wrong[0][0][0] for one in wrong):
            fault, wanted = (", or ".join(dict.fromkeys(one[0][part] for one in wrong)) for part in (1, 2))
            self.add(task, (wrong[0][0][0], fault, wanted), keyword)
            return []
        return [min(zip(wrong, range(len(branches)), branches, strict=True), key=lambda one: (len(one[0]), one[1]))[2]]

    # What it says of the members.

    def members(self, task: Task) -> list[Task]:
        rule, value, schema = task.rule, task.value, task.rule.schema
        tasks: list[Task] = []
        if isinstance(value, list):
            prefix = rule.children("prefixItems")
            for index, (below, item) in enumerate(zip(prefix, value, strict=False)):
                tasks += self.scanned(task, below, [index], [item])
            if "items" in schema and len(value) > len(prefix):
                if schema["items"] is False:
                    most = len(prefix)
                    self.add(task, (counted(value), f"at most {most} allowed", f"at most {some(most, value)}"), "items")
                else:
                    rest = value[len(prefix) :] if prefix else value
                    tasks += self.scanned(task, rule.child("items"), range(len(prefix), len(value)), rest)
        if isinstance(value, dict):
            for name in schema.get("properties", ()):
                if name in value:
                    if schema["properties"][name] is False:
                        self.add(task, unknown_key(name, schema, value), "properties", name)
                    else:
                        tasks += self.scanned(task, rule.child("properties", name), [name], [value[name]])
            if "patternProperties" in schema or isinstance(schema.get("additionalProperties"), dict):
                tasks += self.matched(task)
            if "propertyNames" in schema:
                self.names(task)
        return tasks

    def matched(self, task: Task) -> list[Task]:
        rule, value, patterns = task.rule, task.value, self.verdicts.patterns
        listed = rule.schema.get("patternProperties", {})
        self.meter.spend(len(value) * (1 + 3 * len(listed)))
        tasks: list[Task] = []
        for pattern in listed:
            keys = [key for key in value if patterns.search(pattern, key)]
            tasks += self.scanned(task, rule.child("patternProperties", pattern), keys, [value[key] for key in keys])
        if isinstance(rule.schema.get("additionalProperties"), dict):
            keys = list(extras(rule.schema, value, patterns))
            tasks += self.scanned(task, rule.child("additionalProperties"), keys, [value[key] for key in keys])
        return tasks

    def names(self, task: Task) -> None:
        rule, keys = task.rule.child("propertyNames"), list(task.value)
        for index, _ in self.scan.refused(rule, keys):
            said = self.surface.all(rule, keys[index]) or [("", *_UNNAMED)]
            self.add(task, (f"the name {quoted(keys[index])}", *said[0][1:]), "propertyNames")

    def scanned(self, task: Task, below: Rule, keys: Sequence[str | int], values: Sequence[Any]) -> list[Task]:
        return [
            Task(below, values[index], join(task.where, keys[index]), refused=refused)
            for index, refused in self.scan.refused(below, values)
        ]

    # What it says of all members together.

    def overall(self, task: Task, below: list[Task]) -> None:
        """`uniqueItems`, `contains`, `unevaluated...`: asked when nothing else was found, since they depend on it."""
        schema, value = task.rule.schema, task.value
        if isinstance(value, list):
            if schema.get("uniqueItems") is True:
                self.different(task)
            if "contains" in schema:
                self.contained(task)
            if "unevaluatedItems" in schema and not below:
                below += self.left(task, "unevaluatedItems", left_items(task.rule, value, self.rules, self.accepts))
        if isinstance(value, dict) and "unevaluatedProperties" in schema and not below:
            names = left_properties(task.rule, value, self.rules, self.verdicts.patterns, self.accepts)
            below += self.left(task, "unevaluatedProperties", names)

    def different(self, task: Task) -> None:
        value = task.value
        verdict = self.scan.distinct(value)
        self.unsure |= verdict is None
        if verdict is False:
            pair = repeated(value) if self.meter.weigh(value, _COMPARED) < _COMPARED else None
            said = (f"items {pair[0]} and {pair[1]}", "are equal; each may occur once") if pair else None
            said = said or (counted(value), "are not all different")
            self.add(task, (*said, "items that all differ"), "uniqueItems")

    def contained(self, task: Task) -> None:
        schema, value = task.rule.schema, task.value
        others = self.scan.refused(task.rule.child("contains"), value, stop=False)
        self.unsure |= any(not refused for _, refused in others)
        fitting = len(value) - len(others)
        low, high = schema.get("minContains", 1), schema.get("maxContains", len(value))
        if not self.unsure and not low <= fitting <= high:
            bound, fault = (f"at least {low}", "needed") if fitting < low else (f"at most {high}", "allowed")
            said = f'{fitting} of {counted(value)} fit "contains"'
            self.add(task, (said, f"{bound} {fault}", f'{bound} that fit "contains"'), "contains")

    def left(self, task: Task, keyword: str, keys: Sequence[str | int]) -> list[Task]:
        if task.rule.schema[keyword] is not False:
            values = [task.value[key] for key in keys]
            return self.scanned(task, task.rule.child(keyword), keys, values)
        for key in keys:
            shown = quoted(key) if isinstance(key, str) else f"item {key}"
            wanted = f"no further {'names' if isinstance(key, str) else 'items'}"
            self.add(task, (shown, "is not allowed here", wanted), keyword)
        return []

    def accepts(self, rule: Rule, value: Any) -> bool:
        verdict = self.scan.ask(rule, value, dear=True)
        self.unsure |= verdict is None
        return verdict is not False

    # jsonschema on a value as a whole.

    def confirmed(self, rule: Rule, value: Any) -> bool:
        """Whether jsonschema, too, accepts a value; a value too large to be judged by it counts as accepted."""
        if self.meter.weigh(value) > _WHOLE:
            return True
        self.meter.spend(_WHOLE * JUDGE // 4)
        return not self.verdicts.errors(rule, value)

    def ask_whole(self, root: Task) -> None:
        """The last question when the walk found nothing: does jsonschema accept the value?"""
        if self.meter.weigh(root.value) > _WHOLE:
            return
        for error in islice(self.verdicts.errors(root.rule, root.value) or (), MOST):
            at = replace(root, where=join(root.where, *error.absolute_path), value=error.instance)
            told = f'fit "{error.validator}"'
            self.add(at, (render(error.instance), f"does not {told}", f"what would {told}"))
