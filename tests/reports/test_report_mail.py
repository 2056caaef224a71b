"""The mail: parsed back, within the limits of mail programs, with nothing in it that runs or is fetched."""

from __future__ import annotations

import copy
import email
import io
import re
import struct
import zipfile
import zlib
from email.message import EmailMessage
from email.policy import default
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from drift.renderer import Letter
from reports import mail
from reports.glance import Glance
from reports.letter import Limits, around, subject
from reports.mail import MOST_BYTES, MOST_ELEMENTS, MailReport
from tests.reports.hostile_strings import hostile_report
from tests.reports.sample import FINDINGS, SECRET_VALUE, blind_report, sample_report

READ = {"coverage": [{"status": "checked"}], "summary": {}}
HISTORY = {"trend": [{"by_severity": {"critical": 2, "low": 3}}, {"by_severity": {}}]}


def parsed(report: dict[str, Any]) -> EmailMessage:
    out = io.BytesIO()
    MailReport().render(report, out)
    message = email.message_from_bytes(out.getvalue(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str = "html") -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def elements(html: str) -> int:
    return len(re.findall(r"<[a-zA-Z]", html))


class Tags(HTMLParser):
    """Every attribute of every element: (element, attribute, value)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, name, value or "") for name, value in [("", ""), *attrs]]


def remembered() -> dict[str, Any]:
    report = sample_report()
    report["run"]["history"] = HISTORY
    return report


def forgotten() -> dict[str, Any]:
    """The report as it is without a history."""
    report = copy.deepcopy(sample_report())
    for one in report["findings"]:
        if one["status"] != "pending":
            one["status"] = one["first_seen"] = None
    return report


def test_its_parts_are_those_that_mail_programs_choose_from() -> None:
    message = parsed(remembered())
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/html",
    ]
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "report.html"
    assert "api-public" in attached.get_content()
    assert message["Subject"] == "4 new, 1 came back, 2 critical, 8 cells blind · production"
    assert message["Date"] == "Sun, 23 Nov 2025 06:02:25 +0000"
    picture = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in body(message)


def test_the_same_report_gives_the_same_mail() -> None:
    made = []
    for _ in range(2):
        out = io.BytesIO()
        MailReport().render(remembered(), out)
        made.append(out.getvalue())
    assert made[0] == made[1]


@pytest.mark.parametrize("kind", ["html", "plain"])
def test_the_first_screen_says_what_is_new_who_must_act_and_what_is_blind(kind: str) -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", body(parsed(remembered()), kind).split("</head>")[-1])
    beginning = text.split("New, the most severe" if kind == "html" else "1. CRITICAL")[0].replace("  ", " ")
    for said in ("2 critical", "security", "payments", "8 of 61 cells", "9"):
        assert said in beginning


@pytest.mark.parametrize("kind", ["html", "plain"])
def test_before_and_after_of_the_new_ones_and_no_secret(kind: str) -> None:
    text = body(parsed(remembered()), kind)
    assert "mokafor-test" in text
    assert "orders-primary" in text
    assert "stacks/prod/network.tf:118" in text
    assert "thumbnailer-errors" not in text  # known
    assert "neither value is shown" in text
    assert SECRET_VALUE not in text


def test_without_a_history_all_that_drifted_is_told() -> None:
    report = forgotten()
    assert Glance(report).headline == "14 drifted, 2 critical, 8 cells blind"
    told = around(Glance(report), Letter(), Limits())
    assert len(told["findings"]) == 10
    assert told["more"] == 4
    assert "4 more in the attached report" in body(parsed(report))
    assert "4 more in the attached report" in body(parsed(report), "plain")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (dict.fromkeys(("findings", "problems", "unverifiable", "suppressed"), []) | READ, "in sync"),
        ({"findings": [], "problems": []} | READ, "no drift found in what could be verified"),
        ({"findings": [], "coverage": [{"status": "denied"}]}, "nothing could be read"),
        ({"findings": []}, "no drift found in what could be read, 8 cells blind"),
    ],
)
def test_no_drift_is_never_said_over_what_was_not_read(change: dict[str, Any], said: str) -> None:
    report = {**sample_report(), **change}
    assert Glance(report).headline == said
    assert said.split(",")[0] in body(parsed(report)).replace("\xa0", " ").lower()


def test_what_changed_again_is_told_with_what_it_was() -> None:
    report = remembered()
    (one,) = (one for one in copy.deepcopy(FINDINGS) if one["name"] == "thumbnailer")
    one["history"] = {"changed_again": True, "reopened": 0}
    one["changes"][0]["was"] = {"live": 60}
    report["findings"] = [one]
    assert Glance(report).headline == "1 changed again, 8 cells blind"
    assert "live was 60" in body(parsed(report))


def test_nothing_new_is_no_alarm() -> None:
    report = remembered()
    report["findings"] = [one for one in FINDINGS if one["status"] == "recurring"]
    assert Glance(report).headline == "nothing new, 9 known, 8 cells blind"
    assert subject(Glance(report), Letter(weekly=True)).startswith("weekly: nothing new")


def test_a_body_keeps_within_the_limits_for_any_number_of_findings() -> None:
    report = sample_report()
    wide = {f"k{number}": "<&\u202e" * 300 for number in range(10)}
    changes = [
        {"id": "c", "path": f"/{'p' * 300}/{number}", "declared": wide, "live": {**wide, "k1": "x" * 5000}}
        for number in range(6)
    ]
    heavy = [{**FINDINGS[0], "status": "new", "name": "n" * 5000, "owner": f"o{i}" * 99} for i in range(300)]
    for one in heavy[:12]:
        one |= {"changes": changes, "severity_reason": "because " * 900}
    report["findings"] = heavy
    report["problems"] = [{"source": "s" * 999, "message": "m" * 9999}] * 500
    mail_ = MailReport().compose(report, Letter(remarks=("r" * 9999,)))
    html = body(mail_)
    assert len(html.encode()) < MOST_BYTES
    assert elements(html) < MOST_ELEMENTS
    assert len(body(mail_, "plain")) < MOST_BYTES
    assert "more in the attached report" in html


def test_nothing_in_it_runs_is_fetched_or_styles_from_outside() -> None:
    report = hostile_report()
    report["findings"] = report["findings"][:10] + [
        {**one, "status": "new", "severity": "critical"} for one in report["findings"][10:200:9]
    ]
    message = parsed(report)
    html = body(message)
    seen = Tags()
    seen.feed(html)
    known = "html head meta title style body div table tbody tr td a b i span br img"
    assert {tag for tag, _, _ in seen.found} <= set(known.split())
    names = {name for _, name, _ in seen.found}
    assert not {name for name in names if name.startswith("on")} | (names & {"srcset", "background"})
    assert {value for _, name, value in seen.found if name == "src"} <= {"cid:trend@drift"}
    links = [value for _, name, value in seen.found if name == "href"]
    assert all(link.startswith(("http://", "https://")) for link in links)
    assert not [value for _, name, value in seen.found if name == "style" and "url(" in value]
    assert len(message.defects) == 0
    assert "\n" not in message["Subject"]


def test_no_name_makes_a_header() -> None:
    report = sample_report()
    report["run"]["environment"] = "prod\r\nBcc: all@evil.example\r\n\r\nhello"
    out = io.BytesIO()
    MailReport().render(report, out)
    head = email.message_from_bytes(out.getvalue(), policy=default)
    assert head["Bcc"] is None
    owners = ("@acme/a\nBcc: x@evil.example",)
    composed = MailReport().compose(sample_report(), Letter(owners=owners)).as_bytes()
    assert email.message_from_bytes(composed, policy=default)["Bcc"] is None


def test_a_blind_run_claims_no_number() -> None:
    message = MailReport().compose(blind_report(), Letter(page=b""))
    assert message["Subject"].startswith("nothing could be read")
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and "Drifted:  not known" in plain.get_content()
    assert html is not None and "not known" in html.get_content()


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["checked"] * 3 + ["skipped"] * 2, "nothing: all 3 cells read, 2 skipped"),
        (["skipped"], "no cell was read"),
        (["checked"], "nothing: 1 cell read"),
    ],
)
def test_what_is_skipped_is_not_said_to_be_read(statuses: list[str], said: str) -> None:
    report = {**sample_report(), "problems": []}
    report["coverage"] = [{**report["coverage"][0], "status": status} for status in statuses]
    message = MailReport().compose(report, Letter(page=b""))
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None and said in body.get_content()


def test_a_large_report_is_packed_and_a_larger_one_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "ZIPPED_ABOVE", 1000)
    (attached,) = parsed(sample_report()).iter_attachments()
    assert attached.get_filename() == "report.html.zip"
    with zipfile.ZipFile(io.BytesIO(attached.get_content())) as archive:
        assert b"api-public" in archive.read("report.html")
    monkeypatch.setattr(mail, "LINKED_ABOVE", 1000)
    letter = Letter(report_url="https://reports.acme.example/1/")
    message = MailReport().compose(sample_report(), letter)
    assert list(message.iter_attachments()) == []
    assert "too large for a mail" in body(message)
    assert 'href="https://reports.acme.example/1/"' in body(message)
    assert "https://reports.acme.example/1/" in body(message, "plain")


def test_the_trend_is_a_picture_that_a_reader_of_png_reads() -> None:
    picture = mail.chart.trend([{"critical": 1, "low": 3}, {}, {"high": 2}])
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour = struct.unpack(">IIBB", picture[16:26])
    assert (width, height, depth, colour) == (1200, 144, 8, 3)
    rows = zlib.decompress(picture[picture.index(b"IDAT") + 4 : picture.index(b"IEND") - 8])
    assert len(rows) == (width + 1) * height
    assert {rows[1 + (height - 20) * (width + 1)], rows[-700]} == {1, 6}


def test_a_run_that_failed_is_told() -> None:
    run = {"environment": "prod", "version": "1", "started_at": "2026-01-02T03:04:05Z"}
    message = MailReport().failure("drift.yaml:3: <b>no</b>", run)
    assert message["Subject"] == "the run failed · prod"
    assert "&lt;b&gt;no&lt;/b&gt;" in body(message)
    assert "drift.yaml:3: <b>no</b>" in body(message, "plain")


def test_a_value_of_several_lines_names_its_side_once_and_keeps_its_indentation() -> None:
    rule = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject"}
    report = changed({"path": "/PolicyDocument", "live": {"Statement": [rule]}})
    message = parsed(report)
    html, text = body(message), body(message, "plain")
    lines = re.findall(r">([^<]*)</td><td class=\"said l\"[^>]*>(.*?)</td>", html)
    assert [unescape(side) for side, _ in lines] == ["live", *["\xa0"] * 5]
    assert unescape(lines[1][1]).startswith('\xa0\xa0"Statement"')
    assert text.count("+ live      ") == 1
    assert '     +             "Statement"' in text


@pytest.mark.parametrize(("lines", "said"), [(7, None), (8, "2 more lines")])
def test_one_line_is_shown_rather_than_said_to_be_left_out(lines: int, said: str | None) -> None:
    report = changed({"path": "/Note", "live": "\n".join(f"line {number}" for number in range(lines))})
    [finding] = around(Glance(report), Letter(), Limits())["findings"]
    told = finding["changes"][0]["lines"]
    assert (told[-1].word or None) == said
    assert len(told) == 7


def changed(change: dict[str, Any]) -> dict[str, Any]:
    """A report of one finding with one change."""
    report = forgotten()
    one = next(one for one in report["findings"] if one["kind"] == "changed" and one["status"] is None)
    report["findings"] = [{**one, "changes": [change]}]
    return report
