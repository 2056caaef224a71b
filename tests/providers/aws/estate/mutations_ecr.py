"""What people and attackers do to the repositories of ``ecr.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_OPEN = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}


def _call(method: str, **parameters: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        getattr(clients("ecr"), method)(**parameters)

    return apply


def _open(repository: str) -> Callable[[Clients], None]:
    document = json.dumps({"Version": "2012-10-17", "Statement": [_OPEN]})
    return _call("set_repository_policy", repositoryName=repository, policyText=document)


def _mutation(
    name: str, repository: str, paths: tuple[str, ...], apply: Callable[[Clients], None]
) -> Mutation:
    return Mutation(name=name, apply=apply, type="AWS::ECR::Repository", resource=repository, paths=paths)


MUTATIONS = [
    _mutation("a repository opened", "ecr-plain", ("/RepositoryPolicyText",), _open("ecr-plain")),
    _mutation(
        "a repository opened wider",
        "ecr/rich",
        ("/RepositoryPolicyText/Statement/Open", "/RepositoryPolicyText/Statement/Pull"),
        _open("ecr/rich"),
    ),
    _mutation(
        "tags may be moved",
        "ecr/rich",
        ("/ImageTagMutability",),
        _call("put_image_tag_mutability", repositoryName="ecr/rich", imageTagMutability="MUTABLE"),
    ),
    _mutation(
        "no more scans",
        "ecr/rich",
        ("/ImageScanningConfiguration/ScanOnPush",),
        _call(
            "put_image_scanning_configuration",
            repositoryName="ecr/rich",
            imageScanningConfiguration={"scanOnPush": False},
        ),
    ),
    _mutation(
        "images kept for ever",
        "ecr/rich",
        ("/LifecyclePolicy",),
        _call("delete_lifecycle_policy", repositoryName="ecr/rich"),
    ),
    _mutation(
        "a tag added",
        "ecr/rich",
        ("/Tags/Intruder",),
        _call(
            "tag_resource",
            resourceArn="arn:aws:ecr:us-east-1:123456789012:repository/ecr/rich",
            tags=[{"Key": "Intruder", "Value": "yes"}],
        ),
    ),
]
