"""Defaults that depend on other fields, which a fact can't say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.pointer import split, unescape
from providers.kubernetes.kinds.quantity import amount

_PULL_POLICY = re.compile(r"(?P<containers>.*/(?:containers|initContainers))/(?P<name>[^/]+)/imagePullPolicy")
_REQUEST = re.compile(
    r"(?P<container>/spec/(?:containers|initContainers)/[^/]+)/resources/requests/(?P<resource>[^/]+)"
)
_LIMIT = re.compile(r"/spec/limits/(?P<item>[0-9]+)/(?P<field>default|defaultRequest)/(?P<resource>[^/]+)")
_HOST_PORT = re.compile(
    r"(?P<pod>.*/spec)/(?:containers|initContainers)/[^/]+/ports/(?P<port>[^/]+)/hostPort"
)
_IMAGE_VOLUME = re.compile(r"(?P<volumes>.*/volumes)/(?P<name>[^/]+)/image/pullPolicy")
_DATA_SOURCE = re.compile(r"/spec/(?P<field>dataSource|dataSourceRef)/(?P<name>[^/]+)")
#: The API server copies each of a claim's two fields into the other (pkg/api/persistentvolumeclaim/util.go,
#: NormalizeDataSources).
_SAME_SOURCE = {"dataSource": "dataSourceRef", "dataSourceRef": "dataSource"}
#: Where the API server takes a limit range's default from, where nobody said one.
_LIMIT_SOURCES = {"default": ("max",), "defaultRequest": ("default", "min")}
#: API versions in which a selector that nobody said is that of the template's labels.
_SELECTS_BY_TEMPLATE = ("extensions/v1beta1", "apps/v1beta1")


def conditional(declared: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Why an undeclared live value is what the API server fills in; None where it is not."""
    found = _PULL_POLICY.fullmatch(path)
    if found is not None:
        return _pull_policy(declared, live, found["containers"], found["name"], value)
    found = _REQUEST.fullmatch(path)
    if found is not None and live.get("kind") == "Pod":
        return _request(live, found["container"], found["resource"], value)
    found = _HOST_PORT.fullmatch(path)
    if found is not None:
        return _host_port(declared, found["pod"], found["port"], value)
    if path.startswith("/metadata/labels/") and live.get("kind") in ("Job", "ReplicationController"):
        return _labels(declared, live, path, value)
    if path == "/spec/podReplacementPolicy" and value == "Failed":
        asked = (live.get("spec") or {}).get("podFailurePolicy")
        return "the default beside a podFailurePolicy" if asked else None
    found = _IMAGE_VOLUME.fullmatch(path)
    if found is not None:
        volume = _member(_at(live, found["volumes"]), found["name"])
        same = volume is not None and value == pull_policy((volume.get("image") or {}).get("reference"))
        return "the default for the image's tag" if same else None
    found = _LIMIT.fullmatch(path)
    if found is not None and live.get("kind") == "LimitRange":
        return _limit(live, found["item"], found["field"], found["resource"], value)
    if path.startswith("/spec/policyTypes") and live.get("kind") == "NetworkPolicy":
        return _policy_types(live, value)
    if path.startswith("/spec/selector") and str(declared.get("apiVersion")) in _SELECTS_BY_TEMPLATE:
        return _selector(live, path, value)
    found = _DATA_SOURCE.fullmatch(path)
    if found is not None and live.get("kind") == "PersistentVolumeClaim":
        said = (declared.get("spec") or {}).get(_SAME_SOURCE[found["field"]])
        same = isinstance(said, Mapping) and said.get(found["name"]) == value
        return "the same source in its other field" if same else None
    if path == "/metadata/labels/kubernetes.io~1metadata.name" and live.get("kind") == "Namespace":
        named = value == (live.get("metadata") or {}).get("name")
        return "every namespace bears its name" if named else None
    if str(live.get("apiVersion", "")).startswith("admissionregistration.k8s.io/v1beta1"):
        return _old_webhook(path, value)
    return None


def pull_policy(image: Any) -> str:
    """The default of ``imagePullPolicy``: ``Always`` for ``:latest`` or no tag, else ``IfNotPresent``.

    Source: SetDefaults_Container, pkg/apis/core/v1/defaults.go.

    >>> pull_policy("nginx"), pull_policy("localhost:5000/nginx:1.27")
    ('Always', 'IfNotPresent')
    """
    if not isinstance(image, str) or "@" in image:
        return "IfNotPresent"
    tag = image.rpartition("/")[2].partition(":")[2]
    return "Always" if tag in ("", "latest") else "IfNotPresent"


