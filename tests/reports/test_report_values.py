"""How values, paths, differences, times and verdicts are said."""

from __future__ import annotations

import base64
import doctest
import io
from types import ModuleType
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from reports import members, moments, values, verdicts, view
from reports.difference import Piece, line_difference, mark_words
from reports.json import JsonReport
from reports.table import TableReport
from reports.values import change_view, content_in_short
from tests.reports.sample import blind_report, clean_report, large_report, partial_report, sample_report


@pytest.mark.parametrize("module", [values, view])
def test_examples_in_the_docstrings(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("web", "web"),
        ("", '""'),
        ("4711", '"4711"'),
        (4711, "4711"),
        ("true", '"true"'),
        (True, "true"),
        (None, "null"),
        (" padded", '" padded"'),
        ({}, "{}"),
        ([], "[]"),
        ('{"a": 1}', '{\n  "a": 1\n}'),
        ("{not json}", "{not json}"),
        ("two\nlines\n", "two\nlines\n"),
    ],
)
def test_values_that_look_alike_are_told_apart(value: object, shown: str) -> None:
    assert values.pretty(value) == shown


@given(st.text(max_size=200), st.text(max_size=200))
def test_marked_words_lose_nothing(declared: str, live: str) -> None:
    left, right = mark_words(declared, live)
    for text, pieces in ((declared, left), (live, right)):
        assert pieces is not None
        if not any(piece.kind == "elided" for piece in pieces):
            assert "".join(piece.text for piece in pieces) == text


def test_only_the_words_that_differ_are_marked() -> None:
    left, right = mark_words("s3.eu-west-1.amazonaws.com", "s3.eu-west-2.amazonaws.com")
    assert [piece.text for piece in left or [] if piece.kind == "other"] == ["1"]
    assert [piece.text for piece in right or [] if piece.kind == "other"] == ["2"]


def test_very_long_texts_are_marked_between_their_equal_ends() -> None:
    left, _ = mark_words("a " * 2000 + "x" + " b" * 2000, "a " * 2000 + "yy" + " b" * 2000)
    assert Piece("other", "x") in (left or [])
    assert any(piece.kind == "elided" for piece in left or [])


def test_equal_lines_are_left_out_and_counted() -> None:
    before = "\n".join(str(n) for n in range(40))
    rows, cut = line_difference(before, before.replace("20", "20!"))
    assert cut == 0
    assert [row.declared[0].text for row in rows if row.kind == "elided" and row.declared] == [
        "17 equal lines",
        "16 equal lines",
    ]
    assert [row.kind for row in rows].count("same") == 6
    assert [(row.declared_line, row.live_line) for row in rows if row.kind == "changed"] == [(21, 21)]


def test_a_line_stands_beside_the_one_that_it_is_likest_to() -> None:
    rows, _ = line_difference("a = 1\nb = 2\nimage: app:1", "image: app:2\nc: a whole new thing")
    assert [(row.kind, row.declared_line, row.live_line) for row in rows] == [
        ("declared", 1, 0),
        ("declared", 2, 0),
        ("changed", 3, 1),
        ("live", 0, 2),
    ]


_LINES = st.lists(st.sampled_from(["", "a", "b c", "b d", "x: 1", "x: 2"]), max_size=9).map("\n".join)


@given(_LINES, _LINES)
def test_lines_side_by_side_lose_nothing(declared: str, live: str) -> None:
    rows, _ = line_difference(declared, live)
    if any(row.kind == "elided" for row in rows):
        return
    left = [row.declared for row in rows if row.declared is not None]
    right = [row.live or row.declared for row in rows if row.live is not None or row.kind == "same"]
    for pieces, text in ((left, declared), (right, live)):
        assert "\n".join("".join(piece.text for piece in line or ()) for line in pieces) == text


def test_members_that_are_alike_stand_beside_each_other() -> None:
    rows, _ = members.rows(["10.0.0.0/8 tcp 22", "x"], ["everything", "10.0.0.0/8 tcp 23"], 9)
    assert [row.kind for row in rows] == ["changed", "declared", "live"]
    assert [piece for piece in rows[0].live or () if piece.kind == "other"] == [Piece("other", "23")]


