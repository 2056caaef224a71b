"""What happens to an object as soon as it is read: bookkeeping is made small, and nothing of a secret is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from drift.looks import may_hold_random, may_hold_secret
from drift.model import Resource
from providers.kubernetes.names import TypeName, object_id

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
#: The field manager of ``kubectl apply`` without ``--server-side``.
APPLY = "kubectl-client-side-apply"
#: Members that name an entry of a list, by which it is found again.
_NAMES = frozenset(
    (
        "name",
        "key",
        "type",
        "kind",
        "namespace",
        "port",
        "containerPort",
        "protocol",
        "mountPath",
        "ip",
        "topologyKey",
    )
)


def resource(cluster: str, type_: TypeName, body: dict[str, Any]) -> Resource | None:
    """A listed object as a live resource; None where it has no name.

    The body stays as the API server gave it, but for ``status`` (no desired state), field names as text (they are looked
    at only where something differs), and a last applied configuration that may hold a secret without its values.
    """
    metadata = body.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return None
    namespace = metadata.get("namespace") or None
    attributes: dict[str, Any] = {"apiVersion": type_.api_version, "kind": type_.kind}
    attributes.update((key, value) for key, value in body.items() if key != "status")
    attributes["metadata"] = _metadata(metadata, secret=type_.key == "Secret")
    name = metadata["name"]
    return Resource("kubernetes", cluster, str(type_), object_id(namespace, name), attributes, name=name)


def _metadata(metadata: dict[str, Any], *, secret: bool) -> dict[str, Any]:
    managed = metadata.get("managedFields")
    if managed:
        metadata["managedFields"] = [_entry(one) for one in managed if isinstance(one, dict)]
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict) and isinstance(annotations.get(LAST_APPLIED), str):
        if any(one["manager"] == APPLY for one in metadata.get("managedFields", ()) if "manager" in one):
            annotations[LAST_APPLIED] = _without_secrets(annotations[LAST_APPLIED], secret)
        else:
            annotations[LAST_APPLIED] = "{}"  # nothing is asked of it
    return metadata


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    fields = entry.get("fieldsV1")
    kept = {key: value for key, value in entry.items() if key != "fieldsType"}
    if isinstance(fields, dict):
        kept["fieldsV1"] = orjson.dumps(fields).decode()
    return kept


def _without_secrets(text: str, secret: bool) -> str:
    raw = text.encode()
    return skeleton(text) if secret or may_hold_secret(raw.lower()) or may_hold_random(raw) else text


def skeleton(text: str) -> str:
    """A configuration without its values, as text: which fields it has, and the names that find a list's entries."""
    try:
        return orjson.dumps(_bare(orjson.loads(text))).decode()
    except orjson.JSONDecodeError:
        return "{}"


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: item if key in _NAMES and isinstance(item, (str, int)) else _bare(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return None
