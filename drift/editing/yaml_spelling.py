"""Spells values in YAML so that they read back as what they are, whoever reads them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from drift.editing.yaml_nodes import Language

_YAML = "tag:yaml.org,2002:"
_LOADER: Any = yaml.SafeLoader("")
#: What some reader of YAML takes for something else than text: 1.2's numbers, go-yaml's words.
_ODD = re.compile(
    r"[-+]?(?:0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*)"
    r"|[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    r"|[yYnN]|~|[<=]|<<|null|Null|NULL"
)
_PLAIN = re.compile(r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[-?:](?=[^\s,\[\]{}]))[^\t\xa0]*")
_BREAKS_OUT = re.compile(r":(?:\s|$)|\s#|\s$")
_OF_FLOW = re.compile(r"[,\[\]{}?:]")
_PRINTABLE = re.compile(
    r"[\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)
_ESCAPED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
#: A key that is longer can't stand on one line with its value.
_LONGEST_KEY = 120


def _scalar(text: str, tag: str | None, plain: bool) -> Any:
    if tag is None and not plain:
        return text
    if tag is None or tag == "!":
        tag = _LOADER.resolve(yaml.ScalarNode, text, (plain, False))
    if tag in (f"{_YAML}timestamp", f"{_YAML}str"):
        return text
    constructor = yaml.SafeLoader.yaml_constructors.get(tag, yaml.SafeLoader.construct_yaml_str)
    try:
        return constructor(_LOADER, yaml.ScalarNode(tag, text))
    except (KeyError, AttributeError, yaml.YAMLError) as error:
        raise ValueError(f"{text!r} is not what its tag says") from error


def _key(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return str(value)


#: YAML 1.1 as PyYAML reads it, dates as text.
YAML_1_1 = Language(_scalar, _key)


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes: the line break, how far a level is indented, and a list's dashes below its key;
    ``quote`` is the usual quotation mark, ``json`` that all texts and keys stand in double quotes."""

    newline: str = "\n"
    step: int = 2
    dashes: int = 2
    quote: str = '"'
    json: bool = False


class Unspellable(ValueError):
    """A value that YAML has no words for."""


def scalar(value: Any, language: Language, style: Style, *, flow: bool = False, like: str = "") -> str:
    """A scalar on one line. ``like`` are the quotation marks that stand there now, which are kept for a text.

    >>> [scalar(one, YAML_1_1, Style()) for one in ("a b", "on", "1e3", 5, None, True, "x: y", "")]
    ['a b', '"on"', '"1e3"', '5', 'null', 'true', '"x: y"', '""']
    """
    if isinstance(value, str):
        return _text(value, language, style, flow, like)
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    if isinstance(value, float) and math.isfinite(value):
        return _float(value, language)
    if isinstance(value, (dict, list)) and not value:
        return "{}" if isinstance(value, dict) else "[]"
    raise Unspellable(f"{value!r} can't be written in YAML")


def _text(value: str, language: Language, style: Style, flow: bool, like: str) -> str:
    mark = '"' if style.json else like
    if mark == "" and is_plain(value, language, flow=flow):
        return value
    mark = mark if mark in ("'", '"') else style.quote
    if mark == "'" and value and _PRINTABLE.fullmatch(value) and "\t" not in value:
        return "'" + value.replace("'", "''") + "'"
    return _quoted(value)


def _quoted(value: str) -> str:
    """In double quotes, with JSON's escapes where YAML has them too."""
    if "\ud800" <= max(value, default="") <= "\udfff" or any("\ud800" <= one <= "\udfff" for one in value):
        raise Unspellable("half of a character can't be written in YAML")
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def is_plain(value: str, language: Language, *, flow: bool = False) -> bool:
    """Whether a text may stand without quotes, so that every reader takes it for this text."""
    if (
        not printable(value)
        or not _PLAIN.fullmatch(value)
        or _BREAKS_OUT.search(value)
        or (flow and _OF_FLOW.search(value))
    ):
        return False
    if value.startswith(("---", "...")) or _ODD.fullmatch(value):
        return False
    if _LOADER.resolve(yaml.ScalarNode, value, (True, False)) != f"{_YAML}str":
        return False
    try:
        return bool(language.scalar(value, None, True) == value)
    except ValueError:
        return False


