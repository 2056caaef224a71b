"""Every verdict of a comparison, and every way in which a real change could be hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from deepdiff import DeepDiff
from hypothesis import assume, given
from hypothesis import strategies as st

from drift.model import Sensitive, Unresolved
from drift.redaction import Redactor, is_secret
from tests.comparing import REDACTOR, facts, judge, told
from tests.effort import Watched, growth

UNKNOWN = Unresolved("computed at apply time")
TAGS = facts(Tags={"kind": {"kind": "keyed-list", "key": "Key", "value": "Value"}})
SET = facts(Names={"kind": "set"})
RULES = facts(Rules={"kind": {"kind": "keyed-list", "key": "Id"}})


def tags(**pairs: Any) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}


# Equal


def test_equal_values_are_in_sync() -> None:
    assert judge({"A": 1, "B": [1, {"C": "x"}]}, {"B": [1, {"C": "x"}], "A": 1}).in_sync


def test_an_integral_float_is_its_integer() -> None:
    assert judge({"A": 30.0, "B": [1.0]}, {"A": 30, "B": [1]}).in_sync


def test_true_is_not_one() -> None:
    assert told(judge({"A": True}, {"A": 1})) == {"/A": (True, 1)}
    assert told(judge({"A": {"B": [0]}}, {"A": {"B": [False]}})) == {"/A/B/0": (0, False)}
    assert told(judge({"Names": [1]}, {"Names": [True]}, SET)) == {"/Names": ([1], [True])}


def test_null_is_absent_on_both_sides() -> None:
    assert judge({"A": None, "B": 1}, {"B": 1, "C": None}).in_sync


def test_a_declared_null_says_nothing_of_a_live_value() -> None:
    verdict = judge({"A": None}, {"A": 1})
    assert told(verdict) == {"/A": ("-", 1)}
    assert verdict.changes[0].undeclared


@pytest.mark.parametrize("empty", ["", [], {}])
def test_empty_is_absent_and_told_as_a_fold(empty: Any) -> None:
    verdict = judge({"A": empty}, {"B": empty})
    assert verdict.in_sync
    assert {fold.path: fold.fact for fold in verdict.folds} == {
        "/A": "empty is absent",
        "/B": "empty is absent",
    }


@pytest.mark.parametrize(
    ("empty", "live"), [("", "x"), ([], ["x"]), ([], [{}]), ({}, {"B": 1}), (False, True)]
)
def test_a_declared_empty_value_is_not_what_is_there(empty: Any, live: Any) -> None:
    assert not judge({"A": empty}, {"A": live}).in_sync
    assert not judge({"A": live}, {"A": empty}).in_sync


def test_a_declared_empty_list_owns_its_members() -> None:
    assert told(judge({"Tags": []}, tags(rogue="1"), TAGS)) == {"/Tags/rogue": ("-", "1")}
    assert told(judge({"Names": []}, {"Names": ["rogue"]}, SET)) == {"/Names": ("-", ["rogue"])}
    assert not judge({"Tags": []}, tags(rogue="1"), TAGS).changes[0].undeclared


def test_declared_false_is_absence_but_declared_true_is_not() -> None:
    verdict = judge({"A": False}, {})
    assert verdict.in_sync
    assert verdict.folds[0].fact == "an answer leaves it out"
    assert told(judge({"A": True}, {})) == {"/A": (True, "-")}


def test_declared_false_is_not_absence_where_the_default_is_known_to_be_true() -> None:
    assert told(judge({"A": False}, {}, facts(A={"default": True}))) == {"/A": (False, "-")}


# Defaults


def test_a_default_folds_only_by_equal_value() -> None:
    known = facts(A={"default": 30})
    verdict = judge({}, {"A": 30}, known)
    assert verdict.in_sync
    assert [(fold.path, fold.fact) for fold in verdict.folds] == [("/A", "equals the default")]
    changed = judge({}, {"A": 31}, known)
    assert told(changed) == {"/A": ("-", 31)}
    assert changed.changes[0].undeclared


def test_a_default_never_excuses_a_declared_value() -> None:
    assert told(judge({"A": 60}, {"A": 30}, facts(A={"default": 30}))) == {"/A": (60, 30)}


def test_a_default_is_compared_in_canonical_form() -> None:
    assert judge({}, {"A": "30"}, facts(A={"default": 30, "kind": "integer"})).in_sync


def test_a_declared_default_that_the_cloud_does_not_return_is_there() -> None:
    assert judge({"A": 30}, {}, facts(A={"default": 30})).in_sync


def test_nested_defaults() -> None:
    known = facts(A__B={"default": 1}, A__C={"default": {"D": 2}})
    assert judge({}, {"A": {"B": 1, "C": {"D": 2}}}, known).in_sync
    assert told(judge({}, {"A": {"B": 1, "C": {"D": 3}}}, known)) == {"/A": ("-", {"C": {"D": 3}})}
    assert told(judge({"A": {"X": 1}}, {"A": {"X": 1, "B": 2}}, known)) == {"/A/B": ("-", 2)}


def test_two_known_defaults_are_two_values() -> None:
    known = facts(A={"defaults": [1, 2]}, Names={"kind": "set"}, Names__ANY__P={"defaults": [1, 2]})
    assert judge({}, {"A": 2}, known).in_sync
    assert told(judge({"A": 1}, {"A": 2}, known)) == {"/A": (1, 2)}
    inside = judge({"Names": [{"N": "a", "P": 1}]}, {"Names": [{"N": "a", "P": 2}]}, known)
    assert told(inside) == {"/Names": ([{"N": "a", "P": 1}], [{"N": "a", "P": 2}])}
    assert judge({"Names": [{"N": "a"}]}, {"Names": [{"N": "a", "P": 2}]}, known).in_sync


# Undeclared


def test_an_undeclared_value_is_reported_as_such() -> None:
    verdict = judge({"A": {"B": 1}}, {"A": {"B": 1, "C": 2}})
    assert told(verdict) == {"/A/C": ("-", 2)}
    assert verdict.changes[0].undeclared


def test_an_undeclared_value_inside_a_list_member_is_seen() -> None:
    verdict = judge({"L": [{"A": 1}]}, {"L": [{"A": 1, "Public": True}]})
    assert told(verdict) == {"/L/0/Public": ("-", True)}


def test_undeclared_values_can_be_ignored_by_path_and_are_counted() -> None:
    def policy(type_: str, path: str) -> str:
        return "ignore" if path == "/A" else "report"

    verdict = judge({}, {"A": 1, "B": 2}, policy=policy)
    assert told(verdict) == {"/B": ("-", 2)}
    assert [(fold.path, fold.fact) for fold in verdict.folds] == [
        ("/A", "undeclared values are ignored by the configuration")
    ]


def test_ignoring_the_undeclared_never_hides_a_declared_value() -> None:
    known = facts(Rules={"kind": {"kind": "keyed-list", "key": "Id"}}, Rules__ANY__P={"default": "tcp"})
    verdict = judge(
        {"A": 1, "Rules": [{"Id": "a", "P": "tcp"}]},
        {"A": 2, "Rules": [{"Id": "a", "P": "udp"}]},
        known,
        policy=lambda _type, _path: "ignore",
    )
    assert told(verdict) == {"/A": (1, 2), "/Rules/a/P": ("tcp", "udp")}


def test_a_policy_speaks_of_the_members_of_an_undeclared_map() -> None:
    def policy(type_: str, path: str) -> str:
        return "ignore" if path == "/Tags/auto" else "report"

    verdict = judge({}, tags(auto="1", rogue="2"), TAGS, policy=policy)
    assert told(verdict) == {"/Tags/rogue": ("-", "2")}
    assert verdict.changes[0].undeclared


def test_facts_can_ignore_undeclared_values() -> None:
    known = facts(A={"undeclared": "ignore"})
    assert judge({}, {"A": 1}, known).in_sync
    assert told(judge({"A": 2}, {"A": 1}, known)) == {"/A": (2, 1)}


# Assigned, read-only, write-only, unread


def test_what_the_cloud_chooses_is_accepted_only_where_nothing_is_declared() -> None:
    known = facts(A={"assigned": True})
    assert judge({}, {"A": "10.0.0.4"}, known).in_sync
    assert told(judge({"A": "10.0.0.4"}, {"A": "10.0.0.5"}, known)) == {"/A": ("10.0.0.4", "10.0.0.5")}
    assert told(judge({"A": "10.0.0.4"}, {}, known)) == {"/A": ("10.0.0.4", "-")}


def test_what_the_cloud_chooses_inside_a_set_member() -> None:
    known = facts(Names={"kind": "set"}, Names__ANY__Id={"assigned": True})
    assert judge({"Names": [{"N": "a"}]}, {"Names": [{"N": "a", "Id": "x"}]}, known).in_sync
    changed = judge({"Names": [{"N": "a", "Id": "y"}]}, {"Names": [{"N": "a", "Id": "x"}]}, known)
    assert told(changed) == {"/Names": ([{"Id": "y", "N": "a"}], [{"Id": "x", "N": "a"}])}
    rogue = judge({"Names": [{"N": "a"}]}, {"Names": [{"N": "a", "Id": "x"}, {"N": "b", "Id": "y"}]}, known)
    assert told(rogue) == {"/Names": ("-", [{"Id": "y", "N": "b"}])}


def test_two_live_members_are_not_one_declared_one() -> None:
    known = facts(Names={"kind": "set"}, Names__ANY__Id={"assigned": True})
    verdict = judge({"Names": [{"N": "a"}]}, {"Names": [{"N": "a", "Id": "x"}, {"N": "a", "Id": "y"}]}, known)
    assert told(verdict) == {"/Names": ("-", [{"Id": "y", "N": "a"}])}


def test_read_only_values_never_count() -> None:
    known = facts(Arn={"read_only": True}, L__ANY__Id={"read_only": True})
    assert judge({"Arn": "a", "L": [{"Id": 1}]}, {"Arn": "b", "L": [{"Id": 2}]}, known).in_sync


def test_write_only_values_are_unverifiable() -> None:
    known = facts(Password={"write_only": True}, A__Key={"write_only": True})
    verdict = judge({"Password": "hunter22", "A": {"Key": "k", "N": 1}}, {"A": {"N": 1}}, known)
    assert verdict.in_sync
    assert dict(verdict.unverifiable) == {
        "/Password": "write-only: the cloud never gives it back",
        "/A/Key": "write-only: the cloud never gives it back",
    }
    assert judge({}, {}, known).unverifiable == ()


def test_what_the_adapter_does_not_read_is_unverifiable() -> None:
    verdict = judge({"A": 1}, {}, facts(A={"unread": "nobody reads it"}))
    assert (verdict.in_sync, dict(verdict.unverifiable)) == (True, {"/A": "nobody reads it"})


def test_a_detail_that_was_refused_is_unverifiable_and_hides_nothing_else() -> None:
    verdict = judge(
        {"A": 1, "B": 1, **tags(x="1")}, {"B": 2}, TAGS, live={"unread": {"/A": "denied", "/Tags": "denied"}}
    )
    assert told(verdict) == {"/B": (1, 2)}
    assert dict(verdict.unverifiable) == {"/A": "not readable: denied", "/Tags": "not readable: denied"}


def test_a_refused_detail_below_an_object_is_unverifiable_alone() -> None:
    verdict = judge({"A": {"B": 1, "C": 1}}, {"A": {"C": 2}}, live={"unread": {"/A/B": "denied"}})
    assert told(verdict) == {"/A/C": (1, 2)}
    assert dict(verdict.unverifiable) == {"/A/B": "not readable: denied"}
    assert judge({"A": {"B": 1}}, {}, live={"unread": {"/A/B": "denied"}}).in_sync


# Keyed lists


def test_a_keyed_list_is_told_by_key() -> None:
    verdict = judge(tags(a="1", b="2"), tags(b="3", c="4"), TAGS)
    assert told(verdict) == {"/Tags/a": ("1", "-"), "/Tags/b": ("2", "3"), "/Tags/c": ("-", "4")}
    assert not any(change.undeclared for change in verdict.changes)


@pytest.mark.parametrize("value", ["", False, 0])
def test_a_member_is_there_whatever_its_value(value: Any) -> None:
    """A tag without value can switch something on."""
    assert told(judge(tags(), tags(admin=value), TAGS)) == {"/Tags/admin": ("-", value)}
    assert told(judge({}, tags(admin=value), TAGS)) == {"/Tags/admin": ("-", value)}
    assert told(judge(tags(admin=value), tags(), TAGS)) == {"/Tags/admin": (value, "-")}
    assert told(judge(tags(admin=value), {}, TAGS)) == {"/Tags/admin": (value, "-")}


def test_a_member_made_of_defaults_is_still_a_member() -> None:
    known = facts(Rules={"kind": {"kind": "keyed-list", "key": "Id"}}, Rules__ANY__Id={"default": "a"})
    verdict = judge({"Rules": [{"Id": "b"}]}, {"Rules": [{"Id": "b"}, {"Id": "a"}]}, known)
    assert told(verdict) == {"/Rules/a": ("-", {"Id": "a"})}


def test_a_declared_member_that_equals_a_default_can_be_missing() -> None:
    known = facts(Rules={"kind": {"kind": "keyed-list", "key": "Id"}}, Rules__ANY={"default": {"Id": "all"}})
    assert told(judge({"Rules": [{"Id": "all"}, {"Id": "b"}]}, {"Rules": [{"Id": "b"}]}, known)) == {
        "/Rules/all": ({"Id": "all"}, "-")
    }
    assert judge({"Rules": [{"Id": "b"}]}, {"Rules": [{"Id": "all"}, {"Id": "b"}]}, known).in_sync


def test_paths_are_json_pointers() -> None:
    verdict = judge(tags(**{"a/b~c": "1"}), tags(**{"a/b~c": "2"}), TAGS)
    assert told(verdict) == {"/Tags/a~1b~0c": ("1", "2")}


@pytest.mark.parametrize("key", ["__admin", "__", "$secret", "", "0", "root['x']"])
def test_no_key_is_special(key: str) -> None:
    assert list(told(judge(tags(a="1"), tags(a="1", **{key: "2"}), TAGS))) == [f"/Tags/{key}"]
    assert list(told(judge({"A": {key: 1}}, {"A": {key: 2}}))) == [f"/A/{key}"]


def test_a_tag_is_not_a_hidden_secret() -> None:
    assert not is_secret({"$secret": "x"})
    assert not is_secret({"$secret": {"key": "x"}})
    assert told(judge({"A": {"$secret": "one"}}, {"A": {"$secret": "two"}}))["/A/$secret"]


# Sets


def test_a_set_is_told_at_its_path() -> None:
    assert judge({"Names": ["a", "b"]}, {"Names": ["b", "a", "a"]}, SET).in_sync
    assert told(judge({"Names": ["a", "b"]}, {"Names": ["c", "a"]}, SET)) == {"/Names": (["b"], ["c"])}
    assert told(judge({}, {"Names": ["c"]}, SET)) == {"/Names": ("-", ["c"])}
    assert told(judge({"Names": ["c"]}, {}, SET)) == {"/Names": (["c"], "-")}


def test_a_member_that_the_cloud_adds_folds_by_value() -> None:
    known = facts(Names={"kind": "set"}, Names__ANY={"default": "default"})
    assert judge({"Names": ["a"]}, {"Names": ["a", "default"]}, known).in_sync
    assert judge({}, {"Names": ["default"]}, known).in_sync
    assert told(judge({"Names": ["a", "default"]}, {"Names": ["a"]}, known)) == {"/Names": (["default"], "-")}


def test_a_default_said_inside_a_set_makes_no_other_member() -> None:
    known = facts(Names={"kind": "set"}, Names__ANY__P={"default": "tcp"})
    assert judge({"Names": [{"N": 1}]}, {"Names": [{"N": 1, "P": "tcp"}]}, known).in_sync
    assert judge({"Names": [{"N": 1, "P": "tcp"}]}, {"Names": [{"N": 1}]}, known).in_sync
    assert not judge({"Names": [{"N": 1, "P": "tcp"}]}, {"Names": [{"N": 1, "P": "udp"}]}, known).in_sync
    assert not judge({"Names": [{"N": 1}]}, {"Names": [{"N": 1, "P": "udp"}]}, known).in_sync


def test_a_kind_can_admit_members_of_a_set() -> None:
    known = facts(Names={"kind": "set"}, Names__ANY={"kind": "version-prefix"})
    assert judge({"Names": ["8.0"]}, {"Names": ["8.0.45"]}, known).in_sync
    assert told(judge({"Names": ["8.0"]}, {"Names": ["8.0.45", "8.0.46"]}, known)) == {
        "/Names": ("-", ["8.0.46"])
    }


# Ordered lists


def test_an_ordered_list_is_told_by_index() -> None:
    assert told(judge({"L": [1, 2, 3]}, {"L": [1, 3, 2]})) == {"/L/1": (2, 3), "/L/2": (3, 2)}
    assert told(judge({"L": [1]}, {"L": [1, 2]})) == {"/L/1": ("-", 2)}
    assert told(judge({"L": [1, 2]}, {"L": [1]})) == {"/L/1": (2, "-")}


def test_an_added_member_does_not_bring_up_the_defaults_of_the_others() -> None:
    known = facts(L__ANY__P={"default": "tcp"})
    verdict = judge({"L": [{"N": 1}]}, {"L": [{"N": 1, "P": "tcp"}, {"N": 2}]}, known)
    assert told(verdict) == {"/L/1": ("-", {"N": 2})}


@pytest.mark.parametrize(("want", "have"), [({"B": 1}, [1]), ([1], "x"), ("1", 1), ({"B": 1}, "x"), (0, "")])
def test_another_type_is_a_change(want: Any, have: Any) -> None:
    assert told(judge({"A": want}, {"A": have})) == {"/A": (want, have)}


@pytest.mark.parametrize("known", [TAGS, SET, RULES])
def test_another_type_than_the_kind_expects_is_a_change(known: Any) -> None:
    name = next(iter(known.root.children))
    assert not judge({name: [{"Id": "a", "Key": "a"}]}, {name: "text"}, known).in_sync
    assert not judge({name: "text"}, {name: [{"Id": "a", "Key": "a"}]}, known).in_sync


# What a reader could not know


def test_an_unknown_value_is_unverifiable_and_its_siblings_are_compared() -> None:
    verdict = judge({"A": UNKNOWN, "B": {"C": UNKNOWN, "D": 1}}, {"A": 1, "B": {"C": 2, "D": 2}})
    assert told(verdict) == {"/B/D": (1, 2)}
    assert dict(verdict.unverifiable) == {"/A": UNKNOWN.reason, "/B/C": UNKNOWN.reason}


def test_an_unknown_value_does_not_excuse_a_missing_object() -> None:
    verdict = judge({"B": {"C": UNKNOWN, "D": 1}}, {})
    assert told(verdict) == {"/B": ({"D": 1}, "-")}


def test_an_unknown_member_of_a_keyed_list_hides_no_sibling() -> None:
    verdict = judge(tags(known="1", unknown=UNKNOWN), tags(known="1", unknown="x", rogue="!"), TAGS)
    assert told(verdict) == {"/Tags/rogue": ("-", "!")}
    assert dict(verdict.unverifiable) == {"/Tags/unknown": UNKNOWN.reason}


def test_a_member_of_unknown_key_accounts_for_one_live_member_at_most() -> None:
    want = {"Tags": [{"Key": UNKNOWN, "Value": "1"}, {"Key": "known", "Value": "1"}]}
    assert judge(want, tags(known="1", any="1"), TAGS).in_sync
    assert told(judge(want, tags(known="1", any="1", rogue="!"), TAGS)) == {"/Tags/rogue": ("-", "!")}
    assert told(judge(want, tags(known="2", any="1"), TAGS)) == {"/Tags/known": ("1", "2")}
    assert dict(judge(want, tags(known="1"), TAGS).unverifiable) == {"/Tags": UNKNOWN.reason}


def test_an_object_of_unknown_key_fits_only_what_it_says() -> None:
    want = {"Rules": [{"Id": UNKNOWN, "Port": 443}, {"Id": "b", "Port": 22}]}
    assert judge(want, {"Rules": [{"Id": "b", "Port": 22}, {"Id": "x", "Port": 443}]}, RULES).in_sync
    verdict = judge(want, {"Rules": [{"Id": "b", "Port": 22}, {"Id": "x", "Port": 3389}]}, RULES)
    assert told(verdict) == {"/Rules/x": ("-", {"Id": "x", "Port": 3389})}


def test_an_unknown_member_of_a_set_hides_no_other() -> None:
    verdict = judge({"Names": ["a", UNKNOWN]}, {"Names": ["a", "b", "rogue"]}, SET)
    assert told(verdict) == {"/Names": ("-", ["rogue"])}
    assert dict(verdict.unverifiable) == {"/Names": UNKNOWN.reason}
    gone = judge({"Names": ["a", UNKNOWN]}, {"Names": ["b"]}, SET)
    assert told(gone) == {"/Names": (["a"], "-")}
    rule = {"Names": [{"Port": 443, "Peer": UNKNOWN}]}
    assert judge(rule, {"Names": [{"Port": 443, "Peer": "sg-1"}]}, SET).in_sync
    opened = judge(rule, {"Names": [{"Port": 443, "Peer": "sg-1"}, {"Port": 22, "Peer": "any"}]}, SET)
    assert told(opened) == {"/Names": ("-", [{"Peer": "any", "Port": 22}])}


def test_what_is_not_known_in_a_set_of_sets_hides_no_other() -> None:
    of = {"kind": "set"}
    nested = facts(**{"Sets": of, "Sets/*/Ips": of, "Sets/*/Ports": of})

    def sets(*ips: Any, port: int = 443) -> dict[str, Any]:
        return {"Sets": [{"Ips": [{"Ip": ip} for ip in ips], "Ports": [{"Port": port}]}]}

    alike = judge(sets("a", UNKNOWN), sets("a", "b"), nested)
    assert (told(alike), dict(alike.unverifiable)) == ({}, {"/Sets": UNKNOWN.reason})
    for other in (sets("a", "b", "rogue"), sets("b", "c"), sets("a", "b", port=22)):
        assert list(told(judge(sets("a", UNKNOWN), other, nested))) == ["/Sets"]


def test_unknown_members_of_an_ordered_list() -> None:
    verdict = judge({"L": [UNKNOWN, "b"]}, {"L": ["a", "c"]})
    assert told(verdict) == {"/L/1": ("b", "c")}
    assert dict(verdict.unverifiable) == {"/L/0": UNKNOWN.reason}
    assert dict(judge({"L": [UNKNOWN, "b"]}, {"L": ["b"]}).unverifiable) == {"/L": UNKNOWN.reason}
    longer = judge({"L": [{"A": UNKNOWN}]}, {"L": [{"A": 1}, {"A": 2}]})
    assert told(longer) == {"/L/1": ("-", {"A": 2})}


def test_no_unknown_value_gets_into_a_change() -> None:
    verdict = judge({"L": [{"A": 1}, {"A": UNKNOWN}]}, {"L": [{"A": 1}]})
    assert told(verdict) == {"/L/1": ({"A": f"(not known: {UNKNOWN.reason})"}, "-")}


# Secrets


def test_equal_secrets_are_equal_and_rotated_ones_show_without_their_value() -> None:
    known = facts(P={"secret": True})
    assert judge({"P": "hunter22"}, {"P": "hunter22"}, known).in_sync
    verdict = judge({"P": "hunter22"}, {"P": "hunter23"}, known)
    assert told(verdict) == {"/P": ("-", "-")}
    assert verdict.changes[0].sensitive


def test_secrets_of_two_keys_are_unverifiable() -> None:
    known = facts(P={"secret": True}, Names={"kind": "set"}, Names__ANY__P={"secret": True})
    other = Redactor("another key")
    verdict = judge(
        {"P": "hunter22", "Names": [{"P": "x" * 9}]}, {"P": "hunter22", "Names": [{"P": "x" * 9}]}, known,
        redactor=other,
    )  # fmt: skip
    assert verdict.in_sync
    assert dict(verdict.unverifiable) == {
        "/P": "redacted with another key",
        "/Names": "redacted with another key",
    }


def test_a_hidden_value_is_compared_with_a_raw_one_that_is_told_nowhere() -> None:
    same = judge({"A": Sensitive("wholly-secret"), "B": 1}, {"A": "wholly-secret", "B": 2})
    assert told(same) == {"/B": (1, 2)}
    rotated = judge({"A": Sensitive("wholly-secret")}, {"A": "another-secret", "B": "by another-secret"})
    assert {change.path: change.sensitive for change in rotated.changes} == {"/A": True, "/B": True}
    assert rotated.revealed == {"another-secret"}
    assert "another-secret" not in repr((rotated.changes, rotated.live))
    assert "another-secret" not in repr(REDACTOR.cover({"B": ["by another-secret"]}, rotated.revealed))


def test_an_undeclared_secret_is_a_change() -> None:
    verdict = judge({}, {"P": "hunter22"}, facts(P={"secret": True}))
    assert [(change.path, change.sensitive) for change in verdict.changes] == [("/P", True)]


# Partial and shared declarations


def test_a_partial_declaration_speaks_only_of_what_it_names() -> None:
    verdict = judge(
        {"Policy": {"A": 1}}, {"Policy": {"A": 1, "B": 2}, "Other": 1}, declared={"partial": True}
    )
    assert told(verdict) == {"/Policy/B": ("-", 2)}


def test_a_shared_list_is_not_owned_but_its_members_are() -> None:
    mine = {"partial": True, "shared": frozenset({"Rules"})}
    want = {"Rules": [{"Id": "a", "Port": 22}]}
    others = {"Id": "z", "Port": 1}
    assert judge(want, {"Rules": [{"Id": "a", "Port": 22}, others]}, RULES, declared=mine).in_sync
    assert told(judge(want, {"Rules": [others]}, RULES, declared=mine)) == {
        "/Rules/a": ({"Id": "a", "Port": 22}, "-")
    }
    opened = judge(want, {"Rules": [{"Id": "a", "Port": 22, "Open": True}, others]}, RULES, declared=mine)
    assert told(opened) == {"/Rules/a/Open": ("-", True)}


def test_a_shared_set_and_a_shared_plain_list() -> None:
    mine = {"partial": True, "shared": frozenset({"Names"})}
    for known in (SET, facts()):
        assert judge({"Names": ["a"]}, {"Names": ["b", "a"]}, known, declared=mine).in_sync
        assert not judge({"Names": ["a"]}, {"Names": ["b"]}, known, declared=mine).in_sync


# Properties

KEYS = st.text(max_size=6)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)
KINDS = st.sampled_from(
    [
        facts(),
        facts(ANY={"kind": "set"}),
        facts(ANY={"kind": {"kind": "keyed-list", "key": "a"}}),
        facts(ANY={"kind": "map"}),
        facts(ANY__ANY={"kind": "set"}),
        facts(ANY={"kind": "json"}),
    ]
)


@given(OBJECTS, KINDS)
def test_a_thing_equals_itself(attributes: dict[str, Any], known: Any) -> None:
    verdict = judge(attributes, attributes, known)
    assert verdict.in_sync
    assert verdict.unverifiable == ()
    slow = judge(attributes, attributes, known, live={"unread": {"/no such path": "x"}})
    assert slow.in_sync
    assert slow.folds == ()


def _without_empty(value: Any) -> Any:
    """The value without what is accepted as absence: empty values and false, at any depth."""
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if not (item is False or item in ("", [], {}))}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@given(OBJECTS, OBJECTS)
def test_it_agrees_with_plain_deepdiff_on_whether_something_differs(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    left, right = _without_booleans(_without_empty(one)), _without_booleans(_without_empty(other))
    plain = DeepDiff(left, right, ignore_private_variables=False)
    assert judge(left, right).in_sync == (not plain)


def _without_booleans(value: Any) -> Any:
    """With a text for each boolean: DeepDiff tells them from numbers in some places only."""
    if isinstance(value, dict):
        return {key: _without_booleans(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_booleans(item) for item in value]
    return f"boolean {value}" if isinstance(value, bool) else value


@given(OBJECTS, st.data())
def test_a_single_edit_at_a_declared_path_is_reported_at_that_path(
    attributes: dict[str, Any], data: st.DataObject
) -> None:
    attributes = {**attributes, "anchor": "1"}
    leaves = list(_leaves(attributes, ()))
    path = data.draw(st.sampled_from(leaves))
    old = _get(attributes, path)
    new = data.draw(SCALARS.filter(lambda value: not _equal(value, old)))
    verdict = judge(attributes, _set(attributes, path, new))
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    assert [change.path for change in verdict.changes] == [pointer]


@given(OBJECTS, st.data())
def test_a_removed_member_is_reported(attributes: dict[str, Any], data: st.DataObject) -> None:
    attributes = {**attributes, "anchor": "1"}
    key = data.draw(st.sampled_from(sorted(attributes)))
    value = _without_empty({key: attributes[key]})
    assume(value)
    verdict = judge({**attributes, **value}, {name: item for name, item in attributes.items() if name != key})
    assert [change.path.count("/") >= 1 for change in verdict.changes] == [True]
    back = judge({name: item for name, item in attributes.items() if name != key}, {**attributes, **value})
    assert not back.in_sync


@given(st.lists(st.tuples(KEYS, SCALARS), max_size=6), KEYS, SCALARS)
def test_a_rogue_tag_is_always_reported(pairs: list[tuple[str, Any]], key: str, value: Any) -> None:
    want = dict(pairs)
    want.pop(key, None)
    verdict = judge(tags(**want), tags(**{**want, key: value}), TAGS)
    assert len(verdict.changes) == 1
    assert not verdict.changes[0].undeclared


def _leaves(value: Any, path: tuple[Any, ...]) -> Any:
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from _leaves(child, (*path, key))
    if not isinstance(value, (dict, list)):
        yield path


def _get(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _set(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _set(value[path[0]], path[1:], new)
    return copy


def _equal(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


# No quadratic corner


def test_large_collections_are_compared_in_time() -> None:
    def judged(size: int) -> Callable[[], Any]:
        many = [{"Name": Watched(f"n{number}"), "Port": number} for number in range(size)]

        def work() -> None:
            assert len(judge({"Names": many}, {"Names": [*many[1:], {"Name": "x"}]}, SET).changes) == 1
            assert len(judge({"L": many}, {"L": [*many, {"Name": "x"}]}).changes) == 1

        return work

    assert growth(judged, 300) < 2.5


@pytest.mark.parametrize("mask", ["", "********"])
def test_a_mask_is_no_value_of_what_is_never_given_back(mask: str) -> None:
    known = facts(password={"write_only": True, "secret": True})
    verdict = judge({"password": "hunter22"}, {"password": mask}, known)
    assert (verdict.changes, [path for path, _ in verdict.unverifiable]) == ((), ["/password"])
    other = judge({"password": "hunter22"}, {"password": "hunter23"}, known)
    assert [change.path for change in other.changes] == ["/password"]
    assert judge({"word": "x"}, {"word": "****"}, facts(word={})).changes
