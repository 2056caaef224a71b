"""Where everything stands in a YAML text: documents, and in them each key, value and list member."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import yaml

from drift.safe_yaml import YamlError, events

_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|$)", re.M)
_DIRECTIVES = re.compile(r"(?:%[^\n]*\n|#[^\n]*\n|[ \t\r]*\n)*")
_PROPERTY = re.compile(r"(?:&[^\s,\[\]{}]+|!(?:<[^>]*>|[^\s,\[\]{}]*))")
_SPACE = re.compile(r"(?:[ \t\r\n\ufeff]|(?:(?<=[\s])|^)#[^\r\n]*)*")
_STANDARD = "tag:yaml.org,2002:"
#: Documents up to so many characters are kept once they were read.
_SMALL = 16384


@dataclass(slots=True, eq=False)
class Node:
    """A value in the text: characters ``start`` up to ``end``; ``inner`` is where it begins behind its anchor
    and tag. ``text`` is a scalar's, or the name of an alias, whose anchor has ``target``; ``style`` is ``'``,
    ``"``, ``|``, ``>`` or empty; ``users`` are the aliases of its anchor; ``keeps`` says
    of a block scalar that the blank lines behind it belong to it (``|+``)."""

    kind: Literal["scalar", "list", "map", "alias"]
    start: int
    end: int
    inner: int
    text: str = ""
    style: str = ""
    flow: bool = False
    tag: str | None = None
    anchor: str | None = None
    plain: bool = False
    entries: list[Entry] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    target: Node | None = None
    users: int = 0
    keeps: bool = False

    @property
    def real(self) -> Node:
        """The node itself; of an alias the one with the anchor."""
        return self.target or self

    @property
    def custom(self) -> str | None:
        """The tag, where it is none of YAML's own (``!Sub``)."""
        return self.tag if self.tag and self.tag != "!" and not self.tag.startswith(_STANDARD) else None

    @property
    def below(self) -> Iterator[Node]:
        """The nodes directly in it."""
        for entry in self.entries:
            yield from (entry.key, entry.value)
        yield from self.items


@dataclass(frozen=True, slots=True)
class Entry:
    """A member of a mapping."""

    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under a tag of the language's own (``!Sub x``)."""

    tag: str
    value: Any


@dataclass(frozen=True, slots=True)
class Language:
    """What scalars mean: ``scalar(text, tag, plain)`` is the value, ``key(value)`` a mapping's key as text.
    ``scalar`` may raise ValueError."""

    scalar: Callable[[str, str | None, bool], Any]
    key: Callable[[Any], str] = str


@dataclass(slots=True)
class Document:
    """One document: characters ``start`` up to ``end`` from its ``---`` (``explicit``) to the next one.
    ``node`` is None where it is empty or can't be read; ``broken`` says why."""

    start: int
    end: int
    explicit: bool
    node: Node | None = None
    broken: str = ""
    value: Any = None


def documents(text: str, language: Language) -> list[Document]:
    """The documents of a text, also the empty ones; one that is broken takes no other one with it."""
    found = []
    for start, end, explicit in _chunks(text):
        chunk = text[start:end]
        read = _kept if len(chunk) <= _SMALL else _read
        found.append(Document(start, end, explicit, *read(chunk, start, language)))
    return found


def _read(chunk: str, start: int, language: Language) -> tuple[Node | None, str, Any]:
    """One document that begins at ``start``: its node, why it can't be read, and its value."""
    try:
        node = _Composer(chunk, start).document()
        return node, "", None if node is None else value(node, language)
    except (YamlError, ValueError) as error:
        return None, str(error), None


#: Each proposal reads the whole file, of which most documents stand where and as they stood.
_kept = lru_cache(maxsize=512)(_read)


def value(node: Node, language: Language) -> Any:
    """What a node says. Raises ValueError."""
    node = node.real
    said: Any
    if node.kind == "scalar":
        said = language.scalar(node.text, None if node.custom else node.tag, node.plain or bool(node.custom))
    elif node.kind == "list":
        said = [value(item, language) for item in node.items]
    else:
        said = {name: value(entry.value, language) for name, entry in members(node, language).items()}
    return Tagged(node.custom, said) if node.custom else said


