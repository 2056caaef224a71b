"""Our own ignore rule, as drift.yaml and .driftignore.yaml say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from drift.config.conditions import holds
from drift.config.rules import IgnoreRule
from drift.finding import Change, Finding
from drift.model import MISSING
from drift.pointer import join
from drift.rule import Again, Note
from drift.rules.severity import document
from drift.rules.where import fits, path_fits, speaks_of


@dataclass(frozen=True, slots=True)
class Ignore:
    """``said`` within ``reach``: whether a finding belongs to what the rule's file speaks of."""

    said: IgnoreRule
    note: Note
    reach: Callable[[Finding], bool] = lambda _: True

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        kinds = [self.said.kind] if isinstance(self.said.kind, str) else self.said.kind
        if (kinds and finding.kind not in kinds) or not speaks_of(self.said, finding):
            return finding
        if not self.reach(finding):
            return finding
        if finding.kind != "changed":
            hides = not self.said.of_changes and self._when(finding, None)
            return None if hides else finding
        left = tuple(change for one in finding.changes for change in self._left(finding, one))
        if not left:
            return None
        same = len(left) == len(finding.changes) and all(map(_is, left, finding.changes))
        return finding if same else replace(finding, changes=left)

    def _left(self, finding: Finding, change: Change) -> Iterator[Change]:
        """The change, what is left of it, or nothing."""
        if self.said.path is None or path_fits(self.said.path, change.path):
            yield from self._members(finding, change)
            return
        side = "live" if change.declared is MISSING else "declared" if change.live is MISSING else None
        value = None if side is None else getattr(change, side)
        if side is None or not isinstance(value, dict):
            yield change
            return
        left = self._pruned(finding, change.path, side, value)
        if left is not MISSING:
            yield change if left == value else _with(change, side, left)

    def _members(self, finding: Finding, change: Change) -> Iterator[Change]:
        """Of what was added to or taken from a set each member counts by itself."""
        lists = [side for side in (change.declared, change.live) if side is not MISSING]
        of_value = self.said.model_fields_set & {"declared", "live"}
        if len(of_value) != 1 or not lists or not all(isinstance(side, list) for side in lists):
            if not self._hides(finding, change):
                yield change
            return
        side = next(iter(of_value))
        if isinstance(getattr(self.said, side), list) or getattr(change, side) is MISSING:
            if not self._hides(finding, change):
                yield change
            return
        members = getattr(change, side)
        left = [item for item in members if not self._hides(finding, Change(change.path, **{side: item}))]
        if len(left) == len(members):
            yield change
        elif left or len(lists) == 2:
            yield _with(change, side, left or MISSING)

    def _pruned(self, finding: Finding, path: str, side: str, value: Any) -> Any:
        """A value that only one side has, without the members that are accepted; MISSING where nothing is
        left."""
        if not isinstance(value, dict):
            return value
        left = {}
        for key, item in value.items():
            below = join(path, key)
            assert self.said.path is not None
            if not path_fits(self.said.path, below):
                item = self._pruned(finding, below, side, item)
            elif self._hides(finding, Change(below, **{side: item})):
                item = MISSING
            if item is not MISSING:
                left[key] = item
        return left if left or not value else MISSING

    def _hides(self, finding: Finding, change: Change) -> bool:
        for side in self.said.model_fields_set & {"declared", "live"}:
            if change.sensitive or not _is_as(getattr(change, side), getattr(self.said, side)):
                return False
        return self._when(finding, change)

    def _when(self, finding: Finding, change: Change | None) -> bool:
        return self.said.when is None or holds(self.said.when, document(finding, change), strict=True)


def _with(change: Change, side: str, value: Any) -> Change:
    return replace(change, live=value) if side == "live" else replace(change, declared=value)


def _is(one: Change, other: Change) -> bool:
    return one is other


def _is_as(value: Any, said: Any) -> bool:
    """Whether a value is as a rule says: a glob for a text, the members that are named of an object."""
    if said is None or value is MISSING:
        return said is None and (value is None or value is MISSING)
    if isinstance(said, str):
        return isinstance(value, str) and fits(value, said)
    if isinstance(said, dict):
        return isinstance(value, dict) and all(
            _is_as(value.get(key, MISSING), one) for key, one in said.items()
        )
    if isinstance(said, list):
        return isinstance(value, list) and len(value) == len(said) and all(map(_is_as, value, said))
    return bool(value == said) and isinstance(value, bool) == isinstance(said, bool)
