"""What a run judges: what differs, what is missing, what nobody declares; how bad, and in which order it is
told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from drift.compare.verdict import Verdict
from drift.config.model import Config
from drift.finding import Finding
from drift.judge import Judgement, Terms, judge
from drift.live.estate import Estate
from drift.match.pairing import match
from drift.model import Origin, Resource
from drift.redaction.redact import Redactor
from drift.rule import Note
from drift.rules.ruling import Ruling
from tests.match.test_match import GLOBAL_TYPE, TYPE, estate, live, said

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def judged(
    declared: list[Resource], found: Estate, config: dict[str, Any] | None = None, **more: Any
) -> Judgement:
    terms = Terms(found, Config.model_validate({"version": 1, **(config or {})}), Redactor("k"), **more)
    return judge(match(declared, found), terms)


def told(judgement: Judgement) -> list[tuple[str, str | None]]:
    return [(one.kind, one.resource.id) for one in judgement.findings]


def test_each_declared_resource_is_in_sync_changed_or_missing() -> None:
    declared = [said("same", A=1), said("other", A=1), said("gone", A=1)]
    result = judged(declared, estate(live("same", A=1), live("other", A=2)))
    assert set(told(result)) == {("changed", "arn:other"), ("missing", "arn:gone")}
    assert (result.in_sync, result.declared) == (1, 3)
    changes = [change for one in result.findings for change in one.changes]
    assert [(one.path, one.declared, one.live) for one in changes] == [("/A", 1, 2)]


def test_what_folds_is_counted_and_no_finding() -> None:
    result = judged([said("a", A=1)], estate(live("a", A=1, B="")))
    assert (result.findings, result.folded, result.in_sync) == ([], 1, 1)


def test_a_declaration_that_says_nothing_is_not_in_sync() -> None:
    result = judged([said("a")], estate(live("a", A=1)), {"undeclared": [{"action": "ignore"}]})
    assert (result.findings, result.in_sync, result.declared) == ([], 0, 1)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (None, {"findings": 1}),
        ("report", {"findings": 1}),
        ("count", {"unlisted": 1}),
        ("ignore", {"ignored": 1}),
    ],
)
def test_what_nobody_declares_is_listed_where_its_type_is_declared_unless_told_else(
    action: str | None, expected: dict[str, int]
) -> None:
    rules = {"unmanaged": [{"type": TYPE, "action": action}]} if action else {}
    result = judged([said("a")], estate(live("a"), live("rogue")), rules)
    counts = {
        "findings": len(result.findings),
        "unlisted": result.unlisted.total(),
        "ignored": result.ignored,
    }
    assert counts == {"findings": 0, "unlisted": 0, "ignored": 0} | expected


def test_the_first_unmanaged_rule_that_fits_decides() -> None:
    rules = [{"scope": "other", "action": "ignore"}, {"action": "count"}, {"action": "report"}]
    result = judged([said("a")], estate(live("a"), live("rogue")), {"unmanaged": rules})
    assert result.unlisted.total() == 1 and not result.findings


def test_a_type_that_nobody_declares_is_only_counted_but_where_it_gives_access() -> None:
    found = estate(live("a"), live("user", type_=GLOBAL_TYPE, region=None))
    assert told(judged([], found)) == []
    found.providers["cloud"].facts(GLOBAL_TYPE).access = True  # type: ignore[union-attr]
    result = judged([], found)
    assert told(result) == [("unmanaged", "arn:user")]
    assert result.unlisted.total() == 1


def test_what_the_cloud_made_is_nobodys() -> None:
    result = judged([said("a")], estate(live("a"), live("default", System=True)))
    assert (result.findings, result.system) == ([], 1)


def test_a_live_resource_that_a_declaration_may_mean_is_not_called_unmanaged() -> None:
    unknown = said(None, at="module.x")
    result = judged([unknown, said("a")], estate(live("a"), live("maybe")))
    assert told(result) == []
    reasons = {one.resource_id: one.reason for one in result.unverifiable}
    assert reasons["arn:maybe"] == "possibly module.x, whose id is not known"


@pytest.mark.parametrize(
    ("grace", "time", "status"),
    [
        ("30m", "2026-07-01T11:45:00+00:00", "pending"),
        ("30m", "2026-07-01T11:15:00+00:00", None),
        ("30m", "2026-07-01T13:45:00+02:00", "pending"),
        ("0s", "2026-07-01T12:00:00+00:00", None),
    ],
)
def test_a_commit_this_young_may_not_be_live_yet(grace: str, time: str, status: str | None) -> None:
    young = [one.but(origin=Origin("test", "f", commit="c1")) for one in (said("a", A=1), said("b", A=1))]
    result = judged(young, estate(live("a", A=2)), {"grace": grace}, committed_at={"c1": time}, now=NOON)
    assert {one.kind: one.status for one in result.findings} == {"changed": status, "missing": status}


def test_findings_are_told_worst_first_then_by_place() -> None:
    rules = [
        {"kind": "missing", "severity": "low", "why": "It can wait."},
        {"path": "/A", "severity": "critical", "why": "It opens a door."},
    ]
    declared = [said("b", A=1), said("a", A=1), said("gone")]
    result = judged(declared, estate(live("a", A=2), live("b", A=2)), {"severity": rules})
    assert [(one.severity, one.resource.id) for one in result.findings] == [
        ("critical", "arn:a"),
        ("critical", "arn:b"),
        ("low", "arn:gone"),
    ]
    assert result.findings[0].severity_reason == "It opens a door."


class Hide:
    """A rule that hides what has an id."""

    note = Note("rule", "because")

    def __init__(self, id_: str) -> None:
        self.id = id_

    def apply(self, finding: Finding, again: Any) -> Finding | None:
        return None if finding.resource.id == self.id else finding


def test_what_a_rule_hides_is_no_finding_and_keeps_its_evidence() -> None:
    kept: list[tuple[str | None, Verdict | None]] = []

    def keep(finding: Finding, verdict: Verdict | None) -> int:
        kept.append((finding.resource.id, verdict))
        return len(kept) - 1

    declared = [said("hidden", A=1), said("shown", A=1), said("gone")]
    result = judged(
        declared,
        estate(live("hidden", A=2), live("shown", A=2)),
        ruling=Ruling([Hide("arn:hidden")]),
        keep=keep,
    )
    assert [kept[number][0] for number in result.suppressed] == ["arn:hidden"]
    assert [kept[number][0] for number in result.evidence] == [one.resource.id for one in result.findings]
    assert {id_: verdict is not None for id_, verdict in kept} == {
        "arn:hidden": True,
        "arn:shown": True,
        "arn:gone": False,
    }


def test_with_evidence_kept_findings_are_light() -> None:
    result = judged([said("a", A=1)], estate(live("a", A=2)), keep=lambda _finding, _verdict: 0)
    (one,) = result.findings
    assert one.declared is not None and one.live is not None
    assert (one.declared.attributes, one.live.attributes) == ({}, {})
    assert [change.path for change in one.changes] == ["/A"]


def test_a_finding_is_of_the_environment_that_the_snapshots_were_taken_of() -> None:
    found = estate(live("a", A=2))
    unnamed = judged([said("a", A=1)], found)
    found.environments = {"production"}
    named = judged([said("a", A=1)], found)
    own = judged([said("a", A=1)], found, {"environment": "staging"})
    found.environments = {"production", "staging"}
    mixed = judged([said("a", A=1)], found)
    assert [one.environment for one in (unnamed, named, own, mixed)] == [
        "default",
        "production",
        "staging",
        "default",
    ]
    ids = [one.findings[0].id for one in (unnamed, named, own, mixed)]
    assert len(set(ids)) == 3 and ids[0] == ids[3]