def test_objects_that_are_alike_are_compared_inside() -> None:
    one = {"Action": ["s3:GetObject"], "Effect": "Allow", "Resource": "arn:aws:s3:::" + "x" * 80}
    other = {"Effect": "Allow", "Resource": one["Resource"], "Action": "s3:*"}
    rows, _ = members.rows([one], [other], 99)
    assert [row.kind for row in rows] == ["same", "changed", "same", "same", "same"]
    said = values.short_change({"path": "/Statement", "declared": [one], "live": [other]})
    assert said == "Statement: Action s3:GetObject → s3:*"


def test_a_text_of_lines_is_told_by_the_line_that_differs() -> None:
    change = {"path": "/Script", "declared": "a: 1\nb: 2\nc: 3\n", "live": "a: 1\nb: 5\nc: 3\n"}
    assert values.short_change(change) == "Script: b: 2 → b: 5"
    assert values.short_change({**change, "live": "z\ny\n"}).endswith("lines differ")


def test_a_number_beside_a_text_of_one_has_no_quotes() -> None:
    assert values.short_change({"path": "/Port", "declared": 80, "live": "443"}) == "Port: 80 → 443"
    shown = change_view({"path": "/On", "declared": "true", "live": False})
    assert [piece.text for piece in (*(shown.declared or ()), *(shown.live or ()))] == ["true", "false"]


def test_names_come_before_ids() -> None:
    content = {"Who": ["User sam"], "May act as": "Owner"}
    grant = {"name": "7b7d5c1e-0a43-4a8e-9c55-1f2e3d4c5b6a", "content": content}
    assert view.name_of(grant) == "Owner for User sam"
    assert view.name_of({**grant, "name": "night-shift"}) == "night-shift"
    place = {"provider": "azure", "scope": "3f8a", "scope_name": "Shop", "region": "global"}
    assert view.place_of(place) == "azure Shop global"


def test_the_order_of_members_of_an_object_is_no_difference() -> None:
    change = {
        "path": "/P",
        "declared": {"a": [{"x": 1, "y": 2}], "b": 3},
        "live": {"b": 4, "a": [{"y": 2, "x": 1}]},
    }
    assert [row.kind for row in change_view(change).rows if row.kind != "same"] == ["elided", "changed"]


def test_base64_is_read_as_what_it_says_unless_one_side_is_none() -> None:
    texts = ["#!/bin/sh\necho one\n", "#!/bin/sh\necho two\n"]
    packed = [base64.b64encode(text.encode()).decode() for text in texts]
    shown = change_view({"path": "/UserData", "declared": packed[0], "live": packed[1]})
    assert shown.tags == ["base64, decoded"]
    assert [row.kind for row in shown.rows] == ["same", "changed", "same"]
    assert change_view({"path": "/UserData", "declared": packed[0], "live": "no base64"}).tags == []
    assert (
        change_view(
            {"path": "/Token", "declared": "QUJDREVGR0hJSktMTU5PUFFSU1RVVg==", "live": packed[1]}
        ).tags
        == []
    )


def test_sides_of_a_secret_are_never_handed_out() -> None:
    assert values.sides_of({"sensitive": True, "declared": "a", "live": "b"}) == (
        values.ABSENT,
        values.ABSENT,
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"path": "/A/B", "sensitive": True}, "A › B: secret, differs"),
        ({"path": "/Ports", "declared": [1, 2], "live": [3]}, "Ports: −2, +3"),
        ({"path": "/Rules", "live": [{"Proto": "tcp", "Port": 22}]}, "Rules: +tcp 22"),
        ({"path": "/Doc", "declared": {"a": 1}}, "Doc: removed live"),
        ({"path": "/Tag", "live": "x"}, "Tag: not set → x"),
    ],
)
def test_changes_in_short(change: dict[str, object], said: str) -> None:
    assert values.short_change(change) == said


def test_verdict_lines() -> None:
    assert (
        verdicts.verdict(clean_report()).line
        == "In sync: everything declared is live as declared; all 61 cells read."
    )
    assert verdicts.verdict(partial_report(3)).line == (
        "No drift found in what could be read; 3 of 61 cells could not be read."
    )
    assert (
        verdicts.verdict(blind_report()).line
        == "Nothing can be said about drift; none of 61 cells could be read."
    )
    assert verdicts.verdict(sample_report()).tone == "drift"


