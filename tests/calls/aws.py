"""What is asked of AWS beside the calls of type facts, which tests/providers/aws/test_refused.py tries: Cloud
Control, inventories, organisations, stacks, second readings, the log, simulators, secrets, mail."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import yaml

from drift.channel import ChannelError, Message
from drift.config.model import parse
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.finding import Change, Finding
from drift.loopback import Answer, Request, Server
from drift.model import Resource
from drift.moment import rfc3339
from drift.redaction import told as cleaned
from drift.scan import Run
from drift.task import Wanted
from drift.witness import Budget, Silent
from providers.aws import AwsProvider
from providers.aws.facts import catalogue
from providers.aws.inventory import INVENTORY
from providers.aws.loopback import ACCOUNT, passed_on
from providers.aws.loopback import environment as of_aws
from providers.aws.loopback_trail import TrailStandIn
from providers.aws.permissions import permissions
from providers.aws.ses import SesChannel, SesSettings
from providers.aws.settings import Settings
from tests import forked_aws
from tests.calls.stand import Outcome, Stand, asked, environment, scanned
from tests.conftest import client
from tests.declared.terraform.test_backends import STATE
from tests.faulty import Call, call_of, faulty
from tests.providers.aws.cloud_control_estate import world
from tests.providers.aws.inventory_estate import OTHER, Front, items
from tests.providers.aws.organization_estate import organisation
from tests.providers.aws.test_refused import called
from tests.secrets.stores import value

REGION = "eu-west-1"
QUEUE = "AWS::SQS::Queue"
#: What signs for a name that is not its client's.
_CLIENTS = {"cloudcontrolapi": "cloudcontrol"}


#: Each resource is asked for its tags where they can't be had in bulk.
_TAGS = {("resourcegroupstaggingapi:GetResources", ".*"): "each resource is asked for its tags"}


def named(call: Call) -> str:
    """``sqs:ListQueues``."""
    if call.service in _CLIENTS:
        return f"{_CLIENTS[call.service]}:{call.operation}"
    return called(call)


def live(url: str, seconds: float, **said: Any) -> dict[str, Any]:
    """The section of a provider with a client that tries twice."""
    return {
        "regions": [REGION],
        "endpoint": url,
        "inventory": "none",
        "max_attempts": 2,
        "connect_timeout": seconds,
        "read_timeout": seconds,
        **said,
    }


def run(folder: Path, declared: list[dict[str, Any]], aws: dict[str, Any], **more: Any) -> Run:
    document = {"version": 1, "declared": declared, "live": {"aws": aws}, "blame": {"enabled": False}}
    return Run(parse(yaml.safe_dump(document | more), "drift.yaml", folder, None, {}))


def gone(account: str = ACCOUNT, name: str = "gone", region: str = REGION) -> str:
    """A line that declares a queue which is not there."""
    arn = f"arn:aws:sqs:{region}:{account}:{name}"
    body = {"QueueName": name}
    record = {"provider": "aws", "scope": account, "region": region, "type": QUEUE, "id": arn}
    return json.dumps({**record, "attributes": body}) + "\n"


@contextmanager
def at_once() -> Iterator[None]:
    """AWS' SDK does not wait before it tries again."""
    import pytest

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
        yield


@contextmanager
def front(url: str, region: str = REGION) -> Iterator[Any]:
    """A proxy before a loopback AWS, with the environment that leads to it."""
    with faulty(url) as (address, weather), environment(**of_aws(address, region)), at_once():
        yield address, weather


@contextmanager
def cloud_control(folder: Path) -> Iterator[Stand]:
    """A stack of types without facts."""
    with world(folder) as made, front(made.url) as (url, weather):
        made.reset()
        del made.live["Cache"]
        made.live["Vans"]["PositionFiltering"] = "DistanceBased"

        def act(seconds: float) -> Outcome:
            return scanned(
                made.run(endpoint=url, max_attempts=2, connect_timeout=seconds, read_timeout=seconds)
            )

        yield Stand("cloud control", weather, act, named)


_ANOTHER_WAY = {
    ("resource-explorer-2:Get(Default)?View", ".*"): "all views are looked at",
    ("resource-explorer-2:ListSupportedResourceTypes", ".*"): "what is known of types names them",
    ("config:DescribeConfigurationAggregators", ".*"): "each region's own recorder is asked",
    ("config:DescribeConfigurationAggregatorSourcesStatus", ".*"): "it is not known to lack anything",
}


def _explorer(made: Front) -> None:
    made.indexes()


