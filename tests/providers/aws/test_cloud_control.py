"""A stack of types without facts of their own is compared through Cloud Control: what is found, what is not,
and what is asked."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.compare.canonical import canonicalise
from drift.config.model import parse
from drift.kinds.base import Context
from drift.loopback import Answer
from drift.model import Resource
from drift.scan import Run
from drift.task import Wanted
from providers.aws.facts import catalogue
from providers.aws.filled import DOCUMENTED, Unsaid
from providers.aws.loopback import ACCOUNT, environment
from providers.aws.loopback_cloud_control import Call, Fault, Rate
from providers.aws.permissions import permissions
from providers.aws.settings import Settings
from tests.providers.aws.cloud_control_estate import MADE, REGION, World, found, world

APPLICATION, ENVIRONMENT = "AWS::AppConfig::Application", "AWS::AppConfig::Environment"
PLAYBACK, VANS = "AWS::IVS::PlaybackRestrictionPolicy", "AWS::Location::Tracker"
TRIAL, CACHE = "AWS::Evidently::Project", "AWS::DAX::SubnetGroup"
JSON = {"Content-Type": "application/x-amz-json-1.0"}


@pytest.fixture(scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("odd")) as made, pytest.MonkeyPatch.context() as patch:
        for name, value in environment(made.url).items():
            patch.setenv(name, value)
        yield made


@pytest.fixture
def odd(_world: World) -> World:
    _world.reset()
    return _world


def row(report: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """The row of the ledger on a type."""
    (one,) = (row for row in report["coverage"] if row["type"] == type_)
    return dict(one)


def only(type_: str, operation: str, answered: Fault | Answer) -> Callable[[Call], Fault | Answer | None]:
    """A fault of one operation of one type."""
    return lambda call: answered if (call.asked["TypeName"], call.operation) == (type_, operation) else None


def unverifiable(report: Mapping[str, Any], type_: str) -> set[tuple[str, str]]:
    """Path and reason of what can't be told of a type."""
    return {(one["path"], one["reason"]) for one in report["unverifiable"] if one["type"] == type_}


def test_untouched_is_silent_and_each_resource_is_asked_for_once(odd: World) -> None:
    report = odd.scan()
    assert found(report) == set()
    assert report["run"]["exit_code"] == 0
    assert {row(report, type_)["status"] for type_, _, _ in MADE.values()} == {"checked"}
    # what its schema calls write-only is never told
    assert {path for path, _ in unverifiable(report, ENVIRONMENT)} == {"/DeletionProtectionCheck"}
    asked = Counter((call.operation, call.asked["TypeName"]) for call in odd.front.calls)
    assert asked == {
        **{("GetResource", type_): 1 for type_, _, _ in MADE.values()},
        **{("ListResources", type_): 1 for type_, _, _ in MADE.values() if type_ != TRIAL},
    }


MUTATIONS: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("Application", lambda body: body.update(Description="something else"), "/Description"),
    ("Environment", lambda body: body["Tags"][0].update(Value="test"), "/Tags/stage"),
    ("Playback", lambda body: body["AllowedCountries"].append("RU"), "/AllowedCountries"),
    (
        "Playback",
        lambda body: body.update(EnableStrictOriginEnforcement=True),
        "/EnableStrictOriginEnforcement",
    ),
    ("Vans", lambda body: body.update(EventBridgeEnabled=False), "/EventBridgeEnabled"),
    ("Vans", lambda body: body.pop("PositionFiltering"), "/PositionFiltering"),
    ("Trial", lambda body: body.update(Description="nothing"), "/Description"),
    ("Cache", lambda body: body["SubnetIds"].append("subnet-3"), "/SubnetIds"),
]


def test_each_change_is_found_and_nothing_else(odd: World) -> None:
    wrong = []
    for name, mutate, path in MUTATIONS:
        odd.reset()
        mutate(odd.live[name])
        told = found(odd.scan())
        expected = {("changed", MADE[name][0], path)}
        if {(kind, type_, at[: len(path)]) for kind, type_, at in told} != expected or len(told) != 1:
            wrong.append((name, path, told))
    assert wrong == []


