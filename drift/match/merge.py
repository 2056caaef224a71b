"""Puts together what several declarations say of one resource (a bucket and its versioning) before anything
is matched."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drift.model import ABSENT, GLOBAL, MISSING, Joining, Problem, Resource, Unresolved
from drift.pointer import get, split
from drift.provider import Provider
from drift.store import DeclaredStore


class Merged:
    """Declared resources, of which several may speak of one and are merged into one (``aws_s3_bucket`` and
    its versioning).

    Nearly all stand for themselves; only those whose key occurs twice, parts, and what parts name are looked
    at together.
    """

    def __init__(self, providers: Mapping[str, Provider], problems: list[Problem]) -> None:
        self._providers, self._problems = providers, problems
        self._store = DeclaredStore()
        self._together: list[Resource] = []
        #: For each number the hashes of what it is and of what it is called.
        self._keys, self._names = array("q"), array("q")
        self._partial: set[int] = set()

    def add(self, resource: Resource, text: bytes | None = None) -> None:
        """Adds one, with the number after the last; ``text`` is as :meth:`DeclaredStore.add` takes it."""
        key = _key(resource)
        if resource.partial and key is not None:
            self._partial.add(hash(key))
        self._keys.append(hash(key) if key is not None else hash(("unnamed", len(self._keys))))
        self._names.append(
            hash((resource.provider, resource.scope, resource.type, resource.name, resource.region or GLOBAL))
        )
        self._store.add(resource, text)

    def take(self, number: int) -> Resource:
        """The resource that :meth:`apart` or :meth:`together` gave this number of."""
        return self._store.take(number) if number >= 0 else self._together[-number - 1]

    def place(self, number: int) -> int | None:
        """The place on disk of the same (:func:`drift.store.text_at`); None where it is in memory."""
        return self._store.place(number) if number >= 0 else None

    def file(self) -> int:
        """The number of the open file that places are in."""
        return self._store.texts.number()

    def head(self, number: int) -> Resource:
        """The same, mostly without its attributes."""
        return self._store.head(number)

    def apart(self) -> Iterator[int]:
        """The numbers of the resources that stand for themselves."""
        together = iter([*self._several(), -1])
        skip = next(together)
        for number in range(len(self._store)):
            if number == skip:
                skip = next(together)
            else:
                yield number

    def together(self) -> Iterator[tuple[int, Resource]]:
        """Those that several declarations speak of, each with a number."""
        for resource in merge(map(self._store.take, self._several()), self._providers, self._problems):
            self._together.append(resource)
            yield -len(self._together), resource

    def _several(self) -> list[int]:
        """The numbers of what several declarations speak of."""
        several = self._partial | _repeated(self._keys)
        return [
            number
            for number, (key, name) in enumerate(zip(self._keys, self._names, strict=True))
            if key in several or name in self._partial
        ]


def _repeated(hashes: Iterable[int]) -> set[int]:
    """The numbers that occur more than once."""
    ordered = sorted(hashes)
    return {one for one, other in zip(ordered, ordered[1:], strict=False) if one == other}


def _key(resource: Resource) -> tuple[str, ...] | None:
    """What makes two declarations speak of one resource; None where one speaks of something that it does not
    name."""
    if resource.id is not None:
        return (resource.provider, resource.scope, resource.type, resource.id, resource.region or GLOBAL)
    if resource.name is None:
        return None  # of several that one block makes (a member of a grant each) none is another
    return (*resource.cell, "?", resource.name or "", str(resource.origin))


def merge(
    declared: Iterable[Resource], providers: Mapping[str, Provider], problems: list[Problem]
) -> Iterator[Resource]:
    """Merges what several declarations say of one resource (``aws_s3_bucket`` and its versioning)."""
    whole: dict[tuple[str, ...], Resource] = {}
    parts: dict[tuple[str, ...], list[Resource]] = defaultdict(list)
    for resource in declared:
        key = _key(resource)
        if key is None:
            yield resource
        elif resource.partial:
            parts[key].append(resource)
        elif key in whole:
            first = whole[key]
            if _is_single(resource, providers):
                whole[key] = first.but(rivals=(*first.rivals, resource))
            elif first.attributes != resource.attributes:
                problems.append(
                    Problem(
                        str(resource.origin),
                        f"{resource.type} {resource.id or resource.name} is declared differently at "
                        f"{first.origin} and {resource.origin}; only the first is compared",
                    )
                )
        else:
            whole[key] = resource
    called = {(*key[:3], resource.name, key[4]): key for key, resource in whole.items() if key[3] != "?"}
    for key in [key for key in parts if key not in whole]:
        owner = called.get(key)  # a part that names its parent, where no live one could tell the id
        if owner is not None:
            parts[owner].extend(parts.pop(key))
    for key, resource in whole.items():
        several = parts.pop(key, None)
        if several and _is_single(resource, providers):
            own = [part for part in several if not _contradict(resource, part)]
            rivals = _alternatives([part for part in several if part not in own])
            resource, several = resource.but(rivals=(*resource.rivals, *rivals)), own
        if several:
            resource = _completed(resource, _together(several, problems)).but(
                remembered=_remembered([resource, *several]), before=_before([resource, *several])
            )
        yield resource
    for several in parts.values():
        if _is_single(several[0], providers):
            first, *others = _alternatives(several)
            yield first.but(rivals=tuple(others))
        else:
            yield _together(several, problems)


def _is_single(resource: Resource, providers: Mapping[str, Provider]) -> bool:
    """Whether it is a setting of which its place has one."""
    provider = providers.get(resource.provider)
    facts = None if provider is None else provider.facts(resource.type)
    return facts is not None and facts.single


def _alternatives(parts: list[Resource]) -> list[Resource]:
    """What parts of one setting say, those together that do not contradict each other."""
    groups: list[list[Resource]] = []
    for part in sorted(parts, key=lambda part: str(part.origin)):
        fits = (group for group in groups if not any(_contradict(one, part) for one in group))
        group = next(fits, None)
        if group is None:
            groups.append([part])
        else:
            group.append(part)
    return [_together(group, []) for group in groups]


def _contradict(one: Resource, part: Resource) -> bool:
    """Whether a part says something else than another declaration."""
    return any(
        name in one.attributes and one.attributes[name] != value
        for name, value in part.attributes.items()
        if name not in part.shared and not isinstance(value, Unresolved)
    )


def _completed(whole: Resource, part: Resource) -> Resource:
    """A whole declaration with what its parts say; what is certain of it with what is certain of them."""
    certain = None
    if whole.certain is not None or part.certain is not None:
        certain = _over(_certain(whole), part.but(attributes=_certain(part)))
    return whole.but(attributes=_over(whole.attributes, part), certain=certain)


def _certain(resource: Resource) -> dict[str, Any]:
    return resource.attributes if resource.certain is None else resource.certain


def _together(parts: list[Resource], problems: list[Problem]) -> Resource:
    """What several partial declarations of one resource say together, in whatever order they are read.

    A list that one of them sets and others add to is owned.
    """
    first, *others = sorted(parts, key=lambda part: str(part.origin))
    attributes, certain = first.attributes, _certain(first)
    shared = frozenset(path for part in parts for path in part.shared)
    for part in others:
        attributes = _joined(attributes, part.attributes, shared, part, first, problems)
        certain = _joined(certain, _certain(part), shared, part, first, [])
    owned = {path for path in shared for part in parts if path not in part.shared and _says(part, path)}
    known = all(part.certain is None for part in parts)
    return first.but(
        attributes=attributes,
        shared=shared - owned,
        certain=None if known else certain,
        remembered=_remembered(parts),
        before=_before(parts),
    )


def _remembered(declared: Iterable[Resource]) -> dict[str, Any]:
    """What the record of several declarations holds together: the members of their lists, else the first
    one's value."""
    made: dict[str, Any] = {}
    for one in declared:
        for name, value in one.remembered.items():
            known = made.get(name)
            made[name] = [*known, *value] if isinstance(known, list) and isinstance(value, list) else value
    return made


