"""Takes a resource out of a Bicep file, with its comment and decorators, what only waits for it and the
outputs that tell of it; not where others need it."""

from __future__ import annotations

import re
from pathlib import Path

from drift.editing.versions import replacements
from drift.editor import NotEdited, Place, Replacement
from providers.azure.bicep_body import Body
from providers.azure.bicep_document import BicepText, member_of
from providers.azure.bicep_scan import Statement, masked_text, words

_NESTED = re.compile(r"^[ \t]*resource[ \t]+\w+", re.M)
_OUTPUT = re.compile(r"^[ \t]*output[ \t]+\w+[^\n=]*=[^\n]*(?:\n|\Z)", re.M)
#: A line that belongs to the statement below it.
_ABOVE = re.compile(r"[ \t]*(?://|@)")


def without(body: Body) -> tuple[Replacement, ...]:
    """What takes the resource away. Raises NotEdited where a module is deployed by others, or where others
    refer to it."""
    text, own = body.text, body.statement
    where = Place(Path(text.file), own.line)
    if body.call is not None:
        raise NotEdited("it is declared in a module: take it out of the module, or the module's call", where)
    if _NESTED.search(masked_text(text.text[own.value.start : own.value.end])):
        raise NotEdited("its children are declared in it", where)
    pieces = [_lines(text, own)]
    outputs = [one.span() for one in _OUTPUT.finditer(text.text)]
    for at in words(text.text, own.name):
        if own.start <= at <= own.value.end:
            continue
        told = next((one for one in outputs if one[0] <= at < one[1]), None)
        piece = (_with_above(text.text, told[0]), told[1]) if told else _waiting(text, own, at)
        if piece is None:
            line = text.text.count("\n", 0, at) + 1
            raise NotEdited(f"{own.name} is used elsewhere", Place(Path(text.file), line))
        pieces.append(piece)
    made = text.text
    for start, end in sorted(set(pieces), reverse=True):
        made = made[:start] + made[end:]
    return replacements(body.path, text.content, made.encode())


def _lines(text: BicepText, own: Statement) -> tuple[int, int]:
    """Its lines with the comment and decorators above, and one of the empty lines around it."""
    start = _with_above(text.text, text.text.rfind("\n", 0, own.start) + 1)
    end = text.text.find("\n", own.value.end)
    end = len(text.text) if end < 0 else end + 1
    blank = re.compile(r"[ \t]*\r?\n").match(text.text, end)
    if blank:
        return start, blank.end()
    before = re.search(r"\n[ \t]*\r?\n\Z", text.text[:start])
    return (before.start() + 1 if before and end == len(text.text) else start), end


def _with_above(text: str, start: int) -> int:
    """Where the comments and decorators begin that stand right above a line, those of several lines too."""
    while start:
        line = text.rfind("\n", 0, start - 1) + 1
        if _ABOVE.match(text, line):
            start = line
            continue
        found = re.compile(r"^[ \t]*@[\w.]+\(", re.M)
        opens = [one.start() for one in found.finditer(text, 0, start)]
        if not opens or not _closes(masked_text(text)[opens[-1] : start]):
            return start
        start = opens[-1]
    return start


def _closes(text: str) -> bool:
    """Whether a decorator is all that a text holds."""
    depth, stripped = 0, text.rstrip()
    for place, mark in enumerate(stripped):
        depth += (mark in "([{") - (mark in ")]}")
        if mark == ")" and not depth:
            return place == len(stripped) - 1
    return False


def _waiting(text: BicepText, own: Statement, at: int) -> tuple[int, int] | None:
    """What takes it out of the ``dependsOn`` of another statement; None where it stands elsewhere."""
    for one in text.statements:
        member = member_of(one.value, "dependsOn") if one.kind in ("resource", "module") else None
        if member is None or not member.value.start <= at < member.value.end or member.key is None:
            continue
        steps = (one.kind, one.name, member.key)
        names = [text.text[each.start : each.value.end].strip() for each in member.value.members]
        if member.value.kind != "array" or own.name not in names:
            return None
        gone = (*steps, names.index(own.name)) if len(names) > 1 else steps
        (piece,) = replacements(Path(text.file), text.content, text.remove(gone).content)
        before = text.content[: piece.start].decode()
        return len(before), len(before) + len(text.content[piece.start : piece.end].decode())
    return None
