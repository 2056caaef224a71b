"""Turns ways to write a change into proposals: each that can be written, once, with why where none can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from drift.editing.words import says
from drift.editor import Edit, NotEdited, Replacement, Wish

#: One way to write a change: gives its replacements or raises NotEdited.
Way = Callable[[], tuple[Replacement, ...]]


def proposed(
    wish: Wish, ways: Iterable[tuple[Way, bool]], otherwise: Callable[[], NotEdited]
) -> Iterator[Edit]:
    """What each way gives, in turn. What was proposed already is proposed again only where the way comes with
    True: of a removal, which may hold once others are made. Raises what the first refused way raised, else
    ``otherwise``, where there is none."""
    why: NotEdited | None = None
    told: list[tuple[Replacement, ...]] = []
    for way, again in ways:
        try:
            found = way()
        except NotEdited as error:
            why = why or error
            continue
        if found and (again or found not in told):
            told.append(found)
            yield Edit(found, says(wish))
    if not told:
        raise why or otherwise()
