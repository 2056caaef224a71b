"""Fills name templates from a Terraform resource's attributes: ``{zone}`` is a link's tail, ``{+x}`` the text
as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from providers.gcp import schema

_VARIABLE = re.compile(r"\{(\+?)(\w+)(?:\|([\w,]+))?\}")
_TOP = re.compile(r"(?:^|/)(projects|folders|organizations|billingAccounts)/([^/|]+)")
_LINK = re.compile(
    r"(?:https?:)?//|(?:projects|folders|organizations|billingAccounts|locations|global|regions|zones)/"
)
_VERSION = re.compile(r"/v\d+\w*/")

#: The first words of a Terraform type → the API's host, where they differ from the API's name.
_HOSTS = {
    "cloudfunctions2": "cloudfunctions",
    "cloud_run": "run",
    "cloud_run_v2": "run",
    "cloud_tasks": "cloudtasks",
    "cloud_scheduler": "cloudscheduler",
    "sql": "sqladmin",
    "kms": "cloudkms",
    "vertex_ai": "aiplatform",
    "filestore": "file",
    "service_account": "iam",
    "network_connectivity": "networkconnectivity",
    "network_services": "networkservices",
    "network_security": "networksecurity",
    "network_management": "networkmanagement",
    "data_fusion": "datafusion",
    "data_catalog": "datacatalog",
    "binary_authorization": "binaryauthorization",
    "access_context_manager": "accesscontextmanager",
    "workbench": "notebooks",
    "gke_hub": "gkehub",
    "gke_backup": "gkebackup",
    "certificate_manager": "certificatemanager",
    "dataproc_metastore": "metastore",
    "privateca": "privateca",
    "identity_platform": "identitytoolkit",
    "os_config": "osconfig",
    "resource_manager": "cloudresourcemanager",
    "tags": "cloudresourcemanager",
    "org_policy": "orgpolicy",
    "scc": "securitycenter",
    "iap": "iap",
    "bigquery_connection": "bigqueryconnection",
    "bigquery_reservation": "bigqueryreservation",
    "bigquery_data_transfer": "bigquerydatatransfer",
    "bigquery_analytics_hub": "analyticshub",
    "monitoring": "monitoring",
}


#: Attributes that say what a resource lies in.
_TOP_FIELDS = (
    ("org_id", "organizations"),
    ("organization", "organizations"),
    ("folder", "folders"),
    ("billing_account", "billingAccounts"),
    ("project_id", "projects"),
)


class Variables:
    """What templates may name: the attributes, and the project where they don't tell it."""

    def __init__(self, attributes: Mapping[str, Any], scope: str | None) -> None:
        self.attributes = attributes
        top = globals()["scope"](attributes)
        lent = scope if scope and "/" not in scope else None
        self.project = top if top and "/" not in top else lent

    def get(self, name: str) -> str | None:
        """The attribute's text, None where it says nothing."""
        value = self.attributes.get(name)
        if name == "project" and not value:
            return self.project
        if isinstance(value, bool) or not isinstance(value, str | int) or value in ("", 0):
            return None
        return str(value)


def fill(template: str, values: Variables) -> str | None:
    """The template with its variables filled; None where one has no value.

    ``{x|a,b}`` takes a full path as it stands and a short form (``p/i/j`` or ``i/j``) as
    ``projects/p/a/i/b/j``. A ``{name}`` that is no link may have a slash of its own.
    """
    found: list[str] = []
    at = 0
    for match in _VARIABLE.finditer(template):
        text = values.get(match[2])
        if text is None:
            return None
        if match[3]:
            path = _whole(text, match[3].split(","), values.project)
            if path is None:
                return None
            text = path
        elif not match[1] and (match[2] != "name" or _LINK.match(text)):
            text = text.rstrip("/").rpartition("/")[2]
        found += [template[at : match.start()], text]
        at = match.end()
    return "".join(found) + template[at:]


def _whole(text: str, collections: list[str], project: str | None) -> str | None:
    path = text[text.index("projects/") :] if "projects/" in text else None
    if path is not None:
        return path
    parts = text.split("/")
    if len(parts) == len(collections) + 1:
        project, parts = parts[0], parts[1:]
    if project is None or len(parts) != len(collections):
        return None
    return "/".join(["projects", project, *(f"{c}/{p}" for c, p in zip(collections, parts, strict=True))])


def scope(attributes: Mapping[str, Any]) -> str | None:
    """``my-project``, ``folders/1`` or ``organizations/1``, as the attributes tell."""
    project = attributes.get("project")
    if isinstance(project, str) and project:
        return project.removeprefix("projects/")
    for name in ("self_link", "id", "name", "parent"):
        value = attributes.get(name)
        found = scope_of(value) if isinstance(value, str) else None
        if found:
            return found
    for name, top in _TOP_FIELDS:
        value = attributes.get(name)
        if isinstance(value, str | int) and value:
            tail = str(value).rpartition("/")[2]
            return tail if top == "projects" else f"{top}/{tail}"
    return None


def scope_of(name: str | None) -> str | None:
    """The scope that a full resource name or a link is in."""
    found = _TOP.search(name) if name else None
    if found is None:
        return None
    return found[2] if found[1] == "projects" else f"{found[1]}/{found[2]}"


def host_of(words: str) -> str | None:
    """The API's host of a Terraform type without its ``google_``; the longest known beginning decides."""
    parts = words.split("_")
    for length in range(len(parts), 0, -1):
        start = parts[:length]
        for name in (_HOSTS.get("_".join(start)), "".join(start)):
            if name and schema.collections(f"{name}.googleapis.com"):
                return f"{name}.googleapis.com"
    return None


def kind_of(host: str, path: str) -> tuple[str, str] | None:
    """(kind, schema) of the resource at ``path``: of the API's collection that the path is a member of."""
    parts = path.split("/")
    shape = [part if at % 2 == 0 else "*" for at, part in enumerate(parts)]
    for known, name in schema.collections(host):
        pieces = known.split("/")
        if len(pieces) < 2 or not name:
            continue
        same = len(pieces) == len(parts) and all(
            p in ("*", part) for p, part in zip(pieces, parts, strict=True)
        )
        if pieces == shape or same:
            return schema.kind(host, pieces[-2], name), name
    return None
