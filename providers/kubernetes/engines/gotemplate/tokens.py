"""Cuts the inside of an action of Go's templates into tokens.

Source: pkg.go.dev/text/template, "Arguments"; go.dev/ref/spec, "Lexical elements".
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from providers.kubernetes.engines.gotemplate.values import TemplateError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
  | (?P<char>'(?:[^'\\]|\\.)+')
  | (?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?))
  | (?P<field>\.[^\W\d]\w*)
  | (?P<variable>\$\w*)
  | (?P<word>[^\W\d]\w*)
  | (?P<sign>:=|=|\||\(|\)|,|\.)
    """,
    re.X,
)


@dataclass(slots=True)
class Token:
    kind: str
    text: str
    spaced: bool


def tokens(text: str) -> list[Token]:
    """The tokens of an action. Raises TemplateError."""
    found: list[Token] = []
    at, spaced = 0, True
    while at < len(text):
        one = _TOKEN.match(text, at)
        if one is None or not one[0]:
            raise TemplateError(f"unexpected {text[at : at + 10]!r}")
        at = one.end()
        kind = str(one.lastgroup)
        if kind == "space":
            spaced = True
            continue
        found.append(Token(kind, one[0], spaced))
        spaced = False
    return found


def constant(token: Token) -> Any:
    """The value of a text, a character or a number. Raises TemplateError."""
    if token.kind == "string":
        if token.text.startswith("`"):
            return token.text[1:-1]
        return _quoted(token.text)
    if token.kind == "char":
        return ord(_quoted(f'"{token.text[1:-1]}"'))
    if token.kind == "number":
        text = token.text.replace("_", "")
        try:
            return int(text, 0) if re.fullmatch(r"[+-]?(0[xX][0-9a-fA-F]+|0|[1-9]\d*)", text) else float(text)
        except ValueError as error:
            raise TemplateError(f"{token.text!r} is no number") from error
    raise TemplateError(f"unexpected {token.text!r}")


def _quoted(text: str) -> str:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise TemplateError(f"{text} is no text") from error
    return str(value)
