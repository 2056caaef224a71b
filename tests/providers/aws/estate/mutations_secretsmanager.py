"""What people and attackers do to the secrets of ``secretsmanager.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_TYPE = "AWS::SecretsManager::Secret"
_OPEN = {
    "Sid": "Open",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "secretsmanager:GetSecretValue",
    "Resource": "*",
}


def _call(method: str, **parameters: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        getattr(clients("secretsmanager"), method)(**parameters)

    return apply


def _policy(secret: str) -> Callable[[Clients], None]:
    document = json.dumps({"Version": "2012-10-17", "Statement": [_OPEN]})
    return _call("put_resource_policy", SecretId=secret, ResourcePolicy=document)


def _mutation(
    name: str, secret: str, paths: tuple[str, ...], apply: Callable[[Clients], None], kind: str = "changed"
) -> Mutation:
    return Mutation(name=name, apply=apply, type=_TYPE, resource=secret, kind=kind, paths=paths)


MUTATIONS = [
    _mutation(
        "anybody may read a secret",
        "secretsmanager-plain",
        ("/ResourcePolicy",),
        _policy("secretsmanager-plain"),
    ),
    _mutation(
        "another description",
        "secretsmanager-plain",
        ("/Description",),
        _call("update_secret", SecretId="secretsmanager-plain", Description="mine now"),
    ),
    _mutation(
        "the deny replaced by an allow",
        "secretsmanager/rich",
        ("/ResourcePolicy/Statement/NobodyElse", "/ResourcePolicy/Statement/Open"),
        _policy("secretsmanager/rich"),
    ),
    _mutation(
        "a tag added",
        "secretsmanager/rich",
        ("/Tags/Intruder",),
        _call("tag_resource", SecretId="secretsmanager/rich", Tags=[{"Key": "Intruder", "Value": "yes"}]),
    ),
    _mutation(
        "a secret deleted",
        "secretsmanager-inline",
        (),
        _call("delete_secret", SecretId="secretsmanager-inline", RecoveryWindowInDays=7),
        kind="missing",
    ),
]
