"""Each intrinsic function gives what CloudFormation would, or says why it can't be known."""

from __future__ import annotations

import base64
import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.lined import Map, Trace
from drift.model import MISSING, Sensitive, Unresolved
from providers.aws.cloudformation.functions import Unknown
from providers.aws.cloudformation.intrinsics import Evaluator
from providers.aws.cloudformation.loops import expanded
from providers.aws.cloudformation.place import Place, Stack
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import Template

STACK = Stack(
    id="arn:aws:cloudformation:eu-west-1:111111111111:stack/web/1", name="web", scope="1", region="eu-west-1"
)


class Outside:
    """Two resources, an export and three zones."""

    def ref(self, name: str) -> Any:
        if name == "Vpc":
            return "vpc-1"
        raise Unknown(f"the id of {name} is not known")

    def attribute(self, name: str, attribute: str) -> Any:
        if (name, attribute) == ("Db", "Endpoint.Address"):
            return "db.example.com"
        raise Unknown(f"{name}.{attribute} is not known")

    def imported(self, name: str) -> Any:
        if name == "net-vpc":
            return "vpc-9"
        raise Unknown(f"no stack that was read exports {name}")

    def zones(self, region: str) -> list[str]:
        return [f"{region}{letter}" for letter in "abc"]


PARAMETERS = {
    "Name": "web",
    "Count": 3,
    "List": ["a", "b", "c"],
    "Password": Sensitive("hunter2"),
    "Lost": Unresolved("the parameter Lost has no value"),
    "Env": "prod",
}
SECTIONS = """
Mappings:
  Sizes:
    prod: {size: large, zones: [x, y]}
    dev: {size: small}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Dev: !Not [!Condition Prod]
  Three: !Equals [!Ref Count, '3']
  Both: !And [!Condition Prod, !Condition Three]
  Either: !Or [!Condition Dev, {Condition: Three}]
  Open: !Equals [!Ref Lost, x]
  Decided: !And [!Condition Open, !Condition Dev]
  Enough: !Or [!Condition Open, !Condition Prod]
  HasPassword: !Not [!Equals [!Ref Password, '']]
  A: !Condition B
  B: !Not [!Condition A]
"""


def evaluator(place: Place | None = None) -> Evaluator:
    sections = parse(SECTIONS.encode(), "t.yaml")
    template = Template(
        Path("t.yaml"),
        "t.yaml",
        mappings=sections["Mappings"],
        conditions=sections["Conditions"],
        resources=Map(),
    )
    place = place or Place("111111111111", "eu-west-1", STACK)
    return Evaluator(template, place, PARAMETERS, Outside())


