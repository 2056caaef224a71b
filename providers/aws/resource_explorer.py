"""Resource Explorer as an inventory: which of an account's indexes and views tell of which regions, and what
they list.

``ListResources`` is asked, never ``Search``, which ends at 1,000 results; and only where ``ListIndexes`` says
that there is an index: the first search in a region without one makes it, for whoever may. Sources:
https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_ListResources.html,
https://docs.aws.amazon.com/resource-explorer/latest/userguide/getting-started-terms-and-concepts.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from drift.limits import Limits
from providers.aws import bounded
from providers.aws.failures import CALL_ERRORS, code, explain
from providers.aws.inventory_plan import Listing, Plan, Told
from providers.aws.inventory_types import Names, supported

SERVICE = "resource-explorer-2"
#: The most that a page may hold, and that BatchGetView takes.
PAGE, VIEWS = 1000, 20
#: Of views that are looked at for one that leaves nothing out.
_MOST_VIEWS = 200

Client = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class View:
    """A view: its ARN, its filter, and the account, organisation or unit that it tells of."""

    arn: str
    filter: str
    scope: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> View:
        filtered = said.get("Filters") or {}
        return cls(said["ViewArn"], filtered.get("FilterString") or "", said.get("Scope") or "")

    def lacks(self, account: str) -> str:
        """What keeps it from telling all of an account, in words; empty where nothing does."""
        if self.filter:
            return f"the view {self._name} has the filter {self.filter!r}"
        if not self._of_account and not self.of_organisation:
            return f"the view {self._name} is of {self.scope.rsplit('/', 1)[-1]}"
        if self._of_account and self.scope and f":{account}:" not in self.scope:
            return f"the view {self._name} is of {self.scope}"
        return ""

    @property
    def _of_account(self) -> bool:
        return ":organizations:" not in self.scope

    @property
    def of_organisation(self) -> bool:
        """Whether it tells of all accounts of an organisation."""
        return ":organization/" in self.scope

    @property
    def _name(self) -> str:
        return self.arn.split("/")[1] if "/" in self.arn else self.arn

    def asked(self, account: str) -> dict[str, Any]:
        """The parameters by which it tells of one account."""
        said: dict[str, Any] = {"ViewArn": self.arn, "PaginationConfig": {"PageSize": PAGE}}
        if not self._of_account:
            said["Filters"] = {"FilterString": f"accountid:{account}"}
        return said


def plan(client: Client, account: str, regions: Sequence[str], limits: Limits) -> Plan:
    """What is to be listed so that ``regions`` of an account are told. ``client`` gives the client of a
    region. Raises CellError where nobody knows which indexes there are."""
    found = Plan("Resource Explorer")
    try:
        pages = bounded.pages(client(regions[0]), "list_indexes", limits)
        indexes = {one["Region"]: one["Type"] for page in pages for one in page.get("Indexes", ())}
    except CALL_ERRORS as error:
        raise explain(error, f"{SERVICE}:ListIndexes") from error
    if not indexes:
        found.why = "Resource Explorer has no index in the account"
        return found
    left = list(regions)
    for region in sorted(region for region, type_ in indexes.items() if type_ == "AGGREGATOR"):
        covered = _replicated(client(region), region, found)
        left = _listed(client(region), account, region, covered, left, found, limits)
    for region in list(left):
        if region in indexes:
            left = _listed(client(region), account, region, frozenset({region}), left, found, limits)
    for region in left:
        found.gaps.setdefault(region, f"Resource Explorer has no index in {region}")
    return found


@dataclass(frozen=True, slots=True)
class Organisation:
    """The view of the caller's own account that tells of the whole organisation: where its index is."""

    region: str
    view: View

    @classmethod
    def read(cls, client: Client, region: str, limits: Limits) -> Organisation | None:
        """The one there is; ``region`` is any in which to ask. None where there is none, or nobody may
        know."""
        try:
            pages = bounded.pages(client(region), "list_indexes", limits, Type="AGGREGATOR")
            places = [one["Region"] for page in pages for one in page.get("Indexes", ())]
            for place in places:
                for view in (*_default(client(place)), *_others(client(place), limits)):
                    if view.of_organisation and not view.filter:
                        return cls(place, view)
        except CALL_ERRORS:
            return None
        return None

    def plan(self, client: Client, account: str, regions: Sequence[str], limits: Limits) -> Plan:
        """What it tells of an account: of all regions with an index where the account's own aggregator index
        is beside the view, else of that region. Raises CellError."""
        found = Plan("Resource Explorer")
        try:
            pages = bounded.pages(
                client(self.region), "list_indexes_for_members", limits, AccountIdList=[account]
            )
            indexes = {one["Region"]: one["Type"] for page in pages for one in page.get("Indexes", ())}
        except CALL_ERRORS as error:
            raise explain(error, f"{SERVICE}:ListIndexesForMembers") from error
        whole = indexes.get(self.region) == "AGGREGATOR"
        covered = frozenset(indexes if whole else {self.region} & indexes.keys())
        if covered & {*regions}:
            name = f"Resource Explorer, the organisation's view in {self.region}"
            read = partial(_read, client(self.region), self.view.asked(account), self.region, limits)
            found.listings.append(Listing(name, covered, "", read))
        for region in regions:
            if region not in covered:
                found.gaps[region] = f"Resource Explorer has no index in {region} that the organisation sees"
        return found


