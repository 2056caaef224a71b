"""Edits JSON as its file is written: indentation, commas, one line or many, escapes, comments and what ends
a line stay."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from drift.editing.json_style import Style
from drift.editing.scan import BOM, Member, Node, Scan, Step, scan
from drift.editor import NotEdited

_BLANK = re.compile(rb"[ \t\r\n]*")
_COMMENT_LINE = re.compile(rb"[ \t]*(?://[^\n]*|/\*(?:(?!\*/)[^\n])*\*/[ \t]*)\r?\n?")
_REST = re.compile(rb"[ \t]*(?://[^\n]*?(?=\r?\n|\Z)|/\*(?:(?!\*/)[^\n])*\*/[ \t]*)?(?=\r?\n|\Z)")


@dataclass(frozen=True)
class Json:
    """A JSON document. Each operation gives the document that it becomes; NotEdited is raised where steps
    lead nowhere. ``file`` is what people call it."""

    content: bytes
    file: str = "the file"

    @cached_property
    def scan(self) -> Scan:
        return scan(self.content, self.file)

    def has(self, steps: Sequence[Step]) -> bool:
        return self.scan.node(steps) is not None

    def line(self, steps: Sequence[Step]) -> int | None:
        """The line (from 1) on which a member begins; None where it is not there."""
        members = self.scan.members(steps)
        if members:
            return self.scan.line(members[-1].start)
        return None if steps else self.scan.line(self.scan.root.start)

    def keys(self, steps: Sequence[Step]) -> list[str]:
        """The keys of an object in their order, once each."""
        node = self._node(steps, "object")
        return list(dict.fromkeys(one.key for one in node.members if one.key is not None))

    def put(self, steps: Sequence[Step], value: Any) -> Json:
        """Another value in a value's place."""
        node = self.scan.node(steps)
        if node is None:
            raise self._nowhere(steps)
        flat = b"\n" not in self.content[node.start : node.end] and node.kind in ("object", "array")
        text = self._style.text(value, self.scan.margin(node.start), not flat or not node.members)
        if flat and node.members and isinstance(value, Mapping) and value and node.kind == "object":
            pad = self.content[node.start + 1 : node.members[0].start]
            text = b"{" + pad + text[1:-1].strip() + pad + b"}"
        return self._made([(node.start, node.end, text)])

    def add(self, steps: Sequence[Step], name: str, value: Any, at: int | None = None) -> Json:
        """A member more in an object: where keys are in order in its place, else last; ``at``: before this
        one. Raises NotEdited where it has one of that name."""
        node = self._node(steps, "object")
        keys = [one.key or "" for one in node.members]
        if name in keys:
            raise NotEdited(f"{self.file} says {name} already")
        if at is None:
            at = bisect(keys, name) if len(keys) > 2 and keys == sorted(keys) else len(keys)
        return self._inserted(node, at, value, name, steps)

    def insert(self, steps: Sequence[Step], at: int, value: Any) -> Json:
        """A member more in an array, before the one at ``at``."""
        node = self._node(steps, "array")
        return self._inserted(node, min(at, len(node.members)), value, None, steps)

    def remove(self, steps: Sequence[Step]) -> Json:
        """Without a member, with the comment that is its own; of a key that is said twice without both."""
        members = self.scan.members(steps)
        if not members:
            raise self._nowhere(steps)
        found = self
        for _ in members:
            node, left = found._node(steps[:-1]), found.scan.members(steps)
            assert left
            found = found._without(node, left[-1])
        return found

    # What is asked of the text

    def _node(self, steps: Sequence[Step], kind: str | None = None) -> Node:
        node = self.scan.node(steps)
        if node is None or kind not in (None, node.kind):
            raise self._nowhere(steps)
        return node

    def _nowhere(self, steps: Sequence[Step]) -> NotEdited:
        return NotEdited(f"{self.file} has nothing at {'/'.join(map(str, steps)) or 'its top'} to edit")

    def _made(self, pieces: Sequence[tuple[int, int, bytes]]) -> Json:
        parts, at = [], 0
        for start, end, content in sorted(pieces, key=lambda one: one[:2]):
            parts += [self.content[at:start], content]
            at = end
        return Json(b"".join([*parts, self.content[at:]]), self.file)

    @cached_property
    def _style(self) -> Style:
        return Style(self.scan)

    # Members that come and go

    def _inserted(self, node: Node, at: int, value: Any, name: str | None, steps: Sequence[Step]) -> Json:
        above = self.scan.node(steps[:-1]) if steps and not node.members else None
        many = self._style.many(node, value) and (above is None or self._style.many(above))
        line, members = self.scan.newline, node.members
        margin = self.scan.margin(members[0].start) if many and members else b""
        if many and not members:
            margin = self.scan.margin(node.start) + self._style.unit
        inner = margin if many else self.scan.margin(members[-1].end if members else node.start)
        text = self._style.text(value, inner, self._tells(node, many))
        if name is not None:
            text = self._style.string(name) + self._style.colon + text
        if not members:
            return self._first(node, text, margin if many else None)
        if at < len(members):
            return self._before(members[at], text, margin if many else None)
        return self._after(node, text, margin if many else None, line)

    def _tells(self, node: Node, many: bool) -> bool:
        """Whether a member more of a container goes over several lines, where the others do; where there are
        none that could, as the container itself."""
        others = [one for one in node.members if one.value.kind in ("object", "array") and one.value.members]
        if node.kind == "object" or not others:
            return many or any(b"\n" in self.content[one.value.start : one.end] for one in others)
        return any(b"\n" in self.content[one.value.start : one.end] for one in others)

    def _first(self, node: Node, text: bytes, margin: bytes | None) -> Json:
        inside = self.content[node.start + 1 : node.end - 1]
        if inside.strip():  # a comment
            raise NotEdited(f"{self.file}:{self.scan.line(node.start)}: holds nothing but a comment")
        if margin is None:
            pad = b" " if node.kind == "object" and self._style.padded else b""
            return self._made([(node.start + 1, node.end - 1, pad + text + pad)])
        line = self.scan.newline
        text = line + margin + text + line + self.scan.margin(node.start)
        return self._made([(node.start + 1, node.end - 1, text)])

    def _before(self, member: Member, text: bytes, margin: bytes | None) -> Json:
        if margin is None or self.content[self._begin(member.start) : member.start].strip():
            return self._made([(member.start, member.start, text + self._style.comma)])
        start = self._above(member.start)
        return self._made([(start, start, margin + text + b"," + self.scan.newline)])

    def _after(self, node: Node, text: bytes, margin: bytes | None, line: bytes) -> Json:
        last = node.members[-1]
        if margin is None:
            at = last.end if last.comma is None else last.comma + 1
            joined = b" " if last.comma is not None else self._style.comma
            return self._made([(at, at, joined + text)])
        after = last.end if last.comma is None else last.comma + 1
        rest = _REST.match(self.content, after)
        at = rest.end() if rest else after
        if at > node.end - 1:
            at = after
        if last.comma is not None:
            return self._made([(at, at, line + margin + text + b",")])
        if at == after:
            return self._made([(at, at, b"," + line + margin + text)])
        return self._made([(last.end, last.end, b","), (at, at, line + margin + text)])

    def _begin(self, at: int) -> int:
        """Where the line of a place begins."""
        begin = self.content.rfind(b"\n", 0, at) + 1
        return len(BOM) if begin == 0 and self.content.startswith(BOM) else begin

    def _above(self, at: int) -> int:
        """Where the comment lines begin that stand right above the line of a place."""
        start = self._begin(at)
        while start > 0:
            before = self._begin(start - 1)
            if before == start or not _COMMENT_LINE.fullmatch(self.content, before, start):
                return start
            start = before
        return start

    def _without(self, node: Node, member: Member) -> Json:
        place = next(index for index, one in enumerate(node.members) if one is member)
        last = place == len(node.members) - 1
        before = node.members[place - 1] if place else None
        comma = [(before.comma, before.comma + 1, b"")] if last and before and before.comma else []
        if member.comma is not None and last:
            comma = []  # the file ends lists with a comma
        if before is None and last:
            inside = self.content[node.start + 1 : member.start] + self.content[member.end : node.end - 1]
            if not inside.replace(b",", b"").strip():
                return self._made([(node.start + 1, node.end - 1, b"")])
        after = member.end if member.comma is None else member.comma + 1
        rest = _REST.match(self.content, after)
        alone = not self.content[self._begin(member.start) : member.start].strip()
        if alone and rest is not None and rest.end() < node.end:
            start, end = self._above(member.start), rest.end()
            end += 2 if self.content[end : end + 2] == b"\r\n" else 1
            return self._made([*comma, (start, end, b"")])
        if not last:
            return self._made([(member.start, node.members[place + 1].start, b"")])
        if before is None:
            return self._made([(member.start, after, b"")])
        start = before.end if not comma else before.comma or before.end
        if member.comma is not None:
            start, after = before.comma or before.end, member.comma
        return self._made([(start, after, b"")])
