"""The editors of Terraform's configuration: beside a state, alone, and of Terragrunt's units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from drift.deadline import Deadline
from drift.declared.terraform.beside import named_files
from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.editing.adding import Adding
from drift.declared.terraform.editing.modules import Repository
from drift.declared.terraform.editing.names import Names
from drift.declared.terraform.editing.removing import removed
from drift.declared.terraform.editing.restoring import restoring
from drift.declared.terraform.editing.said import Saying
from drift.declared.terraform.editing.solving import Solver
from drift.declared.terraform.editing.spelling import plain
from drift.declared.terraform.editing.subject import Stating, Subject, Subjects
from drift.declared.terraform.editing.trial import Trial
from drift.declared.terraform.editing.validating import validated
from drift.declared.terraform.editing.versions import oldest
from drift.declared.terraform.hcl_reach import form
from drift.editor import BaseEditor, Edit, NotEdited, Restoring, Wish, places
from drift.model import MISSING, Unresolved
from drift.pointer import get, split
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
        wish = self._found(wish)
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

    def remove(self, wish: Wish) -> Iterable[Edit]:
        wish = self._found(wish)
        configured(wish)
        held = self._subjects_of(wish)
        subjects = held.of(wish.finding)
        if not subjects:
            raise NotEdited("the block that declares it is not found", *places(wish))
        one, *parts = [self._saying(each, wish) for each in subjects]
        version = oldest(subjects[0].intent.tree.root, held.version)
        yield removed(
            one, [part for part, each in zip(parts, subjects[1:], strict=True) if _adds(each)], version
        )

    def validate(self, files: Sequence[Path], deadline: Deadline) -> None:
        validated(files, deadline)

    def add(self, wish: Wish) -> Iterable[Edit]:
        configured(wish)
        subjects = self._subjects_of(wish)
        intent = subjects.intent(wish.resource)
        if intent is None:
            raise NotEdited("no configuration of its account and region is declared there")
        repository = self._repository(wish, intent)
        yield from Adding(wish, subjects, self._solver, repository, intent).edits()

    def adopts(self, wish: Wish) -> int:
        if not isinstance(wish.declaration, Stating):
            return 0
        return self._subjects_of(wish).fits(wish.resource)

    def restoring(self, wish: Wish) -> Restoring | None:
        if wish.finding.kind == "unmanaged" or not isinstance(wish.declaration, Stating):
            return None
        wish = self._found(wish)
        subjects = self._subjects_of(wish).of(wish.finding)
        saying = [one for one in subjects if _says_so(one, wish)] or subjects[:1]
        if not saying:
            return None
        return restoring(saying, wish, self._repository(wish, saying[0].intent))

    def _subjects_of(self, wish: Wish) -> Subjects:
        """The instances of a declaration. What is read anew is another one: the old is forgotten."""
        known = self._subjects.get(id(wish.declaration))
        if known is None or known[0] is not wish.declaration:
            alive = {id(one) for one in wish.around}
            self._subjects = {key: one for key, one in self._subjects.items() if key in alive}
            known = self._subjects[id(wish.declaration)] = (wish.declaration, Subjects(wish.declaration))
        return known[1]

    def _found(self, wish: Wish) -> Wish:
        """The wish with the declaration that knows the address: a module may lie outside of the entry that
        calls it, and several entries may call it."""
        for one in (wish.declaration, *wish.around):
            if isinstance(one, Stating):
                other = replace(wish, declaration=one, location=one.location)
                if self._subjects_of(other).declares(wish.finding):
                    return other
        return wish

    def _saying(self, subject: Subject, wish: Wish) -> Saying:
        """Where a subject's block stands."""
        tree = subject.intent.tree
        instance = tree.find(subject.said.module)
        if instance is None or isinstance(instance, Unresolved):
            raise NotEdited("the module that declares it is not found", *places(wish))
        words = ("resource", subject.said.type, subject.said.name)
        files = named_files(wish.location)
        names = Names(self._repository(wish, subject.intent), tree, words, instance, files)
        return Saying(names, subject.said.key, subject.dialect.attributes(subject.said.type) or {})

    def _repository(self, wish: Wish, intent: Intent) -> Repository:
        """What lies around a configuration, looked at once for all wishes of one reading."""
        first = wish.around[0] if wish.around else wish.declaration
        if self._round is not first:
            self._round, self._repositories = first, {}
        top = wish.location.root or intent.tree.folders.root
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


def _adds(subject: Subject) -> bool:
    """Whether an instance only adds to other resources."""
    return all(one.partial for one in subject.resources)


def _says_so(subject: Subject, wish: Wish) -> bool:
    """Whether an instance says something at a place that is otherwise; of what is missing each does."""
    if wish.finding.kind != "changed":
        return True
    for one in subject.resources:
        if one.type == wish.finding.resource.type:
            said = form(one, subject.provider, wish.context)
            if any(get(said, split(change.path)) is not MISSING for change in wish.finding.changes):
                return True
    return False


def _trial(subject: Subject, wish: Wish) -> Trial:
    assert wish.change is not None
    return Trial(subject, wish.finding, wish.change, wish.context)


def _says(argument: str, wish: Wish) -> str:
    live = wish.live
    if live is MISSING:
        return f"takes away {argument}"
    told = plain(live)
    return f"sets {argument}" if told is None else f"sets {argument} to {told}"
