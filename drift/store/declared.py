"""Keeps what is declared, in its order: a first lot in memory, the rest in one temporary file, so that memory
does not grow.

The file has no name and ends with the process. It holds what the declared files, which are on disk, hold,
too; what its source called sensitive stays in memory.
"""

from __future__ import annotations

import base64
import pickle
from array import array
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import orjson

from drift.model import Origin, Resource, Sensitive
from drift.store import live
from drift.store.texts import TOO_LONG, Texts

#: Between what a resource is and its attributes: nothing that JSON on one line holds.
_SEPARATOR = b"\n"
_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


class DeclaredStore:
    """Declared resources by number, counted from zero; ``room`` of them are kept as they are."""

    def __init__(self, room: int | None = None) -> None:
        self._room = live.IN_MEMORY if room is None else room
        self._held: list[Resource] = []
        #: For each number its place in ``_held``, below zero, or its place in the file.
        self._places = array("q")
        self.texts = Texts()

    def add(self, resource: Resource, text: bytes | None = None) -> int:
        """Adds a resource; gives its number. ``text`` is its text of another store, where it has one."""
        text = None if self._room > 0 else text or _packed(resource)
        if text is None:
            self._room -= 1
            self._held.append(resource)
            self._places.append(-len(self._held))
        else:
            self._places.append(self.texts.add(text))
        return len(self._places) - 1

    def take(self, number: int) -> Resource:
        """The resource of a number."""
        place = self._places[number]
        return self._held[-place - 1] if place < 0 else unpacked(self.texts.get(place))

    def place(self, number: int) -> int | None:
        """The place of a number's text in the file; None where its resource is in memory."""
        place = self._places[number]
        return None if place < 0 else place

    def head(self, number: int) -> Resource:
        """The resource of a number, from the file without its attributes: for what asks only what it is, at
        half the cost."""
        place = self._places[number]
        return self._held[-place - 1] if place < 0 else unpacked(self.texts.get(place), attributes=False)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Resource]:
        return map(self.take, range(len(self._places)))


def _packed(resource: Resource) -> bytes | None:
    """A resource as JSON, or pickled where a value of it could not be known; None where a value is called
    sensitive."""
    origin = resource.origin
    said: list[Any] = [
        resource.provider,
        resource.scope,
        resource.type,
        resource.id,
        resource.region,
        resource.name,
        origin
        and [
            origin.source,
            origin.file,
            origin.line,
            origin.address,
            origin.commit,
            origin.url,
            _kept(origin.lines),
            origin.pending,
            origin.by,
            origin.via,
        ],
        resource.partial,
        sorted(resource.shared),
        dict(resource.unread),
        resource.searched,
        dict(resource.remembered),
        sorted(resource.chosen),
        dict(resource.before),
    ]
    try:
        text = _SEPARATOR.join(
            orjson.dumps(each, option=_OPTIONS) for each in (said, resource.attributes, resource.certain)
        )
    except TypeError:
        held = [resource.attributes, resource.certain, dict(resource.remembered), dict(resource.before)]
        if _sensitive(held):
            return None
        text = pickle.dumps(resource, pickle.HIGHEST_PROTOCOL)
    return text if len(text) < TOO_LONG else None


def _kept(lines: Mapping[str, int]) -> dict[str, int] | list[str]:
    """Lines of an origin as JSON; as they are where they tell more than they list."""
    if not lines or isinstance(lines, (dict, MappingProxyType)):
        return dict(lines)
    return [base64.b64encode(pickle.dumps(lines)).decode()]


def _lines(kept: dict[str, int] | list[str]) -> Mapping[str, int]:
    """The same from JSON."""
    if isinstance(kept, dict):
        return kept
    lines: Mapping[str, int] = pickle.loads(base64.b64decode(kept[0]))  # noqa: S301 - our own file
    return lines


def _sensitive(value: Any) -> bool:
    """Whether something at or below a value is called sensitive."""
    if isinstance(value, dict):
        return any(_sensitive(item) for item in value.values())
    return any(map(_sensitive, value)) if isinstance(value, list) else isinstance(value, Sensitive)


def _origin(*said: Any) -> Origin:
    source, file, line, address, commit, url, lines, pending, by, via = said
    return Origin(source, file, line, address, commit, url, _lines(lines), pending, tuple(via), by)


def unpacked(text: bytes, *, attributes: bool = True) -> Resource:
    """A resource from its text in the file, without its attributes if so asked."""
    if not text.startswith(b"["):
        resource: Resource = pickle.loads(text)  # noqa: S301 - our own file
        return resource
    head, body, certain = text.split(_SEPARATOR)
    provider, scope, type_, id_, region, name, origin, partial, shared, unread, *rest = orjson.loads(head)
    searched, remembered, chosen, before = rest
    return Resource(
        provider,
        scope,
        type_,
        id_,
        orjson.loads(body) if attributes else {},
        region,
        name,
        None if origin is None else _origin(*origin),
        partial,
        frozenset(shared),
        unread,
        searched,
        orjson.loads(certain) if attributes else None,
        remembered,
        frozenset(chosen),
        before,
    )
