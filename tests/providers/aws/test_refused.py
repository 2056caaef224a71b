"""Whatever of AWS can't be read, nothing is found that the untouched estate does not have: each call of each
type is refused, or answered by something foreign."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import orjson
import pytest
import yaml

from drift.config.model import parse
from drift.scan import Run
from providers.aws import bulk_tags
from providers.aws.demo.larkspur import Larkspur
from providers.aws.facts import catalogue
from providers.aws.loopback import ACCOUNT
from providers.aws.loopback_trail import TrailStandIn
from providers.aws.models import operation
from tests import forked_aws
from tests.conftest import client
from tests.faulty import Answer, Call, Weather, faulty
from tests.providers.aws.refused_estate import furnish

pytestmark = pytest.mark.long

REGION = "eu-west-1"
FAULTS = ("denied", "foreign", "throttled", "broken", "html", "another's", "another's again")
#: Of which types, how a call fails, and what is declared: these in every run of the tests, the others in
#: ``make chaos``.
ALWAYS = [("some", "denied", "as it was"), ("some", "foreign", "as it was")]
TRIED = [
    *ALWAYS,
    *(
        pytest.param("all", fault, way, marks=pytest.mark.chaos)
        for fault in FAULTS
        for way in ("as it was", "by its sources")
    ),
]
EACH = pytest.mark.parametrize("of", ["some", pytest.param("all", marks=pytest.mark.chaos)])
#: The services of "some" types. To make something in each of all the others takes as long as all that is
#: asked of these.
SERVICES = frozenset(
    {
        *("autoscaling", "cloudwatch", "dynamodb", "ec2", "ecr", "ecs", "elbv2", "events", "iam", "kms"),
        *("lambda", "logs", "rds", "route53", "s3", "secretsmanager", "sns", "sqs", "ssm"),
    }
)


#: Made only for what the loopback AWS does not hold: these are refused in no test.
SELDOM = {
    "some": {
        "elbv2:DescribeListenerCertificates",
        "logs:GetDataProtectionPolicy",
        "rds:DescribeDBParameters",
        "s3:GetBucketLocation",
        "secretsmanager:DescribeSecret",
    },
    "all": {
        "cloudtrail:GetInsightSelectors",
        "elbv2:DescribeListenerCertificates",
        "logs:GetDataProtectionPolicy",
        "rds:DescribeDBParameters",
        "s3:GetBucketLocation",
        "secretsmanager:DescribeSecret",
        "wafv2:ListResourcesForWebACL",
    },
}


#: What S3 answers where a bucket has no such configurations; moto lists the bucket's objects.
NONE_THERE = {
    f"s3:ListBucket{kind}Configurations": f"<List{kind}ConfigurationsResult xmlns="
    '"http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>'
    f"</List{kind}ConfigurationsResult>"
    for kind in ("Analytics", "IntelligentTiering", "Metrics")
}


#: Types that the loopback AWS does not make, or does not tell as AWS does.
LACKING = {
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::EC2::VPCEndpointService",
    "AWS::EKS::AccessEntry",
    "AWS::KMS::ReplicaKey",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
    "AWS::ServiceDiscovery::HttpNamespace",
}


def calls_of(said: Any, service: str) -> Iterator[str]:
    """The operations that the facts of a type name."""
    if isinstance(said, Mapping):
        if "call" in said:
            yield operation(said.get("service", service), said["call"])
        for part in said.values():
            yield from calls_of(part, service)
    elif isinstance(said, list):
        for part in said:
            yield from calls_of(part, service)


#: Type → what is called to read it.
OPERATIONS = {
    name: frozenset(calls_of([entry.said.get(part) for part in ("list", "join", "describe")], entry.service))
    for name, entry in catalogue().compared.items()
}


def chosen(of: str) -> frozenset[str]:
    """The types of "some", of which none is read only where it is declared, or of "all"."""
    told = catalogue().entries
    some = {name for name in OPERATIONS if told[name].service in SERVICES and not told[name].declared_only}
    return frozenset(OPERATIONS if of == "all" else some)


def rounds(types: Iterable[str]) -> list[frozenset[str]]:
    """All their operations, in as few scans as there are operations of one type: no type has two in the
    same."""
    apart: dict[str, set[str]] = defaultdict(set)
    for operations in map(OPERATIONS.__getitem__, types):
        for one in operations:
            apart[one] |= operations
    found: list[set[str]] = []
    for one in sorted(apart, key=lambda name: (-len(apart[name]), name)):
        fits = next((members for members in found if members.isdisjoint(apart[one])), None)
        if fits is None:
            found.append({one})
        else:
            fits.add(one)
    return [frozenset(members) for members in found]


class Estate:
    """A loopback AWS behind a proxy; what was live in it of some types in good weather, and the demo's own
    sources, are declared."""

    def __init__(
        self, folder: Path, weather: Weather, sources: Iterable[Mapping[str, Any]], asked: frozenset[str]
    ) -> None:
        self.folder, self.weather, self.asked = folder, weather, asked
        self.types: set[str] = set()
        self.unread: dict[str, str] = {}
        self.others: dict[str, dict[str, Answer]] = {}
        self.sources = {"as it was": [{"path": "base.jsonl"}], "by its sources": [*map(dict, sources)]}

    def run(self, declared: list[dict[str, Any]], types: Iterable[str], faulty: bool) -> Run:
        """Where no fault is meant, what the busy machine itself is late with is asked for again."""
        patience = {"max_attempts": 1} if faulty else {"max_attempts": 5}
        timeouts = dict.fromkeys(("connect_timeout", "read_timeout"), 10 if faulty else 60)
        live = {"regions": [REGION], "include": sorted(types), **patience, **timeouts}
        document = {
            "version": 1,
            "redaction": {"key": "a key"},
            "declared": declared,
            "live": {"aws": live},
        }
        return Run(parse(yaml.safe_dump(document), "drift.yaml", self.folder, None, {}))

    def keep(self) -> None:
        """Declares all that is live."""
        live, _ = self.run([], self.asked, faulty=False).snapshot()
        unread = (row for row in live.coverage.values() if row.status not in ("checked", "skipped"))
        self.unread = {row.cell.type: row.message for row in unread}
        lines: list[bytes] = []
        for resource in live:
            self.types.add(resource.type)
            lines.append(orjson.dumps(resource.record(), default=str) + b"\n")
        (self.folder / "base.jsonl").write_bytes(b"".join(lines))

    def scan(
        self, way: str, types: Iterable[str], fault: str | None = None, operations: Iterable[str] = ()
    ) -> tuple[dict[str, Any], set[str]]:
        """The report of some types while operations fail, and which of these were called."""
        self.weather.calls.clear()
        wrong = fault if fault is None or not fault.startswith("another's") else None

        def answer(call: Call) -> Answer | str | None:
            if call.service == "tagging":  # so that each resource is asked for its tags
                return "denied"
            return None if called(call) not in operations else wrong or self.other(call, fault)

        self.weather.fault = answer
        report = self.run(self.sources[way], types, fault is not None).scan().report
        return report, {called(call) for call in self.weather.calls} & set(operations)

    def other(self, call: Call, fault: str | None) -> Answer | str | None:
        """What another operation of the same service was answered; that it is denied where there is none."""
        if fault is None:
            return None
        if not self.others:
            for one, answer in (self.weather.kept or {}).items():
                if answer[0] == 200 and answer[1]:
                    body = NONE_THERE.get(called(one), "").encode() or answer[1]
                    self.others.setdefault(one.service, {}).setdefault(
                        called(one), (answer[0], body, *answer[2:])
                    )
        names = sorted(self.others.get(call.service, {}).keys() - {called(call)})
        if not names:
            return "denied"
        after = [name for name in names if name > called(call)] or names
        chosen = names.index(after[0]) - (fault != "another's")
        return self.others[call.service][names[chosen]]


@cache
def _patterns(service: str) -> list[tuple[str, re.Pattern[str], str]]:
    """Of a REST service: method, pattern of the path and name of each operation, the most exact first."""
    model = botocore.session.get_session().get_service_model(service)
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri = http["requestUri"]
        text = re.sub(r"\\\{\w+\\\+\\\}|\\\{\w+\\\}", "[^?]+", re.escape(uri))
        found.append((http["method"], re.compile(text + r"(?:[?&].*)?$"), name))
    own = frozenset().union(*OPERATIONS.values())  # several are asked in the same way
    return sorted(found, key=lambda one: (-len(one[1].pattern), f"{service}:{one[2]}" not in own))


@cache
def _signed() -> dict[str, list[str]]:
    """How clients name the services whose requests are signed for a name."""
    session, found = botocore.session.get_session(), defaultdict(list)
    for name in sorted({entry.service for entry in catalogue().entries.values()} | {bulk_tags.SERVICE}):
        found[session.get_service_model(name).signing_name].append(name)
    return found


@cache
def _version(service: str) -> str:
    return str(botocore.session.get_session().get_service_model(service).api_version)


#: One at a time: the first calls of many threads would each read the models of a hundred services.
_naming = threading.Lock()


def called(call: Call) -> str:
    """``sqs:ListQueues``, of whatever protocol."""
    with _naming:
        return _called(call)


def _called(call: Call) -> str:
    services = _signed().get(call.service, [call.service])
    if " " not in call.operation:  # two generations of a service differ by the version that is asked
        asked = [one for one in services if f"Version={_version(one)}".encode() in call.body]
        return f"{(asked or services)[0]}:{call.operation}"
    method = call.operation.split(" ")[0]
    for service in services:
        for of, pattern, name in _patterns(service):
            if of == method and pattern.match(call.path):
                return f"{service}:{name}"
    return f"{services[0]}:{call.operation}"


@contextmanager
def building(folder: Path, of: str) -> Iterator[Estate]:
    with (
        pytest.MonkeyPatch.context() as patch,
        forked_aws.moto() as aws,
        faulty(aws) as (url, weather),
        closing(TrailStandIn(ACCOUNT, beyond=aws)) as trail,
    ):
        built = Larkspur(aws, trail).build(folder)
        asked = chosen(of)
        furnish(lambda service: client(aws, service, REGION), asked)
        for name, value in {**built.environment, "AWS_ENDPOINT_URL": url}.items():
            patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
        weather.kept = {}
        found = Estate(folder, weather, built.declared, asked)
        found.keep()
        yield found


@pytest.fixture(scope="module")
def estates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Estate]]:
    """The estate of "some" or of "all" types; one at a time, since each has the environment for itself."""
    with ExitStack() as stack:
        made: dict[str, Estate] = {}

        def estate(of: str) -> Estate:
            if of not in made:
                stack.close()
                made.clear()
                made[of] = stack.enter_context(building(tmp_path_factory.mktemp("refused"), of))
            return made[of]

        yield estate


@EACH
def test_nearly_every_type_is_there(estates: Callable[[str], Estate], of: str) -> None:
    """The loopback AWS makes none of these; what is read only where it is declared is not asked for here."""
    asked = {name for name in chosen(of) if not catalogue().entries[name].declared_only}
    lacking = asked - estates(of).types
    assert lacking == LACKING & asked, {name: estates(of).unread.get(name) for name in lacking - LACKING}


@EACH
def test_every_call_of_the_facts_is_made(estates: Callable[[str], Estate], of: str) -> None:
    """All but a few of each type that is there, so that each is one that is refused below."""
    estate = estates(of)
    everything = frozenset().union(*map(OPERATIONS.__getitem__, estate.types & chosen(of)))
    _, made = estate.scan("as it was", chosen(of), None, everything)
    assert everything - made == SELDOM[of]
    # and `drift permissions aws` allows each, and what else is asked
    from drift.task import Wanted
    from providers.aws.permissions import action, permissions
    from providers.aws.settings import Settings

    grant = permissions(Settings(include=sorted(chosen(of))), Wanted(frozenset()), [])
    asked = {called(call) for call in estate.weather.calls} - {"sts:GetCallerIdentity"}  # which nobody denies
    assert {action(call) for call in asked} <= set(re.findall(r'"([a-z0-9-]+:\w+)"', grant.text))


@pytest.mark.parametrize(("of", "fault", "way"), TRIED)
def test_what_can_not_be_read_makes_no_finding(
    estates: Callable[[str], Estate], of: str, fault: str, way: str
) -> None:
    estate = estates(of)
    wrong: list[object] = []
    told = places(estate.scan(way, estate.asked)[0])
    for operations in rounds(estate.asked):
        types = {name for name in estate.asked if OPERATIONS[name] & operations}
        report, made = estate.scan(way, types, fault, operations)
        wrong += [(one, *sorted(OPERATIONS[one[1]] & operations)) for one in places(report) - told]
        read = {row["type"]: row["status"] for row in report["coverage"] if row["status"] != "skipped"}
        wrong += [
            (one, "is not said")
            for one in made
            if all(read.get(name) == "checked" for name, own in OPERATIONS.items() if one in own)
        ]
    assert wrong == []


def places(report: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    """Kind, type, resource and path of all that is found."""
    return {
        (one["kind"], one["type"], one["resource_id"], path)
        for one in report["findings"]
        for path in [change["path"] for change in one["changes"]] or [""]
    }
