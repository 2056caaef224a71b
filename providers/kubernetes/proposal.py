"""A first section `live.kubernetes`: the contexts of the kubeconfig."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.errors import DriftError
from drift.proposal import Found, Proposal
from drift.safe_yaml import YamlError, load

_LANGUAGES = frozenset({"gitops", "helm", "kustomize", "manifests"})


def propose(found: Found) -> Proposal | None:
    """The current context; others are named for people."""
    asked = not _LANGUAGES.isdisjoint(found.languages)
    contexts, current = _contexts(found.environment, found.home)
    if not asked and not contexts:
        return None
    comments = [
        "Kubernetes: by the kubeconfig, or the service account where drift runs in the cluster.",
        "A context's name is the cluster's `scope` in what is declared; {name: prod, context: …} gives "
        "another.",
    ]
    if contexts:
        comments.append(f"Contexts of the kubeconfig: {', '.join(contexts)}.")
    section: dict[str, Any] = {"contexts": [current]} if current in contexts else {}
    return Proposal(section, asked, tuple(comments))


def _contexts(environment: Mapping[str, str], home: Path) -> tuple[list[str], str | None]:
    """The names of the contexts, and the current one: nothing else of the files is kept. Source:
    https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/."""
    said = environment.get("KUBECONFIG")
    files = [Path(one) for one in said.split(os.pathsep) if one] if said else [home / ".kube" / "config"]
    names: dict[str, None] = {}
    current: str | None = None
    for file in files:
        try:
            document = load(file.expanduser().read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, YamlError, DriftError):
            continue
        if not isinstance(document, Mapping):
            continue
        for one in document.get("contexts") or ():
            if isinstance(one, Mapping) and isinstance(one.get("name"), str):
                names[one["name"]] = None
        if current is None and isinstance(document.get("current-context"), str):
            current = str(document["current-context"]) or None
    return list(names), current
