"""The quick way over raw JSON and the slow one tell the same of documents nobody wrote: the same changes, the
same hidden secrets, the same accepted differences."""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift import plugins
from drift.compare.pair import Comparer
from drift.compare.verdict import Comparison
from drift.facts import NOTHING, TypeFacts
from drift.live.estate import Estate
from drift.model import Resource
from drift.redaction import Redactor
from tests.bench.edited import MAKERS as EDITED
from tests.bench.listed import MAKERS as LISTED
from tests.bench.nested import MAKERS as NESTED
from tests.bench.worded import MAKERS as WORDED

#: What is written where something is changed: also what hides, what masks, and what means the same.
WORDS = (
    "a",
    "A",
    "",
    "***",
    0,
    1,
    True,
    False,
    None,
    [],
    {},
    "10.0.0.0/8",
    "hunter2-Zq8v!Lw3",
    "1",
    "100m",
    0.1,
)
NAMES = ("name", "value", "password", "key", "Value", "Name", "data", "x", "DB_PASSWORD", "id")


def documents() -> list[dict[str, Any]]:
    """One record of each kind of the benchmark's, as it is declared."""
    return [
        *(maker(3, False) for maker in (*LISTED, *WORDED)),
        *(maker(3, False, False) for maker in (*EDITED, *NESTED[1:])),
    ]


def changed(value: Any, chance: random.Random, rate: float) -> Any:
    """A document with things in it changed, dropped, added, doubled and in another order."""
    if chance.random() < rate / 3:
        return chance.choice(WORDS)
    if isinstance(value, dict):
        told = {key: changed(item, chance, rate) for key, item in value.items() if chance.random() > rate / 3}
        if chance.random() < rate:
            told[chance.choice(NAMES)] = chance.choice(WORDS)
        return told
    if isinstance(value, list):
        members = [changed(item, chance, rate) for item in value if chance.random() > rate / 3]
        if chance.random() < 0.3:
            chance.shuffle(members)
        if members and chance.random() < rate / 3:
            members.append(chance.choice(members))
        return members
    if isinstance(value, str) and chance.random() < rate:
        return chance.choice((value.upper(), f"{value}x", [value]))
    return value


def resource(record: dict[str, Any], attributes: Any) -> Resource:
    one = orjson.loads(orjson.dumps(attributes))
    return Resource(
        record["provider"], record["scope"], record["type"], record["id"], one, record.get("region")
    )


def slowly() -> ExitStack:
    """Without anything that spares work."""
    stack = ExitStack()
    stack.enter_context(patch("drift.compare.pair.Comparer._folds", lambda *_: None))
    stack.enter_context(patch("drift.compare.verdict.unlike", lambda declared, live, *_: (declared, live)))
    stack.enter_context(patch("drift.compare.pair.Comparer._agree", lambda *_: False))
    stack.enter_context(patch("drift.redaction.redact._equal", lambda *_: False))
    stack.enter_context(patch.object(Redactor, "_harmless_of", lambda *_: set()))
    stack.enter_context(patch("drift.compare.difference._plain", lambda *_: False))
    stack.enter_context(patch.object(Comparison, "holds_of", lambda *_: False))
    return stack


@pytest.fixture(scope="module")
def comparer() -> Comparer:
    return Comparer(Estate(plugins.providers(), raw=True), Redactor("a key for tests"))


@pytest.mark.parametrize("record", documents(), ids=lambda record: record["type"])
def test_both_ways_tell_the_same(record: dict[str, Any], comparer: Comparer) -> None:
    for seed in range(12):
        chance = random.Random(f"{record['type']} {seed}")
        rate = chance.choice((0.005, 0.02, 0.1))
        before = changed(record["attributes"], chance, 0.02)
        sides = [before, changed(before, chance, rate)]
        if not all(isinstance(side, dict) for side in sides):
            continue
        chance.shuffle(sides)
        quick = told(comparer, record, sides)
        with slowly():
            slow = told(comparer, record, sides)
        assert quick == slow, seed


def told(comparer: Comparer, record: dict[str, Any], sides: list[Any]) -> dict[str, Any]:
    """All that a comparison tells; of what was accepted only how much where nothing else is told."""
    found = comparer.compare([(resource(record, sides[0]), resource(record, sides[1]))])
    return {
        "changes": [[(repr(change)) for change in one.verdict.changes] for one in found.changed],
        "shown": [(one.declared.attributes, one.live.attributes) for one in found.changed],
        "unverifiable": sorted(map(repr, found.unverifiable)),
        "undeclared": sorted(map(repr, found.undeclared)),
        "in_sync": found.in_sync,
        "folded": found.folded,
    }


VALUES = st.recursive(
    st.sampled_from(["hunter2-Zq8v!Lw3", "a", "Zq8vLw3Tx9Rb5Nm2Kd7", 123456, 1, True, "", "***"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(NAMES), below, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from((*NAMES, "env")), VALUES, max_size=4), st.integers(0, 1000))
def test_what_is_looked_at_once_is_hidden_as_if_it_were_looked_at_twice(
    one: dict[str, Any], seed: int
) -> None:
    redactor = Redactor("a key for tests")
    other = changed(one, random.Random(seed), 0.05)
    record = {"provider": "test", "scope": "s", "type": "Test::Thing", "id": "id"}
    first = redactor.resource(resource(record, one), NOTHING)
    if isinstance(other, dict):
        second = resource(record, other)
        like = one, first.attributes
        assert (
            redactor.resource(second, NOTHING, like=like).attributes
            == redactor.resource(second, NOTHING).attributes
            == Redactor("a key for tests").resource(second, NOTHING).attributes
        )


def test_a_secret_beside_what_differs_is_hidden_in_what_is_shown(comparer: Comparer) -> None:
    facts: TypeFacts | None = comparer.estate.providers["kubernetes"].facts("apps/v1/Deployment")
    assert facts is not None
    record = EDITED[0](1, False, False)
    sides = [orjson.loads(orjson.dumps(record["attributes"])) for _ in range(2)]
    for side in sides:
        container = side["spec"]["template"]["spec"]["containers"][0]
        container["env"].append({"name": "DB_PASSWORD", "value": "hunter2-Zq8v!Lw3"})
    sides[1]["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example.com/other:1"
    [one] = comparer.compare([(resource(record, sides[0]), resource(record, sides[1]))]).changed
    assert [change.path for change in one.verdict.changes] == ["/spec/template/spec/containers/service/image"]
    shown = orjson.dumps([one.declared.attributes, one.live.attributes])
    assert b"hunter2" not in shown and shown.count(b"DB_PASSWORD") == 2
