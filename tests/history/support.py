"""Nights of an estate of queues, each a run that is remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from drift.config.model import load
from drift.history.place import Place
from drift.report.document import json_schema
from drift.scan import Result, Run
from tests.rules.support import ACCOUNT, QUEUE, queue, write

BEGAN = datetime(2026, 5, 1, 3, tzinfo=UTC)
REGIONS = ("eu-west-1", "us-east-1")
SUBSCRIPTION = "3f8a1c52-7b1e-4f60-9d2a-0b6c4e8d7a11"
TOPIC = "Microsoft.ServiceBus/namespaces/topics"
TOPICS = {"provider": "azure", "scope": SUBSCRIPTION, "region": "global", "type": TOPIC}


def topic(name: str = "t", **properties: Any) -> dict[str, Any]:
    """A topic of a message bus, of whose properties the service fills in some."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers"
    place = {"provider": "azure", "scope": SUBSCRIPTION, "type": TOPIC, "name": name}
    id_ = f"{group}/Microsoft.ServiceBus/namespaces/n/topics/{name}"
    return {**place, "id": id_, "attributes": {"properties": properties}}


def at(day: float) -> str:
    """The moment of a night's run, as reports say it."""
    return (BEGAN + timedelta(days=day)).isoformat().replace("+00:00", "Z")


@dataclass
class Nights:
    """Runs over the files of a folder that are remembered at a place."""

    folder: Path
    place: Place
    reports: Path | None = None
    validator: Any = field(default_factory=lambda: jsonschema.Draft202012Validator(json_schema()), repr=False)

    def run(
        self,
        day: float,
        live: Sequence[Mapping[str, Any]],
        declared: Sequence[Mapping[str, Any]] | None = None,
        *,
        unread: Sequence[str] = (),
        only: Sequence[str] = (),
        rules: str = "",
        written: bool = True,
        read_at: str | None = None,
        types: Sequence[str] = (QUEUE,),
    ) -> Result:
        """The run of a day; ``unread`` are regions that are denied."""
        ledger = [
            {
                "provider": "aws",
                "scope": ACCOUNT,
                "region": region,
                "type": type_,
                "status": "denied" if region in unread else "checked",
                "resources": sum((one.get("region"), one["type"]) == (region, type_) for one in live),
                "message": "AccessDenied" if region in unread else "",
                **({} if region in unread else {"read_at": read_at or at(day)}),
            }
            for region in REGIONS
            for type_ in types
        ]
        ledger.append(
            {**TOPICS, "status": "checked", "resources": 0, "message": "", "read_at": read_at or at(day)}
        )
        lines = [{"drift_snapshot": 1, "coverage": ledger}, *live]
        (self.folder / "live.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        said = (
            [queue("jobs", DelaySeconds=1), queue("mail", DelaySeconds=1)] if declared is None else declared
        )
        config = f"version: 1\ndeclared: [{{path: base}}]\n{rules}"
        base = "".join(json.dumps(one) + "\n" for one in said)
        write(self.folder, {"base/q.jsonl": base, "drift.yaml": config})
        run = Run(
            load(self.folder / "drift.yaml"),
            only,
            [self.folder / "live.jsonl"],
            started=BEGAN + timedelta(days=day),
            remembered=self.place,
            reports=self.reports,
        )
        result = run.scan()
        if self.place.file is not None:  # else the same report was held to it
            self.validator.validate(result.report)
        assert result.history is not None
        if written:
            result.history.written()
        assert (result.history.problem is None) == (result.report["run"]["history"]["problem"] is None)
        return result

    def delays(self, day: float, jobs: int | None = 1, mail: int | None = 1, **more: Any) -> dict[str, Any]:
        """The report of a night in which the two queues have these delays; None: one is not there."""
        live = [
            queue(name, DelaySeconds=value)
            for name, value in (("jobs", jobs), ("mail", mail))
            if value is not None
        ]
        return self.run(day, live, **more).report


def statuses(report: Mapping[str, Any]) -> dict[str, str]:
    """Name → status of each finding."""
    return {one["name"]: one["status"] for one in report["findings"]}


def ended(report: Mapping[str, Any]) -> dict[str, str]:
    """Name → how it ended, of each finding that did."""
    return {one["name"]: one["resolution"] for one in report["resolved"]}


def document(text: str) -> Any:
    return yaml.safe_load(text)
