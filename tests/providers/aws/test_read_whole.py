"""Types that the facts only list: what a stack or `awscc` declares of them is compared property by property,
what Terraform's `aws` does by existence, as all of them are where Cloud Control can't be asked."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.dialect import Foreign
from drift.loopback import Answer, Request
from drift.scan import Run
from drift.task import Wanted
from providers.aws.facts import catalogue
from providers.aws.loopback import ACCOUNT, environment
from providers.aws.loopback_cloud_control import CloudControl, Fault, Folders, beside
from providers.aws.permissions import permissions
from providers.aws.pulumi import AwsPulumi
from providers.aws.settings import Settings
from tests.providers.aws.cloud_control_estate import REGION, _stacks, found

#: Of Terraform's: the listing tells the name, and no more.
ONLY_NAME = "only that it is there is compared, and that its Name is as declared; not verified: Description"
SERVICE, ACTIVITY = "AWS::ServiceDiscovery::Service", "AWS::StepFunctions::Activity"
PACK = f"arn:aws:states:{REGION}:{ACCOUNT}:activity:pack"
TEMPLATE = """\
Resources:
  People:
    Type: AWS::ServiceDiscovery::Service
    Properties: {Name: people, Description: "ON", Tags: [{Key: team, Value: shop}]}
  Pack:
    Type: AWS::StepFunctions::Activity
    Properties: {Name: pack, Tags: [{Key: team, Value: shop}]}
"""
#: Logical id → type and physical id.
STACK = {"People": (SERVICE, "eu-west-1_a"), "Pack": (ACTIVITY, PACK)}
LIVE: dict[str, tuple[str, dict[str, Any]]] = {
    "eu-west-1_a": (
        SERVICE,
        {
            "Id": "eu-west-1_a",
            "Name": "people",
            "Description": "ON",
            "Tags": [{"Key": "team", "Value": "shop"}],
            "Arn": f"arn:aws:servicediscovery:{REGION}:{ACCOUNT}:service/eu-west-1_a",
        },
    ),
    "eu-west-1_b": (
        SERVICE,
        {"Id": "eu-west-1_b", "Name": "guests", "Description": "OFF"},
    ),
    "eu-west-1_c": (
        SERVICE,
        {"Id": "eu-west-1_c", "Name": "staff", "Type": "ACTIVE"},
    ),
    PACK: (ACTIVITY, {"Arn": PACK, "Name": "pack", "Tags": [{"Key": "team", "Value": "shop"}]}),
}
#: What states record: one of each provider's.
RECORDED = (
    ("aws", "aws_service_discovery_service", {"id": "eu-west-1_b", "name": "guests", "description": "ON"}),
    (
        "awscc",
        "awscc_servicediscovery_service",
        {
            "id": "eu-west-1_c",
            "name": "staff",
            "type": "ACTIVE",
        },
    ),
)


ONLY = Settings(regions=[REGION], include=[SERVICE, "AWS::SQS::Queue"])


@dataclass
class World:
    """What is live, by id, and who is asked for it."""

    folder: Path
    front: CloudControl
    url: str = ""
    live: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)

    def reset(self) -> None:
        """All as it is declared."""
        self.live = json.loads(json.dumps(LIVE))
        self.front.fault = lambda _: None
        self.front.calls.clear()

    def answer(self, request: Request) -> Answer | None:
        """The services' own lists."""
        target = str(request.headers.get("X-Amz-Target", ""))
        if target.endswith(".ListServices"):
            told = {"Services": [{"Id": id_, "Name": body["Name"]} for id_, body in self.of(SERVICE)]}
        elif target.endswith(".ListActivities"):
            told = {
                "activities": [
                    {"activityArn": id_, "name": body["Name"], "creationDate": 1.0}
                    for id_, body in self.of(ACTIVITY)
                ]
            }
        elif b"Action=GetTemplate&" in request.body:
            error = "<ErrorResponse><Error><Code>ValidationError</Code></Error></ErrorResponse>"
            return Answer(400, error.encode(), {"Content-Type": "text/xml"})
        else:
            return _stacks(request, STACK)
        return Answer(200, json.dumps(told).encode(), {"Content-Type": "application/x-amz-json-1.1"})

    def of(self, type_: str) -> list[tuple[str, dict[str, Any]]]:
        """What there is of a type."""
        return [(id_, body) for id_, (known, body) in self.live.items() if known == type_]

    def scan(self, *, stack: bool = True, states: bool = True) -> dict[str, Any]:
        """The report of a run that reads these types alone."""
        for file in (self.folder / "bodies").glob("*/*.json"):
            file.unlink()
        for number, (type_, body) in enumerate(self.live.values()):
            file = self.folder / "bodies" / type_ / f"{number}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(body))
        (self.folder / "odd.yaml").write_text(TEMPLATE)
        declared: list[dict[str, Any]] = [{"path": "odd.yaml", "stack": "odd"}] if stack else []
        for provider, type_, attributes in RECORDED if states else ():
            instance = {"attributes": attributes}
            resource = {"mode": "managed", "type": type_, "name": "x", "instances": [instance]}
            resource["provider"] = f'provider["registry.terraform.io/hashicorp/{provider}"]'
            state = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": [resource]}
            (self.folder / f"{provider}.tfstate").write_text(json.dumps(state))
            declared.append({"path": f"{provider}.tfstate", "scope": ACCOUNT, "region": REGION})
        said = {
            "version": 1,
            "declared": declared,
            "live": {"aws": {"regions": [REGION], "endpoint": self.url, "include": [SERVICE, ACTIVITY]}},
            "history": False,
            "blame": {"enabled": False},
        }
        return Run(parse(json.dumps(said), "drift.yaml", self.folder, None, {})).scan().report


