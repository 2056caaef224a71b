"""Which faults are made of a module, and that one is noticed where a test looks."""

from __future__ import annotations

import ast

import pytest

from tests.mutants.edits import edits


def made(source: str) -> list[str]:
    """The modules with one fault each."""
    faulty = [edit.of(source.encode()).decode() for edit in edits(source.encode())]
    for one in faulty:
        ast.parse(one)
    return faulty


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("x = a == b", ["x = (a != b)"]),
        ("x = a not in b", ["x = (a in b)"]),
        ("x = a and b", ["x = ((a) or (b))"]),
        ("x = not a", ["x = (a)"]),
        ("x = a + b", ["x = ((a) - (b))"]),
        ("x = True", ["x = False"]),
        ("x = 7", ["x = 8"]),
        ("x = 'é', 'a'", ["x = 'éX', 'a'", "x = 'é', 'aX'"]),
        ("x = a if b else c", ["x = a if (not (b)) else c"]),
        ("x = [a for a in b if a]", ["x = [a for a in b if True]"]),
        ("def f(): return x", ["def f(): return None"]),
        ("if a:\n    pass", ["if (not (a)):\n    pass"]),
    ],
)
def test_each_fault(right: str, wrong: list[str]) -> None:
    assert made(right) == wrong


@pytest.mark.parametrize(
    "source",
    [
        '"""What it is for."""',
        'def f(a: "T") -> "T": pass',
        'x: Literal["a"]',
        'raise ValueError("so", 3)',
        'x = f"a {b + 1}"',
        "if TYPE_CHECKING:\n    from a import b",
        "@dataclass(frozen=True)\nclass A: pass",
        'x = cast("T", a)',
        'T = Callable[["A"], "B"]',
        '__all__ = ["a"]',
    ],
)
def test_what_is_not_run_or_read_by_people_stays(source: str) -> None:
    assert made(source) == []