def value(text: str, place: Place | None = None) -> Any:
    return evaluator(place).value(parse(f"v: {text}".encode(), "t.yaml")["v"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Name", "web"),
        ("!Ref Count", 3),
        ("!Ref Vpc", "vpc-1"),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref AWS::AccountId", "111111111111"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ("!Ref AWS::StackName", "web"),
        ("!Ref AWS::StackId", STACK.id),
        ("!Ref AWS::NoValue", MISSING),
        ("{a: !Ref AWS::NoValue, b: 1}", {"b": 1}),
        ("[1, !Ref AWS::NoValue, 2]", [1, 2]),
        ("!GetAtt Db.Endpoint.Address", "db.example.com"),
        ("!GetAtt [Db, Endpoint.Address]", "db.example.com"),
        ("!GetAtt [!Sub 'Db', Endpoint.Address]", "db.example.com"),
        ("!Sub '${Name}-${Vpc}-${Db.Endpoint.Address}-${AWS::Region}'", "web-vpc-1-db.example.com-eu-west-1"),
        ("!Sub ['${a}/${Name}/${b}', {a: !Ref Vpc, b: 3}]", "vpc-1/web/3"),
        ("!Sub ['${Name}', {Name: shadowed}]", "shadowed"),
        ("!Sub '${!Literal} $ {} ${Count}'", "${Literal} $ {} 3"),
        ("!Join ['-', [a, !Ref Count, true, !Ref AWS::NoValue]]", "a-3-true"),
        ("!Join ['', !Ref List]", "abc"),
        ("!Split [',', 'a,b,,c']", ["a", "b", "", "c"]),
        ("!Select [1, !Ref List]", "b"),
        ("!Select ['0', !Split ['|', 'x|y']]", "x"),
        ("!Select [0, [known, !Ref Lost]]", "known"),
        ("!FindInMap [Sizes, !Ref Env, size]", "large"),
        ("!FindInMap [Sizes, prod, zones]", ["x", "y"]),
        ("!FindInMap [Sizes, test, size, {DefaultValue: !Ref Name}]", "web"),
        ("!If [Prod, a, b]", "a"),
        ("!If [Dev, a, !Ref AWS::NoValue]", MISSING),
        ("{Tags: !If [Prod, [!Ref Name], []]}", {"Tags": ["web"]}),
        ("!Base64 héllo", base64.b64encode("héllo".encode()).decode()),
        ("!Select [2, !GetAZs '']", "eu-west-1c"),
        ("!GetAZs us-east-1", ["us-east-1a", "us-east-1b", "us-east-1c"]),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("!Cidr ['2001:db8::/56', '2', '64']", ["2001:db8::/64", "2001:db8:0:1::/64"]),
        ("!ImportValue net-vpc", "vpc-9"),
        ("!Length [1, 2, !Ref Lost]", 3),
        ("!Length {Ref: List}", 3),
        ("!ToJsonString {a: [1, !Ref Name], b: true}", '{"a":[1,"web"],"b":true}'),
        ("{Condition: {StringEquals: {a: b}}}", {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_functions(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("!Ref Lost", "the parameter Lost has no value"),
        ("!Ref Nothing", "the id of Nothing is not known"),
        ("!Ref AWS::NotificationARNs", "AWS::NotificationARNs is not known"),
        ("!Sub 'a-${Lost}-b'", "the parameter Lost has no value"),
        ("!Sub '${Db.Port}'", "Db.Port is not known"),
        ("!Sub '${List}'", "${List}: expected text, got a list"),
        ("!Sub [x]", "Fn::Sub expects a list of 2 arguments"),
        ("!Join ['', [a, !Ref Lost]]", "the parameter Lost has no value"),
        ("!Join ['', notalist]", "Fn::Join expects a list, got text"),
        ("!Select [9, !Ref List]", "Fn::Select asks for item 9 of 3"),
        ("!Select [x, !Ref List]", "Fn::Select expects a whole number, got text"),
        ("!Split ['', abc]", "empty delimiter"),
        ("!FindInMap [Sizes, test, size]", "test is not in the mapping"),
        ("!FindInMap [Nope, a, b]", "Nope is not in the mapping"),
        ("!If [Open, a, b]", "the condition Open: the parameter Lost"),
        ("!If [Undefined, a, b]", "the condition Undefined is not defined"),
        ("!If [A, a, b]", "depends on itself (A → B → A)"),
        ("!If [Prod, a]", "Fn::If expects a list of 3 arguments"),
        ("!Cidr [nonsense, 1, 8]", "nonsense is no address block"),
        ("!Cidr [10.0.0.0/24, 9, 7]", "no room"),
        ("!Cidr [10.0.0.0/24, 1, -3]", "can't cut"),
        ("!ImportValue other", "no stack that was read exports other"),
        ("!Transform {Name: Mine}", "the macro Mine"),
        ("{a: 1, 'Fn::Transform': {Name: Mine}}", "a macro rewrites"),
        ("{'Fn::If': [Prod, 1, 2], b: 1}", "Fn::If stands beside other keys"),
        ("!NewFunction x", "Fn::NewFunction is not supported"),
        ("!Equals [a, b]", "outside of Conditions"),
        ("'{{resolve:ssm:/a/b:1}}'", "{{resolve:ssm:/a/b:1}} is never fetched"),
        ("'x{{resolve:secretsmanager:s:SecretString:k}}'", "is never fetched"),
        (
            "!Join ['', ['{{resolve:ssm-secure:', !Ref Name, '}}']]",
            "{{resolve:ssm-secure:web}} is never fetched",
        ),
        ("!Sub '${AWS::StackName}-{{resolve:ssm:x}}'", "{{resolve:ssm:x}}"),
    ],
)
def test_what_cant_be_known_says_why(text: str, reason: str) -> None:
    result = value(text)
    assert isinstance(result, Unresolved)
    assert reason in result.reason


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("Prod", True),
        ("Dev", False),
        ("Three", True),
        ("Both", True),
        ("Either", True),
        ("Decided", False),
        ("Enough", True),
        ("HasPassword", True),
    ],
)
def test_conditions(name: str, holds: bool) -> None:
    assert evaluator().condition(name) is holds


def test_an_unknown_part_leaves_the_rest_known() -> None:
    assert value("{a: 1, b: !Ref Lost, c: [2, !Ref Lost]}") == {
        "a": 1,
        "b": PARAMETERS["Lost"],
        "c": [2, PARAMETERS["Lost"]],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Password", "hunter2"),
        ("!Sub 'pw=${Password}'", "pw=hunter2"),
        ("!Join ['', [a, !Ref Password]]", "ahunter2"),
        ("!Base64 {'Fn::Sub': '${Password}'}", base64.b64encode(b"hunter2").decode()),
        ("!Select [0, !Split ['r', !Ref Password]]", "hunte"),
        ("!ToJsonString {a: !Ref Password}", '{"a":"hunter2"}'),
        ("!If [Prod, !Ref Password, x]", "hunter2"),
    ],
)
def test_what_is_made_of_a_secret_is_secret(text: str, expected: str) -> None:
    assert value(text) == Sensitive(expected)


def test_a_choice_made_by_a_secret_is_not_secret() -> None:
    assert value("{a: !If [HasPassword, set, unset], b: plain}") == {"a": "set", "b": "plain"}


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-east-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_partition_and_suffix_follow_the_region(region: str, partition: str, suffix: str) -> None:
    place = Place("1", region)
    assert value("!Ref AWS::Partition", place) == partition
    assert value("!Ref AWS::URLSuffix", place) == suffix


