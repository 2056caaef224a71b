"""Who last changed what a finding speaks of in Git: put into its report, and said in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from drift.finding import SEVERITIES, Finding

if TYPE_CHECKING:
    from drift.declared.blame import Blame, Spot

#: The member of ``declared_at`` and ``written_at``: absent where nobody was asked, null where Git can't tell.
MEMBER = "last_change"
_UNCOMMITTED = "changed, and not committed yet"


def add(findings: Sequence[Finding], told: Sequence[dict[str, Any]], blame: Blame) -> None:
    """Adds who touched each line that the findings name; ``told`` are the same findings as the report has
    them. The severest are asked about first."""
    from drift.declared.blame import Spot  # whoever only shows a report needs no Git

    pairs = sorted(zip(findings, told, strict=True), key=lambda pair: SEVERITIES.index(pair[0].severity))
    wanted: list[tuple[dict[str, Any], Spot]] = []
    for finding, one in pairs:
        origin = finding.declared.origin if finding.declared else None
        if origin is not None:
            wanted += [
                (place, Spot(place["file"], place["line"], origin.commit, origin.url))
                for place in _places(one)
                if place["line"] and place["file"]
            ]
    answer = blame.of(spot for _, spot in wanted)
    for place, spot in wanted:
        if spot in answer:
            touched = answer[spot]
            place[MEMBER] = None if touched is None else asdict(touched)


def newest(finding: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The last change of what a finding of a report says differs, else of its declaration; None where Git
    told of none."""
    known = [
        one
        for change in finding.get("changes") or ()
        if (place := change.get("written_at")) and (one := place.get(MEMBER))
    ]
    return max(known, key=_when) if known else (finding.get("declared_at") or {}).get(MEMBER)


def said(finding: Mapping[str, Any]) -> str:
    """One short line for people; empty where Git told nothing."""
    one = newest(finding)
    if one is None:
        return ""
    if one["commit"] is None:
        return _UNCOMMITTED
    day = (one["date"] or "")[:10]
    subject = one["subject"] or ""
    subject = subject if len(subject) <= 60 else subject[:59] + "…"
    parts = (f"last changed by {one['author'] or one['email'] or 'nobody named'}", day, one["commit"][:10])
    return ", ".join(filter(None, parts)) + (f": {subject}" if subject else "")


def _places(finding: Mapping[str, Any]) -> Iterator[Any]:
    if finding.get("declared_at"):
        yield finding["declared_at"]
    for change in finding.get("changes") or ():
        if change.get("written_at"):
            yield change["written_at"]


def _when(one: Mapping[str, Any]) -> tuple[bool, str]:
    """What is not committed is newer than all that is."""
    return one["commit"] is None, one["date"] or ""
