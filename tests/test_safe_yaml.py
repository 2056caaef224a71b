"""YAML that would take all memory, all time or the process itself is refused before it is built."""

from __future__ import annotations

import pytest

from drift.config.lines import read
from drift.errors import ConfigError
from drift.safe_yaml import danger

BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, (6, "can't be read: its aliases unfold")),
        ("a: " + "[" * 50_000 + "]" * 50_000, (1, "can't be read: it nests deeper")),
        ("a:\n  " + "- " * 50_000 + "x", (2, "can't be read: it nests deeper")),
        ("{a: " * 300 + "1" + "}" * 300, (1, "can't be read: it nests deeper")),
    ],
)
def test_what_is_dangerous_is_told_with_its_line(text: str, said: tuple[int, str]) -> None:
    line, why = said
    found = danger(text)
    assert found is not None and (found.line, found.reason[: len(why)]) == (line, why)
    with pytest.raises(ConfigError, match=rf"^\.driftignore\.yaml:{line}: {why}"):
        read(text, ".driftignore.yaml")


@pytest.mark.parametrize(
    "text", ["", "a: 1", "a: &a {b: 1}\nc: *a\nd: {<<: *a}", "- " * 100 + "x", "[" + "1," * 5000 + "]"]
)
def test_ordinary_documents_are_not(text: str) -> None:
    assert danger(text) is None