def test_pseudo_parameters_without_a_place_are_unknown() -> None:
    for name in ("Region", "Partition", "URLSuffix", "AccountId", "StackId", "StackName"):
        assert isinstance(value(f"!Ref AWS::{name}", Place()), Unresolved)
    assert value("!Ref AWS::StackName", Place(asked="mine")) == "mine"


def test_lines_follow_values_through_conditions_and_absence() -> None:
    text = (
        "v:\n  Tags:\n    - !Ref AWS::NoValue\n    - Key: a\n      Value: 1\n"
        "  Size: !If\n    - Prod\n    - 10\n    - 20\n"
    )
    lines: dict[str, int] = {}
    result = evaluator().value(parse(text.encode(), "t.yaml")["v"], Trace(lines))
    assert result == {"Tags": [{"Key": "a", "Value": 1}], "Size": 10}
    assert lines == {"/Tags": 2, "/Tags/0": 4, "/Tags/0/Key": 4, "/Tags/0/Value": 5, "/Size": 8}


def test_a_text_that_doubles_without_end_is_cut() -> None:
    node: Any = "x" * 1000
    for _ in range(30):
        node = {"Fn::Join": ["", [node, node]]} if len(json.dumps(node)) < 3_000_000 else node
    assert isinstance(evaluator().value({"Fn::Join": ["", [node]]}), Unresolved)


@given(st.lists(st.text(max_size=5), min_size=1, max_size=6), st.text(min_size=1, max_size=3))
def test_split_undoes_join(items: list[str], delimiter: str) -> None:
    if any(delimiter in item for item in items) or delimiter in "".join(items):
        return
    joined = evaluator().value({"Fn::Join": [delimiter, items]})
    if joined.count(delimiter) == len(items) - 1:
        assert evaluator().value({"Fn::Split": [delimiter, joined]}) == items


@given(st.integers(8, 28), st.integers(1, 16), st.integers(1, 12))
def test_cidr_blocks_lie_inside_and_apart(prefix: int, count: int, bits: int) -> None:
    block = f"10.0.0.0/{prefix}"
    result = evaluator().value({"Fn::Cidr": [block, count, bits]})
    if isinstance(result, Unresolved):
        assert prefix > 32 - bits or count > 1 << (32 - bits - prefix)
        return
    networks = [ipaddress.IPv4Network(one) for one in result]
    assert len(set(networks)) == count
    assert all(
        one.subnet_of(ipaddress.IPv4Network(block)) and one.num_addresses == 1 << bits for one in networks
    )
    assert not any(a.overlaps(b) for a in networks for b in networks if a != b)


_odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "Name", "Lost", "Prod", "A", "${Name}", "x.y"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Ref",
                    "Condition",
                    "Fn::GetAtt",
                    "Fn::Sub",
                    "Fn::Join",
                    "Fn::Split",
                    "Fn::Select",
                    "Fn::FindInMap",
                    "Fn::If",
                    "Fn::Equals",
                    "Fn::Base64",
                    "Fn::Cidr",
                    "Fn::GetAZs",
                    "Fn::ImportValue",
                    "Fn::Length",
                    "Fn::ToJsonString",
                    "Fn::ForEach::X",
                    "Fn::Transform",
                    "k",
                ]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=12,
)


@given(_odd)
def test_no_odd_template_raises(node: Any) -> None:
    evaluator().value(node)


def test_loops_make_members() -> None:
    text = """
Fn::ForEach::Topics:
  - Name
  - !Ref List
  - Topic${Name}:
      Type: AWS::SNS::Topic
      Properties:
        TopicName: !Sub '${Name}-${AWS::Region}'
        DisplayName: !Ref Name
        Fn::ForEach::Flags: [Flag, [x-1], {'Is&{Flag}': '${Flag} of ${Name}'}]
Plain: {Type: AWS::SNS::Topic}
"""
    resources = parse(text.encode(), "t.yaml")
    ours = evaluator()
    template = expanded(Template(Path("t"), "t", resources=resources), ours.value)
    assert list(template.resources) == ["Topica", "Topicb", "Topicc", "Plain"]
    assert template.resources.lines["Topicb"] == 5
    assert ours.value(template.resources["Topicb"]["Properties"]) == {
        "TopicName": "b-eu-west-1",
        "DisplayName": "b",
        "Isx1": "x-1 of b",
    }


@pytest.mark.parametrize(
    ("collection", "reason"),
    [("!Ref Lost", "the parameter Lost has no value"), ("text", "its collection is no list")],
)
def test_a_loop_over_something_unknown_is_unknown(collection: str, reason: str) -> None:
    resources = parse(
        f"Fn::ForEach::L: [N, {collection}, {{'T${{N}}': {{Type: AWS::SNS::Topic}}}}]".encode(), "t.yaml"
    )
    template = expanded(Template(Path("t"), "t", resources=resources), evaluator().value)
    left = template.resources["Fn::ForEach::L"]
    assert isinstance(left, Unresolved)
    assert reason in left.reason
