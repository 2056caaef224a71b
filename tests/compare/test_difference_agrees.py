"""What is different is what plain DeepDiff calls different, whichever way it is looked for."""

from __future__ import annotations

import copy
import random
from typing import Any
from unittest.mock import patch

from deepdiff import DeepDiff
from hypothesis import assume, given
from hypothesis import strategies as st

from drift.compare.difference import differences
from drift.kinds.base import Keyed, Unordered
from drift.values import same
from tests.comparing import judge

#: Without null, false and the empty, which mean absent.
SCALARS = st.sampled_from([True, 1, 2, 1.5, "a", "b", "1", "true"])
NAMES = st.sampled_from(["a", "b", "__c", "d/e", "f~g", "h'i", "j]k"])
VALUES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, min_size=1, max_size=4) | st.dictionaries(NAMES, below, min_size=1, max_size=4)
    ),
    max_leaves=15,
)
OBJECTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=5)


def changed(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        kept = {key: changed(item, chance) for key, item in value.items() if chance.random() > 0.1}
        return type(value)(kept or value)
    if isinstance(value, list):
        return [changed(item, chance) for item in value if chance.random() > 0.1] or value
    return chance.choice([value, value, value, 2, "b", [1], {"a": 1}])


@given(OBJECTS, OBJECTS, st.integers(0, 1000))
def test_plain_deepdiff_agrees_on_what_is_different(
    one: dict[str, Any], more: dict[str, Any], seed: int
) -> None:
    other = more if seed % 5 == 0 else changed(one, random.Random(seed)) if seed % 5 else copy.deepcopy(one)
    plain = DeepDiff(one, other, ignore_private_variables=False)
    assert judge(one, other).in_sync == (not plain)


def grouped(value: Any, name: str = "") -> Any:
    """The value with its objects of some names as keyed lists and sets."""
    if isinstance(value, dict):
        shape = {"a": Keyed, "b": Unordered}.get(name, dict)
        return shape((key, grouped(item, key)) for key, item in value.items())
    return [grouped(item) for item in value] if isinstance(value, list) else value


@given(OBJECTS, st.integers(0, 1000))
def test_large_values_are_told_like_small_ones(one: dict[str, Any], seed: int) -> None:
    sides = [grouped(side) for side in (one, changed(one, random.Random(seed)))]
    assume(not same(*sides))
    with patch("drift.compare.difference._plain", return_value=False):
        small = differences(*sides, set())
        with patch("drift.compare.difference.MANY", 0):
            assert differences(*sides, set()) == small
    assert differences(*sides, set()) == small
