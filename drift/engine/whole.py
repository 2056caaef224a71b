"""The live side as a coordinator knows it: the ledger and what is to be known of places; the resources
themselves lie with the members, and are asked for one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from drift.engine.told import Every, Found, Index, Question
from drift.live.estate import Estate
from drift.model import Cell, Resource
from drift.provider import Provider

#: Resources of a type that are kept once they were asked for.
_KEPT = 10_000

#: Asks units questions; gives the answers of each.
Ask = Callable[[Mapping[int, list[Question]]], Mapping[int, list[list[Resource]]]]


class Whole(Estate):
    """An estate of which this process holds no resource but those that it adds."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        super().__init__(providers)
        #: Cell → how many resources it has, and the unit that holds them.
        self.counts: dict[Cell, tuple[int, int]] = {}
        self.ask: Ask = lambda _: {}
        self._found: dict[Found, Resource | None] = {}
        self._every: dict[Every, list[Resource]] = {}

    def take_in(self, unit: int, index: Index) -> None:
        """What a unit's member told once it had read it; what another told before of the same unit is
        forgotten."""
        for cell in [cell for cell, (_, holder) in self.counts.items() if holder == unit]:
            del self.counts[cell]
        self.counts |= {cell: (count, unit) for cell, count in index.counts.items()}
        self.bare |= index.bare
        for name, context in index.contexts.items():
            self.contexts[name] = joined(self.contexts.get(name, {}), context)
        self.coverage.update(index.coverage)

    def changed(self, unit: int, counts: Mapping[Cell, int]) -> None:
        """Some of a unit's resources were read again, and are otherwise: so many each cell has now."""
        self.counts |= {cell: (count, unit) for cell, count in counts.items()}
        self._found.clear()
        self._every.clear()

    def count(self, cell: Cell) -> int:
        return self.counts.get(cell, (0, 0))[0]

    def cells(self, provider: str, type_: str, scope: str | None = None) -> list[Cell]:
        of_members = (cell for cell in self.counts if cell[0] == provider and cell[3] == type_)
        known = (cell for cell in of_members if scope is None or cell.scope == scope)
        return sorted({*super().cells(provider, type_, scope), *known})

    def types(self, provider: str) -> set[tuple[str, str]]:
        return super().types(provider) | {(c.scope, c.type) for c in self.counts if c.provider == provider}

    def scopes(self, provider: str) -> frozenset[str]:
        return super().scopes(provider) | {cell.scope for cell in self.counts if cell.provider == provider}

    def __len__(self) -> int:
        return sum(count for count, _ in self.counts.values())

    def found(
        self, provider: str, scope: str | None, type: str, id: str, region: str | None = None
    ) -> list[Resource]:
        units = self._units(provider, type, scope)
        question = Found(provider, scope, type, id, region)
        answers = self.ask({unit: [question] for unit in units})
        return [one for unit in units for one in answers[unit][0]]

    def find(
        self, provider: str, scope: str | None, type: str, id: str, region: str | None = None
    ) -> Resource | None:
        question = Found(provider, scope, type, id, region)
        if question not in self._found:
            found = self.found(*question)
            self._found[question] = found[0] if len(found) == 1 else None
        return self._found[question]

    def every(self, provider: str, type: str) -> Iterator[Resource]:
        question = Every(provider, type)
        if question in self._every:
            return iter(self._every[question])
        units = self._units(provider, type, None)
        answers = self.ask({unit: [question] for unit in units})
        found = [one for unit in units for one in answers[unit][0]]
        found.sort(key=lambda one: one.cell)
        if len(found) <= _KEPT:
            self._every[question] = found
        return iter(found)

    def _units(self, provider: str, type: str, scope: str | None) -> list[int]:
        """The units that hold resources of a type, in the order of their cells."""
        cells = sorted(
            cell
            for cell in self.counts
            if cell.provider == provider and cell.type == type and scope in (None, cell.scope)
        )
        return list(dict.fromkeys(self.counts[cell][1] for cell in cells))


def joined(one: Any, other: Any) -> Any:
    """What two parts of one context say together: the members of objects, and of lists in one order whatever
    the order of the parts."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: joined(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        members = {orjson.dumps(item, option=orjson.OPT_SORT_KEYS): item for item in (*one, *other)}
        return [members[text] for text in sorted(members, key=lambda text: (_name(members[text]), text))]
    return one if other is None else other


def _name(item: Any) -> tuple[str, ...]:
    """By what contexts sort their objects."""
    said = item if isinstance(item, dict) else {}
    return tuple(str(said.get(word, "")) for word in ("id", "scope", "region", "name"))
