"""The report: what it counts, how it names things, where it points to; and its exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from drift.finding import Change, Finding
from drift.judge import Judgement
from drift.live.estate import Estate
from drift.model import MISSING, Cell, Coverage, Origin, Problem, Resource
from drift.report.document import build, json_schema, line_of, with_digests
from drift.report.exit_code import exit_code, nothing_read
from drift.source import Location
from tests.match.test_match import estate, live, said

RUN = {
    "id": "20260701T120000Z-1a2b3c",
    "started_at": "2026-07-01T12:00:00Z",
    "finished_at": "2026-07-01T12:00:05Z",
    "duration_seconds": 5.0,
}


def changed(*changes: Change, origin: Origin | None = None, **more: Any) -> Finding:
    declared = said("arn:a") if origin is None else said("arn:a").but(origin=origin)
    return Finding("changed", declared, live("a"), changes or (Change("/A", 1, 2),), **more)


def report(
    *findings: Finding, found: Estate | None = None, problems: tuple[Problem, ...] = (), **more: Any
) -> dict[str, Any]:
    locations = [("test", Location(Path("x"), "stacks/x", "c" * 40, url="https://github.com/acme/infra"))]
    judgement = Judgement(findings=list(findings), **more)
    document = build(
        judgement, estate() if found is None else found, run=RUN, locations=locations, problems=problems
    )
    document = with_digests(document)
    document["run"]["exit_code"] = exit_code(document, "any")
    jsonschema.Draft202012Validator(closed(json_schema())).validate(document)
    return document


def closed(schema: Any) -> Any:
    """The schema without room for members that it does not name: readers take them, writers don't add them
    in silence."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: closed(one) for name, one in schema.items()}
    shut = schema.get("type") == "object" and "properties" in schema and "additionalProperties" not in schema
    return {**told, "additionalProperties": False} if shut else told


def test_findings_are_counted_by_kind_severity_and_owner() -> None:
    document = report(
        changed(severity="high", owner="@web"),
        changed(severity="low", owner="@web"),
        Finding("missing", said("b"), None),
        in_sync=7,
        declared=10,
        folded=3,
    )
    summary = document["summary"]
    assert (summary["changed"], summary["missing"], summary["unmanaged"]) == (2, 1, 0)
    assert summary["by_severity"] == {"critical": 0, "high": 1, "medium": 1, "low": 1, "info": 0}
    assert list(summary["by_owner"].items()) == [("@web", 2), ("no owner", 1)]
    assert (summary["in_sync"], summary["declared"], summary["folded"]) == (7, 10, 3)


def test_a_side_that_is_absent_is_not_said_and_a_secret_never() -> None:
    changes = (
        Change("/A", live=2, undeclared=True),
        Change("/B", declared=None),
        Change("/C", sensitive=True),
    )
    told = report(changed(*changes))["findings"][0]["changes"]
    assert [{**one, "id": ""} for one in told] == [
        {"id": "", "path": "/A", "live": 2, "undeclared": True, "sensitive": False},
        {"id": "", "path": "/B", "declared": None, "undeclared": False, "sensitive": False},
        {"id": "", "path": "/C", "undeclared": False, "sensitive": True},
    ]
    assert changes[2].live is MISSING


def test_ids_are_the_findings_own_and_do_not_hang_on_values() -> None:
    one, other = changed(Change("/A", 1, 2)), changed(Change("/A", 1, 99))
    told = report(one)["findings"][0]
    assert (told["id"], told["changes"][0]["id"]) == (one.id, one.change_id(one.changes[0]))
    assert told["id"] == report(other)["findings"][0]["id"]
    assert told["changes"][0]["id"] == report(other)["findings"][0]["changes"][0]["id"]


def test_an_unknown_id_is_told_by_the_declared_address() -> None:
    unknown = Finding("missing", said(None, None, at="module.a"), None)
    assert report(unknown)["findings"][0]["resource_id"] == "module.a"
    assert unknown.id != Finding("missing", said(None, None, at="module.b"), None).id


@pytest.mark.parametrize(("path", "line"), [("/A/B", 7), ("/A/B/0", 7), ("/A/C", 5), ("/Z", None)])
def test_the_line_of_a_path_is_its_own_or_the_nearest_above(path: str, line: int | None) -> None:
    assert line_of(Origin("test", lines={"/A": 5, "/A/B": 7}), path) == line


def test_a_finding_points_to_the_first_line_that_says_what_changed() -> None:
    origin = Origin("test", "a.tf", 3, "aws_x.a", lines={"/A": 9, "/B": 5})
    told = report(changed(Change("/A", 1, 2), Change("/B", 1, 2), origin=origin))["findings"][0]
    assert (told["declared_at"]["file"], told["declared_at"]["line"]) == ("a.tf", 5)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://github.com/acme/infra.git", "https://github.com/acme/infra/blob/C/a.tf#L3"),
        ("git@github.com:acme/infra.git", "https://github.com/acme/infra/blob/C/a.tf#L3"),
        ("https://gitlab.acme.io/acme/infra.git", "https://gitlab.acme.io/acme/infra/-/blob/C/a.tf#L3"),
        ("https://bitbucket.org/acme/infra", "https://bitbucket.org/acme/infra/src/C/a.tf#lines-3"),
        ("file:///srv/infra", None),
        (None, None),
    ],
)
def test_the_declared_line_on_the_web(url: str | None, link: str | None) -> None:
    origin = Origin("test", "a.tf", 3, commit="c" * 40, url=url)
    assert report(changed(origin=origin))["findings"][0]["links"]["declared"] == (
        None if link is None else link.replace("/C/", f"/{'c' * 40}/")
    )


