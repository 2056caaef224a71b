"""Log lines as JSON, and traces over OTLP to a real server on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import ports
from tests.channels.test_notes import serving
from tests.conftest import Drift
from tests.records.test_snapshot import lines, record


@pytest.fixture
def estate(tmp_path: Path) -> None:
    (tmp_path / "base.jsonl").write_bytes(lines(record("a", DelaySeconds=1), record("b")))
    (tmp_path / "live.jsonl").write_bytes(lines(record("a", DelaySeconds=9), record("b")))


DIFF = ("diff", "--live", "live.jsonl", "--declared", "base.jsonl", "-o", "out")


def test_every_line_is_json_with_the_ids_of_run_and_finding(drift: Drift, estate: None) -> None:
    ran = drift(*DIFF, "--log-format", "json")
    told = [json.loads(line) for line in ran.stderr.splitlines()]
    assert ran.code == 2
    assert {line["run"] for line in told} == {ran.report["run"]["id"]}
    assert all({"timestamp", "level", "event"} <= set(line) for line in told)
    (finding,) = [line for line in told if line["event"] == "finding"]
    assert finding["finding"] == ran.report["findings"][0]["id"]
    assert (finding["severity"], finding["name"]) == (ran.report["findings"][0]["severity"], "a")
    assert told[-1] | {"exit_code": 2, "findings": 1} == told[-1]
    wrong = drift(
        "diff", "--live", "nothing.jsonl", "--declared", "base.jsonl", env={"DRIFT_LOG_FORMAT": "json"}
    )
    last = json.loads(wrong.stderr.splitlines()[-1])
    assert (wrong.code, last["level"]) == (1, "error")
    assert "nothing.jsonl" in last["event"]


def test_a_run_is_a_trace_within_that_of_its_pipeline(drift: Drift, estate: None) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    parent = "0af7651916cd43dd8448eb211c80319c"
    with serving() as web:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": web.url, "TRACEPARENT": f"00-{parent}-b7ad6b7169203331-01"}
        ran = drift(*DIFF, "-q", env=env)
    assert ran.code == 2
    assert {path for path, _, _ in web.requests} == {"/v1/traces"}
    asked = ExportTraceServiceRequest()
    for _, headers, body in web.requests:
        assert "content-encoding" not in headers
        asked.MergeFromString(body)
    (resource,) = [one.resource for one in asked.resource_spans]
    named = {one.key: one.value.string_value for one in resource.attributes}
    assert named["service.name"] == "drift"
    spans = {span.name: span for one in asked.resource_spans for of in one.scope_spans for span in of.spans}
    assert {"drift", "comparing", "reading what is declared"} <= set(spans)
    assert spans["drift"].trace_id.hex() == parent
    assert spans["comparing"].parent_span_id == spans["drift"].span_id
    attributes = {one.key: one.value for one in spans["drift"].attributes}
    assert attributes["drift.run"].string_value == ran.report["run"]["id"]
    assert attributes["drift.exit_code"].int_value == 2


def test_a_collector_that_is_away_changes_nothing(drift: Drift, estate: None) -> None:
    ran = drift(*DIFF, "-q", env={"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{ports.free()}"})
    assert ran.code == 2
    assert "Traceback" not in ran.stderr