def _before(declared: Sequence[Resource]) -> dict[str, Any]:
    """What was there before the plans of several declarations. Where one has a list and others add to it,
    what each of them adds and leaves is told."""
    joining = {name for one in declared for name, value in one.before.items() if isinstance(value, Joining)}
    shared = frozenset(path for one in declared for path in one.shared)
    made: dict[str, Any] = {}
    for one in declared:
        for name, value in one.before.items():
            known = made.get(name, ABSENT)
            if name in joining and not isinstance(value, Joining):
                value = _as_joining(one.attributes.get(name, MISSING), value)
            if isinstance(known, Joining) and isinstance(value, Joining):
                value = Joining([*known.members, *value.members], [*known.left, *value.left])
            elif _leads(name, shared) and isinstance(known, dict):
                value = known if value is ABSENT else _laid(known, value, shared, f"{name}/")
            made[name] = value
    return made


def _as_joining(said: Any, before: Any) -> Any:
    """What was there before of a whole list, as what it adds and leaves; ``before`` where it is none."""
    new, old = ([] if value in (MISSING, ABSENT) else value for value in (said, before))
    if not isinstance(new, list) or not isinstance(old, list):
        return before
    return Joining([one for one in new if one not in old], [one for one in old if one not in new])


def _says(part: Resource, path: str) -> bool:
    """Whether a declaration says anything at a path."""
    *above, last = split(path)
    held = get(part.attributes, above)
    return isinstance(held, Mapping) and last in held


