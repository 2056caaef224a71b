"""Tells which resource of which template says a part of a declared resource: itself, or another one that is
merged into it (a bucket policy, a rule of a security group)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from drift import reading
from drift.editing.document import Step
from drift.editing.rewrite import Operation, operations
from drift.editing.target import Target
from drift.editor import NotEdited, Wish, places
from drift.editor import Place as Line
from drift.errors import DeclaredError
from drift.model import MISSING, Resource
from drift.source import LiveView
from drift.values import same
from providers.aws.cloudformation.serverless import kind_of
from providers.aws.cloudformation.serverless_spots import ServerlessSaid, said_for
from providers.aws.cloudformation.spots import NotHere, Said, Spot
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.templates import Templates, translations
from providers.aws.cloudformation.translate import Translation

Placed = tuple[Path, Operation]
#: So many places of a value are tried where only its likeness tells.
_MOST = 6


@dataclass(frozen=True)
class Part:
    """Another resource that says something of this one: ``attributes`` as it adds them, ``shared`` the lists
    to which it only adds members."""

    said: Said
    attributes: Mapping[str, Any]
    shared: frozenset[str]

    def operation(self, wanted: Operation, merged: Mapping[str, Any]) -> Placed:
        """The same edit in this resource. Raises NotHere where it says nothing of it."""
        top, *rest = wanted.steps or (wanted.name,)
        if top not in self.attributes or not wanted.steps:
            raise NotHere(f"{self.said.name} does not say {top}", self.said.place())
        whole, own = merged.get(str(top)), self.attributes[str(top)]
        if top in self.shared and rest and isinstance(whole, list) and isinstance(rest[0], int):
            member = whole[rest[0]] if rest[0] < len(whole) else MISSING
            if not isinstance(own, list) or member not in own:
                raise NotHere(f"{self.said.name} does not say this member of {top}", self.said.place())
            if wanted.kind == "remove" and len(rest) == 1 and len(own) == 1:
                self.said.must_be_named()
                return self.said.template.path, Operation("remove", ("Resources", self.said.name))
            own, rest = member, rest[1:]
        elif top in self.shared:
            raise NotHere(f"{self.said.name} only adds to {top}", self.said.place())
        for way in self._ways(own):
            return self.said.operation(_at(wanted, (*way, *rest)))
        raise NotHere(f"{self.said.name} says {top} in another form", self.said.place())

    def _ways(self, value: Any) -> Iterator[tuple[Step, ...]]:
        """Where in the properties of this resource a value stands."""
        properties = self.said.translation.evaluator.value(self.said.resource().get("Properties"))
        yield from found(properties, lambda one, _: same(one, value))
        if not isinstance(value, Mapping) or not isinstance(properties, Mapping):
            return
        if all(same(properties.get(key), one) for key, one in value.items()):
            yield ()


@dataclass(frozen=True)
class Owners:
    """``own`` is the resource itself, ``parts`` are those that are merged into it. ``made``: ``own`` is a SAM
    resource that makes this one, a function's role say, and only its tags are both's."""

    wish: Wish
    own: Said
    parts: tuple[Part, ...] = field(default=())
    made: bool = False

    @classmethod
    def of(cls, wish: Wish) -> Owners:
        """Raises NotEdited where the template is not found."""
        declared, view = wish.finding.declared, wish.view
        if declared is None or declared.origin is None or view is None:
            raise NotEdited("what declares it is not known")
        own = _said(wish, declared, view)
        if own is None:
            raise NotEdited(f"{declared.origin} is not found any more", *places(wish))
        if own.name != (declared.origin.address or "").rpartition("/")[2]:
            return cls(wish, said_for(own), made=True)
        return cls(wish, said_for(own), tuple(_parts(wish, declared, own, view)))

    def ways(self, target: Target) -> Iterator[Callable[[], list[Placed]]]:
        """How a target may be made, the likeliest first; each raises NotEdited where it can't."""
        yield lambda: self._exact(target)
        if target.old is MISSING or isinstance(target.old, (Mapping, list)) or target.new is MISSING:
            return
        for steps in self._alike(target):
            yield partial(self._put, Operation("put", steps, target.new, target.old))

    def _put(self, wanted: Operation) -> list[Placed]:
        return [self.own.operation(wanted)]

    def _exact(self, target: Target) -> list[Placed]:
        if target.old is MISSING:
            wanted = [Operation("add", target.steps[:-1], target.new, name=str(target.steps[-1]))]
        else:
            wanted = list(operations(target.steps, target.old, target.new, self._whole))
        return [self._placed(one) for one in wanted]

    @property
    def _itself(self) -> bool:
        """Whether the resource is there itself, not only what adds to it or has it under another name."""
        return self.own.translation.references.type_of(self.own.name) == self.wish.resource.type

    def _whole(self, steps: Sequence[Step]) -> bool:
        if not self._itself or not self.own.says(steps):
            return False  # a part's: its own form is asked for each member
        return self.own.whole(steps)

    def _placed(self, wanted: Operation) -> Placed:
        if self.made:
            if "Tags" not in (wanted.name, *wanted.steps[:1]):
                what = self.wish.finding.resource.type
                raise NotEdited(
                    f"{self.own.name} makes this {what}, and tells its tags alone", self.own.place()
                )
            return self.own.operation(wanted)
        try:
            if not self._itself:
                raise NotHere(f"{self.own.name} says it in another form", self.own.place())
            return self.own.operation(wanted)
        except NotHere as error:
            declared = self.wish.finding.declared
            assert declared is not None
            for part in self.parts:
                try:
                    return part.operation(wanted, declared.attributes)
                except NotHere:
                    continue
            if wanted.kind == "insert" and len(wanted.steps) == 1 and self._itself:
                name = str(wanted.steps[0])
                return self.own.operation(Operation("add", (), [wanted.value], name=name))
            raise error

    def _alike(self, target: Target) -> list[tuple[Step, ...]]:
        """Places of the resource that say the same value, those under the same name first."""
        if isinstance(self.own, ServerlessSaid):
            return []  # all that it passes on is known
        properties = self.own.translation.evaluator.value(self.own.resource().get("Properties"))
        name = next((str(one) for one in reversed(target.steps) if isinstance(one, str)), "")
        ways = found(properties, lambda one, _: same(one, target.old))
        return sorted(ways, key=lambda way: way[-1:] != (name,))[:_MOST]


