"""Which accounts are read, and which regions of each: the caller's own, those that are named, or the members
of an organisation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from drift.errors import CellError, CredentialsError
from drift.settings import selected
from providers.aws import bounded
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.organization import Member, members
from providers.aws.partitions import always_on, partition_of
from providers.aws.session import ANY, Clients, Place, Refused
from providers.aws.settings import Account, Organization


@dataclass(frozen=True, slots=True)
class Entered:
    """An account that can be read, in some regions; ``left`` are those that are to be read and can't be."""

    place: Place
    regions: tuple[str, ...]
    left: tuple[tuple[str, CellError], ...] = ()


@dataclass(frozen=True, slots=True)
class _Choice:
    """An account to enter, what to say of it where that is refused, and whether it is the ``caller``'s own,
    as that has just been told."""

    place: Place
    hint: str = ""
    caller: bool = False


def entered(clients: Clients, turn: Callable[[str], str] | None = None) -> Iterator[Entered | Refused]:
    """The accounts to read, each once, in a stable order; a Refused for each that can't be told or entered.
    ``turn`` says of an account what sorts it, where some are to come first.

    Some are entered at once, and the next only as these are taken.
    """

    def enter(choice: _Choice | Refused) -> Entered | Refused:
        place = choice if isinstance(choice, Refused) else _enter(clients, choice)
        return place if isinstance(place, Refused) else _regions(clients, place)

    chosen = _chosen(clients)
    if turn is not None:
        order = turn
        chosen = iter(sorted(chosen, key=lambda one: order(_account(one))))
    return bounded.together(enter, chosen)


def each(clients: Clients) -> Iterator[Account | Refused]:
    """The accounts to read, by settings that name each alone; none is entered."""
    for one in _chosen(clients):
        if isinstance(one, Refused):
            yield one
            continue
        place = one.place
        account = Account(
            id=place.account,
            role=place.role,
            external_id=place.external_id,
            profile=place.profile,
            regions="all" if place.every_region else None if place.regions is None else list(place.regions),
        )
        account._hint = one.hint
        yield account


def places(clients: Clients, accounts: Collection[str]) -> Iterator[Place | Refused]:
    """Those of some accounts that are read, each entered, or why it can't be (account ``*``: which accounts
    there are was not told)."""

    def enter(one: _Choice | Refused) -> Place | Refused:
        return one if isinstance(one, Refused) else _enter(clients, one)

    chosen = (one for one in _chosen(clients) if _account(one) in {*accounts, ANY})
    found: Iterator[Place | Refused] = bounded.together(enter, chosen)
    yield from found


def role_arn(account: str, role: str, partition: str) -> str:
    """A role's ARN, of its name (with its path) or as it is."""
    return role if role.startswith("arn:") else f"arn:{partition}:iam::{account}:role/{role}"


def _chosen(clients: Clients) -> Iterator[_Choice | Refused]:
    """The accounts to enter, each once."""
    settings, partition = clients.settings, partition_of(clients.home).name
    found: Iterator[_Choice | Refused] = iter(())
    if settings.accounts is not None:
        found = (_Choice(_named(one, partition), one._hint) for one in settings.accounts)
    if settings.organization is not None:
        found = chain(found, _members(clients, settings.organization))
    if settings.accounts is None and settings.organization is None:
        found = _own(clients)
    seen: set[str] = set()
    for one in found:
        account = _account(one)
        if account not in seen:
            seen.add(account)
            yield one


def _account(one: _Choice | Refused) -> str:
    return one.account if isinstance(one, Refused) else one.place.account


def _own(clients: Clients) -> Iterator[_Choice | Refused]:
    try:
        yield _Choice(Place(_caller(clients)), caller=True)
    except CALL_ERRORS as error:
        yield Refused(ANY, explain(error, "sts:GetCallerIdentity"))


def _caller(clients: Clients, place: Place | None = None) -> str:
    return str(clients.client(place, "sts", clients.home_of(place)).get_caller_identity()["Account"])


def _named(account: Account, partition: str) -> Place:
    regions, every = _wanted(account.regions)
    if regions:
        partition = partition_of(regions[0]).name
    role = account.role and role_arn(account.id, account.role, partition)
    reached = account.profile, account.credentials
    return Place(account.id, role, account.external_id, regions, every, *reached)


