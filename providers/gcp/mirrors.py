"""Fields that a service says twice, in an old place and in a new one: Git declares one of them.

``types/*.yaml`` names them by ``mirrors: [[OLD, NEW], [OLD, NEW, not]]``, paths of the body; ``not`` where
one is the other's opposite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drift.values import same

Path = tuple[str, ...]


def repeated(
    parts: Sequence[str],
    value: Any,
    declared: Mapping[str, Any],
    live: Mapping[str, Any],
    pairs: Sequence[Any],
) -> str | None:
    """The path that says what the live value at ``parts``, which nobody declares, does; None where none.

    What is said elsewhere is judged there. Where Git declares neither place, the old one is judged.
    """
    for twin, from_new, opposite in _twins(tuple(parts), pairs):
        there = _at(live, twin)
        wanted = (not value) if opposite and isinstance(value, bool) else value
        said = False if opposite and there is None else there
        if said is None or not same(said, wanted):
            continue
        if from_new or _at(declared, twin[:-1]) is not None:
            return "/".join(twin)
    return None


def _twins(parts: Path, pairs: Sequence[Any]) -> Iterator[tuple[Path, bool, bool]]:
    """(the other place of a path, whether the path is the new one, whether they are opposites)."""
    for old, new, *opposite in pairs:
        for here, there, from_new in ((new, old, True), (old, new, False)):
            start = tuple(here.split("/"))
            if parts[: len(start)] == start:
                yield (*there.split("/"), *parts[len(start) :]), from_new, bool(opposite)


def _at(value: Any, path: Path) -> Any:
    """What is at a path; of a list the member that says the part, as a keyed list calls it."""
    for part in path:
        if isinstance(value, list):
            value = next((one for one in value if isinstance(one, Mapping) and part in one.values()), None)
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    return value
