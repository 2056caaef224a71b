"""Severity from what a change does: the first rule that fits, of the provider's rules and then the general
ones.

A rule is a mapping: ``kind`` (changed, missing, unmanaged), ``type`` and ``path`` (globs, or lists of them),
``when`` (a JMESPath condition on ``{change, declared, live, finding}``, :mod:`drift.config.conditions`),
``severity`` and ``why`` (one sentence). All given conditions must hold. Of a finding's changes the worst
counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from drift.config.conditions import check, holds
from drift.errors import DriftError
from drift.model import MISSING, SEVERITIES, Change, Finding, Severity
from drift.safe_yaml import data

_WORDS = frozenset({"kind", "type", "path", "when", "severity", "why"})
RANK: Mapping[str, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}


@cache
def read_rules(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The rules of a YAML file. Raises DriftError on an unknown word or severity."""
    rules = data(path) or []
    for index, rule in enumerate(rules):
        unknown = set(rule) - _WORDS
        if unknown or rule.get("severity") not in SEVERITIES or "why" not in rule:
            raise DriftError(
                f"{path.name}: rule {index + 1}: needs severity and why, knows no {sorted(unknown)}"
            )
        try:
            check(rule.get("when", "@"))
        except ValueError as error:
            raise DriftError(f"{path.name}: rule {index + 1}: {error}") from error
    return tuple(rules)


@cache
def general_rules() -> tuple[Mapping[str, Any], ...]:
    return read_rules(Path(__file__).with_name("severity.yaml"))


def rate(finding: Finding, rules: Iterable[Mapping[str, Any]]) -> tuple[Severity, str]:
    """(severity, why) of a finding: the worst of its changes, each by the first rule that fits."""
    ordered = [*rules, *general_rules()]
    verdicts = [_first(finding, change, ordered) for change in finding.changes or (None,)]
    return min(verdicts, key=lambda verdict: RANK[verdict[0]])


def _first(finding: Finding, change: Change | None, rules: list[Mapping[str, Any]]) -> tuple[Severity, str]:
    told: dict[str, Any] | None = None
    for rule in rules:
        if "kind" in rule and rule["kind"] != finding.kind:
            continue
        if "type" in rule and not _fits(finding.resource.type, rule["type"]):
            continue
        if "path" in rule and (change is None or not _fits(change.path, rule["path"])):
            continue
        if "when" in rule:
            told = told or document(finding, change)
            if not holds(rule["when"], told):
                continue
        return rule["severity"], str(rule["why"])
    return "medium", "No rule says more of it."


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
    return any(fnmatchcase(text, glob) for glob in ([globs] if isinstance(globs, str) else globs))
