"""Puts another value in the place of one in a YAML text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from drift.editing import yaml_spelling as spelling
from drift.editing.yaml_lines import Change, column, dashes, end_of_line, explicit, line_after, line_end
from drift.editing.yaml_nodes import Language, Node
from drift.editing.yaml_spelling import Style
from drift.editor import NotEdited

_COLON = re.compile(r"[ \t]*:")
_REST_OF_HEADER = re.compile(r"[|>][-+0-9]*")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value stands: ``head`` is the place behind the ``:`` or ``-``, ``column`` that of the key or
    dash; ``flow`` says that it is between brackets, ``item`` that it is a list's member."""

    head: int
    column: int
    flow: bool
    item: bool


def slot(text: str, container: Node, place: int) -> Slot:
    """The slot of a container's member."""
    if container.kind == "list":
        node = container.items[place]
        if container.flow:
            return Slot(node.start, 0, True, True)
        dash = dashes(text, container)[place]
        return Slot(dash + 1, column(text, dash), False, True)
    name = container.entries[place].key
    found = _COLON.match(text, name.end)
    if found is None or explicit(text, container, place):
        raise NotEdited("a key is written in a way that is not followed (? key)")
    return Slot(found.end(), column(text, name.start), container.flow, False)


def written(text: str, slot: Slot, node: Node, new: Any, language: Language, style: Style) -> list[Change]:
    """The changes that put another value in the place of one."""
    if slot.flow:
        return [_inline(text, node, spelling.flow(new, language, _quoting(node, style)))]
    if node.style == ">" and isinstance(new, str):
        folded = _folded(text, node, new, slot.column, style)
        if folded is not None:
            return folded
    if slot.item and isinstance(new, (dict, list)) and new:
        return [_member(text, slot, node, new, language, style)]
    inline, below = _rendered(node, slot, new, language, style)
    old_is_block = node.kind in ("list", "map") and not node.flow
    if old_is_block or node.style in ("|", ">"):
        return _of_block(text, slot, node, inline, below, open_=_ends_in_text(new))
    if not below:
        return [_inline(text, node, inline)]
    end = end_of_line(text, node.end)
    head = f" {inline}" if inline else ""
    tail = text[node.end : end]
    anchor = f" &{node.anchor}" if node.anchor else ""
    return [(slot.head, end, anchor + head + tail.rstrip() + below)]


def _member(text: str, slot: Slot, node: Node, new: Any, language: Language, style: Style) -> Change:
    """A mapping or list as a list's member: it begins where the old value does, on the line of the dash or
    below; below a comment that stands there."""
    block = node.style in ("|", ">")
    begin = node.inner if node.kind in ("list", "map") else node.start
    end = line_end(text, begin) if block else node.end
    comment = text[begin:end].partition(" ")[2] if block else text[end : end_of_line(text, end)]
    if comment.strip() or block or begin == node.end:
        said = spelling.item(new, slot.column, language, style)[2:]
        if not comment.strip():
            return slot.head, node.end, f" {said}"
        lead = style.newline + " " * (slot.column + 2)
        stop = node.end if block else end + len(comment)
        return slot.head, stop, f"  {comment.strip()}{lead}{said}"
    return begin, end, spelling.item(new, column(text, begin) - 2, language, style)[2:]


def _rendered(node: Node, slot: Slot, new: Any, language: Language, style: Style) -> tuple[str, str]:
    if isinstance(new, str) and node.kind == "scalar" and "\n" not in new and node.style not in ("|", ">"):
        return spelling.scalar(new, language, style, like=node.style), ""
    if isinstance(new, str) and node.style in ("|", ">"):
        block = spelling.literal(new, slot.column, style, keep=node.keeps)
        if block is not None:
            return block
    if isinstance(new, str) and node.style == '"':
        return spelling.scalar(new, language, style, like='"'), ""
    return spelling.after_key(new, slot.column, language, style)


def _quoting(node: Node, style: Style) -> Style:
    if node.kind == "scalar" and node.style in ("'", '"'):
        return replace(style, quote=node.style)
    return style


def _inline(text: str, node: Node, new: str) -> Change:
    """Puts words in the place of a value that begins and ends on lines of its own key."""
    tagged = bool(node.tag) and node.kind == "scalar"
    start = node.start if tagged else node.inner
    anchor = f"&{node.anchor} " if tagged and node.anchor else ""
    space = " " if node.start == node.end or (start == node.end and start > node.start) else ""
    if start and text[start - 1] in " \t":
        space = ""
    return start, node.end, space + anchor + new


def _ends_in_text(new: Any) -> bool:
    """Whether the last line of a value may be one of a block text, behind which no comment can stand."""
    while isinstance(new, (dict, list)) and new:
        new = list(new.values())[-1] if isinstance(new, dict) else new[-1]
    return isinstance(new, str) and "\n" in new


def _of_block(text: str, slot: Slot, node: Node, inline: str, below: str, *, open_: bool) -> list[Change]:
    """Puts a value in the place of one that stands on lines below its key. The comment behind its last line
    goes to the key's where the new one is ``open_``: would make it its text."""
    if node.style in ("|", ">"):
        header = _REST_OF_HEADER.match(text, node.inner)
        begin, first = node.inner, header.end() if header else node.inner
    else:
        begin = first = slot.head
    end = line_end(text, first)
    head = inline if node.style in ("|", ">") or not inline else f" {inline}"
    comment = text[first : min(end, node.inner)] if first == slot.head else text[first:end]
    if node.style in ("|", ">") and not head and text[begin - 1] == " ":
        begin -= 1
    if node.kind in ("list", "map") and node.anchor:
        comment = comment.replace(f"&{node.anchor}", "", 1).rstrip()
        head = f" &{node.anchor}{head}"
    stop = end_of_line(text, node.end) if open_ and below and node.style not in ("|", ">") else node.end
    behind = text[node.end : stop].rstrip()
    return [(begin, stop, head + comment.rstrip() + behind + below)]


def _folded(text: str, node: Node, new: str, column_: int, style: Style) -> list[Change] | None:
    """A folded text with the lines kept that say the same; None where that is not simple."""
    header = _REST_OF_HEADER.match(text, node.inner)
    old = node.text.rstrip("\n")
    stripped = new.rstrip("\n")
    breaks = (len(node.text) - len(old), len(new) - len(stripped))
    if header is None or breaks[0] != breaks[1] or "\n" in old or "\n" in stripped or not stripped.strip():
        return None
    if not spelling.printable(stripped) or stripped != stripped.strip() or "\t" in stripped:
        return None
    first = line_after(text, header.end())
    lines = text[first : node.end].splitlines()
    words = [line.strip() for line in lines]
    if " ".join(words) != old:
        return None
    margin = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    before, rest = [], stripped
    while words and rest.startswith(f"{words[0]} "):
        before.append(words.pop(0))
        rest = rest[len(before[-1]) + 1 :]
    behind: list[str] = []
    while words and rest.endswith(f" {words[-1]}"):
        behind.insert(0, words.pop())
        rest = rest[: -len(behind[0]) - 1]
    said = [*before, rest, *behind]
    if any(not line or line[0] == " " or line[-1] == " " for line in said):
        return None
    return [(first, node.end, style.newline.join(margin + line for line in said))]
