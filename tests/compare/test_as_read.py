"""What a change says of both sides is what stands there, letter by letter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drift import plugins
from drift.compare import side
from drift.compare.as_read import as_read
from drift.compare.pair import Comparer, context_of
from drift.facts import TypeFacts
from drift.kinds.base import Context
from drift.live.estate import Estate
from drift.model import MISSING, Resource
from drift.redaction import Redactor
from providers.aws import AwsProvider
from providers.azure import AzureProvider
from tests.bench.records import records
from tests.comparing import facts, judge, resource

KEYED = {"kind": "keyed-list", "key": "name"}


def test_names_told_without_a_canonical_form_are_those_of_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    estate = Estate(plugins.providers())
    pairs = [[listed(one) for one in records(140, changed, "edits")] for changed in (False, True)]
    found = Comparer(estate, Redactor("k")).compare(zip(*pairs, strict=True)).changed

    def all_told() -> list[Any]:
        sides = ((one, estate.providers[one.live.provider]) for one in found)
        return [
            as_read(
                one.verdict.changes,
                one.declared,
                one.live,
                provider.facts(one.live.type).root,
                context_of(one.live, estate),
            )
            for one, provider in sides
        ]

    named, as_named = list[Any](), side.as_named
    monkeypatch.setattr(side, "as_named", lambda *given: named.append(as_named(*given)) or named[-1])
    quick = all_told()
    assert any(named)
    monkeypatch.setattr(side, "as_named", lambda *_: None)
    assert all_told() == quick


def listed(record: dict[str, Any]) -> Resource:
    place = (record["provider"], record["scope"], record["type"], record["id"])
    return Resource(*place, record["attributes"], record.get("region"))


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def told(want: Any, have: Any, known: TypeFacts) -> dict[str, tuple[Any, Any]]:
    """Path → both sides of each change as they are told; "-" where one is absent."""
    changes = judge(want, have, known).changes
    context = Context("test", "s", "r", "Test::Thing")
    found = as_read(changes, resource(want), resource(have), known.root, context)
    sides = {one.path: (one.raw or (one.declared, one.live)) for one in found}
    return {path: tuple("-" if side is MISSING else side for side in both) for path, both in sides.items()}


def of(provider: Any, type_: str) -> TypeFacts:
    found: TypeFacts | None = provider.facts(type_)
    assert found is not None
    return found


POLICY = of(AwsProvider(), "AWS::IAM::ManagedPolicy")
READ = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "arn:aws:x"}
ALL = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}


@pytest.mark.parametrize("packed", [lambda one: one, json.dumps])
def test_a_policys_statements_are_told_as_they_are_written(packed: Any) -> None:
    want, have = {"PolicyDocument": packed(policy(READ))}, {"PolicyDocument": policy(ALL)}
    assert told(want, have, POLICY) == {"/PolicyDocument/Statement/(no Sid)": ([READ], [ALL])}


def test_what_differs_in_a_named_statement_is_told_alone() -> None:
    want = {"PolicyDocument": policy({"Sid": "Read", **READ}, {"Sid": "B", **ALL})}
    more = {**READ, "Action": ["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query"]}
    have = {"PolicyDocument": policy({"Sid": "B", **ALL}, {"Sid": "Read", **more})}
    path = "/PolicyDocument/Statement/Read/Action"
    assert told(want, have, POLICY) == {path: ("-", ["dynamodb:Scan"])}


def test_a_whole_policy_is_told_without_what_its_form_adds() -> None:
    have = {"PolicyDocument": policy(READ, {"Sid": "B", **ALL})}
    assert told({}, have, POLICY) == {"/PolicyDocument": ("-", have["PolicyDocument"])}


def test_a_member_of_a_keyed_list_by_its_key() -> None:
    known = facts(L={"kind": KEYED}, L__ANY__level={"kind": "case-insensitive"})
    want = {"L": [{"name": "a", "level": "Info"}, {"name": "b", "level": "Warn"}]}
    have = {"L": [{"name": "b", "level": "ERROR"}, {"name": "a", "level": "INFO"}]}
    assert told(want, have, known) == {"/L/b/level": ("Warn", "ERROR")}


def test_a_tag_by_its_value() -> None:
    known = of(AwsProvider(), "AWS::SQS::Queue")
    want = {"Tags": [{"Key": "Owner", "Value": "Me"}, {"Key": "n", "Value": 1}]}
    have = {"Tags": [{"Key": "n", "Value": 2}, {"Key": "Owner", "Value": "Me"}]}
    assert told(want, have, known) == {"/Tags/n": (1, 2)}


def test_members_of_a_set_in_their_own_spelling() -> None:
    known = facts(S={"kind": "set"}, S__ANY={"kind": "case-insensitive"})
    assert told({"S": ["Aa", "Bb"]}, {"S": ["BB", "Cc"]}, known) == {"/S": (["Aa"], ["Cc"])}


def test_of_a_rule_of_several_peers_only_the_one_that_is_gone() -> None:
    known = of(AwsProvider(), "AWS::EC2::SecurityGroup")
    rule = {"IpProtocol": "TCP", "FromPort": 22, "ToPort": 22}
    want = {"SecurityGroupIngress": [{**rule, "CidrIp": ["10.0.0.1/32", "10.0.0.2/32"]}]}
    have = {"SecurityGroupIngress": [{**rule, "CidrIp": "10.0.0.1/32"}]}
    gone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.2/32"}
    assert told(want, have, known) == {"/SecurityGroupIngress": ([gone], "-")}
    assert told({"SecurityGroupIngress": []}, want, known) == {
        "/SecurityGroupIngress": ("-", want["SecurityGroupIngress"])
    }


def test_no_hash_of_a_secret_is_told() -> None:
    known = facts(M={"kind": "map"})
    hidden = {"$secret": {"key": "k", "hmac": "f"}}
    rule = {"a": {"Renamed": "X", "Password": hidden}}
    changes = judge({"M": {}}, {"M": {"a": {"renamed": "x"}}}, known).changes
    context = Context("test", "s", "r", "Test::Thing")
    (told_one,) = as_read(changes, resource({"M": {}}), resource({"M": rule}), known.root, context)
    assert "$secret" not in repr(told_one)


def test_members_that_moved_by_their_own_place() -> None:
    known = facts(L__ANY={"kind": "case-insensitive"})
    assert told({"L": ["A", "B", "C"]}, {"L": ["a", "C"]}, known) == {"/L/1": ("B", "-")}
    want, have = ["A", "B", "C", "D"], ["B", "C", "D", "E"]
    assert told({"L": want}, {"L": have}, known) == {"/L/0": ("A", "-"), "/L/4": ("-", "E")}


def test_an_id_keeps_its_letter_case_and_what_is_written_otherwise_all_it_says() -> None:
    known = of(AzureProvider(), "Microsoft.Network/networkSecurityGroups")
    rule = {
        "name": "rdp",
        "id": "/subscriptions/S/resourceGroups/Shop/providers/Microsoft.Network/routeTables/W",
        "etag": "W/x",
        "properties": {"destinationPortRange": "3389", "destinationPortRanges": [], "access": "Allow"},
    }
    (both,) = told(
        {"properties": {"securityRules": []}}, {"properties": {"securityRules": [rule]}}, known
    ).values()
    assert both[1]["properties"] == {"destinationPortRange": "3389", "access": "Allow"}
    assert both[1]["id"] == rule["id"]


def test_of_very_many_changes_the_rest_is_told_in_canonical_form() -> None:
    known = facts(M__ANY={"kind": "case-insensitive"})
    want = {"M": {f"k{place:03}": "A" for place in range(502)}}
    have = {"M": {f"k{place:03}": "B" for place in range(502)}}
    found = told(want, have, known)
    assert (len(found), found["/M/k499"], found["/M/k500"]) == (502, ("A", "B"), ("a", "b"))