def test_nothing_declared_is_not_called_in_sync() -> None:
    report = clean_report()
    report["summary"]["declared"] = 0
    said = verdicts.verdict(report)
    assert said.line == "Nothing is declared, so nothing was compared; all 61 cells read."


def test_accepted_differences_are_in_sync_and_said() -> None:
    report = clean_report()
    report["suppressed"] = sample_report()["suppressed"]
    said = verdicts.verdict(report)
    assert said.tone == "clean"
    assert said.drift == "In sync, apart from 2 differences that a rule accepts."


def test_only_pending_declarations_are_no_drift_and_not_green() -> None:
    report = clean_report()
    report["findings"] = [
        finding for finding in sample_report()["findings"] if finding["status"] == "pending"
    ]
    said = verdicts.verdict(report)
    assert said.tone == "partial"
    assert "1 declaration not live yet, within the grace period" in said.line


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.84, "0.8 s"),
        (42, "42 s"),
        (134.2, "2 min"),
        (7200, "2 h"),
        (90_000, "25 h"),
        (345_600, "4 days"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert moments.human_duration(seconds) == said


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", None, "https://a b"]
)
def test_only_http_links_are_links(url: object) -> None:
    assert view.safe_link(url) == ""


def test_table_says_the_verdict_first_and_holds_every_finding() -> None:
    out = io.BytesIO()
    TableReport().render(sample_report(), out)
    text = out.getvalue().decode()
    assert text.startswith("14 resources drifted: 2 critical")
    assert "8 of 61 cells could not be read" in text.splitlines()[0]
    for finding in sample_report()["findings"]:
        assert finding["name"] in text
    assert "iam:ListAccessKeys" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [80, 120, 200])
def test_names_of_types_are_whole_on_a_terminal(width: int) -> None:
    report = sample_report()
    names = ["AWS::ApplicationAutoScaling::ScalableTarget", "Microsoft.Network/networkGateways/natRules"]
    place = {"provider": "aws", "scope": "444455556666", "region": "ap-southeast-2", "status": "denied"}
    report["coverage"] += [{**place, "type": name, "message": "refused"} for name in names]
    buffer = io.StringIO()
    TableReport().print(report, Console(file=buffer, width=width, color_system=None))
    table = buffer.getvalue().split("Not read")[1].split("Resources:")[0]
    assert all(name in table for name in names)
    assert max(map(len, table.splitlines())) <= width


def test_terminal_output_is_capped_aloud_and_cannot_be_spoken_to_by_names() -> None:
    report = large_report(120)
    report["findings"][0] |= {"severity": "critical", "name": "[red]x[/red]\x1b]0;owned\x07"}
    buffer = io.StringIO()
    TableReport().print(report, Console(file=buffer, width=80))
    text = buffer.getvalue()
    assert "and 70 less severe ones" in text
    assert "[red]x[/red]\\u001b]0;owned\\u0007" in text


def test_json_keeps_order_and_ends_with_a_newline() -> None:
    out = io.BytesIO()
    JsonReport().render({"b": 1, "a": {"ü": None}}, out)
    assert out.getvalue().decode() == '{\n  "b": 1,\n  "a": {\n    "ü": null\n  }\n}\n'


@pytest.mark.parametrize("members", [{}, {"a": []}, {"a\n[": [1] * 2_001, "b": [{"c": ["["]}] * 1_000}])
def test_json_is_the_same_whether_written_at_once_or_in_pieces(members: dict[str, Any]) -> None:
    out = io.BytesIO()
    JsonReport().render(members, out)
    assert out.getvalue() == orjson.dumps(members, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def test_what_a_thing_gives_is_said_as_a_text() -> None:
    """`1` copy is no `"1"`: a content holds texts alone."""
    content = {"Copies": "1", "Images": ["shop:1", "tail:2"]}
    assert content_in_short({"content": content}) == "Copies: 1; Images: shop:1 and 1 more"
