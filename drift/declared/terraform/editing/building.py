"""Says in Terraform's words what is live of a resource: by finding, property by property, which argument says
it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.declared.terraform.configuration.fitting import means
from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.configuration.model import Declared, Place, Setting, Settings
from drift.declared.terraform.configuration.placeholders import complete
from drift.declared.terraform.configuration.provider_blocks import default_tags
from drift.declared.terraform.configuration.restriction import IDENTITY
from drift.declared.terraform.editing.ops import applied
from drift.declared.terraform.editing.solving import Solver
from drift.declared.terraform.editing.subject import REFUSALS, Subject
from drift.declared.terraform.editing.trial import Ops, Trial
from drift.declared.terraform.hcl_reach import form
from drift.declared.terraform.written import Known
from drift.dialect import Foreign
from drift.editor import NotEdited
from drift.facts import PathFacts
from drift.finding import Change, Finding
from drift.model import Resource
from drift.pointer import get, join, split
from drift.provider import Provider
from drift.redaction import is_plain
from drift.values import is_empty

_NOWHERE = Place("", 0)
#: How deep a property is taken apart where no argument says all of it.
_DEEPEST = 3


@dataclass
class Building:
    """One instance of a Terraform type that is imported by an id, at first with nothing set. ``unsaid`` are
    properties that no argument is found for."""

    intent: Intent
    provider: Provider
    type_: str
    name: str
    live: Resource
    context: Mapping[str, Any]
    solver: Solver
    id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    set_: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        dialect = self.provider.terraform
        assert dialect is not None
        self.schema = dialect.attributes(self.type_) or {}
        others = (one for one in IDENTITY - {"id", "self_link"} if one in self.schema)
        known = {"id": self.id, **dict.fromkeys(others, self.live.id)}
        self.attributes = complete(known, self.schema)

    def subject(self) -> Subject | None:
        """What is set so far, translated; None where that declares no resource of the type."""
        dialect = self.provider.terraform
        assert dialect is not None
        foreign = Foreign(self.type_, self.name, self.attributes, self.live.scope, self.live.region)
        try:
            told = dialect.translate(foreign) or []
        except REFUSALS:  # an instance of which nothing is set may be none
            return None
        if not any(one.type == self.live.type and not one.partial for one in told):
            return None
        said = Settings(
            {name: Setting(self.attributes[name], _NOWHERE, _NOWHERE) for name in self.set_}, {}, _NOWHERE
        )
        declared = Declared(
            f"{self.type_}.{self.name}", (), self.type_, self.name, None, _NOWHERE, lambda: said
        )
        known = Known(self.intent, self.provider, foreign, None, self.name, None, fresh=True)
        return Subject(known, declared, self.attributes, tuple(told))

    def build(self) -> None:
        """Sets what says what is live. Raises NotEdited where a required argument is left over."""
        facts = self.provider.facts(self.live.type)
        root = facts.root if facts is not None else PathFacts()
        for name, value in self.live.attributes.items():
            if not self._said(join("", name), value, root):
                continue
            self._property(join("", name), value, root, 1)
        left = [
            name
            for name, attribute in self.schema.items()
            if attribute.mode == "required" and "." not in name and self.attributes.get(name) is None
        ]
        if left:
            raise NotEdited(f"{self.type_} needs {', '.join(left)}, which what is live does not tell")

    def _said(self, path: str, value: Any, root: PathFacts) -> bool:
        """Whether a property is one that people say: no secret, not the cloud's own, not its default."""
        facts = root.find(path)
        if is_empty(value) or not is_plain(value):
            return False
        if facts is None:
            return True
        if facts.read_only or facts.secret or facts.write_only:
            return False
        # Of a default that changed with the years Terraform's provider has one, the cloud another.
        return len(facts.defaults) != 1 or not means(value, facts.defaults[0])

    def _property(self, path: str, value: Any, root: PathFacts, depth: int) -> None:
        if self._solved(path, value):
            return
        if isinstance(value, Mapping) and depth < _DEEPEST:
            for name, item in value.items():
                if self._said(join(path, name), item, root):
                    self._property(join(path, name), item, root, depth + 1)
            return
        facts = root.find(path)
        if facts is None or not facts.assigned:
            self.unsaid.append(path)

    def _solved(self, path: str, value: Any) -> bool:
        subject = self.subject()
        if subject is None:
            return False
        canonical = get(form(self.live, self.provider, self.context), split(path))
        if isinstance(canonical, (bool, int, float)):  # a number may be read as a text
            value = canonical
        finding = Finding("changed", subject.resources[0], self.live, ())
        change = Change(path, live=value, undeclared=True)
        trial = Trial(subject, finding, change, self.context)
        if trial.begun() and trial.distance(trial.base) == 0:
            return True
        for ops in self.solver.solutions(trial):
            self._take(ops)
            return True
        return False

    def _take(self, ops: Ops) -> None:
        self.attributes = applied(self.attributes, ops)
        for op in ops:
            if op.steps[0] not in self.set_:
                self.set_.append(str(op.steps[0]))
        tags = self.attributes.get("tags")
        if isinstance(tags, Mapping) and "tags_all" in self.schema:
            added = default_tags(self.intent.tree.root, self.type_, None) or {}
            own = {name: item for name, item in tags.items() if added.get(name) != item}
            self.attributes.update(tags=own, tags_all={**added, **tags})
            if not own:
                self.set_.remove("tags")

    def arguments(self) -> Iterator[tuple[str, Any]]:
        """What is set, required arguments first, tags last."""

        def place(name: str) -> tuple[int, int]:
            required = self.schema[name].mode == "required" if name in self.schema else False
            block = any(one.startswith(f"{name}.") for one in self.schema)
            late = name in ("tags", "labels")
            return (0 if required else 3 if late else 2 if block else 1), self.set_.index(name)

        for name in sorted(self.set_, key=place):
            yield name, self.attributes[name]
