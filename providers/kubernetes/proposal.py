"""A first section `live.kubernetes`: the contexts of the kubeconfig."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.errors import DriftError
from drift.listing import beginning
from drift.proposal import Found, Proposal
from drift.safe_yaml import YamlError, load

_RELEASES = re.compile(
    rb"(?m)^releases:\s*(?:#.*)?$[\s\S]{0,2000}?^\s+(?:-\s+)?chart:|^helmfiles:\s*(?:#.*)?$"
)
_RENDER = (
    "is a Helmfile, whose charts are not fetched and rendered here; declare the folder that `helmfile "
    "template --output-dir DIR` writes, for each environment one"
)
_LANGUAGES = frozenset({"gitops", "helm", "kustomize", "manifests"})


def propose(found: Found) -> Proposal | None:
    """The current context; others are named for people."""
    asked = not _LANGUAGES.isdisjoint(found.languages)
    contexts, current = _contexts(found.environment, found.home)
    advice = {name: _RENDER for name in found.strange if _is_helmfile(found.folder / name)}
    if not asked and not contexts and not advice:
        return None
    comments = [
        "Kubernetes: by the kubeconfig, or the service account where drift runs in the cluster.",
        "A context's name is the cluster's `scope` in what is declared; {name: prod, context: …} gives "
        "another.",
    ]
    if contexts:
        comments.append(f"Contexts of the kubeconfig: {', '.join(contexts)}.")
    section: dict[str, Any] = {"contexts": [current]} if current in contexts else {}
    return Proposal(section, asked, tuple(comments), advice)


def _is_helmfile(file: Path) -> bool:
    """Whether a file says releases of charts, as Helmfile takes them."""
    return _RELEASES.search(beginning(file)) is not None


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
