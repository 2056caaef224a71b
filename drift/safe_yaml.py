"""Reads YAML safely: the one place for its loader, for how deep a document may nest and for what its aliases
may unfold to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

MAX_DEPTH = 200
#: Values that a document may have, once its aliases are unfolded.
MAX_VALUES = 1_000_000

#: The tag of a merge key, which yq writes out.
_MERGE = "tag:yaml.org,2002:merge"
_TEXT = "tag:yaml.org,2002:str"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
#: What reading raises; the last two where a tag is not what the text is (``!!bool x``).
_ERRORS = (yaml.YAMLError, RecursionError, ValueError, KeyError, AttributeError)
Place = tuple[Any, ...]
Value = TypeVar("Value")
Members = TypeVar("Members")


class _Dateless(_Loader):  # type: ignore[misc]
    """Leaves dates as the texts they are, as JSON does."""


_Dateless.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_str)


class YamlError(ValueError):
    """Why a document can't be read, and the line (from 1) where that is known.

    ``syntax`` says that it is no YAML; else it is some that is not followed: too deep, too large, a circle.
    """

    def __init__(self, line: int | None, reason: str, *, syntax: bool = False) -> None:
        super().__init__(f"no valid YAML: {reason}" if syntax else reason)
        self.line, self.reason, self.syntax = line, reason, syntax

    def at(self, file: str) -> str:
        """The file, with the line where it is known."""
        return f"{file}:{self.line}" if self.line is not None else file


def load(text: str | bytes, *, dates: bool = False, aliases: bool = True) -> Any:
    """The value of one document; None where there is none.

    ``dates`` makes dates of what looks like one; without ``aliases`` a document that uses some is refused.
    Raises YamlError.
    """
    try:
        _check(text, aliases)
        return _loaded(text, _Loader if dates else _Dateless)
    except _ERRORS as error:
        raise _told(error) from error


def data(file: Path) -> Any:
    """What one of the program's own data files says: trusted, so that nothing is looked for in it."""
    return _loaded(file.read_bytes(), _Loader)


class _Odd(Exception):
    """What is to be read needs the nodes of the whole document: tags, merges, keys that are no text or
    have an anchor, anchors that are said twice or hold themselves."""


def _loaded(text: str | bytes, kind: Any) -> Any:
    """What ``yaml.load`` gives, of most documents without making nodes of them: these take several times the
    memory and the time of the values."""
    loader = kind(text)
    try:
        return _of_events(loader)
    except (_Odd, KeyError, ValueError, RecursionError, yaml.YAMLError):
        return yaml.load(text, Loader=kind)  # noqa: S506 - safe loaders
    finally:
        loader.dispose()


def _of_events(loader: Any) -> Any:
    """The value of the one document of a stream."""
    loader.get_event()
    if loader.check_event(yaml.StreamEndEvent):
        return None
    loader.get_event()
    value = _of_event(loader, loader.get_event(), {})
    loader.get_event()
    if not loader.check_event(yaml.StreamEndEvent):
        raise _Odd
    return value


def _of_event(loader: Any, event: Any, anchors: dict[str, Any]) -> Any:
    """The value that begins with an event; an alias is the very value of its anchor."""
    if type(event) is yaml.AliasEvent and event.anchor in anchors:
        return anchors[event.anchor]
    value = _value(loader, event, anchors)
    if event.anchor in anchors:
        raise _Odd
    if event.anchor:
        anchors[event.anchor] = value
    return value


def _value(loader: Any, event: Any, anchors: dict[str, Any]) -> Any:
    if type(event) is yaml.ScalarEvent:
        return _scalar(loader, event)
    if type(event) is yaml.AliasEvent or not event.implicit:
        raise _Odd
    if type(event) is yaml.SequenceStartEvent:
        items = []
        while type(one := loader.get_event()) is not yaml.SequenceEndEvent:
            items.append(_of_event(loader, one, anchors))
        return items
    members = {}
    while type(one := loader.get_event()) is not yaml.MappingEndEvent:
        if type(one) is not yaml.ScalarEvent or one.anchor or one.value in ("<<", "="):
            raise _Odd
        key = _scalar(loader, one)
        members[key] = _of_event(loader, loader.get_event(), anchors)
    return members


