"""What the CloudFormation tests share: a live side made of plain data, and templates from text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any, cast

from drift.finding import Unverifiable
from drift.model import Problem, Resource
from drift.source import Loader, Location
from providers.aws.asked import POLICY
from providers.aws.cloudformation import CloudFormation
from providers.aws.cloudformation.templates import Templates
from providers.aws.machine import Hands
from tests import shared

ACCOUNT = "111111111111"
REGION = "eu-west-1"
#: Of a machine that is asked nothing: recorded answers are only translated.
NO_HANDS = cast(Hands, SimpleNamespace(learn=lambda _: None))
RECORDING = "recordings/aws-cloudformation"
RECORDINGS = shared.path(RECORDING)

QUEUE = """\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Wait: {Type: Number, Default: 30}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    Properties:
      VisibilityTimeout: !Ref Wait
"""
NESTED = """\
Resources:
  Q: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: !Ref D}}
Parameters: {D: {Type: Number}}
"""
PARENT = """\
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: WHERE, Parameters: {D: 5}}
  User: {Type: AWS::New::Thing, Properties: {Q: !GetAtt Child.Outputs.Url}}
"""


def queue_url(name: str) -> str:
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


class Live:
    """A live side that was read before: a context and some resources."""

    def __init__(
        self,
        stacks: Sequence[Mapping[str, Any]] | None = None,
        resources: Sequence[Resource] = (),
        scopes: Sequence[str] = (ACCOUNT,),
        **context: Any,
    ) -> None:
        self._context = {**context, **({} if stacks is None else {"stacks": list(stacks)})}
        self._resources = resources
        self._scopes = frozenset(scopes)

    def context(self, provider: str) -> Mapping[str, Any]:
        return self._context

    def scopes(self, provider: str) -> frozenset[str]:
        return self._scopes

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        return next((one for one in self._resources if (one.type, one.id) == (type, id)), None)

    def types(self, provider: str) -> set[tuple[str, str]]:
        return {(one.scope, one.type) for one in self._resources}

    def every(self, provider: str, type: str) -> list[Resource]:
        return [one for one in self._resources if one.type == type]


def stack(name: str = "s", /, *, region: str = REGION, **members: Any) -> dict[str, Any]:
    """A stack as the context records it; ``resources`` as {logical id: (type, physical id)}."""
    resources = members.pop("resources", {})
    return {
        "scope": ACCOUNT,
        "region": region,
        "name": name,
        "id": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/1",
        "resources": {key: {"type": type_, "physical_id": id_} for key, (type_, id_) in resources.items()},
        **members,
    }


def live_resource(type_: str, id_: str, **attributes: Any) -> Resource:
    return Resource(provider="aws", scope=ACCOUNT, region=REGION, type=type_, id=id_, attributes=attributes)


def load(folder: Path, text: str, name: str = "template.yaml", **options: Any) -> Templates:
    """Writes a template and loads it as a user's entry would."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))
    return open_at(path, **options)


def open_at(path: Path, **options: Any) -> Templates:
    return CloudFormation().load(Location(path=path, display=path.name, options=options), Loader({}))


def types_of(templates: Templates) -> set[str]:
    """The types of what a template holds: all that it asks for but the policy of its stack."""
    return {type_ for _, type_ in templates.types()} - {POLICY}


Items = tuple[dict[str, Resource], dict[str, Unverifiable], list[Problem]]


def declared(templates: Templates, live: Live | None = None) -> Items:
    """What is declared: (resources by address, unverifiable ones by address, problems)."""
    resources, unverifiable, problems = {}, {}, []
    for item in templates.resources(live or Live()):
        if isinstance(item, Problem):
            problems.append(item)
            continue
        assert item.origin is not None and item.origin.address is not None
        if isinstance(item, Resource):
            resources[item.origin.address] = item
        else:
            unverifiable[item.origin.address] = item
    return resources, unverifiable, problems
