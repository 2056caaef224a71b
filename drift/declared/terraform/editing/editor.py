"""The editors of Terraform's configuration: beside a state, alone, and of Terragrunt's units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from drift.declared.terraform.beside import named_files
from drift.declared.terraform.editing.modules import Repository
from drift.declared.terraform.editing.names import Names
from drift.declared.terraform.editing.said import Saying
from drift.declared.terraform.editing.solving import Solver
from drift.declared.terraform.editing.subject import Stating, Subject, Subjects
from drift.declared.terraform.editing.trial import Trial
from drift.editor import BaseEditor, Edit, NotEdited, Wish, places
from drift.model import MISSING, Unresolved
from drift.source import Declaration

#: So many ways to say a change are looked for in one instance.
_WAYS = 4


@dataclass
class TerraformEditor(BaseEditor):
    """Of configuration without a state, or whose state stands where its ``backend`` block says."""

    name: str = "terraform"
    _subjects: dict[int, tuple[Declaration, Subjects]] = field(default_factory=dict)
    _solver: Solver = field(default_factory=Solver)
    _round: Declaration | None = None
    _repositories: dict[Path, Repository] = field(default_factory=dict)

    def change(self, wish: Wish) -> Iterable[Edit]:
        configured(wish)
        assert wish.change is not None
        found, why = False, None
        subjects = self._subjects_of(wish).of(wish.finding)
        for subject in subjects:
            for ops in islice(self._solver.solutions(_trial(subject, wish)), _WAYS):
                try:
                    changes, argument = self._saying(subject, wish).replacements(ops)
                except NotEdited as error:
                    why = why or error
                    continue
                found = True
                yield Edit(tuple(changes), _says(argument, wish))
        if found:
            return
        if why is not None:
            raise why
        what = wish.change.path
        if not subjects:
            raise NotEdited(f"the block that says {what} is not found", *places(wish))
        raise NotEdited(f"no argument is known that says {what}", *places(wish))

    def _subjects_of(self, wish: Wish) -> Subjects:
        """The instances of a declaration. What is read anew is another one: the old is forgotten."""
        known = self._subjects.get(id(wish.declaration))
        if known is None or known[0] is not wish.declaration:
            alive = {id(one) for one in wish.around}
            self._subjects = {key: one for key, one in self._subjects.items() if key in alive}
            known = self._subjects[id(wish.declaration)] = (wish.declaration, Subjects(wish.declaration))
        return known[1]

    def _saying(self, subject: Subject, wish: Wish) -> Saying:
        """Where a subject's block stands."""
        tree = subject.intent.tree
        instance = tree.find(subject.said.module)
        if instance is None or isinstance(instance, Unresolved):
            raise NotEdited("the module that declares it is not found", *places(wish))
        words = ("resource", subject.said.type, subject.said.name)
        files = named_files(wish.location)
        names = Names(self._repository(wish, subject), tree, words, instance, files)
        return Saying(names, subject.said.key, subject.dialect.attributes(subject.said.type) or {})

    def _repository(self, wish: Wish, subject: Subject) -> Repository:
        """What lies around a configuration, looked at once for all wishes of one reading."""
        first = wish.around[0] if wish.around else wish.declaration
        if self._round is not first:
            self._round, self._repositories = first, {}
        top = wish.location.root or subject.intent.tree.folders.root
        return self._repositories.setdefault(top, Repository(top))


@dataclass
class StateEditor(TerraformEditor):
    """Of the configuration beside a state that is declared; the state is never written."""

    name: str = "terraform-state"


@dataclass
class TerragruntEditor(TerraformEditor):
    """Of the modules and inputs of Terragrunt's units."""

    name: str = "terragrunt"


def configured(wish: Wish) -> None:
    """Raises NotEdited where nothing but a state is declared."""
    said = wish.declaration
    if not isinstance(said, Stating) or not any(True for _ in said._configured()):
        raise NotEdited("no configuration is declared beside the state", *places(wish))


def _trial(subject: Subject, wish: Wish) -> Trial:
    assert wish.change is not None
    return Trial(subject, wish.finding, wish.change, wish.context)


def _says(argument: str, wish: Wish) -> str:
    live = wish.live
    if live is MISSING:
        return f"takes away {argument}"
    return f"sets {argument}" if isinstance(live, (dict, list)) else f"sets {argument} to {live}"