def test_what_is_not_listed_is_counted_by_cell() -> None:
    cell = Cell("cloud", "s", "r", "T::Regional")
    document = report(unlisted=Counter({cell: 4}))
    assert document["unmanaged_not_listed"] == [{**cell._asdict(), "resources": 4}]
    assert document["summary"]["unmanaged_not_listed"] == 4


# The exit code


def row(status: Any, type_: str = "T::Regional") -> Coverage:
    return Coverage(Cell("cloud", "s", "r", type_), status)


def test_nothing_found_and_all_read_is_in_sync() -> None:
    assert report()["run"]["exit_code"] == 0


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [("info", "any", 2), ("medium", "medium", 2), ("low", "medium", 0), ("critical", "high", 2)],
)
def test_a_finding_counts_from_the_asked_severity_on(severity: Any, fail_on: str, code: int) -> None:
    assert exit_code(report(changed(severity=severity)), fail_on) == code


@pytest.mark.parametrize(
    ("status", "again", "fail_on", "code"),
    [
        ("new", False, "new", 2),
        ("flapping", True, "new:medium", 2),
        ("flapping", False, "new", 0),
        ("new", False, "new:high", 0),
        ("recurring", False, "new", 0),
        ("recurring", True, "new", 2),
        ("unknown", False, "new", 0),
        (None, False, "new", 2),
    ],
)
def test_only_what_is_new_counts_where_that_is_asked(
    status: str | None, again: bool, fail_on: str, code: int
) -> None:
    document = report(changed(severity="medium"))
    moments = {"reopened_at": "2026-01-02T03:04:05Z", "last_seen": "2026-01-03T03:04:05Z"}
    document["findings"][0] |= {"status": status, "history": {"changed_again": again, **moments}}
    assert exit_code(document, fail_on) == code


def test_what_is_pending_does_not_count() -> None:
    assert report(changed(status="pending"))["run"]["exit_code"] == 0


@pytest.mark.parametrize("status", ["denied", "throttled", "failed"])
def test_a_blind_run_never_ends_green(status: Any) -> None:
    assert report(found=estate(rows=(row(status),)))["run"]["exit_code"] == 3
    assert report(changed(), found=estate(rows=(row(status),)))["run"]["exit_code"] == 2


def test_an_unreadable_record_makes_a_run_incomplete() -> None:
    assert report(problems=(Problem("a", "can't be read"),))["run"]["exit_code"] == 3


def test_an_unsupported_type_counts_only_where_somebody_declares_it() -> None:
    found = estate(rows=(row("unsupported", "T::New"), row("skipped", "T::Left")))
    assert report(found=found)["run"]["exit_code"] == 0
    found = estate(rows=(replace(row("unsupported", "T::New"), declared=1), row("skipped", "T::Left")))
    assert report(found=found)["run"]["exit_code"] == 3


def test_what_is_declared_and_lies_in_no_read_cell_makes_a_run_incomplete() -> None:
    for status in ("skipped", "checked"):
        found = estate(rows=(replace(row(status, "T::Left"), declared=2),))
        document = report(found=found)
        assert document["run"]["exit_code"] == 3
        assert {one["type"]: one["declared"] for one in document["coverage"] if "declared" in one} == {
            "T::Left": 2
        }


def test_nothing_read_is_an_error_and_nothing_forgives_it() -> None:
    rows = (row("skipped", "T::Left"), row("denied"))
    document = report(changed(), found=estate(rows=rows, checked=False))
    assert document["run"]["exit_code"] == exit_code(document, "any", forgive_drift=True) == 1
    assert (
        nothing_read(document["coverage"], 0)
        == "not one cell was read: denied: cloud s r T::Regional: ; and 1 more"
    )
    assert nothing_read([], 0) is not None
    assert nothing_read(document["coverage"], 1) is None


def test_forgiving_drift_forgives_nothing_else() -> None:
    whole, blind = report(changed()), report(changed(), found=estate(rows=(row("denied"),)))
    assert [exit_code(one, "any") for one in (whole, blind)] == [2, 2]
    assert [exit_code(one, "any", forgive_drift=True) for one in (whole, blind)] == [0, 3]


def test_the_live_side_is_counted_as_it_was_read() -> None:
    resources = [Resource("cloud", "s", "T::Regional", f"arn:{n}", {}, "r") for n in range(3)]
    assert report(found=estate(*resources))["summary"]["live"] == 3
