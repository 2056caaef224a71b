"""Resource Explorer on loopback, which moto lacks: indexes, views, filters, pages, with its errors; and the
estate of moto as an inventory sees it.

Sources: https://docs.aws.amazon.com/resource-explorer/latest/apireference/Welcome.html,
https://docs.aws.amazon.com/resource-explorer/latest/userguide/using-search-query-syntax.html.
"""

from __future__ import annotations

import base64
import itertools
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

#: What a search ends at, and the most that a page holds.
SEARCHED = PAGE = 1000
_KEYS = ("region", "service", "resourcetype", "accountid")


class Item(NamedTuple):
    """One resource of an estate: ``type`` is CloudFormation's, empty where that knows none."""

    account: str
    region: str
    type: str
    arn: str

    @property
    def name(self) -> str:
        """Explorer's name of the type: of an ARN without a kind, the last word of CloudFormation's."""
        service, rest = self.arn.split(":", 5)[2::3]
        kind = re.split("[/:]", rest, maxsplit=1)[0] if re.search("[/:]", rest) else ""
        return f"{service}:{kind or self.type.rsplit('::', 1)[-1].lower()}"


class Fault(Exception):
    """An error that the service answers."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True)
class Faults:
    """``denied`` are operations that are refused, ``throttled`` how often each is throttled first (-1:
    always), ``broken`` those whose next page is always the same one."""

    denied: set[str] = field(default_factory=set)
    throttled: Counter[str] = field(default_factory=Counter)
    broken: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)

    def meet(self, operation: str, service: str) -> None:
        """Raises what an operation meets."""
        self.asked[operation] += 1
        if self.throttled[operation]:
            self.throttled[operation] -= 1
            raise Fault(429, "ThrottlingException", "Rate exceeded")
        if operation in self.denied:
            why = f"User is not authorized to perform: {service}:{operation}"
            raise Fault(403, "AccessDeniedException", why)

    def page(
        self, operation: str, found: Sequence[Any], asked: Mapping[str, Any], size: int, word: str
    ) -> tuple[list[Any], dict[str, str]]:
        """A page of what was found, and the member that leads to the next one."""
        token = asked.get("NextToken")
        start = 0 if token is None else _start(token, word)
        told = list(found[start : start + size])
        if operation in self.broken:
            return told, {"NextToken": token or _token(0)}
        more = start + size < len(found)
        return told, {"NextToken": _token(start + size)} if more else {}


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"next:{start}".encode()).decode()


def _start(token: str, word: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("next:"))
    except ValueError as error:
        raise Fault(400, word, "the token is not one of this listing") from error


@dataclass(slots=True)
class Explorer:
    """Resource Explorer of every account. ``estate`` gives the resources there are; ``typed`` says whether
    its answers tell CloudFormation's types, as they do since 2026."""

    estate: Callable[[], Iterable[Item]]
    typed: bool = True
    faults: Faults = field(default_factory=Faults)
    #: (account, region) → LOCAL or AGGREGATOR; a view's ARN → what it is; (account, region) → the default
    #: one.
    indexes: dict[tuple[str, str], str] = field(default_factory=dict)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    defaults: dict[tuple[str, str], str] = field(default_factory=dict)

    def answer(self, operation: str, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of an operation. Raises Fault."""
        self.faults.meet(operation, "resource-explorer-2")
        known = getattr(self, f"_{re.sub('(?<!^)(?=[A-Z])', '_', operation).lower()}", None)
        if known is None:
            raise Fault(400, "ValidationException", f"this stand-in does not know {operation}")
        told: dict[str, Any] = known(account, region, said)
        return told

    # What turns it on, as people do by its API

    def _create_index(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        self.indexes[(account, region)] = "LOCAL"
        return {"Arn": _index(account, region), "State": "CREATING"}

    def _update_index_type(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        account, region = said["Arn"].split(":")[4], said["Arn"].split(":")[3]
        self.indexes[(account, region)] = said["Type"]
        return {"Arn": said["Arn"], "Type": said["Type"], "State": "UPDATING"}

    def _create_view(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        arn = f"arn:aws:resource-explorer-2:{region}:{account}:view/{said['ViewName']}/{uuid.uuid4()}"
        self.views[arn] = {
            "ViewArn": arn,
            "ViewName": said["ViewName"],
            "Owner": account,
            "Scope": said.get("Scope") or f"arn:aws:iam::{account}:root",
            "Filters": said.get("Filters") or {"FilterString": ""},
            "IncludedProperties": said.get("IncludedProperties") or [],
        }
        return {"View": self.views[arn]}

    def _associate_default_view(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        self.defaults[(account, region)] = said["ViewArn"]
        return {"ViewArn": said["ViewArn"]}

    # What reads it

    def _list_indexes(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        found = [
            {"Region": place, "Arn": _index(account, place), "Type": type_}
            for (owner, place), type_ in sorted(self.indexes.items())
            if owner == account and said.get("Type") in (None, type_)
        ]
        told, more = self._page("ListIndexes", found, said, 100)
        return {"Indexes": told, **more}

    def _get_index(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        type_ = self.indexes.get((account, region))
        if type_ is None:
            raise Fault(404, "ResourceNotFoundException", "The specified resource doesn't exist.")
        others = [place for owner, place in sorted(self.indexes) if owner == account and place != region]
        told = {"ReplicatingFrom": others} if type_ == "AGGREGATOR" else {}
        return {"Arn": _index(account, region), "Type": type_, "State": "ACTIVE", **told}

    def _list_indexes_for_members(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        _in_range("AccountIdList", len(said["AccountIdList"]), 1, 10)
        found = [
            {"AccountId": owner, "Region": place, "Arn": _index(owner, place), "Type": type_}
            for (owner, place), type_ in sorted(self.indexes.items())
            if owner in said["AccountIdList"]
        ]
        told, more = self._page("ListIndexesForMembers", found, said, 10)
        return {"Indexes": told, **more}

    def _list_views(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        found = sorted(arn for arn in self.views if arn.split(":")[3:5] == [region, account])
        told, more = self._page("ListViews", found, said, 50)
        return {"Views": told, **more}

    def _get_default_view(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        arn = self.defaults.get((account, region))
        return {} if arn is None else {"ViewArn": arn}

    def _get_view(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        return {"View": self._view(said["ViewArn"]), "Tags": {}}

    def _batch_get_view(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        arns = said.get("ViewArns", ())
        _in_range("ViewArns", len(arns), 1, 20)
        return {"Views": [self.views[arn] for arn in arns if arn in self.views], "Errors": []}

    def _list_supported_resource_types(
        self, account: str, region: str, said: Mapping[str, Any]
    ) -> dict[str, Any]:
        known: dict[str, set[str]] = {}
        for one in self.estate():
            known.setdefault(one.name, set()).update({one.type} if one.type else ())
        found = [
            {"Service": name.split(":")[0], "ResourceType": name, "CFNResourceTypes": sorted(types)}
            for name, types in sorted(known.items())
        ]
        told, more = self._page("ListSupportedResourceTypes", found, said, PAGE)
        return {"ResourceTypes": told, **more}

    def _list_resources(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        text = (said.get("Filters") or {}).get("FilterString", "")
        return self._listed("ListResources", account, region, said, text)

    def _search(self, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        return self._listed("Search", account, region, said, said.get("QueryString", ""))

    def _listed(
        self, operation: str, account: str, region: str, said: Mapping[str, Any], text: str
    ) -> dict[str, Any]:
        if (account, region) not in self.indexes:
            raise Fault(404, "ResourceNotFoundException", "There is no index in this Region.")
        arn = said.get("ViewArn") or self.defaults.get((account, region))
        if arn is None:
            raise Fault(401, "UnauthorizedException", "Unauthorized")
        view = self._view(arn)
        found = [one for one in self._within(account, region, view) if _fits(one, text)]
        found = found[:SEARCHED] if operation == "Search" else found
        told, more = self._page(operation, found, said, PAGE)
        return {"Resources": [self._resource(one) for one in told], "ViewArn": arn, **more}

    def _view(self, arn: str) -> dict[str, Any]:
        if arn not in self.views:
            raise Fault(401, "UnauthorizedException", "Unauthorized")
        return self.views[arn]

    def _within(self, account: str, region: str, view: Mapping[str, Any]) -> Iterable[Item]:
        """What the index that a view is of holds: of each account that has an index beside the view that
        one's region, and what has no region; of an aggregator all regions with an index."""
        everybody = ":organization/" in view["Scope"]
        for one in self.estate():
            if one.account != account and not everybody:
                continue
            beside = self.indexes.get((one.account, region))
            held = beside == "AGGREGATOR" and (one.account, one.region) in self.indexes
            if beside is None or not (held or one.region in (region, "global")):
                continue
            if _fits(one, view["Filters"]["FilterString"]):
                yield one

    def _resource(self, one: Item) -> dict[str, Any]:
        told = {
            "Arn": one.arn,
            "OwningAccountId": one.account,
            "Region": one.region,
            "ResourceType": one.name,
            "Service": one.name.split(":")[0],
            "LastReportedAt": 1_780_000_000,
            "Properties": [],
        }
        return {**told, "CfnResourceType": one.type} if self.typed and one.type else told

    def _page(
        self, operation: str, found: Sequence[Any], said: Mapping[str, Any], most: int
    ) -> tuple[list[Any], dict[str, str]]:
        size = said.get("MaxResults", min(most, 100))
        _in_range("MaxResults", size, 1, most)
        return self.faults.page(operation, found, said, size, "ValidationException")


def _index(account: str, region: str) -> str:
    id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"{account}/{region}")
    return f"arn:aws:resource-explorer-2:{region}:{account}:index/{id_}"


