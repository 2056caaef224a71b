"""What the raw JSON tells to be alike has equal canonical forms, and the shortcut changes no verdict."""

from __future__ import annotations

import random
from typing import Any
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from drift.compare.alike import alike
from drift.compare.canonical import canonicalise
from drift.compare.folds import Counted, count_folds
from drift.compare.unlike import unlike
from drift.compare.verdict import compare
from drift.facts import TypeFacts
from drift.kinds.base import Context
from drift.kinds.registry import KINDS
from drift.model import Resource, Unresolved
from drift.redaction.redact import Redactor
from drift.values import same
from providers.aws.kinds import KINDS as AWS
from providers.kubernetes.kinds import KINDS as KUBERNETES

REDACTOR = Redactor("a key for tests")
CONTEXT = Context("test", "123456789012", "r", "Test::Thing")
FACTS = TypeFacts("Test::Thing")
FACTS.paths(
    {
        "Set": {"kind": "set"},
        "Set/*/Deep": {"kind": "set"},
        "List/*/Set": {"kind": "set"},
        "Keyed": {"kind": {"kind": "keyed-list", "key": "Key"}},
        "Tags": {"kind": "tags"},
        "Rules": {"kind": "security-group-rules"},
        "Policy": {"kind": "iam-policy"},
        "Policies": {"kind": {"kind": "keyed-list", "key": "Name"}},
        "Policies/*/Policy": {"kind": "iam-policy"},
        "Text": {"kind": "json"},
        "Arn": {"read_only": True},
        "List/*/Arn": {"read_only": True},
        "Number": {"kind": "integer", "default": 3},
        "Map": {"kind": "map"},
        "Chosen": {"assigned": True},
        "There": {"kind": "present"},
        "Egress": {"kind": "security-group-egress"},
        "Either/Allow/Any": {"kind": "set"},
        "Hidden": {"write_only": True},
        "Ignored": {"kind": "set", "undeclared": "ignore"},
        "Nested/Number": {"defaults": [3, 4]},
        "Nested/Text": {"kind": "json", "default": "a"},
        "Nested/Chosen": {"assigned": True},
        "Nested/Arn": {"read_only": True},
        "Named": {
            "kind": {"kind": "list-map", "keys": ["Name", "Protocol"], "defaults": {"Protocol": "TCP"}}
        },
        "Named/*/Set": {"kind": "set"},
        "Pod": {"kind": "pod-spec"},
        "Port": {"kind": "service-port"},
    },
    {**KINDS, **AWS, **KUBERNETES},
    "test",
)

#: What was found of small parts of other examples.
COUNTED: Counted = {}
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 1.5, "", "a", "b", "1", "*", "true", "é"])
NAMES = st.sampled_from(["Key", "Value", "Arn", "Set", "Deep", "Name", "Other", "$secret"])
ANY = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES, below, max_size=4),
    max_leaves=8,
)
ITEM = SCALARS | st.dictionaries(NAMES, ANY, max_size=3)
TAG = st.fixed_dictionaries({"Key": st.sampled_from("abc"), "Value": SCALARS}) | ITEM
RULE = (
    st.fixed_dictionaries(
        {"IpProtocol": st.sampled_from(["tcp", "6", 6, "-1"])},
        optional={
            "FromPort": st.sampled_from([22, "22", 80]),
            "CidrIp": st.sampled_from(["10.0.0.0/8", "10.0.0.1/8", ["10.0.0.0/8", "::/0"]]),
            "Description": SCALARS,
        },
    )
    | ITEM
)
ONE_OR_MORE = st.lists(SCALARS, max_size=4) | SCALARS
STATEMENT = (
    st.fixed_dictionaries(
        {"Effect": st.sampled_from(["Allow", "Deny"])},
        optional={
            "Sid": st.sampled_from(["a", "b", "", "1"]),
            "Action": st.lists(st.sampled_from(["s3:Get", "S3:get", "s3:Put"]), max_size=3) | SCALARS,
            "Resource": ONE_OR_MORE,
            "Principal": st.dictionaries(st.sampled_from(["AWS", "Service"]), ONE_OR_MORE) | SCALARS,
            "Condition": st.dictionaries(
                st.sampled_from(["Bool", "bool", "IpAddress"]),
                st.dictionaries(st.sampled_from(["a", "A"]), ONE_OR_MORE) | SCALARS,
            )
            | SCALARS,
            "Strange": ANY,
        },
    )
    | ITEM
)
POLICY = st.fixed_dictionaries(
    {"Statement": st.lists(STATEMENT, max_size=3) | STATEMENT}, optional={"Version": SCALARS}
)
NAMED = (
    st.fixed_dictionaries(
        {}, optional={"Name": SCALARS, "Protocol": st.sampled_from(["TCP", "UDP", None]), "Set": ANY}
    )
    | ITEM
)
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "Set": st.lists(ITEM, max_size=4) | ANY,
        "List": st.lists(ITEM, max_size=4),
        "Keyed": st.lists(TAG, max_size=4) | ANY,
        "Tags": st.lists(TAG, max_size=4) | st.dictionaries(st.sampled_from("abc"), SCALARS),
        "Rules": st.lists(RULE, max_size=4),
        "Policy": POLICY | ANY,
        "Policies": st.lists(
            st.fixed_dictionaries({"Name": st.sampled_from("ab"), "Policy": POLICY}), max_size=3
        ),
        "Text": ANY | st.sampled_from(['{"a": [1, 2]}', '{"a": [2, 1]}']),
        "Arn": ANY,
        "Number": SCALARS,
        "Map": ANY,
        "Other": ANY,
        "Chosen": ANY,
        "There": ANY,
        "Egress": st.lists(RULE, max_size=2),
        "Either": st.dictionaries(st.sampled_from(["Allow", "Deny", "Other"]), ANY, max_size=2),
        "Hidden": ANY,
        "Ignored": ANY,
        "Nested": st.dictionaries(
            st.sampled_from(["Number", "Text", "Chosen", "Arn", "Other"]), SCALARS | ANY
        ),
        "Named": st.lists(NAMED, max_size=3) | ANY,
        "Pod": st.dictionaries(st.sampled_from(["serviceAccount", "serviceAccountName"]), SCALARS),
        "Port": st.dictionaries(st.sampled_from(["port", "targetPort"]), SCALARS),
    },
)


