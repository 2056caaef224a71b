"""Which canonical paths a Terraform attribute controls: told by translating an instance with it, without it
and altered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from drift.compare.canonical import canonicalise
from drift.declared.terraform.hcl import Steps
from drift.declared.terraform.hcl_variants import PROBE, defaults, grown, several, variants
from drift.finding import Change
from drift.kinds.base import Context, Unordered
from drift.model import MISSING, Resource
from drift.pointer import get, join, split, within
from drift.provider import Provider
from drift.values import leaves, plain, same

Translate = Callable[[Mapping[str, Any]], "Sequence[Resource] | None"]
Canonical = Callable[[Resource], Any]
#: Resources with their canonical attributes.
Forms = Sequence[tuple[Resource, Any]]


@dataclass(slots=True)
class Members:
    """Of the set at ``path`` the members that an attribute speaks of, and the paths in them that it
    controls."""

    path: str
    members: list[Any]
    fields: frozenset[str]


@dataclass(slots=True)
class Reach:
    """What some attributes control in one translated resource.

    ``kept`` are paths below ``paths`` that something else declares (tags that are the Terraform provider's
    defaults). ``gone``: without them the resource is not declared at all (one member of an IAM binding).
    """

    paths: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    sets: list[Members] = field(default_factory=list)
    gone: bool = False


def reach(
    attributes: Mapping[str, Any],
    whole: Sequence[Resource],
    said: Iterable[Steps],
    samples: Sequence[Mapping[str, Any]],
    translate: Translate,
    canonical: Canonical,
) -> list[Reach]:
    """What the attributes ``said`` control in each resource of ``whole``, the translation of ``attributes``.

    ``samples`` are the attributes of other instances of the same type: what they set shows the shape of what
    this one does not.
    """
    found = [Reach() for _ in whole]
    ours = [(one, canonical(one)) for one in whole]

    def attempt(changed: Mapping[str, Any]) -> Forms | None:
        try:
            told = translate(changed)
            return None if told is None else [(one, canonical(one)) for one in told]
        except Exception:  # noqa: BLE001 - a made-up value that its translation refuses tells nothing
            return None

    paths = list(said)
    for steps in paths:
        seen = False
        before = [set(told.paths) for told in found]
        each = several(attributes, steps)
        for attempts, fallback in variants(attributes, steps, samples):
            if fallback and seen:
                continue
            other = next((got for one in attempts if (got := attempt(one)) is not None), None)
            if other is not None:
                seen = _compare(ours, other, found, each=each) or seen
        more, keyed = grown(attributes, steps)
        other = None if more is None else attempt(more)
        if other is not None and len(other) == len(whole):
            for told, known, (_, one), (_, two) in zip(found, before, ours, other, strict=True):
                _narrow(told.paths, known, one, two, keyed=keyed)
        kept = defaults(attributes, steps, {str(one[0]) for one in paths})
        other = None if kept is None else attempt(kept)
        if other is not None and len(other) == len(whole):
            for told, (_, form) in zip(found, other, strict=True):
                told.kept |= {one for one in leaves(form) if any(within(one, path) for path in told.paths)}
    return found


def _narrow(paths: set[str], before: set[str], form: Any, other: Any, *, keyed: bool) -> None:
    """Puts an attribute's own place for the places above it that ``paths`` holds since ``before``."""
    part = Reach()
    _differences(form, other, "", part)
    if keyed and not any(path.endswith(f"/{PROBE}") for path in part.paths):
        return  # the translation knows its keys
    own = _common([*map(_map_of, part.paths), *(one.path for one in part.sets)])
    if not own:
        return
    for path in paths - before:
        if path != own and within(own, path):
            paths.discard(path)
            paths.add(own)


def _common(paths: Iterable[str]) -> str:
    """The lowest place that all paths stand at or below."""
    steps = zip(*(path.split("/") for path in paths), strict=False)
    return "/".join(one[0] for one in takewhile(lambda one: len(set(one)) == 1, steps))


