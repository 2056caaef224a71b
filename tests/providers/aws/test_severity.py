"""How bad a change is on AWS: what opens a door, gives power away or destroys data is never said quietly."""

from __future__ import annotations

from typing import Any

import pytest

from drift.finding import Change, Finding, FindingKind
from drift.model import MISSING, Resource
from drift.rules import severity
from providers.aws import AwsProvider

RULES = list(AwsProvider().severity_rules())
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}


def resource(type_: str, attributes: dict[str, Any] | None = None) -> Resource:
    return Resource("aws", "123456789012", type_, "id", attributes or {}, "eu-west-1", "name")


def judged(
    kind: FindingKind,
    type_: str,
    *changes: Change,
    live: dict[str, Any] | None = None,
    declared: dict[str, Any] | None = None,
) -> str:
    finding = Finding(
        kind,
        None if kind == "unmanaged" else resource(type_, declared),
        None if kind == "missing" else resource(type_, live),
        changes,
    )
    return severity.rate(finding, RULES)[0]


def rule(first: int | None, last: int | None, protocol: str = "tcp", **peer: str) -> dict[str, Any]:
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": protocol, **ports, **(peer or {"CidrIp": "0.0.0.0/0"})}


def test_every_rule_says_why() -> None:
    assert RULES
    assert all(one["why"].endswith(".") for one in RULES)


@pytest.mark.parametrize(
    "added",
    [
        rule(22, 22),
        rule(3389, 3389),
        rule(0, 65535),
        rule(20, 25),
        rule(22, 22, CidrIpv6="::/0"),
        rule(None, None, "-1"),
        rule(5432, 5432),
    ],
)
def test_administration_open_to_the_world_is_critical(added: dict[str, Any]) -> None:
    office = rule(443, 443, CidrIp="198.51.100.0/24")
    change = Change("/SecurityGroupIngress", MISSING, [office, added])
    assert judged("changed", "AWS::EC2::SecurityGroup", change) == "critical"
    live = {"SecurityGroupIngress": [added]}
    if added.get("FromPort") != 5432:
        assert judged("unmanaged", "AWS::EC2::SecurityGroup", live=live) == "critical"


@pytest.mark.parametrize("added", [rule(443, 443), rule(22, 22, CidrIp="198.51.100.0/24"), rule(8000, 9000)])
def test_any_other_rule_is_high(added: dict[str, Any]) -> None:
    change = Change("/SecurityGroupIngress", MISSING, [added])
    assert judged("changed", "AWS::EC2::SecurityGroup", change) == "high"


def test_a_rule_taken_away_is_high() -> None:
    change = Change("/SecurityGroupIngress", [rule(22, 22)], MISSING)
    assert judged("changed", "AWS::EC2::SecurityGroup", change) == "high"


@pytest.mark.parametrize(
    ("type_", "property_", "path"),
    [
        ("AWS::S3::Bucket", "PolicyDocument", "/PolicyDocument"),
        ("AWS::SQS::Queue", "PolicyDocument", "/PolicyDocument/Statement/(no Sid)"),
        ("AWS::SNS::Topic", "PolicyDocument", "/PolicyDocument"),
        ("AWS::KMS::Key", "KeyPolicy", "/KeyPolicy/Statement/All"),
        ("AWS::SecretsManager::Secret", "ResourcePolicy", "/ResourcePolicy"),
        ("AWS::ECR::Repository", "RepositoryPolicyText", "/RepositoryPolicyText"),
        ("AWS::IAM::Role", "AssumeRolePolicyDocument", "/AssumeRolePolicyDocument/Statement/x/Principal/AWS"),
    ],
)
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::1:root", "*"]}])
@pytest.mark.parametrize("several", [True, False])
def test_a_policy_for_everybody_is_critical(
    type_: str, property_: str, path: str, principal: Any, several: bool
) -> None:
    statement = {**EVERYBODY, "Principal": principal}
    live = {property_: {"Statement": [statement] if several else statement}}
    assert judged("changed", type_, Change(path, MISSING, live[property_]), live=live) == "critical"