def _scalar(loader: Any, event: Any) -> Any:
    if event.tag not in (None, "!"):
        raise _Odd
    tag = loader.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag == _TEXT:
        return event.value
    node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
    return loader.yaml_constructors[tag](loader, node)


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its value, the line of every member by the keys and indices that lead to it, and the first
    key that is said twice in one mapping (its place, its line, the line where it comes again)."""

    value: Any
    lines: dict[Place, int] = field(default_factory=dict)
    twice: tuple[Place, int, int] | None = None


def documents(text: str) -> Iterator[Document]:
    """Every document of a stream that has any content. Raises YamlError, at the document that is broken."""
    try:
        _check(text, aliases=True)
        loader = _Dateless(text)
        try:
            while loader.check_node():
                node = loader.get_node()
                lines = _Lines()
                lines.visit(node, (), ())
                yield Document(loader.construct_document(node), lines.found, lines.twice)
        finally:
            loader.dispose()
    except _ERRORS as error:
        raise _told(error) from error


def single(text: str) -> Document:
    """The one document of a text, of no value where it has none. Raises YamlError."""
    found = list(documents(text))
    if len(found) > 1:
        line = min(found[1].lines.values())
        raise YamlError(line, "expected a single document in the stream", syntax=True)
    return found[0] if found else Document(None)


def events(text: str) -> Iterator[Any]:
    """The events of a stream, with their marks, once it is known to be safe. Raises YamlError."""
    try:
        _check(text, aliases=True)
        yield from yaml.parse(text, Loader=_Loader)
    except _ERRORS as error:
        raise _told(error) from error


def danger(text: str | bytes, *, aliases: bool = True) -> YamlError | None:
    """Why a stream can't be read safely, told before it is built; None where nothing is wrong. Raises
    yaml.YAMLError where it is no YAML.

    Reads events only: libyaml's composer recurses in C, so that a document nested deeply enough ends the
    process.
    """
    sizes: dict[str | None, int] = {}
    open_: list[tuple[str | None, int]] = []  # (anchor, values so far) of each collection around
    count, unfold = 0, "it holds"
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            sizes, count = {}, 0
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(open_) == MAX_DEPTH:
                return YamlError(line, f"can't be read: it nests deeper than {MAX_DEPTH} levels")
            open_.append((event.anchor, count))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor is not None:
                sizes[anchor] = count - before
        elif isinstance(event, yaml.AliasEvent):
            if not aliases:
                return YamlError(line, f"can't be read: it uses the alias *{event.anchor}")
            count, unfold = count + sizes.get(event.anchor, 1), "its aliases unfold to"
        elif isinstance(event, yaml.ScalarEvent):
            count += 1
        if count > MAX_VALUES:
            return YamlError(line, f"can't be read: {unfold} more than {MAX_VALUES:,} values")
    return None


def _check(text: str | bytes, aliases: bool) -> None:
    found = danger(text, aliases=aliases) if _suspicious(text) else None
    if found is not None:
        raise found


def _suspicious(text: str | bytes) -> bool:
    """Whether aliases may unfold, collections nest or values be so many that a document must be looked
    through first.

    A level takes a bracket, a dash, a question mark or one more column, and half of the levels that are
    allowed take as many of the ones or of the others.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if raw.startswith(_WIDE) or b"*" in raw and b"&" in raw:
        return True
    if raw.count(b",") + raw.count(b"\n") > MAX_VALUES:
        return True
    signs = sum(map(raw.count, (b"[", b"{", b"- ", b"-\t", b"? ", b"?\t")))
    return signs >= MAX_DEPTH // 2 or b" " * (MAX_DEPTH // 2) in raw


def _told(error: Exception) -> YamlError:
    if isinstance(error, YamlError):
        return error
    if isinstance(error, (KeyError, AttributeError)):
        return YamlError(None, "a tag is not what the text after it is", syntax=True)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return YamlError(mark.line + 1 if mark else None, str(reason), syntax=True)


class _Lines:
    """Where each member of a node stands."""

    def __init__(self) -> None:
        self.found: dict[Place, int] = {}
        self.twice: tuple[Place, int, int] | None = None

    def visit(self, node: yaml.Node, place: Place, above: tuple[yaml.Node, ...]) -> None:
        line = node.start_mark.line + 1
        self.found.setdefault(place, line)
        if any(node is one for one in above):
            raise YamlError(line, "the value contains itself")
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._member(key, value, place, (*above, node))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self.visit(value, (*place, index), (*above, node))

    def _member(self, key: yaml.Node, value: yaml.Node, place: Place, above: tuple[yaml.Node, ...]) -> None:
        name = key.value if isinstance(key, yaml.ScalarNode) else None
        below, line = (*place, name), key.start_mark.line + 1
        if below in self.found and name not in ("<<", None) and self.twice is None:
            self.twice = (below, self.found[below], line)
        self.found[below] = line
        self.visit(value, below, above)


