"""Severity from what a change does: the first rule that fits, of the provider's rules and then the general
ones.

A rule is a mapping: ``kind`` (changed, missing, unmanaged), ``type`` and ``path`` (globs, or lists of them),
``when`` (a JMESPath condition on ``{change, declared, live, finding}``, :mod:`drift.config.conditions`),
``severity`` and ``why`` (one sentence), and ``category``: what a change of the kind touches
(:data:`drift.finding.CATEGORIES`). All given conditions must hold. Of a finding's changes the worst counts,
and the categories of all. ``always: true`` says that such a value opens, grants or disables something, so
that it is told where the service itself may have filled it in, too (:class:`drift.hooks.Filled`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from drift.config.conditions import check, holds
from drift.errors import DriftError
from drift.finding import CATEGORIES, SEVERITIES, Category, Change, Finding, Severity
from drift.globs import Globs
from drift.model import MISSING, Resource
from drift.pointer import escape
from drift.safe_yaml import data

_WORDS = frozenset({"kind", "type", "path", "when", "severity", "why", "always", "category"})
#: So many members of one object are asked about at most.
_MOST = 500
#: Each set of categories that was told so far, of which there are few.
_SHARED: dict[frozenset[Category], frozenset[Category]] = {}
RANK: Mapping[str, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}


@cache
def read_rules(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The rules of a YAML file. Raises DriftError on an unknown word or severity."""
    rules = data(path) or []
    for index, rule in enumerate(rules):
        unknown = set(rule) - _WORDS
        known = rule.get("category") in (None, *CATEGORIES)
        if unknown or rule.get("severity") not in SEVERITIES or "why" not in rule or not known:
            raise DriftError(
                f"{path.name}: rule {index + 1}: needs severity and why, knows no {sorted(unknown)}, and has "
                f"category {', '.join(CATEGORIES)}"
            )
        try:
            check(rule.get("when", "@"))
        except ValueError as error:
            raise DriftError(f"{path.name}: rule {index + 1}: {error}") from error
    return tuple(rules)


@cache
def general_rules() -> tuple[Mapping[str, Any], ...]:
    return read_rules(Path(__file__).with_name("severity.yaml"))


class Rating(NamedTuple):
    """How bad a finding is, why, and what its changes touch."""

    severity: Severity
    why: str
    categories: frozenset[Category] = frozenset()


class Scale:
    """The rules of one provider and the general ones, of which few speak of one type."""

    def __init__(self, rules: Iterable[Mapping[str, Any]]) -> None:
        self._rules = [*rules, *general_rules()]
        self._told: dict[tuple[str, str], list[Mapping[str, Any]]] = {}

    def of(self, kind: str, type_: str) -> list[Mapping[str, Any]]:
        """Those that speak of findings of a kind on a type."""
        told = self._told.get((kind, type_))
        if told is None:
            told = self._told[kind, type_] = [
                rule
                for rule in self._rules
                if rule.get("kind", kind) == kind and _fits(type_, rule.get("type", "*"))
            ]
        return told

    def rate(self, finding: Finding) -> Rating:
        """How bad a finding is: as the worst of its changes, each by the first rule that fits.

        Of an object that one side alone has, and of which no rule speaks by its path, the worst of its
        members counts.
        """
        rules = self.of(finding.kind, finding.resource.type)
        verdicts = [_first(finding, change, rules) for change in finding.changes or (None,)]
        worst = min(verdicts, key=lambda verdict: RANK[verdict.severity])
        return worst._replace(categories=_shared(*(one.categories for one in verdicts)))


def rate(finding: Finding, rules: Iterable[Mapping[str, Any]]) -> tuple[Severity, str]:
    """(severity, why) of one finding by some rules and the general ones (:meth:`Scale.rate`)."""
    return Scale(rules).rate(finding)[:2]


