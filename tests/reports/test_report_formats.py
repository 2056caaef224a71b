"""Formats for forges, build servers and spreadsheets: each read back as what reads it does."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from drift import plugins
from drift.markdown import code, plain
from drift.renderer import Letter
from reports import markdown, sarif
from reports.csv import cell
from reports.glance import Glance
from reports.markdown import MOST
from tests.reports.hostile_strings import hostile_report
from tests.reports.sample import FINDINGS, SECRET_VALUE, sample_report

FORMATS = ("codequality", "csv", "junit", "markdown", "sarif")


def rendered(name: str, report: dict[str, Any]) -> str:
    out = io.BytesIO()
    plugins.renderer(name).render(report, out)
    return out.getvalue().decode("utf-8")


def empty() -> dict[str, Any]:
    """A report of nothing."""
    return {"schema": "drift-report/1", "run": {"id": "1"}, "findings": [], "coverage": [], "problems": []}


@pytest.mark.parametrize("name", FORMATS)
def test_each_says_what_drifted_what_was_not_read_and_no_secret(name: str) -> None:
    report = sample_report()
    text = rendered(name, report).replace("\\", "")
    for said in ("api-public", "org-audit", "denied", "snapshots/shared.jsonl:812"):
        assert said in text
    assert SECRET_VALUE not in text
    assert rendered(name, report) == rendered(name, report)


@pytest.mark.parametrize("name", FORMATS)
def test_each_bears_a_report_of_nothing_and_of_hostile_names(name: str) -> None:
    assert rendered(name, empty())
    text = rendered(name, hostile_report())
    assert "\x1b" not in text
    assert "\u202e" not in text


# Markdown


def test_a_comment_keeps_within_its_length_and_says_what_is_cut() -> None:
    report = sample_report()
    report["findings"] = [{**FINDINGS[n % 14], "id": f"f-{n}", "status": "new"} for n in range(2_000)]
    text = rendered("markdown", report)
    assert len(text) <= MOST
    (more,) = re.findall(r"Cut here: ([\d,]+) more findings are in the report", text)
    shown = text.count("\n### ") - text.count("\n### Less") - text.count("\n### Not") + text.count("\n- ")
    assert 0 < int(more.replace(",", "")) < 2_000 < shown + int(more.replace(",", "")) + 20
    assert "### Not read" in text


def test_before_and_after_are_a_difference() -> None:
    text = rendered("markdown", sample_report())
    assert "`Tags › Owner`\n\n```diff\n- payments\n+ mokafor-test\n```" in text
    assert "### Known" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("`a`", "`` `a` ``"),
        ("a```b", "````a```b````"),
        ("", "` `"),
        ("a\nb", "`a b`"),
        ("@acme/web", "`@acme/web`"),
    ],
)
def test_code_is_code_whatever_is_in_it(text: str, said: str) -> None:
    assert code(text) == said


def test_text_makes_no_markup_no_link_and_calls_nobody() -> None:
    said = plain("<b> [x](https://evil.example) @acme/web #1 |")
    assert "@acme" not in said
    assert "https://" not in said
    assert "\\<b\\> \\[x\\]" in said
    assert plain("&lt;img&gt; &#64;acme") == "\\&lt;img\\&gt; \\&\\#\u200b64;acme"
    assert plain("see www.evil.example") == "see www\u200b.evil.example"
    assert plain("/close").startswith("/\u200b")


def test_a_note_calls_nobody_whatever_a_name_holds() -> None:
    """Apprise makes of ``<!channel>`` and ``<https://…|…>`` what Slack takes for a call and a link, in code,
    too."""
    name = "<!channel> <@U1> @everyone <https://evil.example|x>"
    said = markdown.note(Glance({**sample_report(), "findings": [{**FINDINGS[0], "name": name}]}), Letter())
    assert not re.search(r"![a-z]|@\w|://", said)


def test_a_fence_in_a_value_does_not_end_the_difference() -> None:
    report = sample_report()
    change = {"id": "c", "path": "/x", "declared": "a\n```\n# b", "live": "a\n````\nc"}
    report["findings"] = [{**FINDINGS[0], "changes": [change]}]
    assert "`````diff" in rendered("markdown", report)


# SARIF


def validated(report: dict[str, Any]) -> dict[str, Any]:
    document = json.loads(rendered("sarif", report))
    Sarif.model_validate(document)
    (run,) = document["runs"]
    return dict(run)


def test_sarif_is_valid_and_stands_at_the_declared_line() -> None:
    run = validated(sample_report())
    first = run["results"][0]
    physical = first["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "stacks/prod/network.tf", "uriBaseId": "%SRCROOT%"}
    assert physical["region"] == {"startLine": 118}
    assert first["partialFingerprints"] == {"driftFinding/v1": FINDINGS[0]["id"]}
    assert (first["level"], first["ruleId"], first["baselineState"]) == ("error", "changed", "new")
    assert len(run["results"]) == 14  # what is pending is none
    nowhere = next(one for one in run["results"] if one["ruleId"] == "unmanaged")
    assert nowhere["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "drift.yaml"
    assert all(
        one["ruleId"] == run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] for one in run["results"]
    )
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert any("RDS::DBInstance" in one["message"]["text"] for one in notes)


def test_sarif_is_valid_for_hostile_names_and_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    validated(hostile_report())
    monkeypatch.setattr(sarif, "MOST", 3)
    run = validated(sample_report())
    assert len(run["results"]) == 3
    assert "11 less severe" in run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]


def test_no_name_makes_a_link_in_sarif() -> None:
    evil = {**FINDINGS[0], "name": "[click](https://evil.example)", "severity_reason": "[a](b)"}
    said = json.loads(rendered("sarif", {**sample_report(), "findings": [evil]}))
    assert [
        one["message"]["text"] for one in said["runs"][0]["results"] if "](" in one["message"]["text"]
    ] == []
    assert "[click] (https" in str(said)


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/ü.tf", "a%20b/%C3%BC.tf"),
        ("/srv/a.tf", "file:///srv/a.tf"),
        (None, "drift.yaml"),
        ("a:b", "a%3Ab"),
    ],
)
def test_a_file_is_an_address(file: str | None, uri: str) -> None:
    assert sarif.artifact(file)["uri"] == uri


# JUnit


def test_junit_counts_what_it_holds() -> None:
    root = Xml.fromstring(rendered("junit", sample_report()))  # noqa: S314 - it is ours
    assert root.get("failures") == "14"
    assert root.get("errors") == "9"
    assert root.get("skipped") == "2"
    assert int(root.get("tests") or 0) == sum(int(one.get("tests") or 0) for one in root) == 15 + 61 + 1
    case = next(one for one in root.iter("testcase") if (one.get("name") or "").startswith("api-public"))
    assert (case.get("file"), case.get("line")) == ("stacks/prod/network.tf", "118")
    failure = case.find("failure")
    assert failure is not None
    assert "Tags › Owner: payments → mokafor-test" in (failure.text or "")


def test_junit_is_xml_whatever_a_name_holds() -> None:
    report = sample_report()
    report["findings"] = [{**FINDINGS[0], "name": "a\x00\ufffe\uffff\ud800<&]]>"}]
    assert Xml.fromstring(rendered("junit", report)) is not None  # noqa: S314
    assert Xml.fromstring(rendered("junit", hostile_report())) is not None  # noqa: S314


# GitLab


def test_code_quality_has_what_gitlab_asks_for() -> None:
    issues = json.loads(rendered("codequality", sample_report()))
    assert issues[0] | {"description": ""} == {
        "description": "",
        "check_name": "drift/changed",
        "fingerprint": FINDINGS[0]["id"],
        "severity": "blocker",
        "location": {"path": "stacks/prod/network.tf", "lines": {"begin": 118}},
    }
    assert len({one["fingerprint"] for one in issues}) == len(issues)
    assert {one["severity"] for one in issues} <= {"info", "minor", "major", "critical", "blocker"}


# CSV


def test_csv_is_read_back_row_by_row() -> None:
    text = rendered("csv", sample_report())
    assert text.startswith("\ufeffseverity,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    changes = sum(max(1, len(one["changes"])) for one in FINDINGS)
    assert len(rows) == changes + len([row for row in rows if row["kind"] == "not read"])
    mine = next(row for row in rows if row["path"] == "/Tags/Owner")
    assert (mine["declared"], mine["live"], mine["file"]) == (
        "payments",
        "mokafor-test",
        "stacks/prod/network.tf",
    )
    assert [row["live"] for row in rows if row["path"] == "/MasterUserPassword"] == ["secret, differs"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\n=1", "＝1", "|x", "%0A"]
)
def test_no_text_is_a_formula(text: str) -> None:
    assert not re.match(r"\s*[=+\-@|%＝]", cell(text))


def test_no_text_is_a_formula_where_cells_are_parted_at_semicolons() -> None:
    assert cell("a;=1+1;b; @SUM(A1);-x") == "a;'=1+1;b; '@SUM(A1);'-x"
    assert cell("a;-5;b") == "a;-5;b"


@pytest.mark.parametrize("text", ["-5", "+5", "0.5", "abc", "a=b", ""])
def test_what_is_no_formula_stays(text: str) -> None:
    assert cell(text) == text
