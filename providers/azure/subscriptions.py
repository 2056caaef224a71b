"""Finds what is to be read: the subscriptions that the settings name, by id, by management group, or by a
glob over names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from drift.errors import CellError
from drift.kinds.scalars import fold_case
from drift.live.estate import ANY
from drift.model import GLOBAL, Cell, Coverage
from providers.azure.session import GROUPS, SUBSCRIPTIONS, Session
from providers.azure.settings import Alone, Settings

#: States (https://learn.microsoft.com/azure/cost-management-billing/manage/subscription-states) in which
#: things run as declared.
_READ = frozenset({"enabled", "warned", "pastdue"})


@dataclass(slots=True)
class Scopes:
    """What is to be read. ``subscriptions`` maps ids to names; ``rows`` tell what is left out, and why."""

    subscriptions: dict[str, str] = field(default_factory=dict)
    management_groups: list[str] = field(default_factory=list)
    tenant: str | None = None
    rows: list[Coverage] = field(default_factory=list)


def everything(scope: str) -> Cell:
    """The cell of all types of a scope."""
    return Cell("azure", scope, ANY, ANY)


def cell_of(scope: str, type_: str) -> Cell:
    """The cell of one type of a scope."""
    return Cell("azure", scope, GLOBAL, type_)


def unread(scope: str, error: CellError, why: str = "") -> Coverage:
    """The row of a scope that can't be read."""
    return Coverage(everything(scope), error.status, 0, f"{why}{error.message}")  # type: ignore[arg-type]


def find(session: Session) -> Scopes:
    """Asks for what the credential sees. What is refused ends in ``rows``; raises CellError where nothing can
    be told."""
    settings = session.settings
    alone = settings._alone
    if alone is not None:
        named = {} if alone.group else {alone.id: alone.name}
        return Scopes(named, [alone.id] if alone.group else [], alone.tenant)
    found = Scopes()
    seen: dict[str, Mapping[str, Any]] = {}
    for page in session.pages("/subscriptions", SUBSCRIPTIONS):
        if not all(isinstance(one, Mapping) and one.get("subscriptionId") for one in page):
            raise CellError("failed", "GET /subscriptions: the answer is no list of subscriptions")
        seen.update({fold_case(str(one["subscriptionId"])): one for one in page})
    for group in settings.management_groups:
        _below(session, group, found, seen)
    for name in settings.subscriptions or ():
        _named(session, name, found, seen)
    if settings.subscriptions is None and not settings.management_groups:
        if not seen:
            found.rows.append(
                unread(
                    ANY, CellError("denied", "the credential sees no subscription (grant the role Reader)")
                )
            )
        for id_, one in seen.items():
            _take(session, found, id_, one)
    return found


def each(session: Session) -> Iterator[tuple[str, Settings] | Coverage]:
    """Each scope to be read, with settings that name it alone. Raises CellError where nothing can be told."""
    found = find(session)
    yield from found.rows
    several = [Alone(id_, name, found.tenant) for id_, name in found.subscriptions.items()]
    several += [Alone(group, group, found.tenant, True) for group in found.management_groups]
    for one in several:
        settings = session.settings.model_copy()
        settings._alone = one
        yield f"managementGroups/{fold_case(one.id)}" if one.group else one.id, settings


def _below(session: Session, group: str, found: Scopes, seen: Mapping[str, Mapping[str, Any]]) -> None:
    """Takes a management group with all below it."""
    found.management_groups.append(group)
    path = f"/providers/Microsoft.Management/managementGroups/{group}/descendants"
    try:
        for page in session.pages(path, GROUPS):
            for one in page:
                if str(one.get("type", "")).lower().endswith("/subscriptions"):
                    id_ = fold_case(str(one.get("name", "")))
                    if id_ in seen:
                        _take(session, found, id_, seen[id_])
                    else:
                        _asked(session, id_, found)
                elif one.get("name"):
                    found.management_groups.append(str(one["name"]))
    except CellError as error:
        found.rows.append(
            unread(f"managementGroups/{fold_case(group)}", error, "what is below it is not known: ")
        )


def _named(session: Session, name: str, found: Scopes, seen: Mapping[str, Mapping[str, Any]]) -> None:
    bare = fold_case(name.rpartition("/")[2])
    if bare in seen:
        _take(session, found, bare, seen[bare])
        return
    fits = {id_: one for id_, one in seen.items() if fnmatchcase(str(one.get("displayName", "")), name)}
    for id_, one in fits.items():
        _take(session, found, id_, one)
    if fits:
        return
    if set(name) & set("*?[") or not _is_id(bare):
        told = CellError("denied", f"the credential sees no subscription with the id or name {name}")
        found.rows.append(unread(bare, told))
    else:
        _asked(session, bare, found)


def _asked(session: Session, id_: str, found: Scopes) -> None:
    """Takes a subscription that the listing does not hold (of another tenant)."""
    try:
        _take(session, found, id_, session.get(f"/subscriptions/{id_}", SUBSCRIPTIONS))
    except CellError as error:
        found.rows.append(unread(id_, error))


def _take(session: Session, found: Scopes, id_: str, one: Mapping[str, Any]) -> None:
    name, state = str(one.get("displayName", id_)), str(one.get("state", "Enabled"))
    tenant = one.get("tenantId")
    found.tenant = found.tenant or (str(tenant) if tenant else None)
    if any(
        fnmatchcase(id_, glob) or fnmatchcase(name, glob) for glob in session.settings.exclude_subscriptions
    ):
        return
    if fold_case(state) not in _READ:
        row = Coverage(everything(id_), "skipped", 0, f"the subscription {name} is {state}")
        found.rows.append(row)
        return
    found.subscriptions[id_] = name


def _is_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
