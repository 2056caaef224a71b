"""Lines and columns of a YAML text, and how it is written."""

from __future__ import annotations

import re
from typing import Any

from drift.editing.yaml_nodes import Document, Node, skip
from drift.editing.yaml_spelling import Style
from drift.editor import NotEdited

_REST = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?(?=\r?\n|\Z)")
_BREAK = re.compile(r"\r?\n|\Z")
#: Characters that go, and what comes in their place.
Change = tuple[int, int, str]
#: Lists that are shorter tell nothing of an order.
TELLING = 3


def style(text: str, documents: list[Document]) -> Style:
    """How a text is written, as far as what stands in it tells."""
    newline = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
    steps: dict[int, int] = {}
    dashes: dict[int, int] = {}
    quotes = {"'": 0, '"': 0}
    below = [one.node for one in documents if one.node]
    while below:
        node = below.pop()
        if node.style in quotes:
            quotes[node.style] += 1
        for entry in node.entries if not node.flow else ():
            counted = steps if entry.value.kind == "map" else dashes if entry.value.kind == "list" else None
            if counted is not None and not entry.value.flow:
                far = column(text, entry.value.inner) - column(text, entry.key.start)
                counted[far] = counted.get(far, 0) + 1
        below.extend(node.below)
    return Style(
        newline,
        max(steps, key=lambda one: steps[one], default=2),
        max(dashes, key=lambda one: dashes[one], default=max(steps, key=lambda one: steps[one], default=2)),
        "'" if quotes["'"] > quotes['"'] else '"',
    )


def is_json(node: Node) -> bool:
    """Whether a document is written as JSON is."""
    return node.flow and bool(node.entries) and all(entry.key.style == '"' for entry in node.entries)


def column(text: str, at: int) -> int:
    return (
        at - (text.rfind("\n", 0, at) + 1) - (1 if text.startswith("\ufeff") and "\n" not in text[:at] else 0)
    )


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where the line ends that a place is on, before its line break."""
    found = _BREAK.search(text, at)
    return found.start() if found else len(text)


def line_after(text: str, at: int) -> int:
    """Where the next line begins."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def line_end_before(text: str, at: int) -> int:
    """Where the line before ends, before its line break."""
    return len(text[:at].removesuffix("\n").removesuffix("\r"))


def end_of_line(text: str, at: int) -> int:
    found = _REST.match(text, at)
    if found is None:
        raise NotEdited("something else stands on the line of the value")
    return found.end()


def sorted_place(members: list[Any], new: Any) -> int:
    """Where a new member of a list belongs: in alphabetical order where the list is long enough to show that
    it has it, else at the end."""
    texts = [one for one in members if isinstance(one, str)]
    if isinstance(new, str) and len(texts) == len(members) >= TELLING and texts == sorted(texts):
        return sum(1 for one in texts if one <= new)
    return len(members)


def dashes(text: str, node: Node) -> list[int]:
    """Where the dash of each member of a block list stands."""
    found, at = [], node.inner
    for item in node.items:
        at = skip(text, at)
        if text[at : at + 1] != "-":
            raise NotEdited("a list is written in a way that is not followed")
        found.append(at)
        at = max(item.end, at + 1)
    return found


def explicit(text: str, container: Node, place: int) -> bool:
    """Whether a key is written as ``? key``."""
    before = container.entries[place - 1].value.end if place else container.inner
    start = container.entries[place].key.start
    at = skip(text, before)
    while text[at : at + 1] == "," and container.flow:
        at = skip(text, at + 1)
    return at < start and text[at : at + 1] == "?"