def test_a_policy_that_was_for_everybody_or_is_for_some_is_high() -> None:
    change = Change("/PolicyDocument/Statement/x/Action", ["a:b"], ["a:c"])
    public = {"PolicyDocument": {"Statement": [EVERYBODY]}}
    assert judged("changed", "AWS::S3::Bucket", change, live=public, declared=public) == "high"
    conditional = {"PolicyDocument": {"Statement": [{**EVERYBODY, "Condition": {"StringEquals": {}}}]}}
    assert judged("changed", "AWS::S3::Bucket", change, live=conditional) == "high"


def test_an_opened_bucket_is_critical() -> None:
    path = "/PublicAccessBlockConfiguration"
    opened = Change(f"{path}/BlockPublicAcls", True, False)
    assert judged("changed", "AWS::S3::Bucket", opened) == "critical"
    assert (
        judged("changed", "AWS::S3::Bucket", Change(path, {"BlockPublicAcls": True}, MISSING)) == "critical"
    )
    assert judged("changed", "AWS::S3::Bucket", Change("/AccessControl", MISSING, "PublicRead")) == "critical"
    closed = Change(f"{path}/BlockPublicAcls", False, True)
    assert judged("changed", "AWS::S3::Bucket", closed) == "low"


ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.mark.parametrize("type_", ["AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::Group"])
def test_administrators_are_critical(type_: str) -> None:
    live = {"ManagedPolicyArns": [ADMINISTRATOR]}
    attached = Change("/ManagedPolicyArns", MISSING, [ADMINISTRATOR])
    assert judged("changed", type_, attached, live=live) == "critical"
    assert judged("unmanaged", type_, live=live) == "critical"
    document = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    inline = {"Policies": [{"PolicyName": "x", "PolicyDocument": document}]}
    assert judged("changed", type_, Change("/Policies/x", MISSING, document), live=inline) == "critical"
    assert judged("unmanaged", type_, live=inline) == "critical"


def test_a_policy_of_everything_is_critical_and_of_more_high() -> None:
    change = Change("/PolicyDocument/Statement/(no Sid)", [], [])
    for action in ("*", ["s3:GetObject", "*:*"]):
        live = {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}}
        assert judged("changed", "AWS::IAM::ManagedPolicy", change, live=live) == "critical"
    live = {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}
    assert judged("changed", "AWS::IAM::ManagedPolicy", change, live=live) == "high"


@pytest.mark.parametrize("type_", ["AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::AccessKey"])
def test_identities_that_nobody_declares_are_high(type_: str) -> None:
    assert judged("unmanaged", type_, live={}) == "high"


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("AWS::S3::Bucket", "critical"),
        ("AWS::DynamoDB::Table", "critical"),
        ("AWS::RDS::DBInstance", "critical"),
        ("AWS::KMS::Key", "critical"),
        ("AWS::SecretsManager::Secret", "high"),
        ("AWS::SQS::Queue", "high"),
    ],
)
def test_what_is_gone(type_: str, expected: str) -> None:
    assert judged("missing", type_) == expected


