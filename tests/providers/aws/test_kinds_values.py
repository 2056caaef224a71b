"""The smaller AWS kinds: what is the same, what is admitted, and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.kinds.base import Context, Keyed, Unordered
from drift.kinds.registry import KINDS as GENERAL_KINDS
from drift.kinds.text import canonical_text
from drift.model import Unresolved
from providers.aws.kinds import KINDS
from tests.effort import Watched, growth

pytestmark = pytest.mark.long


ACCOUNT = "123456789012"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{KEY}"
HERE = Context(
    provider="aws",
    scope=ACCOUNT,
    region="eu-west-1",
    data={"kms_aliases": {"alias/app": KEY, f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/other": KEY_ARN}},
)
LOG_GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/lambda/f"


def rule(**more: Any) -> dict[str, Any]:
    found = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"} | more
    return {name: member for name, member in found.items() if member is not None}


def tag(key: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"Key": key, "Value": value, **more}


SAME: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("arn", {}, f" {KEY_ARN}\n", KEY_ARN),
    ("arn-tail", {}, f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders", "orders"),
    ("arn-tail", {}, f"arn:aws:iam::{ACCOUNT}:role/path/name", "name"),
    ("arn-tail", {"prefix": "log-group:"}, LOG_GROUP, "/aws/lambda/f"),
    ("log-group-arn", {}, f"{LOG_GROUP}:*", LOG_GROUP),
    ("lowercase-identifier", {}, "MyDB", "mydb"),
    ("route53-name", {}, "\\052.Example.com.", "*.example.com"),
    ("route53-name", {}, "a\\100b.example.com", "a@b.example.com"),
    ("kms-key-ref", {}, KEY, KEY_ARN),
    ("kms-key-ref", {}, "alias/x", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/x"),
    ("rate", {}, "rate(60 minutes)", "rate(1 hour)"),
    ("rate", {}, "rate(24 hours)", "rate(1 day)"),
    ("rate", {}, "cron(0  12 * * ? * )", "cron(0 12 * * ? *)"),
    ("rate", {}, "cron(0 12 ? * mon-fri *)", "cron(0 12 ? * MON-FRI *)"),
    ("rds-parameter", {}, "ON", "1"),
    ("rds-parameter", {}, "true", 1),
    ("rds-parameter", {}, False, "Off"),
    ("ecs-size", {}, ".25 vCPU", 256),
    ("ecs-size", {}, "1 vcpu", "1024"),
    ("ecs-size", {}, "0.5GB", "512"),
    ("ecs-size", {}, "30 GB", 30720),
    ("tags", {}, [tag("b", "2"), tag("a", "1")], {"a": "1", "b": "2"}),
    ("tags", {}, [tag("a", "1"), tag("aws:cloudformation:stack-id", "x")], [{"key": "a", "value": "1"}]),
    ("tags", {}, [{"TagKey": "a", "TagValue": "1"}], [tag("a", 1)]),
    ("tags", {}, [{"Key": "a"}], [tag("a", "")]),
    ("security-group-rules", {}, [rule(IpProtocol="6", FromPort="443", Description="")], [rule()]),
    ("security-group-rules", {}, [rule(IpProtocol="TCP", CidrIp="10.1.2.3/8")], [rule()]),
    ("security-group-rules", {}, [rule(IpProtocol=-1)], [rule(IpProtocol="all", FromPort=None, ToPort=None)]),
    (
        "security-group-rules",
        {},
        [rule(CidrIp=["10.0.0.0/8", "0.0.0.0/0"])],
        [rule(CidrIp="0.0.0.0/0"), rule(), rule()],
    ),
    (
        "security-group-rules",
        {},
        [rule(CidrIpv6="::/0", SourceSecurityGroupId="sg-1")],
        [rule(CidrIp=None, SourceSecurityGroupId="sg-1"), rule(), rule(CidrIp=None, CidrIpv6="0:0::/0")],
    ),
    (
        "security-group-rules",
        {},
        [rule(CidrIp=None, SourceSecurityGroupId="sg-1", SourceSecurityGroupOwnerId=ACCOUNT)],
        [rule(CidrIp=None, SourceSecurityGroupId="sg-1")],
    ),
    (
        "security-group-rules",
        {},
        [rule(IpProtocol="icmp", FromPort=-1, ToPort=-1)],
        [rule(IpProtocol="1", FromPort=None, ToPort=None)],
    ),
]

DIFFERENT: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("arn", {}, KEY_ARN, KEY_ARN.replace("arn:aws:", "arn:aws-cn:")),
    ("arn", {}, KEY_ARN, KEY_ARN.replace(ACCOUNT, "210987654321")),
    ("arn-tail", {}, f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders", "order"),
    ("arn-tail", {"prefix": "log-group:"}, LOG_GROUP, "f"),
    ("log-group-arn", {}, f"{LOG_GROUP}:log-stream:*", LOG_GROUP),
    ("log-group-arn", {}, f"{LOG_GROUP}*", LOG_GROUP),
    ("lowercase-identifier", {}, "my-db", "mydb"),
    ("route53-name", {}, "a\\056b.example.com", "a.b.example.com"),
    ("route53-name", {}, "*.example.com", "example.com"),
    ("kms-key-ref", {}, KEY, KEY_ARN.replace("eu-west-1", "us-east-1")),
    ("kms-key-ref", {}, KEY, KEY_ARN.replace(ACCOUNT, "210987654321")),
    ("kms-key-ref", {}, "alias/app", KEY_ARN),
    ("rate", {}, "rate(60 minutes)", "rate(60 hours)"),
    ("rate", {}, "rate(1 hour)", "cron(0 * * * ? *)"),
    ("ecs-size", {}, "1", "1 GB"),
    ("ecs-size", {}, "1.5", "1536"),
    ("ecs-size", {}, "2GB", "2000"),
    ("dynamodb-ttl", {}, {"AttributeName": "a", "Enabled": True}, {"AttributeName": "b", "Enabled": True}),
    ("rds-parameter", {}, "ON", "0"),
    ("rds-parameter", {}, "ON", "ON_PERMISSIVE"),
    ("rds-parameter", {}, "2", "1"),
    ("tags", {}, [tag("a", "1")], [tag("A", "1")]),
    ("tags", {}, [tag("a", "1")], [tag("a", "1"), tag("b", "")]),
    ("tags", {}, [tag("a", "1")], [tag("a", "1"), tag("a", "2")]),
    ("tags", {}, [tag("a", "1", PropagateAtLaunch=True)], [tag("a", "1", PropagateAtLaunch=False)]),
    ("security-group-rules", {}, [rule()], [rule(CidrIp="0.0.0.0/0")]),
    ("security-group-rules", {}, [rule()], [rule(ToPort=444)]),
    ("security-group-rules", {}, [rule()], [rule(IpProtocol="udp")]),
    ("security-group-rules", {}, [rule()], [rule(IpProtocol="-1")]),
    ("security-group-rules", {}, [rule()], [rule(Description="why")]),
    ("security-group-rules", {}, [rule()], [rule(), rule(CidrIp=None, CidrIpv6="::/0")]),
    ("security-group-rules", {}, [rule(ToPort=444)], [rule(), rule(FromPort=444, ToPort=444)]),
    ("security-group-rules", {}, [rule(CidrIp="0.0.0.0/0")], [rule(CidrIp=None, CidrIpv6="::/0")]),
    (
        "security-group-rules",
        {},
        [rule(CidrIp=None, SourceSecurityGroupId="sg-1")],
        [rule(CidrIp=None, SourceSecurityGroupId="sg-1", SourceSecurityGroupOwnerId="210987654321")],
    ),
    (
        "security-group-rules",
        {},
        [rule(IpProtocol="icmp", FromPort=8, ToPort=-1)],
        [rule(IpProtocol="icmp", FromPort=-1, ToPort=-1)],
    ),
]

ADMITTED = [
    ("engine-version", "8.0", "8.0.45"),
    ("engine-version", "6.x", "6.2.6"),
    ("engine-version", "LATEST", "1.4.0"),
    ("latest", "$Latest", 7),
    ("latest", "LATEST", "1.4.0"),
    ("kms-key-ref", "alias/app", KEY),
    ("kms-key-ref", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/app", KEY_ARN),
    ("kms-key-ref", KEY, "alias/other"),
    ("dynamodb-ttl", {"AttributeName": "ttl", "Enabled": False}, {"Enabled": False}),
    ("ssm-tier", "Intelligent-Tiering", "Advanced"),
]

NOT_ADMITTED = [
    ("engine-version", "8.0", "8.4.1"),
    ("engine-version", "8.0", "8.01"),
    ("engine-version", "8.0.45", "8.0"),
    ("engine-version", "1.4.0", "LATEST"),
    ("latest", "1.4.0", "1.4.1"),
    ("latest", "LATEST", ""),
    ("latest", "LATEST", True),
    ("latest", "$Default", "3"),
    ("kms-key-ref", "alias/app", KEY.replace("1234abcd", "99999999")),
    ("kms-key-ref", "alias/unknown", KEY),
    ("kms-key-ref", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/app", KEY),
    ("kms-key-ref", "arn:aws:kms:eu-west-1:210987654321:alias/app", KEY),
    ("kms-key-ref", "alias/unknown", "alias/nobody"),
    ("dynamodb-ttl", {"AttributeName": "ttl", "Enabled": True}, {"Enabled": False}),
    ("ssm-tier", "Standard", "Advanced"),
    ("ssm-tier", "Advanced", "Intelligent-Tiering"),
]


@pytest.mark.parametrize(("name", "params", "one", "other"), SAME)
def test_means_the_same(name: str, params: dict[str, Any], one: Any, other: Any) -> None:
    canonical = KINDS[name].canonical
    assert canonical_text(canonical(one, HERE, **params)) == canonical_text(canonical(other, HERE, **params))


@pytest.mark.parametrize(("name", "params", "one", "other"), DIFFERENT)
def test_stays_different(name: str, params: dict[str, Any], one: Any, other: Any) -> None:
    canonical = KINDS[name].canonical
    assert canonical_text(canonical(one, HERE, **params)) != canonical_text(canonical(other, HERE, **params))


@pytest.mark.parametrize(("name", "declared", "live"), ADMITTED)
def test_admits(name: str, declared: Any, live: Any) -> None:
    admits = KINDS[name].admits
    assert admits is not None and admits(declared, live, HERE)


@pytest.mark.parametrize(("name", "declared", "live"), NOT_ADMITTED)
def test_does_not_admit(name: str, declared: Any, live: Any) -> None:
    admits = KINDS[name].admits
    assert admits is not None and not admits(declared, live, HERE)


def test_a_key_is_nobodys_where_account_and_region_are_not_known() -> None:
    assert KINDS["kms-key-ref"].canonical(KEY, Context()) == KEY


def test_tags_own_their_members() -> None:
    assert isinstance(KINDS["tags"].canonical([tag("a", "1")], HERE), Keyed)
    unknown = Unresolved("?")
    assert KINDS["tags"].canonical([tag("a", unknown)], HERE) == {"a": unknown}


def test_rules_of_an_unknown_peer_stay_a_list() -> None:
    rules = KINDS["security-group-rules"].canonical(
        [rule(CidrIp=Unresolved("?")), rule(IpProtocol="6")], HERE
    )
    assert isinstance(rules, list) and rules[1] == rule()


awkward = st.sampled_from(
    [
        "",
        "-1",
        "1",
        "tcp",
        "arn:",
        KEY,
        KEY_ARN,
        "alias/app",
        f"{LOG_GROUP}:*",
        "arn:a:b:c:d:/",
        "rate(60 minutes)",
        "cron( )",
    ]
    + [
        "\\052.a..",
        "\\0\\0652",
        "%7B%22Statement%22%3A%5B%5D%7D",
        '{"Statement": {"Sid": "A"}}',
        "LATEST",
        "aws:x",
        "*",
        "ON",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | awkward
    | st.just(Unresolved("?"))
)
names = (
    st.sampled_from(
        [
            "Key",
            "Value",
            "Statement",
            "Sid",
            "Effect",
            "Principal",
            "AWS",
            "CanonicalUser",
            "Action",
            "Condition",
        ]
    )
    | st.sampled_from(
        [
            "Resource",
            "Version",
            "IpProtocol",
            "FromPort",
            "ToPort",
            "CidrIp",
            "CidrIpv6",
            "SourceSecurityGroupId",
        ]
    )
    | st.text(max_size=3)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)
CROWDED = Context(
    provider="aws", scope=ACCOUNT, region="eu-west-1", data={"canonical_users": {"E1": "ON"}, **HERE.data}
)


@pytest.mark.parametrize("name", list(KINDS))
@given(value=anything)
@settings(max_examples=settings.default.max_examples * 3 // 2)
def test_takes_anything_and_is_idempotent(name: str, value: Any) -> None:
    before = repr(value)
    once = KINDS[name].canonical(value, CROWDED)
    assert repr(value) == before, "the input was changed"
    twice = KINDS[name].canonical(deepcopy(once), CROWDED)
    assert repr(twice) == repr(once)
    assert type(twice) is type(once)


@given(
    st.lists(st.dictionaries(names, anything, max_size=5), max_size=3)
    | st.fixed_dictionaries({"Statement": st.lists(st.dictionaries(names, anything, max_size=6), max_size=3)})
)
def test_collections_take_any_member(value: Any) -> None:
    for name in ("iam-policy", "security-group-rules", "tags"):
        once = KINDS[name].canonical(value, CROWDED)
        assert repr(KINDS[name].canonical(deepcopy(once), CROWDED)) == repr(once)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.admits])
@given(one=anything, other=anything)
def test_admits_answers_anything(name: str, one: Any, other: Any) -> None:
    admits = KINDS[name].admits
    assert admits is not None and admits(one, other, CROWDED) in (True, False)


peers = st.sampled_from(
    [
        {"CidrIp": "10.0.0.0/8"},
        {"CidrIp": "0.0.0.0/0"},
        {"CidrIpv6": "::/0"},
        {"SourceSecurityGroupId": "sg-1"},
    ]
)
rules = st.lists(
    st.builds(
        lambda protocol, ports, peer: (
            {"IpProtocol": protocol, "FromPort": min(ports), "ToPort": max(ports)} | peer
        ),
        st.sampled_from(["tcp", "udp", "-1"]),
        st.tuples(st.integers(1, 3), st.integers(1, 3)),
        peers,
    ),
    max_size=4,
)


def opened(given_rules: list[dict[str, Any]]) -> set[Any]:
    """What rules mean, written without the code under test."""
    return {
        (
            one["IpProtocol"],
            *((0, 0) if one["IpProtocol"] == "-1" else (one["FromPort"], one["ToPort"])),
            *list(one.items())[3],
        )
        for one in given_rules
    }


@given(rules, rules)
def test_rules_are_the_same_exactly_where_they_open_the_same(one: list[Any], other: list[Any]) -> None:
    canonical = KINDS["security-group-rules"].canonical
    same = canonical_text(canonical(one, HERE)) == canonical_text(canonical(other, HERE))
    assert same == (opened(one) == opened(other))


def test_a_large_security_group_takes_no_time() -> None:
    def canonical(size: int) -> Callable[[], Any]:
        many = [
            rule(FromPort=port, ToPort=port, CidrIp=Watched(f"10.0.{port % 250}.0/24"))
            for port in range(size)
        ]
        return lambda: KINDS["security-group-rules"].canonical(many, HERE)

    found = canonical(500)()
    assert isinstance(found, Unordered) and len(found) == 500
    assert growth(canonical, 500) < 2.5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Target.Example.COM", "target.example.com.", True),
        ("10 mail.example.com", "10 Mail.example.com.", True),
        ("1 10 5269 xmpp.example.com", "1  10 5269 xmpp.example.com.", True),
        ("2001:db8:0:0::1", "2001:DB8::1", True),
        ('"v=spf1 -all"', '"v=SPF1 -all"', False),
        ("10 mail.example.com", "20 mail.example.com", False),
        ("192.0.2.1", "192.0.2.10", False),
        ("a.example.com", "b.example.com", False),
        ('0 issue "ca.example"', '0 issue "Ca.example."', False),
    ],
)
def test_values_of_dns_records(one: str, other: str, same: bool) -> None:
    canonical = GENERAL_KINDS["dns-record"].canonical
    assert (canonical(one, Context()) == canonical(other, Context())) is same
