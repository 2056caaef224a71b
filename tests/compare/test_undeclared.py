"""What nobody declares has two forms: a change, and what the service may have filled in, which is told
apart."""

from __future__ import annotations

from typing import Any

import pytest

from drift.compare.pair import Comparer
from drift.compare.verdict import Verdict, compare
from drift.facts import TypeFacts
from drift.finding import Change
from drift.hooks import Acceptance, Filled, Hooks
from drift.kinds.base import Context
from drift.live.estate import Estate
from drift.model import MISSING, Sensitive
from drift.redaction.redact import Redactor
from tests.comparing import REDACTOR, TYPE, facts, resource, told
from tests.match.test_match import Cloud

FILLED = Filled("such a service fills it in")
SET = facts(Names={"kind": "set"})


def filling(path: str, _value: Any) -> Filled | None:
    """Whatever is below /Filled, /Names or /Secret may be the service's."""
    return FILLED if path.startswith(("/Filled", "/Names", "/Secret")) else None


def verdict(want: dict[str, Any], have: dict[str, Any], **more: Any) -> Verdict:
    known = more.pop("known", facts())
    sides = [REDACTOR.resource(resource(one), known.root) for one in (want, have)]
    return compare(*sides, known, Context("test", "s", "r", TYPE), REDACTOR, accept=filling, **more)


def informed(found: Verdict) -> dict[str, Any]:
    return {one.change.path: one.change.live for one in found.informed}


def test_what_the_service_may_have_filled_in_is_told_apart_from_changes() -> None:
    found = verdict({"A": 1}, {"A": 1, "B": 2, "Filled": "x"})
    assert told(found) == {"/B": ("-", 2)}
    assert informed(found) == {"/Filled": "x"}
    assert [(one.change.undeclared, one.reason) for one in found.informed] == [(True, str(FILLED))]
    assert not found.folds


def test_alone_it_leaves_a_pair_in_sync() -> None:
    assert verdict({}, {"Filled": {"Deep": {"er": 1}}}).in_sync


def test_each_member_of_an_object_is_told_and_a_set_as_one() -> None:
    assert informed(verdict({}, {"Filled": {"A": 1, "B": [1]}})) == {"/Filled/A": 1, "/Filled/B": [1]}
    assert informed(verdict({}, {"Names": ["b", "a"]}, known=SET)) == {"/Names": ["a", "b"]}


def test_the_configuration_makes_it_a_change_or_hides_it() -> None:
    reported = verdict({}, {"Filled": 1}, policy=lambda _type, _path: "report")
    assert told(reported) == {"/Filled": ("-", 1)}
    assert reported.changes[0].undeclared
    assert not reported.informed
    ignored = verdict({}, {"Filled": 1}, policy=lambda _type, _path: "ignore")
    assert (ignored.changes, ignored.informed, len(ignored.folds)) == ((), (), 1)


LISTED = facts(
    Groups={"kind": "set", "listed": True}, Profile={"listed": True}, Mode={"default": "on", "listed": True}
)


def test_what_the_cloud_or_somebody_chose_is_told_apart() -> None:
    found = verdict(
        {"A": 1}, {"A": 1, "Groups": ["b", "a"], "Profile": {"Id": "x"}, "Mode": "off"}, known=LISTED
    )
    assert (found.changes, informed(found)) == (
        (),
        {"/Groups": ["a", "b"], "/Profile": {"Id": "x"}, "/Mode": "off"},
    )
    assert not found.folds
    assert verdict({}, {"Groups": [], "Mode": "on"}, known=LISTED).informed == ()


def test_what_is_declared_of_it_owns_its_members() -> None:
    assert told(verdict({"Groups": ["a"]}, {"Groups": ["a", "b"]}, known=LISTED)) == {"/Groups": ("-", ["b"])}
    assert told(verdict({"Profile": {"Id": "x"}}, {}, known=LISTED)) == {"/Profile": ({"Id": "x"}, "-")}


