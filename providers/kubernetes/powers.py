"""What an object may do: the images that its pods run, what of their node they reach, whom they act as; whom
a role serves. What somebody runs in another's name has more of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.kinds.text import canonical_text
from providers.kubernetes.facts import is_custom
from providers.kubernetes.names import of_object

_POD_SPECS = (
    ("spec", "jobTemplate", "spec", "template", "spec"),
    ("spec", "template", "spec"),
    ("template", "spec"),
    ("spec",),
)
_OF_NODE = ("hostNetwork", "hostPID", "hostIPC")
_ACCESS = ("rules", "roleRef", "subjects", "webhooks")


def powers(body: Mapping[str, Any]) -> frozenset[str]:
    """All that an object may do, a text each; none where it runs nothing and gives no access."""
    found = [f"{name} {canonical_text(body[name])}" for name in _ACCESS if body.get(name)]
    spec = _pod_spec(body)
    if spec is not None:
        found.extend(_of_pod(spec))
    elif (type_ := of_object(body)) is not None and is_custom(type_) and body.get("spec"):
        found.append(f"asks for {canonical_text(body['spec'])}")  # what its operator makes of it
    return frozenset(found)


def _pod_spec(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for path in _POD_SPECS:
        value: Any = body
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        if isinstance(value, Mapping) and isinstance(value.get("containers"), list):
            return value
    return None


def _of_pod(spec: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for name in _OF_NODE if spec.get(name))
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    yield f"acts as {account}"
    for volume in _members(spec, "volumes"):
        path = volume.get("hostPath")
        if isinstance(path, Mapping):
            yield f"sees {path.get('path')}"
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        for container in _members(spec, kind):
            yield f"runs {container.get('image')}"
            for name in ("command", "args"):
                if container.get(name):
                    yield f"runs {canonical_text(container[name])}"
            context = container.get("securityContext")
            if isinstance(context, Mapping):
                if context.get("privileged"):
                    yield "is privileged"
                capabilities = context.get("capabilities")
                added = capabilities.get("add") if isinstance(capabilities, Mapping) else None
                yield from (f"can {one}" for one in added or ())


def _members(spec: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = spec.get(name)
    yield from (one for one in (found if isinstance(found, list) else ()) if isinstance(one, Mapping))
