"""Objects declared in an API version of old, in the shape of the one that is served now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_Body = dict[str, Any]


def _without(value: Mapping[str, Any], *names: str) -> _Body:
    return {key: item for key, item in value.items() if key not in names}


def _ingress_spec(value: Any, context: Context) -> Canonical:
    """An Ingress' spec with ``defaultBackend`` for v1beta1's ``backend``.

    Source: pkg/apis/networking/v1beta1/conversion.go.
    """
    if not isinstance(value, dict) or "backend" not in value or "defaultBackend" in value:
        return value
    return {**_without(value, "backend"), "defaultBackend": value["backend"]}


def _ingress_backend(value: Any, context: Context) -> Canonical:
    """A backend with ``service`` for v1beta1's ``serviceName`` and ``servicePort``.

    Source: pkg/apis/networking/v1beta1/conversion.go.
    """
    if not isinstance(value, dict) or "serviceName" not in value or "service" in value:
        return value
    service: _Body = {"name": value["serviceName"]}
    port = value.get("servicePort")
    if port is not None:
        service["port"] = {"number": port} if isinstance(port, int) else {"name": port}
    return {**_without(value, "serviceName", "servicePort"), "service": service}


def _autoscaler(value: Any, context: Context) -> Canonical:
    """An autoscaler in the shape of ``autoscaling/v2``, also where it was declared in v1 or v2beta1.

    Source: pkg/apis/autoscaling/v1/conversion.go, .../v2beta1/conversion.go.
    """
    if not isinstance(value, dict) or not isinstance(value.get("spec"), dict):
        return value
    spec = value["spec"]
    if isinstance(spec.get("metrics"), list):
        metrics = [_metric(one) for one in spec["metrics"]]
        if metrics != spec["metrics"]:
            spec = {**spec, "metrics": metrics}
    if "targetCPUUtilizationPercentage" in spec:
        percent = spec["targetCPUUtilizationPercentage"]
        metric = {
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}},
        }
        spec = {
            **_without(spec, "targetCPUUtilizationPercentage"),
            "metrics": [*(spec.get("metrics") or []), metric],
        }
    return value if spec is value["spec"] else {**value, "spec": spec}


def _metric(metric: Any) -> Any:
    """One of v2beta1's metrics as v2 spells it; another unchanged."""
    if not isinstance(metric, dict) or not isinstance(metric.get("type"), str):
        return metric
    source = metric["type"][:1].lower() + metric["type"][1:]
    said = metric.get(source)
    if not isinstance(said, dict) or not any(name in said for name in _TARGETS):
        return metric
    target: _Body = {}
    for name, (kind, field) in _TARGETS.items():
        if said.get(name) is not None:
            target = {"type": kind, field: said[name]}
    rest = _without(said, *_TARGETS, "metricName", "metricSelector", "selector")
    if "metricName" in said:
        selector = said.get("selector") or said.get("metricSelector")
        rest["metric"] = {"name": said["metricName"], **({"selector": selector} if selector else {})}
    if source == "object" and "target" in rest:
        rest["describedObject"] = rest.pop("target")
    return {**metric, source: {**rest, "target": target}}


#: v2beta1's words for a metric's target: what kind of target they are, and v2's word.
_TARGETS = {
    "targetValue": ("Value", "value"),
    "targetAverageValue": ("AverageValue", "averageValue"),
    "averageValue": ("AverageValue", "averageValue"),
    "targetAverageUtilization": ("Utilization", "averageUtilization"),
}


def _definition(value: Any, context: Context) -> Canonical:
    """A custom resource definition in the shape of v1, also where it was declared in v1beta1.

    Source: apiextensions-apiserver, pkg/apis/apiextensions/v1beta1/conversion.go and defaults.go.
    """
    spec = value.get("spec") if isinstance(value, dict) else None
    if not isinstance(spec, dict) or not (
        _OF_ALL & spec.keys() or _CONVERSION & _members(spec, "conversion")
    ):
        return value
    versions = spec.get("versions") or [{"name": spec.get("version"), "served": True, "storage": True}]
    spec = {**_without(spec, *_OF_ALL), "versions": [_version(one, spec) for one in versions]}
    conversion = spec.get("conversion")
    if isinstance(conversion, dict) and _CONVERSION & conversion.keys():
        hook = {
            "clientConfig": conversion.get("webhookClientConfig"),
            "conversionReviewVersions": conversion.get("conversionReviewVersions"),
        }
        spec["conversion"] = {
            **_without(conversion, *_CONVERSION),
            "webhook": {key: item for key, item in hook.items() if item is not None},
        }
    return {**value, "spec": spec}


#: What v1beta1 says once for all versions.
_OF_ALL = frozenset(("version", "validation", "subresources", "additionalPrinterColumns"))
_CONVERSION = frozenset(("webhookClientConfig", "conversionReviewVersions"))


def _members(value: Mapping[str, Any], name: str) -> frozenset[str]:
    found = value.get(name)
    return frozenset(found) if isinstance(found, dict) else frozenset()


def _version(version: Any, spec: Mapping[str, Any]) -> Any:
    if not isinstance(version, dict):
        return version
    found = dict(version)
    for name, word in (("schema", "validation"), ("subresources", "subresources")):
        if name not in found and spec.get(word) is not None:
            found[name] = spec[word]
    columns = found.get("additionalPrinterColumns", spec.get("additionalPrinterColumns"))
    if isinstance(columns, list):
        found["additionalPrinterColumns"] = [_column(one) for one in columns]
    return found


def _column(column: Any) -> Any:
    if not isinstance(column, dict) or "JSONPath" not in column:
        return column
    return {**_without(column, "JSONPath"), "jsonPath": column["JSONPath"]}


INGRESS_SPEC = Kind("ingress-spec", _ingress_spec, settle=lambda value: _ingress_spec(value, Context()))
INGRESS_BACKEND = Kind(
    "ingress-backend", _ingress_backend, settle=lambda value: _ingress_backend(value, Context())
)
AUTOSCALER = Kind("autoscaler", _autoscaler)
DEFINITION = Kind("custom-resource-definition", _definition)
