"""The names of Google Cloud's resources: Cloud Asset's full resource names, and the bindings of IAM
policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.model import Origin, Resource
from providers.gcp.spelling import member as spelled
from providers.gcp.spelling import split

BINDING = "iam.googleapis.com/Binding"
AUDIT_CONFIG = "iam.googleapis.com/AuditConfig"
_TYPE = re.compile(r"[a-z0-9][a-z0-9.-]*\.[a-z]+/[A-Za-z][A-Za-z0-9]*", re.ASCII)
#: A slash within a name, as some answers escape it.
_SLASH = re.compile("%2f", re.I)
_TOPS = ("projects", "folders", "organizations", "billingAccounts")
#: API's host → host of Cloud Asset's names (https://cloud.google.com/asset-inventory/docs/asset-names).
_NAME_HOSTS = {
    "sqladmin.googleapis.com": "cloudsql.googleapis.com",
    "bigtableadmin.googleapis.com": "bigtable.googleapis.com",
}


def is_type(text: str) -> bool:
    """Whether a text has the form of a Cloud Asset type (``compute.googleapis.com/Instance``)."""
    return _TYPE.fullmatch(text) is not None


def full_name(host: str, path: str) -> str:
    """The full resource name of what stands at ``path`` of an API.

    >>> full_name("compute.googleapis.com", "projects/p/global/networks/n")
    '//compute.googleapis.com/projects/p/global/networks/n'
    """
    return canonical(f"//{_NAME_HOSTS.get(host, host)}/{path.strip('/')}")


def canonical(name: str) -> str:
    """The one spelling of a full resource name, of a self link, or of a binding's id.

    >>> canonical("https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/i")
    '//compute.googleapis.com/projects/p/zones/z/instances/i'
    >>> canonical("//storage.googleapis.com/projects/_/buckets/b")
    '//storage.googleapis.com/b'
    """
    resource, bar, grant = name.partition("|")
    service, parts = split(_SLASH.sub("/", resource))
    if not service:
        return name
    if bar:
        role, between, rest = grant.partition("|")
        who, end, condition = rest.partition("|")
        grant = f"{role}{between}{spelled(who)}{end}{condition}"
    host = service if "." in service else f"{service}.googleapis.com"
    if host == "storage.googleapis.com":
        if parts[:1] == ["projects"] and parts[2:3] == ["buckets"]:
            parts = parts[3:]
        elif parts[:1] == ["b"] and len(parts) > 1:
            parts = parts[1:]
    return f"//{_NAME_HOSTS.get(host, host)}/{'/'.join(parts)}{bar}{grant}"


def identity(resource: Resource) -> str | None:
    """A resource's id in the one spelling: a service account by its address, which its id or a number may
    stand for."""
    if resource.id is None:
        return None
    name = canonical(resource.id)
    email = resource.attributes.get("email")
    if resource.type == "iam.googleapis.com/ServiceAccount" and isinstance(email, str) and "@" in email:
        return f"{name.rpartition('/')[0]}/{email}"
    return name


def known(name: str, context: Mapping[str, Any]) -> str:
    """A name with its project by id, and its service account by address, where the snapshot's context tells
    them.

    A number is a project's only where ``projects`` says so (number → id); an account's unique id where
    ``accounts`` does (unique id → address).
    """
    resource, bar, grant = name.partition("|")
    parts = resource.split("/")
    projects: Mapping[str, str] = context.get("projects") or {}
    accounts: Mapping[str, str] = context.get("accounts") or {}
    for at, part in enumerate(parts[1:], 1):
        if parts[at - 1] == "projects":
            parts[at] = str(projects.get(part, part))
        elif parts[at - 1] == "serviceAccounts":
            parts[at] = str(accounts.get(part, part))
    return "/".join(parts) + bar + grant


def scope_of(name: str) -> str | None:
    """The project (by what the name calls it), ``folders/N`` or ``organizations/N`` that a name lies in; None
    where it does not say."""
    parts = name.partition("|")[0].strip("/").split("/")
    for top, value in zip(parts, parts[1:], strict=False):
        if top in _TOPS:
            apigee = top == "organizations" and not value.isdigit()  # called like the project that it lies in
            return value if top == "projects" or apigee else f"{top}/{value}"
    return None


def binding(
    resource: str,
    role: str,
    member: str,
    condition: Mapping[str, Any] | None = None,
    *,
    scope: str,
    origin: Origin | None = None,
) -> Resource:
    """One grant as a resource: ``NAME|role|member``, and the condition where there is one."""
    id_ = f"{resource}|{role}|{member}"
    body: dict[str, Any] = {"resource": resource, "role": role, "member": member}
    if condition:
        id_ += f"|{condition.get('title', '')}:{condition.get('expression', '')}"
        body["condition"] = dict(condition)
    return Resource("gcp", scope, BINDING, id_, body, name=f"{role} {member}", origin=origin)
