"""The least privilege for what is configured, as a ClusterRole: `list` of what is read, never `get`, which
would include running commands in containers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from drift.provider import Grant, Wanted
from drift.safe_yaml import data
from providers.kubernetes.names import parse
from providers.kubernetes.settings import Settings

_PATHS = ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/version", "/version/"]


@cache
def served() -> Mapping[str, Mapping[str, str]]:
    """What Kubernetes itself serves: group → plural → kind."""
    return {group: dict(kinds) for group, kinds in data(Path(__file__).with_name("resources.yaml")).items()}


def role(settings: Settings, wanted: Wanted) -> Grant:
    """A ClusterRole that lists the kinds that the settings select."""
    rules, notes = _rules(settings, wanted)
    document = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "drift-read-only"},
        "rules": [*rules, {"nonResourceURLs": _PATHS, "verbs": ["get"]}],
    }
    if not settings.all_namespaces:
        notes.append("what is left out of namespaces is left out by drift; the role lists in all of them")
    return Grant(yaml.safe_dump(document, sort_keys=False, width=120), tuple(notes))


def _rules(settings: Settings, wanted: Wanted) -> tuple[list[dict[str, Any]], list[str]]:
    if settings.kinds == ["*"] and not settings.exclude_kinds:
        note = (
            "Secrets are listed, too, and hidden when they are read: exclude_kinds: [Secret] leaves them out"
        )
        return [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["list"]}], [note]
    rules, whole = [], []
    for group, kinds in served().items():
        chosen = [
            plural
            for plural, kind in kinds.items()
            if settings.reads_kind(f"{group}/{kind}" if group else kind)
        ]
        if group and len(chosen) == len(kinds):
            whole.append(group)
        elif chosen:
            rules.append({"apiGroups": [group], "resources": sorted(chosen), "verbs": ["list"]})
    names = [name for type_ in wanted.types if (name := parse(type_)) is not None]
    own = sorted(
        {name.group for name in names if name.group not in served() and settings.reads_kind(name.key)}
    )
    if whole or own:
        rules.append({"apiGroups": [*whole, *own], "resources": ["*"], "verbs": ["list"]})
    return rules, [
        "a role can't say all but: add the API groups of your own custom resources that are not in it"
    ]
