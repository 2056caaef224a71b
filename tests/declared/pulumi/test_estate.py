"""A stack whose resources are made in a loopback AWS: silent as it was made, exact once it is changed."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from tests.conftest import Drift
from tests.declared.pulumi import estate


def test_silent_as_it_was_made_and_exact_once_changed(fresh_aws: str, drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(json.dumps(estate.build(fresh_aws)))
    said = {"version": 1, "declared": [{"path": "dev.json"}], "live": {"aws": {"regions": [estate.REGION]}}}
    (tmp_path / "drift.yaml").write_text(yaml.safe_dump(said))
    before = drift("scan", "-o", "before", endpoint=fresh_aws)
    assert (before.code, before.findings(), before.report["undeclared"]) == (0, {}, [])
    assert before.report["summary"]["in_sync"] == before.report["summary"]["declared"] == 8
    assert [(one["type"], one["path"]) for one in before.report["unverifiable"]] == [
        ("AWS::SSM::Parameter", "/Value")
    ]
    assert "not-for-people" not in json.dumps(before.report)
    assert {"provider": "aws", "type": "AWS::SQS::Queue", "compared_by": "attribute", "resources": 1} in (
        before.report["compared"]
    )
    estate.mutate(fresh_aws)
    after = drift("scan", "-o", "after", endpoint=fresh_aws)
    assert {
        (kind, name.rpartition("/")[2].rpartition(":")[2].rpartition("-")[0]): paths
        for (kind, name), paths in after.findings().items()
    } == {
        ("changed", "orders"): ["/VisibilityTimeout"],
        ("changed", "assets"): ["/VersioningConfiguration/Status"],
        ("changed", "worker"): ["/ManagedPolicyArns"],
        ("changed", "web"): ["/SecurityGroupIngress"],
        ("changed", "audit"): ["/RetentionInDays"],
        ("missing", "news"): [],
    }
    places = {one["declared_at"]["address"] for one in after.report["findings"]}
    assert "urn:pulumi:dev::shop::aws:sqs/queue:Queue::orders" in places