def _pull_policy(
    declared: Mapping[str, Any], live: Mapping[str, Any], containers: str, name: str, value: Any
) -> str | None:
    """The policy was filled in when the object was made: by the image of now or of then."""
    for side in (live, declared):
        container = _member(_at(side, containers), name)
        if container is not None and value == pull_policy(container.get("image")):
            return "the default for the image's tag"
    return None


def _request(live: Mapping[str, Any], container: str, resource: str, value: Any) -> str | None:
    """Source: SetDefaults_Pod, pkg/apis/core/v1/defaults.go; it is done for pods, not for their templates."""
    resources = (_at(live, container) or {}).get("resources") or {}
    same = _same_amount(resources.get("limits"), resource, value)
    return "the default for its limit" if same else None


def _host_port(declared: Mapping[str, Any], pod: str, port: str, value: Any) -> str | None:
    """Source: defaultHostNetworkPorts, pkg/apis/core/v1/defaults.go; once done in templates, too."""
    spec = _at(declared, pod)
    asked = isinstance(spec, Mapping) and spec.get("hostNetwork") is True
    same = port.partition("|")[0] == str(value)
    return "the port itself, in the host's network" if asked and same else None


def _labels(declared: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Source: SetDefaults_Job, pkg/apis/batch/v1/defaults.go; SetDefaults_ReplicationController."""
    if (declared.get("metadata") or {}).get("labels"):
        return None
    labels = _at(live, "/spec/template/metadata/labels")
    name = unescape(path.removeprefix("/metadata/labels/"))
    same = isinstance(labels, Mapping) and labels.get(name) == value
    return "the default, the labels of its pods" if same else None


def _limit(live: Mapping[str, Any], item: str, field: str, resource: str, value: Any) -> str | None:
    """Source: SetDefaults_LimitRangeItem, pkg/apis/core/v1/defaults.go."""
    limits = live["spec"]["limits"][int(item)]
    if limits.get("type") != "Container":
        return None
    for source in _LIMIT_SOURCES[field]:
        if _same_amount(limits.get(source), resource, value):
            return f"the default for its {source}"
    return None


def _same_amount(amounts: Any, resource: str, value: Any) -> bool:
    name = unescape(resource)
    found = amount(amounts.get(name)) if isinstance(amounts, Mapping) else None
    return found is not None and found == amount(value)


def _policy_types(live: Mapping[str, Any], value: Any) -> str | None:
    spec = live.get("spec") or {}
    default = {"Ingress", "Egress"} if spec.get("egress") else {"Ingress"}
    told = (
        set(value.values())
        if isinstance(value, Mapping)
        else {value}
        if isinstance(value, str)
        else set(value)
    )
    return (
        "the default for its rules"
        if told <= default and set(spec.get("policyTypes") or ()) == default
        else None
    )


_OLD_WEBHOOK = {
    "failurePolicy": "Ignore",
    "matchPolicy": "Exact",
    "sideEffects": "Unknown",
    "timeoutSeconds": 30,
}


def _old_webhook(path: str, value: Any) -> str | None:
    """Source: pkg/apis/admissionregistration/v1beta1/defaults.go."""
    name = path.rpartition("/")[2]
    default = name in _OLD_WEBHOOK and _OLD_WEBHOOK[name] == value
    if default or (name == "admissionReviewVersions" and value == ["v1beta1"]):
        return "the default of admissionregistration.k8s.io/v1beta1"
    return None


def _selector(live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Source: SetDefaults_Deployment and its like, pkg/apis/extensions/v1beta1/defaults.go."""
    labels = _at(live, "/spec/template/metadata/labels")
    name = unescape(path.rpartition("/")[2])
    same = isinstance(labels, Mapping) and (labels.get(name) == value or labels == value)
    return "the default, the labels of its pods" if same else None


def _at(body: Any, path: str) -> Any:
    for part in split(path):
        body = body.get(part) if isinstance(body, Mapping) else _member(body, part)
    return body


def _member(members: Any, name: str) -> Mapping[str, Any] | None:
    if not isinstance(members, list):
        return None
    return next((one for one in members if isinstance(one, Mapping) and one.get("name") == name), None)
