"""A first section `live.gcp`: the projects that configurations of gcloud name."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.proposal import Found, Proposal
from providers.gcp.terraform import GcpTerraform

_LANGUAGE = "config-connector"


def propose(found: Found) -> Proposal | None:
    """The project of the active configuration, else the credential's own; others are named for people."""
    asked = _LANGUAGE in found.languages or any(map(GcpTerraform().owns, found.types))
    projects = _projects(found.environment, found.home)
    active = _active(found.environment, found.home)
    own = found.environment.get("GOOGLE_CLOUD_PROJECT") or projects.get(active)
    if not asked and not projects and not own:
        return None
    comments = [
        "Google Cloud: by Application Default Credentials; `folders` and `organizations` read all below."
    ]
    if projects:
        told = ", ".join(sorted(set(projects.values())))
        comments.append(f"Projects that gcloud's configurations name: {told}.")
    section: dict[str, Any] = {"projects": [own]} if own else {}
    return Proposal(section, asked, tuple(comments))


def _folder(environment: Mapping[str, str], home: Path) -> Path:
    """Source: https://cloud.google.com/sdk/docs/configurations."""
    return Path(environment.get("CLOUDSDK_CONFIG") or home / ".config" / "gcloud").expanduser()


def _active(environment: Mapping[str, str], home: Path) -> str:
    said = environment.get("CLOUDSDK_ACTIVE_CONFIG_NAME")
    if said:
        return said
    try:
        return (_folder(environment, home) / "active_config").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return "default"


def _projects(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """The project of each configuration that names one."""
    found = {}
    for file in sorted(_folder(environment, home).glob("configurations/config_*")):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        project = parser.get("core", "project", fallback="")
        if project:
            found[file.name.removeprefix("config_")] = project
    return found
