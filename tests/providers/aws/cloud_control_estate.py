"""A stack of types without facts of their own, and the loopback AWS that holds what it made."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from drift.config.model import parse
from drift.loopback import Answer, Request
from drift.scan import Run
from providers.aws.loopback import ACCOUNT
from providers.aws.loopback_cloud_control import CloudControl, Folders, beside, signed

REGION = "eu-west-1"
ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
TEMPLATE = """\
Resources:
  Application:
    Type: AWS::AppConfig::Application
    Properties: {Name: shop, Description: what the shop shows}
  Environment:
    Type: AWS::AppConfig::Environment
    Properties:
      ApplicationId: !Ref Application
      Name: prod
      DeletionProtectionCheck: APPLY
      Tags: [{Key: team, Value: shop}, {Key: stage, Value: prod}]
  Playback:
    Type: AWS::IVS::PlaybackRestrictionPolicy
    Properties:
      AllowedCountries: [DE, FR]
      AllowedOrigins: ["https://shop.example"]
  Vans:
    Type: AWS::Location::Tracker
    Properties: {TrackerName: vans, PositionFiltering: TimeBased, EventBridgeEnabled: true}
  Trial:
    Type: AWS::Evidently::Project
    Properties: {Name: trial, Description: what customers like}
  Cache:
    Type: AWS::DAX::SubnetGroup
    Properties: {Description: the cache, SubnetIds: [subnet-1, subnet-2]}
