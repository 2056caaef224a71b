"""Tells what Google Cloud makes by itself, so that nobody is asked to declare it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.model import Resource
from providers.gcp.names import BINDING

#: Service agents (https://cloud.google.com/iam/docs/service-agents): accounts of Google's own projects.
_AGENT = re.compile(
    r"serviceAccount:(?:service-(?P<number>\d+)@[a-z0-9-]+\.iam\.gserviceaccount\.com"
    r"|(?P<bare>\d+)@(?:cloudservices|cloudbuild)\.gserviceaccount\.com)"
)


def made_by_google(live: Resource, context: Mapping[str, Any]) -> str | None:
    """Why Google Cloud made this live resource; None when somebody did."""
    if live.type == BINDING:
        return _binding(live, context)
    return None


def _binding(live: Resource, context: Mapping[str, Any]) -> str | None:
    found = _AGENT.fullmatch(str(live.attributes.get("member", "")))
    role = str(live.attributes.get("role", ""))
    if found and "serviceagent" in role.lower():
        return "a service agent's own role"
    return None