@pytest.fixture(scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("whole")
    made = World(folder, CloudControl(Folders(folder / "bodies")))
    server = beside("http://127.0.0.1:9", made.front)
    known = server.answer
    server.answer = lambda request: made.answer(request) or known(request)
    made.url = server.url
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment(server.url).items():
                patch.setenv(name, value)
            yield made
    finally:
        server.close()


@pytest.fixture
def whole(_world: World) -> World:
    _world.reset()
    return _world


def row(report: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """The row of the ledger on a type."""
    (one,) = (row for row in report["coverage"] if row["type"] == type_)
    return dict(one)


def unknown(report: Mapping[str, Any], id_: str) -> dict[str, str]:
    """Path → reason of what can't be told of a resource."""
    return {one["path"]: one["reason"] for one in report["unverifiable"] if one["resource_id"] == id_}


def test_what_is_declared_by_its_properties_is_read_and_untouched_it_is_silent(whole: World) -> None:
    report = whole.scan()
    assert found(report) == set()
    assert {row(report, one)["status"] for one in (SERVICE, ACTIVITY)} == {"checked"}
    compared = {(one["type"], one["compared_by"]): one["resources"] for one in report["compared"]}
    assert compared == {(SERVICE, "attribute"): 2, (SERVICE, "existence"): 1, (ACTIVITY, "attribute"): 1}
    assert [unknown(report, id_) for id_ in ("eu-west-1_a", "eu-west-1_c", PACK)] == [{}, {}, {}]
    asked = Counter((one.operation, one.asked.get("Identifier")) for one in whole.front.calls)
    assert asked == {("GetResource", id_): 1 for id_ in ("eu-west-1_a", "eu-west-1_c", PACK)}


def test_each_change_is_found_and_terraforms_are_compared_by_existence(whole: World) -> None:
    for id_, name, value, path in (
        ("eu-west-1_a", "Description", "OFF", "/Description"),
        ("eu-west-1_a", "Tags", [{"Key": "team", "Value": "other"}], "/Tags/team"),
        ("eu-west-1_c", "Type", "INACTIVE", "/Type"),
        (PACK, "Tags", [{"Key": "team", "Value": "other"}], "/Tags/team"),
    ):
        whole.reset()
        whole.live[id_][1][name] = value
        whole.live["eu-west-1_b"][1]["Description"] = "OPTIONAL"
        report = whole.scan()
        assert found(report) == {("changed", whole.live[id_][0], path)}
        ((at, reason),) = unknown(report, "eu-west-1_b").items()
        assert (at, reason) == ("", ONLY_NAME)


def test_terraform_alone_asks_cloud_control_for_nothing(whole: World) -> None:
    report = whole.scan(stack=False, states=True)
    assert {one.asked["Identifier"] for one in whole.front.calls} == {"eu-west-1_c"}
    assert found(report) == set()


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault("AccessDeniedException", "x is not authorized to perform: y:Z"), "denied", 3),
        (Fault("TypeNotFoundException", "The type is not found"), "checked", 0),
        (Fault("UnsupportedActionException", "does not support READ"), "checked", 0),
    ],
    ids=["refused", "not known", "not offered"],
)  # fmt: skip
def test_where_cloud_control_tells_nothing_existence_is_compared(
    whole: World, fault: Fault, status: str, code: int
) -> None:
    whole.live["eu-west-1_a"][1]["Description"] = "OFF"
    whole.front.fault = lambda call: fault if call.asked["TypeName"] == SERVICE else None
    report = whole.scan()
    assert found(report) == set()
    assert report["run"]["exit_code"] == code
    told = row(report, SERVICE)
    assert told["status"] == status
    assert (
        "only that they are there is compared of 2 of 3" in told["message"] and str(fault) in told["message"]
    )
    assert set(unknown(report, "eu-west-1_a")) == {"/Description", "/Name", "/Tags"}
    del whole.live["eu-west-1_a"]
    assert found(whole.scan()) == {("missing", SERVICE, "")}


def test_what_reads_them_whole_is_granted_where_one_is_declared() -> None:
    told = [
        set(re.findall(r'"([\w-]+:\w+)"', permissions(ONLY, Wanted(frozenset(types)), []).text))
        for types in ((ACTIVITY,), (SERVICE,))
    ]
    assert told[1] - told[0] >= {"servicediscovery:GetService", "cloudformation:GetResource"}
    assert "cloudformation:ListResources" not in told[1]


def test_what_pulumi_declares_of_one_is_spelled_as_its_schema() -> None:
    said = {"name": "people", "healthCheckCustomConfig": {"failureThreshold": 1}}
    known = Foreign("", "", {"id": "eu-west-1_a"}, ACCOUNT, REGION)
    (made,) = AwsPulumi().translate("aws-native:servicediscovery:Service", said, known) or ()
    assert made.attributes["HealthCheckCustomConfig"] == {"FailureThreshold": 1}


def test_of_nearly_all_such_types_cloud_control_reads_one() -> None:
    listed = {type_: entry for type_, entry in catalogue().entries.items() if entry.existence}
    assert {type_ for type_, entry in listed.items() if entry.whole is None} == {
        "AWS::DAX::Cluster",
        "AWS::Elasticsearch::Domain",
    }
    for entry in filter(None, (one.whole for one in listed.values())):
        assert entry.facts.root.children and len(entry.primary_identifier) == 1
