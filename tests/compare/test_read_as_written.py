"""Snapshots of other programs hold secrets in plain text: pairs are compared as they were read, and nothing
of that leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from drift.config.model import parse
from drift.scan import Result, Run

TEXT = """
version: 1
redaction: {key: a key for tests only}
declared: [{path: declared.jsonl}]
unmanaged: [{action: report}]
"""
SECRET = "hunter2-correct-horse"
MODE = {"MODE": "on"}


def function(name: str, **attributes: Any) -> dict[str, Any]:
    return {
        "provider": "aws",
        "scope": "123456789012",
        "region": "us-east-1",
        "type": "AWS::Lambda::Function",
        "id": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "attributes": {"FunctionName": name, **attributes},
    }


def variables(**said: str) -> dict[str, Any]:
    return {"Environment": {"Variables": {**MODE, **said}}}


def scan(folder: Path, declared: list[dict[str, Any]], live: list[dict[str, Any]]) -> Result:
    for name, side in (("declared.jsonl", declared), ("live.jsonl", live)):
        (folder / name).write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in side))
    return Run(parse(TEXT, "drift.yaml", folder, None, {}), live=[folder / "live.jsonl"]).scan()


@pytest.mark.parametrize(
    ("declared", "live", "kind"),
    [
        (variables(), variables(DB_PASSWORD=SECRET), "changed"),
        (variables(DB_PASSWORD=SECRET), variables(), "changed"),
        (variables(DB_PASSWORD="other-horse-battery"), variables(DB_PASSWORD=SECRET), "changed"),
        (variables(DB_PASSWORD=SECRET), variables(DB_PASSWORD=SECRET, LEVEL="1"), "changed"),
        (variables(), {"Environment": {"Variables": MODE}, "Description": f"password={SECRET}"}, "changed"),
        (None, variables(DB_PASSWORD=SECRET), "unmanaged"),
        (variables(DB_PASSWORD=SECRET), None, "missing"),
    ],
)
def test_what_differs_is_told_without_its_secrets(
    tmp_path: Path, declared: dict[str, Any] | None, live: dict[str, Any] | None, kind: str
) -> None:
    other = function("other", **variables())
    sides = [[other, *([function("one", **side)] if side else [])] for side in (declared, live)]
    result = scan(tmp_path, *sides)
    assert [one["kind"] for one in result.report["findings"]] == [kind]
    told = orjson.dumps([result.report, list(result.evidence)])
    assert b"$secret" in told or kind == "changed"
    assert SECRET.encode() not in told and b"other-horse" not in told


@pytest.mark.parametrize("name", ["DB_PASSWORD", "MODE"])
def test_what_agrees_is_in_sync_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    text = "\n".join((SECRET, "x" * 50))
    declared, live = (
        function("one", **variables(**{name: text})),
        function("one", **variables(**{name: text})),
    )
    live["attributes"] |= {"Timeout": 3, "MemorySize": 128}
    result = scan(tmp_path, [declared], [live])
    assert result.report["summary"]["in_sync"] == 1
    assert SECRET.encode() not in orjson.dumps([result.report, list(result.evidence)])


def test_a_secret_that_a_service_may_have_filled_in_is_not_listed(tmp_path: Path) -> None:
    """What nobody declares is listed with its value, of pairs in sync, too."""
    place = {"provider": "azure", "scope": "00000000-0000-4000-8000-000000000001"}
    id_ = f"/subscriptions/{place['scope']}/resourceGroups/rg/providers/Microsoft.Web/sites/s"
    site = {**place, "type": "Microsoft.Web/sites", "id": id_}
    declared = {**site, "attributes": {"location": "westeurope", "properties": {"httpsOnly": True}}}
    filled = {
        "httpsOnly": True,
        "inboundText": "plain text",
        "adminPassword": SECRET,
        "note": f"pwd={SECRET}",
    }
    result = scan(
        tmp_path, [declared], [{**site, "attributes": {"location": "westeurope", "properties": filled}}]
    )
    told = orjson.dumps([result.report, list(result.evidence)])
    assert b"inboundText" in told
    assert SECRET.encode() not in told