def _joined(
    one: Mapping[str, Any],
    other: Mapping[str, Any],
    shared: frozenset[str],
    part: Resource,
    first: Resource,
    problems: list[Problem],
    above: str = "",
) -> dict[str, Any]:
    attributes = dict(one)
    for name, value in other.items():
        path = above + name
        known = attributes.get(name)
        if name not in attributes:
            attributes[name] = value
        elif path in shared and isinstance(known, list) and isinstance(value, list):
            attributes[name] = [*known, *(item for item in value if item not in known)]
        elif isinstance(known, dict) and isinstance(value, dict):
            attributes[name] = _joined(known, value, shared, part, first, problems, f"{path}/")
        elif isinstance(known, Unresolved) or isinstance(value, Unresolved):
            attributes[name] = value if isinstance(known, Unresolved) else known  # who knows it says it
        elif known != value:
            problems.append(
                Problem(
                    str(part.origin),
                    f"{part.type} {part.id or part.name}: {path} is declared differently at {first.origin} "
                    f"and {part.origin}; only the first is compared",
                )
            )
    return attributes


def _over(whole: Mapping[str, Any], part: Resource) -> dict[str, Any]:
    """A whole declaration with what a part says of it: lists that are shared are added to, the rest is
    replaced.

    Replaced as a whole, not merged: a state also records what it saw before the part was applied (a key's
    first policy).
    """
    return _laid(whole, part.attributes, part.shared, "")


def _laid(
    whole: Mapping[str, Any], said: Mapping[str, Any], shared: frozenset[str], above: str
) -> dict[str, Any]:
    attributes = dict(whole)
    for name, value in said.items():
        known, path = attributes.get(name), above + name
        if path in shared and isinstance(known, list) and isinstance(value, list):
            attributes[name] = [*known, *(item for item in value if item not in known)]
        elif isinstance(known, dict) and isinstance(value, dict) and _leads(path, shared):
            attributes[name] = _laid(known, value, shared, f"{path}/")
        else:
            attributes[name] = value
    return attributes


def _leads(path: str, shared: frozenset[str]) -> bool:
    """Whether a shared list stands below a path."""
    return any(one.startswith(f"{path}/") for one in shared)