def test_a_reason_for_it_comes_first_and_the_configuration_last() -> None:
    def known(path: str, _value: Any) -> str | None:
        return "its first interface's" if path == "/Groups" else None

    sides = resource({}), resource({"Groups": ["a"], "Mode": "off"})
    context = Context("test", "s", "r", TYPE)
    found = compare(*sides, LISTED, context, REDACTOR, accept=known)
    assert ([fold.fact for fold in found.folds], informed(found)) == (
        ["its first interface's"],
        {"/Mode": "off"},
    )
    reported = compare(*sides, LISTED, context, REDACTOR, accept=known, policy=lambda _type, _path: "report")
    assert told(reported) == {"/Mode": ("-", "off")}


def test_what_is_grave_is_a_change() -> None:
    def grave(change: Change) -> bool:
        return change.live is True

    found = verdict({"A": 1}, {"A": 2, "Filled": {"Public": True, "Size": 1}}, grave=grave)
    assert told(found) == {"/A": (1, 2), "/Filled/Public": ("-", True)}
    assert informed(found) == {"/Filled/Size": 1}


def test_a_secret_is_told_without_its_value() -> None:
    known = facts(Secret={"secret": True})
    found = verdict({}, {"Secret": "hunter2"}, known=known)
    (one,) = found.informed
    assert (one.change.live, one.change.sensitive) == (MISSING, True)


# By pair: the shortcut over raw JSON tells the same


class _Filling(Hooks):
    def undeclared(self, declared: Any, live: Any, facts: Any, context: Any) -> Acceptance:
        return filling


class _Service(Cloud):
    name = "test"
    hooks = _Filling()

    def facts(self, type: str) -> TypeFacts | None:
        return facts()

    def severity_rules(self) -> Any:
        yield {"path": "/FilledPublic", "severity": "high", "why": "It is open.", "always": True}
        yield {"path": "/Filled*", "severity": "high", "why": "Whatever."}


def compared(want: dict[str, Any], have: dict[str, Any], action: str | None = None) -> Any:
    from drift.config.rules import UndeclaredRule

    rules = [UndeclaredRule.model_validate({"action": action})] if action else []
    redactor = Redactor("k")
    comparer = Comparer(Estate({"test": _Service()}), redactor, rules)
    declared, live = resource(want), resource(have)
    return comparer.compare([(declared, live)])


@pytest.mark.parametrize("shape", [1, {"Plain": 1}], ids=["shortcut", "whole"])
@pytest.mark.parametrize(
    ("action", "changed", "undeclared", "folded"),
    [(None, 0, 1, 0), ("inform", 0, 1, 0), ("report", 1, 0, 0), ("ignore", 0, 0, 1)],
)
def test_the_action_decides_on_both_ways(
    shape: Any, action: str | None, changed: int, undeclared: int, folded: int
) -> None:
    found = compared({"A": 1}, {"A": 1, "Filled": shape}, action)
    assert (len(found.changed), len(found.undeclared), found.folded) == (changed, undeclared, folded)


def test_a_rule_that_is_always_told_makes_a_finding_of_it_and_of_nothing_else() -> None:
    found = compared({"A": 1}, {"A": 1, "FilledPublic": "yes", "FilledSize": 3})
    (one,) = found.changed
    assert [change.path for change in one.verdict.changes] == ["/FilledPublic"]
    assert [(value.path, value.live) for value in found.undeclared] == [("/FilledSize", 3)]


def test_what_repeats_a_declared_secret_is_not_shown() -> None:
    found = compared(
        {"A": 1, "P": Sensitive("correct horse battery")},
        {"A": 1, "P": "correct horse battery", "Filled": "correct horse battery"},
    )
    (value,) = found.undeclared
    assert (value.live, value.sensitive) == (MISSING, True)


def test_an_id_is_of_the_resource_and_the_path() -> None:
    one, other = (compared({"A": 1}, {"A": 1, "Filled": value}).undeclared[0] for value in (1, 2))
    assert one.id == other.id
    assert one.id.startswith("u-")
