"""AWS KMS: which of the listed keys are resources of the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: A key that waits for its deletion can't be used; Terraform and CloudFormation take it for deleted.
_GOING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


def key(document: dict[str, Any]) -> dict[str, Any] | None:
    """Customer managed keys, but for replicas."""
    return _used(document) if _own(document) and _role(document) != "REPLICA" else None


def replica(document: dict[str, Any]) -> dict[str, Any] | None:
    """Replicas of keys of other regions."""
    return _used(document) if _own(document) and _role(document) == "REPLICA" else None


def _used(document: dict[str, Any]) -> dict[str, Any]:
    """A key whose material is still to be imported is not enabled, whatever anybody said of it.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html.
    """
    if document.get("KeyState") != "PendingImport":
        return {}
    document.setdefault("unread", {})["Enabled"] = "its material is still to be imported"
    return {"Enabled": None}


def _own(document: Mapping[str, Any]) -> bool:
    return document.get("KeyManager") == "CUSTOMER" and document.get("KeyState") not in _GOING


def _role(document: Mapping[str, Any]) -> str | None:
    role = (document.get("MultiRegionConfiguration") or {}).get("MultiRegionKeyType")
    return None if role is None else str(role)
