"""What a mail says of a report, cut to what fits into one: the verdict, who must act, what is blind, the most
severe findings with before and after, the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from drift.finding import NO_OWNER
from drift.renderer import Letter
from drift.report import last_changes
from drift.visible import visible
from reports import ledger, moments, todo, view
from reports.difference import Piece
from reports.glance import BLIND, Glance, mark
from reports.values import ChangeView, change_view, short


@dataclass(frozen=True)
class Limits:
    """How much of each a mail has, and of a text how many characters."""

    findings: int = 10
    changes: int = 4
    lines: int = 6
    value: int = 220
    owners: int = 5
    gaps: int = 5
    text: int = 160

    def less(self) -> Limits:
        """About half of it."""
        return Limits(
            max(1, self.findings * 3 // 4),
            max(1, self.changes // 2),
            max(2, self.lines // 2),
            max(40, self.value // 2),
        )


@dataclass(frozen=True)
class Line:
    """One line of a change: ``declared``, ``live`` or, left out, ``more``; its text in pieces, or a word
    where that side has none. ``goes_on``: it is of the same side as the line above, which says so."""

    side: str
    pieces: Sequence[Piece] = ()
    word: str = ""
    goes_on: bool = False


def cut(text: object, most: int) -> str:
    """A text on one line, safe to show, of at most so many characters."""
    said = visible(" ".join(str(text or "").split()))
    return said if len(said) <= most else said[: most - 1] + "…"


def subject(glance: Glance, letter: Letter) -> str:
    """``3 new, 1 critical · prod``, with the team whose mail it is, on one line."""
    environment = (glance.report.get("run") or {}).get("environment")
    whose = ", ".join(letter.owners[:2]) + (" …" if len(letter.owners) > 2 else "")
    said = glance.headline
    if letter.weekly:
        said = f"weekly: {said}" if glance.drifted or glance.blind else f"all is well: {said}"
    return " · ".join(cut(part, 80) for part in (said, environment, whose) if part)


def around(glance: Glance, letter: Letter, limits: Limits) -> dict[str, Any]:
    """All that both bodies of the mail say."""
    report, told, verdict = glance.report, glance.counts, glance.verdict
    run, drifted, news = report.get("run") or {}, glance.drifted, glance.fresh
    shown = view.ordered(news)[: limits.findings]
    said = glance.headline
    coverage = report.get("coverage") or []
    gaps = [one for one in ledger.gaps(coverage) if one.status in BLIND]
    problems = report.get("problems") or []
    seen = _Same(news)
    return {
        "headline": said[0].upper() + said[1:],
        "tone": verdict.tone if not (told.remembered and told.drifted and not told.fresh) else "known",
        "verdict": verdict,
        "environment": cut(run.get("environment"), 60),
        "run_id": cut(run.get("id"), 60),
        "version": cut(run.get("version"), 20),
        "finished": moments.human_time(run.get("finished_at") or run.get("started_at")),
        "remarks": [cut(one, 400) for one in letter.remarks],
        "owners": [cut(one, 60) for one in letter.owners],
        "weekly": letter.weekly,
        "link": view.safe_link(letter.report_url or run.get("url")),
        "told": told,
        "new_by": _severities(told.severities),
        "act": _act(news, limits),
        "resolved": len(report.get("resolved") or []),
        "unread": glance.blind,
        "cells": len(coverage),
        "read": _read(coverage),
        "gaps": [_gap(one, limits) for one in gaps[: limits.gaps]],
        "more_gaps": max(0, len(gaps) - limits.gaps),
        "problems": [
            (cut(one.get("source"), 80), cut(one.get("message"), limits.text))
            for one in problems[: limits.gaps]
        ],
        "more_problems": max(0, len(problems) - limits.gaps),
        "findings": [_finding(one, run, limits) for one in shown],
        "more": len(news) - len(shown),
        "todo": "Apply the declaration again, or declare what is live if it is right; "
        "a rule accepts the rest.",
        "known": _severities(view.by_severity(one for one in drifted if one not in seen)),
        "table": _table(drifted, news, told.remembered),
        "trend": points(report),
        "in_sync": (report.get("summary") or {}).get("in_sync"),
        "declared": (report.get("summary") or {}).get("declared"),
    }


def _read(coverage: Sequence[Mapping[str, Any]]) -> str:
    """How much was read where nothing is blind; empty where nothing was."""
    skipped = sum(1 for one in coverage if one.get("status") == "skipped")
    cells = len(coverage) - skipped
    aside = f", {skipped:,} skipped" if skipped else ""
    return f"{'all ' if cells > 1 else ''}{view.count(cells, 'cell')} read{aside}" if cells else ""


class _Same:
    """Whether an object is one of some, by identity: findings are large to compare."""

    def __init__(self, ones: Iterable[object]) -> None:
        self._ids = {id(one) for one in ones}

    def __contains__(self, one: object) -> bool:
        return id(one) in self._ids


def _severities(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counted.items())


def _act(news: Sequence[Mapping[str, Any]], limits: Limits) -> dict[str, Any]:
    """Who has something to do, whoever has the worst first, nobody last; ``others`` counts owners
    that are left out."""
    worst: dict[str, Counter[str]] = {}
    for one in news:
        worst.setdefault(view.owner_of(one), Counter())[view.severity_of(one)] += 1
    unowned = [(NO_OWNER, worst.pop(NO_OWNER))] if NO_OWNER in worst else []
    ranked = sorted(worst.items(), key=lambda item: (*(-item[1][name] for name in view.SEVERITIES), item[0]))
    rows = [
        (cut(name, 40), sum(mine.values()), next(one for one in view.SEVERITIES if mine[one]))
        for name, mine in [*ranked[: limits.owners], *unowned]
    ]
    return {"rows": rows, "others": max(0, len(ranked) - limits.owners)}


def _gap(gap: ledger.Gap, limits: Limits) -> dict[str, str]:
    return {
        "status": gap.status,
        "place": cut(gap.place, 80),
        "types": cut(gap.named(3), 110),
        "message": cut(gap.message, limits.text),
    }


def _finding(finding: Mapping[str, Any], run: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    declared, by = finding.get("declared_at") or {}, finding.get("attribution") or {}
    links = finding.get("links") or {}
    changes = finding.get("changes") or []
    where = cut(declared.get("file") or declared.get("address"), 90)
    if where and declared.get("file") and declared.get("line"):
        where += cut(f":{declared['line']}", 12)
    actor = cut(by.get("actor"), 90)
    actor = f"possibly {actor}" if actor and by.get("certain") is False else actor
    who = ", ".join(filter(None, (actor, cut(by.get("event"), 60), moments.human_time(by.get("time")))))
    return {
        "severity": view.severity_of(finding),
        "name": cut(view.name_of(finding), 100),
        "type": cut(finding.get("type"), 80),
        "kind": {"missing": "declared, not live", "unmanaged": "live, not declared"}.get(
            str(finding.get("kind")), ""
        ),
        "mark": mark(finding),
        "reason": cut(finding.get("severity_reason"), limits.text),
        "note": cut(finding.get("note"), limits.text),
        "owner": cut(view.owner_of(finding), 60),
        "place": cut(view.place_of(finding), 100),
        "who": who,
        "touched": "" if who else cut(last_changes.said(finding), 160),
        "declared": where,
        "via": cut(view.deployed_by(finding), 160),
        "declared_link": view.safe_link(links.get("declared")),
        "console_link": view.safe_link(links.get("console")),
        "mended": _mended(links),
        "explain": todo.explain(finding, run) or "",
        "changes": [
            {"path": cut(one.path, 120), "tags": [*one.tags, *_was(change)], "lines": _lines(one, limits)}
            for change in changes[: limits.changes]
            for one in [change_view(change, max_lines=60, max_members=20)]
        ],
        "more_changes": max(0, len(changes) - limits.changes),
    }


def _was(change: Mapping[str, Any]) -> list[str]:
    """What a change was in the run before, where it is another now."""
    if "was" not in change or change.get("sensitive"):
        return []
    was = change["was"] or {}
    told = [f"{side} was {short(was[side], 40)}" for side in ("declared", "live") if side in was]
    return told or ["new"]


def _mended(links: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is under way for a finding, and where: its pull request, else the issue that tells of it."""
    for name, label in (("pull_request", "Pull request"), ("issue", "Issue")):
        if link := view.safe_link(links.get(name)):
            return label, link
    return None


