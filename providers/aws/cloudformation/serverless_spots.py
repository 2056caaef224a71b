"""Finds where a template of the Serverless Application Model says a property of the resource that is made: in
the SAM resource, or in Globals where only this one takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drift.editing.document import Step
from drift.editing.rewrite import Operation
from drift.editor import NotEdited
from drift.model import MISSING
from providers.aws.cloudformation import serverless
from providers.aws.cloudformation.serverless import Kind
from providers.aws.cloudformation.spots import NotHere, Said

Steps = tuple[Step, ...]


@dataclass(frozen=True)
class ServerlessSaid(Said):
    """What a template says of the resource that a SAM resource makes; all steps are those of the former."""

    def kind(self) -> Kind:
        found = serverless.kind_of(self.resource())
        assert found is not None
        return found

    def operation(self, wanted: Operation) -> tuple[Path, Operation]:
        own = self._own(wanted)
        try:
            return self._itself.operation(own)
        except NotHere as error:
            there = self._globals
            if there is None or not there.says(own.steps):
                return self._itself.operation(self._below(own, error))
        others = list(self._others(own))
        if not others:
            return there.operation(own)
        if own.kind in ("put", "add"):  # the resource's own goes before what Globals say
            return self._itself.operation(self._below(own, None))
        told, what = ", ".join(others[:5]), "/".join(map(str, own.steps))
        raise NotEdited(f"{what} of {self.name} stands in Globals, for {told}, too", self.place())

    def says(self, steps: Sequence[Step]) -> bool:
        try:
            own = self._steps(tuple(steps))
        except NotEdited:
            return False
        return any(one.says(own) for one in (self._itself, self._globals) if one is not None)

    def whole(self, steps: Sequence[Step]) -> bool:
        if tuple(steps[:1]) == ("Tags",):
            return False
        own = self._steps(tuple(steps))
        held = self._itself if self._itself.says(own) else self._globals or self._itself
        return held.whole(own)

    @property
    def _itself(self) -> Said:
        """The SAM resource, by its own properties."""
        return Said(self.translation, self.name, self.declaration, self.above, self.given)

    @property
    def _globals(self) -> Said | None:
        """What Globals say of its kind; None where they say nothing."""
        section = self.kind().section
        if not serverless.shared(self.template, self.resource(), self.kind()):
            return None
        name, base = f"Globals/{section}", ("Globals", section)
        return Said(self.translation, name, self.declaration, self.above, self.given, base)

    def _others(self, wanted: Operation) -> Iterator[str]:
        """Resources of the same kind that take a value of Globals."""
        type_, top = self.resource().get("Type"), wanted.steps[0] if wanted.steps else wanted.name
        for name, said in self.template.resources.items():
            if not isinstance(said, Mapping) or said.get("Type") != type_ or name == self.name:
                continue
            given = serverless.shared(self.template, said, self.kind())
            if top in given and not Said(self.translation, name, self.declaration).says(wanted.steps):
                yield name

    # In the words of SAM

    def _own(self, wanted: Operation) -> Operation:
        """The same edit in the properties of SAM. Raises NotEdited where none says it."""
        if wanted.steps[:1] == ("Tags",) or (not wanted.steps and wanted.name == "Tags"):
            return self._of_tags(wanted)
        if wanted.kind != "add":
            return replace(wanted, steps=self._steps(wanted.steps))
        whole, value = (*wanted.steps, wanted.name), wanted.value
        for own, other in self.kind().paths.items():
            inner = other[len(whole) :]
            if other[: len(whole)] == whole and inner:
                while inner and isinstance(value, Mapping) and set(value) == {inner[0]}:
                    value, inner = value[inner[0]], inner[1:]
                if not inner:
                    return Operation("add", own[:-1], value, name=own[-1])
        *steps, name = self._steps(whole)
        return Operation("add", tuple(steps), value, name=str(name))

    def _steps(self, steps: Steps) -> Steps:
        for own, rest in serverless.ways(self.kind(), steps):
            return (*own, *self._listed(own, rest))
        made = self.kind().type
        raise NotEdited(
            f"no property of {self.name} says {'/'.join(map(str, steps))} of the {made}", self.place()
        )

    def _listed(self, own: tuple[str, ...], rest: Steps) -> Steps:
        """Indices as they are where a list stands in one place alone. Raises NotEdited where Globals and the
        resource say one together."""
        for at, step in enumerate(rest):
            path = (*own, *rest[:at])
            there = self._globals
            if isinstance(step, int) and there is not None and self._itself.says(path) and there.says(path):
                raise NotEdited(
                    f"{'/'.join(map(str, path))} of {self.name} is made of its own and of Globals",
                    self.place(),
                )
        return rest

    def _of_tags(self, wanted: Operation) -> Operation:
        if not wanted.steps:
            tags = {one["Key"]: one["Value"] for one in wanted.value if one["Key"] != self.kind().tag}
            return Operation("add", (), tags, name="Tags")
        if wanted.kind == "insert" and isinstance(wanted.value, Mapping):
            return Operation("add", ("Tags",), wanted.value["Value"], name=str(wanted.value["Key"]))
        written = serverless.properties(self.template, self.resource(), self.kind())
        said = serverless.tags(self.translation.evaluator.value(written.get("Tags")), self.kind(), written)
        place = wanted.steps[1] if len(wanted.steps) > 1 else None
        if not isinstance(said, list) or not isinstance(place, int) or place >= len(said):
            raise NotHere(f"{self.name} says no such tag", self.place())
        return replace(wanted, steps=("Tags", str(said[place]["Key"])))

    def _below(self, wanted: Operation, error: NotHere | None) -> Operation:
        """An edit of what the resource does not say itself yet: with all that leads to it. Raises ``error``
        where there is nothing to add."""
        if wanted.kind not in ("put", "add") or (error is not None and wanted.kind == "put"):
            raise error or NotHere(f"{self.name} does not say it itself", self.place())
        steps, value = wanted.steps, wanted.value
        name: Step = wanted.name
        if wanted.kind == "put":
            *steps_, name = wanted.steps
            steps = tuple(steps_)
        while steps and not self._itself.says(steps):
            value, name, steps = {str(name): value}, steps[-1], steps[:-1]
        if not isinstance(name, str):
            raise NotEdited(f"{self.name} has no list of its own there", self.place())
        return Operation("add", steps, value, MISSING, name)


def said_for(said: Said) -> Said:
    """The same resource; of one of SAM whose properties are passed on in the words of what it makes."""
    resource = said.template.resources.get(said.name)
    if serverless.kind_of(resource) is None:
        return said
    return ServerlessSaid(said.translation, said.name, said.declaration, said.above, said.given)
