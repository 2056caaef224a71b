"""Where a declaration is to say another value, and which: a change in the raw attributes of its resource, as
several answers, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.compare.align import align
from drift.compare.as_read import both_ways
from drift.compare.canonical import canonicalise, has_default
from drift.compare.here import Here
from drift.compare.side import Side
from drift.editing.document import Step
from drift.editing.json import Json
from drift.editing.rewrite import rewritten
from drift.editor import NotEdited, Wish, places
from drift.facts import NOTHING, PathFacts
from drift.kinds.base import Context
from drift.model import MISSING, Resource
from drift.pointer import split
from drift.values import is_empty, same


@dataclass(frozen=True, slots=True)
class Target:
    """``steps`` lead to a value ``old`` of the declared attributes, which is to be ``new``: MISSING where
    there is none yet, or is to be none."""

    steps: tuple[Step, ...]
    old: Any
    new: Any


def targets(wish: Wish) -> Iterator[Target]:
    """What of the declared attributes is to be what, so that they say ``wish.live``. Raises NotEdited."""
    change, declared, live = wish.change, wish.finding.declared, wish.finding.live
    if change is None or declared is None or live is None:
        raise NotEdited("one side of it is not there", *places(wish))
    told: list[Target] = []
    for one in _targets(wish, declared, live):
        one = _in_text(declared.attributes, one)
        if one.steps and not same(one.old, one.new) and one not in told:
            told.append(one)
            yield one


def _targets(wish: Wish, declared: Resource, live: Resource) -> Iterator[Target]:
    assert wish.change is not None
    facts, context = terms(wish, live)
    one, other = (Side(each.attributes, facts, context) for each in (declared, live))
    names = split(wish.change.path)
    ways = both_ways(names, one, other)
    mine, theirs = one.walked(ways[0]), other.walked(ways[1])
    whole = len(mine) > len(names)
    of_set = list(_of_set(wish, one, other, mine[-1], theirs[-1])) if whole else []
    if of_set:
        yield from of_set
    elif whole and wish.change.live is MISSING:
        if len(mine) > 2 and mine[-1].steps[:-1] == mine[-2].steps and mine[-2].value == [mine[-1].value]:
            yield Target(mine[-2].steps, mine[-2].value, MISSING)  # the last member goes with its list
        yield Target(mine[-1].steps, mine[-1].value, MISSING)
    elif whole:
        yield from _changed(wish, mine[-1], theirs[-1] if len(theirs) > len(names) else None, context)
    elif len(theirs) > len(mine):
        yield from _added(wish, names, mine, theirs, context)
    for depth in range(min(len(names) - 1, len(mine) - 1, len(theirs) - 1), 0, -1):
        here, there = mine[depth], theirs[depth]
        yield Target(here.steps, here.value, overlaid(here.value, there.value, here.facts, context))
    if not whole and len(theirs) <= len(mine):  # under a name that only its canonical form has
        yield from _added(wish, names, mine, theirs, context)


def terms(wish: Wish, of: Resource) -> tuple[PathFacts, Context]:
    """The facts of a resource's type, and where it stands."""
    provider = wish.providers.get(of.provider)
    facts = provider.facts(of.type) if provider else None
    context = Context(of.provider, of.scope, of.region, of.type, wish.context)
    return (facts.root if facts else NOTHING), context


def _changed(wish: Wish, here: Here, there: Here | None, context: Context) -> Iterator[Target]:
    """A value that both sides have."""
    live = wish.live
    if isinstance(here.value, Mapping) and not isinstance(live, Mapping):
        # A member that is told by one of its values (a tag): what both say of it becomes the live one's.
        if there is not None and isinstance(there.value, Mapping):
            both = {key: there.value.get(key, item) for key, item in here.value.items()}
            yield Target(here.steps, here.value, both)
            yield Target(here.steps, here.value, dict(there.value))
        return
    if isinstance(here.value, list) and not isinstance(live, list) and len(here.value) == 1:
        yield Target((*here.steps, 0), here.value[0], live)
    yield Target(here.steps, here.value, live)
    if there is not None:
        yield Target(here.steps, here.value, overlaid(here.value, there.value, here.facts, context))


def _added(
    wish: Wish, names: Sequence[str], mine: list[Here], theirs: list[Here], context: Context
) -> Iterator[Target]:
    """A value that the declared side does not have."""
    depth = len(mine) - 1
    here = mine[-1]
    there = theirs[depth + 1] if len(theirs) > depth + 1 else None
    last = depth + 1 == len(names)
    plain = [wish.live] if last and not _told_by_one(wish.live, there) else []
    values = [*plain]
    if there is not None:
        whole = [pruned(there.value, there.facts, context), there.value]
        # What a change tells of an object is what counts of it, and not the name that it has in a list.
        values = [*whole, *plain] if isinstance(there.value, (Mapping, list)) else [*plain, *whole]
    key = there.steps[-1] if there is not None else names[depth]
    for value in values:
        if isinstance(here.value, list):
            yield Target(here.steps, here.value, _joined(here, there, value))
        elif isinstance(here.value, Mapping):
            name = key if isinstance(key, str) else names[depth]
            yield Target((*here.steps, name), MISSING, value)


