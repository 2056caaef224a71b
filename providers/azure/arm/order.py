"""The order in which a template's resources are deployed, for those that it declares more than once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from drift.finding import Unverifiable
from drift.lined import Map
from drift.model import Problem, Resource
from providers.azure.arm.evaluate import Evaluator
from providers.azure.arm.identify import Identifier
from providers.azure.arm.symbols import Symbols, Turn

Said = tuple[str | None, Map, int]


@dataclass(frozen=True, slots=True)
class Order:
    """Puts a template's resources in order, by what its expressions mean and its names stand for."""

    symbols: Symbols
    evaluator: Evaluator
    identifier: Identifier

    def deployed(self, rows: Iterable[Said]) -> list[Said]:
        """The resources, each after those that it says to depend on; else as they stand."""
        rows = list(rows)
        places: dict[str, list[int]] = {}
        for at, (symbol, words, _) in enumerate(rows):
            for name in self._names(symbol, words):
                places.setdefault(name, []).append(at)
        done: dict[int, None] = {}
        for at in range(len(rows)):
            self._visit(at, rows, places, done, set())
        return [rows[at] for at in done]

    def _visit(
        self, at: int, rows: list[Said], places: dict[str, list[int]], done: dict[int, None], under: set[int]
    ) -> None:
        if at in done or at in under or len(under) > 200:
            return
        under.add(at)
        symbol, words, _ = rows[at]
        said = words.get("dependsOn")
        with self.symbols.within(_turn(symbol, words)):
            wanted = [self.evaluator.value(one) for one in said] if isinstance(said, list) else []
        for name in wanted:
            low = name.lower() if isinstance(name, str) else ""
            for other in places.get(low) or places.get(low.rsplit("/providers/", 1)[-1], []):
                self._visit(other, rows, places, done, under)
        under.discard(at)
        done[at] = None

    def _names(self, symbol: str | None, words: Map) -> Iterator[str]:
        """What ``dependsOn`` may call a resource: symbolic name, loop, name, type and name (as at the end of
        an id)."""
        turn = _turn(symbol, words)
        if symbol:
            yield symbol.lower()
        if turn.loop:
            yield turn.loop.lower()
        with self.symbols.within(turn):
            _, type_, names, _ = self.identifier.identify(words, None)
        if names:
            kinds = type_.split("/")
            pairs = (part for pair in zip(kinds[1:], names, strict=False) for part in pair)
            yield "/".join(names).lower()
            yield f"{type_}/{'/'.join(names)}".lower()
            yield "/".join((kinds[0], *pairs)).lower()


def _turn(symbol: str | None, words: Map) -> Turn:
    """The first turn of a resource's loop, or the resource."""
    copy: Any = words.get("copy")
    loop = copy.get("name") or symbol if isinstance(copy, dict) else None
    return Turn(symbol, words, str(loop) if loop else None)


def last_of_each(
    items: list[Resource | Unverifiable | Problem], ordered: Callable[[], Iterable[Any]]
) -> Iterator[Any]:
    """The items, of each resource that is declared several times only the one that is deployed last.

    ``ordered`` gives them once more, in the order in which they are deployed.
    """
    seen: dict[str, Resource] = {}
    several: set[str] = set()
    for one in items:
        if isinstance(one, Resource) and one.id is not None and not one.partial:
            before = seen.setdefault(one.id.lower(), one)
            if before is not one and before.attributes != one.attributes:
                several.add(one.id.lower())
    if not several:
        yield from items
        return
    last: dict[str, Any] = {}
    for one in ordered():
        if isinstance(one, Resource) and one.id is not None and not one.partial:
            last[one.id.lower()] = one
    for one in items:
        id_ = one.id.lower() if isinstance(one, Resource) and one.id is not None and not one.partial else None
        if id_ not in several or one == last[id_]:
            yield one
