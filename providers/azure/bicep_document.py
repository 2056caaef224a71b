"""Edits Bicep by position: the literal, the member of an object or array, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from drift.editing.document import Step
from drift.editor import NotEdited
from providers.azure.bicep_scan import Member, Statement, Value, statements

_NAME = re.compile(r"[A-Za-z_]\w*")
_UNIT = "  "


@dataclass(frozen=True)
class BicepText:
    """A Bicep file. Steps begin with the kind and the name of a statement; each operation gives the text that
    it becomes."""

    content: bytes
    file: str

    @cached_property
    def text(self) -> str:
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotEdited(f"{self.file} is not UTF-8 text") from error

    @cached_property
    def statements(self) -> list[Statement]:
        return statements(self.text, self.file)

    def find(self, steps: Sequence[Step]) -> Value | None:
        """The value at the end of steps; None where there is none."""
        for one in self.statements:
            if (one.kind, one.name) == tuple(steps[:2]):
                value: Value | None = one.value
                for step in steps[2:]:
                    member = None if value is None else member_of(value, step)
                    value = None if member is None else member.value
                return value
        return None

    def has(self, steps: Sequence[Step]) -> bool:
        return self.find(steps) is not None

    def line(self, steps: Sequence[Step]) -> int | None:
        value = self.find(steps)
        return None if value is None else self.text.count("\n", 0, value.start) + 1

    def put(self, steps: Sequence[Step], value: Any) -> BicepText:
        found = self._found(steps)
        if found.kind == "expression":
            raise NotEdited(f"{self.text[found.start : found.end][:80]} is computed in {self.file}")
        return self._made(found.start, found.end, self._spelled(value, self._margin(found.start)))

    def add(self, steps: Sequence[Step], name: str, value: Any, at: int | None = None) -> BicepText:
        key = name if _NAME.fullmatch(name) else quoted(name)
        return self._inserted(self._found(steps, "object"), None, f"{key}: ", value)

    def insert(self, steps: Sequence[Step], at: int, value: Any) -> BicepText:
        return self._inserted(self._found(steps, "array"), at, "", value)

    def remove(self, steps: Sequence[Step]) -> BicepText:
        above = self._found(steps[:-1])
        member = member_of(above, steps[-1])
        if member is None:
            raise NotEdited(f"{self.file} has nothing at {'/'.join(map(str, steps))}")
        begin = self.text.rfind("\n", 0, member.start) + 1
        end = self.text.find("\n", member.value.end)
        end = len(self.text) if end < 0 else end + 1
        if not self.text[begin : member.start].strip() and not _code(self.text[member.value.end : end]):
            return self._made(begin, end, "")
        after = re.compile(r"[ \t]*,[ \t]*").match(self.text, member.value.end)
        if after:
            return self._made(member.start, after.end(), "")
        before = re.search(r"[ \t]*,[ \t]*$", self.text[: member.start])
        start = before.start() if before else member.start
        return self._made(start, member.value.end, "")

    def _found(self, steps: Sequence[Step], kind: str | None = None) -> Value:
        value = self.find(steps)
        if value is None or kind not in (None, value.kind):
            raise NotEdited(f"{self.file} does not write out {'/'.join(map(str, steps[1:]))}")
        return value

    def _made(self, start: int, end: int, new: str) -> BicepText:
        text = self.text[:start] + new + self.text[end:]
        return BicepText(text.encode(), self.file)

    def _margin(self, at: int) -> str:
        begin = self.text.rfind("\n", 0, at) + 1
        found = re.compile(r"[ \t]*").match(self.text, begin)
        return found[0] if found else ""

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _inserted(self, above: Value, at: int | None, lead: str, value: Any) -> BicepText:
        members, line = above.members, self._newline
        if not members:
            if self.text[above.start + 1 : above.end - 1].strip():
                raise NotEdited(f"{self.file} holds a comment or an expression where a member would come")
            margin = self._margin(above.start)
            new = f"{line}{margin}{_UNIT}{lead}{self._spelled(value, margin + _UNIT)}{line}{margin}"
            return self._made(above.start + 1, above.end - 1, new)
        many = "\n" in self.text[above.start : members[0].start]
        margin = self._margin(members[0].start)
        new = lead + self._spelled(value, margin)
        if at is not None and at < len(members):
            start = members[at].start
            return self._made(start, start, new + (line + margin if many else ", "))
        last = members[-1].value.end
        if not many:
            return self._made(last, last, f", {new}")
        end = self.text.find("\n", last)
        end = len(self.text) if end < 0 else end - (self.text[end - 1] == "\r")
        if end > above.end or _code(self.text[last:end]):
            end = last
        return self._made(end, end, line + margin + new)

    def _spelled(self, value: Any, margin: str) -> str:
        """A value in Bicep. Raises NotEdited for a number that it can't write."""
        if isinstance(value, bool) or value is None:
            return {True: "true", False: "false", None: "null"}[value]
        if isinstance(value, int):
            return str(value)
        if isinstance(value, str):
            return quoted(value)
        inner, line = margin + _UNIT, self._newline
        if isinstance(value, Mapping):
            rows = [
                f"{inner}{key if _NAME.fullmatch(key) else quoted(key)}: {self._spelled(one, inner)}"
                for key, one in value.items()
            ]
            return "{" + line + line.join(rows) + line + margin + "}" if rows else "{}"
        if isinstance(value, list):
            rows = [inner + self._spelled(one, inner) for one in value]
            return "[" + line + line.join(rows) + line + margin + "]" if rows else "[]"
        raise NotEdited(f"Bicep can't write {value}")


def member_of(value: Value, step: Step) -> Member | None:
    """The member that a step names, in whatever letter case; None where there is none, or two."""
    if isinstance(step, int):
        there = value.kind == "array" and step < len(value.members)
        return value.members[step] if there else None
    found = [one for one in value.members if one.key is not None and one.key.lower() == step.lower()]
    return found[0] if len(found) == 1 else None


def quoted(text: str) -> str:
    """A text as a string of Bicep, in which nothing is interpolated.

    >>> quoted("it's ${x}")
    "'it\\\\'s \\\\${x}'"
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def _code(rest: str) -> bool:
    """Whether anything but a comment stands in the rest of a line."""
    return bool(re.sub(r"//[^\n]*|/\*.*?\*/", "", rest).strip(" \t\r\n,"))
