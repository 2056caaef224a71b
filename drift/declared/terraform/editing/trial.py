"""One change of a finding, and what other arguments of an instance would make of it: by translating the
instance with them, and looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drift.declared.terraform.editing.apart import apart, disturbed
from drift.declared.terraform.editing.ops import Op, applied
from drift.declared.terraform.editing.subject import REFUSALS, Subject
from drift.declared.terraform.hcl_reach import form
from drift.finding import Change, Finding
from drift.model import MISSING
from drift.pointer import get, split

#: So many translations are made for one change.
_MOST = 1500
#: What a provider makes of an argument and of its own configuration.
_MIRRORS = {"tags": "tags_all", "labels": "effective_labels"}
Ops = tuple[Op, ...]
Steps = tuple[Any, ...]


@dataclass
class Trial:
    """``base`` is the canonical form of what is declared of the resource, ``target`` of what is live,
    ``path`` where they are to be alike."""

    subject: Subject
    finding: Finding
    change: Change
    context: Mapping[str, Any]
    path: tuple[str, ...] = ()
    base: Any = None
    target: Any = None
    tries: int = 0
    _at: int = 0
    _made: dict[str, Any] = field(default_factory=dict)

    def begun(self) -> bool:
        """Whether there is anything to try."""
        live, told = self.finding.live, self.subject.resources
        mine = [at for at, one in enumerate(told) if one.type == self.finding.resource.type]
        if not mine or live is None:
            return False
        names = {one for one in (live.id, live.name) if one}
        named = [at for at in mine if names & {told[at].id, told[at].name}]
        self._at = (named or mine)[0]
        self.path = tuple(split(self.change.path))
        self.base = self._form(self.subject.attributes)
        self.target = self._canonical(live)
        return self.base is not None

    def _canonical(self, resource: Any) -> Any:
        return form(resource, self.subject.provider, self.context)

    def _form(self, attributes: Mapping[str, Any]) -> Any:
        told = self.subject.translated(attributes)
        if told is None or len(told) <= self._at or len(told) != len(self.subject.resources):
            return None
        try:
            return self._canonical(told[self._at])
        except REFUSALS:  # a made-up value may have no canonical form
            return None

    def made(self, ops: Ops) -> Any:
        """The canonical form with changes made; None where there is none, or enough were tried."""
        key = repr(ops)
        if key not in self._made:
            if self.tries >= _MOST:
                return None
            self.tries += 1
            self._made[key] = self._changed(ops)
        return self._made[key]

    def _changed(self, ops: Ops) -> Any:
        try:
            attributes = applied(self.subject.attributes, ops)
        except (KeyError, IndexError, TypeError, AttributeError):
            return None
        for name, mirror in _MIRRORS.items():
            if any(op.steps[0] == name for op in ops):
                own = attributes.get(name) or {}
                if not isinstance(own, Mapping):
                    return None
                if isinstance(attributes.get(mirror), Mapping):
                    old = self.subject.attributes.get(name) or {}
                    more = {key: item for key, item in attributes[mirror].items() if key not in old}
                    attributes[mirror] = {**more, **own}
                elif mirror in self.schema():
                    attributes[mirror] = own
        return self._form(attributes)

    def schema(self) -> Mapping[str, Any]:
        """The arguments of the type, by name."""
        return self.subject.dialect.attributes(self.subject.said.type) or {}

    def fits(self, ops: Ops) -> bool:
        """Whether, with a move made, the place says what is live, and all others what they said or what is
        live there."""
        made = self.made(ops)
        return made is not None and self.distance(made) == 0 and self.elsewhere(made) == 0

    def distance(self, made: Any) -> int:
        """How far what is made is from what is live, at the place of the change."""
        return apart(get(made, self.path), get(self.target, self.path))

    def elsewhere(self, made: Any) -> int:
        """How much of the rest it changes that is not live."""
        return disturbed(self.base, made, self.target, self.path)

    def sides(self) -> tuple[Any, Any]:
        """Declared and live, as they were read."""
        raw = self.change.raw
        if raw is None:
            return self.change.declared, self.change.live
        return raw.declared, raw.live

    def settable(self) -> list[str]:
        """Arguments that are set, and that people set."""
        settings = self.subject.said.settings
        return [*settings.attributes, *settings.blocks]

    @property
    def declared(self) -> Mapping[str, Any]:
        """The properties that the instance declares."""
        return self.subject.resources[self._at].attributes

    def value_at(self, steps: Sequence[Any]) -> Any:
        """What an argument is; MISSING where it is not there."""
        value: Any = self.subject.attributes
        for step in steps:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return MISSING
        return value
