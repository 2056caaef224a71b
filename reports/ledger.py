"""What was read and what was not, cell by cell, told by account and by place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drift.visible import visible
from reports import reasons
from reports.view import SEVERITIES, Report, Row, count, drifted, place_of, severity_of

UNREAD = ("denied", "throttled", "failed", "unsupported")


@dataclass(frozen=True)
class Gap:
    """Cells of one account that were not read for one reason: ``place`` names the account and its regions."""

    status: str
    place: str
    types: tuple[str, ...]
    message: str

    def named(self, most: int) -> str:
        """The types, of which at most so many are named, and how many there are."""
        if len(self.types) <= most:
            return ", ".join(self.types)
        first = ", ".join(self.types[:most])
        return f"{count(len(self.types), 'type')}: {first} and {len(self.types) - most} more"


@dataclass(frozen=True)
class Place:
    """One account (subscription, project, cluster) and region: what was read there and what drifted."""

    name: str
    cells: int
    unread: int
    skipped: int
    findings: int
    by_severity: Mapping[str, int]


def by_status(coverage: Iterable[Row]) -> dict[str, int]:
    """Cells by coverage status, the unread first."""
    counts = Counter(str(row.get("status")) for row in coverage)
    known = (*UNREAD, "skipped", "checked")
    return {
        status: counts[status] for status in (*known, *sorted(set(counts) - set(known))) if counts[status]
    }


def whole(coverage: Iterable[Row]) -> bool:
    """Whether all that was asked for was read."""
    cells = by_status(coverage)
    return bool(cells) and set(cells) <= {"checked", "skipped"}


def gaps(coverage: Iterable[Row]) -> list[Gap]:
    """All cells that were not read, those of one account and one reason together, what blinds first. Reasons
    that differ by their type alone, or by its call, are one."""
    regions: dict[tuple[str, str, str, str], list[str]] = {}
    for row in coverage:
        if row.get("status") != "checked":
            account = place_of({"provider": row.get("provider"), "scope": row.get("scope")})
            key = (
                str(row.get("status")),
                account,
                visible(row.get("message") or ""),
                visible(row.get("type")),
            )
            regions.setdefault(key, []).append(visible(row.get("region") or ""))
    grouped: dict[tuple[str, str, str, tuple[str, ...]], dict[str, str]] = {}
    for (status, account, message, type_), names in regions.items():
        alike = (status, account, reasons.form(message, type_), tuple(sorted(names)))
        grouped.setdefault(alike, {})[type_] = message
    order = (*UNREAD, "skipped")

    def rank(gap: Gap) -> tuple[int, str, str]:
        return (order.index(gap.status) if gap.status in order else -1, gap.place, gap.message)

    found = [
        Gap(
            status,
            f"{account} {', '.join(names)}".strip(),
            tuple(sorted(types)),
            reasons.together(types.values(), form),
        )
        for (status, account, form, names), types in grouped.items()
    ]
    return sorted(found, key=rank)


def places(report: Report) -> list[Place]:
    """Every place of the report, the one with the severest drift first, then the blindest."""
    coverage, findings = report.get("coverage") or [], drifted(report.get("findings") or [])
    cells: dict[str, Counter[str]] = defaultdict(Counter)
    for row in coverage:
        cells[place_of(row)][str(row.get("status"))] += 1
    severities: dict[str, Counter[str]] = defaultdict(Counter)
    for finding in findings:
        severities[place_of(finding)][severity_of(finding)] += 1
    found = []
    for name in dict.fromkeys((*cells, *severities)):
        statuses, counts = cells.get(name, Counter()), severities.get(name, Counter())
        total = sum(statuses.values())
        skipped = statuses["skipped"]
        found.append(
            Place(
                name,
                cells=total,
                unread=total - statuses["checked"] - skipped,
                skipped=skipped,
                findings=sum(counts.values()),
                by_severity={severity: counts[severity] for severity in SEVERITIES if counts[severity]},
            )
        )
    return sorted(found, key=lambda p: ([-p.by_severity.get(s, 0) for s in SEVERITIES], -p.unread, p.name))
