"""Defaults that depend on other fields, which a fact can't say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_PULL_POLICY = re.compile(r"(?P<containers>.*/(?:containers|initContainers))/(?P<name>[^/]+)/imagePullPolicy")
_RESTARTED = "/kubectl.kubernetes.io~1restartedAt"


def conditional(declared: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Why an undeclared live value is what the API server fills in; None where it is not."""
    found = _PULL_POLICY.fullmatch(path)
    if found is not None:
        return _pull_policy(declared, live, found["containers"], found["name"], value)
    if path.startswith("/spec/policyTypes") and live.get("kind") == "NetworkPolicy":
        return _policy_types(live, value)
    if path.endswith(_RESTARTED) and _is_time(value):
        return "a rolling restart, no setting"
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


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _at(body: Any, path: str) -> Any:
    for part in path.strip("/").split("/"):
        body = body.get(part) if isinstance(body, Mapping) else _member(body, part)
    return body


def _member(members: Any, name: str) -> Mapping[str, Any] | None:
    if not isinstance(members, list):
        return None
    return next((one for one in members if isinstance(one, Mapping) and one.get("name") == name), None)