def _in_range(word: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Fault(400, "ValidationException", f"{word} must be between {least} and {most}")


def _fits(one: Item, text: str) -> bool:
    """Whether a resource passes a filter: prefixes alone, those of one kind are alternatives, a hyphen
    excludes."""
    asked: dict[str, bool] = {}
    for word in text.split():
        key, _, value = word.removeprefix("-").partition(":")
        if key not in _KEYS or not value:
            raise Fault(400, "ValidationException", f"{word} is no filter")
        have = {"region": one.region, "service": one.name.split(":")[0]}.get(
            key, one.account if key == "accountid" else one.name
        )
        fits = re.fullmatch(re.escape(value).replace(r"\*", ".*"), have) is not None
        if word.startswith("-"):
            if fits:
                return False
        else:
            asked[key] = asked.get(key, False) or fits
    return all(asked.values())


def estate_of_moto(modules: Mapping[str, Any], limit: int = 100_000) -> list[Item]:
    """What moto knows: every object of its services that is of a CloudFormation type, or has an ARN.
    ``modules`` are those that are imported."""
    found: dict[str, Item] = {}
    for name, module in list(modules.items()):
        service = re.fullmatch(r"moto\.(\w+)\.models", name)
        backends = getattr(module, f"{service[1]}_backends", None) if service else None
        for account, regions in list(backends.items()) if backends else ():
            for region, backend in list(regions.items()):
                for one in _objects(vars(backend).values(), 3):
                    item = _item(one, account, region, service[1] if service else "")
                    if item is not None and len(found) < limit:
                        found.setdefault(item.arn, item)
    return sorted(found.values())


def _objects(values: Iterable[Any], depth: int) -> Iterable[Any]:
    for value in list(values):
        if isinstance(value, dict):
            yield from _objects(value.values(), depth - 1) if depth else ()
        elif isinstance(value, (list, tuple, set)):
            yield from _objects(itertools.islice(value, 10_000), depth - 1) if depth else ()
        else:
            yield value


def _item(one: Any, account: str, region: str, service: str) -> Item | None:
    tell = getattr(one, "cloudformation_type", None)
    if tell is None:
        return None
    type_ = str(tell() or "")
    arn = getattr(one, "arn", None)
    if not isinstance(arn, str) or not arn.startswith("arn:"):
        id_ = getattr(one, "id", None)
        if service != "ec2" or not isinstance(id_, str):
            return None
        kind = re.sub("(?<!^)(?=[A-Z])", "-", type_.rsplit("::", 1)[-1]).lower()
        arn = f"arn:aws:ec2:{region}:{account}:{kind}/{id_}"
    if ":aws:" in arn[8:]:
        return None  # AWS' own, which everybody has
    place = getattr(one, "region_name", "global") if region == "aws" else region
    return Item(account, str(place), type_, arn)
