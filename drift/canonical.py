"""Brings a resource's attributes to canonical form by walking them along the type's facts."""

from __future__ import annotations

from typing import Any

from drift.facts import NOTHING, PathFacts
from drift.kinds.base import Context, Keyed, Unordered
from drift.kinds.text import canonical_text
from drift.model import MISSING, Unresolved


def canonicalise(value: Any, facts: PathFacts, context: Context) -> Any:
    """The canonical form of ``value``: kinds applied, nulls and read-only members dropped, ``1.0`` as ``1``.

    Pure and idempotent; the same for the declared and the live side. :class:`drift.model.Unresolved` stays.
    """
    kind = facts.kind
    if kind is not None and kind.phase == "before" and not isinstance(value, Unresolved):
        value = kind.canonical(value, context, **facts.params)
    if isinstance(value, dict):
        if _is_secret(value):
            return value
        if isinstance(value, Unordered):
            value = {key: canonicalise(item, facts.member(), context) for key, item in value.items()}
            value = Unordered({canonical_text(item) or key: item for key, item in value.items()})
        else:
            members = {}
            for key, item in value.items():
                if item is None:
                    continue
                below = facts.child(key)
                if not below.read_only:
                    members[key] = (
                        item if below is NOTHING and _plain(item) else canonicalise(item, below, context)
                    )
            value = Keyed(members) if isinstance(value, Keyed) else members
    elif isinstance(value, list):
        member = facts.member()
        value = [canonicalise(item, member, context) for item in value if item is not None]
        if kind is not None and kind.phase == "after":
            value = [_without_defaults(item, member) for item in value]
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    if kind is not None and kind.phase == "after" and not isinstance(value, Unresolved):
        value = kind.canonical(value, context, **facts.params)
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two canonical values are equal, telling ``True`` from ``1``."""
    if one is MISSING or other is MISSING:
        return one is other
    if isinstance(one, (dict, list)):
        if type(one) is not type(other) and not (isinstance(one, dict) and isinstance(other, dict)):
            return False
        return bool(one == other) and canonical_text(one) == canonical_text(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def has_default(facts: PathFacts, value: Any) -> bool:
    """Whether ``value`` (canonical) equals one of the known defaults of its path."""
    if not facts.defaults or value is MISSING:
        return False
    if facts.canonical_defaults is None:
        facts.canonical_defaults = [canonicalise(default, facts, Context()) for default in facts.defaults]
    return any(same(value, default) for default in facts.canonical_defaults)


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: absent, an empty text or an empty collection."""
    return value is MISSING or value is None or (isinstance(value, (str, list, dict)) and not value)


def unresolved(value: Any) -> Unresolved | None:
    """The first value that a reader could not know at or below ``value``."""
    if isinstance(value, Unresolved):
        return value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        found = unresolved(child)
        if found is not None:
            return found
    return None


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, float)


def _is_secret(value: dict[str, Any]) -> bool:
    return len(value) == 1 and "$secret" in value


def _without_defaults(value: Any, facts: PathFacts) -> Any:
    """A set's or keyed list's member without what equals a known default, so that saying it makes no other member."""
    if (
        not isinstance(value, dict)
        or isinstance(value, (Keyed, Unordered))
        or facts is NOTHING
        or _is_secret(value)
    ):
        return value
    kept = {}
    for key, item in value.items():
        below = facts.child(key)
        item = _without_defaults(item, below)
        if not has_default(below, item):
            kept[key] = item
    return kept
