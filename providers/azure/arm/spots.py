"""Brings an edit of a resource's body to where its template, or its parameter file, writes the value; not
where others take it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drift.editing.document import Step
from drift.editing.rewrite import Operation
from drift.editor import NotEdited
from drift.model import MISSING
from providers.azure.arm.document import escaped
from providers.azure.arm.expressions import Call, Literal, Malformed, Member, Node, is_expression, parse
from providers.azure.arm.identify import DEPLOYMENTS
from providers.azure.arm.sites import Cursor, Home, Site, named, short

Placed = tuple[Path, Operation]
Name = tuple[str, str]


class NotHere(NotEdited):
    """The template says nothing at this place of the resource."""


@dataclass(frozen=True)
class Body:
    """The body of the resource at ``site``; ``all_sites`` are those of the whole location."""

    site: Site
    all_sites: Sequence[Site]

    def operation(self, wanted: Operation) -> Placed:
        """The same edit where it is written, and the file. Raises NotEdited."""
        if wanted.kind == "put":
            found = self.site.follow(self.cursor(wanted.steps))
            self._refuse_text(found)
            self._refuse_shared(found, wanted.steps)
            self._refuse_value(found, wanted.value)
            value = wanted.value if found.home is None else escaped(wanted.value)
            return found.file, replace(wanted, steps=found.steps, value=value, old=found.node)
        if wanted.kind == "remove":
            above = self.site.follow(self.cursor(wanted.steps[:-1]))
            self._refuse_shared(above, wanted.steps[:-1])
            member = above.step(wanted.steps[-1])
            if member is None:
                raise self._not_here(wanted.steps)
            return member.file, replace(wanted, steps=member.steps)
        found = self.site.follow(self.cursor(wanted.steps))
        self._refuse_shared(found, wanted.steps)
        if not isinstance(found.node, Mapping if wanted.kind == "add" else list):
            raise self._not_here(wanted.steps)
        value = wanted.value if found.home is None else escaped(wanted.value)
        name = wanted.name if found.home is None else str(escaped(wanted.name))
        return found.file, replace(wanted, steps=found.steps, value=value, name=name)

    def whole(self, steps: Sequence[Step]) -> bool:
        """Whether what stands at a place is no object or list that is written out."""
        try:
            return not isinstance(self.site.follow(self.cursor(steps)).node, (Mapping, list))
        except NotEdited:
            return True

    def cursor(self, steps: Sequence[Step]) -> Cursor:
        """The value as it stands in the body, perhaps an expression. Raises NotHere."""
        found = self.site.cursor()
        for step in steps:
            below = self.site.follow(found).step(step)
            if below is None:
                raise self._not_here(steps)
            found = below
        return found

    def _not_here(self, steps: Sequence[Step]) -> NotHere:
        where = "/".join(map(str, steps))
        name = "/".join(self.site.identity.names)
        return NotHere(
            f"the template does not write out {where} of {name}", self.site.home.place(self.site.line)
        )

    def _refuse_text(self, found: Cursor) -> None:
        if found.home is not None and isinstance(found.node, str) and is_expression(found.node):
            where = self.site.home.place(self.site.line)
            raise NotEdited(f"{short(found.node)} is computed", where)

    def _refuse_shared(self, found: Cursor, steps: Sequence[Step]) -> None:
        """Raises NotEdited where other resources, or other turns of a loop, take the same value."""
        mine = self.site
        for home, kind, name in found.taken:
            others = [
                "/".join(other.identity.names) or other.identity.type
                for other in self.all_sites
                if other.home.document is home.document
                and other.steps != mine.steps
                and (kind, name) in used(home, own_words(other, found.passed))
            ]
            if others:
                shown = ", ".join(sorted(set(others))[:5])
                where = home.place(mine.line)
                raise NotEdited(f"the {kind[:-1]} {name} is taken by {shown}, too", where)
        for other in self.all_sites:
            if other.file != mine.file or other.steps != mine.steps or other.turns == mine.turns:
                continue
            try:
                there = other.follow(Body(other, ()).cursor(steps))
            except NotEdited:
                continue
            if (there.file, there.steps) == (found.file, found.steps):
                where = mine.home.place(mine.line)
                raise NotEdited(f"a loop makes {'/'.join(other.identity.names)} of the same words", where)

    def _refuse_value(self, found: Cursor, value: Any) -> None:
        """Raises NotEdited where a parameter's own words do not allow a value."""
        for home, kind, name in found.taken:
            section, _ = home.section(kind)
            key = named(section, name)
            words = section[key] if key else None
            if kind != "parameters" or not isinstance(words, Mapping) or value is MISSING:
                continue
            plain = str(words.get("type", "")).lower() in ("string", "int", "bool")
            why = _refusal(words, value) if plain else None
            if why:
                raise NotEdited(f"the parameter {name} {why}", home.place(section.lines.get(key)))


def own_words(site: Site, passed: Sequence[tuple[Step, ...]] = ()) -> Any:
    """The words of a resource without those of its children; of a deployment without its template, and
    without the values that ``passed`` leads to."""
    own = {key: one for key, one in site.words.items() if key.lower() != "resources"}
    key = named(own, "properties")
    if site.identity.type.lower() != DEPLOYMENTS or key is None or not isinstance(own[key], Mapping):
        return own
    said = {name: one for name, one in own[key].items() if name != "template"}
    if isinstance(said.get("parameters"), Mapping):
        steps = (*site.steps, key, "parameters")
        values = said["parameters"].items()
        said["parameters"] = {name: one for name, one in values if (*steps, name, "value") not in passed}
    return {**own, key: said}


def used(home: Home, value: Any) -> set[Name]:
    """The parameters and variables that a value comes to be made of."""
    found: set[Name] = set()
    rest: list[Any] = [value]
    while rest:
        for name in names(rest.pop()):
            if name in found:
                continue
            found.add(name)
            section, _ = home.section(name[0])
            if name[1] == "*":
                rest += section.values() if isinstance(section, Mapping) else []
                found |= {(name[0], str(key).lower()) for key in section}
                continue
            key = named(section, name[1])
            if key is not None:
                rest.append(section[key])
            elif name[0] == "variables" and "copy" in section:
                rest.append(section["copy"])
    return found


def names(value: Any) -> Iterator[Name]:
    """What ``parameters()`` and ``variables()`` name in a value; ``*`` where the name is computed."""
    rest: list[Any] = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, Mapping):
            rest += [*one.values(), *one]
        elif isinstance(one, list):
            rest += one
        elif isinstance(one, str) and is_expression(one):
            try:
                trees: list[Node] = [parse(one)]
            except Malformed:
                continue
            while trees:
                node = trees.pop()
                if isinstance(node, Member):
                    trees += [node.of, node.key]
                elif isinstance(node, Call):
                    trees += node.arguments
                    kind = node.name.lower()
                    if kind in ("parameters", "variables") and node.arguments:
                        first = node.arguments[0]
                        yield kind, str(first.value).lower() if isinstance(first, Literal) else "*"


def _refusal(words: Mapping[str, Any], value: Any) -> str | None:
    allowed = words.get("allowedValues")
    if isinstance(allowed, list) and value not in allowed:
        return f"allows no {value}"
    size = (
        value if isinstance(value, (int, float)) else len(value) if isinstance(value, (str, list)) else None
    )
    for limit, below in (("minValue", True), ("minLength", True), ("maxValue", False), ("maxLength", False)):
        said = words.get(limit)
        if isinstance(said, int) and size is not None and size != said and (size < said) is below:
            return f"has {limit} {said}"
    return None
