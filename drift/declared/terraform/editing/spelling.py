"""Spells values as Terraform's own syntax has them, or as JSON, so that nothing of a value is ever read as an
expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

STEP = "  "
#: A list of plain values that is longer than that is written on several lines.
_WIDEST = 80
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_LETTERS = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}
#: Words that an object's key can't be without quotes, as they begin something else.
_WORDS = frozenset({"for", "if", "null", "true", "false"})


def quoted(text: str) -> str:
    """A text between quotes; of what would be a template, the sign before the brace is doubled, or, behind
    another one, written as its number: parsers do not agree on three of them.

    >>> print(quoted('a "b" ${c} %{d} $e'))
    "a \\"b\\" $${c} %%{d} $e"
    """
    return f'"{"".join(_escaped(text))}"'


def _escaped(text: str) -> Iterator[str]:
    for at, letter in enumerate(text):
        if letter in _LETTERS:
            yield _LETTERS[letter]
        elif letter in "$%" and text[at + 1 : at + 2] == "{":
            yield letter * 2 if text[at - 1 : at] != letter else f"\\u{ord(letter):04x}"
        elif letter.isprintable():
            yield letter
        elif ord(letter) < 1 << 16:
            yield f"\\u{ord(letter):04x}"
        else:
            yield f"\\U{ord(letter):08x}"


def untemplated(text: str) -> str:
    """A text as it stands in a heredoc, or in JSON configuration: nothing is a template in it. It must not be
    :func:`ambiguous`."""
    return re.sub(r"([$%])\{", r"\1\1{", text)


def ambiguous(text: str) -> bool:
    """Whether a text has signs before a brace that only a quoted text can hold."""
    return re.search(r"[$%][$%]\{", text) is not None


def key(name: str) -> str:
    """The key of an object: bare where it may be."""
    return name if _NAME.fullmatch(name) and name not in _WORDS else quoted(name)


def number(value: float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else repr(value)


def plain(value: Any) -> str | None:
    """A value without members; None of any other."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    return quoted(value) if isinstance(value, str) else None


def spelled(value: Any, indent: str = "") -> str:
    """A value as an expression that begins in a line which is indented by ``indent``; its lines end with
    ``\\n``.

    >>> print(spelled({"a": 1, "long": ["x", "y"]}))
    {
      a    = 1
      long = ["x", "y"]
    }
    """
    simple = plain(value)
    if simple is not None:
        return simple
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        inside = indent + STEP
        items = [(key(str(name)), spelled(item, inside)) for name, item in value.items()]
        return "\n".join(["{", *aligned(items, inside), f"{indent}}}"])
    return _list(list(value), indent)


def _list(value: Sequence[Any], indent: str) -> str:
    simple = [plain(item) for item in value]
    if all(item is not None for item in simple):
        short = f"[{', '.join(str(item) for item in simple)}]"
        if len(short) <= _WIDEST:
            return short
    inside = indent + STEP
    return "\n".join(["[", *(f"{inside}{spelled(item, inside)}," for item in value), f"{indent}]"])


def aligned(items: Sequence[tuple[str, str]], indent: str) -> Iterator[str]:
    """``name = value`` lines, with the signs below each other where the values have one line each, as
    ``terraform fmt`` has them."""
    group: list[tuple[str, str]] = []

    def flushed() -> Iterator[str]:
        width = max((len(name) for name, _ in group), default=0)
        for name, text in group:
            yield f"{indent}{name.ljust(width)} = {text}"
        group.clear()

    for name, text in items:
        if "\n" in text:
            yield from flushed()
            yield f"{indent}{name} = {text}"
        else:
            group.append((name, text))
    yield from flushed()


def in_json(value: Any, indent: str = "", step: str = STEP) -> str:
    """A value as JSON, on several lines where it has members that have some."""
    if isinstance(value, Mapping) and value:
        inside = indent + step
        items = (f"{inside}{_text(str(name))}: {in_json(one, inside, step)}" for name, one in value.items())
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(one, (Mapping, list)) for one in value):
        inside = indent + step
        return "[\n" + ",\n".join(f"{inside}{in_json(one, inside, step)}" for one in value) + f"\n{indent}]"
    if isinstance(value, list):
        return f"[{', '.join(in_json(one) for one in value)}]"
    return _text(value)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