def _lines(shown: ChangeView, limits: Limits) -> list[Line]:
    """A change in few lines: what is alike on both sides is left out, before and after beside each other."""
    if shown.form == "secret":
        return [Line("more", word="secret: differs, neither value is shown")]
    if shown.form == "sides":
        absent = "not declared" if shown.undeclared else "not set"
        return [
            _line("declared", shown.declared, absent, limits),
            _line("live", shown.live, "not set", limits),
        ]
    rows, above = list[Line](), ""
    for row in shown.rows:
        alone = row.kind in ("declared", "live")
        if alone or row.kind == "changed":
            for side, pieces in (("declared", row.declared), ("live", row.live)):
                if pieces is not None:
                    line = _line(side, pieces, "", limits)
                    rows.append(replace(line, goes_on=alone and above == side))
        above = row.kind
    # To say that one line is left out takes a line.
    kept = rows if len(rows) == limits.lines + 1 else rows[: limits.lines]
    hidden = len(rows) - len(kept)
    if hidden or shown.cut:
        return [*kept, Line("more", word="more in the report" if shown.cut else f"{hidden:,} more lines")]
    return kept


def _line(side: str, pieces: Sequence[Piece] | None, absent: str, limits: Limits) -> Line:
    if pieces is None:
        return Line(side, word=absent)
    return Line(side, tuple(_cut_pieces(pieces, limits.value)))