@pytest.mark.parametrize(
    ("type_", "change", "expected"),
    [
        ("AWS::RDS::DBInstance", Change("/PubliclyAccessible", MISSING, True), "critical"),
        ("AWS::Lightsail::Database", Change("/PubliclyAccessible", MISSING, True), "critical"),
        ("AWS::EC2::VPCEndpointService", Change("/AllowedPrincipals", MISSING, ["*"]), "critical"),
        ("AWS::EC2::VPCEndpointService", Change("/AcceptanceRequired", True, False), "high"),
        ("AWS::Batch::JobDefinition", Change("/ContainerProperties/Privileged", MISSING, True), "high"),
        (
            "AWS::S3::AccessPoint",
            Change("/PublicAccessBlockConfiguration", MISSING, {"A": False}),
            "critical",
        ),
        ("AWS::RDS::DBInstance", Change("/DeletionProtection", True, False), "high"),
        ("AWS::DynamoDB::Table", Change("/DeletionProtectionEnabled", True, MISSING), "high"),
        ("AWS::DynamoDB::Table", Change("/DeletionProtectionEnabled", False, True), "medium"),
        ("AWS::EC2::Volume", Change("/Encrypted", True, False), "high"),
        ("AWS::S3::Bucket", Change("/BucketEncryption", {}, MISSING), "high"),
        ("AWS::S3::Bucket", Change("/LoggingConfiguration", {}, MISSING), "high"),
        ("AWS::KMS::Key", Change("/EnableKeyRotation", True, False), "high"),
        ("AWS::KMS::Key", Change("/Enabled", True, False), "critical"),
        ("AWS::EC2::Instance", Change("/InstanceType", "t3.small", "m5.4xlarge"), "medium"),
        ("AWS::EC2::Instance", Change("/ImageId", "ami-1", "ami-2"), "medium"),
        ("AWS::Logs::LogGroup", Change("/RetentionInDays", 365, 7), "medium"),
        ("AWS::Lambda::Function", Change("/Environment/Variables/STAGE", sensitive=True), "medium"),
        ("AWS::EC2::Instance", Change("/Tags/Owner", "a", "b"), "low"),
        ("AWS::IAM::Role", Change("/Tags/Owner", "a", "b"), "low"),
        ("AWS::IAM::Role", Change("/Description", "a", "b"), "low"),
    ],
)
def test_changes(type_: str, change: Change, expected: str) -> None:
    assert judged("changed", type_, change) == expected


def test_the_worst_change_counts() -> None:
    tag = Change("/Tags/Owner", "a", "b")
    assert (
        judged("changed", "AWS::RDS::DBInstance", tag, Change("/PubliclyAccessible", False, True))
        == "critical"
    )


ANYBODY = {"Action": "lambda:InvokeFunction", "Principal": "*"}


@pytest.mark.parametrize(
    ("type_", "path", "live", "expected"),
    [
        ("AWS::S3::Bucket", "/ReplicationConfiguration", {"Role": "r", "Rules": []}, "high"),
        (
            "AWS::S3::Bucket",
            "/ReplicationConfiguration/Rules/0/Destination/Bucket",
            "arn:aws:s3:::theirs",
            "high",
        ),
        ("AWS::S3::Bucket", "/LifecycleConfiguration/Rules/a/ExpirationInDays", 1, "high"),
        ("AWS::S3::Bucket", "/LifecycleConfiguration", {"Rules": [{"ExpirationInDays": 1}]}, "high"),
        (
            "AWS::S3::Bucket",
            "/LifecycleConfiguration/Rules/a/Transitions/GLACIER/TransitionInDays",
            9,
            "medium",
        ),
        ("AWS::S3::Bucket", "/NotificationConfiguration/QueueConfigurations", [{"Queue": "q"}], "high"),
        ("AWS::SNS::Subscription", "/Endpoint", "https://theirs.example.com", "high"),
        ("AWS::Events::Rule", "/Targets/a", {"Arn": "a"}, "high"),
        ("AWS::Lambda::Function", "/Permissions", [ANYBODY], "critical"),
        ("AWS::Lambda::Function", "/Permissions", [{**ANYBODY, "SourceAccount": "1"}], "high"),
        ("AWS::Lambda::Function", "/Permissions", [{**ANYBODY, "Principal": "999988887777"}], "high"),
        ("AWS::EC2::LaunchTemplate", "/DefaultVersion", 7, "high"),
    ],
)
def test_where_data_goes_and_who_may_call(type_: str, path: str, live: Any, expected: str) -> None:
    assert judged("changed", type_, Change(path, MISSING, live)) == expected


def test_a_subscription_that_nobody_declares_is_told_loudly() -> None:
    assert judged("unmanaged", "AWS::SNS::Subscription") == "high"


