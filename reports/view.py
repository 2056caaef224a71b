"""What a report says at a glance, the same in every format: the verdict, the blind spots, the order, the
counts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from drift.finding import NO_OWNER
from drift.visible import visible
from reports import reasons
from reports.values import listing

SEVERITIES = ("critical", "high", "medium", "low", "info")
KINDS = ("changed", "missing", "unmanaged")
STATUSES = ("new", "flapping", "recurring", "unknown", "pending")
UNREAD = ("denied", "throttled", "failed", "unsupported")
_RULES = ("expired", "unusable", "unused", "active")

Report = Mapping[str, Any]
Row = Mapping[str, Any]
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


@dataclass(frozen=True)
class Verdict:
    """The honest answer. Only ``clean`` may ever look green: everything was read and nothing differs.

    ``drift`` and ``coverage`` are sentences; ``notes`` add what neither says; ``line`` is all of it on one
    line.
    """

    tone: Literal["drift", "partial", "blind", "clean"]
    drift: str
    coverage: str
    notes: tuple[str, ...]
    line: str


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


def verdict(report: Report) -> Verdict:
    """The verdict over ``report``: no drift is never claimed over anything that was not read or not
    verified."""
    findings, coverage = report.get("findings") or [], report.get("coverage") or []
    cells = by_status(coverage)
    unread = sum(number for status, number in cells.items() if status not in ("checked", "skipped"))
    checked, total = cells.get("checked", 0), len(coverage)
    drift, notes = drifted(findings), _notes(report)

    if drift:
        severities = by_severity(drift)
        split = listing(f"{number:,} {severity}" for severity, number in severities.items())
        said = f"{count(len(drift), 'resource')} drifted: {split}"
        tone: Literal["drift", "partial", "blind", "clean"] = "drift"
    elif not checked:
        said, tone = "Nothing can be said about drift", "blind"
    elif unread or cells.get("skipped"):
        said, tone = "No drift found in what could be read", "partial"
    elif notes:
        said, tone = "No drift found in what could be verified", "partial"
    else:
        said, tone = _in_sync(report), "clean"

    notes += _aged(report)
    covered = _coverage_sentence(cells, unread=unread, checked=checked, total=total)
    line = "; ".join([said, covered[0].lower() + covered[1:], *notes]) + "."
    return Verdict(tone, said + ".", covered + ".", notes, line)


def _aged(report: Report) -> tuple[str, ...]:
    """How old a part of what was read is, where the run went on with an earlier one."""
    resumed = (report.get("run") or {}).get("resumed") or {}
    if not resumed.get("cells"):
        return ()
    since = f", the first at {human_time(resumed['oldest'])}" if resumed.get("oldest") else ""
    return (f"{count(resumed['cells'], 'cell')} read by an earlier run{since}",)


def _in_sync(report: Report) -> str:
    suppressed = (report.get("summary") or {}).get("suppressed") or len(report.get("suppressed") or [])
    if suppressed:
        return f"In sync, apart from {count(suppressed, 'difference')} that a rule accepts"
    if (report.get("summary") or {}).get("declared") == 0:
        return "Nothing is declared, so nothing was compared"
    return "In sync: everything declared is live as declared"


def _coverage_sentence(cells: Mapping[str, int], *, unread: int, checked: int, total: int) -> str:
    skipped = cells.get("skipped", 0)
    aside = f", {skipped:,} skipped by configuration" if skipped else ""
    if not total:
        return "No cell was read"
    if not checked and unread:
        return f"None of {count(total, 'cell')} could be read{aside}"
    if unread:
        return f"{unread:,} of {count(total, 'cell')} could not be read{aside}"
    if skipped:
        return f"{checked:,} of {count(total, 'cell')} read{aside}"
    return f"All {count(total, 'cell')} read" if total > 1 else "The only cell was read"


def _notes(report: Report) -> tuple[str, ...]:
    findings = report.get("findings") or []
    statuses = Counter(map(status_of, findings))
    pending, unknown = statuses["pending"], statuses["unknown"]
    unverifiable = (report.get("summary") or {}).get("unverifiable") or len(report.get("unverifiable") or [])
    problems = len(report.get("problems") or [])
    notes = []
    if problems:
        notes.append(f"{count(problems, 'input record')} could not be read")
    if unverifiable:
        notes.append(f"{count(unverifiable, 'value')} could not be verified")
    if pending:
        notes.append(f"{count(pending, 'declaration')} not live yet, within the grace period")
    if unknown:
        notes.append(f"{count(unknown, 'earlier finding')} could not be read again")
    return tuple(notes)


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


def parse_time(value: object) -> datetime | None:
    """A report's ISO 8601 time in UTC, or None where there is none or it is not one."""
    return _parsed_time(str(value))


@lru_cache(4096)
def _parsed_time(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def deployed_by(finding: Row) -> str:
    """The chain of deployers' objects that leads to what is declared, and the one that makes it
    (``clusters/prod → apps, by Kustomization flux-system/apps``); empty where none does."""
    at = finding.get("declared_at") or {}
    chain, by = " → ".join(map(visible, at.get("via") or ())), visible(at.get("by") or "")
    return f"{chain}, by {by}" if by and chain not in ("", by) else by or chain


def human_time(value: object) -> str:
    """``23 Nov 2025, 09:14 UTC``; what is no time stays as it is."""
    return _human_time(str(value)) if value else ""


@lru_cache(4096)
def _human_time(value: str) -> str:
    moment = _parsed_time(value)
    if moment is None:
        return visible(value)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def human_age(since: object, now: object) -> str:
    """How long ago, in one unit: ``5 min``, ``3 h``, ``12 days``; empty where that cannot be known."""
    start, end = parse_time(since), parse_time(now)
    if start is None or end is None:
        return ""
    return human_duration(max(0.0, (end - start).total_seconds()))


def human_since(finding: Row, run: Row) -> str:
    """How long a finding is known, said against the run that it is in."""
    return _human_since(str(since_of(finding)), str(run.get("started_at")), str(run.get("finished_at") or ""))


@lru_cache(4096)
def _human_since(since: str, started: str, finished: str) -> str:
    start, seen = parse_time(started), parse_time(since)
    if start is not None and seen is not None and seen >= start:
        return "this run"
    return human_age(since, finished or started)


def human_duration(seconds: float) -> str:
    """``0.8 s``, ``42 s``, ``5 min``, ``3 h``, ``12 days``."""
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 ", " ")
    for unit, size, until in (("s", 1, 90), ("min", 60, 5_400), ("h", 3_600, 129_600)):
        if seconds < until:
            return f"{round(seconds / size)} {unit}"
    return count(round(seconds / 86_400), "day")


_LINK = re.compile(r"https?://[^\s\x00-\x20\x7f]+", re.IGNORECASE)


def safe_link(url: object) -> str:
    """``url`` if it may be a link in a report (http and https only), else nothing."""
    text = str(url or "")
    return text if _LINK.fullmatch(text) and visible(text) == text else ""