def shuffled(value: Any, chance: random.Random) -> Any:
    """The value with every list in another order, and now and then something in it changed."""
    if isinstance(value, list):
        members = [shuffled(member, chance) for member in value]
        chance.shuffle(members)
        return members
    if isinstance(value, dict):
        items = [(key, shuffled(item, chance)) for key, item in value.items()]
        chance.shuffle(items)
        return dict(items)
    return chance.choice([None, True, 1, "a"]) if chance.random() < 0.02 else value


def paired(seed: int, attributes: dict[str, Any]) -> dict[str, Any]:
    return shuffled(attributes, random.Random(seed))  # type: ignore[no-any-return]


@given(ATTRIBUTES, st.integers(0, 1000))
def test_what_is_alike_has_equal_canonical_forms(one: dict[str, Any], seed: int) -> None:
    other = paired(seed, one)
    canonical = [canonicalise(side, FACTS.root, CONTEXT) for side in (one, other)]
    if alike(one, other, FACTS.root):
        assert same(*canonical)
    for key in one:
        below = FACTS.root.child(key)
        if not below.read_only and alike(one[key], other[key], below):
            assert same(canonical[0].get(key), canonical[1].get(key))


#: Two members have one name, and what is empty in them tells which comes first.
TWINS = {
    "Policies": [
        {"Name": "b", "Policy": {"Statement": []}},
        {"Name": "b", "Policy": {"Statement": None}},
        {"Name": "a", "Policy": {"Statement": []}},
    ],
}


@example(one=TWINS, more={}, seed=10)
@given(ATTRIBUTES, ATTRIBUTES, st.integers(0, 1000))
def test_the_shortcut_changes_no_verdict(one: dict[str, Any], more: dict[str, Any], seed: int) -> None:
    other = {**paired(seed, one), **(more if seed % 3 == 0 else {})}

    def verdict() -> Any:
        sides = [Resource("test", "s", "Test::Thing", "id", dict(side), "r") for side in (one, other)]
        found = compare(*[REDACTOR.resource(side, FACTS.root) for side in sides], FACTS, CONTEXT, REDACTOR)
        return found.changes, found.unverifiable, sorted(found.folds, key=repr)  # these have no order

    quick = verdict()
    with patch("drift.compare.verdict.unlike", lambda declared, live, *_: (declared, live)):
        assert repr(verdict()) == repr(quick)


@given(ATTRIBUTES, ATTRIBUTES, st.integers(0, 1000), st.integers(0, 3))
def test_what_folds_without_canonical_forms_folds_with_them(
    one: dict[str, Any], more: dict[str, Any], seed: int, kept: int
) -> None:
    chance = random.Random(seed)
    other = {**more, **paired(seed, one)}
    other = {key: item for key, item in other.items() if chance.randrange(4)}
    declared = {key: item for key, item in one.items() if chance.randrange(3) or not kept}
    declared.update({"Nested": {}} if kept == 1 and isinstance(other.get("Nested"), dict) else {})

    def accept(path: str, value: Any) -> str | None:
        return "accepted" if path.endswith(("Other", "Number")) and value in (1, "a") else None

    folds = count_folds(declared, other, FACTS.root, CONTEXT, accept)
    assert count_folds(declared, other, FACTS.root, CONTEXT, accept, counted=COUNTED) == folds
    if folds is not None:
        sides = [Resource("test", "s", "Test::Thing", "id", side, "r") for side in (declared, other)]
        with patch("drift.compare.verdict.unlike", lambda declared, live, *_: (declared, live)):
            found = compare(*sides, FACTS, CONTEXT, REDACTOR, accept=accept)
        assert (found.changes, found.unverifiable, len(found.folds)) == ((), (), folds)


