"""Finds where a template writes what a resource's properties come to: through conditions to the branch that
holds, through a parameter or a mapping to the literal where only this resource takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drift.editing.document import Step
from drift.editing.rewrite import Operation
from drift.editor import NotEdited, Place
from drift.lined import Map
from drift.model import MISSING, Unresolved
from drift.source import Declaration
from providers.aws.cloudformation.intrinsics import function_of
from providers.aws.cloudformation.literals import means_more, refuse, takers
from providers.aws.cloudformation.loops import PREFIX
from providers.aws.cloudformation.template import Template
from providers.aws.cloudformation.translate import Translation

#: What stands in place of a value that a condition leaves out.
NO_VALUE = {"Ref": "AWS::NoValue"}


class NotHere(NotEdited):
    """The template says nothing at this place."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A value as it is written: in which file, the steps that lead to it, and what it is there. ``joined``
    says that a list is written as one text with commas (a parameter's)."""

    file: Path
    steps: tuple[Step, ...]
    said: Any
    joined: bool = False


@dataclass(frozen=True)
class Said:
    """What a template of ``declaration`` says of the resource ``name``, at one place. ``above`` is the stack
    that nests it, ``given`` tells in which file the declared entry gives the parameters, ``base`` where the
    properties stand that are no resource's own (in Globals)."""

    translation: Translation
    name: str
    declaration: Declaration
    above: Said | None = None
    given: Mapping[str, Spot] = field(default_factory=dict)
    base: tuple[str, ...] = ()

    @property
    def template(self) -> Template:
        return self.translation.written

    def place(self, line: int | None = None) -> Place:
        """The resource's line, for people."""
        return Place(Path(self.template.file), line or self.template.resources.lines.get(self.name))

    def must_be_named(self) -> None:
        """Raises NotEdited where the stack is known by its resources alone, so that one more or less would
        lose it."""
        top = self
        while top.above is not None:
            top = top.above
        place = top.translation.place
        if place.stack is not None and place.asked is None:
            raise NotEdited(
                f"the stack {place.stack.name} is told by the resources that it holds, which this would "
                "change: name it with 'stack' in drift.yaml",
                self.place(),
            )

    def operation(self, wanted: Operation) -> tuple[Path, Operation]:
        """The same edit where it is written, and the file. Its steps lead through the properties. Raises
        NotEdited."""
        if means_more(wanted.value) or means_more({wanted.name: 0}):
            raise NotEdited("CloudFormation would take the value for a function or a reference", self.place())
        if wanted.kind == "put":
            spot = self.value(wanted.steps, wanted.value)
            return spot.file, replace(wanted, steps=spot.steps, value=_fit(spot, wanted.value), old=spot.said)
        node, path = self._walk(wanted.steps)
        if wanted.kind == "remove":
            last, inner = self._inside(node, path)
            if inner != path and last is not None:
                return self.template.path, Operation("put", inner, NO_VALUE, last)
            return self.template.path, replace(wanted, steps=path)
        node, path = self._inside(node, path)
        if wanted.kind == "add":
            if not isinstance(node, Map) or function_of(node):
                raise self._computed(node, wanted.steps)
            if not wanted.steps and not self.base and "Properties" not in self.resource():
                value = {wanted.name: wanted.value}
                return self.template.path, replace(wanted, steps=path[:-1], name="Properties", value=value)
            return self.template.path, replace(wanted, steps=path)
        if not isinstance(node, list):
            raise self._computed(node, wanted.steps)
        at = self._index(node, wanted.at) if wanted.at < len(self._kept(node)) else self._end(node)
        return self.template.path, replace(wanted, steps=path, at=at)

    def says(self, steps: Sequence[Step]) -> bool:
        """Whether the resource itself says anything at a place."""
        try:
            self._walk(steps)
        except NotHere:
            return False
        except NotEdited:
            return True
        return True

    def whole(self, steps: Sequence[Step]) -> bool:
        """Whether what stands at a place is no object or list that is written out."""
        try:
            node, _ = self._inside(*self._walk(steps))
        except NotEdited:
            return True
        return not isinstance(node, (Map, list)) or bool(function_of(node))

    def value(self, steps: Sequence[Step], new: Any = MISSING) -> Spot:
        """Where a value is written. Raises NotEdited where it is computed, where others take it too, or where
        a parameter may not be ``new``."""
        node, path = self._inside(*self._walk(steps))
        function = function_of(node)
        if function is None:
            return Spot(self.template.path, path, node)
        argument = node[function]
        if function == "Ref" and isinstance(argument, str) and argument in self.template.parameters:
            return self._parameter(argument, new)
        if function == "Fn::FindInMap":
            return self._mapped(argument, steps)
        if function == "Fn::Sub" and isinstance(argument, str) and "${" not in argument:
            return Spot(self.template.path, (*path, function), argument)
        raise self._computed(node, steps)

    # The way through the properties

    def resource(self) -> Map:
        """The resource as it is written. Raises NotEdited where a loop makes it."""
        said = self.template.resources.get(self.name)
        if not isinstance(said, Map):
            raise NotEdited(f"{self.name} is made by a loop of the template", self.place())
        return said

    def _walk(self, steps: Sequence[Step]) -> tuple[Any, tuple[Step, ...]]:
        node: Any = self.resource().get("Properties", Map()) if not self.base else self.template.globals
        for one in self.base[1:]:
            node = node[one]
        path: tuple[Step, ...] = self.base or ("Resources", self.name, "Properties")
        for step in steps:
            node, path = self._inside(node, path)
            if isinstance(step, int) and not isinstance(node, list) and not function_of(node):
                if step:
                    raise NotHere(f"{self.name} has no member {step} there", self.place())
                continue  # one where a list is meant
            node, path = self._step(node, path, step)
        return node, path

    def _step(self, node: Any, path: tuple[Step, ...], step: Step) -> tuple[Any, tuple[Step, ...]]:
        if function_of(node):
            raise self._computed(node, path[3:])
        if isinstance(node, list) and isinstance(step, int):
            at = self._index(node, step)
            return node[at], (*path, at)
        if isinstance(node, Map) and isinstance(step, str):
            if step in node:
                return node[step], (*path, step)
            if any(key.startswith(PREFIX) for key in node):
                raise NotEdited(f"{step} of {self.name} is made by a loop of the template", self.place())
        raise NotHere(f"the template does not say {step} of {self.name} itself", self.place())

    def _inside(self, node: Any, path: tuple[Step, ...]) -> tuple[Any, tuple[Step, ...]]:
        """The branch that holds of a condition, at any depth."""
        while function_of(node) == "Fn::If":
            words = node["Fn::If"]
            if not isinstance(words, list) or len(words) != 3:
                raise self._computed(node, path[3:])
            holds = self.translation.evaluator.condition(str(words[0]))
            if isinstance(holds, Unresolved):
                raise NotEdited(f"whether the condition {words[0]} holds is not known", self.place())
            branch = 1 if holds else 2
            node, path = words[branch], (*path, "Fn::If", branch)
        return node, path

    def _kept(self, node: list[Any]) -> list[int]:
        """The places of a list's members that are there, whatever conditions leave out."""
        value = self.translation.evaluator.value
        return [at for at, item in enumerate(node) if value(item) is not MISSING]

    def _index(self, node: list[Any], step: int) -> int:
        kept = self._kept(node)
        if step >= len(kept):
            raise NotHere(f"{self.name} has no member {step} there", self.place())
        return kept[step]

    def _end(self, node: list[Any]) -> int:
        kept = self._kept(node)
        return kept[-1] + 1 if kept else len(node)

    def _computed(self, node: Any, steps: Sequence[Step]) -> NotEdited:
        function = function_of(node)
        what = f"computed by {function}" if function else "no list or object there"
        where = "/".join(map(str, steps)) or "Properties"
        line = next(iter(node.lines.values()), None) if isinstance(node, Map) else None
        return NotEdited(f"{where} of {self.name} is {what}", self.place(line))

    # Parameters and mappings

    def _parameter(self, name: str, new: Any) -> Spot:
        words = self.template.parameters[name]
        words = words if isinstance(words, Map) else Map()
        where = Place(Path(self.template.file), self.template.parameters.lines.get(name))
        refuse(name, words, new, where)
        others = sorted(
            {
                who
                for who, taken in takers(self.template, "Ref")
                if taken == name and who not in (self.name, None)
            }
        )
        if others:
            shown = ", ".join(others[:5]) + (" and others" if len(others) > 5 else "")
            raise NotEdited(f"the parameter {name} is taken by {shown}, too", where)
        if self.above is not None and name in self.translation.said:
            return self.above.value(("Parameters", name), new)
        if name in self.translation.said:
            spot = self.given.get(name)
            if spot is None:
                raise NotEdited(f"the parameter {name} is given in drift.yaml", where)
            return replace(spot, joined=isinstance(spot.said, str))
        stack = self.translation.place.stack
        if stack is not None and name in stack.parameters:
            raise NotEdited(
                f"the stack {stack.name} was deployed with a value of its own for the parameter {name}, "
                "which its default does not change",
                where,
            )
        if "Default" not in words:
            raise NotEdited(f"the parameter {name} has no default", where)
        default = words["Default"]
        return Spot(self.template.path, ("Parameters", name, "Default"), default, isinstance(default, str))

    def _mapped(self, argument: Any, steps: Sequence[Step]) -> Spot:
        keys = self._keys(argument)
        if keys is None:
            raise NotEdited(
                f"{'/'.join(map(str, steps))} of {self.name} is taken of a mapping by keys that "
                "are not known",
                self.place(),
            )
        for who, other in takers(self.template, "Fn::FindInMap"):
            if who != self.name and (found := self._keys(other)) in (None, keys):
                if found is None and not (isinstance(other, list) and other and other[0] == keys[0]):
                    continue
                raise NotEdited(
                    f"{'/'.join(keys)} of the mappings is taken by {who or 'a condition'}, too",
                    Place(Path(self.template.file), self.template.mappings.lines.get(keys[0])),
                )
        said: Any = self.template.mappings
        for key in keys:
            if not isinstance(said, Map) or key not in said:
                raise NotEdited(f"{'/'.join(keys)} is not in the mappings", self.place())
            said = said[key]
        return Spot(self.template.path, ("Mappings", *keys), said)

    def _keys(self, argument: Any) -> tuple[str, str, str] | None:
        """The mapping and the two keys that a lookup names; None where they are not known."""
        if not isinstance(argument, list) or len(argument) < 3:
            return None
        values = [self.translation.evaluator.value(one) for one in argument[:3]]
        if not all(isinstance(one, (str, int)) for one in values):
            return None
        first, second, third = (str(one) for one in values)
        return first, second, third


def _fit(spot: Spot, value: Any) -> Any:
    """The new value in the form of what is written."""
    if spot.joined and isinstance(value, list):
        return ",".join(str(one) for one in value)
    if spot.steps[-1:] == ("Fn::Sub",) and isinstance(value, str):
        return value.replace("${", "${!")
    return value