@pytest.mark.parametrize(
    ("type_", "path", "declared", "live", "bad"),
    [
        ("AWS::EC2::EbsEncryptionByDefault", "/Enabled", True, False, "high"),
        ("AWS::EC2::EbsDefaultKmsKey", "/KmsKeyId", "alias/shop", "alias/aws/ebs", "high"),
        ("AWS::EC2::ImageBlockPublicAccess", "/State", "block-new-sharing", "unblocked", "critical"),
        ("AWS::EC2::SnapshotBlockPublicAccess", "/State", "block-all-sharing", "unblocked", "critical"),
        ("AWS::EC2::SnapshotBlockPublicAccess", "/State", "block-all-sharing", "block-new-sharing", "high"),
        (
            "AWS::EC2::VPCBlockPublicAccessOptions",
            "/InternetGatewayBlockMode",
            "block-ingress",
            "off",
            "critical",
        ),
        ("AWS::EC2::SerialConsoleAccess", "/Enabled", False, True, "high"),
        ("AWS::EC2::InstanceMetadataDefaults", "/HttpTokens", "required", "no-preference", "high"),
        ("AWS::IAM::AccountPasswordPolicy", "/MinimumPasswordLength", 14, 6, "high"),
        ("AWS::S3::AccountPublicAccessBlock", "/BlockPublicPolicy", True, False, "critical"),
        ("AWS::S3::AccountPublicAccessBlock", "/BlockPublicPolicy", False, True, "low"),
        ("AWS::SecurityHub::Hub", "/AutoEnableControls", True, False, "medium"),
    ],
)
def test_what_guards_a_whole_account_is_not_turned_off_quietly(
    type_: str, path: str, declared: Any, live: Any, bad: str
) -> None:
    assert judged("changed", type_, Change(path, declared, live)) == bad


@pytest.mark.parametrize(
    ("principal", "bad"), [("*", "critical"), ({"AWS": ["1", "*"]}, "critical"), ({"AWS": "1"}, "high")]
)
def test_a_registry_that_is_everybodys_is_critical(principal: Any, bad: str) -> None:
    live = {"PolicyText": {"Statement": [{**EVERYBODY, "Principal": principal}]}}
    change = Change("/PolicyText/Statement/x/Principal", {"AWS": "1"}, principal)
    assert judged("changed", "AWS::ECR::RegistryPolicy", change, live=live) == bad
    if bad == "critical":
        assert judged("unmanaged", "AWS::ECR::RegistryPolicy", live=live) == bad