def test_what_is_deleted_is_missing_and_what_nobody_declares_is_listed(odd: World) -> None:
    for name in odd.physical:
        odd.live.pop(name)
    report = odd.scan()
    assert found(report) == {("missing", type_, "") for type_, _, _ in MADE.values()}
    assert report["run"]["exit_code"] == 2
    odd.reset()
    other = {"ApplicationId": "abc1234", "EnvironmentId": "other", "Name": "test"}
    file = odd.folder / "bodies" / ENVIRONMENT / "beside.json"
    file.write_text(json.dumps(other))
    try:
        assert found(odd.scan()) == {("unmanaged", ENVIRONMENT, "")}
    finally:
        file.unlink()


DENIED = Fault(
    "GeneralServiceException",
    "User: arn:aws:iam::123456789012:user/drift is not authorized to perform: dax:DescribeSubnetGroups on "
    "resource: * (Service: Dax, Status Code: 400)",
)


def test_a_list_that_is_refused_names_the_handlers_permission_and_finds_nothing(odd: World) -> None:
    odd.live.pop("Cache")
    odd.front.fault = only(CACHE, "ListResources", DENIED)
    report = odd.scan()
    assert found(report) == set()
    assert report["run"]["exit_code"] == 3
    assert (row(report, CACHE)["status"], row(report, CACHE)["declared"]) == ("denied", 1)
    assert "not authorized to perform: dax:DescribeSubnetGroups" in row(report, CACHE)["message"]
    assert row(report, VANS)["status"] == "checked"


def test_a_refusal_that_does_not_say_what_was_refused_names_what_the_handler_calls(odd: World) -> None:
    odd.front.fault = only(CACHE, "ListResources", Fault("AccessDeniedException", "Access Denied"))
    told = row(odd.scan(), CACHE)
    assert told["status"] == "denied"
    assert "(its handler calls dax:DescribeSubnetGroups)" in told["message"]
    odd.front.fault = only(CACHE, "ListResources", Fault("ExpiredTokenException", "it is expired"))
    told = row(odd.scan(), CACHE)
    assert told["status"] == "denied" and "its handler calls" not in told["message"]


def test_a_resource_that_is_refused_is_there_and_nothing_is_said_of_it(odd: World) -> None:
    odd.live["Cache"]["Description"] = "something else"
    odd.front.fault = only(CACHE, "GetResource", DENIED)
    report = odd.scan()
    assert found(report) == set()
    assert report["run"]["exit_code"] == 3
    assert (row(report, CACHE)["status"], row(report, CACHE)["listed"]) == ("denied", True)
    assert {path for path, _ in unverifiable(report, CACHE)} == {"/Description", "/SubnetIds"}


def test_what_is_not_listed_and_is_refused_is_not_missing(odd: World) -> None:
    """Of a type that AWS does not list, and of one of which it leaves out what is declared."""
    for name, type_ in (("Trial", TRIAL), ("Cache", CACHE)):
        odd.reset()
        odd.live.pop(name)
        odd.front.fault = only(type_, "GetResource", DENIED)
        report = odd.scan()
        assert found(report) == set()
        assert report["run"]["exit_code"] == 3
        ((path, reason),) = unverifiable(report, type_)
        assert path == "" and "not authorized to perform" in reason


def test_what_a_list_leaves_out_is_asked_for_by_its_id(odd: World) -> None:
    empty = Answer(200, json.dumps({"TypeName": CACHE, "ResourceDescriptions": []}).encode(), JSON)
    odd.live["Cache"]["Description"] = "something else"
    odd.front.fault = only(CACHE, "ListResources", empty)
    assert found(odd.scan()) == {("changed", CACHE, "/Description")}


