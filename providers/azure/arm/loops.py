"""Copy loops: how often they run, and which turn an expression stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from providers.azure.arm.values import Unknown, integer, word

MOST_COPIES = 800  # as ARM allows


@dataclass
class Loops:
    """The loops that an expression stands in, innermost last."""

    turns: dict[str, int] = field(default_factory=dict)
    current: list[tuple[bool, str]] = field(default_factory=list)

    @contextmanager
    def within(self, name: str, at: int, own: bool = True) -> Iterator[None]:
        """Within one turn of a copy loop. ``own``: it is a resource's or an output's, which needs no name to
        be asked."""
        key = name.lower()
        before = self.turns.get(key)
        self.turns[key] = at
        self.current.append((own, key))
        try:
            yield
        finally:
            self.current.pop()
            if before is None:
                self.turns.pop(key, None)
            else:
                self.turns[key] = before

    def index(self, values: list[Any]) -> int:
        """``copyIndex()``. Raises Unknown."""
        offset = 0
        if values and isinstance(values[-1], int):
            offset = values.pop()
        key = word(values[0]).lower() if values else self._unnamed()
        if key not in self.turns:
            raise Unknown("copyIndex() stands in no copy loop of that name")
        return self.turns[key] + offset

    def _unnamed(self) -> str:
        """The loop that ``copyIndex()`` means: the resource's, also within a loop of properties."""
        names = [name for own, name in self.current if own] or [name for _, name in self.current]
        return names[-1] if names else ""


def times(said: Any) -> int:
    """How often a copy loop runs. Raises Unknown."""
    count = integer(said)
    if not 0 <= count <= MOST_COPIES:
        raise Unknown(f"a copy loop runs 0 to {MOST_COPIES} times, not {count}")
    return count


def is_copies(item: Any) -> bool:
    """Whether a member called ``copy`` is a list of loops of values."""
    return (
        isinstance(item, list)
        and bool(item)
        and all(
            isinstance(one, Mapping) and isinstance(one.get("name"), str) and "count" in one for one in item
        )
    )