def _of_organisation(made: Front) -> None:
    """The caller's own view tells of another account, which may not be asked itself."""
    made.estate += items(OTHER)
    for region, type_ in (("us-east-1", "AGGREGATOR"), ("eu-west-1", "LOCAL")):
        made.explorer.indexes[(OTHER, region)] = type_
    made.indexes()
    made.refused = {OTHER}
    scope = "arn:aws:organizations::1:organization/o-1"
    made.view("us-east-1", "everybody", "", default=False, scope=scope)


def _recorder(made: Front) -> None:
    made.records("us-east-1")


def _aggregator(made: Front) -> None:
    made.records("us-east-1")
    source = {"RoleArn": "r", "AllAwsRegions": True}
    said = {"ConfigurationAggregatorName": "everything", "OrganizationAggregationSource": source}
    made.config.aggregators[(ACCOUNT, "us-east-1")] = [said]


def _inventory(
    kind: str, prepare: Callable[[Front], None], **more: Any
) -> Callable[[Path], contextlib.AbstractContextManager[Stand]]:
    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        with (
            forked_aws.moto() as aws,
            closing(Front(aws, items())) as made,
            front(made.url, "us-east-1") as (url, weather),
        ):
            prepare(made)
            (folder / "base.jsonl").write_text(gone(region="us-east-1"))

            def act(seconds: float) -> Outcome:
                said = live(url, seconds, regions=["us-east-1"], inventory=kind, include=[QUEUE, INVENTORY])
                said |= more
                return scanned(run(folder, [{"path": "base.jsonl"}], said))

            yield Stand(f"inventory ({kind})", weather, act, named, free=_ANOTHER_WAY)

    return maker


def _organization(**said: Any) -> Callable[[Path], contextlib.AbstractContextManager[Stand]]:
    """An organisation, some accounts of which lack a queue."""

    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        with organisation() as made, environment(**of_aws(made.url, REGION)), at_once():
            lacking = [made.accounts[name] for name in ("shop", "data", "play")]
            (folder / "base.jsonl").write_text("".join(map(gone, lacking)))

            def act(seconds: float) -> Outcome:
                aws = live(made.url, seconds, include=[QUEUE], organization=said)
                return scanned(run(folder, [{"path": "base.jsonl"}], aws))

            yield Stand("organization", made.weather, act, named)

    return maker


#: All but those of services that are asked in CBOR, which the loopback does not speak.
_CBOR_SPEAKING = frozenset({"cloudwatch", "codepipeline", "memorydb", "servicediscovery"})
EXISTENCE = sorted(
    name
    for name, entry in catalogue().entries.items()
    if entry.existence and entry.service not in _CBOR_SPEAKING
)


@contextmanager
def existence(folder: Path) -> Iterator[Stand]:
    """Types of which it is only read whether they are there: an AWS that has none of them."""
    with forked_aws.moto() as aws:

        def answer(request: Request) -> Answer:
            path = f"{request.path}?{request.query}" if request.query else request.path
            call = call_of(request.method, path, request.headers, request.body)
            service, _, operation = named(call).partition(":")
            if service == "sts" or f"{service}:{operation}" == "cloudtrail:LookupEvents":
                return passed_on(aws, request)
            return _nothing_there(service, operation)

        with closing(Server(answer)) as server, front(server.url) as (url, weather):
            type_ = "AWS::AccessAnalyzer::Analyzer"
            id_ = f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/gone"
            one = {"provider": "aws", "scope": ACCOUNT, "region": REGION, "type": type_}
            record = {**one, "id": id_, "attributes": {}}
            (folder / "base.jsonl").write_text(json.dumps(record) + "\n")

            def act(seconds: float) -> Outcome:
                said = live(url, seconds, include=EXISTENCE)
                more = {"confirm": {"findings": 0}, "attribution": {"calls": 0}}
                return scanned(run(folder, [{"path": "base.jsonl"}], said, **more))

            yield Stand("existence", weather, act, named, free=_TAGS)


def _nothing_there(service: str, operation: str) -> Answer:
    """An answer whose lists are all empty, by the model of the service."""
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(operation).output_shape
    lists = [
        (shape.members[name].serialization.get("name", name), name)
        for name in (shape.members if shape else ())
        if shape.members[name].type_name == "list"
    ]
    if "json" in model.protocol:
        body: dict[str, list[Any]] = {wire: [] for wire, _ in lists}
        return Answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
    inner = "".join(f"<{wire}/>" for wire, _ in lists)
    if model.protocol == "query":
        inner = f"<{operation}Result>{inner}</{operation}Result>"
    return Answer(200, f"<{operation}Response>{inner}</{operation}Response>".encode())


