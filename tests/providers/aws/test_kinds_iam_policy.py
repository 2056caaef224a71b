"""Policy documents: one meaning, one form; two meanings, two forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.kinds.base import Context, Keyed, Unordered
from drift.kinds.text import canonical_text
from drift.model import Unresolved
from providers.aws.kinds import KINDS
from providers.aws.kinds.iam_policy import ANONYMOUS
from tests.effort import Watched, growth

ACCOUNT = "123456789012"
HERE = Context(provider="aws", scope=ACCOUNT, region="eu-west-1", type="AWS::IAM::Role")
KIND = KINDS["iam-policy"]
OAI = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"


def policy(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def statement(**more: Any) -> dict[str, Any]:
    found = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    } | more
    return {name: member for name, member in found.items() if member is not None}


def text(value: Any, context: Context = HERE) -> str | None:
    return canonical_text(KIND.canonical(value, context))


def same(one: Any, other: Any, context: Context = HERE) -> bool:
    return text(one, context) == text(other, context)


BASE = policy(statement())

SAME: list[tuple[str, Any, Any]] = [
    ("JSON text", BASE, json.dumps(BASE, indent=2)),
    ("URL-encoded", BASE, quote(json.dumps(BASE))),
    ("a list of one", BASE, [BASE]),
    ("one statement without its list", BASE, policy() | {"Statement": statement()}),
    ("a list of one action", BASE, policy(statement(Action=["s3:GetObject"]))),
    ("the letter case of actions", BASE, policy(statement(Action="S3:getobject"))),
    ("statements twice", BASE, policy(statement(), statement())),
    ("assigned Sids", BASE, policy(statement(Sid="1"))),
    ("empty Sids", BASE, policy(statement(Sid=""))),
    ("an empty condition", BASE, policy(statement(Condition={}))),
    ("everyone", BASE, policy(statement(Principal={"AWS": "*"}))),
    ("an unquoted date", BASE, BASE | {"Version": date(2012, 10, 17)}),
    (
        "the order of everything",
        policy(statement(Sid="A", Action=["s3:a", "s3:b"]), statement(Sid="B", Resource=["x", "y"])),
        policy(statement(Sid="B", Resource=["y", "x", "y"]), statement(Sid="A", Action=["s3:b", "s3:a"])),
    ),
    (
        "an account",
        policy(statement(Principal={"AWS": ACCOUNT})),
        policy(statement(Principal={"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]})),
    ),
    (
        "an unquoted account",
        policy(statement(NotPrincipal={"AWS": [int(ACCOUNT)]}, Principal=None)),
        policy(statement(NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Principal=None)),
    ),
    (
        "condition spelling",
        policy(
            statement(
                Condition={"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"s3:max-keys": 10}}
            )
        ),
        policy(
            statement(
                Condition={
                    "numericlessthan": {"S3:Max-Keys": ["10"]},
                    "bool": {"aws:securetransport": "True"},
                }
            )
        ),
    ),
    (
        "an address and its network",
        policy(statement(Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.1", "2001:DB8::/32"]}})),
        policy(statement(Condition={"IpAddress": {"aws:SourceIp": ["2001:db8:0::/32", "10.0.0.1/32"]}})),
    ),
]

DIFFERENT: list[tuple[str, Any, Any]] = [
    ("the version", BASE, BASE | {"Version": "2008-10-17"}),
    ("no version", BASE, {"Statement": BASE["Statement"]}),
    ("the effect", BASE, policy(statement(Effect="Deny"))),
    ("another statement", BASE, policy(statement(), statement(Action="s3:*"))),
    ("no statement", BASE, policy()),
    ("the letter case of resources", BASE, policy(statement(Resource="arn:aws:s3:::B/*"))),
    ("what it is not", BASE, policy(statement(NotResource="arn:aws:s3:::b/*", Resource=None))),
    ("a condition less", policy(statement(Condition={"Bool": {"aws:SecureTransport": "true"}})), BASE),
    ("a Sid on one side", BASE, policy(statement(Sid="Mine"))),
    ("the same Sid for more", policy(statement(Sid="A")), policy(statement(Sid="A", Action="s3:*"))),
    (
        "the same Sid twice",
        policy(statement(Sid="A")),
        policy(statement(Sid="A"), statement(Sid="A", Action="s3:*")),
    ),
    (
        "who is denied",
        policy(statement(Effect="Deny")),
        policy(statement(Effect="Deny", Principal={"AWS": "*"})),
    ),
    (
        "who is not meant",
        policy(statement(NotPrincipal="*", Principal=None)),
        policy(statement(NotPrincipal={"AWS": "*"}, Principal=None)),
    ),
    (
        "another account",
        policy(statement(Principal={"AWS": ACCOUNT})),
        policy(statement(Principal={"AWS": "arn:aws:iam::210987654321:root"})),
    ),
    (
        "another partition",
        policy(statement(Principal={"AWS": ACCOUNT})),
        policy(statement(Principal={"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"})),
    ),
    (
        "everybody and everybody of a service",
        policy(statement(Principal={"AWS": "*"})),
        policy(statement(Principal={"Service": "*"})),
    ),
    (
        "somebody who was deleted",
        policy(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/r"})),
        policy(statement(Principal={"AWS": "AROAEXAMPLEID"})),
    ),
    (
        "the operator of a condition",
        policy(statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        policy(statement(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})),
    ),
    (
        "one more value of a condition",
        policy(statement(Condition={"StringEquals": {"aws:SourceAccount": [ACCOUNT]}})),
        policy(statement(Condition={"StringEquals": {"aws:SourceAccount": [ACCOUNT, "210987654321"]}})),
    ),
    (
        "the letter case of a condition's value",
        policy(statement(Condition={"StringEquals": {"aws:username": "Ann"}})),
        policy(statement(Condition={"StringEquals": {"aws:username": "ann"}})),
    ),
    (
        "two tests that must both hold and one that either does",
        policy(statement(Condition={"StringLike": {"aws:arn": "a*"}, "stringlike": {"aws:arn": "*b"}})),
        policy(statement(Condition={"StringLike": {"aws:arn": ["a*", "*b"]}})),
    ),
    ("a name that occurs twice", '{"Statement": [], "Statement": [{}]}', {"Statement": [{}]}),
]


@pytest.mark.parametrize(("one", "other"), [pair[1:] for pair in SAME], ids=[pair[0] for pair in SAME])
def test_means_the_same(one: Any, other: Any) -> None:
    assert text(one) is not None and same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [pair[1:] for pair in DIFFERENT], ids=[pair[0] for pair in DIFFERENT]
)
def test_stays_different(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert KIND.admits is not None
    assert not KIND.admits(one, other, HERE, fold_log_delivery=True)


def test_shape_can_be_read() -> None:
    found = KIND.canonical(
        policy(statement(Sid="Read", Action=["s3:Get*"]), statement(Sid="7", Effect="Deny")), HERE
    )
    assert found["Version"] == "2012-10-17"
    assert isinstance(found["Statement"], Keyed)
    assert list(found["Statement"]) == ["Read", ANONYMOUS]
    read = found["Statement"]["Read"]
    assert read["Sid"] == "Read" and list(read["Action"].values()) == ["s3:get*"]
    assert isinstance(read["Condition"], Keyed) and isinstance(read["Principal"], Keyed)
    (denied,) = found["Statement"][ANONYMOUS].values()
    assert isinstance(found["Statement"][ANONYMOUS], Unordered) and "Sid" not in denied


def test_an_added_statement_moves_no_other() -> None:
    before = KIND.canonical(policy(statement(Sid="A"), statement(Effect="Deny")), HERE)["Statement"]
    after = KIND.canonical(
        policy(statement(Action="s3:*"), statement(Effect="Deny"), statement(Sid="A")), HERE
    )["Statement"]
    assert after["A"] == before["A"]
    assert set(before[ANONYMOUS]) < set(after[ANONYMOUS])


def test_a_sid_that_looks_like_the_place_of_those_without_one() -> None:
    found = KIND.canonical(policy(statement(Sid=ANONYMOUS), statement()), HERE)["Statement"]
    assert list(found) == [ANONYMOUS] and len(found[ANONYMOUS]) == 2


def test_partition_follows_the_region() -> None:
    china = Context(provider="aws", scope=ACCOUNT, region="cn-north-1")
    assert same(
        policy(statement(Principal={"AWS": ACCOUNT})),
        policy(statement(Principal={"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"})),
        china,
    )


def test_origin_access_identity_is_its_canonical_user_only_when_that_is_known() -> None:
    by_arn = policy(statement(Principal={"AWS": [OAI, ACCOUNT]}))
    by_user = policy(statement(Principal={"AWS": ACCOUNT, "CanonicalUser": "79a5"}))
    assert not same(by_arn, by_user)
    for name in ("E1EXAMPLE", OAI):
        assert same(by_arn, by_user, Context(scope=ACCOUNT, data={"canonical_users": {name: "79a5"}}))
    assert not same(by_arn, by_user, Context(scope=ACCOUNT, data={"canonical_users": {"E1EXAMPLE": "other"}}))
    assert not same(by_arn, by_user, Context(scope=ACCOUNT, data={"canonical_users": {"E2": "79a5"}}))


def test_what_is_not_known_stays_where_it_is() -> None:
    unknown = Unresolved("known after apply")
    found = KIND.canonical(policy(statement(Sid="A", Resource=unknown), statement(Resource=unknown)), HERE)
    assert found["Statement"]["A"]["Resource"] is unknown
    assert found["Statement"][ANONYMOUS][0]["Resource"] is unknown


def test_version_is_admitted_by_what_its_absence_means() -> None:
    assert KIND.admits is not None
    silent = {"Statement": [statement()]}
    assert KIND.admits(silent, silent | {"Version": "2008-10-17"}, HERE)
    assert not KIND.admits(silent, silent | {"Version": "2012-10-17"}, HERE)
    assert not KIND.admits({}, {"Version": "2008-10-17"}, HERE)


def log_delivery(**more: Any) -> dict[str, Any]:
    return statement(
        **{
            "Sid": "AWSLogDeliveryWrite",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::b/AWSLogs/{ACCOUNT}/*",
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": ACCOUNT}
            },
        }
        | more
    )


def test_log_delivery_is_admitted_on_request() -> None:
    assert KIND.admits is not None
    assert not KIND.admits(BASE, policy(statement(), log_delivery()), HERE)
    assert KIND.admits(BASE, policy(statement(), log_delivery()), HERE, fold_log_delivery=True)
    declared = policy(statement(), log_delivery())
    assert not KIND.admits(declared, BASE, HERE, fold_log_delivery=True), (
        "a declared one that is gone is drift"
    )


@pytest.mark.parametrize(
    "rogue",
    [
        {"Action": "s3:*"},
        {"Action": ["s3:PutObject", "s3:GetObject"]},
        {"NotAction": "s3:PutObject"},
        {"Principal": {"Service": "delivery.logs.amazonaws.com", "AWS": "*"}},
        {"Principal": {"Service": ["delivery.logs.amazonaws.com", "ec2.amazonaws.com"]}},
        {"Principal": "*"},
        {"Effect": "Deny"},
        {"Resource": "*"},
        {"Resource": "arn:aws:s3:::b/*"},
        {"Condition": None},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Condition": {"StringLike": {"aws:SourceAccount": ACCOUNT}}},
        {"Sid": "AWSLogDeliveryWrite2"},
    ],
)
def test_what_only_looks_like_log_delivery_is_not_admitted(rogue: dict[str, Any]) -> None:
    assert KIND.admits is not None
    assert not KIND.admits(BASE, policy(statement(), log_delivery(**rogue)), HERE, fold_log_delivery=True)
    both = policy(statement(), log_delivery(), log_delivery(**rogue))
    assert not KIND.admits(BASE, both, HERE, fold_log_delivery=True)


members = st.lists(st.sampled_from(["s3:Get", "s3:Put", "ec2:*", "*"]), min_size=1, max_size=3)
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": members, "Resource": members},
    optional={
        "Sid": st.sampled_from(["A", "B", "A#2", "C"]),
        "Condition": st.dictionaries(
            st.sampled_from(["StringEquals", "Bool"]),
            st.dictionaries(st.sampled_from(["k", "l"]), members, min_size=1),
            min_size=1,
        ),
    },
)


def meaning(given: dict[str, Any]) -> Any:
    """A statement as its definition reads, written without the code under test."""
    tests = frozenset(
        (operator, key, frozenset(values))
        for operator, by_key in given.get("Condition", {}).items()
        for key, values in by_key.items()
    )
    actions = frozenset(action.lower() for action in given["Action"])
    return given.get("Sid"), given["Effect"], actions, frozenset(given["Resource"]), tests


@given(st.lists(statements, max_size=4), st.lists(statements, max_size=4))
def test_the_same_exactly_where_the_meaning_is(one: list[Any], other: list[Any]) -> None:
    assert same(policy(*one), policy(*other)) == ({meaning(s) for s in one} == {meaning(s) for s in other})


@given(st.lists(statements, max_size=5), st.randoms())
def test_order_does_not_count(given_statements: list[Any], random: Any) -> None:
    shuffled = deepcopy(given_statements)
    random.shuffle(shuffled)
    for one in shuffled:
        random.shuffle(one["Action"])
        random.shuffle(one["Resource"])
    assert same(policy(*shuffled), policy(*given_statements))


@given(st.lists(statements, max_size=5))
def test_is_idempotent(given_statements: list[Any]) -> None:
    once = KIND.canonical(policy(*given_statements), HERE)
    assert repr(KIND.canonical(deepcopy(once), HERE)) == repr(once)


def test_a_large_policy_takes_no_time() -> None:
    def canonical(size: int) -> Callable[[], Any]:
        many = [
            statement(
                Sid=f"S{n}" if n % 2 else None,
                Action=[Watched(f"s3:a{i}") for i in range(10)],
                Resource=Watched(n),
            )
            for n in range(size)
        ]
        return lambda: KIND.canonical(policy(*many), HERE)

    found = canonical(200)()
    assert len(found["Statement"]) == 101
    assert growth(canonical, 200) < 2.5