def test_what_is_gone_between_list_and_look_is_no_failure(odd: World) -> None:
    odd.front.fault = only(CACHE, "GetResource", Fault("ResourceNotFoundException", "was not found"))
    report = odd.scan()
    assert found(report) == {("missing", CACHE, "")}
    assert row(report, CACHE)["status"] == "checked"


def test_a_type_that_a_region_does_not_list_is_asked_for_by_id(odd: World) -> None:
    odd.front.fault = only(
        VANS,
        "ListResources",
        Fault("UnsupportedActionException", f"Resource type {VANS} does not support LIST"),
    )
    odd.live["Vans"]["EventBridgeEnabled"] = False
    report = odd.scan()
    assert found(report) == {("changed", VANS, "/EventBridgeEnabled")}
    assert row(report, VANS)["status"] == "checked"
    assert "only what is declared was asked for, by its id" in row(report, VANS)["message"]
    odd.live.pop("Vans")
    assert found(odd.scan()) == {("missing", VANS, "")}


def test_a_type_that_a_region_does_not_know_is_unsupported_there(odd: World) -> None:
    odd.front.fault = lambda call: (
        Fault("TypeNotFoundException", f"The type '{VANS}' cannot be found.")
        if call.asked["TypeName"] == VANS
        else None
    )
    report = odd.scan()
    assert found(report) == set()
    assert report["run"]["exit_code"] == 3
    assert (row(report, VANS)["status"], row(report, VANS)["declared"]) == ("unsupported", 1)


def test_a_list_that_asks_for_more_than_the_schema_says_is_told_and_ids_are_asked_for(odd: World) -> None:
    odd.live["Vans"]["EventBridgeEnabled"] = False
    message = "Missing or invalid ResourceModel property in list handler request input."
    odd.front.fault = only(VANS, "ListResources", Fault("InvalidRequestException", message))
    report = odd.scan()
    assert found(report) == {("changed", VANS, "/EventBridgeEnabled")}
    assert row(report, VANS)["status"] == "failed" and message in row(report, VANS)["message"]


def test_throttling_is_waited_out_and_one_accounts_region_has_one_rate(odd: World) -> None:
    odd.front.rate = Rate(200.0, 3)
    report = odd.scan(max_attempts=40)
    assert found(report) == set()
    assert report["run"]["exit_code"] == 0
    odd.front.rate = Rate(0.0, 0)
    report = odd.scan(max_attempts=1)
    assert {row(report, type_)["status"] for type_, _, _ in MADE.values()} == {"throttled"}
    assert report["run"]["exit_code"] == 3


BROKEN = [
    (Answer(200, b'{"TypeName": "AWS::DAX::Subn', JSON), "could not be parsed"),
    (Answer(200, b"<html>proxy</html>", {"Content-Type": "text/html"}), "could not be parsed"),
    (Answer(200, b'{"TypeName": "AWS::DAX::Cluster", "ResourceDescriptions": []}', JSON), "another one's"),
    (Answer(200, b'{"TypeName": "AWS::DAX::SubnetGroup"}', JSON), "another one's"),
    (Answer(200, b'{"ResourceDescriptions": [{"Properties": "{}"}]}', JSON), "without Identifier"),
    (Answer(200, b'{"ResourceDescriptions": [], "NextToken": "again"}', JSON), "read already"),
    (Fault("HandlerFailureException", "the handler did not answer"), "HandlerFailureException"),
    (Fault("GeneralServiceException", "something downstream"), "GeneralServiceException"),
]


@pytest.mark.parametrize(("answered", "told"), BROKEN)
def test_an_answer_that_is_none_makes_nothing_missing(odd: World, answered: Any, told: str) -> None:
    odd.live.pop("Cache")
    odd.front.fault = only(CACHE, "ListResources", answered)
    report = odd.scan()
    assert found(report) == set()
    assert report["run"]["exit_code"] == 3
    assert row(report, CACHE)["status"] == "failed" and told in row(report, CACHE)["message"]


