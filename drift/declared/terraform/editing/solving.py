"""Finds which arguments of an instance must say what, so that its translation says what is live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from drift.declared.terraform.editing import members, moves, unsaid
from drift.declared.terraform.editing.ops import Op
from drift.declared.terraform.editing.trial import Ops, Steps, Trial
from drift.declared.terraform.editing.values import candidates
from drift.model import MISSING
from drift.pointer import split

_KEY = "\0key"
#: So many arguments are remembered for a place.
_KEPT = 4


@dataclass
class Solver:
    """Remembers, by type and path, which arguments solved a change before."""

    _learnt: dict[tuple[str, str], list[Steps]] = field(default_factory=dict)

    def solutions(self, trial: Trial) -> Iterator[Ops]:
        """Changes of arguments, the likeliest first; nothing where none is found."""
        if not trial.begun():
            return
        told: set[str] = set()
        for ops in self._moves(trial):
            if repr(ops) not in told and trial.fits(ops):
                told.add(repr(ops))
                self._learn(trial, ops)
                yield ops

    def _moves(self, trial: Trial) -> Iterator[Ops]:
        yield from self._remembered(trial)
        yield from moves.said(trial)
        yield from moves.documents(trial)
        yield from members.listed(trial)
        yield from unsaid.unsaid(trial)
        yield from unsaid.climbed(trial)

    def _remembered(self, trial: Trial) -> Iterator[Ops]:
        _, live = trial.sides()
        if isinstance(live, (Mapping, list)) or live is MISSING:
            return
        for shape in self._learnt.get(_key(trial), ()):
            steps = tuple(trial.path[-1] if one == _KEY else one for one in shape)
            like = trial.value_at(steps)
            for value in candidates(live, None if like is MISSING else like):
                yield (Op(steps, value),)

    def _learn(self, trial: Trial, ops: Ops) -> None:
        known, steps = self._learnt.setdefault(_key(trial), []), _shape(ops[0].steps)
        if steps not in known and len(known) < _KEPT:
            known.insert(0, steps)


def _key(trial: Trial) -> tuple[str, str]:
    return trial.subject.said.type, _pattern(trial.change.path)


def _pattern(path: str) -> str:
    """A path without the keys and numbers of members, as others of its kind have it."""
    parts = split(path)
    if len(parts) > 1 and parts[0].lower() in ("tags", "labels", "usertags"):
        return f"/{parts[0]}/*"
    return path


def _shape(steps: Steps) -> Steps:
    return (steps[0], _KEY) if len(steps) == 2 and steps[0] in ("tags", "labels") else steps
