"""Rules beside declared files, driftctl's, owners and severities, through a whole run from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.errors import ConfigError
from drift.scan import Result
from tests.conftest import Drift, Repository
from tests.rules.support import queue, scan, write

DECLARED = [queue("a", DelaySeconds=1, MaximumMessageSize=1024), queue("gone")]
LIVE = [queue("a", DelaySeconds=9, MaximumMessageSize=2048), queue("extra")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"base/queues.yaml": DECLARED, "live.yaml": LIVE})
    return tmp_path


def shown(result: Result) -> list[tuple[str, str, list[str]]]:
    return sorted(
        (f["kind"], f["name"], [c["path"] for c in f["changes"]]) for f in result.report["findings"]
    )


def hidden(result: Result) -> list[tuple[str, str, str, str]]:
    return sorted((h["kind"], h["name"], h["path"], h["rule"]) for h in result.report["suppressed"])


ALL = [
    ("changed", "a", ["/DelaySeconds", "/MaximumMessageSize"]),
    ("missing", "gone", []),
    ("unmanaged", "extra", []),
]


def test_without_rules(folder: Path) -> None:
    result = scan(folder)
    assert (shown(result), hidden(result), result.report["rules"]) == (ALL, [], [])


def test_what_is_hidden_is_counted_and_told_and_does_not_fail_the_run(folder: Path) -> None:
    result = scan(folder, "ignore:\n- {reason: known, provider: aws, owner: me, until: 2999-01-01}")
    assert (shown(result), result.exit_code) == ([], 0)
    assert [row[:3] for row in hidden(result)] == [
        ("changed", "a", "/DelaySeconds"),
        ("changed", "a", "/MaximumMessageSize"),
        ("missing", "gone", ""),
        ("unmanaged", "extra", ""),
    ]
    assert result.report["summary"]["suppressed"] == 4
    assert result.report["summary"]["changed"] == 0
    (rule,) = result.report["rules"]
    assert rule["rule"].endswith("drift.yaml:4")
    assert {key: rule[key] for key in ("status", "matched", "reason", "owner", "until", "line")} == {
        "status": "active", "matched": 3, "reason": "known", "owner": "me", "until": "2999-01-01", "line": 4,
    }  # fmt: skip
    one = result.report["suppressed"][0]
    assert (one["reason"], one["owner"], one["partial"], one["change"]["live"]) == ("known", "me", False, 9)


def test_a_part_is_hidden_and_the_rest_is_judged_alone(folder: Path) -> None:
    result = scan(folder, "ignore:\n- {reason: r, path: /DelaySeconds}")
    assert ("changed", "a", ["/MaximumMessageSize"]) in shown(result)
    assert [(h["path"], h["partial"]) for h in result.report["suppressed"]] == [("/DelaySeconds", True)]
    assert result.exit_code == 2


def test_rules_beside_declared_files_speak_of_these(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "base/a/queues.yaml": DECLARED[:1],
            "base/b/queues.yaml": DECLARED[1:],
            "base/b/.driftignore.yaml": "ignore:\n- {reason: r, kind: [changed, missing]}",
            "live.yaml": LIVE,
        },
    )
    result = scan(tmp_path)
    assert hidden(result) == [("missing", "gone", "", "base/b/.driftignore.yaml:2")]
    assert shown(result) == [ALL[0], ALL[2]]


def test_rules_beside_declared_files_speak_of_unmanaged_ones_in_their_account_only(folder: Path) -> None:
    other = {**queue("extra2"), "scope": "999988887777", "id": "arn:aws:sqs:eu-west-1:999988887777:extra2"}
    write(
        folder,
        {
            "live.yaml": [*LIVE, other],
            "base/.driftignore.yaml": "ignore:\n- {reason: r, kind: unmanaged}",
        },
    )
    result = scan(folder, "unmanaged: [{action: report}]")
    assert [row[1] for row in hidden(result)] == ["extra"]
    assert ("unmanaged", "extra2", []) in shown(result)


@pytest.mark.parametrize("path", ["base", "base/queues.yaml"])
def test_rules_in_a_fetched_repository_above_beside_and_owners(
    tmp_path: Path, repository: Repository, path: str
) -> None:
    repository.commit(
        {
            "base/queues.yaml": yaml.safe_dump_all(DECLARED),
            "base/.driftignore.yaml": "ignore: [{reason: beside, path: /DelaySeconds}]",
            ".driftignore.yaml": "ignore: [{reason: above, kind: unmanaged}]",
            ".github/CODEOWNERS": "* @acme/all\n/base/ @acme/queues @ann\n",
        }
    )
    write(tmp_path, {"live.yaml": LIVE})
    result = scan(tmp_path, declared=f"{path}, git: '{repository.path}'")
    assert [(row[1], row[3].rsplit("/", 1)[-1]) for row in hidden(result)] == [
        ("a", ".driftignore.yaml:1"),
        ("extra", ".driftignore.yaml:1"),
    ]
    assert {f["owner"] for f in result.report["findings"]} == {"@acme/queues, @ann"}
    assert result.report["summary"]["by_owner"] == {"@acme/queues, @ann": 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "ignore: [{reason: r, paht: /a}]",
            "base/.driftignore.yaml:1: ignore.0.paht: unknown key; did you mean 'p",
        ),
        ("ignroe: []", "base/.driftignore.yaml:1: ignroe: unknown key; did you mean 'ignore'?"),
        ("ignore: [", "base/.driftignore.yaml:"),
    ],
)
def test_a_bad_file(folder: Path, content: str, said: str) -> None:
    write(folder, {"base/.driftignore.yaml": content})
    with pytest.raises(ConfigError) as error:
        scan(folder)
    assert str(error.value).startswith(said)


def test_an_empty_file(folder: Path) -> None:
    write(folder, {"base/.driftignore.yaml": "# nothing yet\n"})
    assert shown(scan(folder)) == ALL


def test_a_run_over_a_part_calls_no_rule_stale(folder: Path) -> None:
    rules = "ignore:\n- {reason: r, name: gone}"
    assert [one["status"] for one in scan(folder, rules, only="*:a").report["rules"]] == ["active"]
    assert [one["matched"] for one in scan(folder, rules, only="*:a").report["rules"]] == [0]


def test_the_command_line_shows_what_is_ignored(folder: Path, drift: Drift) -> None:
    write(folder, {"drift.yaml": "version: 1\nignore:\n- {reason: known, provider: aws, owner: me}\n"})
    ran = drift("diff", "-c", "drift.yaml", "--live", "live.yaml", "--declared", "base", "--show-ignored")
    assert ran.code == 0
    assert "drift.yaml:3 (active, me answers for it): known" in ran.stdout
    assert "unmanaged AWS::SQS::Queue extra" in ran.stdout
    plain = drift("diff", "-c", "drift.yaml", "--live", "live.yaml", "--declared", "base")
    assert "answers for it" not in plain.stdout


def test_what_unmanaged_ignore_leaves_out_is_counted(folder: Path) -> None:
    result = scan(folder, "unmanaged: [{action: ignore}]")
    assert [kind for kind, _, _ in shown(result)] == ["changed", "missing"]
    assert result.report["summary"]["unmanaged_ignored"] == 1


# driftctl


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("aws_sqs_queue.extra", ["extra"]),
        ("aws_sqs_queue.*", ["a", "a", "gone", "extra"]),
        ("# all\n*\n!aws_sqs_queue.extra", ["a", "a", "gone"]),
        ("!aws_sqs_queue.extra\n*", ["a", "a", "gone", "extra"]),
        ("*\n!aws_sqs_queue", []),
        ("aws_sns_topic.*", []),
        ("aws_sqs_queue.ext", []),
        ("*.extr*", ["extra"]),
        (r"aws_sqs_queue.e\xtra", ["extra"]),
    ],
)
def test_driftctls_file(folder: Path, lines: str, names: list[str]) -> None:
    write(folder, {"base/.driftignore": lines})
    result = scan(folder)
    assert [row[1] for row in hidden(result)] == names
    assert all(row[3].startswith("base/.driftignore:") for row in hidden(result))


# Owner and severity


def owners(result: Result) -> dict[str, Any]:
    return {f["name"]: f["owner"] for f in result.report["findings"]}


def test_owner_by_tag_then_rule_then_nobody(folder: Path) -> None:
    tagged = queue("extra", Tags=[{"Key": "Owner", "Value": "ann"}])
    write(folder, {"live.yaml": [LIVE[0], tagged]})
    result = scan(folder, "owners:\n- {owner: queues, name: [a, extra]}\n- {owner: late, name: a}")
    assert owners(result) == {"a": "queues", "extra": "ann", "gone": None}
    assert result.report["summary"]["by_owner"] == {"ann": 1, "no owner": 1, "queues": 1}


def test_severity_rules_come_before_the_built_in_ones(folder: Path) -> None:
    rules = (
        "severity:\n"
        "- {type: AWS::SQS::*, path: /DelaySeconds, severity: critical, why: Late is lost.}\n"
        "- {kind: missing, severity: info, why: Made again by itself.}\n"
        "- {kind: unmanaged, when: \"finding.name == 'extra'\", severity: low, why: It is known.}\n"
        "ignore:\n- {reason: r, path: /MaximumMessageSize}"
    )
    found = {f["name"]: (f["severity"], f["severity_reason"]) for f in scan(folder, rules).report["findings"]}
    assert found == {
        "a": ("critical", "Late is lost."),
        "gone": ("info", "Made again by itself."),
        "extra": ("low", "It is known."),
    }
