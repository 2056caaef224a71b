"""Whatever of a type can't be read, nothing is found that the untouched estate does not have: each call of
each type is refused, or answered by something foreign, one by one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import orjson
import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws import loopback
from providers.aws.demo.larkspur import Larkspur
from providers.aws.facts import catalogue
from tests.faulty import Call, Weather, faulty

pytestmark = pytest.mark.long

SETTINGS = "regions: [{region}], include: ['{type}'], max_attempts: 1, connect_timeout: 2, read_timeout: 5"


class Estate:
    """A loopback AWS behind a proxy, and what was live in it in good weather, by type."""

    def __init__(self, folder: Path, url: str, weather: Weather) -> None:
        self.folder, self.url, self.weather = folder, url, weather
        self.region = "eu-west-1"
        self.records: dict[str, list[bytes]] = defaultdict(list)

    def run(self, type_: str, declared: str = "[]") -> Run:
        live = SETTINGS.format(region=self.region, type=type_)
        text = f"version: 1\nredaction: {{key: a key}}\ndeclared: {declared}\nlive: {{aws: {{{live}}}}}"
        return Run(parse(text, "drift.yaml", self.folder, None, {}))

    def scan(self, type_: str, fault: str | None = None, operation: str = "") -> dict[str, Any]:
        """The report of one type against what was live of it, while an operation fails."""
        self.weather.calls.clear()
        self.weather.fault = lambda call: fault if operation == called(call) else None
        return self.run(type_, "[{path: base.jsonl}]").scan().report

    def declare(self, type_: str) -> None:
        (self.folder / "base.jsonl").write_bytes(b"".join(self.records[type_]))


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
    return sorted(found, key=lambda one: -len(one[1].pattern))


def called(call: Call) -> str:
    """``sqs:ListQueues``, of whatever protocol."""
    if " " not in call.operation:
        return f"{call.service}:{call.operation}"
    method = call.operation.split(" ")[0]
    for of, pattern, name in _patterns(call.service):
        if of == method and pattern.match(call.path):
            return f"{call.service}:{name}"
    return f"{call.service}:{call.operation}"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("refused")
    with pytest.MonkeyPatch.context() as patch, loopback.moto() as aws, faulty(aws) as (url, weather):
        built = Larkspur(aws).build(folder)
        for name, value in {**built.environment, "AWS_ENDPOINT_URL": url}.items():
            patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
        found = Estate(folder, url, weather)
        live, _ = found.run("*").snapshot()
        for resource in live:
            found.records[resource.type].append(orjson.dumps(resource.record(), default=str) + b"\n")
        yield found


#: The services whose types are tried here; each scan takes a second.
SERVICES = ("KMS", "Lambda", "Route53", "SNS", "SQS")
TYPES = sorted(
    type_
    for type_ in catalogue().entries
    if type_.split("::")[1] in SERVICES or type_ == "AWS::EC2::LaunchTemplate"
)


@pytest.mark.parametrize("type_", TYPES)
def test_what_can_not_be_read_makes_no_finding(estate: Estate, type_: str) -> None:
    if not estate.records[type_]:
        pytest.skip("the estate has none of it")
    estate.declare(type_)
    told = places(estate.scan(type_))
    operations = sorted({called(call) for call in estate.weather.calls} - {"sts:GetCallerIdentity"})
    assert operations
    for operation in operations:
        for fault in ("denied", "foreign"):
            report = estate.scan(type_, fault, operation)
            assert places(report) - told == set(), (operation, fault)
            rows = {row["status"] for row in report["coverage"] if row["status"] != "skipped"}
            assert rows - {"checked"}, (operation, fault)


def places(report: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Kind, resource and path of all that is found."""
    return {
        (one["kind"], one["resource_id"], path)
        for one in report["findings"]
        for path in [change["path"] for change in one["changes"]] or [""]
    }
