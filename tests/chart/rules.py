"""Writes chart/files/rbac.yaml: what `drift permissions kubernetes` grants, for the chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from drift.task import Wanted
from providers.kubernetes.permissions import IN_NAMESPACES, NAME, role
from providers.kubernetes.settings import Settings

FILE = Path(__file__).parents[2] / "chart" / "files" / "rbac.yaml"
_HEAD = "# Made by `python -m tests.chart` of what `drift permissions kubernetes` prints.\n"


def _rules(settings: Settings, name: str) -> Any:
    documents = yaml.safe_load_all(role(settings, Wanted(frozenset())).text)
    (found,) = (one for one in documents if one["kind"] == "ClusterRole" and one["metadata"]["name"] == name)
    return found["rules"]


def text() -> str:
    """The file."""
    without = Settings(exclude_kinds=["Secret"])
    somewhere = {"namespaces": ["shop"]}
    told = {
        "withSecrets": _rules(Settings(), NAME),
        "withoutSecrets": _rules(without, NAME),
        "clusterWide": _rules(Settings(**somewhere), NAME),
        "inNamespaces": {
            "withSecrets": _rules(Settings(**somewhere), IN_NAMESPACES),
            "withoutSecrets": _rules(Settings(exclude_kinds=["Secret"], **somewhere), IN_NAMESPACES),
        },
    }
    return _HEAD + yaml.safe_dump(told, sort_keys=False, width=110)
