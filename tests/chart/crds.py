"""What the custom resources that the chart makes may hold, as far as it makes them.

Sources: https://prometheus-operator.dev/docs/api-reference/api/ (monitoring.coreos.com/v1) and
https://external-secrets.io/latest/api/spec/ (ExternalSecret).
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
DURATION = {
    "type": "string",
    "pattern": "^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$",
}


def record(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """An object of these members alone."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def several(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def resource(api: list[str], kind: str, spec: Any) -> dict[str, Any]:
    metadata = record(("name", "namespace"), name=TEXT, namespace=TEXT, labels=TEXTS, annotations=TEXTS)
    return record(
        ("apiVersion", "kind", "metadata", "spec"),
        apiVersion={"enum": api},
        kind={"const": kind},
        metadata=metadata,
        spec=spec,
    )


_RULE = {
    **record(
        ("expr",),
        alert={"type": "string"},
        record={"type": "string"},
        expr={"type": ["string", "integer"]},
        **{"for": DURATION},
        keep_firing_for=DURATION,
        labels=TEXTS,
        annotations=TEXTS,
    ),
    "oneOf": [{"required": ["alert"]}, {"required": ["record"]}],
}
_GROUP = record(
    ("name",),
    name=TEXT,
    interval=DURATION,
    rules=several(_RULE),
    limit={"type": "integer"},
    labels=TEXTS,
)
_REMOTE = record(
    ("key",),
    key=TEXT,
    property=TEXT,
    version=TEXT,
    metadataPolicy={"enum": ["None", "Fetch"]},
    conversionStrategy={"enum": ["Default", "Unicode"]},
    decodingStrategy={"enum": ["Auto", "Base64", "Base64URL", "None"]},
)
SCHEMAS = {
    "PrometheusRule": resource(
        ["monitoring.coreos.com/v1"], "PrometheusRule", record(groups=several(_GROUP))
    ),
    "ExternalSecret": resource(
        ["external-secrets.io/v1", "external-secrets.io/v1beta1"],
        "ExternalSecret",
        record(
            refreshInterval={"type": "string"},
            secretStoreRef=record(name=TEXT, kind={"enum": ["SecretStore", "ClusterSecretStore"]}),
            target=record(name=TEXT, creationPolicy={"enum": ["Owner", "Orphan", "Merge", "None"]}),
            data=several(record(("secretKey", "remoteRef"), secretKey=TEXT, remoteRef=_REMOTE)),
            dataFrom=several(
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"enum": ["extract", "find", "rewrite", "sourceRef"]},
                }
            ),
        ),
    ),
}
