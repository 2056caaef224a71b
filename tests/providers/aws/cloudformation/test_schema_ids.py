"""Which resource a physical id means, of types without facts of their own."""

from __future__ import annotations

from typing import Any

import pytest

from drift.model import Resource, Unresolved
from providers.aws.cloudformation.schema_ids import identified
from providers.aws.facts import catalogue

ARN = "arn:aws:ivs:eu-west-1:111111111111:playback-restriction-policy/x1"
POLICY, TRACKER = "AWS::IVS::PlaybackRestrictionPolicy", "AWS::Location::Tracker"  # by an ARN, by a name
GROUP, ENVIRONMENT = "AWS::Omics::RunGroup", "AWS::AppConfig::Environment"  # by a made-up id, by two parts


@pytest.mark.parametrize(
    ("type_", "physical", "declared", "live", "told"),
    [
        # said by the template itself, whatever the physical id is
        (TRACKER, "arn:aws:geo:eu-west-1:1:tracker/vans", {"TrackerName": "vans"}, {}, "vans"),
        (TRACKER, None, {"TrackerName": "vans"}, {}, "vans"),
        (TRACKER, None, {"TrackerName": Unresolved("nobody knows")}, {}, None),
        # of the identifier's form
        (POLICY, ARN, {}, {}, ARN),
        (GROUP, "1234567", {"Name": "nightly"}, {}, "1234567"),
        # of another form: what is live tells
        (POLICY, "x1", {}, {}, None),
        (POLICY, "x1", {}, {ARN: {}}, ARN),
        (GROUP, "nightly", {"Name": "nightly"}, {}, None),
        (GROUP, "nightly", {"Name": "nightly"}, {"1234567": {"Name": "nightly"}}, "1234567"),
        (GROUP, "nightly", {"Name": "nightly"}, {"1": {"Name": "nightly"}, "2": {"Name": "nightly"}}, None),
        # several parts
        (ENVIRONMENT, "e1", {"ApplicationId": "a1"}, {}, "a1|e1"),
        (ENVIRONMENT, "a1|e1", {"ApplicationId": "a1"}, {}, "a1|e1"),
        (ENVIRONMENT, "a2|e1", {"ApplicationId": "a1"}, {}, None),
        (ENVIRONMENT, "e1", {"ApplicationId": Unresolved("nobody knows")}, {}, None),
        (ENVIRONMENT, "e1", {"ApplicationId": Unresolved("nobody knows")}, {"a1|e1": {}}, "a1|e1"),
        (ENVIRONMENT, "e1", {"ApplicationId": Unresolved("?")}, {"a1|e1": {}, "a2|e1": {}}, None),
        (ENVIRONMENT, None, {"ApplicationId": "a1"}, {"a1|e1": {}}, None),
    ],
)
def test_only_what_is_certain(
    type_: str, physical: str | None, declared: dict[str, Any], live: dict[str, Any], told: str | None
) -> None:
    entry = catalogue().entry(type_)
    assert entry is not None
    there = [Resource("aws", "1", type_, id_, body, "eu-west-1") for id_, body in live.items()]
    assert identified(entry, physical, declared, there) == told
