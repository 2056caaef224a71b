"""The SDK's descriptions of services are read as the SDK reads them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from botocore.loaders import Loader

from providers.aws.models import loader


@pytest.mark.parametrize(
    ("service", "kind"),
    [("sqs", "service-2"), ("s3", "endpoint-rule-set-1"), ("ecs", "waiters-2"), ("iam", "paginators-1")],
)
def test_what_is_read_is_what_the_sdk_reads(service: str, kind: str) -> None:
    ours, theirs = loader().load_service_model(service, kind), Loader().load_service_model(service, kind)
    assert json.dumps(ours) == json.dumps(theirs)  # the order of members, too


@pytest.mark.parametrize("packed", [True, False])
def test_descriptions_of_the_user_are_read_too(packed: bool, tmp_path: Path) -> None:
    folder = tmp_path / "own" / "2020-01-01"
    folder.mkdir(parents=True)
    text = json.dumps({"metadata": {"serviceId": "Own"}, "shapes": {}}).encode()
    file = folder / ("service-2.json.gz" if packed else "service-2.json")
    file.write_bytes(gzip.compress(text) if packed else text)
    found = loader(str(tmp_path))
    assert found.load_service_model("own", "service-2")["metadata"] == {"serviceId": "Own"}
    assert "own" in found.list_available_services("service-2")
