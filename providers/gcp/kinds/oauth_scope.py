"""OAuth scopes, which people call by gcloud's short names and the APIs by their addresses."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_PREFIX = "https://www.googleapis.com/auth/"
#: Short name → what its address ends with.
#: Source: https://cloud.google.com/sdk/gcloud/reference/compute/instances/create#--scopes.
_NAMES = {
    "bigquery": "bigquery",
    "cloud-platform": "cloud-platform",
    "cloud-source-repos": "source.full_control",
    "cloud-source-repos-ro": "source.read_only",
    "compute-ro": "compute.readonly",
    "compute-rw": "compute",
    "datastore": "datastore",
    "logging-write": "logging.write",
    "monitoring": "monitoring",
    "monitoring-read": "monitoring.read",
    "monitoring-write": "monitoring.write",
    "pubsub": "pubsub",
    "service-control": "servicecontrol",
    "service-management": "service.management.readonly",
    "sql": "sqlservice",
    "sql-admin": "sqlservice.admin",
    "storage-full": "devstorage.full_control",
    "storage-ro": "devstorage.read_only",
    "storage-rw": "devstorage.read_write",
    "taskqueue": "taskqueue",
    "trace": "trace.append",
    "trace-ro": "trace.readonly",
    "useraccounts-ro": "cloud.useraccounts.readonly",
    "useraccounts-rw": "cloud.useraccounts",
    "userinfo-email": "userinfo.email",
}


def _oauth_scope(value: Any, context: Context) -> Canonical:
    """The address of a scope.

    >>> _oauth_scope("storage-ro", Context())
    'https://www.googleapis.com/auth/devstorage.read_only'
    """
    return f"{_PREFIX}{_NAMES[value]}" if isinstance(value, str) and value in _NAMES else value


OAUTH_SCOPE = Kind("oauth-scope", _oauth_scope)
