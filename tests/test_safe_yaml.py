"""YAML that would take all memory, all time or the process itself is refused before it is built; what is
built is what the library makes of it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from drift import safe_yaml
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


TEXTS = [
    "",
    "---\n",
    "# nothing\n",
    "a",
    "'a'",
    "- [1, 0x1f, 017, 0o17, 1_000, .5, 1e3, .inf, -.INF, .nan, 190:20:30]\n",
    "- {a: yes, b: Off, c: ~, d: null, e: }\n",
    "a: 2001-01-01\nb: 2001-12-14t21:59:43.10-05:00\n? c\n: !\n  d\n",
    "1: a\ntrue: b\n~: c\n1.5: d\n'1': e\n",
    "a: 1\na: 2\n",
    'a: |\n  x\n  y\nb: >-\n  x\n  y\nc: "\\u00e9\\n"\n',
    "a: ! 12\nb: !!str 12\nc: !!int '12'\nd: !!set {x, y}\n",
    "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n",
    "? [a, b]\n: c\n",
    "? {a: b}\n: c\n",
    "a: =\n=: b\n'=': c\n'<<': d\n",
    "a: !env X\n",
    "a: 1\n---\nb: 2\n",
    "a: [\n",
    "a: b: c\n",
    "\ta: b\n",
    "a: *x\n",
    "a: &x 1\nb: &x 2\nc: *x\n",
    "- &x a\n- &y {q: *x}\n- *y\n- &z [*y, *x]\n- *z\n",
    "a: &x {b: &x 1}\nc: *x\n",
    "&k a: 1\nb: *k\n",
    "a: 9999999999999999999999\nb: 0b102\nc: 08\n",
    "%YAML 1.1\n---\na: no\n...\n",
    "\ufeffa: 1\n",
    "a: \x01\n",
    "a: 2001-99-99\n",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("dates", [True, False])
def test_values_are_what_the_library_makes_of_them(text: str, dates: bool) -> None:
    def said(read: Callable[[], Any]) -> str:
        try:
            return repr(read())
        except (yaml.YAMLError, ValueError) as error:
            return f"{getattr(error, 'reason', None) or getattr(error, 'problem', error)}"

    kind = safe_yaml._Loader if dates else safe_yaml._Dateless  # noqa: SLF001
    ours = said(lambda: safe_yaml.load(text, dates=dates))
    theirs = said(lambda: yaml.load(text, Loader=kind))  # noqa: S506
    assert ours.startswith(theirs) or theirs.startswith(ours)


@pytest.mark.parametrize("text", ["a: !!timestamp x", "a: !!bool x", "a: !!int x", "a: !!float x"])
def test_a_tag_that_is_not_what_the_text_is(text: str) -> None:
    with pytest.raises(safe_yaml.YamlError):
        safe_yaml.load(text, dates=True)
    assert "timestamp" in text or pytest.raises(safe_yaml.YamlError, list, safe_yaml.documents(text))


def test_a_wide_document_takes_little_more_than_its_values() -> None:
    text = "".join(f"key{number}: value {number}\n" for number in range(20_000)).encode()
    tracemalloc.start()
    try:
        assert len(safe_yaml.load(text)) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 15 * len(text)
    finally:
        tracemalloc.stop()