@contextmanager
def every_region(folder: Path) -> Iterator[Stand]:
    """All regions that are open, by EC2; and states of Terraform in S3, by name and by folder."""
    with forked_aws.moto() as aws, front(aws) as (url, weather):
        s3 = client(aws, "s3", "us-east-1")
        s3.create_bucket(Bucket="states")
        for name in ("shop.tfstate", "all/a.tfstate"):
            s3.put_object(Bucket="states", Key=name, Body=STATE)
        declared = [{"path": "s3://states/shop.tfstate"}, {"path": "s3://states/all/"}]

        def act(seconds: float) -> Outcome:
            said = live(url, seconds, include=[QUEUE], regions="all")
            return scanned(run(folder, declared, said, backends={"allow": ["127.0.0.1"]}))

        yield Stand("every region", weather, act, named)


STACK = """\
Resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs, DelaySeconds: 5}}
  Gone: {Type: AWS::SQS::Queue, Properties: {QueueName: gone}}
"""
CHILD = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: inner, DelaySeconds: 3}}\n"
PARENT = """\
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: 'https://s3.amazonaws.com/templates/child.yaml'}
"""
SET = "Resources:\n  Each: {Type: AWS::SQS::Queue, Properties: {QueueName: each, DelaySeconds: 1}}\n"


@contextmanager
def stacks(folder: Path) -> Iterator[Stand]:
    """A stack, one with a nested template in S3, and a StackSet; something differs in each."""
    with forked_aws.moto() as aws, front(aws) as (url, weather):
        made, sqs, s3 = client(aws, "cloudformation", REGION), client(aws, "sqs", REGION), client(aws, "s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key="child.yaml", Body=CHILD.encode())
        for name, text in (("app", STACK), ("parent", PARENT), ("set", SET)):
            (folder / f"{name}.yaml").write_text(text)
            if name != "set":
                made.create_stack(StackName=name, TemplateBody=text)
        made.create_stack_set(StackSetName="set", TemplateBody=SET)
        made.create_stack_instances(StackSetName="set", Accounts=[ACCOUNT], Regions=[REGION])
        for name in ("jobs", "inner", "each"):
            address = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.set_queue_attributes(QueueUrl=address, Attributes={"DelaySeconds": "9"})
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="gone")["QueueUrl"])
        place = {"scope": ACCOUNT, "region": REGION}
        declared = [
            {"path": "app.yaml", "stack": "app", **place},
            {"path": "parent.yaml", "stack": "parent", **place},
            {"path": "set.yaml", "stack_set": "set", "region": REGION},
        ]

        def act(seconds: float) -> Outcome:
            said = live(url, seconds, include=[QUEUE, "AWS::CloudFormation::Stack"])
            return scanned(run(folder, declared, said, confirm={"findings": 0}))

        free = {("s3:GetObject", "garbage|empty|foreign|html"): "a note says what is no template"}
        yield Stand("stacks", weather, act, named, free=_TAGS | free)


@contextmanager
def second_reading(folder: Path) -> Iterator[Stand]:
    """What is missing, read once more: only then do calls fail."""
    with forked_aws.moto() as aws, front(aws) as (url, weather):
        client(aws, "sqs", REGION).create_queue(QueueName="there")
        (folder / "base.jsonl").write_text(gone())
        again = [False]

        def act(seconds: float) -> Outcome:
            again[0] = False
            one = run(folder, [{"path": "base.jsonl"}], live(url, seconds, include=[QUEUE]))

            def watch(stage: Any) -> None:
                again[0] = again[0] or "once more" in str(getattr(stage, "text", stage))

            one.watch = watch
            return scanned(one)

        yield Stand("second reading", weather, act, named, counts=lambda: again[0])


@contextmanager
def log(folder: Path) -> Iterator[Stand]:
    """Who did it, by CloudTrail."""
    with closing(TrailStandIn(ACCOUNT)) as trail, front(trail.url) as (url, weather):
        moment = datetime.now(UTC) - timedelta(days=1)
        trail.records = [
            {
                "eventID": "e1",
                "eventTime": rfc3339(moment.replace(microsecond=0)),
                "eventName": "PutBucketVersioning",
                "eventSource": "s3.amazonaws.com",
                "awsRegion": REGION,
                "readOnly": False,
                "userIdentity": {
                    "type": "IAMUser",
                    "userName": "anna",
                    "arn": f"arn:aws:iam::{ACCOUNT}:user/anna",
                },
                "requestParameters": {"bucketName": "logs"},
                "$resources": ("logs",),
            }
        ]
        one = Resource("aws", ACCOUNT, "AWS::S3::Bucket", "arn:aws:s3:::logs", {}, REGION, "logs")
        finding = Finding("changed", one, one, (Change("/VersioningConfiguration/Status", "a", "b"),))

        def act(seconds: float) -> Outcome:
            settings = Settings.model_validate(live(url, seconds))
            budget = Budget(20, Deadline(60), [], None, frozenset({finding.id}))
            return witnessed(AwsProvider().witness([finding], settings, budget))

        yield Stand("log", weather, act, named)


