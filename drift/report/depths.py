"""How deeply what is declared is compared, by type and count: by attribute, by existence, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from drift.facts import TypeFacts
from drift.model import Resource

#: What is known of a type (provider, type); None where nothing is.
Known = Callable[[str, str], TypeFacts | None]


@dataclass
class Depths:
    """Counts the declared resources of a run that ``selects`` wants, on their way. Parts of others are
    counted with them."""

    selects: Callable[[Resource], bool]
    _counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def seen(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        for one in resources:
            if not one.partial and self.selects(one):
                self._counted[one.provider, one.type] += 1
            yield one

    def told(self, facts: Known) -> list[dict[str, Any]]:
        """A row a type, as the report has it."""
        return [
            {
                "provider": provider,
                "type": type_,
                "compared_by": _depth(facts(provider, type_)),
                "resources": count,
            }
            for (provider, type_), count in sorted(self._counted.items())
        ]


def _depth(facts: TypeFacts | None) -> str:
    if facts is None:
        return "nothing"
    return "existence" if facts.existence else "attribute"
