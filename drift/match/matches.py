"""What matching tells: the pairs, what is missing, what nobody declares, and what can't be verified."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import overload

from drift.finding import Unverifiable
from drift.hooks import UNTOLD, Hooks
from drift.live.estate import Estate
from drift.match.merge import Merged
from drift.model import Cell, Problem, Resource
from drift.provider import Provider


@dataclass(frozen=True, slots=True)
class Pair:
    """A declared resource and its live one."""

    declared: Resource
    live: Resource


class Pairs(Sequence[Pair]):
    """Pairs as two numbers each; a pair is read when it is asked for."""

    def __init__(self, declared: Merged, live: Estate) -> None:
        self._declared, self._live = declared, live
        self._numbers = (array("q"), array("q"))

    def add(self, declared: int, live: int) -> None:
        self._numbers[0].append(declared)
        self._numbers[1].append(live)

    def __len__(self) -> int:
        return len(self._numbers[0])

    @overload
    def __getitem__(self, index: int) -> Pair: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Pair]: ...

    def __getitem__(self, index: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        declared, live = (numbers[index] for numbers in self._numbers)
        return Pair(self._declared.take(declared), self._live.take(live))

    def cells(self, indexes: Iterable[int]) -> Counter[Cell]:
        """How many of some pairs lie in each cell, without reading them."""
        wanted = {self._numbers[1][index] for index in indexes}
        cells = (cell for cell, number in self._live.places() if number in wanted) if wanted else ()
        return Counter(cells)

    def written(self) -> int:
        """Of how many pairs the live side is on disk."""
        return sum(number >= 0 for number in self._numbers[1])

    def places(self, index: int) -> tuple[int, int] | None:
        """Where both sides of a pair are on disk (:func:`drift.store.text_at`); None where one of them is in
        memory."""
        declared = self._declared.place(self._numbers[0][index])
        live = self._live.place(self._numbers[1][index])
        return None if declared is None or live is None else (declared, live)

    def files(self) -> tuple[int, int]:
        """The numbers of the two open files that these places are in."""
        return self._declared.file(), self._live.file()


class Unmatched(Iterable[Resource]):
    """The live resources that are nobody's, each read when it is asked for."""

    def __init__(self, estate: Estate, taken: Taken) -> None:
        self._estate, self._taken = estate, taken

    def __iter__(self) -> Iterator[Resource]:
        return (self._estate.take(number) for number in self._estate.numbers() if number not in self._taken)

    def cells(self, after: int) -> Counter[Cell]:
        """How many lie in each cell, without reading them, from one on."""
        left = (cell for cell, number in self._estate.places() if number not in self._taken)
        return Counter(islice(left, after, None))


class Taken:
    """Numbers of live resources, a bit each."""

    def __init__(self) -> None:
        self._bits = (bytearray(), bytearray())

    def add(self, number: int) -> None:
        bits, at = self._bits[number < 0], abs(number)
        if at >> 3 >= len(bits):
            bits.extend(bytes((at >> 3) + 1024 - len(bits)))
        bits[at >> 3] |= 1 << (at & 7)

    def __contains__(self, number: int) -> bool:
        bits, at = self._bits[number < 0], abs(number)
        return at >> 3 < len(bits) and bool(bits[at >> 3] & 1 << (at & 7))


@dataclass(slots=True)
class Matches:
    """Where every resource went. ``leaving`` is what a record still holds and nobody declares any more;
    ``possible`` maps a live resource's (cell, id) to the declarations that may mean it."""

    pairs: Sequence[Pair] = field(default_factory=list)
    missing: list[Resource] = field(default_factory=list)
    leaving: list[Pair] = field(default_factory=list)
    unmatched: Iterable[Resource] = field(default_factory=list)
    possible: dict[Cell, list[Resource]] = field(default_factory=dict)
    unverifiable: list[Unverifiable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    declared_types: set[tuple[str, str, str, str]] = field(default_factory=set)

    def declares(self, provider: Provider | None, resource: Resource) -> tuple[str, str, str, str]:
        """What ``declared_types`` holds of a resource: its type, where it is declared."""
        group = hooks_of(provider).unmanaged_group(resource)
        return (resource.provider, resource.scope, resource.type, group)


def hooks_of(provider: Provider | None) -> Hooks:
    """What only this provider knows; nothing where there is no such provider."""
    return UNTOLD if provider is None else provider.hooks