def _wanted(said: list[str] | str | None) -> tuple[tuple[str, ...] | None, bool]:
    """The regions of an account as a Place has them."""
    return (tuple(said) if isinstance(said, list) else None), said == "all"


def _members(clients: Clients, wanted: Organization) -> Iterator[_Choice | Refused]:
    partition = partition_of(clients.home)
    try:
        own = _caller(clients)
        client = clients.client(None, "organizations", partition.home)
        found = members(client, wanted, clients.limits)
        yield from (_choice(one, wanted, own, partition.name) for one in found)
    except CellError as error:
        yield Refused(ANY, error)
    except CALL_ERRORS as error:
        yield Refused(ANY, explain(error, "sts:GetCallerIdentity"))


def _choice(member: Member, wanted: Organization, own: str, partition: str) -> _Choice | Refused:
    if member.refused is not None:
        return Refused(member.account, member.refused)
    names = (member.account, member.name)
    other = next((one for one in wanted.overrides if selected(names, one.accounts, [])), None)
    said = other.role if other else None
    role = said or (wanted.role if member.account != own else None)  # its own account needs none
    external_id = (other and other.external_id) or wanted.external_id
    regions, every = _wanted(other.regions if other else None)
    hint = (
        "it is the organisation's management account, in which neither AWS nor a StackSet of the "
        "organisation makes a role: make it there, or exclude the account"
        if member.management
        else ""
    )
    arn = role and role_arn(member.account, role, partition)
    return _Choice(Place(member.account, arn, external_id, regions, every), hint)


def _enter(clients: Clients, choice: _Choice) -> Place | Refused:
    place = choice.place
    if choice.caller:
        return place
    try:
        found = clients.assume(place) if place.role else _caller(clients, place)
    except CredentialsError as error:
        return Refused(place.account, CellError("denied", str(error)))
    except CALL_ERRORS as error:
        told = explain(error, f"sts:AssumeRole {place.role}" if place.role else "sts:GetCallerIdentity")
        hint = f"; {choice.hint}" if choice.hint and told.status == "denied" else ""
        return Refused(place.account, CellError(told.status, told.message + hint))
    if found != place.account:
        message = (
            f"the credentials belong to account {found}; give accounts[].role, profile or credentials of "
            f"{place.account}"
        )
        return Refused(place.account, CellError("denied", message))
    return place


def _regions(clients: Clients, place: Place) -> Entered | Refused:
    """An account with its regions.

    Where all that it has are meant, or one that nobody has who did not ask for it, the account itself is
    asked (https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html).
    """
    settings = clients.settings
    every = place.every_region or (place.regions is None and settings.regions == "all")
    chosen = place.regions if place.regions is not None else settings.regions
    if not every and chosen is None:
        if clients.region is None:
            return Refused(
                place.account, CellError("failed", "no region: set live.aws.regions or AWS_REGION")
            )
        chosen = [clients.region]
    named = [] if every else list(chosen or ())
    if named and all(map(always_on, named)):
        return Entered(place, tuple(named))
    try:
        answer = clients.client(place, "ec2", clients.home_of(place)).describe_regions(AllRegions=not every)
    except CALL_ERRORS as error:
        if named:  # where one of them is not there, all that is asked of it fails
            return Entered(place, tuple(named))
        return Refused(place.account, explain(error, "ec2:DescribeRegions"))
    known = {one["RegionName"]: one.get("OptInStatus") for one in answer["Regions"]}
    if every:
        return Entered(place, tuple(sorted(known)))
    left = {region: why for region in named if (why := _left(region, known)) is not None}
    return Entered(place, tuple(region for region in named if region not in left), tuple(left.items()))


def _left(region: str, known: Mapping[str, str | None]) -> CellError | None:
    """Why a region of an account can't be read, by the states of all that there are; None where it can."""
    if region not in known:
        return CellError(
            "failed", f"there is no region {region} for this account, and nothing was asked of it"
        )
    if known[region] == "not-opted-in":
        return CellError(
            "skipped",
            "the account has not opted into this region: nothing can run in it, and nothing was asked",
        )
    return None
