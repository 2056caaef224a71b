"""Runs the whole program on a repository and a loopback cluster that its deployer would have filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from drift.config.model import parse
from drift.scan import Run
from providers.kubernetes.loopback import Loopback

Told = tuple[str, str, tuple[str, ...]]


def scan(repository: Path, server: Loopback, **entry: Any) -> dict[str, Any]:
    """The report on a folder as one entry of a configuration beside it."""
    document = {
        "version": 1,
        "declared": [{"path": repository.name, "scope": "loopback", **entry}],
        "live": {"kubernetes": {"kubeconfig": str(server.kubeconfig)}},
    }
    config = parse(yaml.safe_dump(document), "drift.yaml", repository.parent, None, {})
    report: dict[str, Any] = Run(config).scan().report
    return report


def told(report: Mapping[str, Any]) -> list[Told]:
    """Kind of finding, object, and the paths that changed."""
    return sorted(
        (one["kind"], f"{one['type'].rpartition('/')[2]} {one['resource_id']}", tuple(_paths(one)))
        for one in report["findings"]
    )


def _paths(finding: Mapping[str, Any]) -> Iterable[str]:
    return sorted(change["path"] for change in finding.get("changes") or ())
