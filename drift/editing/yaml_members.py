"""Adds members to mappings and lists of a YAML text, and takes them away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drift.editing import yaml_spelling as spelling
from drift.editing.yaml_lines import (
    TELLING,
    Change,
    column,
    dashes,
    end_of_line,
    explicit,
    line_after,
    line_end_before,
    line_start,
)
from drift.editing.yaml_nodes import Language, Node, key, skip
from drift.editing.yaml_spelling import Style
from drift.editor import NotEdited

_BLANKS = re.compile(r"(?:[ \t]*\r?\n)+")
_COMMENT = re.compile(r"(?:^|\s)#")


def inserted_entry(text: str, node: Node, name: str, new: Any, language: Language, style: Style) -> Change:
    """The change that adds an entry to a mapping that has some, or to an empty one between brackets."""
    if node.flow:
        style = _json_like(node, style)
        said = f"{spelling.key(name, language, style, flow=True)}: {spelling.flow(new, language, style)}"
        return _into_flow(text, node, [entry.value for entry in node.entries], len(node.entries), said, style)
    place = _entry_place(text, node, name, new, language)
    at = column(text, node.entries[0].key.start)
    local = _local(text, node, style)
    said = spelling.entry(name, new, at, language, local)
    if place < 0:
        start = entry_start(text, node, 0)
        return start, start, f"{' ' * at}{said}{style.newline}"
    end = end_of_line(text, node.entries[place].value.end)
    return end, end, f"{style.newline}{' ' * at}{said}"


def _local(text: str, node: Node, style: Style) -> Style:
    """The style of a mapping's own lists, where it has some."""
    for entry in node.entries:
        if entry.value.kind == "list" and not entry.value.flow:
            far = column(text, entry.value.inner) - column(text, entry.key.start)
            return replace(style, dashes=far)
    return style


def _json_like(node: Node, style: Style) -> Style:
    if node.entries and all(entry.key.style == '"' for entry in node.entries):
        return replace(style, json=True)
    return style


def _entry_place(text: str, node: Node, name: str, new: Any, language: Language) -> int:
    """The place of the entry behind which a new one is put; -1 for the first place.

    In alphabetical order where the mapping shows that it has it; what is short behind what is short, else at
    the end.
    """
    names = [key(entry, language) for entry in node.entries]
    last = len(names) - 1
    own_line = text[line_start(text, node.entries[0].key.start) : node.entries[0].key.start].strip() == ""
    if len(names) >= TELLING and names == sorted(names):
        place = sum(1 for one in names if one <= name) - 1
        return place if place >= 0 or own_line else last
    if isinstance(new, (Mapping, list)) and new or isinstance(new, str) and "\n" in new:
        return last
    short = [
        place
        for place, one in enumerate(node.entries)
        if one.value.kind in ("scalar", "alias") or one.value.flow
    ]
    if short:
        return short[-1]
    return -1 if own_line else last


def inserted_item(text: str, node: Node, place: int, new: Any, language: Language, style: Style) -> Change:
    """The change that adds a member to a list that has some, or to an empty one between brackets."""
    if node.flow:
        quoted = bool(node.items) and all(item.style == '"' for item in node.items if item.kind == "scalar")
        if quoted and any(item.kind == "scalar" for item in node.items):
            style = replace(style, quote='"')
            like = '"' if isinstance(new, str) else ""
            said = spelling.scalar(new, language, style, flow=True, like=like) if like else ""
        else:
            said = ""
        said = said or spelling.flow(new, language, style)
        return _into_flow(text, node, node.items, place, said, style)
    marks = dashes(text, node)
    at = column(text, marks[0])
    first = node.items[0]
    gap = max(1, first.start - marks[0] - 1) if line_start(text, first.start) <= marks[0] else 1
    like = first.style if all(one.kind == "scalar" and one.style == first.style for one in node.items) else ""
    if isinstance(new, str) and like in ("'", '"') and "\n" not in new:
        said = "-" + " " * gap + spelling.scalar(new, language, style, like=like)
    else:
        said = spelling.item(new, at, language, _of_items(text, node, style), gap)
    if place >= len(node.items):
        end = end_of_line(text, node.items[-1].end)
        return end, end, f"{style.newline}{' ' * at}{said}"
    if text[line_start(text, marks[place]) : marks[place]].strip():
        return marks[place], marks[place], f"{said}{style.newline}{' ' * at}"
    start = _with_comments(text, line_start(text, marks[place]), at)
    return start, start, f"{' ' * at}{said}{style.newline}"