#: Members of newer types, what is declared, what is live, and how bad that is.
BY_NAME: list[tuple[str, str, Any, Any, str]] = [
    ("AWS::ElasticLoadBalancing::LoadBalancer", "/Listeners/443/SSLCertificateId", "arn:a", "arn:b", "high"),
    (
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "/Listeners/443/PolicyNames",
        ["tls-1-2"],
        ["tls-1-0"],
        "high",
    ),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "/AccessLoggingPolicy/Enabled", True, False, "high"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "/Scheme", "internal", "internet-facing", "critical"),
    ("AWS::CloudFormation::StackPolicy", "/StackPolicyBody/Statement/0/Effect", "Deny", "Allow", "high"),
    ("AWS::OpenSearchService::Domain", "/EncryptionAtRestOptions/Enabled", True, False, "high"),
    ("AWS::OpenSearchService::Domain", "/EncryptionAtRestOptions/Enabled", False, True, "medium"),
    ("AWS::OpenSearchService::Domain", "/NodeToNodeEncryptionOptions/Enabled", True, False, "high"),
    ("AWS::OpenSearchService::Domain", "/DomainEndpointOptions/EnforceHTTPS", True, False, "high"),
    ("AWS::OpenSearchService::Domain", "/DomainEndpointOptions/TLSSecurityPolicy", "a", "b", "high"),
    ("AWS::OpenSearchService::Domain", "/AdvancedSecurityOptions/Enabled", True, False, "high"),
    (
        "AWS::OpenSearchService::Domain",
        "/AdvancedSecurityOptions/InternalUserDatabaseEnabled",
        False,
        True,
        "medium",
    ),
    ("AWS::OpenSearchService::Domain", "/LogPublishingOptions/AUDIT_LOGS/Enabled", True, False, "high"),
    ("AWS::OpenSearchService::Domain", "/ClusterConfig/InstanceCount", 3, 2, "medium"),
    (
        "AWS::MSK::Cluster",
        "/BrokerNodeGroupInfo/ConnectivityInfo/PublicAccess/Type",
        "DISABLED",
        "X",
        "critical",
    ),
    ("AWS::MSK::Cluster", "/ClientAuthentication/Unauthenticated/Enabled", False, True, "critical"),
    ("AWS::MSK::Cluster", "/ClientAuthentication/Sasl/Iam/Enabled", True, False, "high"),
    ("AWS::MSK::Cluster", "/EncryptionInfo/EncryptionInTransit/ClientBroker", "TLS", "PLAINTEXT", "high"),
    ("AWS::MSK::Cluster", "/NumberOfBrokerNodes", 3, 6, "medium"),
    ("AWS::Cognito::UserPool", "/MfaConfiguration", "ON", "OFF", "high"),
    ("AWS::Cognito::UserPool", "/Policies/PasswordPolicy/MinimumLength", 12, 6, "high"),
    ("AWS::Cognito::UserPool", "/LambdaConfig/PreSignUp", "arn:a", "arn:b", "high"),
    ("AWS::Cognito::UserPoolDomain", "/CustomDomainConfig/CertificateArn", "arn:a", "arn:b", "high"),
    ("AWS::Cognito::UserPoolGroup", "/RoleArn", "arn:a", "arn:b", "high"),
    ("AWS::Cognito::IdentityPool", "/AllowUnauthenticatedIdentities", False, True, "critical"),
    ("AWS::Redshift::Cluster", "/PubliclyAccessible", False, True, "critical"),
    ("AWS::Redshift::Cluster", "/Encrypted", True, False, "high"),
    ("AWS::Redshift::Cluster", "/LoggingProperties/BucketName", "a", "b", "high"),
    ("AWS::Redshift::Cluster", "/NodeType", "a", "b", "medium"),
    ("AWS::EC2::VPNConnection", "/VpnTunnelOptionsSpecifications/0/PreSharedKey", "a", "b", "high"),
    ("AWS::EC2::VPNConnection", "/VpnTunnelOptionsSpecifications/0/IKEVersions", MISSING, ["ikev1"], "high"),
    ("AWS::EC2::VPNConnection", "/VpnTunnelOptionsSpecifications/0/StartupAction", "add", "start", "medium"),
    ("AWS::EC2::VPNConnection", "/Routes", ["10.0.0.0/8"], ["0.0.0.0/0"], "high"),
    ("AWS::EC2::VPNConnection", "/Tags/Encrypted", "yes", "no", "low"),
    ("AWS::Glue::Job", "/SecurityConfiguration", "a", MISSING, "high"),
    ("AWS::ECR::Repository", "/ImageScanningConfiguration/ScanOnPush", True, False, "high"),
    ("AWS::RDS::DBCluster", "/EnableIAMDatabaseAuthentication", True, False, "high"),
]


@pytest.mark.parametrize(("type_", "path", "declared", "live", "expected"), BY_NAME)
def test_what_protects_is_known_by_its_name(
    type_: str, path: str, declared: Any, live: Any, expected: str
) -> None:
    assert judged("changed", type_, Change(path, declared, live)) == expected


def test_a_domain_that_lets_everybody_in_is_critical() -> None:
    open_ = {"AccessPolicies": {"Statement": [{**EVERYBODY, "Action": "es:*"}]}}
    change = Change("/AccessPolicies/Statement", {}, open_["AccessPolicies"]["Statement"])
    assert judged("changed", "AWS::OpenSearchService::Domain", change, live=open_, declared={}) == "critical"
    assert judged("changed", "AWS::OpenSearchService::Domain", change, live={}, declared={}) == "high"