def found(
    value: Any, fits: Callable[[Any, tuple[Step, ...]], bool], most: int = 1000
) -> Iterator[tuple[Step, ...]]:
    """The ways to what fits in a value, the shallow first."""
    rest: list[tuple[Any, tuple[Step, ...]]] = [(value, ())]
    while rest and most:
        one, way = rest.pop(0)
        most -= 1
        if way and fits(one, way):
            yield way
        if isinstance(one, Mapping):
            rest += [(item, (*way, str(key))) for key, item in one.items()]
        elif isinstance(one, list):
            rest += [(item, (*way, at)) for at, item in enumerate(one)]


def _at(wanted: Operation, steps: tuple[Step, ...]) -> Operation:
    return Operation(wanted.kind, steps, wanted.value, wanted.old, wanted.name, wanted.at)


def _said(wish: Wish, of: Resource, view: LiveView) -> Said | None:
    """The resource in its template, through the stacks that nest it."""
    assert of.origin is not None
    for declaration in (wish.declaration, *wish.around):  # a nested template lies under no entry's own name
        found = _within(of, view, declaration) if isinstance(declaration, Templates) else None
        if found is not None:
            return found
    return None


def _within(of: Resource, view: LiveView, declaration: Templates) -> Said | None:
    assert of.origin is not None
    *parents, name = (of.origin.address or "").split("/")
    for translation, _ in translations(declaration, view):
        given = _given(declaration)
        above: Said | None = None
        current: Translation | None = translation
        for parent in parents:
            if current is None:
                break
            above = Said(current, parent, declaration, above, given)
            current = current.inner(parent)
        here = current is not None and current.template.file == of.origin.file
        if current is None or not here:
            continue
        said = name if name in current.template.resources else _maker(current, name)
        if said is not None:
            _must_be_written(current, said)
            return Said(current, said, declaration, above, given)
    return None


def _maker(at: Translation, name: str) -> str | None:
    """The SAM resource of a template that makes a resource of this name: such names begin with its own."""
    makers = [one for one, said in at.template.resources.items() if kind_of(said) and name.startswith(one)]
    return max(makers, key=len, default=None)


def _must_be_written(at: Translation, name: str) -> None:
    """Raises NotEdited where the text of a template is not what declares a resource of it."""
    where = Line(Path(at.template.file), at.template.resources.lines.get(name))
    if at.written.by:
        raise NotEdited(f"it is declared by {at.written.by}, which is not in Git", where)
    if at.written.macros:
        raise NotEdited(f"{', '.join(at.written.macros)} rewrites the template when it is deployed", where)


def _parts(wish: Wish, of: Resource, own: Said, view: LiveView) -> Iterator[Part]:
    """What else of the declaration speaks of the same resource, by the ids that its template tells."""
    alike = (of.provider, of.scope, of.type, of.region)
    told = [one for one in own.declaration.resources(view) if isinstance(one, Resource)]
    told = [one for one in told if (one.provider, one.scope, one.type, one.region) == alike and one.origin]
    itself = [one for one in told if not one.partial and str(one.origin) == str(of.origin)]
    ids = {one.id for one in (of, wish.resource, *itself)} - {None}
    names = {one.name for one in (of, wish.resource, *itself)} - {None}
    for one in told:
        if one.partial and (one.id in ids or one.name in names):
            said = _said(wish, one, view)
            if said is not None:
                yield Part(said, one.attributes, one.shared)


def _given(declaration: Templates) -> dict[str, Spot]:
    """Where the parameters stand that the declared entry gives in a file."""
    option = declaration.location.options.get("parameters")
    if not isinstance(option, (str, Path)):
        return {}
    path = declaration.location.path
    file = (path if path.is_dir() else path.parent) / option
    try:
        said = parse(reading.content(file, str(option)), str(option))
    except DeclaredError:
        return {}
    spots: dict[str, Spot] = {}
    lead: tuple[Step, ...] = ()
    if isinstance(said, Mapping) and isinstance(said.get("Parameters"), (Mapping, list)):
        said, lead = said["Parameters"], ("Parameters",)
    if isinstance(said, Mapping):
        return {name: Spot(file, (*lead, name), value) for name, value in said.items()}
    for at, one in enumerate(said if isinstance(said, list) else ()):
        if isinstance(one, Mapping) and "ParameterValue" in one:
            steps = (*lead, at, "ParameterValue")
            spots[str(one.get("ParameterKey"))] = Spot(file, steps, one["ParameterValue"])
    return spots
