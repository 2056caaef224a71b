"""The least privilege for what is configured, as a custom role of Google Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import yaml

from drift.provider import Grant, Wanted
from providers.gcp import resources
from providers.gcp.live import POLICIES
from providers.gcp.settings import Settings


def role(settings: Settings, wanted: Wanted, urls: Sequence[str]) -> Grant:
    """A role that lists the assets that the settings select, with what all reading takes."""
    document = {
        "title": "drift reader",
        "description": "Reads what drift compares, and nothing else.",
        "stage": "GA",
        "includedPermissions": sorted(set(_permissions(settings, wanted))),
    }
    tops = [
        *(f"organization {one}" for one in settings.organizations),
        *(f"folder {one}" for one in settings.folders),
    ]
    notes = [
        f"grant it on {', '.join(tops) or 'each project that is read'}",
        "gcloud iam roles create driftReader --project PROJECT --file FILE makes it (or --organization N)",
    ]
    if settings.quota_project:
        notes.append(f"and serviceusage.services.use on {settings.quota_project}")
    buckets = sorted({urlsplit(url).netloc for url in urls})
    if buckets:
        notes.append(f"and roles/storage.objectViewer on {', '.join(buckets)}, where declared files are")
    return Grant(yaml.safe_dump(document, sort_keys=False, width=120), tuple(notes))


def _permissions(settings: Settings, wanted: Wanted) -> Iterator[str]:
    """Source: https://cloud.google.com/asset-inventory/docs/access-control and
    https://cloud.google.com/resource-manager/docs/access-control-proj."""
    yield from ("cloudasset.assets.listResource", "resourcemanager.projects.get")
    yield "logging.logEntries.list"  # who did it: https://cloud.google.com/logging/docs/access-control
    if any(settings.reads(type_) and wanted.selects(type_) for type_ in POLICIES):
        yield "cloudasset.assets.listIamPolicy"
    if settings.folders or settings.organizations:
        yield from (
            "cloudasset.assets.searchAllResources",
            "resourcemanager.folders.get",
            "resourcemanager.folders.list",
            "resourcemanager.projects.list",
        )
    if settings.organizations:
        yield "resourcemanager.organizations.get"
    for entry in resources.entries().values():
        if entry.type in wanted.types and settings.reads(entry.type):
            yield entry.permission
