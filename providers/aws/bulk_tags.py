"""Tags of very many resources by few calls: the Resource Groups Tagging API's, where they are beyond doubt.

It tells of all that is or ever was tagged, of the services that it supports; what it does not tell of has no
tags. Sources:
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html and
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.errors import DriftError
from drift.model import Resource
from drift.task import Wanted
from providers.aws import bounded
from providers.aws.failures import CALL_ERRORS

SERVICE, METHOD = "resourcegroupstaggingapi", "get_resources"
#: Types that one call may name.
_FILTERS = 100

Tags = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Members that AWS never changes as long as the id that it gave stays: ``by`` is the property that holds
    it, ``id`` what it is live."""

    by: str
    members: tuple[str, ...]
    id: Any


@dataclass(slots=True)
class Declared:
    """What Git declares of tags, by resource; asked once, when tags of a resource that has any are in doubt.

    The Tagging API may be behind the services by minutes (nobody says by how many), so that its word counts
    only where it says what is declared.
    """

    wanted: Wanted
    types: frozenset[str]
    context: Callable[[], Mapping[str, Any]]
    #: (type, id) → what a record of the declared side holds of it, as it was last seen.
    _records: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    _known: dict[tuple[str, str], dict[str, str] | None] = field(default_factory=dict)
    #: Type → the tags of what has no id yet.
    _nameless: dict[str, list[dict[str, str] | None]] = field(default_factory=dict)
    _asked: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def doubts(self, type_: str, id_: str, tags: Tags) -> bool:
        """Whether the resource itself has to be asked for its tags, since others are declared."""
        self._once()
        said = {tag["Key"]: tag.get("Value", "") for tag in tags if not tag["Key"].startswith("aws:")}
        if (type_, id_) in self._known:
            return self._known[(type_, id_)] != said
        nameless = self._nameless.get(type_, [])
        return bool(nameless) and said not in nameless

    def recorded(self, type_: str, id_: str, fixed: Fixed) -> dict[str, Any] | None:
        """The members of a resource that never change, as a record holds them of the very same one; None
        where no record does."""
        self._once()
        record = self._records.get((type_, id_), {})
        found = {name: record[name] for name in fixed.members if name in record}
        same = fixed.id is not None and record.get(fixed.by) == fixed.id
        return found if same and all(isinstance(value, str) for value in found.values()) else None

    def _once(self) -> None:
        with self._lock:
            if not self._asked:
                self._asked = True
                self._ask()

    def _ask(self) -> None:
        context = self.context()
        try:
            for one in self.wanted.declared(self.types, context, list(context.get("partitions", ()))):
                if one.partial and "Tags" not in one.attributes:
                    continue  # a bucket's policy by itself says nothing of its tags
                said = _declared(one)
                if one.id is None:
                    self._nameless.setdefault(one.type, []).append(said)
                    continue
                key = (one.type, one.id)  # which several may tell, each another part
                if one.remembered and not one.partial:
                    self._records[key] = one.remembered
                self._known[key] = said if self._known.get(key, said) == said else None
        except DriftError:  # told where what is declared is read
            return


def _declared(resource: Resource) -> dict[str, str] | None:
    """The tags that a declaration gives; None where not all of them can be told."""
    said = resource.attributes.get("Tags")
    if isinstance(said, Mapping):
        said = [{"Key": key, "Value": value} for key, value in said.items()]
    found: dict[str, str] = {}
    for tag in said if isinstance(said, list) else () if said is None else (said,):
        if not isinstance(tag, Mapping) or not isinstance(tag.get("Key"), str):
            return None
        value = tag.get("Value", "")
        if isinstance(value, int | float | bool):
            value = str(value).lower() if isinstance(value, bool) else str(value)
        if not isinstance(value, str):
            return None
        found[tag["Key"]] = value
    return found


def listed(client: Any, types: Iterable[str], limits: Any, lane: Any) -> dict[str, Tags] | None:
    """ARN → tags of all resources of some types (``ssm:parameter``) in the client's region that are or were
    tagged; None where that can't be told, or not whole: then each resource is asked by itself."""
    named = sorted(set(types))
    found: dict[str, Tags] = {}
    try:
        for start in range(0, len(named), _FILTERS):
            said = {"ResourceTypeFilters": named[start : start + _FILTERS], "ResourcesPerPage": 100}
            pages = bounded.pages(client, METHOD, limits, **said)
            while True:
                with lane:
                    page = next(pages, None)
                if page is None:
                    break
                for one in page["ResourceTagMappingList"]:
                    found[one["ResourceARN"].removesuffix(":*")] = one.get("Tags") or []
    except CALL_ERRORS:
        return None
    return found


@dataclass(frozen=True, slots=True)
class BulkTags:
    """The tags of one account's resources; ``once`` makes an answer that several ask for, ``filters`` are the
    types whose tags are wanted of it."""

    client: Callable[[str, str], Any]
    lane: Callable[[str, str], Any]
    once: Callable[[tuple[Any, ...], Callable[[], Any]], Any]
    limits: Any
    filters: frozenset[str]
    declared: Declared

    def told(
        self, said: Mapping[str, Any], type_: str, arn: str, region: str, document: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """All that a call would tell of a resource, by what the facts say of ``bulk``: its tags, and what
        never changes; None where it has to be asked itself."""
        fixed: dict[str, Any] | None = {}
        if "fixed" in said:
            by = said["fixed"]["by"]
            members = Fixed(by, tuple(said["fixed"]["of"]), document.get(by))
            fixed = self.declared.recorded(type_, arn, members)
        tags = None if fixed is None else self.of(type_, arn, region, shown=said.get("shown", False))
        return None if fixed is None or tags is None else {**fixed, said["as"]: tags}

    def of(self, type_: str, arn: str, region: str, *, shown: bool = False) -> Tags | None:
        """The tags of a resource (its ARN is its id); None where it has to be asked itself, ``shown``: also
        where the API tells of none of its kind."""

        def ask() -> dict[str, Tags] | None:
            return listed(self.client(SERVICE, region), self.filters, self.limits, self.lane(SERVICE, region))

        known: dict[str, Tags] | None = self.once((SERVICE, region), ask)
        kind = f"{arn.partition('/')[0]}/"
        if known is None or (shown and not any(one.startswith(kind) for one in known)):
            return None
        tags = known.get(arn, [])
        return None if self.declared.doubts(type_, arn, tags) else tags


def filters(entries: Iterable[Any]) -> frozenset[str]:
    """The types, in the API's words, of the tags that some entries of the facts take from it."""
    return frozenset(
        step["bulk"]["type"] for entry in entries for step in entry.said.get("describe", ()) if "bulk" in step
    )
