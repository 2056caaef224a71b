"""What is to happen to each finding of a run, and what goes into one pull request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from drift.config.remediate import Action, GroupBy, Remediate
from drift.errors import DriftError
from drift.finding import NO_OWNER, SEVERITIES, Attribution, Finding
from drift.remediate.policy import Chosen, choose

_SLUG = re.compile(r"[^a-z0-9]+")
_RANK = {name: rank for rank, name in enumerate(SEVERITIES)}


@dataclass(frozen=True, slots=True)
class Planned:
    """A finding as it is at the base branch, with what the report tells of it, and what is to be done."""

    finding: Finding
    told: Mapping[str, Any]
    chosen: Chosen

    @property
    def id(self) -> str:
        return self.finding.id

    @property
    def digest(self) -> str:
        """Another one where the finding has changed: of what is live, so that a pull request which somebody
        closed is opened again only then."""
        return str(self.told.get("digest") or "")

    @property
    def rank(self) -> tuple[int, str]:
        return _RANK[self.finding.severity], self.id


@dataclass
class Group:
    """What goes into one pull request. ``name`` is what it is for people (an owner, a folder, a finding)."""

    key: str
    name: str
    members: list[Planned] = field(default_factory=list)
    #: What is too much for one, and follows.
    rest: list[Planned] = field(default_factory=list)

    @property
    def rank(self) -> tuple[int, str]:
        return min((one.rank[0] for one in self.members), default=len(_RANK)), self.key

    def branch(self, prefix: str, environment: str) -> str:
        """The same for the same group of the same environment, and a name that every forge and Git take."""
        digest = hashlib.sha256(f"{environment}\0{self.key}".encode()).hexdigest()[:8]
        parts = [_slug(environment), _slug(self.name)]
        return f"{prefix}{'/'.join(part for part in parts if part)}-{digest}"


def chosen(
    finding: Finding,
    told: Mapping[str, Any],
    choices: Mapping[str, Chosen],
    environment: str,
    said: Remediate,
) -> Planned:
    """What is to be done with a finding: as a person chose, else by policy, which knows who did it from the
    report."""
    known = told.get("attribution")
    if known:
        finding = replace(finding, attribution=_attribution(known))
    if told.get("owner"):
        finding = replace(finding, owner=told["owner"])
    chosen = choices.get(finding.id)
    if chosen is not None:
        return Planned(finding, told, chosen)
    return Planned(finding, told, choose(finding, environment, said.policy))


def _attribution(told: Mapping[str, Any]) -> Attribution:
    return Attribution(
        str(told.get("actor")),
        told.get("time"),
        str(told.get("event")),
        str(told.get("evidence")),
        told.get("kind"),
        told.get("link"),
        bool(told.get("certain", True)),
    )


def grouped(planned: Iterable[Planned], by: GroupBy, most: int) -> list[Group]:
    """The findings in groups, the most severe group first; of a group no more than so many, the most severe
    first, and the rest follows."""
    groups: dict[str, Group] = {}
    for one in sorted(planned, key=lambda each: each.rank):
        key, name = _key(one, by)
        group = groups.setdefault(key, Group(key, name))
        if len(group.members) < most:
            group.members.append(one)
        else:
            group.rest.append(one)
    return sorted(groups.values(), key=lambda group: group.rank)


def _key(one: Planned, by: GroupBy) -> tuple[str, str]:
    if by == "finding":
        return f"finding {one.id}", f"{one.finding.resource.name or one.id}"
    if by == "folder":
        origin = one.finding.declared.origin if one.finding.declared else None
        folder = str(PurePosixPath(origin.file).parent) if origin and origin.file else "unmanaged"
        return f"folder {folder}", folder if folder != "." else "top"
    owner = one.finding.owner or NO_OWNER
    return f"owner {owner}", owner


def _slug(text: str) -> str:
    return _SLUG.sub("-", text.lower()).strip("-")[:40].strip("-")


def choices(
    adopt: Iterable[str], revert: Iterable[str], accept: Iterable[str], reason: str | None = None
) -> dict[str, Chosen]:
    """What a person chose, by a finding's id; ``reason`` is why what is accepted is no drift. Raises
    DriftError for one that is to have two things done."""
    found: dict[str, Chosen] = {}
    named: tuple[tuple[Action, Iterable[str]], ...]
    named = (("adopt", adopt), ("revert", revert), ("accept", accept))
    for action, ids in named:
        for id_ in ids:
            if id_ in found and found[id_].action != action:
                raise DriftError(f"{id_}: is to be both {found[id_].action}ed and {action}ed; choose one")
            found[id_] = Chosen(action, "a person chose it", reason if action == "accept" else None)
    return found
