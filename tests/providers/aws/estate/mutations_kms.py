"""What people and attackers do to the keys of ``kms.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _key(clients: Clients, description: str) -> str:
    """The id of the key with this description."""
    client = clients("kms")
    for page in client.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            metadata = client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if metadata["Description"] == description:
                return str(key["KeyId"])
    raise LookupError(description)


def _on(description: str, method: str, **parameters: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        getattr(clients("kms"), method)(KeyId=_key(clients, description), **parameters)

    return apply


def _open(clients: Clients) -> None:
    client, key = clients("kms"), _key(clients, "of the estate")
    document = json.loads(client.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    document["Statement"].append(
        {
            "Sid": "Open",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "kms:Decrypt",
            "Resource": "*",
        }
    )
    client.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))


def _retarget(clients: Clients) -> None:
    clients("kms").update_alias(
        AliasName="alias/kms-sign", TargetKeyId=_key(clients, "with a policy of its own")
    )


def _changed(
    name: str, description: str, paths: tuple[str, ...], apply: Callable[[Clients], None]
) -> Mutation:
    return Mutation(name=name, apply=apply, type="AWS::KMS::Key", resource=description, paths=paths)


#: All of one kind are expected in one finding each; keys have no names, so only one key is changed.
MUTATIONS = [
    _changed("anybody may decrypt", ":key/", ("/KeyPolicy/Statement/Open",), _open),
    _changed("rotation off", ":key/", ("/EnableKeyRotation",), _on("of the estate", "disable_key_rotation")),
    _changed(
        "a tag removed", ":key/", ("/Tags/Data",), _on("of the estate", "untag_resource", TagKeys=["Data"])
    ),
    Mutation(
        name="a key on its way out",
        apply=_on("signs releases", "schedule_key_deletion", PendingWindowInDays=7),
        type="AWS::KMS::Key",
        resource=":key/",
        kind="missing",
    ),
    Mutation(
        name="an alias of another key",
        apply=_retarget,
        type="AWS::KMS::Alias",
        resource="alias/kms-sign",
        paths=("/TargetKeyId",),
    ),
    Mutation(
        name="an alias removed",
        apply=lambda clients: clients("kms").delete_alias(AliasName="alias/kms-main"),
        type="AWS::KMS::Alias",
        resource="alias/kms-main",
        kind="missing",
    ),
]
