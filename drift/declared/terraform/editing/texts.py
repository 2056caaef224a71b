"""Replacements within texts: a heredoc's lines, the JSON document in one, the words around what is
interpolated."""

from __future__ import annotations

import difflib
import re
from typing import Any

from drift.declared.terraform.configuration import syntax
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing import lines, spelling
from drift.declared.terraform.editing.document import Document
from drift.declared.terraform.editing.spot import Spot
from drift.editor import Replacement

_INTRO = re.compile(rb"<<(-?)\s*([^\s\r\n]+)[^\r\n]*\r?\n")


def _body(document: Document, node: Any) -> tuple[int, int, bool, str]:
    """Where the lines of a heredoc begin and end, whether it takes away their indentation, and its mark."""
    intro = _INTRO.match(document.data, node.start_byte)
    assert intro is not None  # it was parsed
    end = document.data.rfind(b"\n", 0, node.children[-1].start_byte) + 1
    return intro.end(), max(end, intro.end()), bool(intro[1]), intro[2].decode()


def json_in(document: Document, node: Any) -> Document:
    """The JSON document that a heredoc is. Raises NotEdited where it can't be told."""
    start, end, *_ = _body(document, node)
    line = document.first_line + document.data[:start].count(b"\n")
    return doc.inside(
        document.file, document.data[start:end], start + document.offset, line, escapes=not document.json
    )


def heredoc(document: Document, node: Any, new: Any) -> Replacement | None:
    """Another text in place of a heredoc's; None where something is interpolated in it."""
    if any(one.type.startswith("template_") and one.type != "template_literal" for one in node.children):
        return None
    start, end, flush, mark = _body(document, node)
    fits = (
        isinstance(new, str)
        and new.endswith("\n")
        and not spelling.ambiguous(new)
        and all(line.isprintable() or "\t" in line for line in new.split("\n"))
        and all(line.strip() != mark for line in new.split("\n"))
    )
    if not fits:
        return lines.value(document, node, new)
    old = document.data[start:end].decode("utf-8", "replace").replace("\r\n", "\n").splitlines(keepends=True)
    filled = [line for line in old if line.strip()]
    indent = min((line[: len(line) - len(line.lstrip(" "))] for line in filled), key=len, default="")
    indent = indent if flush else ""
    bare = [line.removeprefix(indent) if line.strip() else "\n" for line in old]
    told = spelling.untemplated(new).splitlines(keepends=True)
    made: list[str] = []
    for _, a, b, c, d in difflib.SequenceMatcher(None, bare, told, autojunk=False).get_opcodes():
        same = bare[a:b] == told[c:d]
        made += old[a:b] if same else [indent + line if line.strip() else line for line in told[c:d]]
    return lines.replaced(document, start, end, "".join(made))


def template(spot: Spot, node: Any, new: str) -> Replacement | None:
    """The one piece of text in a template that differs, where what is interpolated stays; None where that
    can't be told."""
    document, start = spot.document, node.start_byte + 1
    pieces: list[tuple[int, int, str]] = []
    pattern = ""
    for one in [*node.children, None]:
        if one is not None and one.type in (
            "template_literal",
            "quoted_template_start",
            "quoted_template_end",
        ):
            continue
        if one is not None and one.type != "template_interpolation":
            return None
        end = one.start_byte if one is not None else node.end_byte - 1
        text = doc.literal(_quoted(document.data[start:end]))
        if not isinstance(text, str):
            return None
        pieces.append((start, end, text))
        pattern += "(.*)"
        if one is not None:
            inner = next((each for each in one.children if each.type == "expression"), None)
            value = spot.at(inner).value() if inner is not None else None
            if not isinstance(value, str) or not value:
                return None
            pattern += re.escape(value)
            start = one.end_byte
    found = re.fullmatch(pattern, new, re.S)
    if found is None:
        return None
    other = [(piece, text) for piece, text in zip(pieces, found.groups(), strict=True) if piece[2] != text]
    if len(other) != 1:
        return None
    (begin, finish, _), text = other[0]
    quoted = lines.expression(document, text, "") if document.json else spelling.quoted(text)
    return lines.replaced(document, begin, finish, quoted[1:-1])


def _quoted(text: bytes) -> Any:
    """A piece of a template as a text of its own."""
    root = syntax.tree(b'x = "' + text + b'"\n')
    return doc.attributes(doc.body(root))["x"].value