def _of_items(text: str, node: Node, style: Style) -> Style:
    """The style of the lists in a list's members, where they have some."""
    for item in node.items:
        if item.kind == "map" and not item.flow:
            return _local(text, item, style)
    return style


def _into_flow(text: str, node: Node, values: list[Node], place: int, said: str, style: Style) -> Change:
    if not values:
        return node.inner + 1, node.inner + 1, said
    starts = [entry.key.start for entry in node.entries] or [item.start for item in node.items]
    at = starts[min(place, len(starts) - 1)]
    lead = text[line_start(text, at) : at]
    between = " " if lead.strip() else f"{style.newline}{lead}"
    if place < len(values):
        return at, at, f"{said},{between}"
    end = values[-1].end
    comma = skip(text, end)
    if text[comma : comma + 1] == ",":
        return comma + 1, comma + 1, f"{between}{said},"
    return end, end, f",{between}{said}"


# Members that are taken away


def entry_start(text: str, node: Node, place: int) -> int:
    """Where the line of a block mapping's entry begins, or of the comments that belong to it."""
    start = node.entries[place].key.start
    return _with_comments(text, line_start(text, start), column(text, start))


def _with_comments(text: str, start: int, at: int) -> int:
    """The first of the lines of comments directly above a line, at the same column."""
    while start > 0:
        above = line_start(text, start - 1)
        line = text[above:start]
        if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) != at:
            break
        start = above
    return start


def whole(text: str, container: Node, place: int) -> tuple[int, int]:
    """From where a member begins with the comments that belong to it, to where the next line does; between
    brackets the member alone."""
    if container.kind == "map":
        begin, last = container.entries[place].key.start, container.entries[place].value.end
    else:
        begin, last = container.items[place].start, container.items[place].end
    if container.flow:
        return begin, last
    if container.kind == "list":
        begin = dashes(text, container)[place]
    elif explicit(text, container, place):
        raise NotEdited("a key is written in a way that is not followed (? key)")
    first = line_start(text, begin)
    if text[first:begin].strip(" \ufeff"):
        return begin, line_after(text, end_of_line(text, last))
    return _with_comments(text, first, begin - first), line_after(text, end_of_line(text, last))


def removed(text: str, container: Node, place: int) -> Change:
    """The change that takes one of several members away."""
    if container.flow:
        return _out_of_flow(text, container, place)
    start, end = whole(text, container, place)
    begins = [e.key.start for e in container.entries] or dashes(text, container)
    if text[line_start(text, start) : start].strip(" \ufeff"):  # the line belongs to something around it
        lead = column(text, begins[place])
        end = end + lead if text[end : end + lead].strip(" ") == "" else begins[place + 1]
        return start, end, ""
    if end == len(text) and not text.endswith("\n"):
        return line_end_before(text, start), end, ""
    blank = _BLANKS.match(text, end)
    behind = blank.end() if blank else end
    after_blank = not text[line_start(text, max(0, start - 1)) : start].strip()
    if behind > end and (place == 0 or after_blank):
        return start, behind, ""
    if after_blank and start and (end == len(text) or text.startswith("---", end)):
        start = line_after(text, len(text[:start].rstrip(" \t\r\n")))
    return start, end, ""


def _out_of_flow(text: str, container: Node, place: int) -> Change:
    starts = [e.key.start for e in container.entries] or [item.start for item in container.items]
    ends = [e.value.end for e in container.entries] or [item.end for item in container.items]
    if place and not _COMMENT.search(text[ends[place - 1] : starts[place]]):
        return ends[place - 1], ends[place], ""
    if place + 1 < len(starts) and not _COMMENT.search(text[ends[place] : starts[place + 1]]):
        return starts[place], starts[place + 1], ""
    raise NotEdited("comments stand between the members of the list")
