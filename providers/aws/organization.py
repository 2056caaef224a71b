"""The accounts of an organisation that are to be read, by organizational unit, tag and glob.

All calls are answered to the management account and to a delegated administrator alike, to no other account
(https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from drift.errors import CellError
from drift.limits import Limits
from drift.settings import selected
from providers.aws import bounded
from providers.aws.failures import CALL_ERRORS, code, explain
from providers.aws.models import operation
from providers.aws.settings import Organization

#: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html
_UNIT = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}")
#: What the states of an account mean to who reads it
#: (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html).
_STATES = {
    "PENDING_ACTIVATION": "it is being made",
    "SUSPENDED": "AWS has closed or suspended it, nobody can enter it",
    "PENDING_CLOSURE": "it is being closed",
    "CLOSED": "it is closed",
}


@dataclass(frozen=True, slots=True)
class Member:
    """An account of the organisation. ``management`` is whether it is the one that the organisation belongs
    to; ``refused`` why it can't be read, or can't be told whether it is to be."""

    account: str
    name: str = ""
    management: bool = False
    refused: CellError | None = None


def is_unit(text: str) -> bool:
    """Whether a text is the id of an organizational unit, or of a root."""
    return _UNIT.fullmatch(text) is not None


def members(client: Any, wanted: Organization, limits: Limits) -> Iterator[Member]:
    """The members that are selected, by their ids, each once; before them, or in their stead, one that is
    refused (``*``) where a unit is not there, or nothing is that a glob or a tag means. ``client`` is one of
    Organizations.

    Raises CellError where they can't be listed.
    """
    listing = _Listing(client, limits)
    found = {one["Id"]: one for one in listing.accounts(wanted.units)}
    meant_nothing = _meaning_nothing(list(found.values()), wanted)
    if listing.missed:
        names = ", ".join(sorted(listing.missed))
        why = f"live.aws.organization.units: there is no organizational unit {names}"
        meant_nothing = CellError(
            "failed", "; ".join([why, *([meant_nothing.message] if meant_nothing else ())])
        )
    if meant_nothing is not None:
        yield Member("*", refused=meant_nothing)
    chosen = [
        one for _, one in sorted(found.items()) if selected(_names(one), wanted.include, wanted.exclude)
    ]
    if wanted.tags:
        told = bounded.together(lambda one: _tagged(listing, one, wanted.tags), chosen)
    else:
        told = map(_member, chosen)
    none = True
    for member in told:
        if member is not None:
            none = False
            yield member
    if none and meant_nothing is None:
        said = " and ".join(name for name in ("include", "exclude", "tags") if getattr(wanted, name))
        why = f"live.aws.organization: no account is left by {said}, of {len(found)} that there are"
        yield Member("*", refused=CellError("failed", why))


def _meaning_nothing(accounts: list[Mapping[str, Any]], wanted: Organization) -> CellError | None:
    """That a glob fits no account of a whole organisation, as one that is misspelt does. An override is told
    for what it is: all that it names is read otherwise."""
    if wanted.units is not None:
        return None

    def idle(globs: list[str]) -> str:
        return ", ".join(
            glob for glob in globs if not any(selected(_names(one), [glob], []) for one in accounts)
        )

    left = idle(wanted.include)
    overrides = idle([glob for one in wanted.overrides for glob in one.accounts])
    said = [("include", left), ("overrides", overrides)]
    told = [f"live.aws.organization.{name}: there is no account {globs}" for name, globs in said if globs]
    return CellError("failed" if left else "skipped", "; ".join(told)) if told else None


def _names(account: Mapping[str, Any]) -> tuple[str, str]:
    """What globs are held against."""
    return account["Id"], account.get("Name", "")


def _member(account: Mapping[str, Any]) -> Member:
    # `Status` is what `State` was called: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    state = account.get("State") or account.get("Status")
    owner = str(account.get("Arn", "")).split(":")[4:5]
    refused = None
    if state != "ACTIVE":
        why = f": {_STATES[state]}" if state in _STATES else ""
        refused = CellError("skipped", f"the account is {state}{why}")
    return Member(account["Id"], account.get("Name", ""), owner == [account["Id"]], refused)


def _tagged(
    listing: _Listing, account: Mapping[str, Any], tags: Mapping[str, str | list[str]]
) -> Member | None:
    """The account where it has all the tags, or where nobody knows."""
    member = _member(account)
    try:
        known = listing.tags(account["Id"])
    except CellError as error:
        why = CellError(error.status, f"whether it has the tags of live.aws.organization: {error.message}")
        return Member(member.account, member.name, member.management, why)
    has = all(
        key in known
        and any(fnmatchcase(known[key], glob) for glob in ([one] if isinstance(one, str) else one))
        for key, one in tags.items()
    )
    return member if has else None


class _Listing:
    """What Organizations tells."""

    def __init__(self, client: Any, limits: Limits) -> None:
        self._client, self._limits = client, limits
        #: The units that were asked for and are not there.
        self.missed: set[str] = set()
        self._gone: set[str] = set()

    def accounts(self, units: list[str] | None) -> Iterator[Mapping[str, Any]]:
        """All accounts, or those in some units and below them."""
        if units is None:
            yield from self._all("list_accounts", "Accounts")
            return
        for found in bounded.together(self._of, self._units(units)):
            yield from found

    def tags(self, account: str) -> dict[str, str]:
        """The tags of an account."""
        found = self._all("list_tags_for_resource", "Tags", ResourceId=account)
        return {one["Key"]: one.get("Value", "") for one in found}

    def _of(self, unit: str) -> list[Mapping[str, Any]]:
        return self._all("list_accounts_for_parent", "Accounts", ParentId=unit)

    def _units(self, wanted: list[str]) -> list[str]:
        """The ids of the units that are named, and of all below them."""
        level = [(one, "", True) for one in wanted]
        if not all(map(is_unit, wanted)):  # names are told from the root on
            level = [(one["Id"], "", one["Id"] in wanted) for one in self._all("list_roots", "Roots")]
        known = {unit: chosen for unit, _, chosen in level}
        missed = {one for one in wanted if not known.get(one)}
        while level:
            below = []
            for (_, path, inside), children in zip(level, bounded.together(self._below, level), strict=True):
                for child in children:
                    spelled = f"{path}/{child['Name']}".lstrip("/")
                    met = {one for one in wanted if _called(one.strip("/"), child, spelled)}
                    missed -= met
                    chosen = inside or bool(met)
                    if child["Id"] not in known or (chosen and not known[child["Id"]]):
                        known[child["Id"]] = chosen
                        below.append((child["Id"], spelled, chosen))
            level = below
        self.missed = missed | self._gone.intersection(wanted)
        return [unit for unit, chosen in known.items() if chosen and unit not in self._gone]

    def _below(self, parent: tuple[str, str, bool]) -> list[Mapping[str, Any]]:
        """The units right below one: none where its id is wrong, or it was deleted just now."""
        method = "list_organizational_units_for_parent"
        try:
            return self._all(method, "OrganizationalUnits", ParentId=parent[0])
        except CellError as error:
            cause = error.__cause__
            if not isinstance(cause, Exception) or code(cause) != "ParentNotFoundException":
                raise
            self._gone.add(parent[0])
            return []

    def _all(self, method: str, member: str, **parameters: Any) -> list[Mapping[str, Any]]:
        """All items of a listing. Raises CellError."""
        try:
            pages = bounded.pages(self._client, method, self._limits, **parameters)
            return [one for page in pages for one in page[member]]
        except CALL_ERRORS as error:
            raise _explained(error, operation("organizations", method)) from error


def _called(wanted: str, unit: Mapping[str, Any], path: str) -> bool:
    """Whether a unit is meant: by its id, its name, or by its path from the root where that is said."""
    return wanted == unit["Id"] or fnmatchcase(path if "/" in wanted else unit["Name"], wanted)


def _explained(error: Exception, call: str) -> CellError:
    told = explain(error, call)
    if code(error) == "AWSOrganizationsNotInUseException":
        return CellError(told.status, f"{told.message}; name live.aws.accounts instead of the organization")
    if told.status == "denied" and "is not authorized to perform" not in told.message:
        return CellError(
            told.status,
            f"{told.message}; only the management account and delegated administrators of the organisation "
            "may ask (aws organizations register-delegated-administrator)",
        )
    return told
