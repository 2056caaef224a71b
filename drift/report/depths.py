"""How deeply what is declared is compared, by type and count: by attribute, by existence, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from drift.compare.guessed import only_guessed
from drift.facts import TypeFacts
from drift.model import Resource

#: What is known of a type (provider, type); None where nothing is.
Known = Callable[[str, str], TypeFacts | None]


@dataclass
class Depths:
    """Counts the declared resources of a run that ``selects`` wants, on their way. Parts of others are
    counted with them."""

    selects: Callable[[Resource], bool]
    _counted: Counter[tuple[str, str, bool]] = field(default_factory=Counter)

    def seen(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        for one in resources:
            if not one.partial and self.selects(one):
                self._counted[one.provider, one.type, not only_guessed(one)] += 1
            yield one

    def add(self, other: Depths) -> None:
        """Counts what another one counted."""
        self._counted += other._counted

    def told(self, facts: Known) -> list[dict[str, Any]]:
        """A row a type, as the report has it; two where of some of its resources more is compared."""
        rows: Counter[tuple[str, str, str]] = Counter()
        for (provider, type_, said), count in self._counted.items():
            rows[provider, type_, _depth(facts(provider, type_), said)] += count
        return [
            {"provider": provider, "type": type_, "compared_by": depth, "resources": count}
            for (provider, type_, depth), count in sorted(rows.items())
        ]


def _depth(facts: TypeFacts | None, said: bool) -> str:
    """``said``: whether a declaration says anything for certain."""
    if facts is None:
        return "nothing"
    return "existence" if facts.existence and not (said and facts.root.children) else "attribute"