def witnessed(said: Any) -> Outcome:
    """Who did what, as far as a log tells."""
    told = list(said)
    silent = [one.message for one in told if isinstance(one, Silent)]
    found = frozenset(
        (one.finding.id, one.attribution.actor)
        for one in told
        if not isinstance(one, Silent) and one.attribution is not None
    )
    return Outcome(found, sorted(found), cleaned(str(told)), unsure=bool(silent))


def looked(checks: Any) -> Outcome:
    """What was looked at before a run: nothing is called well that could not be looked at."""
    try:
        told = [one.record() for one in checks]
    except DriftError as error:
        return Outcome(frozenset(), "", cleaned(str(error)), unsure=True)
    well = frozenset((one["what"], one["where"], one["area"]) for one in told if one["status"] == "well")
    unsure = any(one["status"] in ("unknown", "blind", "stops") for one in told)
    return Outcome(well, sorted(well), cleaned(json.dumps(told)), unsure)


@contextmanager
def preflight(folder: Path) -> Iterator[Stand]:
    """The simulator, asked of a role that may all that is needed."""
    with forked_aws.moto() as aws, front(aws) as (url, weather):
        iam = client(aws, "iam", "us-east-1")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)
        said = {"include": [QUEUE], "accounts": [{"id": ACCOUNT, "role": "reader"}]}
        text = permissions(Settings.model_validate(live(url, 1, **said)), Wanted(frozenset()), []).text
        decoder, number = json.JSONDecoder(), 0
        while text := text.strip():
            document, end = decoder.raw_decode(text)
            text, number = text[end:], number + 1
            body = json.dumps(document)
            iam.put_role_policy(RoleName="reader", PolicyName=f"p{number}", PolicyDocument=body)

        def act(seconds: float) -> Outcome:
            settings = Settings.model_validate(live(url, seconds, **said))
            return looked(AwsProvider().preflight(settings, Wanted(frozenset()), Deadline(60)))

        yield Stand("preflight", weather, act, named)


VALUE = "correct horse battery staple"


@contextmanager
def secrets(folder: Path) -> Iterator[Stand]:
    """Secrets Manager."""
    import pytest

    with (
        forked_aws.moto() as aws,
        front(aws) as (url, weather),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("drift.secrets.keyring._BACK_OFF", 0.0)
        client(aws, "secretsmanager", REGION).create_secret(Name="drift/mail", SecretString=VALUE)

        def act(seconds: float) -> Outcome:
            said = {"endpoint": url, "region": REGION}
            return asked(lambda: value("awssm://drift/mail", awssm=said), DriftError)

        yield Stand("secrets (awssm)", weather, act, named, secrets=[VALUE])


@contextmanager
def mail(folder: Path) -> Iterator[Stand]:
    """SES."""
    content = b"From: drift@acme.example\r\nTo: ann@acme.example\r\nSubject: hello\r\n\r\nbody\r\n"
    message = Message("id", sender="drift@acme.example", recipients=("ann@acme.example",), content=content)
    with forked_aws.moto() as aws, front(aws) as (url, weather):
        client(aws, "sesv2").create_email_identity(EmailIdentity="drift@acme.example")

        def act(seconds: float) -> Outcome:
            settings = SesSettings(region="us-east-1", endpoint=url, read_timeout=seconds)
            return asked(lambda: SesChannel().send(message, settings, Deadline(60 * seconds)), ChannelError)

        yield Stand("mail (SES)", weather, act, named)


MAKERS = {
    "aws: cloud control": cloud_control,
    "aws: inventory (explorer)": _inventory("explorer", _explorer),
    "aws: inventory (organisation's view)": _inventory(
        "explorer", _of_organisation, accounts=[{"id": ACCOUNT}, {"id": OTHER, "role": "read"}]
    ),
    "aws: inventory (config)": _inventory("config", _recorder),
    "aws: inventory (aggregator)": _inventory("config", _aggregator),
    "aws: organization (units)": _organization(tags={"env": "*"}, units=["*"]),
    "aws: organization (all)": _organization(include=["shop", "data", "play"]),
    "aws: existence": existence,
    "aws: every region, states": every_region,
    "aws: stacks": stacks,
    "aws: second reading": second_reading,
    "aws: log": log,
    "aws: preflight": preflight,
    "aws: secrets": secrets,
    "aws: mail": mail,
}
