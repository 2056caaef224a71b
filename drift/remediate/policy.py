"""What is to happen to a finding: by choice, else by the configuration's rules, else by the built-in ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from drift.config.remediate import Action, PolicyRule
from drift.finding import CATEGORIES, Finding
from drift.rules.where import any_fits, path_fits, speaks_of

#: What is never written to Git by policy: it opens, grants, exposes, or takes protection away.
GRAVE = frozenset(CATEGORIES[:5])
_LIGHT = frozenset(CATEGORIES[5:])


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be done, why in one sentence, and of ``accept`` the reason and end that were said."""

    action: Action
    why: str
    reason: str | None = None
    until: date | None = None


def choose(finding: Finding, environment: str, rules: Sequence[PolicyRule]) -> Chosen:
    """By the first rule that fits, else as is built in. What a severity rule calls grave is never adopted,
    and never accepted, by any rule of policy: that takes a person's choice by the finding's id."""
    grave = sorted(finding.categories & GRAVE)
    for number, rule in enumerate(rules, 1):
        if not _fits(rule, finding, environment):
            continue
        if rule.action in ("adopt", "accept") and grave:
            why = f"it touches {', '.join(grave)}, which no policy {rule.action}s: choose it by its id"
            return Chosen("revert" if finding.kind == "changed" else "describe", why)
        return Chosen(rule.action, f"rule {number} of remediate.policy", rule.reason, rule.until)
    return _built_in(finding, grave)


def _built_in(finding: Finding, grave: Iterable[str]) -> Chosen:
    if finding.kind == "unmanaged":
        return Chosen("describe", "nobody declares it: to adopt it, or to remove it, is a person's choice")
    touched = ", ".join(grave)
    if touched:
        return Chosen("revert", f"it touches {touched}")
    if finding.kind == "missing":
        why = "it is gone: to make it again, or to declare it no longer, is a person's choice"
        return Chosen("describe", why)
    told = finding.attribution
    if finding.categories and finding.categories <= _LIGHT:
        if told is not None and told.kind == "person" and told.certain:
            touched = " and ".join(sorted(finding.categories))
            return Chosen("adopt", f"a person changed it ({told.actor}), and it touches only {touched}")
        return Chosen("describe", "it is not known that a person changed it")
    return Chosen("describe", "no rule says which side is right")


def _fits(rule: PolicyRule, finding: Finding, environment: str) -> bool:
    told = finding.attribution
    return (
        speaks_of(rule, finding)
        and _one_of(rule.kind, [finding.kind])
        and _one_of(rule.severity, [finding.severity])
        and _one_of(rule.category, finding.categories)
        and _one_of(rule.by, [told.kind] if told and told.certain and told.kind else [])
        and (rule.path is None or any(path_fits(rule.path, one.path) for one in finding.changes))
        and (rule.environment is None or any_fits(rule.environment, [environment]))
        and (rule.owner is None or any_fits(rule.owner, [finding.owner]))
        and (rule.actor is None or any_fits(rule.actor, [told.actor if told and told.certain else None]))
    )


def _one_of(said: Any, found: Iterable[str]) -> bool:
    if said is None:
        return True
    wanted = {said} if isinstance(said, str) else set(said)
    return bool(wanted & set(found))
