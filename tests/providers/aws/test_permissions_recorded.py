"""`drift permissions aws` against the calls that a run makes: none is missing, and nothing is granted that is
not called."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from drift.deadline import Deadline
from drift.errors import CellError
from drift.finding import Change, Finding
from drift.model import Coverage, Resource
from drift.task import Wanted
from drift.witness import Budget
from providers.aws import AwsProvider, cloud_control_declared
from providers.aws.facts import catalogue
from providers.aws.inventory import INVENTORY
from providers.aws.live import AwsLive
from providers.aws.loopback import environment
from providers.aws.models import described
from providers.aws.permissions import actions, permissions
from providers.aws.settings import Settings
from tests.calls.stands import tried
from tests.providers.aws import every_call
from tests.providers.aws.test_refused import OPERATIONS

REGION = "us-east-1"
EVERYTHING = {"regions": [REGION], "include": ["*", "AWS::*"]}
ORGANIZATION = {
    "regions": "all",
    "include": ["AWS::SQS::Queue"],
    "organization": {
        "role": "read",
        "units": ["x"],
        "tags": {"x": "x"},
        "overrides": [{"accounts": ["*"], "role": "other"}],
    },
}
NOTHING = Wanted(frozenset())


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment("http://127.0.0.1:9", REGION).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL")


def granted(settings: Settings, urls: Iterable[str] = (), wanted: Wanted = NOTHING) -> set[str]:
    decoder, found = json.JSONDecoder(), set()
    text = permissions(settings, wanted, list(urls)).text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        found |= {action for one in document["Statement"] for action in one["Action"]}
        text = text[end:].strip()
    return found


def run(
    said: dict[str, Any],
    urls: Iterable[str] = (),
    wanted: Wanted = NOTHING,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Settings, set[str]]:
    """All that a run asks: live, of the log, and of declared files. The operations that were called."""
    settings = Settings.model_validate({**said, "max_attempts": 1})
    account = {"Id": every_call.ACCOUNT, "Name": "x", "State": "ACTIVE"}
    listed = {f"organizations:ListAccounts{of}": {"Accounts": [account]} for of in ("", "ForParent")}
    with every_call.recording({**listed, **(answers or {})}) as recorder:
        live = AwsLive(settings)
        for task in live.tasks(wanted):
            if not isinstance(task, Coverage):
                read(task)
        live.context()
        queue = Resource(
            "aws", every_call.ACCOUNT, "AWS::SQS::Queue", "arn:aws:sqs:us-east-1:1:q", {}, REGION
        )
        finding = Finding("changed", queue, queue, (Change("/DelaySeconds", 1, 2),))
        list(AwsProvider().witness([finding], settings, Budget(2)))
        for url in urls:
            ask = AwsProvider().below if url.endswith("/") else AwsProvider().fetch
            ask(url, settings, Deadline())
    return settings, recorder.calls


def read(task: Any) -> None:
    """What is answered is no real resource: only that it is asked for counts."""
    try:
        list(task.read())
    except (CellError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return


def taken(calls: Iterable[str]) -> set[str]:
    """The actions that calls take; to know who one is takes none
    (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)."""
    return {action for call in calls if call != "sts:GetCallerIdentity" for action in actions(call)}


@pytest.fixture(scope="module")
def every_type() -> tuple[Settings, set[str]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment("http://127.0.0.1:9", REGION).items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL")
        settings, calls = run(
            EVERYTHING, wanted=Wanted(frozenset(BY_KEY), declared=lambda *_: map(one, BY_KEY))
        )
        other = {
            **EVERYTHING,
            "inventory": "config",
            "include": ["inventory"],
            "regions": [REGION, "us-east-2"],
        }
        return settings, calls | run(other)[1]  # as where there is no Resource Explorer


#: What is asked for by the keys that Git declares.
BY_KEY = [type_ for type_, entry in catalogue().entries.items() if entry.keys]


def one(type_: str) -> Resource:
    """A declared resource of such a type."""
    entry = catalogue().entries[type_]
    region = REGION if entry.regional else None
    return Resource("aws", every_call.ACCOUNT, type_, "x", dict.fromkeys(entry.keys, "x"), region)


def test_every_call_is_granted(every_type: tuple[Settings, set[str]]) -> None:
    settings, calls = every_type
    assert taken(calls) - granted(settings) == set()
    assert len(calls) > 400


def test_all_that_is_granted_is_called(every_type: tuple[Settings, set[str]]) -> None:
    """Where facts that take only some of what is listed are to be blamed, every_call._SAID says what is."""
    settings, calls = every_type
    handlers = set(cloud_control_declared.actions(settings, NOTHING))  # these are called by AWS itself
    assert granted(settings) - taken(calls) - handlers == set()
    assert "cloudcontrol:ListResources" in calls


#: Asked in CBOR, which no loopback of ours speaks; their types are read as their siblings are.
UNTRIED = {
    "cloudwatch:ListMetricStreams",
    "codepipeline:ListPipelines",
    "memorydb:DescribeClusters",
    "servicediscovery:ListServices",
}


def test_each_call_is_tried_with_each_fault(every_type: tuple[Settings, set[str]]) -> None:
    """By test_refused, where type facts name it; else by a stand of tests/calls."""
    calls = set(every_type[1]) | run(ORGANIZATION, ["s3://states/shop.tfstate", "s3://states/all/"])[1]
    for world in WORLDS:
        said = {"include": ["AWS::SQS::Queue", INVENTORY], "regions": [REGION]}
        calls |= run({**said, "organization": {"overrides": [{"accounts": ["*"]}]}}, answers=world)[1]
    by_facts = frozenset().union(*OPERATIONS.values())
    by_stands = {call for name, some in tried().items() if name.startswith("aws: ") for call in some}
    assert calls - by_facts - by_stands == UNTRIED


def test_an_organisation_and_declared_files_are_granted_as_they_are_asked_for() -> None:
    urls = ["s3://states/shop.tfstate", "s3://states/all/"]
    settings, calls = run(ORGANIZATION, urls)
    assert granted(settings, urls) == taken(calls)
    assert {"organizations:ListRoots", "organizations:ListTagsForResource", "sts:AssumeRole"} <= calls
    assert {"ec2:DescribeRegions", "s3:GetObject", "s3:ListObjectsV2", "cloudtrail:LookupEvents"} <= calls


def test_what_templates_ask_for_is_granted_where_they_do() -> None:
    wanted = Wanted(
        frozenset(),
        asks=frozenset({"stack x", "stack-set x", "object https://parts.s3.amazonaws.com/a.yaml"}),
    )
    settings, calls = run({"regions": [REGION], "include": ["AWS::SQS::Queue"]}, (), wanted)
    assert granted(settings, (), wanted) == taken(calls)
    assert {"cloudformation:GetTemplate", "s3:GetObject"} <= calls
    settings, calls = run(
        {**settings.model_dump(exclude_none=True), "exclude": ["AWS::CloudFormation::*"]}, (), wanted
    )
    assert granted(settings, (), wanted) == taken(calls)


_VIEW = {"ViewArn": "x", "Scope": "arn:aws:organizations::1:organization/o-1", "Filters": {}}
#: What there may be of inventories: all, no index, no aggregator either, an organisation's view elsewhere.
WORLDS: tuple[dict[str, Any], ...] = (
    {},
    {"resource-explorer-2:ListIndexes": {"Indexes": []}},
    {
        "resource-explorer-2:ListIndexes": {"Indexes": []},
        "config:DescribeConfigurationAggregators": {"ConfigurationAggregators": []},
    },
    {
        "resource-explorer-2:ListIndexes": {"Indexes": [{"Region": "us-west-2", "Type": "AGGREGATOR"}]},
        "resource-explorer-2:GetIndex": {"State": "ACTIVE", "ReplicatingFrom": []},
        "resource-explorer-2:GetView": {"View": _VIEW},
    },
)


@pytest.mark.parametrize(
    ("inventory", "organization"),
    [
        ("auto", None),
        ("auto", {"overrides": [{"accounts": ["*"], "role": "other"}]}),
        ("explorer", None),
        ("config", None),
        ("none", None),
    ],
)
def test_an_inventory_is_granted_as_it_is_asked(inventory: str, organization: dict[str, Any] | None) -> None:
    said = {"include": ["AWS::SQS::Queue", INVENTORY], "inventory": inventory, "organization": organization}
    asked: set[str] = set()
    for world in WORLDS:
        settings, calls = run({"regions": [REGION], **said}, answers=world)
        asked |= calls
    assert granted(settings) == taken(asked)


@cache
def reference() -> frozenset[str]:
    """Every action, by the service authorization reference as cfn-lint has it: in small letters, as IAM takes
    any."""
    file = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    return frozenset(f"{service}:{action}" for service, said in told.items() for action in said["Actions"])


def test_every_action_is_one_of_aws(every_type: tuple[Settings, set[str]]) -> None:
    organization = Settings.model_validate(ORGANIZATION)
    everything = granted(every_type[0]) | granted(organization, ["s3://a/b", "s3://a/"])
    assert {action for action in everything if action.lower() not in reference()} == set()
    assert "sqs:listqueues" in reference() and "s3:listbuckets" not in reference()


def test_what_the_services_say_that_calls_take_is_granted(every_type: tuple[Settings, set[str]]) -> None:
    """Those that say so name the actions in their own description of a call, as botocore has it."""
    told: dict[str, set[str]] = {}
    for call in every_type[1] - {
        "sts:GetCallerIdentity"
    }:  # which takes none, and tells of an error of another
        service, _, name = call.partition(":")
        text = re.sub(r"<[^>]+>", "", described(service).operation_model(name).documentation)
        named = set(re.findall(r"\b[a-z][a-z0-9-]+:[A-Z][A-Za-z]+\b", text)) if "ermission" in text else set()
        # of directory buckets, which have a service of their own
        told[call] = {one for one in named if one.lower() in reference() and not one.startswith("s3express:")}
    told["s3:GetObjectTagging"] -= {"s3:GetObjectVersionTagging"}  # only of a version that is named
    told["s3:HeadObject"] -= {"kms:Decrypt", "kms:GenerateDataKey"}  # only where checksums are asked for
    assert sum(map(bool, told.values())) > 30
    assert {call: lacking for call, named in told.items() if (lacking := named - set(actions(call)))} == {}


def test_a_type_that_is_named_is_granted() -> None:
    nothing = Wanted(frozenset())
    for settings in (Settings(types=["AWS::Kinesis::Str*"]), Settings(include=["*", "AWS::Kinesis::Stream"])):
        assert "kinesis:ListStreams" in permissions(settings, nothing, ()).text
    assert "kinesis:ListStreams" not in permissions(Settings(), nothing, ()).text
