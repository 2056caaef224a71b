"""What people and attackers do to the identities of ``iam.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
_ARN = "arn:aws:iam::123456789012:"
_READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
_EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def _trust(principal: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _call(method: str, **parameters: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        getattr(clients("iam"), method)(**parameters)

    return apply


def _deactivate_key(clients: Clients) -> None:
    client = clients("iam")
    key = client.list_access_keys(UserName="iam-robot")["AccessKeyMetadata"][0]["AccessKeyId"]
    client.update_access_key(UserName="iam-robot", AccessKeyId=key, Status="Inactive")


def _changed(
    name: str, type_: str, resource: str, paths: tuple[str, ...], apply: Callable[[Clients], None]
) -> Mutation:
    return Mutation(name=name, apply=apply, type=f"AWS::IAM::{type_}", resource=resource, paths=paths)


def _unmanaged(name: str, type_: str, resource: str, apply: Callable[[Clients], None]) -> Mutation:
    return Mutation(name=name, apply=apply, type=f"AWS::IAM::{type_}", resource=resource, kind="unmanaged")


MUTATIONS = [
    _changed(
        "administrator rights for a role",
        "Role",
        "role/estate/iam-app",
        ("/ManagedPolicyArns",),
        _call("attach_role_policy", RoleName="iam-app", PolicyArn=_ADMIN),
    ),
    _changed(
        "an inline policy added to a role",
        "Role",
        "role/estate/iam-app",
        ("/Policies/backdoor",),
        _call("put_role_policy", RoleName="iam-app", PolicyName="backdoor", PolicyDocument=_EVERYTHING),
    ),
    _changed(
        "a shorter session",
        "Role",
        "role/estate/iam-app",
        ("/MaxSessionDuration",),
        _call(
            "update_role", RoleName="iam-app", Description="what the estate runs as", MaxSessionDuration=3600
        ),
    ),
    _changed(
        "the boundary of a role removed",
        "Role",
        "role/estate/iam-app",
        ("/PermissionsBoundary",),
        _call("delete_role_permissions_boundary", RoleName="iam-app"),
    ),
    _changed(
        "a tag added to a role",
        "Role",
        "role/estate/iam-app",
        ("/Tags/Intruder",),
        _call("tag_role", RoleName="iam-app", Tags=[{"Key": "Intruder", "Value": "yes"}]),
    ),
    _changed(
        "a stranger may assume a role",
        "Role",
        "role/iam-plain",
        ("/AssumeRolePolicyDocument/Statement/(no Sid)",),
        _call(
            "update_assume_role_policy",
            RoleName="iam-plain",
            PolicyDocument=_trust("arn:aws:iam::999999999999:root"),
        ),
    ),
    _changed(
        "a policy detached from a role",
        "Role",
        "role/iam-inline",
        ("/ManagedPolicyArns",),
        _call("detach_role_policy", RoleName="iam-inline", PolicyArn=_READ_ONLY),
    ),
    _changed(
        "the deny of a role removed",
        "Role",
        "role/iam-inline",
        ("/Policies/deny",),
        _call("delete_role_policy", RoleName="iam-inline", PolicyName="deny"),
    ),
    _unmanaged(
        "a role nobody declared",
        "Role",
        "iam-backdoor",
        _call("create_role", RoleName="iam-backdoor", AssumeRolePolicyDocument=_trust("*")),
    ),
    _unmanaged(
        "a role that looks like one of Identity Center",
        "Role",
        "AWSReservedSSO_Admin_0123456789abcdef",
        _call(
            "create_role",
            RoleName="AWSReservedSSO_Admin_0123456789abcdef",
            AssumeRolePolicyDocument=_trust("*"),
        ),
    ),
    _changed(
        "another version of a policy",
        "ManagedPolicy",
        "iam-own",
        ("/PolicyDocument/Statement/(no Sid)",),
        _call(
            "create_policy_version",
            PolicyArn=f"{_ARN}policy/estate/iam-own",
            PolicyDocument=_EVERYTHING,
            SetAsDefault=True,
        ),
    ),
    _changed(
        "a tag of a policy removed",
        "ManagedPolicy",
        "iam-own",
        ("/Tags/Data",),
        _call("untag_policy", PolicyArn=f"{_ARN}policy/estate/iam-own", TagKeys=["Data"]),
    ),
    _unmanaged(
        "a policy nobody declared",
        "ManagedPolicy",
        "iam-backdoor",
        _call("create_policy", PolicyName="iam-backdoor", PolicyDocument=_EVERYTHING),
    ),
    _changed(
        "administrator rights for a user",
        "User",
        "iam-ann",
        ("/ManagedPolicyArns",),
        _call("attach_user_policy", UserName="iam-ann", PolicyArn=_ADMIN),
    ),
    _changed(
        "a user's own policy widened",
        "User",
        "iam-ann",
        ("/Policies/self/PolicyDocument/Statement/(no Sid)",),
        _call("put_user_policy", UserName="iam-ann", PolicyName="self", PolicyDocument=_EVERYTHING),
    ),
    _changed(
        "a user leaves a group",
        "User",
        "iam-ann",
        ("/Groups",),
        _call("remove_user_from_group", UserName="iam-ann", GroupName="iam-everybody"),
    ),
    _changed(
        "a machine gets a console password",
        "User",
        "iam-robot",
        ("/LoginProfile",),
        _call("create_login_profile", UserName="iam-robot", Password="Sesame-0pen-up!"),  # noqa: S106
    ),
    _changed(
        "a machine joins a group",
        "User",
        "iam-robot",
        ("/Groups",),
        _call("add_user_to_group", UserName="iam-robot", GroupName="iam-ops"),
    ),
    _unmanaged("a user nobody declared", "User", "iam-eve", _call("create_user", UserName="iam-eve")),
    _changed("a key switched off", "AccessKey", "AKIA", ("/Status",), _deactivate_key),
    _unmanaged("a second key", "AccessKey", "AKIA", _call("create_access_key", UserName="iam-robot")),
    _changed(
        "a policy of a group widened",
        "Group",
        "iam-ops",
        ("/Policies/logs/PolicyDocument/Statement/(no Sid)",),
        _call("put_group_policy", GroupName="iam-ops", PolicyName="logs", PolicyDocument=_EVERYTHING),
    ),
    _changed(
        "a policy detached from a group",
        "Group",
        "iam-ops",
        ("/ManagedPolicyArns",),
        _call("detach_group_policy", GroupName="iam-ops", PolicyArn=_READ_ONLY),
    ),
    _changed(
        "administrator rights for everybody",
        "Group",
        "iam-everybody",
        ("/ManagedPolicyArns",),
        _call("attach_group_policy", GroupName="iam-everybody", PolicyArn=_ADMIN),
    ),
    _changed(
        "an instance profile loses its role",
        "InstanceProfile",
        "iam-app",
        ("/Roles",),
        _call("remove_role_from_instance_profile", InstanceProfileName="iam-app", RoleName="iam-plain"),
    ),
    _changed(
        "a tag added to an instance profile",
        "InstanceProfile",
        "iam-app",
        ("/Tags/Intruder",),
        _call(
            "tag_instance_profile", InstanceProfileName="iam-app", Tags=[{"Key": "Intruder", "Value": "yes"}]
        ),
    ),
    _changed(
        "a tag added to a provider",
        "OIDCProvider",
        "forge.example.com",
        ("/Tags/Intruder",),
        _call(
            "tag_open_id_connect_provider",
            OpenIDConnectProviderArn=f"{_ARN}oidc-provider/forge.example.com",
            Tags=[{"Key": "Intruder", "Value": "yes"}],
        ),
    ),
    _changed(
        "another thumbprint of a provider",
        "OIDCProvider",
        "forge.example.com",
        ("/ThumbprintList",),
        _call(
            "update_open_id_connect_provider_thumbprint",
            OpenIDConnectProviderArn=f"{_ARN}oidc-provider/forge.example.com",
            ThumbprintList=["aa" * 20],
        ),
    ),
    _changed(
        "another identity provider's metadata",
        "SAMLProvider",
        "iam-office",
        ("/SamlMetadataDocument",),
        _call(
            "update_saml_provider",
            SAMLProviderArn=f"{_ARN}saml-provider/iam-office",
            SAMLMetadataDocument="<EntityDescriptor entityID='https://evil.example.com'>"
            + " " * 1000
            + "</EntityDescriptor>",
        ),
    ),
    _unmanaged(
        "an identity provider nobody declared",
        "SAMLProvider",
        "iam-backdoor",
        _call(
            "create_saml_provider",
            Name="iam-backdoor",
            SAMLMetadataDocument="<EntityDescriptor>" + " " * 1000 + "</EntityDescriptor>",
        ),
    ),
]
