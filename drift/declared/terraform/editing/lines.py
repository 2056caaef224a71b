"""Replacements that change, add and take away single attributes, blocks and members, in the style of what
stands around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing import spelling
from drift.declared.terraform.editing.document import Document
from drift.editor import NotEdited, Replacement


def replaced(document: Document, start: int, end: int, text: str) -> Replacement:
    """``text`` has ``\\n`` for the ends of lines."""
    if document.outer is not None:
        start, end = document.unsplit(start), document.unsplit(end)
        text = orjson.dumps(text).decode()[1:-1]
    content = text.replace("\n", document.newline) if document.newline != "\n" else text
    return Replacement(document.file, start + document.offset, end + document.offset, content.encode())


def expression(document: Document, value: Any, indent: str) -> str:
    """A value as the document spells it."""
    if not document.json:
        return spelling.spelled(value, indent)
    text = spelling.in_json(value, indent, _step(document))
    if document.escapes and spelling.ambiguous(text):
        raise NotEdited("what is live can't be written there so that nothing of it is an expression")
    return spelling.untemplated(text) if document.escapes else text


def _step(document: Document) -> str:
    """By how much a JSON document indents."""
    for line in document.data.split(b"\n")[1:]:
        inner = len(line) - len(line.lstrip(b" \t"))
        if line.strip() and inner:
            own = len(document.indent(len(document.data) - 1)) if document.file.suffix != ".json" else 0
            return line[: inner - own].decode() or spelling.STEP
    return spelling.STEP


def value(document: Document, node: Any, new: Any) -> Replacement:
    """The whole expression becomes a value."""
    text = expression(document, new, document.indent(node.start_byte))
    return replaced(document, node.start_byte, node.end_byte, text)


# Attributes


@dataclass(frozen=True, slots=True)
class Line:
    """An attribute, or a member of an object, that has a line for itself: its line, where its name begins,
    and how far behind that its sign stands."""

    node: Any
    row: int
    column: int
    sign: int


def _lines(document: Document, nodes: Sequence[Any]) -> list[Line]:
    found = []
    for node in nodes:
        sign = next((one for one in node.children if one.type in ("=", ":")), None)
        if sign is not None and sign.start_point[0] == node.start_point[0] == node.end_point[0]:
            column = node.start_point[1]
            found.append(Line(node, node.start_point[0], column, sign.start_point[1] - column))
    return found


def _fitting(lines: Sequence[Line], name: str) -> tuple[Line, int] | None:
    """The last line of a group in which ``name`` can stand aligned, with the width of the names there."""
    groups: list[list[Line]] = []
    for one in lines:
        if groups and groups[-1][-1].row + 1 == one.row:
            groups[-1].append(one)
        else:
            groups.append([one])
    for group in groups:
        width = group[-1].sign - 1
        if all(one.sign - 1 == width for one in group) and len(name) <= width:
            return group[-1], width
    return None


def argument(document: Document, block: Any, name: str, new: Any) -> list[Replacement]:
    """Adds an attribute with a value to a block."""
    if document.json:
        return entry(document, doc.body(block), name, new)
    text = spelling.spelled(new, document.indent(block.start_byte) + spelling.STEP)
    return [attribute(document, block, name, text)]


def attribute(document: Document, block: Any, name: str, text: str) -> Replacement:
    """Adds ``name = text`` to a block (or, with a body of a file, to the file)."""
    body = block if block.type == "body" else doc.body(block)
    known = list(doc.attributes(body).values()) if body is not None else []
    if block.type == "block" and block.start_point[0] == block.end_point[0]:
        return _opened(document, block, body, f"{name} = {text}")
    if not known:
        start = next(one for one in block.children if one.type == "block_start")
        at = document.line_end(start.end_byte)
        indent = document.indent(block.start_byte) + spelling.STEP
        return replaced(document, at, at, f"{indent}{name} = {text}\n")
    lines = _lines(document, [one.node for one in known])
    fits = None if "\n" in text else _fitting(lines, name)
    if fits is not None:
        line, width = fits
        at = document.line_end(line.node.end_byte)
        return _added(document, at, f"{document.indent(line.node.start_byte)}{name.ljust(width)} = {text}\n")
    last = known[-1].node
    at = document.line_end(last.end_byte)
    indent = document.indent(last.start_byte)
    apart = "\n" if "\n" not in text and lines and lines[-1].node == last else ""
    return _added(document, at, f"{apart}{indent}{name} = {text}\n")


def _added(document: Document, at: int, text: str) -> Replacement:
    """A line after another one, that may end without a line break."""
    if at == len(document.data) and not document.data.endswith(b"\n"):
        return replaced(document, at, at, "\n" + text.removesuffix("\n"))
    return replaced(document, at, at, text)


def _opened(document: Document, block: Any, body: Any, line: str) -> Replacement:
    """A block of one line becomes one of several, with a further line."""
    indent = document.indent(block.start_byte) + spelling.STEP
    start = next(one for one in block.children if one.type == "block_start").end_byte
    end = next(one for one in block.children if one.type == "block_end").start_byte
    held = [document.text(one) for one in (body.children if body is not None else ())]
    inner = "".join(f"{indent}{one}\n" for one in [*held, line])
    return replaced(document, start, end, f"\n{inner}{document.indent(block.start_byte)}")


def no_attribute(document: Document, node: Any) -> Replacement:
    """Takes away an attribute with its lines and the comment behind it."""
    if not document.alone(node):
        return replaced(document, node.start_byte, node.end_byte, "")
    return _without_lines(document, node)


def _without_lines(document: Document, node: Any) -> Replacement:
    start, end = document.line_start(node.start_byte), document.line_end(node.end_byte)
    if end == len(document.data) and not document.data.endswith(b"\n") and start:
        start -= len(document.newline)
    return replaced(document, start, end, "")


# Blocks


def block(document: Document, holder: Any, text: str, beside: Any | None) -> Replacement:
    """Adds a block, whose lines ``text`` holds, to another one: behind ``beside``, one of its kind, as far
    from it as others are."""
    if beside is not None:
        begin = with_comments(document, beside)
        above = document.data[document.line_start(max(begin - 1, 0)) : begin].strip()
        apart = "" if above else "\n"
        at = document.line_end(beside.end_byte)
        return _added(document, at, apart + text)
    if holder.start_point[0] == holder.end_point[0]:
        body = doc.body(holder)
        return _opened(document, holder, body, text.strip())
    end = next(one for one in holder.children if one.type == "block_end")
    at = document.line_start(end.start_byte)
    body = doc.body(holder)
    apart = "\n" if body is not None else ""
    return replaced(document, at, at, apart + text)


def with_comments(document: Document, node: Any) -> int:
    """Where a block begins with the comment that stands directly above it."""
    start, previous = document.line_start(node.start_byte), node.prev_sibling
    while previous is not None and previous.type == "comment":
        gap = document.data[previous.end_byte : start].strip(b" \t\r")
        if gap not in (b"", b"\n") or not document.alone(previous):
            break
        start = document.line_start(previous.start_byte)
        previous = previous.prev_sibling
    return start


def no_block(document: Document, node: Any, *, comments: bool = True) -> Replacement:
    """Takes away a block with the comment that stands directly above it, and one of the empty lines around
    it."""
    if not document.alone(node):
        return replaced(document, node.start_byte, node.end_byte, "")
    start, end = document.line_start(node.start_byte), document.line_end(node.end_byte)
    start = with_comments(document, node) if comments else start
    above = document.data[document.line_start(max(start - 1, 0)) : start]
    below = document.data[end : document.line_end(end)] if end < len(document.data) else b""
    if start and not above.strip():
        start = document.line_start(start - 1)
    elif not start and below and not below.strip():
        end = document.line_end(end)
    return replaced(document, start, end, "")


# Members of lists and objects


def no_member(document: Document, holder: Any, node: Any, nodes: Sequence[Any]) -> Replacement:
    """Takes a member out of a list or an object; ``nodes`` are all of them."""
    at = next(number for number, one in enumerate(nodes) if one.id == node.id)
    last = at == len(nodes) - 1
    if document.alone(node) and not (last and document.json):
        return _without_lines(document, node)
    if last and at:
        return replaced(document, nodes[at - 1].end_byte, node.end_byte, "")
    if last:
        after = document.data[node.end_byte : holder.end_byte - 1].strip()
        if after and after != b",":
            raise NotEdited("what stands around the member can't be told from it", document.place(node))
        return replaced(document, holder.start_byte + 1, holder.end_byte - 1, "")
    return replaced(document, node.start_byte, nodes[at + 1].start_byte, "")


def added(document: Document, holder: Any, new: Sequence[str], nodes: Sequence[Any]) -> list[Replacement]:
    """Puts texts behind the last member of a list or an object, with commas."""
    if not nodes:
        inner = ", ".join(new)
        inner = f" {inner} " if holder.type == "object" and not document.json else inner
        return [replaced(document, holder.start_byte + 1, holder.end_byte - 1, inner)]
    last = nodes[-1]
    end, after = last.end_byte, document.data[last.end_byte : holder.end_byte]
    comma = end + after.index(b",") + 1 if after.lstrip().startswith(b",") else None
    if not document.alone(last):
        if comma is not None:
            return [replaced(document, comma, comma, f" {', '.join(new)}")]
        return [replaced(document, end, end, "".join(f", {one}" for one in new))]
    at, indent = document.line_end(end), document.indent(last.start_byte)
    if comma is not None:
        return [replaced(document, at, at, "".join(f"{indent}{one},\n" for one in new))]
    text = ",\n".join(f"{indent}{one}" for one in new)
    if document.data[end:at].strip():  # a comment stands behind it
        return [replaced(document, end, end, ","), replaced(document, at, at, f"{text}\n")]
    return [replaced(document, end, end, f",\n{text}")]


def _line(document: Document, last: Any, new: str, *, apart: bool = False) -> list[Replacement]:
    """Puts a member of an object on a line of its own behind another one, without commas."""
    at = document.line_end(last.end_byte)
    empty = "\n" if apart else ""
    return [replaced(document, at, at, f"{empty}{document.indent(last.start_byte)}{new}\n")]


def entry(document: Document, holder: Any, name: str, new: Any) -> list[Replacement]:
    """Adds ``name`` with a value to an object."""
    known = doc.elements(holder)
    nodes = [one.node for one in known]
    own = document.indent(holder.start_byte)
    if not nodes and not document.json and _opens_a_line(document, holder):
        return [replaced(document, holder.start_byte, holder.end_byte, spelling.spelled({name: new}, own))]
    indent = document.indent(nodes[-1].start_byte) if nodes else own
    text = expression(document, new, indent)
    if document.json:
        key = expression(document, name, "")
        return added(document, holder, [f"{key}:{_gap(nodes)}{text}"], nodes)
    quotes = bool(known) and all(document.text(one.key).startswith('"') for one in known)
    key = spelling.quoted(name) if quotes else spelling.key(name)
    sign = next((one.text.decode() for one in nodes[-1].children if one.type in "=:"), "=") if nodes else "="
    before = "" if sign == ":" and b" :" not in nodes[-1].text else " "
    comma = bool(nodes) and document.data[nodes[-1].end_byte : holder.end_byte].lstrip().startswith(b",")
    if not nodes or not document.alone(nodes[-1]) or comma:
        return added(document, holder, [f"{key}{before}{sign} {text}"], nodes)
    group = _lines(document, nodes)
    fits = _fitting(group, key) if sign == "=" and "\n" not in text else None
    if fits is not None:
        line, width = fits
        return _line(document, line.node, f"{key.ljust(width)} = {text}")
    joins = sign == "=" and "\n" not in text and bool(group) and group[-1].node.id == nodes[-1].id
    return _line(document, nodes[-1], f"{key}{before}{sign} {text}", apart=joins)


def _gap(nodes: Sequence[Any]) -> str:
    """What stands behind the colon in a JSON document."""
    return " " if not nodes or b": " in nodes[-1].text else ""


def _opens_a_line(document: Document, holder: Any) -> bool:
    """Whether an empty object is all that its attribute says."""
    line = document.data[document.line_start(holder.start_byte) : holder.start_byte].strip()
    return line.endswith(b"=")


def merged(document: Document, node: Any, more: Mapping[str, Any]) -> Replacement:
    """A map with more members than what an expression gives, which stays as it is."""
    members = ", ".join(f"{spelling.key(name)} = {spelling.plain(item)}" for name, item in more.items())
    text = f"merge({document.text(node)}, {{ {members} }})"
    return replaced(document, node.start_byte, node.end_byte, text)
