"""The findings as they lie in the page: compressed, in three parts that are unpacked when they are needed.

``index`` has, column by column, what rows show and filters ask, and the shape of what opens below them
(``reports.shape``); ``words`` what search reads besides, a line a finding; ``bodies`` the values for that
shape, of some findings together, column by column. Each is base64 of a zlib stream, in which no markup can be
written. The bodies, most of the file, come last, behind the script.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from reports import body, change
from reports.finding import FACETS, brief, columns
from reports.remembered import Remembered
from reports.values import origin_of, words_in, words_of

TOGETHER = 200
_REMEMBERED = 5_000
_LEVEL = 6
_TEXTS = ("id", "name", "what")
_FEW = (*FACETS, "age", "why", "origin")


@dataclass
class Packed:
    """The parts, and how much of the findings they hold: ``listed`` of ``total``, ``searched`` with their
    values."""

    total: int
    listed: int = 0
    searched: int = 0
    index: str = ""
    words: str = ""
    bodies: list[str] = field(default_factory=list)


class _Said(NamedTuple):
    """All that is said of one change: what opens, as JSON, a few words for the row, and what search finds."""

    tree: orjson.Fragment
    brief: str
    words: list[str]


def _said(one: Mapping[str, Any]) -> _Said:
    return _Said(orjson.Fragment(orjson.dumps(change.tree(one))), brief(one), words_in(one))


class _Told:
    """What is said of a finding's changes, each asked once for all that want it."""

    def __init__(self, finding: Mapping[str, Any], of: Remembered[_Said]) -> None:
        changes = (finding.get("changes") or [])[: body.MOST_CHANGES]
        self._said = {id(one): of(one) for one in changes}

    def tree(self, one: Mapping[str, Any]) -> orjson.Fragment:
        return self._said[id(one)].tree

    def brief(self, one: Mapping[str, Any]) -> str:
        return self._said[id(one)].brief

    def words(self, one: Mapping[str, Any]) -> list[str]:
        said = self._said.get(id(one))
        return said.words if said else words_in(one)


def pack(findings: Sequence[Mapping[str, Any]], run: Mapping[str, Any], *, most: int, values: int) -> Packed:
    """``findings`` in their order. Those that do not fit into ``most`` bytes are left out; search reads the
    values of as many as have ``values`` characters."""
    result, index, of = Packed(len(findings)), _Index(), Remembered(_said, _REMEMBERED)
    words, size, read = zlib.compressobj(_LEVEL), 0, 0
    squeezed_words: list[bytes] = []
    for start in range(0, len(findings), TOGETHER):
        if size >= most:
            break
        some, rows, lines = findings[start : start + TOGETHER], [], []
        for finding in some:
            told = _Told(finding, of)
            rows.append(body.values(finding, run, told.tree))
            index.add({**columns(finding, run, told.brief), "origin": origin_of(finding)})
            found = words_of(finding, told.words if read < values else None).replace("\n", " ")
            lines.append(found)
            result.searched += read < values
            read += len(found)
        result.bodies.append(squeezed(_columns(rows)))
        said = ("\n" if start else "") + "\n".join(lines)
        squeezed_words.append(words.compress(said.encode("utf-8", "backslashreplace")))
        result.listed += len(some)
        size += len(result.bodies[-1])
    result.index = squeezed(index.written())
    result.words = _text(b"".join([*squeezed_words, words.flush()]))
    return result


def _columns(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """The values by their names, those that no finding has left out."""
    named = zip(body.COLUMNS, zip(*rows, strict=True), strict=True)
    return orjson.dumps({name: column for name, column in named if any(column)})


class _Index:
    """Columns: those of few different values by their numbers, the others as they are."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, int]] = {name: {} for name in _FEW}
        self._numbers: dict[str, list[int]] = {name: [] for name in _FEW}
        self._texts: dict[str, list[str]] = {name: [] for name in _TEXTS}

    def add(self, said: Mapping[str, str]) -> None:
        for name, known in self._names.items():
            self._numbers[name].append(known.setdefault(said[name], len(known)))
        for name, texts in self._texts.items():
            texts.append(said[name])

    def written(self) -> bytes:
        few = {name: {"names": list(self._names[name]), "rows": self._numbers[name]} for name in _FEW}
        return orjson.dumps(
            {"facets": FACETS, "together": TOGETHER, "few": few, "texts": self._texts, "body": body.BODY}
        )


def squeezed(content: bytes) -> str:
    return _text(zlib.compress(content, _LEVEL))


def _text(packed: bytes) -> str:
    return base64.b64encode(packed).decode()
