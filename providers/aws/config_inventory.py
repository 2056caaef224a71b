"""AWS Config as an inventory: by an aggregator that holds an account, else region by region, with advanced
queries.

First it is asked how many there are of each type, in one call; only types that nobody reads are listed then.
What a recorder does not record is said. Sources:
https://docs.aws.amazon.com/config/latest/developerguide/querying-AWS-resources.html,
https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from drift.errors import CellError
from drift.limits import Limits
from providers.aws import bounded
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.inventory_plan import GLOBAL, Listing, Plan, Told

SERVICE = "config"
#: Results a page, and characters of an expression, less what stands around the types.
PAGE, EXPRESSION = 100, 4096 - 900
_MEMBERS = "accountId, awsRegion, resourceType, resourceId, resourceName, arn"
#: So many types are named where a recorder leaves some out.
_SHOWN = 4

Client = Callable[[str], Any]
Ask = Callable[[str], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Aggregator:
    """One aggregator: where it is, whose configuration it holds (None: every account's of the organisation;
    every region's), the types alone that it takes, and of which sources it could not bring the newest."""

    name: str
    region: str
    accounts: frozenset[str] | None
    regions: frozenset[str] | None
    types: tuple[str, ...]
    stale: Mapping[tuple[str, str], str]

    def holds(self, account: str) -> bool:
        return self.accounts is None or account in self.accounts

    def why_stale(self, account: str, region: str) -> str | None:
        """Why what it holds of a place is not the newest; None where it is."""
        places = ((account, region), (account, ""), ("", region), ("", ""))
        return next((self.stale[place] for place in places if place in self.stale), None)


@dataclass(slots=True)
class Aggregators:
    """The aggregators that an identity has, asked for once a run."""

    found: list[Aggregator] = field(default_factory=list)

    @classmethod
    def read(cls, client: Client, regions: Iterable[str], limits: Limits) -> Aggregators:
        """Those of some regions. A region that refuses has none: then each account is asked itself."""
        self = cls()
        for region in regions:
            try:
                pages = bounded.pages(client(region), "describe_configuration_aggregators", limits)
                said = [one for page in pages for one in page.get("ConfigurationAggregators", ())]
                self.found += [_aggregator(client(region), region, one, limits) for one in said]
            except CALL_ERRORS:
                continue
        return self

    def of(self, account: str) -> Aggregator | None:
        """The one that holds most of an account."""
        fitting = [one for one in self.found if one.holds(account)]
        return min(
            fitting, key=lambda one: (bool(one.types), one.regions is not None, one.name), default=None
        )


def _aggregator(client: Any, region: str, said: Mapping[str, Any], limits: Limits) -> Aggregator:
    name = said["ConfigurationAggregatorName"]
    sources = said.get("AccountAggregationSources") or []
    whole = said.get("OrganizationAggregationSource")
    every = [*sources, *([whole] if whole else [])]
    everywhere = any(one.get("AllAwsRegions") for one in every)
    named = {region for one in every for region in one.get("AwsRegions", ())}
    filtered = (said.get("AggregatorFilters") or {}).get("ResourceType") or {}
    pages = bounded.pages(
        client,
        "describe_configuration_aggregator_sources_status",
        limits,
        ConfigurationAggregatorName=name,
        UpdateStatus=["FAILED", "OUTDATED"],
    )
    stale: dict[tuple[str, str], str] = {}
    for page in pages:
        for one in page.get("AggregatedSourceStatusList", ()):
            account = one.get("SourceId", "") if one.get("SourceType") == "ACCOUNT" else ""
            why = " ".join(filter(None, (one.get("LastErrorCode"), one.get("LastErrorMessage"))))
            status = f"{one.get('LastUpdateStatus')}{': ' + why if why else ''}"
            stale[(account, one.get("AwsRegion", ""))] = f"the aggregator's last update is {status}"
    return Aggregator(
        name,
        region,
        None if whole else frozenset(id_ for one in sources for id_ in one.get("AccountIds", ())),
        None if everywhere else frozenset(named),
        tuple(filtered.get("Value", ())),
        stale,
    )


def plan(
    client: Client,
    central: Client,
    account: str,
    regions: Sequence[str],
    limits: Limits,
    aggregators: Callable[[], Aggregators],
    keeps: Callable[[str], bool],
) -> Plan:
    """What is to be listed so that ``regions`` of an account are told. ``client`` gives the client of a
    region in the account, ``central`` that of the identity which has the ``aggregators``; ``keeps`` says
    which types are to be listed. Raises CellError where nobody knows what is recorded."""
    found = Plan("AWS Config")
    recorded: dict[str, str] = {}
    refused: list[CellError] = []
    for region in regions:
        try:
            told = _recorded(client(region))
        except CALL_ERRORS as error:
            refused.append(explain(error, f"{SERVICE}:DescribeConfigurationRecorders in {region}"))
            found.gaps[region] = refused[-1].message
            continue
        if isinstance(told, Off):
            found.gaps[region] = f"AWS Config {told} in {region}"
        else:
            recorded[region] = told
    if not recorded:
        if refused:
            raise refused[0]
        found.why = "AWS Config records nothing in the account"
        return found
    aggregator = aggregators().of(account)
    left = dict(recorded)
    if aggregator is not None:
        _by_aggregator(central, aggregator, account, left, found, limits, keeps)
    for region, lacks in left.items():
        ask = partial(_select, client(region), "select_resource_config", {}, limits)
        listing = partial(_listed, ask, "", keeps, f"{SERVICE}:SelectResourceConfig in {region}")
        name = f"AWS Config in {region}"
        found.listings.append(Listing(name, frozenset({region}), lacks, listing))
    return found


def _by_aggregator(
    central: Client,
    aggregator: Aggregator,
    account: str,
    left: dict[str, str],
    found: Plan,
    limits: Limits,
    keeps: Callable[[str], bool],
) -> None:
    """Plans what an aggregator holds of an account, and takes these regions away from what is ``left``."""
    held = [one for one in left if aggregator.regions is None or one in aggregator.regions]
    fresh = [one for one in held if aggregator.why_stale(account, one) is None]
    if not fresh:
        return
    lacking = sorted({lacks for region in fresh if (lacks := left.pop(region))})
    if aggregator.types:
        lacking.append(f"the aggregator takes {_named(aggregator.types)} only")
    places = ", ".join(f"'{one}'" for one in (*fresh, GLOBAL))
    where = f"accountId = '{account}' AND awsRegion IN ({places})"
    said = {"ConfigurationAggregatorName": aggregator.name}
    ask = partial(_select, central(aggregator.region), "select_aggregate_resource_config", said, limits)
    call = f"{SERVICE}:SelectAggregateResourceConfig in {aggregator.region}"
    listing = partial(_listed, ask, where, keeps, call)
    name = f"AWS Config, aggregator {aggregator.name} in {aggregator.region}"
    found.listings.append(Listing(name, frozenset(fresh), "; ".join(lacking), listing))


class Off(str):
    """Why a region has no records, after "AWS Config"."""

    __slots__ = ()


def _recorded(client: Any) -> str:
    """What the recorder of a region leaves out, in words, empty for nothing; an Off where it records
    nothing."""
    recorders = [
        one
        for one in client.describe_configuration_recorders().get("ConfigurationRecorders", ())
        if not one.get("servicePrincipal")  # a service's own, which nobody can query
    ]
    if not recorders:
        return Off("has no recorder")
    states = client.describe_configuration_recorder_status().get("ConfigurationRecordersStatus", ())
    state: Mapping[str, Any] = next(
        (one for one in states if one.get("name") == recorders[0].get("name")), {}
    )
    if not state.get("recording"):
        return Off("has a recorder that is off")
    return _left_out(recorders[0].get("recordingGroup") or {})


def _left_out(group: Mapping[str, Any]) -> str:
    use = (group.get("recordingStrategy") or {}).get("useOnly")
    without = (group.get("exclusionByResourceTypes") or {}).get("resourceTypes") or ()
    if use == "EXCLUSION_BY_RESOURCE_TYPES" or without:
        return f"the recorder leaves out {_named(without)}"
    if use == "INCLUSION_BY_RESOURCE_TYPES" or not group.get("allSupported", True):
        return f"the recorder records {_named(group.get('resourceTypes') or ())} only"
    return ""


def _named(types: Sequence[str]) -> str:
    more = f" and {len(types) - _SHOWN} more types" if len(types) > _SHOWN else ""
    return (", ".join(types[:_SHOWN]) or "nothing") + more


def _select(
    client: Any, method: str, said: Mapping[str, Any], limits: Limits, expression: str
) -> Iterator[Mapping[str, Any]]:
    """The rows of an advanced query, each as its JSON says it."""
    pages = bounded.pages(
        client, method, limits, Expression=expression, PaginationConfig={"PageSize": PAGE}, **said
    )
    for page in pages:
        for row in page["Results"]:
            yield orjson.loads(row)


def _listed(ask: Ask, where: str, keeps: Callable[[str], bool], call: str) -> Iterator[Told]:
    """What is held of the types that ``keeps`` says. Raises CellError."""
    try:
        under = f" WHERE {where}" if where else ""
        counts = ask(f"SELECT resourceType, COUNT(*){under} GROUP BY resourceType")
        types = sorted({str(row["resourceType"]) for row in counts if row.get("resourceType")})
        for some in _lots([one for one in types if keeps(one)]):
            inside = ", ".join(f"'{one}'" for one in some)
            also = f" AND {where}" if where else ""
            for row in ask(f"SELECT {_MEMBERS} WHERE resourceType IN ({inside}){also}"):
                id_ = row.get("arn") or row.get("resourceId")
                yield Told(
                    row.get("accountId"),
                    row.get("awsRegion"),
                    row.get("resourceType"),
                    id_,
                    row.get("resourceName"),
                )
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
        raise CellError("failed", f"{call}: a row that is no object of the query: {error}") from error
    except CALL_ERRORS as error:
        raise explain(error, call) from error


def _lots(types: Iterable[str]) -> Iterator[list[str]]:
    """The types in as many lots as fit into an expression each."""
    some: list[str] = []
    size = 0
    for one in types:
        size += len(one) + 4
        if size > EXPRESSION and some:
            yield some
            some, size = [], len(one) + 4
        some.append(one)
    if some:
        yield some
