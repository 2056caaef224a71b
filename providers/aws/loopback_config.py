"""AWS Config's advanced queries on loopback, which moto lacks: recorders, aggregators, pages, with errors.

Source: https://docs.aws.amazon.com/config/latest/developerguide/query-components.html.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from providers.aws.loopback_inventory import Fault, Faults, Item


@dataclass(slots=True)
class Queries:
    """AWS Config of every account: ``recorders`` by (account, region), each as DescribeConfigurationRecorders
    gives it with ``recording``; ``aggregators`` by (account, region), as DescribeConfigurationAggregators
    gives them; ``sources`` what is told of those that failed."""

    estate: Callable[[], Iterable[Item]]
    faults: Faults = field(default_factory=Faults)
    recorders: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    aggregators: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    sources: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, operation: str, account: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of an operation. Raises Fault."""
        self.faults.meet(operation, "config")
        recorder = self.recorders.get((account, region))
        if operation == "DescribeConfigurationRecorders":
            told = {key: value for key, value in (recorder or {}).items() if key != "recording"}
            return {"ConfigurationRecorders": [told] if recorder else []}
        if operation == "DescribeConfigurationRecorderStatus":
            state = {"name": (recorder or {}).get("name"), "recording": (recorder or {}).get("recording")}
            return {"ConfigurationRecordersStatus": [state] if recorder else []}
        if operation == "DescribeConfigurationAggregators":
            return {"ConfigurationAggregators": self.aggregators.get((account, region), [])}
        if operation == "DescribeConfigurationAggregatorSourcesStatus":
            return {"AggregatedSourceStatusList": self.sources}
        if operation == "SelectResourceConfig":
            if recorder is None:
                why = "There are no configuration recorders available to provide information"
                raise Fault(400, "NoAvailableConfigurationRecorderException", why)
            return self._select(operation, said, [(account, region), (account, "global")])
        if operation == "SelectAggregateResourceConfig":
            there = self.aggregators.get((account, region), ())
            asked = said.get("ConfigurationAggregatorName")
            if asked not in {one["ConfigurationAggregatorName"] for one in there}:
                raise Fault(400, "NoSuchConfigurationAggregatorException", "there is no such aggregator")
            return self._select(operation, said, None)
        raise Fault(400, "InvalidAction", f"this stand-in does not know {operation}")

    def _select(
        self, operation: str, said: Mapping[str, Any], places: Sequence[tuple[str, str]] | None
    ) -> dict[str, Any]:
        limit = said.get("Limit") or said.get("MaxResults") or 25
        if not 0 <= limit <= 100:
            raise Fault(400, "InvalidLimitException", "The specified limit is outside the allowable range.")
        rows = [_row(one) for one in self.estate() if self._records(one, places)]
        found = query(said["Expression"], rows)
        told, more = self.faults.page(operation, found, said, limit, "InvalidNextTokenException")
        fields = [{"Name": name} for name in (found[0] if found else ())]
        return {"Results": [json.dumps(one) for one in told], "QueryInfo": {"SelectFields": fields}, **more}

    def _records(self, one: Item, places: Sequence[tuple[str, str]] | None) -> bool:
        if not one.type or (places is not None and (one.account, one.region) not in places):
            return False
        if one.region == "global":
            own = [said for (account, _), said in self.recorders.items() if account == one.account]
            return any(said.get("recording", True) and _all_of(said) for said in own)
        recorder = self.recorders.get((one.account, one.region))
        if recorder is None:
            return False
        group = recorder.get("recordingGroup") or {}
        if one.type in (group.get("exclusionByResourceTypes") or {}).get("resourceTypes", ()):
            return False
        return bool(group.get("allSupported", True)) or one.type in group.get("resourceTypes", ())


def _all_of(recorder: Mapping[str, Any]) -> bool:
    return bool((recorder.get("recordingGroup") or {}).get("allSupported", True))


def _row(one: Item) -> dict[str, Any]:
    return {
        "accountId": one.account,
        "awsRegion": one.region,
        "resourceType": one.type,
        "resourceId": re.split("[/:]", one.arn)[-1],
        "resourceName": re.split("[/:]", one.arn)[-1],
        "arn": one.arn,
    }


_QUERY = re.compile(r"SELECT (?P<fields>.+?)(?: WHERE (?P<where>.+?))?(?: GROUP BY (?P<group>\w+))?")
_TEST = re.compile(r"(?P<name>\w+) (?:= '(?P<one>[^']*)'|IN \((?P<many>'[^']*'(?:, '[^']*')*)\))")


def query(expression: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows that an advanced query selects; COUNT(*) counts those of a group. Raises Fault for what the
    stand-in does not understand."""
    said = _QUERY.fullmatch(expression)
    if said is None or len(expression) > 4096:
        raise Fault(400, "InvalidExpressionException", "The syntax of the query is incorrect.")
    tests: list[tuple[str, set[str]]] = []
    for test in filter(None, (said["where"] or "").split(" AND ")):
        told = _TEST.fullmatch(test)
        if told is None:
            raise Fault(400, "InvalidExpressionException", f"can't be understood: {test}")
        values = {told["one"]} if told["many"] is None else {*re.findall("'([^']*)'", told["many"])}
        tests.append((told["name"], values))
    fitting = [row for row in rows if all(row.get(name) in values for name, values in tests)]
    if said["group"]:
        counts = Counter(row[said["group"]] for row in fitting)
        return [{"COUNT(*)": count, said["group"]: value} for value, count in sorted(counts.items())]
    fields = [one.strip() for one in said["fields"].split(",")]
    return [{name: row[name] for name in fields if name in row} for row in fitting]
