"""Tells of changes which a record of the declared side (a Terraform state) has taken in already, so that who
reads it alone sees no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drift.compare.readable import readable
from drift.facts import PathFacts
from drift.finding import Change
from drift.hooks import Acceptance, Filled
from drift.model import MISSING, Joining, Likely, Resource, Unresolved
from drift.pointer import get, split
from drift.values import same

ABSORBED = "the state has absorbed it: a refresh wrote what is live there"

#: Of what a plan would change, or Git has changed.
PLANNED = "not applied yet: it is live as it was before"
#: Of what Git may have changed.
UNAPPLIED = (
    "not applied yet, as far as anybody can tell: what is live is what the state has, and no commit that was "
    "read tells where that comes from"
)

CHOSEN = "left to the cloud by the configuration, and as the state has it"
#: How many paths a reason names.
_SHOWN = 8


def accepting(
    accept: Acceptance, declared: Resource, canonical: Callable[[Mapping[str, Any]], Any]
) -> Acceptance:
    """``accept``, and what the cloud chose as the record has it: nobody can tell whether somebody else
    did."""
    known: list[Any] = []

    def asked(path: str, value: Any) -> str | None:
        answer = accept(path, value)
        if answer is not None or split(path)[0] not in declared.chosen:
            return answer
        if not known:
            known.append(canonical(declared.remembered))
        return Filled(CHOSEN) if same(get(known[0], split(path)), value) else None

    return asked


def framed(
    known: Mapping[str, Any], record: Mapping[str, Any], facts: PathFacts, *, lists: bool = False
) -> dict[str, Any]:
    """``known``, with the objects that the whole record has, empty where nothing in them is known: so that
    what only the record says is told at its own place. With ``lists`` also those of members with a key, which
    a part of a resource is not asked about else."""
    made = dict(known)
    for name, value in record.items():
        below = facts.child(name)
        if isinstance(value, dict) and (below.kind is None or below.kind.name == "object"):
            inner = made.get(name, {})
            if isinstance(inner, dict):
                made[name] = framed(inner, value, below, lists=lists)
        elif lists and isinstance(value, list) and below.kind is not None:
            made.setdefault(name, [])
    return made


def recorded(declared: Resource, path: str, live: Any) -> bool:
    """Whether a live value that a service may have filled in has members, and a record says them."""
    return isinstance(live, (list, dict)) and bool(live) and bool(get(declared.attributes, split(path)))


def noted(changes: Iterable[Change], remembered: Any) -> list[Change]:
    """The changes, with a note on those whose live value is as the record has it. ``remembered`` is the
    record's own canonical form."""
    return [replace(one, note=ABSORBED) if _absorbed(one, remembered) else one for one in changes]


def planned(
    changes: Iterable[Change],
    before: Mapping[str, Any],
    live: Any,
    canonical: Callable[[Mapping[str, Any]], Any],
    grave: Callable[[Change], bool],
    default: Callable[[str, Any], bool] = lambda _path, _value: False,
) -> list[Change]:
    """The changes, with a note on those that come of what is planned or declared and not applied yet.
    ``before`` is what was there when that was said, ``live`` the canonical form of what is there, ``default``
    whether a value is what stands at a path where nobody says one. Where that is only likely, what nobody
    declares and what is ``grave`` is told all the same."""
    joining = {name: value for name, value in before.items() if isinstance(value, Joining)}
    likely = {name for name, value in before.items() if isinstance(value, Likely)}
    known = canonical({name: _plain(value) for name, value in before.items()})
    left = canonical({name: value.left for name, value in joining.items()})

    def note(one: Change) -> str:
        name = split(one.path)[0]
        if name in joining:
            return PLANNED if _joins(one, known, left) else ""
        if name in likely and (one.undeclared or one.declared in (MISSING, []) and not one.sensitive):
            return ""
        if not _as_before(one, known, live, default):
            return ""
        return PLANNED if name not in likely else "" if grave(one) else UNAPPLIED

    noted = ((one, note(one)) for one in changes)
    return [replace(one, note=said) if said else one for one, said in noted]


def _plain(value: Any) -> Any:
    return (
        value.members if isinstance(value, Joining) else value.value if isinstance(value, Likely) else value
    )


def _joins(change: Change, known: Any, left: Any) -> bool:
    """Whether nothing but members that were not there before is not live, and nothing but those that were in
    their place is there besides."""
    path = split(change.path)
    said, gone = readable(get(known, path)), readable(get(left, path))
    if change.live not in (MISSING, []):
        if not isinstance(change.live, list) or not isinstance(gone, list):
            return False
        if not all(_among(one, gone) for one in change.live):
            return False
        if change.declared is MISSING:
            return True
    if isinstance(change.declared, list) and isinstance(said, list):
        return all(_among(one, said) for one in change.declared)
    return change.declared is not MISSING and said is not MISSING and same(said, change.declared)


def _as_before(change: Change, known: Any, have: Any, default: Callable[[str, Any], bool]) -> bool:
    """Whether what is live is what was there before."""
    path = split(change.path)
    if path[0] not in known:
        return False
    if change.sensitive:
        return same(get(known, path), get(have, path))
    value = MISSING if isinstance(known[path[0]], Unresolved) else readable(get(known, path))
    if isinstance(change.declared, list) or isinstance(change.live, list):
        before = [] if value is MISSING or value is None else value
        if isinstance(before, list):
            live = change.live if isinstance(change.live, list) else []
            said = change.declared if isinstance(change.declared, list) else []
            return all(_among(one, before) for one in live) and not any(_among(one, before) for one in said)
    if value is MISSING or value is None:
        return change.live is MISSING or default(change.path, change.live)
    return same(value, change.live)


def _among(item: Any, members: Iterable[Any]) -> bool:
    return any(same(item, other) for other in members)


def _absorbed(change: Change, remembered: Any) -> bool:
    value = readable(get(remembered, split(change.path)))
    if change.live is MISSING or value is MISSING or value is None:
        return False
    if same(value, change.live):
        return True
    if isinstance(value, list) and isinstance(change.live, list):
        return all(_among(item, value) for item in change.live)
    return False


def holds_objects(part: Resource) -> bool:
    """Whether a part says objects of a resource, and not members of its lists."""
    held = (get(part.attributes, path.split("/")) for path in part.shared)
    return bool(part.shared) and not any(isinstance(one, list) for one in held)


def only_state(paths: Sequence[str]) -> str:
    """Why nobody can tell whether what a state says at some paths is wanted."""
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return (
        f"only the state says {', '.join(paths[:_SHOWN])}{more}, and a refresh takes in what anybody "
        "changed; name the folder of its .tf files (`configuration:`) to have it compared"
    )
