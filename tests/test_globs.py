"""Many globs at once match what one of them matches by :mod:`fnmatch`."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.globs import Globs
from drift.redaction.variables import readable

GLOB = st.text("ab*?[!]\n", max_size=6)
TEXT = st.text("abB\n", max_size=6)


@given(st.lists(GLOB, max_size=4), TEXT)
def test_they_match_what_one_of_them_matches(globs: list[str], text: str) -> None:
    assert Globs(globs).match(text) == any(fnmatchcase(text, glob) for glob in globs)


@pytest.mark.parametrize(
    ("globs", "text", "matches"),
    [
        (["*"], "", True),
        ([], "a", False),
        (["ab*ba"], "aba", False),
        (["ab*ba"], "abba", True),
        (["a*", "*b"], "xb", True),
        (["*a*"], "xay", True),
        (["a"], "A", False),
    ],
)
def test_a_glob(globs: list[str], text: str, matches: bool) -> None:
    assert Globs(globs).match(text) is matches


def test_names_of_variables_match_in_any_letter_case() -> None:
    assert readable("http_Port", "x" * 40)
    assert readable("shop_thing", "x" * 40, ["SHOP_*"])
    assert not readable("shop_thing", "x" * 40)
