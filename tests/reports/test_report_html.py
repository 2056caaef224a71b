"""The HTML report without a browser: what is in the file, what is on top, and what never gets in."""

from __future__ import annotations

import base64
import html
import io
import re
import zlib
from typing import Any

import orjson
import pytest

from reports.html import HtmlReport, Limits
from reports.todo import steps
from tests.reports.hostile_strings import STRINGS, hostile_report
from tests.reports.sample import (
    SECRET_VALUE,
    blind_report,
    clean_report,
    large_report,
    partial_report,
    sample_report,
)


def render(report: dict[str, Any], limits: Limits | None = None) -> str:
    out = io.BytesIO()
    HtmlReport(limits).render(report, out)
    return out.getvalue().decode()


def text_of(page: str) -> str:
    page = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).replace("\u00a0", " ").split())


def unpack(page: str, name: str) -> list[bytes]:
    """What is packed in the page: ``index``, ``words`` or ``bodies``."""
    found = re.findall(rf'<script type="text/plain" (?:id|class)="{name}">([^<]*)</script>', page)
    return [zlib.decompress(base64.b64decode(part)) for part in found]


def bodies(page: str) -> int:
    """Of how many findings there is what opens."""
    return sum(len(orjson.loads(part)["explain"]) for part in unpack(page, "bodies"))


def test_every_finding_is_written_out_with_its_anchor() -> None:
    report = sample_report()
    page = render(report)
    for finding in report["findings"]:
        assert f'id="{finding["id"]}"' in page
        assert html.escape(finding["name"]) in page
        assert html.escape(finding["resource_id"]) in page


def test_the_verdict_and_what_was_not_read_come_before_the_findings() -> None:
    text = text_of(render(sample_report()))
    top, _ = text.split("Findings 15", 1)
    assert "14 resources drifted: 2 critical, 3 high, 4 medium, 3 low and 2 info." in top
    assert "Needs attention now: 5 critical or high security 2 orders 1 payments 1 platform 1" in top
    assert "8 of 61 cells could not be read, 1 skipped by configuration." in top
    for said in (
        "iam:ListAccessKeys",
        "ThrottlingException",
        "timed out",
        "AWS::Glue::Job",
        "snapshots/shared.jsonl:812",
    ):
        assert said in top


def test_declared_place_person_and_reason_are_there() -> None:
    text = text_of(render(sample_report()))
    for said in (
        "stacks/prod/network.tf:118",
        "assumed-role/BreakGlass/m.okafor",
        "A port that is not 80 or 443 is open to the whole internet.",
        "AuthorizeSecurityGroupIngress, 22 Nov 2025, 23:47 UTC",
        "terraform apply -target=module.api.aws_security_group.public",
        "terraform -chdir=stacks/prod apply -target=aws_iam_role.ci_deploy",
        "computed at apply time",
        "ignore: autoscaled capacity",
        "billing-events",
        "AWS::EC2::Snapshot",
    ):
        assert said in text


def test_green_needs_everything_read_and_nothing_different() -> None:
    clean = render(clean_report())
    assert "tone-clean" in re.sub(r"<style>.*?</style>", "", clean, flags=re.DOTALL)
    assert "In sync: everything declared is live as declared. All 61 cells read." in text_of(clean)
    for report in (partial_report(), blind_report(), sample_report()):
        page = re.sub(r"<style>.*?</style>", "", render(report), flags=re.DOTALL)
        assert "tone-clean" not in page


@pytest.mark.parametrize("member", ["unverifiable", "problems"])
def test_what_could_not_be_verified_is_never_green(member: str) -> None:
    report = clean_report()
    report[member] = sample_report()[member]
    page = re.sub(r"<style>.*?</style>", "", render(report), flags=re.DOTALL)
    assert "tone-clean" not in page
    assert "No drift found in what could be" in page


def test_no_findings_but_unread_cells() -> None:
    text = text_of(render(partial_report(3)))
    assert "No drift found in what could be read. 3 of 61 cells could not be read." in text


def test_a_blind_run_says_that_nothing_is_known() -> None:
    text = text_of(render(blind_report()))
    assert "Nothing can be said about drift. None of 61 cells could be read." in text
    assert "In sync" not in text


@pytest.mark.parametrize("missing", ["summary", "coverage", "findings", "run", "resolved", "unverifiable"])
def test_absent_members_are_no_error(missing: str) -> None:
    report = sample_report()
    del report[missing]
    assert "</html>" in render(report)


def test_an_empty_report_is_blind() -> None:
    assert "Nothing can be said about drift. No cell was read." in text_of(
        render({"schema": "drift-report/1"})
    )


def test_sensitive_values_and_redaction_hashes_stay_out() -> None:
    report = sample_report()
    report["findings"][0]["changes"] += [
        {"path": "/Password", "sensitive": True, "declared": SECRET_VALUE, "live": SECRET_VALUE + "2"},
        {
            "path": "/Nested",
            "declared": {"a": {"$secret": {"key": "K1", "hmac": "deadbeefcafe"}}},
            "live": {"a": 1},
        },
        {"path": "/List", "live": [{"$secret": {"key": "K1", "hmac": "deadbeefcafe"}}]},
    ]
    page = render(report)
    packed = [part for name in ("index", "words", "bodies") for part in unpack(page, name)]
    assert len(packed) == 3
    everything = page + b"".join(packed).decode()
    assert SECRET_VALUE not in everything
    assert "deadbeefcafe" not in everything
    assert "Secret, differs. Neither value is in this report." in page


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render(sample_report()) == render(sample_report())


