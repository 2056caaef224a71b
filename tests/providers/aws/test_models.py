"""The SDK's descriptions of services are read as the SDK reads them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import botocore.session
import pytest
from botocore.loaders import Loader

from drift.deadline import Deadline
from drift.limits import Limits
from providers.aws.bounded import Session
from providers.aws.models import loader

PLACES = (("1", "eu-west-1"), ("2", "us-east-1"))


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


def _session(account: str) -> Session:
    session = Session(Deadline(), Limits())
    session.set_credentials(f"AKIA{account}", "secret")
    return session


def test_clients_of_all_sessions_are_made_of_one_description_and_each_has_its_own_identity() -> None:
    one, two = (_session(account).create_client("sqs", region) for account, region in PLACES)

    assert type(one) is type(two)
    assert one.meta.service_model is two.meta.service_model
    keys = [client._request_signer._credentials.access_key for client in (one, two)]
    assert keys == ["AKIA1", "AKIA2"]
    assert [client.meta.region_name for client in (one, two)] == ["eu-west-1", "us-east-1"]
    assert one.meta.events is not two.meta.events
    assert one.exceptions.QueueDoesNotExist.__name__ == "QueueDoesNotExist"


def test_clients_of_other_sessions_are_made_as_ever() -> None:
    own = _session("1").create_client("sqs", "eu-west-1")
    others = [botocore.session.Session() for _ in range(2)]
    for other in others:
        other.set_credentials("AKIA3", "secret")
    first, second = (other.create_client("sqs", "eu-west-1") for other in others)

    assert len({type(one) for one in (own, first, second)}) == 3
    assert len({id(one.meta.service_model) for one in (own, first, second)}) == 3
    assert dir(type(own)) == dir(type(first))


def test_another_folder_of_descriptions_is_read_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))

    other = _session("1").create_client("sqs", "eu-west-1")
    monkeypatch.delenv("AWS_DATA_PATH")

    assert type(other) is not type(_session("1").create_client("sqs", "eu-west-1"))