def test_what_nobody_declares_folds_by_default_by_choice_and_when_empty() -> None:
    live = {
        "Number": 3,
        "Chosen": "x",
        "Ignored": [1],
        "Set": [],
        "Arn": "read only",
        "Nested": {"Number": 4, "Other": 1},
    }
    for absent in ({"Set": []}, {"Other": False}, {"Number": 3}, {"Nested": {}}, {"Chosen": ""}):
        assert count_folds(absent, {}, FACTS.root, CONTEXT) == 1, absent
    either = {"Either": {"Allow": {}}}, {"Either": {"Deny": {}}}
    assert count_folds(*either, FACTS.root, CONTEXT) is None, "they hold another one"
    assert count_folds({}, {"There": {}}, FACTS.root, CONTEXT) is None, "to be there counts"
    assert count_folds({"Egress": []}, {}, FACTS.root, CONTEXT) is None, "to be there counts"
    for said in (
        {"Number": False},
        {"Number": 4},
        {"Other": True},
        {"Hidden": ""},
        {"Text": {}},
        {"Other": Unresolved("x")},
    ):
        assert count_folds(said, {}, FACTS.root, CONTEXT) is None, said
    accepted = {"/Nested/Other"}
    counted: Counted = {}
    declared: dict[str, Any] = {"Nested": {}}

    def accept(path: str, _value: Any) -> str | None:
        return "accepted" if path in accepted else None

    assert count_folds(declared, live, FACTS.root, CONTEXT, accept) == 6
    assert count_folds(declared, live, FACTS.root, CONTEXT, accept, counted=counted) == 6
    assert count_folds(declared, live, FACTS.root, CONTEXT, counted=counted) is None, "it was accepted once"
    assert count_folds(declared, {**live, "Number": 5}, FACTS.root, CONTEXT, accept) is None
    assert count_folds({**declared, "Number": 4}, live, FACTS.root, CONTEXT, accept) is None
    assert count_folds({}, {"Map": {}}, FACTS.root, CONTEXT) == 1
    assert count_folds({"Map": {}}, {"Map": {"a": ""}}, FACTS.root, CONTEXT) is None, "a map owns its members"
    assert count_folds({}, {"Text": ""}, FACTS.root, CONTEXT) == 1
    assert count_folds({}, {"Text": "{}"}, FACTS.root, CONTEXT) == 1, "its kind sees an empty object in it"
    assert count_folds({}, {"Text": '{"a": 1}'}, FACTS.root, CONTEXT) is None


def test_what_has_no_order_is_alike_in_any() -> None:
    statements = [
        {"Sid": "a", "Action": ["s3:Get", "s3:Put"], "Principal": {"AWS": ["1", "2"]}},
        {"Sid": "b", "Condition": {"Bool": {"k": ["x", "y"]}}},
    ]
    other = [
        {"Sid": "b", "Condition": {"Bool": {"k": ["y", "x"]}}},
        {"Principal": {"AWS": ["2", "1"]}, "Action": ["s3:Put", "s3:Get"], "Sid": "a"},
    ]
    one = {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}], "Arn": "x", "Other": None}
    same_tags = {"Tags": one["Tags"][::-1]}  # type: ignore[index]
    assert alike(
        {**one, "Policies": [{"Policy": {"Statement": statements}}]},
        {**same_tags, "Policies": [{"Policy": {"Statement": other}}]},
        FACTS.root,
    )


def test_what_counts_is_not_alike() -> None:
    for path, one, other in (
        ("Other", [1, 2], [2, 1]),
        ("Other", 1, True),
        ("Other", 1, 1.0),
        ("Tags", [{"Key": "a", "Value": "1"}], [{"Key": "a", "Value": "2"}]),
        ("Policy", {"Statement": [{"Strange": [1, 2]}]}, {"Statement": [{"Strange": [2, 1]}]}),
        ("Text", {"a": [1, 2]}, {"a": [2, 1]}),
        ("Other", Unresolved("x"), Unresolved("x")),
        ("Arn", {"$secret": {"key": "k", "hmac": "1"}}, {"$secret": {"key": "k", "hmac": "2"}}),
    ):
        assert not alike(one, other, FACTS.root.child(path)), path


def test_only_the_members_that_are_alike_are_left_out() -> None:
    one = {"Set": [1, 2], "Other": {"a": 1}, "Number": "3", "List": Unresolved("x")}
    other = {"Set": [2, 1], "Other": {"a": 2}, "Number": "3", "Keyed": 1}
    assert unlike(one, other, FACTS.root, CONTEXT) == (
        {"Other": {"a": 1}, "List": Unresolved("x")},
        {"Other": {"a": 2}, "Keyed": 1},
    )


def test_secrets_are_left_whole() -> None:
    one, other = ({"$secret": {"key": "k", "hmac": hmac}} for hmac in "ab")
    assert unlike(one, other, FACTS.root, CONTEXT) == (one, other)
    assert unlike(one, one, FACTS.root, CONTEXT) == ({}, {})