def described(properties: str, identifier: str = MADE["Cache"][1]) -> Answer:
    said = {"TypeName": CACHE, "ResourceDescription": {"Identifier": identifier, "Properties": properties}}
    return Answer(200, json.dumps(said).encode(), JSON)


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (described('{"Description": "the'), "its Properties are no JSON object"),
        (described("[1]"), "its Properties are no JSON object"),
        (described('{"Description": NaN}'), "its Properties are no JSON object"),
        (described('{"X": ' + "[" * 100_000 + "]" * 100_000 + "}"), "its Properties are no JSON object"),
        (described("{}", "another"), "the answer is that of another"),
    ],
)
def test_properties_that_can_not_be_read_are_a_row_of_the_ledger(
    odd: World, answered: Answer, told: str
) -> None:
    odd.front.fault = only(CACHE, "GetResource", answered)
    report = odd.scan()
    assert found(report) == set()
    assert row(report, CACHE)["status"] == "failed" and told in row(report, CACHE)["message"]
    assert {path for path, _ in unverifiable(report, CACHE)} == {"/Description", "/SubnetIds"}


def test_an_error_of_awss_own_passes(odd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drift.deadline.Deadline.sleep", lambda self, seconds: None)
    left = [Fault("ServiceInternalErrorException", ""), Fault("HandlerInternalFailureException", "")]
    odd.front.fault = lambda call: left.pop() if left and call.asked["TypeName"] == CACHE else None
    report = odd.scan()
    assert (found(report), left, report["run"]["exit_code"]) == (set(), [], 0)


def test_a_list_of_several_pages_is_read_whole(odd: World) -> None:
    odd.front.page = 2
    for index in range(5):
        odd.live["Cache"]["SubnetGroupName"] = f"other-{index}"
        odd.write()
        file = odd.folder / "bodies" / CACHE / "Cache.json"
        file.rename(file.with_name(f"page-{index}.json"))
    odd.live["Cache"]["SubnetGroupName"] = MADE["Cache"][1]
    try:
        report = odd.scan()
        assert row(report, CACHE)["resources"] == 6
        assert found(report) == {("unmanaged", CACHE, "")}
    finally:
        for file in (odd.folder / "bodies" / CACHE).glob("page-*.json"):
            file.unlink()


def test_what_gives_access_and_what_is_named_is_read_though_nobody_declares_it(odd: World) -> None:
    policy, gateway = "AWS::XRay::ResourcePolicy", "AWS::IoTSiteWise::Gateway"
    bodies = {
        policy: {"PolicyName": "open", "PolicyDocument": '{"Statement": []}'},
        gateway: {"GatewayId": "g-1", "GatewayName": "hall"},
    }
    files: list[Path] = []
    for type_, body in bodies.items():
        files.append(odd.folder / "bodies" / type_ / "one.json")
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        files[-1].write_text(json.dumps(body))
    try:
        everything = [policy, gateway]
        report = odd.scan(include=everything)
        assert found(report) == {("unmanaged", policy, "")}
        assert gateway not in {one["type"] for one in report["coverage"]}
        report = odd.scan(include=everything, types=["AWS::IoTSiteWise::*"])
        assert row(report, gateway)["resources"] == 1
    finally:
        for file in files:
            file.unlink()


def test_a_snapshot_judges_as_the_run_did(odd: World, tmp_path: Path) -> None:
    """What was not asked for is known offline, too."""
    odd.live.pop("Trial")
    odd.front.fault = only(TRIAL, "GetResource", DENIED)
    run = odd.run()
    result = run.scan()
    file = tmp_path / "live.jsonl.zst"
    result.live(file)
    said = {
        "version": 1,
        "declared": [{"path": str(odd.folder / "odd.yaml"), "stack": "odd"}],
        "history": False,
    }
    later = Run(parse(json.dumps(said), "drift.yaml", odd.folder, None, {}), live=[file]).scan().report
    assert found(later) == found(result.report) == set()
    assert unverifiable(later, TRIAL) == unverifiable(result.report, TRIAL) != set()


def test_regions_and_accounts_are_apart(odd: World) -> None:
    """A body of one account and region is nobody else's."""
    other = odd.folder / "bodies" / "123456789012" / "us-east-1" / CACHE / "there.json"
    other.parent.mkdir(parents=True)
    other.write_text(json.dumps({"SubnetGroupName": "there", "SubnetIds": []}))
    odd.front.bodies.folder = odd.folder / "bodies"  # type: ignore[attr-defined]
    try:
        report = odd.scan(regions=[REGION, "us-east-1"])
        rows = {one["region"]: one["resources"] for one in report["coverage"] if one["type"] == CACHE}
        assert rows == {REGION: 1, "us-east-1": 2}
    finally:
        other.unlink()


def test_the_permissions_are_those_of_the_handlers_that_only_read() -> None:
    declared = Wanted(frozenset({CACHE, ENVIRONMENT, "AWS::Proton::EnvironmentTemplate"}))
    told = set(re.findall(r'"([\w-]+:\w+)"', permissions(Settings(), declared, []).text))
    assert told > {
        *("cloudformation:GetResource", "cloudformation:ListResources"),
        *("dax:DescribeSubnetGroups", "appconfig:GetEnvironment", "appconfig:ListEnvironments"),
    }
    # a handler of that type names kms:DisableKey and kms:ScheduleKeyDeletion, too
    keys = {one.removeprefix("kms:") for one in told if one.startswith("kms:")}
    assert keys and all(one.startswith(("Describe", "Get", "List")) for one in keys)
    only = permissions(Settings(include=["AWS::SQS::Queue"]), Wanted(frozenset({CACHE})), []).text
    assert "cloudformation:GetResource" not in only


def test_what_terraforms_awscc_declares_is_asked_for_by_its_id(odd: World) -> None:
    """Also of a type that AWS does not list."""
    arn = MADE["Trial"][1]
    attributes = {"id": arn, "arn": arn, "name": "trial", "description": "what customers like", "tags": None}
    state = {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "lineage": "odd",
        "outputs": {},
        "resources": [
            {
                "mode": "managed",
                "type": "awscc_evidently_project",
                "name": "trial",
                "provider": 'provider["registry.terraform.io/hashicorp/awscc"]',
                "instances": [{"schema_version": 0, "attributes": attributes}],
            }
        ],
    }
    file = odd.folder / "awscc.tfstate"
    file.write_text(json.dumps(state))
    odd.live["Trial"]["Description"] = "nothing"
    assert found(odd.scan(declared=[{"path": str(file)}])) == {("changed", TRIAL, "/Description")}
    odd.live.pop("Trial")
    assert found(odd.scan(declared=[{"path": str(file)}])) == {("missing", TRIAL, "")}


DOMAIN = Resource("aws", ACCOUNT, "AWS::SageMaker::Domain", "d-1", {"AuthMode": "IAM"}, REGION)


def test_a_secret_that_no_answer_has_is_not_gone() -> None:
    facts = catalogue().entry("AWS::EC2::VerifiedAccessTrustProvider")
    assert facts is not None and facts.facts.root.find("/OidcOptions/ClientSecret").write_only


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("/AppNetworkAccessType", "PublicInternetOnly", DOCUMENTED),
        ("/AppNetworkAccessType", "VpcOnly", None),
        ("/RetentionPolicy", "DELETE", "filled in"),
        ("/AccessPolicy", {"Statement": []}, None),
        ("/AccessPolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess", None),
    ],
)
def test_what_a_service_fills_in_and_what_people_add(path: str, value: Any, told: str | None) -> None:
    entry = catalogue().entry(DOMAIN.type)
    assert entry is not None
    facts, context = entry.facts, Context()
    live = canonicalise(value, facts.root.find(path), context)
    reason = Unsaid(DOMAIN, facts, context).reason(path, live)
    assert reason is None if told is None else reason is not None and told in reason