"""
#: Logical id → type, physical id and what is live.
MADE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Application": (
        "AWS::AppConfig::Application",
        "abc1234",
        {"ApplicationId": "abc1234", "Name": "shop", "Description": "what the shop shows"},
    ),
    "Environment": (
        "AWS::AppConfig::Environment",
        "env5678",
        {
            "ApplicationId": "abc1234",
            "EnvironmentId": "env5678",
            "Name": "prod",
            "Tags": [{"Value": "prod", "Key": "stage"}, {"Value": "shop", "Key": "team"}],
        },
    ),
    "Playback": (
        "AWS::IVS::PlaybackRestrictionPolicy",
        ARN.format("ivs", "playback-restriction-policy/x1"),
        {
            "Arn": ARN.format("ivs", "playback-restriction-policy/x1"),
            "AllowedCountries": ["FR", "DE"],
            "AllowedOrigins": ["https://shop.example"],
            "EnableStrictOriginEnforcement": False,
            "Name": "",
        },
    ),
    "Vans": (
        "AWS::Location::Tracker",
        "vans",
        {
            "TrackerName": "vans",
            "PositionFiltering": "TimeBased",
            "EventBridgeEnabled": True,
            "Arn": ARN.format("geo", "tracker/vans"),
            "TrackerArn": ARN.format("geo", "tracker/vans"),
            "CreateTime": "2026-03-01T10:00:00Z",
        },
    ),
    "Trial": (
        "AWS::Evidently::Project",
        ARN.format("evidently", "project/trial"),
        {
            "Arn": ARN.format("evidently", "project/trial"),
            "Name": "trial",
            "Description": "what customers like",
        },
    ),
    "Cache": (
        "AWS::DAX::SubnetGroup",
        "odd-cache-1x2y",
        {
            "SubnetGroupName": "odd-cache-1x2y",
            "Description": "the cache",
            "SubnetIds": ["subnet-1", "subnet-2"],
        },
    ),
}
TYPES = sorted(type_ for type_, _, _ in MADE.values())


@dataclass
class World:
    """The stack, what is live of it by logical id, and what Cloud Control was asked."""

    folder: Path
    url: str
    front: CloudControl
    physical: dict[str, tuple[str, str]]
    live: dict[str, dict[str, Any]] = field(default_factory=dict)

    def reset(self) -> None:
        """All as the template says."""
        self.live = copy.deepcopy({name: body for name, (_, _, body) in MADE.items()})
        self.front.fault, self.front.rate, self.front.page = lambda _: None, None, 20
        self.front.calls.clear()

    def write(self) -> None:
        """Brings the files to what is live."""
        for name, (type_, _) in self.physical.items():
            file = self.folder / "bodies" / type_ / f"{name}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            if name in self.live:
                file.write_text(json.dumps(self.live[name]))

    def scan(self, declared: list[dict[str, Any]] | None = None, **aws: Any) -> dict[str, Any]:
        """The report of a run that reads these types alone."""
        return self.run(declared, **aws).scan().report

    def run(self, declared: list[dict[str, Any]] | None = None, **aws: Any) -> Run:
        """Such a run, before anything is read."""
        self.write()
        template = self.folder / "odd.yaml"
        template.write_text(TEMPLATE)
        read = {"regions": [REGION], "endpoint": self.url, "include": TYPES, "inventory": "none", **aws}
        said: dict[str, Any] = {
            "version": 1,
            "declared": declared or [{"path": str(template), "stack": "odd"}],
            "live": {"aws": read},
            "history": False,
            "blame": {"enabled": False},
        }
        return Run(parse(json.dumps(said), "drift.yaml", self.folder, None, {}))


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """The world; nothing else of AWS is there."""
    front = CloudControl(Folders(folder / "bodies"))
    server = beside("http://127.0.0.1:9", front)
    physical = {name: (type_, id_) for name, (type_, id_, _) in MADE.items()}
    known = server.answer
    server.answer = lambda request: _stacks(request, physical) or known(request)
    try:
        found = World(folder, server.url, front, physical)
        found.reset()
        yield found
    finally:
        server.close()


def _stacks(request: Request, physical: Mapping[str, tuple[str, str]]) -> Answer | None:
    """CloudFormation's answers about the stack ``odd``."""
    action = parse_qs(request.body.decode("utf-8", "replace")).get("Action", [""])[0]
    here = signed(str(request.headers.get("Authorization", "")))[1] == REGION
    space = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
    if action == "GetCallerIdentity":
        space = "https://sts.amazonaws.com/doc/2011-06-15/"
        told = f"<Arn>arn:aws:iam::{ACCOUNT}:user/drift</Arn><UserId>A</UserId><Account>{ACCOUNT}</Account>"
    elif action == "DescribeStacks":
        id_ = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/odd/1"
        told = (
            "<Stacks/>"
            if not here
            else f"<Stacks><member><StackName>odd</StackName><StackId>{id_}</StackId>"
            "<CreationTime>2026-03-01T10:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>"
            "</member></Stacks>"
        )
    elif action == "ListStackResources":
        told = "".join(
            f"<member><LogicalResourceId>{name}</LogicalResourceId><ResourceType>{type_}</ResourceType>"
            f"<PhysicalResourceId>{escape(id_)}</PhysicalResourceId>"
            "<LastUpdatedTimestamp>2026-03-01T10:00:00Z</LastUpdatedTimestamp>"
            "<ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"
            for name, (type_, id_) in physical.items()
        )
        told = f"<StackResourceSummaries>{told}</StackResourceSummaries>"
    elif action == "GetTemplate":
        told = f"<TemplateBody>{escape(TEMPLATE)}</TemplateBody>"
    elif action:
        told = (
            "<Error><Type>Sender</Type><Code>ValidationError</Code><Message>no such thing</Message></Error>"
        )
        return Answer(400, f"<ErrorResponse>{told}</ErrorResponse>".encode(), {"Content-Type": "text/xml"})
    else:
        return None
    body = (
        f'<{action}Response xmlns="{space}"><{action}Result>{told}</{action}Result>'
        f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
    )
    return Answer(200, body.encode(), {"Content-Type": "text/xml"})


def found(report: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Kind, type and path of all findings' changes."""
    return {
        (one["kind"], one["type"], path)
        for one in report["findings"]
        for path in [change["path"] for change in one["changes"]] or [""]
    }
