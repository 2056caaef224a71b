"""What a policy allows is asked of the account that its ARN names, and of no other."""

from __future__ import annotations

from typing import Any

from drift.model import Resource
from providers.aws.content import content

DOCUMENT = {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}


class Around:
    """Other live resources, as a hook may ask for them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str]] = []

    def find(
        self, provider: str, scope: str | None, type: str, id: str, region: str | None = None
    ) -> Resource | None:
        self.asked.append((scope, id))
        return Resource(provider, scope or "", type, id, {"PolicyDocument": DOCUMENT})


def said(arn: str) -> tuple[Any, list[tuple[str | None, str]]]:
    around: Any = Around()
    told = content().functions["policy"](Resource("aws", "1", "AWS::IAM::Role", "r", {}), around, arn)
    return told, around.asked


def test_a_policy_is_asked_of_its_account() -> None:
    arn = "arn:aws:iam::222222222222:policy/team/deploy"
    told, asked = said(arn)
    assert asked == [("222222222222", arn)]
    assert len(told) == 1 and told[0].startswith("deploy: ") and "s3:*" in told[0]


def test_of_a_policy_of_aws_nobody_is_asked() -> None:
    assert said("arn:aws:iam::aws:policy/ReadOnlyAccess") == (["ReadOnlyAccess (of AWS)"], [])
