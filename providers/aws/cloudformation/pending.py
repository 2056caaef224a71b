"""Tells what a template in Git says that its stack was not deployed with yet: pending, and no drift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from drift.finding import Unverifiable
from drift.model import ABSENT, MISSING, Joining, Resource, Unresolved
from drift.values import same
from providers.aws.cloudformation import nested, rain
from providers.aws.cloudformation.evaluated import NESTED, Item, Translated
from providers.aws.cloudformation.recorded import MASKED

_Key = tuple[Any, ...]


def told(now: Translated, was: Translated | None) -> Iterator[Item]:
    """What ``now`` declares, with what was there ``before`` of what ``was``, the deployed template, says
    otherwise; what is yet to be made; and what is to go."""
    if now.awaits:
        now.awaited = frozenset(now.template.resources)
    if was is None or now.place.stack is None:
        yield from now.own()
        return
    held: dict[_Key, Resource] = {}
    for item in was.own():
        if isinstance(item, Resource):
            held.setdefault(_key(item), item)
    stack = now.place.stack
    now.awaited = frozenset(
        name for name in now.template.resources if name not in stack.resources and not was.declares(name)
    )
    unknown = set()
    for item in now.own():
        if isinstance(item, Unverifiable) and item.origin is not None and not item.path:
            unknown.add(item.origin.address)
        if not isinstance(item, Resource) or item.origin is None:
            yield item
            continue
        before = _before(item, held.pop(_key(item), None))
        yield item.but(before={**item.before, **before}) if before else item
    for item in held.values():
        if item.origin is not None and item.origin.address not in unknown:
            yield from _leaving(item, now)
    for name, said in was.template.resources.items():
        if isinstance(said, Mapping) and said.get("Type") == NESTED and not now.declares(name):
            for item in nested.leaving(was, name):
                if isinstance(item, Resource) and not item.partial:
                    yield _gone(item, now)


def _key(item: Resource) -> _Key:
    address = item.origin.address if item.origin else None
    return (address, item.type, item.region, item.id if item.partial else "", item.partial)


def _before(item: Resource, was: Resource | None) -> dict[str, Any]:
    """The properties as the deployed template has them, where Git says otherwise."""
    if item.origin is not None and item.origin.pending and not item.partial:
        return {}
    had: Mapping[str, Any] = {} if was is None else was.attributes
    if was is None and not item.partial:
        return {}  # of what the deployed template says of it nothing is known
    found: dict[str, Any] = {}
    for name in {**item.attributes, **had}:
        new, old = item.attributes.get(name, MISSING), had.get(name, MISSING)
        if same(new, old) or _unknown(old):
            continue
        if name in item.shared:
            new, old = ([] if value is MISSING else value for value in (new, old))
            if isinstance(new, list) and isinstance(old, list):
                found[name] = Joining(_without(new, old), _without(old, new))
            continue
        found[name] = ABSENT if old is MISSING else old
    return found


def _leaving(item: Resource, now: Translated) -> Iterator[Item]:
    """What only the deployed template says."""
    assert item.origin is not None
    name = (item.origin.address or "").rpartition("/")[2]
    modules = [one for one, said in now.template.resources.items() if rain.unmade(said)]
    if item.partial:
        before = {key: value for key, value in item.attributes.items() if not _unknown(value)}
        if before:
            shared = {key: Joining([], value) for key, value in before.items() if key in item.shared}
            yield item.but(attributes={}, before={**before, **shared}, origin=now.origin(name))
    elif not now.declares(name) and not any(name.startswith(one) for one in modules):
        yield _gone(item, now)


def _gone(item: Resource, now: Translated) -> Resource:
    assert item.origin is not None and now.place.stack is not None
    by = f"the stack {now.place.stack.name}"
    return item.but(origin=replace(item.origin, pending="pruning", by=by, line=None, lines={}))


def _unknown(value: Any) -> bool:
    """Whether a part of a value is not known: it is made when a stack is deployed, or may be a secret."""
    if isinstance(value, Mapping):
        return any(_unknown(one) for one in value.values())
    if isinstance(value, list):
        return any(_unknown(one) for one in value)
    return isinstance(value, Unresolved) or (
        isinstance(value, str) and (MASKED in value or "$secret:" in value)
    )


def _without(members: list[Any], others: list[Any]) -> list[Any]:
    return [one for one in members if not any(same(one, other) for other in others)]
