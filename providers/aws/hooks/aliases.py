"""Other CloudFormation types for the same thing, in the same words."""

from __future__ import annotations

from typing import Any


def same(document: dict[str, Any]) -> dict[str, Any]:
    """The properties as they are, without the place that is told beside them."""
    return {name: value for name, value in document.items() if name not in ("account", "region", "partition")}


def cluster_parameter_group(document: dict[str, Any]) -> dict[str, Any]:
    """A parameter group of clusters of another engine, as RDS's type says it.

    Source: the CloudFormation reference of the types of Amazon DocumentDB, Neptune and RDS.
    """
    return _named(document, "DBClusterParameterGroupName")


def parameter_group(document: dict[str, Any]) -> dict[str, Any]:
    """A parameter group of instances of another engine, as RDS's type says it."""
    return _named(document, "DBParameterGroupName")


def _named(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = same(document)
    if "Name" in found:
        found[name] = found.pop("Name")
    return found