def _compare(ours: Forms, other: Forms, found: Sequence[Reach], *, each: bool) -> bool:
    """Adds what differs between two translations; whether anything does.

    ``each``: the attribute holds several things, so that a resource which is another one with them is one of
    them.
    """
    if len(other) != len(ours):
        left = {(one.type, one.id, one.name) for one, _ in other}
        for (one, _), told in zip(ours, found, strict=True):
            less = len(other) < len(ours) and (one.type, one.id, one.name) not in left
            told.gone = told.gone or less
        return True
    differs = False
    for (one, form), (two, changed), told in zip(ours, other, found, strict=True):
        if one.type == two.type:
            told.gone = told.gone or (each and None not in (one.id, two.id) and one.id != two.id)
            part = Reach()
            differs = _differences(form, changed, "", part, one.shared) or differs
            told.paths |= {_map_of(path) for path in part.paths if path}  # never all of it
            told.sets += part.sets
    return differs


def _map_of(path: str) -> str:
    """The map whose member a probe was: whoever sets any member controls them all."""
    above = path.removesuffix(f"/{PROBE}")
    return above or path


def _differences(one: Any, other: Any, path: str, told: Reach, shared: frozenset[str] = frozenset()) -> bool:
    """Adds the places where two canonical values differ; whether there are any.

    Of a list in ``shared`` a declaration controls its own members only.
    """
    if (one is MISSING and other is MISSING) or same(one, other):
        return False
    shares = path[1:] in shared
    if shares:
        one, other = one or Unordered(), other or Unordered()
    if isinstance(one, Unordered) and isinstance(other, Unordered) and (shares or (one and other)):
        ours = [item for key, item in one.items() if key not in other]
        theirs = [item for key, item in other.items() if key not in one]
        if shares or all(isinstance(item, dict) for item in (*ours, *theirs)):
            told.sets.append(Members(path, ours, _fields(ours, theirs)))
        else:
            told.paths.add(path)
    elif shares and not (isinstance(one, dict) and isinstance(other, dict)):
        return True
    elif isinstance(one, dict) and isinstance(other, dict) and not isinstance(one, Unordered):
        for key in {**one, **other}:
            below = join(path, key)
            _differences(one.get(key, MISSING), other.get(key, MISSING), below, told, shared)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            _differences(left, right, f"{path}/{index}", told)
    else:
        told.paths.add(path)
    return True


def _fields(ours: Sequence[Any], theirs: Sequence[Any]) -> frozenset[str]:
    """The paths in which a set's members differ from the most similar ones of the other side."""
    found: set[str] = set()
    for one in ours:
        told = [Reach() for _ in theirs]
        for other, each in zip(theirs, told, strict=True):
            _differences(one, other, "", each)
        nearest = min((each.paths for each in told), key=len, default=set())
        found |= nearest
    return frozenset(found)


# Canonical values


def form(resource: Resource, provider: Provider, learnt: Mapping[str, Any]) -> Any:
    """The canonical attributes of a resource; ``learnt`` is what its provider was told live."""
    facts = provider.facts(resource.type)
    if facts is None:
        return resource.attributes
    context = Context(provider.name, resource.scope, resource.region, resource.type, learnt)
    return canonicalise(resource.attributes, provider.hooks.facts(facts, context).root, context)


def without(value: Any, paths: Iterable[str]) -> Any:
    """A copy of a plain value without what stands at the paths."""
    left = plain(value)
    for path in paths:
        place = left
        *above, last = split(path) or [""]
        place = get(place, above)
        if isinstance(place, dict):
            place.pop(last, None)
    return left


def outside(change: Change, told: Members, there: Callable[[str], list[Any]]) -> Change | None:
    """A change of a set without the members that differ only in ignored fields from the declared one; None
    where nothing is left. ``there`` tells all members of a live set."""
    if not told.fields:
        return change
    declared, live = _list(change.declared), _list(change.live)
    if declared is None or live is None:
        return change
    left, right = list(declared), list(live)
    for member in map(plain, told.members):
        if member not in left:
            continue
        bare = without(member, told.fields)
        others = (*right, *there(change.path))
        other = next((one for one in others if without(one, told.fields) == bare), None)
        if other is not None:
            left.remove(member)
            right = [one for one in right if one != other]
    if len(left) == len(declared):
        return change
    if not left and not right:
        return None
    return replace(change, declared=left or MISSING, live=right or MISSING)


def _list(value: Any) -> list[Any] | None:
    return [] if value is MISSING else value if isinstance(value, list) else None


def keys(value: Any, path: str) -> Iterable[str]:
    """The names of the members of a keyed list in a canonical value."""
    value = get(value, split(path))
    return value if isinstance(value, dict) and not isinstance(value, Unordered) else ()
