"""Pairs declared resources with live ones, by key first, then by natural key; each live one is taken once."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable

from drift.live.estate import Estate
from drift.match.elsewhere import Elsewhere
from drift.match.locate import each_placed, is_bare, live_of
from drift.match.matches import Matches, Pair, Pairs, Taken, Unmatched
from drift.match.merge import Merged
from drift.match.unfound import cannot_tell, tell_not_found, tell_unread, tell_unsupported
from drift.model import Coverage, Resource


def match(
    declared: Iterable[Resource],
    estate: Estate,
    selected: Callable[[Resource], bool] = lambda _: True,
    judged: Iterable[tuple[str, int]] = (),
    text: Callable[[Resource], bytes | None] = lambda _: None,
) -> Matches:
    """Matches everything. The ledger counts each declared resource that lies in no cell that was read, or
    whose type is not supported.

    Of what is not ``selected`` nothing is said where it has no live resource. ``judged`` are lines (file and
    line) that also declare what is matched with another part of the estate. ``text`` gives the text of a
    declared resource in another store, asked of each right after it was given.
    """
    result = Matches()
    merged = Merged(estate.providers, result.problems)
    elsewhere = Elsewhere(estate, judged)
    #: For each declared resource the number of the live one with its id, where that is plain; and in which of
    #: the ``places`` it is declared.
    known, placed = array("q"), array("q")
    places: dict[tuple[str, str, str, str], int] = {}
    leaving: list[tuple[Resource, int]] = []
    for resource, plain in each_placed(declared, estate):
        if resource.origin is not None and resource.origin.pending in ("removal", "pruning"):
            leaving.append((resource, plain))
            continue
        merged.add(resource, text(resource))
        known.append(plain)
        place = result.declares(estate.providers.get(resource.provider), resource)
        placed.append(places.setdefault(place, len(places)))
        elsewhere.look(resource)
    work = _Matching(merged, estate, result, elsewhere, selected)
    types = list(places)
    for number in merged.apart():
        if known[number] and not elsewhere.waits and work.paired(number, known[number]):
            result.declared_types.add(types[placed[number]])
        else:
            work.one(number, merged.head(number), known[number])
    for number, resource in merged.together():
        work.one(number, resource)
    for resource, plain in leaving:
        provider = estate.providers.get(resource.provider)
        supported = provider is not None and provider.facts(resource.type) is not None
        found = plain or (live_of(resource, estate) if supported else None)
        if found and found not in work.taken and selected(resource):
            work.taken.add(found)
            result.leaving.append(Pair(resource, estate.take(found)))
    result.unmatched = Unmatched(estate, work.taken)
    result.unverifiable = elsewhere.without(result.unverifiable)
    for row in elsewhere.rows.values():
        estate.cover(row)
    result.problems.sort(key=lambda one: (one.source, one.message))
    return result


class _Matching:
    """Matches one declared resource after another; each live one is taken once."""

    def __init__(
        self,
        merged: Merged,
        estate: Estate,
        result: Matches,
        elsewhere: Elsewhere,
        selected: Callable[[Resource], bool],
    ) -> None:
        self.merged, self.estate, self.result = merged, estate, result
        self.elsewhere, self.selected = elsewhere, selected
        self.taken = Taken()
        result.pairs = self.pairs = Pairs(merged, estate)

    def paired(self, number: int, found: int) -> bool:
        """Takes a live one; False where it is taken already."""
        if found in self.taken:
            return False
        self.taken.add(found)
        self.pairs.add(number, found)
        return True

    def one(self, number: int, resource: Resource, known: int = 0) -> None:
        """Says of a declared resource where it goes. ``known`` is the number of its live one, where that is
        known."""
        estate, result, elsewhere = self.estate, self.result, self.elsewhere
        provider = estate.providers.get(resource.provider)
        result.declared_types.add(result.declares(provider, resource))
        elsewhere.judged(resource)
        if provider is None or provider.facts(resource.type) is None:
            if (named := estate.named_only(resource)) is not None:
                self.taken.add(named)  # it is nobody's no more, though it can't be judged
            if not self.selected(resource):
                return
            if provider is None or elsewhere.reads(resource.provider):
                why = "no such provider" if provider is None else "the type is not supported"
                tell_unsupported(resource, estate, result, why)
            else:
                tell_unread(resource, result, elsewhere)
            return
        found = known or live_of(resource, estate)
        if found is not None and not known and is_bare(found, resource.cell, estate):
            self.taken.add(found)
            reason = "only that it is there was read: take the snapshot with what declares it"
            elsewhere.count(Coverage(resource.cell, "skipped", 0, reason), resource.provider)
            result.unverifiable.append(cannot_tell(resource, reason))
        elif found is None:
            tell_not_found(self.merged.take(number), estate, result, elsewhere, self.selected(resource))
        elif not self.paired(number, found):
            live = estate.take(found)
            result.unverifiable.append(cannot_tell(resource, f"{live.id} is declared more than once"))
        elif resource.id is None:  # else it is the same type, with the same id, in the same scope
            result.declared_types.add(result.declares(provider, estate.take(found)))
