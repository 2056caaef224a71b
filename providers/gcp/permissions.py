"""The least privilege for what is configured, as a custom role of Google Cloud: to paste, or as Terraform."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import yaml

from drift.live.estate import ANY
from drift.provider import Grant
from drift.task import Wanted
from providers.gcp import resources
from providers.gcp.live import POLICIES
from providers.gcp.settings import Settings

#: Where a permission is needed: in each project that is read by itself, or in an organization or folder that
#: is read as a whole; grants there hold below, too.
Level = Literal["project", "top"]


class Need(NamedTuple):
    """A permission, where it is needed, and the types that are blind without it (``*``: all; none: something
    else is not told, which ``loses`` says)."""

    permission: str
    level: Level
    types: tuple[str, ...] = ()
    loses: str = ""


def role(settings: Settings, wanted: Wanted, urls: Sequence[str]) -> Grant:
    """A role that lists the assets that the settings select, with what all reading takes; as a file for
    ``gcloud``, and as Terraform with its grants."""
    permissions = sorted({one.permission for one in needs(settings, wanted)})
    document = {
        "title": "drift reader",
        "description": "Reads what drift compares, and nothing else.",
        "stage": "GA",
        "includedPermissions": permissions,
    }
    tops = [
        *(f"organization {one}" for one in settings.organizations),
        *(f"folder {one}" for one in settings.folders),
    ]
    notes = [f"grant it on {', '.join(tops) or 'each project that is read'}"]
    if settings.quota_project:
        notes.append(f"and serviceusage.services.use on {settings.quota_project}")
    buckets = sorted({urlsplit(url).netloc for url in urls})
    if buckets:
        notes.append(f"and roles/storage.objectViewer on {', '.join(buckets)}, where declared files are")
    made = "gcloud iam roles create driftReader --project PROJECT --file FILE makes it (or --organization N)"
    text = yaml.safe_dump(document, sort_keys=False, width=120)
    form = Grant(
        _terraform(settings, permissions), (*notes[1:], "apply it by -var 'member=serviceAccount:…'")
    )
    return Grant(text, (notes[0], made, *notes[1:]), {"terraform": form})


def needs(settings: Settings, wanted: Wanted) -> Iterator[Need]:
    """Source: https://cloud.google.com/asset-inventory/docs/access-control and
    https://cloud.google.com/resource-manager/docs/access-control-proj."""
    tops = bool(settings.folders or settings.organizations)
    levels: tuple[Level, ...] = ("project", "top") if tops else ("project",)
    if settings.projects is not None or not tops:
        number = "its number is not known, so that what names it by that is not compared with its id"
        yield Need("resourcemanager.projects.get", "project", (), number)
    for level in levels:
        yield Need("cloudasset.assets.listResource", level, (ANY,))
        # https://cloud.google.com/logging/docs/access-control
        yield Need("logging.logEntries.list", level, (), "who did what is new is not told")
        policies = tuple(one for one in POLICIES if settings.reads(one) and wanted.selects(one))
        if policies:
            yield Need("cloudasset.assets.listIamPolicy", level, policies)
        for entry in resources.entries().values():
            if entry.type in wanted.types and settings.reads(entry.type) and wanted.selects(entry.type):
                yield Need(entry.permission, level, (entry.type,))
    if tops:
        yield Need("cloudasset.assets.searchAllResources", "top", (ANY,))
        yield Need("resourcemanager.folders.list", "top", (ANY,))
        yield Need("resourcemanager.projects.list", "top", (ANY,))


_TERRAFORM = """\
# What drift needs to read Google Cloud, and nothing else: a role, and its grants to who runs drift.

terraform {{
  required_providers {{
    google = {{
      source = "hashicorp/google"
    }}
  }}
}}

variable "member" {{
  description = "Who runs drift: serviceAccount:…, or principal://… of a workload identity pool."
  type        = string
}}
"""
_ROLE = """
resource "{type}" "drift" {{
  {of} = {id}
  role_id     = "driftReader"
  title       = "drift reader"
  description = "Reads what drift compares, and nothing else."
  permissions = {permissions}
}}
"""
_GRANTS = """
resource "{type}" "{name}" {{
  for_each = toset({places})

  {of} = each.value
  {as_role} = {role}.drift.id
  {member} = var.member
}}
"""
_ASKED = """
variable "{name}" {{
  description = "{description}"
  type        = {type}
}}
"""


def _terraform(settings: Settings, permissions: Sequence[str]) -> str:
    """A role of an organization holds everywhere in it, and one of a project only there."""
    parts = [_TERRAFORM.format()]
    plain = [one for one in settings.projects or () if not set(one) & set("*?[")]
    globs = len(plain) < len(settings.projects or ())
    tops = settings.folders or settings.organizations
    if tops or globs or len(plain) > 1:
        kind, of = "google_organization_iam_custom_role", "org_id     "
        id_ = _hcl(settings.organizations[0]) if settings.organizations else "var.organization"
        if not settings.organizations:
            words = "Number of the organization that the role is made in."
            parts.append(_ASKED.format(name="organization", description=words, type="string"))
    else:
        kind, of = "google_project_iam_custom_role", "project    "
        id_ = _hcl(plain[0]) if plain else "var.project"
        if not plain:
            words = "Id of the project that is read."
            parts.append(_ASKED.format(name="project", description=words, type="string"))
    parts.append(_ROLE.format(type=kind, of=of, id=id_, permissions=_list(permissions)))
    places: list[tuple[str, str, str, str]] = []
    if settings.organizations:
        places.append(("organization", "org_id", "organizations", _list(settings.organizations)))
    if settings.folders:
        folders = _list([f"folders/{one}" for one in settings.folders])
        places.append(("folder", "folder", "folders", folders))
    if plain or globs or not tops:
        listed = _list(plain)
        if globs:
            words = "Ids of the projects that are read."
            parts.append(_ASKED.format(name="projects", description=words, type="list(string)"))
            listed = f"concat(var.projects, {listed})" if plain else "var.projects"
        elif not plain:
            listed = "[var.project]"
        places.append(("project", "project", "projects", listed))
    for what, word, name, listed in places:
        of, as_role, member = (one.ljust(max(len(word), 6)) for one in (word, "role", "member"))
        said = {
            "type": f"google_{what}_iam_member",
            "name": name,
            "of": of,
            "as_role": as_role,
            "member": member,
        }
        parts.append(_GRANTS.format(**said, places=listed, role=kind))
    return "".join(parts)


def _list(values: Sequence[str]) -> str:
    if len(values) < 2:
        return f"[{', '.join(map(_hcl, values))}]"
    return "[\n" + "".join(f"    {_hcl(one)},\n" for one in values) + "  ]"


def _hcl(value: Any) -> str:
    """A literal of HCL, in which ``${`` and ``%{`` begin an expression."""
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