def members(node: Node, language: Language, *, merged: bool = True) -> dict[str, Entry]:
    """The members of a mapping by their keys; what ``<<`` brings too where ``merged``."""
    found: dict[str, Entry] = {}
    for entry in node.entries:
        if merged and is_merge(entry):
            said = entry.value.real
            for one in said.items if said.kind == "list" else [said]:
                for name, brought in members(one.real, language).items():
                    found.setdefault(name, brought)
    own: dict[str, Entry] = {}
    for entry in node.entries:
        if not is_merge(entry):
            own[key(entry, language)] = entry
    return {**found, **own}


def key(entry: Entry, language: Language) -> str:
    """A member's key as text. Raises ValueError where it is none."""
    node = entry.key.real
    if node.kind != "scalar":
        raise ValueError("has a key that is no text; a template, perhaps")
    return language.key(language.scalar(node.text, node.tag, node.plain))


def is_merge(entry: Entry) -> bool:
    return entry.key.kind == "scalar" and entry.key.plain and entry.key.text == "<<"


def skip(text: str, at: int) -> int:
    """The next place, from ``at`` on, where something stands that is neither space nor comment."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _chunks(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it begins with ``---``) of each document; directives go with the one that they
    precede."""
    begin = 1 if text.startswith("\ufeff") else 0
    starts = [found.start() for found in _SEPARATOR.finditer(text, begin)]
    if not starts or text[begin : starts[0]].strip():
        directives = bool(starts) and "%" in text[begin : starts[0]]
        if directives and _DIRECTIVES.fullmatch(text, begin, starts[0]):
            starts[0] = begin
        elif not starts or skip(text, begin) < starts[0]:
            starts.insert(0, begin)
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        yield start, end, text.startswith("---", start)


class _Composer:
    """Makes the nodes of one document from its events. ``offset`` is where it begins in the file."""

    def __init__(self, text: str, offset: int) -> None:
        self.text, self.offset = text, offset
        self.anchors: dict[str, Node] = {}
        self.open: set[str] = set()
        self.events: Iterator[Any] = events(text)

    def document(self) -> Node | None:
        """The node; None where there is nothing. Raises YamlError."""
        node = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    raise YamlError(None, "holds several documents without --- between them")
                node = self._node(next(self.events))
        if node is not None and node.kind == "scalar" and node.start == node.end:
            return None
        return node

    def _node(self, event: Any) -> Node:
        start, end = self.offset + event.start_mark.index, self.offset + event.end_mark.index
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), start, end)
        node = Node("scalar", start, end, start, tag=event.tag, anchor=event.anchor)
        if event.anchor:
            self.anchors[event.anchor] = node
            self.open.add(event.anchor)
        if event.anchor or event.tag:
            node.inner = self._behind_properties(start)
        if isinstance(event, yaml.ScalarEvent):
            node.text, node.style, node.plain = event.value, event.style or "", bool(event.implicit[0])
            node.inner = min(node.inner, node.end)
            if node.style in ("|", ">"):
                node.end = self._block_end(node)
        else:
            self._collection(node, event)
        self.open.discard(event.anchor or "")
        return node

    def _alias(self, name: str, start: int, end: int) -> Node:
        target = self.anchors.get(name)
        if target is None or name in self.open:
            raise YamlError(None, f"the alias *{name} has no finished anchor before it")
        target.users += 1
        return Node("alias", start, end, start, name, target=target)

    def _collection(self, node: Node, event: Any) -> None:
        node.flow = bool(event.flow_style)
        if isinstance(event, yaml.SequenceStartEvent):
            node.kind = "list"
            while not isinstance(one := next(self.events), yaml.SequenceEndEvent):
                node.items.append(self._node(one))
        else:
            node.kind = "map"
            while not isinstance(one := next(self.events), yaml.MappingEndEvent):
                name = self._node(one)
                node.entries.append(Entry(name, self._node(next(self.events))))
        if node.flow:
            node.end = self.offset + one.end_mark.index
        else:
            node.end = max((child.end for child in node.below), default=node.end)

    def _behind_properties(self, at: int) -> int:
        inside = at - self.offset
        while found := _PROPERTY.match(self.text, inside):
            inside = skip(self.text, found.end())
        return inside + self.offset

    def _block_end(self, node: Node) -> int:
        """The end of a block scalar's last line; of one that keeps the blank lines behind it, of these."""
        body = self.text[node.inner - self.offset : node.end - self.offset]
        header = body.partition("\n")[0].partition("#")[0]
        node.keeps = "+" in header
        if node.keeps:
            return node.inner + len(body.removesuffix("\n").removesuffix("\r"))
        return node.inner + len(body.rstrip(" \t\r\n"))