class Graves(Scale):
    """The same rules, asked of values that a service may have filled in."""

    def __init__(self, rules: Iterable[Mapping[str, Any]]) -> None:
        super().__init__(rules)
        self._known: dict[tuple[str, str], bool] = {}

    def fit(self, declared: Resource, live: Resource, change: Change) -> bool:
        """Whether the first rule that fits a change says that it is always told; or that of a member of an
        object, of which no rule speaks by its path."""
        members = list(islice(_members(change), _MOST))
        if not members and not self._possible(live.type, change.path):
            return False
        rule = self._first(declared, live, change)
        if not members or (rule is not None and "path" in rule):
            return rule is not None and bool(rule.get("always"))
        found = (self._first(declared, live, one) for one in members if self._possible(live.type, one.path))
        return any(one is not None and one.get("always") for one in found)

    def _first(self, declared: Resource, live: Resource, change: Change) -> Mapping[str, Any] | None:
        rules = self.of("changed", live.type)
        return _rule(Finding("changed", declared, live, (change,)), change, rules)

    def _possible(self, type_: str, path: str) -> bool:
        """Whether a rule that is always told may fit a change there."""
        known = self._known.get((type_, path))
        if known is None:
            known = self._known[type_, path] = any(
                rule.get("always") and _fits(path, rule.get("path", "*"))
                for rule in self.of("changed", type_)
            )
        return known


def _first(finding: Finding, change: Change | None, rules: list[Mapping[str, Any]]) -> Rating:
    rule = _rule(finding, change, rules)
    told = Rating("medium", "No rule says more of it.") if rule is None else _rating(rule)
    if change is None or (rule is not None and "path" in rule):
        return told
    worst, touched = told, set(told.categories)
    for one in islice(_members(change), _MOST):
        found = _rule(finding, one, rules)
        if found is not None and "path" in found:
            rating = _rating(found)
            touched |= rating.categories
            if RANK[rating.severity] < RANK[worst.severity]:
                worst = rating
    return worst._replace(categories=_shared(touched))


def _rating(rule: Mapping[str, Any]) -> Rating:
    category = rule.get("category")
    return Rating(rule["severity"], str(rule["why"]), _shared(() if category is None else (category,)))


def _shared(*categories: Iterable[Category]) -> frozenset[Category]:
    """All of some categories, as one set for all findings that have the same."""
    found = frozenset[Category]().union(*categories)
    return _SHARED.setdefault(found, found)


def _members(change: Change) -> Iterator[Change]:
    """What is in an object that one side alone has, at any depth, each as a change of its own."""
    live = change.declared is MISSING
    value = change.live if live else change.declared
    if change.declared is not MISSING and change.live is not MISSING:
        return
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value) if any(isinstance(one, Mapping) for one in value) else ()
    for name, item in items:
        sides = {"live": item} if live else {"declared": item}
        one = Change(f"{change.path}/{escape(str(name))}", undeclared=change.undeclared, **sides)
        yield one
        yield from _members(one)


def _rule(
    finding: Finding, change: Change | None, rules: list[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """The first that fits, of those that speak of the finding's kind and type."""
    told: dict[str, Any] | None = None
    for rule in rules:
        if "path" in rule and (change is None or not _fits(change.path, rule["path"])):
            continue
        if "when" in rule:
            told = told or document(finding, change)
            if not holds(rule["when"], told):
                continue
        return rule
    return None


def document(finding: Finding, change: Change | None) -> dict[str, Any]:
    """What a JMESPath condition is asked of: ``{change, declared, live, finding}``."""
    resource = finding.resource
    told: dict[str, Any] = {}
    if change is not None:
        told = {"path": change.path, "undeclared": change.undeclared}
        if change.declared is not MISSING:
            told["declared"] = change.declared
        if change.live is not MISSING:
            told["live"] = change.live
    return {
        "change": told,
        "declared": finding.declared.attributes if finding.declared else None,
        "live": finding.live.attributes if finding.live else None,
        "finding": {
            "kind": finding.kind,
            "provider": resource.provider,
            "scope": resource.scope,
            "region": resource.cell.region,
            "type": resource.type,
            "id": resource.id,
            "name": resource.name,
        },
    }


def _fits(text: str, globs: str | list[str]) -> bool:
    return _globs(globs if isinstance(globs, str) else tuple(globs)).match(text)


@cache
def _globs(said: str | tuple[str, ...]) -> Globs:
    return Globs([said] if isinstance(said, str) else said)
