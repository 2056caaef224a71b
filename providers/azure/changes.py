"""Who did it, by Resource Graph's changes: each change of a resource with the properties that it changed, who
made it, and by which operation.

Source: https://learn.microsoft.com/azure/governance/resource-graph/changes/get-resource-changes and
https://learn.microsoft.com/rest/api/resources/changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift import pointer
from drift.finding import ActorKind, Finding
from drift.testimony import Event, Touch
from drift.witness import Budget
from providers.azure.graph import Quota, rows
from providers.azure.session import Session

#: So many resources are asked about at once.
_LOT = 50
_QUERY = (
    "resourcechanges | extend target = tolower(tostring(properties.targetResourceId)), "
    "time = tostring(properties.changeAttributes.timestamp) | where target in ({0}) "
    "| order by time desc, id asc | project id, target, time, properties"
)
#: In the name of a property a place in a list (rules[0].name), and a name in quotes (tags["cost.center"]).
_PLACE = re.compile(r"""\[["']?\d+["']?\]|\.\d+(?=\.|$)""")
_QUOTED = re.compile(r"""\[["']([^"']+)["']\]""")
_NOBODY = frozenset({"", "unknown", "unspecified"})


class Changes:
    """The changes of the resources of each subscription that findings stand in, many resources a call."""

    def __init__(self, session: Session, budget: Budget, ids: Mapping[str, Sequence[str]]) -> None:
        self._session, self._budget = session, budget
        self._quota = Quota(budget.clock, session.limits)
        self._lots = {
            (subscription, id_): lot
            for subscription, own in ids.items()
            for lot in (own[start : start + _LOT] for start in range(0, len(own), _LOT))
            for id_ in lot
        }
        self._of: dict[str, list[Mapping[str, Any]]] = {}

    def of(self, subscription: str, id_: str) -> list[Mapping[str, Any]] | None:
        """The changes of a resource; None where no call is left. Raises CellError."""
        if id_ not in self._of:
            lot = self._lots[subscription, id_]
            quoted = ", ".join("'" + one.replace("\\", "\\\\").replace("'", "\\'") + "'" for one in lot)
            found: dict[str, list[Mapping[str, Any]]] = {one: [] for one in lot}
            pages = rows(self._session, self._quota, subscription, _QUERY.format(quoted))
            for page in self._budget.pages(pages):
                if page is None:
                    return None
                for row in page:
                    found.setdefault(str(row.get("target")), []).append(row)
                if len(page) < self._session.settings.page_size:
                    break
            self._of.update(found)
        return self._of[id_]


def _correlation(row: Mapping[str, Any]) -> str:
    """What the Activity Log calls the same act."""
    return str(_attributes(row).get("correlationId") or "")


def event(row: Mapping[str, Any], finding: Finding, link: str, services: Sequence[str]) -> Event | None:
    """One change; None where it names nobody."""
    said = row.get("properties")
    said = said if isinstance(said, Mapping) else {}
    about = _attributes(row)
    actor, time = str(about.get("changedBy") or ""), str(about.get("timestamp") or "")
    if actor.lower() in _NOBODY or not time:
        return None
    how = str(said.get("changeType") or "")
    return Event(
        "Resource Graph changes",
        _correlation(row) or str(row.get("id")),
        str(about.get("operation") or how),
        _moment(time),
        actor,
        lambda path: "touches" if how == "Create" else _touch(said, path, finding),
        makes=how == "Create",
        ends=how == "Delete",
        names=(actor,),
        kind=_kind(actor, str(about.get("changedByType") or ""), services),
        link=link,
    )


def _attributes(row: Mapping[str, Any]) -> Mapping[str, Any]:
    said = row.get("properties")
    about = said.get("changeAttributes") if isinstance(said, Mapping) else None
    return about if isinstance(about, Mapping) else {}


def _kind(actor: str, type_: str, services: Sequence[str]) -> ActorKind | None:
    if actor == "System" or type_ == "System" or actor.startswith(tuple(services)):
        return "service"
    return "person" if type_ == "User" else None


def _moment(time: str) -> str:
    """As the Activity Log writes it: 2024-06-12T13:26:17.347Z."""
    return time.replace("+00:00", "Z")


def _touch(said: Mapping[str, Any], path: str, finding: Finding) -> Touch:
    """Whether a change touches a path. Of a list's members it says the places, so one is told by its new
    value."""
    changes = said.get("changes")
    changes = changes if isinstance(changes, Mapping) else {}
    wanted = ".".join(pointer.split(path)).lower()
    live = next((one.live for one in finding.changes if one.path == path), None)
    perhaps = False
    for name, one in changes.items():
        text = str(name).lower()
        place = _PLACE.search(text)
        own = _QUOTED.sub(r".\1", text if place is None else text[: place.start()])
        if _within(own, wanted) or (place is None and _within(wanted, own)):
            return "touches"
        if place is not None and _within(wanted, own):
            new = one.get("newValue") if isinstance(one, Mapping) else None
            if _last(text) == _last(wanted) and str(new).lower() == str(live).lower():
                return "touches"
            perhaps = True
    count = _number(said.get("changeAttributes"))
    return "unknown" if perhaps or count > len(changes) or not changes else "elsewhere"


def _within(name: str, other: str) -> bool:
    return name == other or name.startswith(f"{other}.")


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _number(about: Any) -> int:
    count = about.get("changesCount") if isinstance(about, Mapping) else None
    return count if isinstance(count, int) else 0
