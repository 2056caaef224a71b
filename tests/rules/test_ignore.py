"""What an ignore rule hides, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from drift.errors import ConfigError
from drift.model import MISSING
from drift.rules.files import gather
from drift.rules.where import fits
from tests.effort import Watched, growth
from tests.rules.support import TODAY, change, config, finding, left, ruling

DELAY = change("/DelaySeconds", 0, 5)
TAG = change("/Tags/Owner", "a", "b")


@pytest.mark.parametrize(
    ("condition", "hides"),
    [
        ("provider: aws", True),
        ("provider: [gcp, 'a*']", True),
        ("provider: gcp", False),
        ("scope: '1111*'", True),
        ("scope: '2*'", False),
        ("region: eu-*", True),
        ("region: us-*", False),
        ("type: AWS::SQS::*", True),
        ("type: AWS::SNS::*", False),
        ("id: '*:jobs'", True),
        ("id: '*:job'", False),
        ("name: jobs", True),
        ("name: Jobs", False),
        ("address: module.q.*", True),
        ("address: module.p.*", False),
        ("file: stacks/*", True),
        ("tags: {env: dev*}", True),
        ("labels: {env: dev-1}", True),
        ("tags: {env: prod}", False),
        ("tags: {Env: dev*}", False),
        ("kind: changed", True),
        ("kind: [missing, unmanaged]", False),
        ("path: /DelaySeconds", True),
        ("path: '/*'", True),
        ("path: /Delay", False),
        ("path: /Tags", False),
        ("declared: 0", True),
        ("declared: false", False),
        ("live: 5", True),
        ("live: '5'", False),
        ("{declared: 0, live: 6}", False),
        ("when: 'change.live > `4`'", True),
        ("when: 'change.live > `5`'", False),
        ("when: \"finding.type == 'AWS::SQS::Queue' && live.Tags[0].Key == 'env'\"", True),
        ("when: 'starts_with(change.live, `5`)'", False),
    ],
)
def test_a_condition(condition: str, hides: bool) -> None:
    inner = condition.strip("{}") if condition.startswith("{") else condition
    one = finding(DELAY, Tags=[{"Key": "env", "Value": "dev-1"}])
    assert (left(f"- {{reason: r, {inner}}}", one) is None) == hides


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("/Tags", "/Tags/Owner", True),
        ("/Tags/*", "/Tags/Owner", True),
        ("/Tags/*", "/Tags", False),
        ("/Tags/O*r", "/Tags/Owner", True),
        ("/Tags/Own", "/Tags/Owner", False),
        ("/**/image", "/spec/containers/web/image", True),
        ("/**/image", "/image", True),
        ("/spec/*/image", "/spec/containers/web/image", False),
        ("/spec/**/web", "/spec/web", True),
        ("/metadata/annotations/a.b~1c", "/metadata/annotations/a.b~1c", True),
        ("/metadata/annotations/a.b~1*", "/metadata/annotations/a.b~1c", True),
        ("/a[b]", "/a[b]", True),
    ],
)
def test_a_path(glob: str, path: str, fits: bool) -> None:
    assert (left(f"- {{reason: r, path: '{glob}'}}", finding(change(path, 1, 2))) is None) == fits


def test_what_is_not_ignored_stays() -> None:
    assert left("- {reason: r, path: /Tags}", finding(DELAY, TAG)) == [("/DelaySeconds", 0, 5)]


def test_of_a_value_that_one_side_alone_has_the_members_are_asked() -> None:
    added = change("/metadata", live={"annotations": {"a": 1, "b": 2}})
    rule = "- {reason: r, path: /metadata/annotations/a}"
    assert left(rule, finding(added)) == [("/metadata", MISSING, {"annotations": {"b": 2}})]
    assert left(rule + "\n- {reason: r, path: /metadata/annotations/b}", finding(added)) is None
    assert left(rule, finding(change("/metadata", {"annotations": {"a": 1}}, 3))) is not None


def test_of_a_set_the_members_are_asked() -> None:
    added = change("/Subnets", ["a"], ["subnet-1", "subnet-2"])
    assert left("- {reason: r, path: /Subnets, live: '*-1'}", finding(added)) == [
        ("/Subnets", ["a"], ["subnet-2"])
    ]
    rules = [{"Cidr": "10.1.0.0/16", "Port": 22}, {"Cidr": "0.0.0.0/0", "Port": 22}]
    assert left("- {reason: r, live: {Cidr: 10.*}}", finding(change("/In", live=rules))) == [
        ("/In", MISSING, rules[1:])
    ]


def test_a_secret_is_hidden_by_its_path_never_by_its_value() -> None:
    secret = finding(change("/Password", sensitive=True))
    assert left("- {reason: r, path: /Password}", secret) is None
    assert left("- {reason: r, path: /Password, live: '*'}", secret) is not None
    assert left("- {reason: r, path: /Password, live: null}", secret) is not None


@pytest.mark.parametrize("kind", ["missing", "unmanaged"])
def test_a_whole_resource(kind: str) -> None:
    one = finding(kind=kind)
    assert left("- {reason: r, id: '*:jobs'}", one) is None
    assert left(f"- {{reason: r, kind: {kind}}}", one) is None
    assert left("- {reason: r, when: \"finding.kind != 'changed'\"}", one) is None
    assert left("- {reason: r, kind: changed}", one) == []
    assert left("- {reason: r, path: /**}", one) == []
    assert left("- {reason: r, id: '*', live: 1}", one) == []


# The account of what was hidden


def told(rules: str, *findings: Any, today: date = TODAY) -> list[tuple[str, str, int]]:
    found = ruling(rules, today)
    for one in findings:
        found.left_of(one, lambda _declared, _live: ())
    return [(one["rule"], one["status"], one["matched"]) for one in found.told()]


def test_every_rule_is_told_with_its_place() -> None:
    rules = "- {reason: r, path: /Tags}\n- {reason: r, name: nobody}"
    assert told(rules, finding(TAG), finding(TAG, DELAY), finding(DELAY)) == [
        ("drift.yaml:3", "active", 2),
        ("drift.yaml:4", "unused", 0),
    ]


def test_the_first_rule_is_named_and_the_second_is_not_called_stale() -> None:
    found = ruling("- {reason: one, path: /Tags}\n- {reason: two, provider: aws, owner: me}")
    assert found.left_of(finding(TAG, DELAY), lambda _declared, _live: ()) is None
    assert [(h.change.path, h.note.reason, h.partial) for h in found.hidden if h.change] == [
        ("/Tags/Owner", "one", False),
        ("/DelaySeconds", "two", False),
    ]
    assert {one["status"] for one in found.told()} == {"active"}


def test_a_rule_ends_after_its_last_day() -> None:
    rule = "- {reason: r, path: /Tags, until: 2026-07-01}"
    assert told(rule, finding(TAG)) == [("drift.yaml:3", "active", 1)]
    found = ruling(rule, date(2026, 7, 2))
    assert found.left_of(finding(TAG), lambda _declared, _live: ()) == finding(TAG)
    assert told(rule, finding(TAG), today=date(2026, 7, 2)) == [("drift.yaml:3", "expired", 1)]
    assert found.hidden == []


def test_rules_on_one_line_are_told_apart() -> None:
    found = gather(config("ignore: [{reason: a, path: /Tags}, {reason: b, name: x}]"), [], [], [], TODAY)
    found.left_of(finding(TAG), lambda _declared, _live: ())
    assert [(one["rule"], one["status"]) for one in found.told()] == [
        ("drift.yaml:2", "active"),
        ("drift.yaml:2 ignore.1", "unused"),
    ]


def test_many_changes_and_rules_take_no_time() -> None:
    def hidden(size: int) -> Callable[[], Any]:
        many = finding(*(change(Watched(f"/Rules/{number}"), live=number) for number in range(size)))
        found = ruling("".join(f"- {{reason: r, path: /Rules/*{number}}}\n" for number in range(5)))

        def work() -> None:
            rest = found.left_of(many, lambda _declared, _live: ())
            assert rest is not None and len(rest.changes) == len(found.hidden) == size // 2

        return work

    assert growth(hidden, 500) < 2.5


# Mistakes


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("ignore:\n- {path: /a}", "drift.yaml:3: ignore.0.reason: is missing"),
        (
            "ignore:\n- {reason: '', path: /a}",
            "drift.yaml:3: ignore.0.reason: String should have at least 1 char",
        ),
        ("ignore:\n- {reason: r}", "drift.yaml:3: ignore.0: needs a condition: it would hide everything"),
        (
            "ignore:\n- reason: r\n  paht: /a",
            "drift.yaml:4: ignore.0.paht: unknown key; did you mean 'path'?",
        ),
        (
            "ignore:\n- reason: r\n  path: a",
            "drift.yaml:4: ignore.0.path: a path begins with a slash (it is 'a')",
        ),
        ("ignore:\n- reason: r\n  path: [/a, b]", "drift.yaml:4: ignore.0.path: a path begins with a slash"),
        ("ignore:\n- reason: r\n  when: 'a ='", "drift.yaml:4: ignore.0.when: no JMESPath: "),
        ("ignore:\n- reason: r\n  path: /a\n  until: soon", "drift.yaml:5: ignore.0.until: "),
        ("ignore:\n- reason: r\n  path: /a\n  until: 2026-13-01", "drift.yaml:5: ignore.0.until: "),
        ("ignore:\n- reason: r\n  kind: changes", "drift.yaml:4: ignore.0.kind: "),
        (
            "ignore:\n- reason: r\n  kind: missing\n  path: /a",
            "drift.yaml:3: ignore.0: `path`, `declared` and `live`",
        ),
        ("ignore:\n- reason: r\n  tags: [a]", "drift.yaml:4: ignore.0.tags: "),
        ("severity:\n- {severity: worst, why: w}", "drift.yaml:3: severity.0.severity: "),
        ("severity:\n- {severity: low}", "drift.yaml:3: severity.0.why: is missing"),
        ("owners:\n- {type: a}", "drift.yaml:3: owners.0.owner: is missing"),
    ],
)
def test_a_bad_rule(rules: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        config(rules)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("glob", "text", "fits_it"),
    [
        ("aws_instance.a[0]", "aws_instance.a[0]", True),
        ("aws_instance.a[0]", "aws_instance.a0", False),
        ('module.m["x"].aws_instance.a', 'module.m["x"].aws_instance.a', True),
        ("aws_instance.a[[]0]", "aws_instance.a[0]", True),
        ("aws_instance.a[[]*]", "aws_instance.a[17]", True),
        ("q[12]*", "q1x", True),
        ("q[!1]", "q2", True),
        ("[abc]", "a", True),
    ],
)
def test_an_index_is_no_choice_of_letters(glob: str, text: str, fits_it: bool) -> None:
    assert fits(text, glob) is fits_it