def _cut_pieces(pieces: Sequence[Piece], most: int) -> Iterator[Piece]:
    """Pieces of at most so many characters together, from a little before the first that differs on."""
    texts = [Piece(one.kind, visible(one.text)) for one in pieces]
    if len(texts) > 1 and texts[0].kind == "same" and len(texts[0].text) > most // 3:
        texts[0] = Piece("same", "…" + texts[0].text[-(most // 3) :])
    left = most
    for number, one in enumerate(texts):
        if left <= 0 or number >= 12:
            yield Piece("elided", "…")
            return
        yield Piece(one.kind, one.text if len(one.text) <= left else one.text[:left])
        left -= len(one.text)
    if left < 0:
        yield Piece("elided", "…")


def _table(
    drifted: Sequence[Mapping[str, Any]], news: Sequence[Mapping[str, Any]], remembered: bool
) -> list[tuple[str, int, int]]:
    """Severity, fresh and all that drifted; the fresh ones are all where nothing is remembered."""
    all_, new = view.by_severity(drifted), view.by_severity(news)
    return [(name, new.get(name, 0) if remembered else number, number) for name, number in all_.items()]


def points(report: Mapping[str, Any], most: int = 60) -> list[dict[str, int]]:
    """How many findings of each severity the runs of the history had, the oldest first, this one last; none
    where no earlier one is known."""
    history = (report.get("run") or {}).get("history")
    told = history.get("trend") if isinstance(history, Mapping) else None
    found = []
    for one in told if isinstance(told, list) else []:
        counted = one.get("by_severity") if isinstance(one, Mapping) else None
        if isinstance(counted, Mapping):
            found.append(
                {name: counted[name] if isinstance(counted.get(name), int) else 0 for name in view.SEVERITIES}
            )
    if not found:
        return []
    now = view.by_severity(view.drifted(report.get("findings") or []))
    return [*found, {name: now.get(name, 0) for name in view.SEVERITIES}][-most:]