def _replicated(client: Any, region: str, found: Plan) -> frozenset[str]:
    """The regions of which an aggregator index tells."""
    try:
        index = client.get_index()
    except CALL_ERRORS as error:
        found.gaps[region] = explain(error, f"{SERVICE}:GetIndex").message
        return frozenset()
    if index.get("State") not in ("ACTIVE", "UPDATING"):
        found.gaps[region] = f"the aggregator index in {region} is {index.get('State')}"
        return frozenset()
    return frozenset({region, *index.get("ReplicatingFrom", ())})


def _listed(
    client: Any,
    account: str,
    region: str,
    covered: frozenset[str],
    wanted: list[str],
    found: Plan,
    limits: Limits,
) -> list[str]:
    """Plans what an index in ``region`` tells of the regions that it covers; the wanted ones that are
    left."""
    if not covered & {*wanted}:
        return wanted
    try:
        view = _view(client, account, limits)
    except CALL_ERRORS as error:
        found.gaps[region] = explain(error, f"{SERVICE}:ListViews").message
        return wanted
    if view is None:
        found.gaps[region] = f"the index in {region} has no view"
        return wanted
    one = "aggregator index" if len(covered) > 1 else "index"
    lacks = view.lacks(account)
    name = f"Resource Explorer, {one} in {region}"
    read = partial(_read, client, view.asked(account), region, limits)
    found.listings.append(Listing(name, covered, lacks, read))
    return [other for other in wanted if other not in covered]


def _view(client: Any, account: str, limits: Limits) -> View | None:
    """The view that leaves nothing out, the default one first; else the default one, or any."""
    seen: list[View] = []
    refused: Exception | None = None
    for views in (_default(client), _others(client, limits)):
        try:
            for view in views:
                if not view.lacks(account):
                    return view
                seen.append(view)
        except CALL_ERRORS as error:
            refused = error
    if not seen and refused is not None:
        raise refused
    return seen[0] if seen else None


def _default(client: Any) -> Iterator[View]:
    """The default view of a region, if it has one."""
    try:
        arn = client.get_default_view().get("ViewArn")
    except CALL_ERRORS as error:
        if code(error) == "ResourceNotFoundException":
            return
        raise
    if arn:
        yield View.of(client.get_view(ViewArn=arn)["View"])


def _others(client: Any, limits: Limits) -> Iterator[View]:
    """The views of a region."""
    arns: list[str] = []
    for page in bounded.pages(client, "list_views", limits):
        arns += page.get("Views", ())
        if len(arns) >= _MOST_VIEWS:
            break
    for start in range(0, min(len(arns), _MOST_VIEWS), VIEWS):
        answer = client.batch_get_view(ViewArns=arns[start : start + VIEWS])
        yield from (View.of(one) for one in answer.get("Views", ()))


def _read(client: Any, said: Mapping[str, Any], region: str, limits: Limits) -> Iterator[Told]:
    try:
        yield from _resources(client, said, limits)
    except CALL_ERRORS as error:
        raise explain(error, f"{SERVICE}:ListResources in {region}") from error


def _resources(client: Any, said: Mapping[str, Any], limits: Limits) -> Iterator[Told]:
    """What a view lists. Its types are named by what the answers say; where they don't, by what the service
    says of its types."""
    names: Names | None = None
    for page in bounded.pages(client, "list_resources", limits, **said):
        for one in page["Resources"]:
            arn, name = one.get("Arn"), one.get("ResourceType")
            if not arn or not name:
                yield Told(None, None, None, None)
                continue
            known = one.get("CfnResourceType")
            if not known:
                names = names or Names(_supported(client, limits))
                known = names.type(name, arn)
            yield Told(one.get("OwningAccountId"), one.get("Region"), known, arn)


def _supported(client: Any, limits: Limits) -> dict[str, tuple[str, ...]]:
    """CloudFormation's names for Explorer's, as far as the service tells them."""
    pages: Iterable[Mapping[str, Any]] = bounded.pages(client, "list_supported_resource_types", limits)
    try:
        return supported(pages)
    except CALL_ERRORS:
        return {}  # the names are told by their letters, then
