"""Finds the words of a resource in its template, also in loops, below other resources and in nested
deployments, and where each value of them is written: in place, as a parameter or as a variable."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drift.editing.document import Step
from drift.editor import NotEdited, Place
from drift.lined import Map
from providers.azure.arm.document import parsed
from providers.azure.arm.expressions import Call, Literal, Malformed, Member, Node, is_expression, parse
from providers.azure.arm.identify import DEPLOYMENTS, Identity, Parent
from providers.azure.arm.nested import inner_scope
from providers.azure.arm.secure import SECRET
from providers.azure.arm.translate import Translation
from providers.azure.arm.values import Unknown

_DEEPEST = 40


@dataclass(frozen=True)
class Home:
    """A template in a file: ``root`` leads to it, ``document`` is it. ``given`` has the values that its
    parameters are given, by their names in lower case."""

    file: Path
    shown: str
    document: Map
    root: tuple[Step, ...]
    translation: Translation
    given: Mapping[str, Cursor] = field(default_factory=dict)

    def section(self, name: str) -> tuple[Any, tuple[Step, ...]]:
        """A section of the template and the steps to it."""
        key = named(self.document, name)
        return (self.document[key], (*self.root, key)) if key else (Map(), (*self.root, name))

    def place(self, line: int | None) -> Place:
        return Place(Path(self.shown), line)


@dataclass(frozen=True)
class Cursor:
    """A value as it is written; ``home`` is the template that its expressions see, None where it has none of
    its own (a parameter file's). ``taken`` are the names that led to it (template, section, name),
    ``passed`` the steps to the values that deployments passed on to it."""

    file: Path
    steps: tuple[Step, ...]
    node: Any
    home: Home | None
    taken: tuple[tuple[Home, str, str], ...] = ()
    passed: tuple[tuple[Step, ...], ...] = ()

    def step(self, step: Step) -> Cursor | None:
        """The member that a step names, in whatever letter case; None where there is none."""
        if isinstance(self.node, Mapping) and isinstance(step, str):
            key = named(self.node, step)
            if key is not None:
                return replace(self, steps=(*self.steps, key), node=self.node[key])
        if isinstance(self.node, list) and isinstance(step, int) and step < len(self.node):
            return replace(self, steps=(*self.steps, step), node=self.node[step])
        return None


@dataclass(frozen=True)
class Site:
    """A resource of a template, or one turn of its loop: ``turns`` are the loops that it stands in."""

    home: Home
    words: Map
    steps: tuple[Step, ...]
    turns: tuple[tuple[str, int], ...]
    identity: Identity
    file: Path
    line: int

    def cursor(self) -> Cursor:
        return Cursor(self.file, self.steps, self.words, self.home)

    @contextlib.contextmanager
    def within(self) -> Iterator[None]:
        """Within the turns of its loops."""
        with contextlib.ExitStack() as stack:
            for name, at in self.turns:
                stack.enter_context(self.home.translation.evaluator.looped(name, at))
            yield

    def follow(self, cursor: Cursor) -> Cursor:
        """Where a value is written that stands as a parameter or variable. Raises NotEdited where it is
        computed in another way."""
        for _ in range(_DEEPEST):
            text = cursor.node
            if not isinstance(text, str) or not is_expression(text) or cursor.home is None:
                return cursor
            cursor = self._named(cursor, cursor.home, text)
        raise NotEdited("its value is passed on too often", self.home.place(self.line))

    def _named(self, cursor: Cursor, home: Home, text: str) -> Cursor:
        try:
            node: Node = parse(text)
        except Malformed as error:
            raise NotEdited(str(error)) from error
        keys: list[Any] = []
        while isinstance(node, Member):
            keys.insert(0, self._value(home, node.key, text))
            node = node.of
        if not isinstance(node, Call) or not _names(node):
            raise NotEdited(f"{short(text)} is computed", self.home.place(self.line))
        name = self._value(home, node.arguments[0], text)
        if not isinstance(name, str):
            raise NotEdited(f"{short(text)} is computed", self.home.place(self.line))
        found = self._parameter(home, name) if node.name.lower() == "parameters" else _variable(home, name)
        taken = (*cursor.taken, *found.taken, (home, node.name.lower(), name.lower()))
        passed = (*cursor.passed, found.steps) if found.home is not None else cursor.passed
        found = replace(found, taken=taken, passed=passed)
        for key in keys:
            step = found.step(key) if isinstance(key, (str, int)) else None
            if step is None:
                step = self.follow(found).step(key) if isinstance(found.node, str) else None
            if step is None:
                raise NotEdited(f"{short(text)} has no {key} that is written out", home.place(self.line))
            found = step
        return found

    def _value(self, home: Home, node: Node, text: str) -> Any:
        if isinstance(node, Literal):
            return node.value
        try:
            with self.within():
                return home.translation.evaluator.node(node)
        except Unknown as error:
            raise NotEdited(f"{short(text)}: {error}", home.place(self.line)) from error

    def _parameter(self, home: Home, name: str) -> Cursor:
        section, steps = home.section("parameters")
        key = named(section, name)
        words = section[key] if key else Map()
        line = section.lines.get(key) if isinstance(section, Map) and key else None
        if str(words.get("type", "")).lower() in SECRET:
            raise NotEdited(f"the parameter {name} is secret", home.place(line))
        given = home.given.get(name.lower())
        if given is not None:
            return given
        default = named(words, "defaultValue")
        if name.lower() in map(str.lower, home.translation.said):
            raise NotEdited(f"the parameter {name} is given in drift.yaml", home.place(line))
        if default is None or key is None:
            raise NotEdited(f"the parameter {name} has no default", home.place(line))
        return Cursor(home.file, (*steps, key, default), words[default], home)


def _names(node: Node) -> bool:
    """Whether a call asks for one parameter or variable by its name."""
    return (
        isinstance(node, Call)
        and node.name.lower() in ("parameters", "variables")
        and len(node.arguments) == 1
    )


def _variable(home: Home, name: str) -> Cursor:
    section, steps = home.section("variables")
    key = named(section, name)
    if key is None or key.lower() == "copy":
        raise NotEdited(f"the variable {name} is made by a loop", home.place(None))
    return Cursor(home.file, (*steps, key), section[key], home)


def named(of: Any, name: str) -> str | None:
    """The key of an object that a name means, in whatever letter case."""
    if not isinstance(of, Mapping):
        return None
    if name in of:
        return name
    return next((key for key in of if isinstance(key, str) and key.lower() == name.lower()), None)


def short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def sites(home: Home) -> Iterator[Site]:
    """Every resource of a template, at any depth."""
    section, steps = home.section("resources")
    home.translation.symbols.learn()
    yield from _below(home, section, steps, None, (), 0)


def _below(
    home: Home,
    section: Any,
    steps: tuple[Step, ...],
    parent: Parent | None,
    turns: tuple[tuple[str, int], ...],
    depth: int,
) -> Iterator[Site]:
    rows: Sequence[tuple[Step, Any]]
    rows = list(section.items()) if isinstance(section, Mapping) else list(enumerate(section or ()))
    lines = getattr(section, "lines", {})
    evaluator = home.translation.evaluator
    for step, words in rows:
        if not isinstance(words, Map) or not isinstance(words.get("type"), str) or "name" not in words:
            continue
        line = lines[step] if isinstance(lines, dict) else lines[int(step)]
        copy = words.get("copy")
        name = str(copy.get("name") or step) if isinstance(copy, Mapping) else ""
        try:
            count = evaluator.count(copy.get("count")) if isinstance(copy, Mapping) else 1
        except Unknown:
            continue
        for at in range(count):
            own = (*turns, (name, at)) if isinstance(copy, Mapping) else turns
            with contextlib.ExitStack() as stack:
                if isinstance(copy, Mapping):
                    stack.enter_context(evaluator.looped(name, at))
                who = home.translation.identifier.identify(words, parent)
                site = Site(home, words, (*steps, step), own, who, home.file, line)
                yield site
                if who.type.lower() == DEPLOYMENTS:
                    if depth < _DEEPEST and (inner := _inner(site)) is not None:
                        yield from _below(inner, *inner.section("resources"), None, (), depth + 1)
                elif "resources" in words:
                    above = Parent(who.type, who.names, who.id)
                    yield from _below(home, words["resources"], (*site.steps, "resources"), above, own, depth)


def _inner(site: Site) -> Home | None:
    """The template of a nested or linked deployment; None where it is not known."""
    inner = site.home.translation.inner(site.words)
    properties = named(site.words, "properties")
    said = site.words[properties] if properties else None
    if inner is None or not isinstance(said, Map) or properties is None:
        return None
    inner.symbols.learn()
    nested = isinstance(said.get("template"), Map)
    if nested and not inner_scope(said):
        # Its expressions see the parameters and variables around it; only its resources are its own.
        outer = site.home
        at = (*site.steps, properties, "template")
        return _Outer(
            outer.file, outer.shown, outer.document, outer.root, inner, outer.given, said["template"], at
        )
    given: dict[str, Cursor] = {}
    passed = said.get("parameters")
    for name, one in passed.items() if isinstance(passed, Map) else ():
        if isinstance(one, Map) and "value" in one:
            steps = (*site.steps, properties, "parameters", name, "value")
            given[name.lower()] = Cursor(site.file, steps, one["value"], site.home)
    if nested:
        root = (*site.steps, properties, "template")
        return Home(site.home.file, site.home.shown, said["template"], root, inner, given)
    read = inner.template
    return Home(read.path, read.file, parsed(read.path, read.file), (), inner, given)


@dataclass(frozen=True)
class _Outer(Home):
    """A nested template that sees the parameters and variables of the one around it."""

    nested: Map = field(default_factory=Map)
    at: tuple[Step, ...] = ()

    def section(self, name: str) -> tuple[Any, tuple[Step, ...]]:
        if name != "resources":
            return super().section(name)
        key = named(self.nested, name)
        return (self.nested[key], (*self.at, key)) if key else (Map(), (*self.at, name))
