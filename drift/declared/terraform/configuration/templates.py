"""Puts the pieces of a Terraform template together: texts, values, ``%{ if }`` and ``%{ for }``, with the
white space that its markers and ``<<-`` take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drift.declared.terraform.configuration.expressions import (
    Conditional,
    Expression,
    Literal,
    Loop,
    Template,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece as it is written. ``kind`` is ``text`` (with ``text``), ``value``, ``if``, ``else``,
    ``endif``, ``for`` or ``endfor``; ``before`` and ``after`` are its markers."""

    kind: str
    text: str = ""
    value: Expression | None = None
    names: tuple[str, ...] = ()
    before: bool = False
    after: bool = False


def assemble(pieces: Sequence[Piece], *, flush: bool = False, whole: bool = True) -> Expression:
    """``flush``: without what all lines are indented by. ``whole``: one value alone keeps its type. Raises
    ValueError where directives don't close."""
    trimmed = _trimmed(_flushed(pieces) if flush else list(pieces))
    if whole and len(trimmed) == 1 and trimmed[0].kind == "value" and trimmed[0].value is not None:
        return trimmed[0].value
    parts, rest, _ = _block(trimmed, 0, ())
    if rest != len(trimmed):
        raise ValueError("a template's directives don't close")
    if all(isinstance(one, Literal) and isinstance(one.value, str) for one in parts):
        return Literal("".join(one.value for one in parts if isinstance(one, Literal)))
    return Template(tuple(parts))


def _block(
    pieces: Sequence[Piece], start: int, until: tuple[str, ...]
) -> tuple[list[Expression], int, str | None]:
    """The expressions up to one of ``until``, where that stands, and which it is."""
    parts: list[Expression] = []
    place = start
    while place < len(pieces):
        piece = pieces[place]
        if piece.kind in until:
            return parts, place, piece.kind
        if piece.kind == "text":
            parts.append(Literal(piece.text))
        elif piece.kind == "value" and piece.value is not None:
            parts.append(piece.value)
        elif piece.kind == "if" and piece.value is not None:
            yes, place, ended = _block(pieces, place + 1, ("else", "endif"))
            no: list[Expression] = []
            if ended == "else":
                no, place, ended = _block(pieces, place + 1, ("endif",))
            if ended is None:
                raise ValueError("a template's %{ if } does not end")
            parts.append(Conditional(piece.value, Template(tuple(yes)), Template(tuple(no))))
        elif piece.kind == "for" and piece.value is not None:
            body, place, ended = _block(pieces, place + 1, ("endfor",))
            if ended is None:
                raise ValueError("a template's %{ for } does not end")
            parts.append(Loop(piece.names, piece.value, Template(tuple(body))))
        else:
            raise ValueError(f"a template's %{{ {piece.kind} }} closes nothing")
        place += 1
    return parts, place, None


def _trimmed(pieces: Sequence[Piece]) -> list[Piece]:
    texts = [piece.text for piece in pieces]
    for index, piece in enumerate(pieces):
        if piece.after and index + 1 < len(pieces):
            line, newline, rest = texts[index + 1].partition("\n")
            texts[index + 1] = (line + newline).lstrip() + rest
        if piece.before and index:
            above, newline, line = texts[index - 1].rpartition("\n")
            if line:
                texts[index - 1] = above + newline + line.rstrip()
            else:
                further, also, last = above.rpartition("\n")
                texts[index - 1] = further + also + last.rstrip()
    return [
        Piece("text", text) if piece.kind == "text" else piece
        for piece, text in zip(pieces, texts, strict=True)
        if piece.kind != "text" or text
    ]


def _flushed(pieces: Sequence[Piece]) -> list[Piece]:
    begins, least = True, None
    for index, piece in enumerate(pieces):
        if piece.kind == "text":
            lines = piece.text.split("\n")
            for number, line in enumerate(lines):
                if number == 0 and not begins:
                    continue
                ends = number == len(lines) - 1
                if line.strip() or (ends and index + 1 < len(pieces)):
                    spaces = len(line) - len(line.lstrip())
                    least = spaces if least is None else min(least, spaces)
            begins = piece.text.endswith("\n")
        else:
            if begins:
                least = 0 if index == 0 or pieces[index - 1].kind != "text" else least
            begins = False
    made: list[Piece] = []
    begins = True
    for piece in pieces:
        if piece.kind == "text":
            lines = piece.text.split("\n")
            made.append(
                Piece(
                    "text",
                    "\n".join(
                        line if number == 0 and not begins else _less(line, least or 0)
                        for number, line in enumerate(lines)
                    ),
                )
            )
            begins = piece.text.endswith("\n")
        else:
            made.append(piece)
            begins = False
    return made


def _less(line: str, spaces: int) -> str:
    return line[min(spaces, len(line) - len(line.lstrip())) :]
