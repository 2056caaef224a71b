"""The findings as they lie in the page: compressed, in three parts that are unpacked when they are needed.

``index`` has, column by column, what rows show and filters ask; ``words`` what search reads besides, a line
a finding; ``bodies`` what opens below the rows, some together, as trees (``reports.tree``). Each is base64 of
a zlib stream, in which no markup can be written. The bodies, most of the file, come last, behind the script.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from reports.finding import FACETS, Bodies, brief, columns
from reports.remembered import Remembered
from reports.values import origin_of, words_in, words_of

TOGETHER = 200
_REMEMBERED = 5_000
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


def pack(findings: Sequence[Mapping[str, Any]], run: Mapping[str, Any], *, most: int, values: int) -> Packed:
    """``findings`` in their order. Those that do not fit into ``most`` bytes are left out; search reads the
    values of as many as have ``values`` characters."""
    result, bodies = Packed(len(findings)), Bodies(run)
    size = 0
    for start in range(0, len(findings), TOGETHER):
        if size >= most:
            break
        some = findings[start : start + TOGETHER]
        result.bodies.append(squeezed(orjson.dumps([bodies.body(finding) for finding in some])))
        result.listed += len(some)
        size += len(result.bodies[-1])
    listed = findings[: result.listed]
    result.index = squeezed(orjson.dumps(_index(listed, run)))
    said, size, of = [], 0, Remembered(words_in, _REMEMBERED)
    for finding in listed:
        said.append(words_of(finding, of if size < values else None).replace("\n", " "))
        result.searched += size < values
        size += len(said[-1])
    result.words = squeezed("\n".join(said).encode("utf-8", "backslashreplace"))
    return result


def _index(findings: Iterable[Mapping[str, Any]], run: Mapping[str, Any]) -> dict[str, Any]:
    """Columns: those of few different values by their numbers, the others as they are."""
    names: dict[str, dict[str, int]] = {name: {} for name in _FEW}
    numbers: dict[str, list[int]] = {name: [] for name in _FEW}
    texts: dict[str, list[str]] = {name: [] for name in _TEXTS}
    of = Remembered(brief, _REMEMBERED)
    for finding in findings:
        said = {**columns(finding, run, of), "origin": origin_of(finding)}
        for name in _FEW:
            known = names[name]
            numbers[name].append(known.setdefault(said[name], len(known)))
        for name in _TEXTS:
            texts[name].append(said[name])
    return {
        "facets": FACETS,
        "together": TOGETHER,
        "few": {name: {"names": list(names[name]), "rows": numbers[name]} for name in _FEW},
        "texts": texts,
    }


def squeezed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 6)).decode()
