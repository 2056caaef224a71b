"""A snapshot tells what it was asked for: what is read only where somebody declares it is not missing from
one that was taken for others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from drift.config.model import parse
from drift.live.write_snapshot import write
from drift.scan import Run
from providers.azure.loopback import cloud as azure
from providers.gcp.loopback import cloud as google

ONE = "11111111-0000-4000-8000-000000000000"
SHOP = f"/subscriptions/{ONE}/resourceGroups/shop"
POOL, REDIS = "Microsoft.Sql/servers/elasticPools", "Microsoft.Cache/redis"
TOPIC, DATABASE = "pubsub.googleapis.com/Topic", "sqladmin.googleapis.com/Database"


def record(provider: str, scope: str, type_: str, id_: str) -> dict[str, Any]:
    return {"provider": provider, "scope": scope, "type": type_, "id": id_, "attributes": {}}


def run(folder: Path, live: dict[str, Any], declared: list[dict[str, Any]], *files: Path) -> Run:
    (folder / "declared.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in declared))
    document = {
        "version": 1,
        "redaction": {"key": "a key"},
        "declared": [{"path": "declared.jsonl"}] if declared else [],
        "live": live,
    }
    return Run(parse(yaml.safe_dump(document), "drift.yaml", folder, None, {}), live=files)


def judged(
    folder: Path, live: dict[str, Any], asked: list[dict[str, Any]], declared: list[dict[str, Any]]
) -> tuple[set[str], set[str], int]:
    """Types that are missing and that can't be verified, by a snapshot that was taken for what is asked."""
    before = run(folder, live, asked)
    estate, _ = before.snapshot()
    write(folder / "live.jsonl", estate, before.redactor)
    result = run(folder, {}, declared, folder / "live.jsonl").scan()
    missing = {one["type"] for one in result.report["findings"] if one["kind"] == "missing"}
    return missing, {one["type"] for one in result.report["unverifiable"]}, result.exit_code


def test_children_of_azure_are_missing_only_where_they_were_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    pool = record("azure", ONE, POOL, f"{SHOP}/providers/Microsoft.Sql/servers/s/elasticPools/p")
    redis = record("azure", ONE, REDIS, f"{SHOP}/providers/{REDIS}/r")
    server = {"id": f"{SHOP}/providers/Microsoft.Sql/servers/s", "location": "westeurope", "properties": {}}
    with azure([server]) as at:
        live = {"azure": {"endpoint": at.url}}
        assert judged(tmp_path, live, [], [pool, redis]) == ({REDIS}, {POOL}, 2)
        assert judged(tmp_path, live, [], [pool]) == (set(), {POOL}, 3)
        assert judged(tmp_path, live, [pool], [pool, redis]) == ({POOL, REDIS}, set(), 2)


def test_what_google_may_not_list_is_missing_only_where_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    shop = {"name": "projects/7", "projectId": "shop"}
    topic = record("gcp", "shop", TOPIC, "//pubsub.googleapis.com/projects/shop/topics/t")
    database = record(
        "gcp", "shop", DATABASE, "//cloudsql.googleapis.com/projects/shop/instances/i/databases/d"
    )
    with google([shop]) as at:
        live = {"gcp": {"endpoint": at.url, "projects": ["shop"]}}
        assert judged(tmp_path, live, [], [topic, database]) == (set(), {TOPIC, DATABASE}, 3)
        assert judged(tmp_path, live, [topic], [topic, database]) == ({TOPIC}, {DATABASE}, 2)


def test_a_header_by_hand_is_taken_at_its_word(tmp_path: Path) -> None:
    row = {
        "provider": "gcp",
        "scope": "shop",
        "region": "*",
        "type": "*",
        "status": "checked",
        "resources": 0,
    }
    header = {"drift_snapshot": 1, "coverage": [row]}
    (tmp_path / "live.jsonl").write_bytes(orjson.dumps(header) + b"\n")
    topic = record("gcp", "shop", TOPIC, "//pubsub.googleapis.com/projects/shop/topics/t")
    result = run(tmp_path, {}, [topic], tmp_path / "live.jsonl").scan()
    assert [one["kind"] for one in result.report["findings"]] == ["missing"]


def test_a_file_that_holds_nothing_of_what_its_header_counts_is_broken(tmp_path: Path) -> None:
    row = {
        "provider": "gcp",
        "scope": "shop",
        "region": "global",
        "type": TOPIC,
        "status": "checked",
        "resources": 3,
    }
    (tmp_path / "live.jsonl").write_bytes(orjson.dumps({"drift_snapshot": 1, "coverage": [row]}) + b"\n")
    topic = record("gcp", "shop", TOPIC, "//pubsub.googleapis.com/projects/shop/topics/t")
    result = run(tmp_path, {}, [topic], tmp_path / "live.jsonl").scan()
    assert result.report["findings"] == []
    assert result.exit_code in (1, 3)
