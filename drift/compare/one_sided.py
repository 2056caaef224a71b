"""What folds where only one side speaks: one table, asked by the shortcut over raw JSON and by the whole
comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from drift.compare.canonical import has_default, is_left_out
from drift.facts import PathFacts
from drift.hooks import Filled
from drift.kinds.base import Context
from drift.values import is_empty

EMPTY = "empty is absent"
CHOSEN = "chosen by the cloud where nothing is declared"
LISTED = Filled("chosen by the cloud where nothing is declared, unless somebody chose it since")
IGNORED = "undeclared values are ignored here"


class Rule(NamedTuple):
    """One reason for which a value of one side alone is no change.

    ``raw``: it can be told of a list or object that is not in canonical form yet. ``member``: it holds, too,
    for a member of a map or keyed list that owns its members. ``present``: it holds, too, where the path's
    kind says that to be there counts by itself (:attr:`drift.kinds.base.Kind.present`).
    """

    fact: str
    holds: Callable[[Any, PathFacts, Context], bool]
    raw: bool
    member: bool
    present: bool


def _empty(value: Any, facts: PathFacts, context: Context) -> bool:
    return is_empty(value)


def _default(value: Any, facts: PathFacts, context: Context) -> bool:
    return has_default(facts, value, context)


def _assigned(value: Any, facts: PathFacts, context: Context) -> bool:
    return facts.assigned


def _ignored(value: Any, facts: PathFacts, context: Context) -> bool:
    return facts.undeclared == "ignore"


def _left_out(value: Any, facts: PathFacts, context: Context) -> bool:
    return is_left_out(facts, value, context)


#: Live, and nobody declares it: the first that holds is told.
LIVE = (
    Rule(EMPTY, _empty, raw=True, member=False, present=False),
    Rule("equals the default", _default, raw=False, member=True, present=True),
    Rule(CHOSEN, _assigned, raw=True, member=True, present=True),
    Rule(IGNORED, _ignored, raw=True, member=True, present=True),
)
#: Declared, and not live.
DECLARED = (
    Rule(EMPTY, _empty, raw=True, member=False, present=False),
    Rule("equals the default", _default, raw=False, member=False, present=True),
    Rule("an answer leaves it out", _left_out, raw=False, member=False, present=False),
)


def why_folded(
    rules: tuple[Rule, ...],
    value: Any,
    facts: PathFacts,
    context: Context,
    *,
    raw: bool = False,
    member: bool = False,
) -> str | None:
    """Why a value of one side folds; None where it does not. ``raw``: it is not in canonical form."""
    kind = facts.kind
    present = kind is not None and kind.present
    for fact, holds, of_raw, of_member, of_present in rules:  # asked of every value: attributes cost more
        if (raw and not of_raw) or (member and not of_member) or (present and not of_present):
            continue
        if holds(value, facts, context):
            return fact
    return None