class Builder(Generic[Value, Members]):
    """Builds the values of a stream for a language with scalars, tags and containers of its own.

    From libyaml's events, as its composer recurses in C. A subclass says what a scalar and a list are, and
    gathers a mapping's members; each may raise YamlError. ``first`` is the line on which the text begins.
    """

    #: How deep a document may nest, how many values it may hold, and what it is called where it does not.
    depth, most, what = 100, MAX_VALUES, "a document"

    def __init__(self, text: str, first: int = 1) -> None:
        self.text, self.first = text, first
        self.values = 0
        self.anchors: dict[str | None, Value] = {}
        self.loader: Any = None

    def opened(self, number: int, line: int) -> None:
        """Hears of each document (from 0) before it is read."""

    def scalar(self, event: Any, line: int) -> Value:
        """The value of a scalar event."""
        raise NotImplementedError

    def sequence(self, items: list[tuple[Value, int]], tag: str | None, line: int) -> Value:
        """The value of a list, of whose members the lines are told."""
        raise NotImplementedError

    def begin(self) -> Members:
        """What gathers the members of a mapping."""
        raise NotImplementedError

    def add(self, members: Members, key: Any, value: Value, line: int) -> None:
        """Takes in a member, by the event of its key."""
        raise NotImplementedError

    def merge(self, members: Members, value: Value, line: int) -> None:
        """Takes in what ``<<`` brings."""
        raise NotImplementedError

    def mapping(self, members: Members, tag: str | None, line: int) -> Value:
        """The value of a mapping."""
        raise NotImplementedError

    def size(self, value: Value) -> int:
        """How many values an alias repeats."""
        raise NotImplementedError

    def documents(self) -> Iterator[Value]:
        """Every document. Raises YamlError, at the document that is broken."""
        self.loader, number = _Loader(self.text), 0
        try:
            self.loader.get_event()
            while not self.loader.check_event(yaml.StreamEndEvent):
                line = self.first + self.loader.get_event().start_mark.line
                self.opened(number, line)
                self.anchors.clear()
                value = self._value(0)
                self.loader.get_event()
                yield value
                number += 1
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = self.first + (mark.line if mark else 0)
            raise YamlError(line, str(error.problem or error), syntax=True) from error
        except yaml.YAMLError as error:
            line = self.first + self.text.count("\n", 0, getattr(error, "position", 0))
            raise YamlError(line, str(getattr(error, "reason", error)), syntax=True) from error
        finally:
            self.loader.dispose()

    def _value(self, depth: int) -> Value:
        event = self.loader.get_event()
        line = self.first + event.start_mark.line
        self._count(line, 1, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, line)
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(self._items(depth), event.tag, line)
        else:
            value = self.mapping(self._members(depth), event.tag, line)
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def _count(self, line: int, more: int, depth: int = 0) -> None:
        self.values += more
        if depth > self.depth or self.values > self.most:
            raise YamlError(line, f"is nested too deeply or holds too much to be {self.what}")

    def _alias(self, anchor: str | None, line: int) -> Value:
        if anchor not in self.anchors:
            raise YamlError(line, f"the alias *{anchor} has no finished anchor before it")
        value = self.anchors[anchor]
        self._count(line, self.size(value))
        return value

    def _items(self, depth: int) -> list[tuple[Value, int]]:
        items = []
        while not self.loader.check_event(yaml.SequenceEndEvent):
            line = self.first + self.loader.peek_event().start_mark.line
            items.append((self._value(depth + 1), line))
        self.loader.get_event()
        return items

    def _members(self, depth: int) -> Members:
        members = self.begin()
        while not self.loader.check_event(yaml.MappingEndEvent):
            key = self.loader.get_event()
            line = self.first + key.start_mark.line
            if not isinstance(key, yaml.ScalarEvent):
                raise YamlError(line, "a key must be plain text")
            value = self._value(depth + 1)
            if key.value == "<<" and (key.tag == _MERGE or key.implicit[0]):
                self.merge(members, value, line)
            else:
                self.add(members, key, value, line)
        self.loader.get_event()
        return members


def size(value: Any, limit: int = MAX_VALUES) -> int:
    """How many values stand at and below a value, counted up to ``limit``: aliases can make a few very
    many."""
    count, rest = 0, [value]
    while rest and count <= limit:
        one = rest.pop()
        count += 1
        rest.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return count
