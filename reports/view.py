"""How findings and rules are named, ordered and counted, the same in every format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drift.finding import NO_OWNER
from drift.visible import visible

SEVERITIES = ("critical", "high", "medium", "low", "info")
KINDS = ("changed", "missing", "unmanaged")
STATUSES = ("new", "flapping", "recurring", "unknown", "pending")
_RULES = ("expired", "unusable", "unused", "active")

Report = Mapping[str, Any]
Row = Mapping[str, Any]
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 cell``, ``2 cells``, ``1,204 cells``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def severity_of(finding: Row) -> str:
    severity = str(finding.get("severity") or "info")
    return severity if severity in SEVERITIES else "info"


def status_of(finding: Row) -> str:
    """The status; empty where no history tells it."""
    return visible(finding.get("status") or "")


def owner_of(finding: Row) -> str:
    return visible(finding.get("owner") or NO_OWNER)


def place_of(row: Row) -> str:
    """Where a finding or a cell is: ``aws 111122223333 eu-west-1``; by the name that people gave the place,
    where it is known."""
    parts = (row.get("provider"), row.get("scope_name") or row.get("scope"), row.get("region"))
    return visible(" ".join(str(part) for part in parts if part))


def name_of(row: Row) -> str:
    """What people call it; of a grant that has only an id, what it gives to whom."""
    name, content = row.get("name"), row.get("content") or {}
    if (not name or _ID.match(str(name))) and (gives := content.get("May act as")):
        who = content.get("Who")
        first = who[0] if isinstance(who, list) and who else who
        return visible(f"{gives} for {first}" if first else gives)
    return visible(name or row.get("resource_id") or row.get("id") or "(no name)")


def ordered(findings: Iterable[Row]) -> list[Row]:
    """Severest first, then new before known; what only waits to be applied comes last."""

    def rank(finding: Row) -> tuple[Any, ...]:
        status = status_of(finding)
        return (
            status == "pending",
            SEVERITIES.index(severity_of(finding)),
            STATUSES.index(status) if status in STATUSES else len(STATUSES),
            place_of(finding),
            str(finding.get("type")),
            name_of(finding),
        )

    return sorted(findings, key=rank)


def drifted(findings: Iterable[Row]) -> list[Row]:
    """The findings that are drift: a declaration that is still being applied is not, and of one that could
    not be read again nobody knows."""
    return [finding for finding in findings if status_of(finding) not in ("pending", "unknown")]


def since_of(finding: Row) -> object:
    """When the drift began that is there now, which may have ended and come back; None where nobody knows."""
    return (finding.get("history") or {}).get("since") or finding.get("first_seen")


def first_sight(history: Row) -> str:
    """What a history sees for the first time in its first report; empty in all others."""
    first = history.get("first") or {}
    if history.get("runs") or not any(first.values()):
        return ""
    seen = [
        count(first[name], *words)
        for name, words in (
            ("values", ("value",)),
            ("resources", ("resource",)),
        )
        if first.get(name)
    ]
    known = " and ".join(seen)
    return f"{known} that nobody declares were seen for the first time: changes are told from now on"


def remembered_of(finding: Row) -> str:
    """What a history says of a finding beside its status: ``came back 2 times, changed again``."""
    history = finding.get("history") or {}
    times = history.get("reopened") or 0
    said = (
        f"came back {'once' if times == 1 else f'{times:,} times'}" if times else "",
        "changed again" if history.get("changed_again") else "",
        f"not read again: {visible(history['unknown'])}" if history.get("unknown") else "",
    )
    return ", ".join(filter(None, said))


def by_severity(findings: Iterable[Row]) -> dict[str, int]:
    counts = Counter(severity_of(finding) for finding in findings)
    return {severity: counts[severity] for severity in SEVERITIES if counts[severity]}


def rules(report: Report) -> list[Row]:
    """The ignore rules, those that do not work first."""
    return sorted(report.get("rules") or [], key=lambda rule: _RULES.index(str(rule.get("status"))))


def rules_said(report: Report) -> str:
    """``1 rule has expired: drift.yaml:4; 2 rules match nothing: …``; empty where all work."""
    words = {
        "expired": ("has expired", "have expired"),
        "unusable": ("can't be applied", "can't be applied"),
        "unused": ("matches nothing", "match nothing"),
    }
    said = []
    for status, (one, many) in words.items():
        names = [visible(rule.get("rule")) for rule in rules(report) if rule.get("status") == status]
        if names:
            verb = one if len(names) == 1 else many
            rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
            said.append(f"{count(len(names), 'rule')} {verb}: {', '.join(names[:5])}{rest}")
    return "; ".join(said)


def tally(names: Iterable[str], order: Sequence[str] = ()) -> list[tuple[str, int]]:
    """Names with how often each occurs: in ``order`` first, the rest by number."""
    counts = Counter(names)
    rest = sorted((name for name in counts if name not in order), key=lambda name: (-counts[name], name))
    return [(name, counts[name]) for name in (*order, *rest) if counts[name]]


def deployed_by(finding: Row) -> str:
    """The chain of deployers' objects that leads to what is declared, and the one that makes it
    (``clusters/prod → apps, by Kustomization flux-system/apps``); empty where none does."""
    at = finding.get("declared_at") or {}
    chain, by = " → ".join(map(visible, at.get("via") or ())), visible(at.get("by") or "")
    return f"{chain}, by {by}" if by and chain not in ("", by) else by or chain


_LINK = re.compile(r"https?://[^\s\x00-\x20\x7f]+", re.IGNORECASE)


def safe_link(url: object) -> str:
    """``url`` if it may be a link in a report (http and https only), else nothing."""
    text = str(url or "")
    return text if _LINK.fullmatch(text) and visible(text) == text else ""