def _float(value: float, language: Language) -> str:
    """The shortest words that read back as this number, as a whole one where its language has no others."""
    said = repr(value)
    mantissa, _, exponent = said.partition("e")
    pointed = mantissa if "." in mantissa else f"{mantissa}.0"
    signed = exponent if exponent[:1] in ("-", "") else f"+{exponent.lstrip('+')}"
    for one in (said, f"{pointed}e{signed}" if exponent else said, format(value, "f")):
        found = language.scalar(one, None, True)
        if isinstance(found, (int, float)) and not isinstance(found, bool) and found == value:
            return one
    raise Unspellable(f"{value!r} can't be written in YAML")


def printable(value: str) -> bool:
    """Whether a text of one line can stand without escapes."""
    return bool(_PRINTABLE.fullmatch(value))


def literal(value: str, parent: int, style: Style, *, keep: bool = False) -> tuple[str, str] | None:
    """(header, body) of a block scalar below what stands at the column ``parent``; None where it can't hold
    the text: several line breaks at its end only with ``keep``, where no blank line follows. The body begins
    with a line break and ends without one."""
    lines = value.split("\n")
    if not value.strip() or not all(_PRINTABLE.fullmatch(line) for line in lines):
        return None
    stripped = value.rstrip("\n")
    breaks = len(value) - len(stripped)
    if (breaks > 1 and not keep) or not stripped.rpartition("\n")[2].strip():
        return None  # a last line of spaces alone
    sign = "-" if breaks == 0 else "" if breaks == 1 else "+"
    hint = str(style.step) if not lines[0].strip() or lines[0][0] in " \t" else ""
    body = stripped.split("\n") + [""] * (breaks - 1)
    margin = " " * (parent + style.step)
    return f"|{hint}{sign}", "".join(style.newline + (margin + line if line else "") for line in body)


def key(name: str, language: Language, style: Style, *, flow: bool = False) -> str:
    """A mapping's key. Raises Unspellable for one that is too long."""
    if len(name) > _LONGEST_KEY:
        raise Unspellable(f"the key {name[:40]}… is too long to be written on one line")
    if "\n" in name:
        return _quoted(name)
    return scalar(name, language, style, flow=flow)


def after_key(value: Any, column: int, language: Language, style: Style) -> tuple[str, str]:
    """What stands behind ``key:`` on its line and, beginning with a line break, below it; the key stands at
    ``column``."""
    if isinstance(value, Mapping) and value:
        return "", _entries(value, column + style.step, language, style)
    if isinstance(value, list) and value:
        return "", _items(value, column + style.dashes, language, style)
    if isinstance(value, str) and "\n" in value:
        found = literal(value, column, style)
        if found is not None:
            return found
    return scalar(value, language, style), ""


def item(value: Any, column: int, language: Language, style: Style, gap: int = 1) -> str:
    """What stands from the dash at ``column`` on; further lines are indented for it."""
    inner = column + 1 + gap
    pad = "-" + " " * gap
    if isinstance(value, Mapping) and value:
        return pad + _entries(value, inner, language, style)[len(style.newline) + inner :]
    if isinstance(value, list) and value:
        return pad + _items(value, inner, language, style)[len(style.newline) + inner :]
    inline, below = after_key(value, column, language, style)
    return pad + inline + below


def _entries(value: Mapping[str, Any], column: int, language: Language, style: Style) -> str:
    return "".join(
        style.newline + " " * column + entry(name, one, column, language, style)
        for name, one in value.items()
    )


def _items(value: list[Any], column: int, language: Language, style: Style) -> str:
    return "".join(style.newline + " " * column + item(one, column, language, style) for one in value)


def entry(name: str, value: Any, column: int, language: Language, style: Style) -> str:
    """A whole entry whose key stands at ``column``."""
    inline, below = after_key(value, column, language, style)
    return f"{key(name, language, style)}:{' ' if inline else ''}{inline}{below}"


def flow(value: Any, language: Language, style: Style) -> str:
    """A value between brackets, on one line."""
    if isinstance(value, Mapping):
        inside = ", ".join(
            f"{key(name, language, style, flow=True)}: {flow(one, language, style)}"
            for name, one in value.items()
        )
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(one, language, style) for one in value)}]"
    return scalar(value, language, style, flow=True)


def document_text(value: Mapping[str, Any], language: Language, style: Style) -> str:
    """A whole document, without ``---``."""
    return _entries(value, 0, language, style)[len(style.newline) :] + style.newline
