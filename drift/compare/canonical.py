"""Brings a resource's attributes to canonical form by walking them along the type's facts."""

from __future__ import annotations

from typing import Any

from drift.facts import NOTHING, PathFacts
from drift.kinds.base import Context, Keyed, Kind, Unordered
from drift.kinds.text import canonical_text, plain_numbers
from drift.model import MISSING, Unresolved
from drift.redaction import is_secret
from drift.values import same, unresolved

#: How the keys of a collection's members begin whose own key a reader could not know.
UNKNOWN = "(unknown "
#: What is its own canonical form where no kind speaks.
_PLAIN = frozenset((str, int, bool))


def canonicalise(value: Any, facts: PathFacts, context: Context) -> Any:
    """The canonical form of ``value``: kinds applied, nulls and read-only members dropped, ``1.0`` as ``1``.

    Pure and idempotent; the same for the declared and the live side. :class:`drift.model.Unresolved` stays.
    """
    kind = facts.kind
    if kind is not None and kind.phase == "before" and not isinstance(value, Unresolved):
        value = kind.canonical(value, context, **facts.params)
    if isinstance(value, dict):
        if is_secret(value):
            return value
        if isinstance(value, Unordered):
            value = {key: canonicalise(item, facts.member(), context) for key, item in value.items()}
            value = Unordered({canonical_text(item) or key: item for key, item in value.items()})
        else:
            members = {}
            named, other = facts.children, facts.any or NOTHING
            for key, item in value.items():
                if item is None:
                    continue
                below = named.get(key, other)  # facts.child, of which there are very many calls
                if not below.read_only:
                    bare = below.kind is None and type(item) in _PLAIN
                    members[key] = item if bare else canonicalise(item, below, context)
            value = type(value)(members) if isinstance(value, Keyed) else members
    elif isinstance(value, list):
        member = facts.member()
        plain = _PLAIN if member.kind is None else frozenset()
        value = [
            item if type(item) in plain else canonicalise(item, member, context)
            for item in value
            if item is not None
        ]
        if kind is not None and kind.phase == "after":
            return _collected(value, kind, facts, context)
    elif isinstance(value, float):
        value = plain_numbers(value)
    if kind is not None and kind.phase == "after" and not isinstance(value, Unresolved):
        value = kind.canonical(value, context, **facts.params)
    return value


def _collected(members: list[Any], kind: Kind, facts: PathFacts, context: Context) -> Any:
    """A list as what its kind makes of it.

    A set's members lose what equals their only known default, so that saying it makes no other member.
    Members that the kind can't tell from the others, because a reader could not know them, stand beside them
    under :data:`UNKNOWN`.
    """

    def make(chosen: list[Any]) -> Any:
        bare = [_without_defaults(item, facts.member(), context) for item in chosen]
        made = kind.canonical(bare, context, **facts.params)
        return made if isinstance(made, Unordered) else kind.canonical(chosen, context, **facts.params)

    made = make(members)
    if not isinstance(made, list):
        return made
    unknown = [item for item in members if unresolved(item) is not None]
    if not unknown:
        return made
    known = make([item for item in members if unresolved(item) is None])
    if not isinstance(known, (Keyed, Unordered)):
        return made
    known.update({f"{UNKNOWN}{number})": item for number, item in enumerate(unknown, 1)})
    return known


def has_default(facts: PathFacts, value: Any, context: Context) -> bool:
    """Whether ``value`` (canonical) equals one of the known defaults of its path, in the place of its
    resource."""
    if not facts.defaults or value is MISSING:
        return False
    place = (context.scope, context.region)
    known = facts.canonical_defaults.get(place)
    if known is None:
        known = [canonicalise(_placed(default, context), facts, context) for default in facts.defaults]
        facts.canonical_defaults[place] = known
    return any(same(value, default) for default in known)


def is_left_out(facts: PathFacts, value: Any, context: Context) -> bool:
    """Whether an answer leaves a declared ``value`` (canonical) out: false where no default is known, and
    what the facts say."""
    if value is False and not facts.defaults and facts.documented is not True:
        return True
    left_out = (canonicalise(one, facts, context) for one in facts.left_out)
    return any(type(value) is type(one) and value == one for one in left_out)


def _placed(default: Any, context: Context) -> Any:
    """A default that speaks of its own account or region, for this one."""
    if isinstance(default, str):
        return default.replace("{scope}", context.scope).replace("{region}", context.region or "")
    if isinstance(default, dict):
        return {key: _placed(item, context) for key, item in default.items()}
    if isinstance(default, list):
        return [_placed(item, context) for item in default]
    return default


def _without_defaults(value: Any, facts: PathFacts, context: Context) -> Any:
    """A set's member without what equals its only known default.

    Where several are known nothing is left out: one of them declared and another one live is a change.
    """
    if (
        not isinstance(value, dict)
        or isinstance(value, (Keyed, Unordered))
        or facts is NOTHING
        or is_secret(value)
    ):
        return value
    kept = {}
    for key, item in value.items():
        below = facts.child(key)
        item = _without_defaults(item, below, context)
        if len(below.defaults) != 1 or not has_default(below, item, context):
            kept[key] = item
    return kept
