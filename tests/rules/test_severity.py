"""What opens a door, gives power away, or takes protection away is high at least, on every cloud and in every
spelling."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from drift.config.conditions import check, holds, world
from drift.errors import DriftError
from drift.finding import Change, Finding, FindingKind
from drift.model import MISSING, Resource
from drift.rules import severity
from providers.aws import AwsProvider
from providers.azure import AzureProvider
from providers.gcp import GcpProvider
from providers.kubernetes import KubernetesProvider

RULES = {
    one.name: list(one.severity_rules())
    for one in (AwsProvider(), AzureProvider(), GcpProvider(), KubernetesProvider())
}
GROUP, NSG = "AWS::EC2::SecurityGroup", "Microsoft.Network/networkSecurityGroups"
BAD = ("high", "critical")


def judged(provider: str, kind: FindingKind, type_: str, *changes: Change, live: Any = None) -> str:
    def resource(attributes: Any) -> Resource:
        return Resource(provider, "scope", type_, "id", attributes or {}, "region", "name")

    declared = None if kind == "unmanaged" else resource(None)
    found = None if kind == "missing" else resource(live)
    return severity.rate(Finding(kind, declared, found, changes), RULES[provider])[0]


WORLD = [
    {"CidrIp": "0.0.0.0/0"},
    {"CidrIpv6": "::/0"},
    {"CidrIp": "0.0.0.0/1"},
    {"CidrIp": "128.0.0.0/1"},
    {"CidrIpv6": "2000::/3"},
    {"CidrIpv6": "0::/0"},
]
PORTS = [
    ("tcp", 22, 22),
    ("tcp", 3389, 3389),
    ("tcp", 0, 65535),
    ("-1", None, None),
    (-1, None, None),
    ("tcp", "22", "22"),
    ("tcp", None, None),
    ("6", 1, 1024),
]


@pytest.mark.parametrize(("peer", "ports"), list(itertools.product(WORLD, PORTS)))
def test_administration_open_to_the_world_on_aws(peer: dict[str, str], ports: tuple[Any, Any, Any]) -> None:
    protocol, first, last = ports
    given = {} if first is None else {"FromPort": first, "ToPort": last}
    rule = {"IpProtocol": protocol, **given, **peer}
    assert judged("aws", "changed", GROUP, Change("/SecurityGroupIngress", MISSING, [rule])) == "critical"
    assert judged("aws", "unmanaged", GROUP, live={"SecurityGroupIngress": [rule]}) == "critical"


def test_other_ports_of_a_group_that_nobody_declares() -> None:
    for port, expected in ((443, "high"), (5432, "critical")):
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0"}
        assert judged("aws", "unmanaged", GROUP, live={"SecurityGroupIngress": [rule]}) == expected


@pytest.mark.parametrize("source", ["*", "0.0.0.0/0", "Internet", "Any", "0.0.0.0/1", "::/0"])
def test_the_world_on_azure(source: str) -> None:
    rule = {
        "name": "a",
        "properties": {"access": "Allow", "direction": "Inbound", "sourceAddressPrefix": source},
    }
    assert judged("azure", "changed", NSG, Change("/properties/securityRules/a", MISSING, rule)) in BAD
    path = "/properties/securityRules/a/properties/sourceAddressPrefix"
    assert judged("azure", "changed", NSG, Change(path, "10.0.0.0/8", source)) in BAD
    assert judged("azure", "unmanaged", f"{NSG}/securityRules", live=rule) in BAD
    assert judged("azure", "unmanaged", NSG, live={"properties": {"securityRules": [rule]}}) in BAD


def test_the_world_on_google_cloud() -> None:
    firewall = "compute.googleapis.com/Firewall"
    for ranges in (["0.0.0.0/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["::/0"], None):
        live = {"allowed": [{"IPProtocol": "tcp"}], **({"sourceRanges": ranges} if ranges else {})}
        assert judged("gcp", "unmanaged", firewall, live=live) == "critical"
        if ranges:
            assert (
                judged("gcp", "changed", firewall, Change("/sourceRanges", ["10.0.0.0/8"], ranges))
                == "critical"
            )


@pytest.mark.parametrize(
    "principal",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["*"]}},
        {"NotPrincipal": {"AWS": "arn:aws:iam::1:root"}},
    ],
)
@pytest.mark.parametrize(
    ("type_", "member"),
    [
        ("AWS::SQS::Queue", "PolicyDocument"),
        ("AWS::SNS::Topic", "PolicyDocument"),
        ("AWS::KMS::Key", "KeyPolicy"),
        ("AWS::SecretsManager::Secret", "ResourcePolicy"),
        ("AWS::ECR::Repository", "RepositoryPolicyText"),
        ("AWS::IAM::Role", "AssumeRolePolicyDocument"),
        ("AWS::Events::EventBus", "Policy"),
        ("AWS::S3::Bucket", "PolicyDocument"),
    ],
)
def test_a_policy_for_everybody(type_: str, member: str, principal: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", **principal}
    live = {member: {"Statement": [statement]}}
    assert judged("aws", "unmanaged", type_, live=live) == "critical"
    assert (
        judged("aws", "changed", type_, Change(f"/{member}/Statement/x", MISSING, {}), live=live)
        == "critical"
    )


def test_databases_and_buckets_that_nobody_declares() -> None:
    assert judged("aws", "unmanaged", "AWS::RDS::DBInstance", live={"PubliclyAccessible": True}) == "critical"
    grants = [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}]
    assert judged("aws", "unmanaged", "AWS::S3::Bucket", live={"Grants": grants}) == "critical"


CHANGES = [
    ("aws", "AWS::EC2::Instance", "/SecurityGroupIds", ["a"], ["b"]),
    ("aws", "AWS::RDS::DBInstance", "/VPCSecurityGroups", ["a"], ["b"]),
    ("aws", "AWS::Lambda::Function", "/VpcConfig/SecurityGroupIds", ["a"], ["b"]),
    ("aws", "AWS::ElasticLoadBalancingV2::Listener", "/Protocol", "HTTPS", "HTTP"),
    ("aws", "AWS::SSM::Parameter", "/Type", "SecureString", "String"),
    ("aws", "AWS::EC2::LaunchTemplate", "/LaunchTemplateData/UserData", "a", "b"),
    (
        "aws",
        "AWS::EC2::LaunchTemplate",
        "/LaunchTemplateData/BlockDeviceMappings/0/Ebs/Encrypted",
        True,
        False,
    ),
    ("aws", "AWS::EC2::Instance", "/IamInstanceProfile", "a", "b"),
    ("aws", "AWS::IAM::OIDCProvider", "/ThumbprintList", ["a"], ["b"]),
    ("aws", "AWS::ECS::TaskDefinition", "/ContainerDefinitions/main/Image", "a", "b"),
    ("aws", "AWS::SecretsManager::Secret", "/RotationEnabled", True, False),
    (
        "azure",
        "Microsoft.Sql/servers/databases/transparentDataEncryption",
        "/properties/state",
        "Enabled",
        "Disabled",
    ),
    (
        "azure",
        "Microsoft.Storage/storageAccounts/blobServices",
        "/properties/deleteRetentionPolicy/enabled",
        True,
        False,
    ),
    ("azure", "Microsoft.Insights/diagnosticSettings", "/properties/logs", [1], []),
    (
        "azure",
        "Microsoft.ContainerService/managedClusters",
        "/properties/apiServerAccessProfile",
        {},
        MISSING,
    ),
    ("azure", "Microsoft.ContainerRegistry/registries", "/properties/anonymousPullEnabled", False, True),
    ("azure", "Microsoft.Network/networkInterfaces", "/properties/networkSecurityGroup/id", "a", MISSING),
    ("gcp", "compute.googleapis.com/Instance", "/deletionProtection", True, False),
    ("gcp", "compute.googleapis.com/Instance", "/tags/items", [], ["open-ssh"]),
    ("gcp", "compute.googleapis.com/Disk", "/diskEncryptionKey", {}, MISSING),
    ("gcp", "compute.googleapis.com/Subnetwork", "/logConfig/enable", True, False),
    ("gcp", "container.googleapis.com/Cluster", "/loggingService", "x", "none"),
    ("gcp", "storage.googleapis.com/Bucket", "/logging", {}, MISSING),
    ("gcp", "dns.googleapis.com/ManagedZone", "/dnssecConfig/state", "on", "off"),
    ("gcp", "bigquery.googleapis.com/Dataset", "/defaultEncryptionConfiguration", {}, MISSING),
    ("gcp", "spanner.googleapis.com/Database", "/enableDropProtection", True, False),
]


@pytest.mark.parametrize(("provider", "type_", "path", "declared", "live"), CHANGES)
def test_what_took_protection_away(provider: str, type_: str, path: str, declared: Any, live: Any) -> None:
    assert judged(provider, "changed", type_, Change(path, declared, live)) in BAD


@pytest.mark.parametrize(
    ("provider", "type_", "path"),
    [
        ("aws", "AWS::EC2::Instance", "/Tags/DeletionProtection"),
        ("aws", "AWS::IAM::Role", "/Tags/PolicyDocument"),
        ("azure", NSG, "/tags/encryption"),
        ("azure", "Microsoft.Insights/diagnosticSettings", "/tags/a"),
        ("gcp", "compute.googleapis.com/Firewall", "/description"),
        ("gcp", "compute.googleapis.com/Instance", "/labels/logging"),
        ("kubernetes", "apps/v1/Deployment", "/metadata/annotations/encryption"),
    ],
)
def test_labelling_is_low(provider: str, type_: str, path: str) -> None:
    assert judged(provider, "changed", type_, Change(path, "a", "b")) == "low"


def test_the_name_of_a_variable_is_no_protection() -> None:
    change = Change("/Environment/Variables/ENCRYPTION", "a", "b")
    assert judged("aws", "changed", "AWS::Lambda::Function", change) == "medium"


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "fd00::/8",
        "fc00::/7",
        "224.0.0.0/4",
        "198.51.100.0/24",
        "52.0.0.0/8",
        "x",
        "",
    ],
)
def test_not_the_world(text: str) -> None:
    assert not world(text) and not world([text, None, 5])


def test_a_condition_with_an_unknown_function_is_refused(tmp_path: Path) -> None:
    check("world(live.x) && starts_with(finding.name, 'a')")
    with pytest.raises(ValueError, match=r"no function startswith"):
        check("change.live && contains(keys(live), 'a') || startswith(finding.name, 'a')")
    (tmp_path / "rules.yaml").write_text("- {severity: low, why: It is., when: 'nope(live)'}")
    with pytest.raises(DriftError, match=r"rules.yaml: rule 1: no JMESPath: there is no function nope"):
        severity.read_rules(tmp_path / "rules.yaml")


def test_what_is_always_told_is_found_within_an_object() -> None:
    rules = [
        {"path": "/Web*", "severity": "low", "why": "Its own default."},
        {
            "path": "*/open",
            "when": "change.live == `true`",
            "severity": "high",
            "why": "It is open.",
            "always": True,
        },
    ]
    graves = severity.Graves(rules)
    side = Resource("x", "s", "T", "id", {})

    def told(path: str, value: Any) -> bool:
        return graves.fit(side, side, Change(path, MISSING, value, undeclared=True))

    assert told("/A", {"b": [{"open": True}]}) and told("/A/open", True)
    assert not told("/A", {"b": [{"open": False}]})
    assert not told("/Web", {"open": True}), "a rule that speaks of the whole comes first"


def test_of_a_whole_object_its_worst_member_counts() -> None:
    cluster, exposed = (
        "alloydb.googleapis.com/Instance",
        {"authorizedExternalNetworks": [{"cidrRange": "0.0.0.0/0"}]},
    )
    assert judged("gcp", "changed", cluster, Change("/networkConfig", MISSING, exposed)) == "critical"
    assert judged("gcp", "changed", cluster, Change("/networkConfig", exposed, MISSING)) == "high"
    assert judged("gcp", "changed", cluster, Change("/networkConfig", MISSING, {"mtu": 1500})) == "medium"
    named = {"metadata": {"ingress": "x"}}
    assert judged("gcp", "changed", cluster, Change("/labels", MISSING, named)) == "low"


def test_a_part_of_a_condition_about_what_is_absent_leaves_the_others_their_word() -> None:
    rule = {"when": "contains(live.role, 'Admin') || live.open", "severity": "high", "why": "It is."}
    side = Resource("x", "s", "T", "id", {"open": True})
    change = Change("/open", MISSING, True, undeclared=True)
    assert severity.Graves([{**rule, "path": "/open", "always": True}]).fit(side, side, change)


def test_what_hides_by_what_a_value_is_not_needs_the_value() -> None:
    said = "!contains(change.live, 'prod')"
    assert holds(said, {"change": {"live": None}})
    assert not holds(said, {"change": {"live": None}}, strict=True)
    assert holds(said, {"change": {"live": "test"}}, strict=True)
    assert not holds("contains('abc', change.live)", {"change": {"live": None}}, strict=True)
