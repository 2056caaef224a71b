"""What is on one side only is told as what it is, and who may do what by it."""

from __future__ import annotations

import doctest
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.errors import DriftError
from drift.model import Resource, Unresolved
from drift.rules.content import Content
from providers.aws import AwsProvider
from providers.aws import content as aws
from providers.azure import AzureProvider
from providers.azure import content as azure
from providers.gcp import GcpProvider
from providers.gcp import content as gcp
from providers.kubernetes import KubernetesProvider
from providers.kubernetes import content as kubernetes

HOOKS = {one.name: one.hooks for one in (AwsProvider(), AzureProvider(), GcpProvider(), KubernetesProvider())}
RBAC = "rbac.authorization.k8s.io/v1"
ROLES = "Microsoft.Authorization"


class Around:
    """A live side of a few resources."""

    def __init__(self, *resources: Resource) -> None:
        self._resources = resources

    def context(self, provider: str) -> Mapping[str, Any]:
        return {}

    def types(self, provider: str) -> set[tuple[str, str]]:
        return set()

    def listed(self, provider: str, scope: str, type: str) -> bool:
        return False

    def every(self, provider: str, type: str) -> Iterator[Resource]:
        return (one for one in self._resources if one.type == type)

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        return next((one for one in self.every(provider, type) if id in (one.id, one.name)), None)


def thing(provider: str, type_: str, id_: str = "id", **attributes: Any) -> Resource:
    return Resource(provider, "s", type_, id_, attributes, name=id_.split("/")[-1])


def told(one: Resource, *others: Resource) -> dict[str, Any]:
    return dict(HOOKS[one.provider].content(one, Around(*others)))


@pytest.mark.parametrize("module", [aws, azure, gcp, kubernetes])
def test_examples_in_the_docstrings(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


def test_a_users_policies_by_name_and_effect() -> None:
    arn, inline = "arn:aws:iam::1:policy/read", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = {
        "Statement": [
            {"Effect": "Deny", "Action": ["a:B", "c:D"], "Resource": "x", "Condition": {"Bool": {"k": 1}}}
        ]
    }
    user = thing(
        "aws",
        "AWS::IAM::User",
        ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess", arn],
        Policies=[{"PolicyName": "own", "PolicyDocument": {"Statement": inline}}],
        Groups=[],
    )
    assert told(user, thing("aws", "AWS::IAM::ManagedPolicy", arn, PolicyDocument=document)) == {
        "Attached policies": ["AdministratorAccess (of AWS)", "read: denies a:B, c:D on x if k fits"],
        "Inline policies": ["own: allows s3:* on *"],
    }


def test_open_ports_and_whom_a_policy_lets_in() -> None:
    rules = [{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}, {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 9}]
    group = told(thing("aws", "AWS::EC2::SecurityGroup", SecurityGroupIngress=rules))
    assert group == {"Open ports": ["everything from 10.0.0.0/8", "tcp 1-9 from nowhere"]}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    queue = told(thing("aws", "AWS::SQS::Queue", PolicyDocument={"Statement": [statement]}))
    assert queue == {"Policy": ["allows anybody to sqs:* on *"]}


def test_a_role_assignment_by_names() -> None:
    identity = thing(
        "azure", "Microsoft.ManagedIdentity/userAssignedIdentities", "web", properties={"principalId": "P-1"}
    )
    owner = "/providers/Microsoft.Authorization/roleDefinitions/8E3AF657-a8ff-443c-a75c-2fe8c4bcb635"
    said = {"principalId": "p-1", "principalType": "ServicePrincipal", "roleDefinitionId": owner}
    said |= {
        "scope": "/subscriptions/S/resourceGroups/shop",
        "createdOn": "2026-01-01T00:00:00Z",
        "createdBy": "o",
    }
    assert told(thing("azure", f"{ROLES}/roleAssignments", properties=said), identity) == {
        "What": "Role assignment",
        "Who": "web (managed identity, p-1) (ServicePrincipal)",
        "May act as": "Owner",
        "On": "the resource group shop",
        "Made": "2026-01-01T00:00:00Z",
        "By": "o",
    }
    own = thing("azure", f"{ROLES}/roleDefinitions", "/x/own", properties={"roleName": "Our role"})
    assert (
        told(
            thing("azure", f"{ROLES}/roleAssignments", properties={**said, "roleDefinitionId": "/x/own"}), own
        )["May act as"]
        == "Our role"
    )


def test_a_grant_a_key_and_a_rule_of_google() -> None:
    project = "//cloudresourcemanager.googleapis.com/projects/p"
    grant = told(
        thing("gcp", "iam.googleapis.com/Binding", resource=project, role="roles/owner", member="allUsers")
    )
    assert grant == {
        "What": "Grant",
        "Who": "anybody in the internet (allUsers)",
        "May act as": "roles/owner",
        "On": "project p",
    }
    rule = thing(
        "gcp",
        "compute.googleapis.com/Firewall",
        allowed=[{"IPProtocol": "tcp", "ports": ["22"]}],
        sourceRanges=["0.0.0.0/0"],
    )
    assert told(rule)["Open ports"] == ["tcp 22"] and told(rule)["From"] == ["0.0.0.0/0"]


def test_a_binding_of_a_cluster_with_what_its_role_allows() -> None:
    role = thing(
        "kubernetes",
        f"{RBAC}/Role",
        "shop/read",
        rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    )
    binding = thing(
        "kubernetes",
        f"{RBAC}/RoleBinding",
        kind="RoleBinding",
        metadata={"namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
        roleRef={"kind": "Role", "name": "read"},
        subjects=[{"kind": "Group", "name": "dev"}],
    )
    assert told(binding, role) == {
        "What": "Role binding",
        "Who": ["Group dev"],
        "May act as": "Role read",
        "Where": "shop",
        "Which allows": ["get pods (core)"],
        "Namespace": "shop",
        "Made": "2026-01-01T00:00:00Z",
    }


def test_what_is_not_known_or_a_secret_is_not_told() -> None:
    hidden = {"$secret": {"key": "k", "hmac": "f"}}
    user = told(thing("aws", "AWS::IAM::User", Groups=[Unresolved("no state"), hidden]))
    assert user == {"Groups": ["(not known)", "(secret)"]}


@pytest.mark.parametrize("word", ["says: {A: 'nothere(x)'}", "says: {A: '['}", "sayz: {}"])
def test_a_file_says_nothing_that_is_not_known(tmp_path: Path, word: str) -> None:
    (tmp_path / "content.yaml").write_text(f"types: [{{type: T, {word}}}]", encoding="utf-8")
    with pytest.raises(DriftError, match=r"content\.yaml: T"):
        Content(tmp_path / "content.yaml")
