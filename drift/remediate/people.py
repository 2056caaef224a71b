"""Who is asked to review and who is assigned, by the names that they have at the forge."""

from __future__ import annotations

from fnmatch import fnmatchcase

from drift.config.remediate import Remediate
from drift.remediate.plan import Group

#: Forges take no more (GitHub: 15 reviewers, 10 assignees).
_REVIEWERS, _ASSIGNEES = 15, 10


def reviewers(group: Group, said: Remediate) -> tuple[str, ...]:
    """The owners of what is edited: as `people` calls them, else as CODEOWNERS does (``@org/team``)."""
    if not said.reviewers:
        return ()
    found: dict[str, None] = {}
    for one in group.members:
        for owner in map(str.strip, (one.finding.owner or "").split(",")):
            name = _person(owner, said) or (owner[1:] if owner.startswith("@") else "")
            if name:
                found[name] = None
    return tuple(found)[:_REVIEWERS]


def assignees(group: Group, said: Remediate) -> tuple[str, ...]:
    """Who made the changes, where that is sure and `people` says who they are at the forge."""
    if not said.assign:
        return ()
    found: dict[str, None] = {}
    for one in group.members:
        who = one.finding.attribution
        name = _person(who.actor, said) if who is not None and who.certain else None
        if name:
            found[name] = None
    return tuple(found)[:_ASSIGNEES]


def _person(name: str, said: Remediate) -> str | None:
    return next((there for glob, there in said.people.items() if fnmatchcase(name, glob)), None)