def test_the_file_asks_nothing_of_the_network_and_allows_only_its_own_script() -> None:
    page = render(sample_report())
    assert not re.search(
        r"<(?:link|script|img|iframe|object|embed|source|video|audio)\b[^>]*\b(?:src|href)=\"(?!data:)", page
    )
    assert not re.search(r"@import|url\(", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.search(
        r"<[^>]+\s(?:style|on\w+)=", re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    )


def test_hostile_strings_are_text_everywhere() -> None:
    assert len(set(STRINGS)) >= 200
    page = render(hostile_report())
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    elements = set(re.findall(r"<([a-z][a-z0-9]*)", markup.lower()))
    assert not elements & set("img iframe object embed form base math script style".split())
    assert "<!--" not in page
    assert not re.search(r"<[^>]*\son[a-z]+=", re.sub(r'="[^"]*"', '=""', markup))
    assert not re.search(r'href="(?!https?:|#|data:,")', page)
    assert page.count("</script>") == len(re.findall(r"<script\b", page))


def test_a_history_is_told_and_without_one_nothing_stands_for_it() -> None:
    report = sample_report()
    assert "since the last run" not in text_of(render(report))
    report["run"]["history"] = {}
    assert "4 new since the last run, 2 mended" in text_of(render(report))
    for finding in report["findings"]:
        finding |= {"status": None, "first_seen": None}
    report["run"]["history"] = None
    page = render(report)
    assert 'class="status' not in page
    assert "ageless" in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_what_can_be_pasted_is_quoted_or_not_offered() -> None:
    finding = {
        "id": "f-1",
        "kind": "changed",
        "resource_id": "a*b",
        "type": "T",
        "changes": [{"path": "/a", "live": 1}],
    }
    declared = {
        "source": "terraform-state",
        "file": "x.tf",
        "line": 1,
        "address": 'a.b["$(id)"]',
        "commit": None,
    }

    def said(**members: Any) -> list[str]:
        return [step.text for step in steps({**finding, **members}, {"id": "R1"})]

    assert said(declared_at=declared) == [
        "terraform apply '-target=a.b[\"$(id)\"]'",
        "drift explain f-1 --run R1",
        '- {"type": "T", "id": "a[*]b", "path": "/a", "reason": "…"}',
    ]
    for address in ("a\nb", "a\u202eb", ""):
        assert not [
            text for text in said(declared_at={**declared, "address": address}) if "terraform" in text
        ]
    assert not [
        text
        for text in said(declared_at={**declared, "source": "manifests", "file": "-x"})
        if "kubectl" in text
    ]
    assert (
        said(declared_at={**declared, "source": "manifests", "file": "k8s/a b.yaml"})[0]
        == "kubectl apply -f 'k8s/a b.yaml'"
    )
    azure = {"resource_id": "/subscriptions/S/resourcegroups/G/providers/x", "scope": "S"}
    assert said(declared_at={**declared, "source": "arm", "file": "a.json"}, **azure)[0] == (
        "az deployment group create --subscription S --resource-group G --template-file a.json"
    )
    assert said(status="pending") == []


def test_invisible_and_control_characters_are_written_out() -> None:
    report = sample_report()
    report["findings"][0]["name"] = "safe\u202egpj.exe\x00\x1b[31m"
    assert "safe\\u202egpj.exe\\u0000\\u001b[31m" in render(report)


def test_a_large_report_keeps_all_findings_in_a_file_that_opens() -> None:
    page = render(large_report(2_000))
    assert len(page.encode()) < 2_000_000
    assert page.count('<li class="finding"') == 200
    assert "The 200 severest of 2,000 are written out here. All are in this file" in text_of(page)
    assert bodies(page) == 2_000
    assert len(unpack(page, "words")[0].splitlines()) == 2_000
    index = orjson.loads(unpack(page, "index")[0])
    assert {len(column) for column in index["texts"].values()} == {2_000}
    assert {len(column["rows"]) for column in index["few"].values()} == {2_000}


def test_what_is_left_out_is_said() -> None:
    report = large_report(600)
    report["findings"][0]["changes"] *= 40
    page = text_of(render(report, Limits(packed_bytes=1)))
    assert "400 are not in this file" in page
    assert "more changes in report.json" in page


def test_long_values_are_cut_and_it_is_said() -> None:
    report = sample_report()
    report["findings"][0]["changes"] = [
        {"path": "/Lines", "declared": "\n".join(f"a{n}" for n in range(900)), "live": "b"},
        {"path": "/Text", "declared": "x" * 50_000, "live": "y"},
        {"path": "/Set", "declared": [], "live": [str(n) for n in range(500)]},
    ]
    page = text_of(render(report))
    assert "601 more lines are in report.json." in page
    assert "The value is 50,000 characters long" in page
    assert "300 more members are in report.json." in page


def test_what_search_does_not_read_is_said() -> None:
    page = text_of(render(large_report(60), Limits(words=1)))
    assert (
        "Search reads the values of the 1 severest findings, and names, places, people and files of all."
        in page
    )