def _told_by_one(told: Any, there: Here | None) -> bool:
    """Whether what a change says is one value of an object."""
    return there is not None and isinstance(there.value, Mapping) and not isinstance(told, Mapping)


def _joined(here: Here, there: Here | None, value: Any) -> list[Any]:
    """A list with a member more: at its place where order may count, else last."""
    place = there.steps[-1] if there is not None and there.steps else len(here.value)
    ordered = here.facts.kind is None and isinstance(place, int)
    at = min(int(place), len(here.value)) if ordered else len(here.value)
    return [*here.value[:at], value, *here.value[at:]]


def _of_set(wish: Wish, one: Side, other: Side, here: Here, there: Here) -> Iterator[Target]:
    """Members that came to a set or left it."""
    change = wish.change
    assert change is not None
    gone = change.declared if isinstance(change.declared, list) else []
    come = change.live if isinstance(change.live, list) else []
    if not (gone or come):
        return
    raw = wish.live if isinstance(wish.live, list) else []
    if not isinstance(here.value, (list, Mapping)) and not isinstance(change.declared, Mapping):
        # One text where a list of one is meant.
        left = [] if gone else [here.value]
        new = [*left, *raw]
        yield Target(here.steps, here.value, new[0] if len(new) == 1 else new)
        return
    places = one.members(here, gone)
    if places is None:
        return
    there_at = other.members(there, come) if isinstance(there.value, list) else None
    _, context = terms(wish, wish.resource)
    full = [there.value[at] for at in there_at or ()]
    ways = [raw] if len(raw) == len(come) else []
    ways.append([pruned(item, there.facts.member(), context) for item in full])
    ways.append(full)
    for new in ways:
        if new or not come:
            yield Target(here.steps, here.value, _replaced(here.value, places, new))


def _replaced(members: list[Any], gone: Sequence[int], new: list[Any]) -> list[Any]:
    """A list without some members and with new ones: in their places as far as they are alike, else last."""
    pairs = align([members[at] for at in gone], new)
    instead = {gone[i]: new[j] for i, j in pairs if i is not None and j is not None}
    found = [instead.get(at, one) for at, one in enumerate(members) if at in instead or at not in gone]
    return [*found, *(new[j] for i, j in pairs if i is None and j is not None)]


def _in_text(attributes: Any, target: Target) -> Target:
    """The same; of what stands in a text that holds a JSON document the whole text as it is to be. Raises
    NotEdited where it holds one in another form."""
    value = attributes
    for depth, step in enumerate(target.steps):
        if isinstance(value, str):
            document = Json(value.encode("utf-8", "surrogatepass"), "the text")
            inside = target.steps[depth:]
            if target.old is MISSING:
                document = document.add(inside[:-1], str(inside[-1]), target.new)
            else:
                document = rewritten(document, inside, target.old, target.new)
            return Target(target.steps[:depth], value, document.content.decode("utf-8", "surrogatepass"))
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
    return target


def overlaid(old: Any, live: Any, facts: PathFacts, context: Context) -> Any:
    """What the declared side says, with the live values of it: what nobody declares comes in unless the cloud
    gives it by itself."""
    if isinstance(old, Mapping) and isinstance(live, Mapping):
        low = {key.casefold(): key for key in live if isinstance(key, str)}
        found: dict[str, Any] = {}
        for key, item in old.items():
            name = low.pop(key.casefold(), None) if key not in live else low.pop(key.casefold(), key)
            if name is not None and live[name] is not None:
                found[key] = overlaid(item, live[name], facts.child(key), context)
        for name in low.values():
            value = pruned(live[name], facts.child(name), context)
            if value is not MISSING and not facts.child(name).assigned:
                found[name] = value
        return found
    if isinstance(old, list) and isinstance(live, list):
        pairs = align(old, live)
        return [
            overlaid(old[i], live[j], facts.member(), context) if i is not None else live[j]
            for i, j in pairs
            if j is not None
        ]
    return live


def pruned(value: Any, facts: PathFacts, context: Context) -> Any:
    """A live value without what nobody writes: what is read-only, empty, or a known default; MISSING where
    nothing is left."""
    if facts.read_only or is_empty(value) or has_default(facts, canonicalise(value, facts, context), context):
        return MISSING
    if isinstance(value, Mapping):
        found = {key: pruned(item, facts.child(key), context) for key, item in value.items()}
        found = {key: item for key, item in found.items() if item is not MISSING}
        return found or MISSING
    if isinstance(value, list):
        items = [pruned(item, facts.member(), context) for item in value]
        return [item for item in items if item is not MISSING] or MISSING
    return value
