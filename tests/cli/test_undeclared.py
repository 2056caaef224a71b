"""What a service may have filled in, from the report to the baseline that ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from tests.conftest import Drift

TOPIC = "Microsoft.ServiceBus/namespaces/topics"
GROUP = "/subscriptions/3f8a1c52-7b1e-4f60-9d2a-0b6c4e8d7a11/resourceGroups/g"
ID = f"{GROUP}/providers/Microsoft.ServiceBus/namespaces/n/topics/t"


def topic(**properties: Any) -> bytes:
    record = {
        "provider": "azure",
        "scope": "3f8a1c52-7b1e-4f60-9d2a-0b6c4e8d7a11",
        "type": TOPIC,
        "id": ID,
        "name": "t",
        "attributes": {"properties": properties},
    }
    return orjson.dumps(record) + b"\n"


def test_it_is_listed_explained_and_ended_by_a_baseline(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "live.jsonl").write_bytes(topic(maxSizeInMegabytes=2048, status="Active"))
    (tmp_path / "git.jsonl").write_bytes(topic(status="Active"))
    ran = drift("diff", "--live", "live.jsonl", "--declared", "git.jsonl", "-o", "out", "--format", "html")
    assert (ran.code, ran.findings()) == (0, {})
    (value,) = ran.report["undeclared"]
    assert (value["path"], value["live"], value["sensitive"]) == (
        "/properties/maxSizeInMegabytes",
        2048,
        False,
    )
    assert ran.report["summary"]["undeclared"] == 1
    assert "Undeclared, maybe filled in by the service: 1 live value" in ran.stdout
    page = (tmp_path / "out" / "report.html").read_text()
    assert value["id"] in page
    assert "2048" in page
    told = drift("explain", value["id"], "--run", "out").stdout
    assert "/properties/maxSizeInMegabytes" in told
    assert "`undeclared:`" in told
    assert drift("baseline", "--live", "live.jsonl", "-o", "base").code == 0
    ran = drift("diff", "--live", "live.jsonl", "--declared", "base", "-o", "out2")
    assert (ran.code, ran.report["undeclared"]) == (0, [])


def test_the_configuration_makes_a_finding_of_it(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "live.jsonl").write_bytes(topic(maxSizeInMegabytes=2048))
    (tmp_path / "git.jsonl").write_bytes(topic(status="Active"))
    (tmp_path / "drift.yaml").write_text("version: 1\nundeclared: [{action: report}]\n")
    ran = drift("diff", "--live", "live.jsonl", "--declared", "git.jsonl", "-o", "out", "-c", "drift.yaml")
    assert ran.code == 2
    assert "/properties/maxSizeInMegabytes" in str(ran.findings())
