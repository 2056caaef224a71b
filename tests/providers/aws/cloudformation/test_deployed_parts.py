"""What several resources of a template say of one thing, against the stack that a loopback AWS deployed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import environment
from tests import forked_aws
from tests.conftest import client

pytest.importorskip("moto.server", reason="moto is not installed")
INLINE = "SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 10.0.0.0/8}]"
GROUP = f"""\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {{GroupDescription: web, GroupName: web, {INLINE}}}
"""
RULE = """\
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      {GroupId: !GetAtt Group.GroupId, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}
"""
MORE = RULE.replace("Rule:", "More:").replace("22", "24")


@pytest.fixture(scope="module")
def ec2() -> Iterator[Any]:
    with forked_aws.moto() as url:
        before = dict(os.environ)
        os.environ.update(environment(url))
        try:
            client(url, "cloudformation").create_stack(StackName="app", TemplateBody=GROUP + RULE)
            yield client(url, "ec2")
        finally:
            os.environ.clear()
            os.environ.update(before)


def statuses(folder: Path, text: str) -> list[str | None]:
    (folder / "t.yaml").write_text(text)
    config = (
        "version: 1\nhistory: false\ndeclared: [{path: t.yaml, stack: app}]\n"
        "live: {aws: {regions: [us-east-1], include: ['AWS::EC2::SecurityGroup'], inventory: none}}\n"
        "unmanaged: [{action: ignore, type: '*'}]\n"
    )
    report = Run(parse(config, "drift.yaml", folder, None, {})).scan().report
    return [one["status"] for one in report["findings"]]


@pytest.mark.parametrize(
    "newer",
    [
        pytest.param(GROUP.replace("80", "81") + RULE, id="its own list"),
        pytest.param(GROUP + RULE.replace("22", "23"), id="a rule beside it"),
        pytest.param(GROUP.replace("80", "81") + RULE.replace("22", "23"), id="both"),
        pytest.param(GROUP + RULE + MORE, id="one more"),
        pytest.param(GROUP, id="one less"),
        pytest.param(GROUP.replace("80", "81"), id="one less, and its own list"),
    ],
)
def test_what_git_says_of_a_shared_list_and_no_stack_was_deployed_with_is_pending(
    ec2: Any, tmp_path: Path, newer: str
) -> None:
    assert statuses(tmp_path, newer) == ["pending"]


def test_what_somebody_adds_to_a_shared_list_is_drift(ec2: Any, tmp_path: Path) -> None:
    assert statuses(tmp_path, GROUP + RULE) == []
    (group,) = ec2.describe_security_groups(GroupNames=["web"])["SecurityGroups"]
    opened = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[opened])
    try:
        assert statuses(tmp_path, GROUP) == [None]
        assert statuses(tmp_path, GROUP.replace("80", "81") + RULE.replace("22", "23") + MORE) == [None]
    finally:
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[opened])
