"""Parses Go's templates into nodes.

Source: pkg.go.dev/text/template, "Actions", "Arguments", "Pipelines", "Variables".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from providers.kubernetes.engines.gotemplate.tokens import Token, constant
from providers.kubernetes.engines.gotemplate.tokens import tokens as cut
from providers.kubernetes.engines.gotemplate.values import TemplateError

#: How deep parentheses and blocks may nest.
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Dot:
    pass


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Word:
    """A function's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Members of a value, one after the other."""

    of: Any
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands, each a list of operands; ``names`` are the variables that it sets, ``declares`` whether they
    are new."""

    commands: tuple[tuple[Any, ...], ...]
    names: tuple[str, ...] = ()
    declares: bool = True


@dataclass(slots=True)
class Block:
    """``if``, ``with`` or ``range``, or a ``print`` of a pipeline; ``text`` is that of a ``text``."""

    kind: str
    pipe: Pipe | None = None
    text: str = ""
    body: list[Block] = field(default_factory=list)
    other: list[Block] = field(default_factory=list)


def parse(source: str) -> list[Block]:
    """The nodes of a template. Raises TemplateError."""
    return _Parser(source).parsed()


class _Parser:
    def __init__(self, source: str) -> None:
        self.pieces = _pieces(source)
        self.at = 0

    def parsed(self) -> list[Block]:
        found, ended = self._blocks(0)
        if ended:
            raise TemplateError(f"unexpected {{{{{ended}}}}}")
        return found

    def _blocks(self, depth: int) -> tuple[list[Block], str]:
        """The nodes up to an ``else`` or ``end``, and that."""
        if depth > _DEEPEST:
            raise TemplateError("it nests too deep")
        found: list[Block] = []
        while self.at < len(self.pieces):
            is_action, content = self.pieces[self.at]
            self.at += 1
            if not is_action:
                found.append(Block("text", text=content))
                continue
            match = re.match(r"(if|with|range|else|end|break|continue|define|template|block)\b", content)
            word = match[1] if match else ""
            rest = content[len(word) :].strip() if word else content
            if word in ("else", "end"):
                return found, content
            if word in ("define", "template", "block"):
                raise TemplateError(f"{{{{{word}}}}} is not known")
            if word in ("break", "continue"):
                found.append(Block(word))
            elif word:
                found.append(self._control(word, rest, depth))
            else:
                found.append(Block("print", _pipe(rest)))
        return found, ""

    def _control(self, word: str, rest: str, depth: int) -> Block:
        block = Block(word, _pipe(rest, ranges=word == "range"))
        block.body, ended = self._blocks(depth + 1)
        if ended.startswith("else"):
            more = ended.removeprefix("else").strip()
            match = re.match(r"(if|with)\b", more)
            if match and word in ("if", "with"):
                block.other = [self._control(match[1], more[len(match[1]) :].strip(), depth + 1)]
                return block
            if more:
                raise TemplateError(f"unexpected {{{{{ended}}}}}")
            block.other, ended = self._blocks(depth + 1)
        if ended != "end":
            raise TemplateError(f"{{{{{word}}}}} has no {{{{end}}}}")
        return block


def _pieces(source: str) -> list[tuple[bool, str]]:
    """Texts and actions, in order; what ``{{-`` and ``-}}`` trim is taken off."""
    found: list[tuple[bool, str]] = []
    at, trim = 0, False
    while True:
        start = source.find("{{", at)
        text = source[at:] if start < 0 else source[at:start]
        left = start >= 0 and re.match(r"\{\{-\s", source[start:]) is not None
        text = text.lstrip() if trim else text
        text = text.rstrip() if left else text
        if text:
            found.append((False, text))
        if start < 0:
            return found
        begin = start + (3 if left else 2)
        end = _end(source, begin)
        inner = source[begin:end]
        trim = bool(re.search(r"\s-$", inner))
        inner = (inner[:-1] if trim else inner).strip()
        if not inner.startswith("/*"):
            if not inner:
                raise TemplateError("an action is empty")
            found.append((True, inner))
        at = end + 2


def _end(source: str, at: int) -> int:
    """Where an action ends: at ``}}`` outside of texts."""
    comment = re.compile(r"\s*/\*.*?\*/\s*-?(?=\}\})", re.S).match(source, at)
    if comment:
        return comment.end()
    inside = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|\'(?:[^\'\\]|\\.)+\'|\}\}', re.S)
    for one in inside.finditer(source, at):
        if one[0] == "}}":
            return one.start()
    raise TemplateError("an action has no }}")


def _pipe(text: str, *, ranges: bool = False) -> Pipe:
    tokens = cut(text)
    names: list[str] = []
    declares = True
    if tokens and tokens[0].kind == "variable":
        at = 1
        if ranges and len(tokens) > 3 and tokens[1].text == "," and tokens[2].kind == "variable":
            at = 3
        if at < len(tokens) and tokens[at].text in (":=", "="):
            names = [one.text for one in tokens[:at] if one.kind == "variable"]
            declares = tokens[at].text == ":="
            tokens = tokens[at + 1 :]
    reader = _Reader(tokens)
    commands = reader.commands(0)
    if reader.at < len(tokens):
        raise TemplateError(f"unexpected {tokens[reader.at].text!r}")
    return Pipe(tuple(commands), tuple(names), declares)


class _Reader:
    """Reads the commands of one pipeline."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0

    def commands(self, depth: int) -> list[tuple[Any, ...]]:
        if depth > _DEEPEST:
            raise TemplateError("it nests too deep")
        found: list[tuple[Any, ...]] = []
        operands: list[Any] = []
        while self.at < len(self.tokens) and self.tokens[self.at].text != ")":
            if self.tokens[self.at].text == "|":
                self.at += 1
                found.append(_command(operands))
                operands = []
                continue
            operands.append(self._operand(depth))
        found.append(_command(operands))
        return found

    def _operand(self, depth: int) -> Any:
        token = self.tokens[self.at]
        self.at += 1
        if token.text == "(":
            commands = self.commands(depth + 1)
            if self.at >= len(self.tokens):
                raise TemplateError("a parenthesis is not closed")
            self.at += 1
            return self._members(Pipe(tuple(commands)))
        if token.kind == "field":
            self.at -= 1
            return self._members(Dot(), first=True)
        if token.text == ".":
            return Dot()
        if token.kind == "variable":
            return self._members(Variable(token.text))
        if token.kind == "word":
            constants = {"true": True, "false": False, "nil": None}
            return Literal(constants[token.text]) if token.text in constants else Word(token.text)
        return Literal(constant(token))

    def _members(self, of: Any, *, first: bool = False) -> Any:
        members: list[str] = []
        while self.at < len(self.tokens):
            one = self.tokens[self.at]
            if one.kind != "field" or (one.spaced and not (first and not members)):
                break
            members.append(one.text[1:])
            self.at += 1
        return Chain(of, tuple(members)) if members else of


def _command(operands: list[Any]) -> tuple[Any, ...]:
    if not operands:
        raise TemplateError("a command is missing")
    return tuple(operands)
