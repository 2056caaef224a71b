"""Which tool makes an Application's objects, and what files beside them say over the Application.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/tool_detection/ and .../parameters/
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import is_chart, kustomization
from providers.kubernetes.engines.argocd.applications import Source
from providers.kubernetes.engines.trees import Tree

TOOLS = ("helm", "kustomize", "directory", "plugin")
#: What a file may not say over the Application: where the source is.
_PLACE = ("repoURL", "path", "targetRevision", "chart", "ref", "name")


def tool_of(source: Source, folder: Path) -> str:
    """One of :data:`TOOLS`: what the source says, else as the folder's content tells."""
    if "plugin" in source.said and source.said["plugin"] is not None:
        return "plugin"
    explicit = [name for name in ("helm", "kustomize", "directory") if source.section(name)]
    if len(explicit) > 1:
        raise DeclaredError(f"it names several tools: {', '.join(explicit)}")
    if is_chart(folder):
        return "helm" if not explicit else explicit[0]
    if explicit:
        return explicit[0]
    return "kustomize" if kustomization(folder) is not None else "directory"


def overridden(source: Source, tree: Tree, folder: Path, names: tuple[str, ...]) -> Source:
    """The source with what ``.argocd-source.yaml`` and ``.argocd-source-NAME.yaml`` beside its files say.
    Raises DeclaredError where one is broken."""
    said: Any = dict(source.said)
    files = dict.fromkeys([".argocd-source.yaml", *(f".argocd-source-{name}.yaml" for name in names)])
    for name in files:
        file = folder / name
        if not file.is_file():
            continue
        shown = tree.shown(file)
        try:
            more = load(reading.content(file, shown))
        except YamlError as error:
            raise DeclaredError(f"{error.at(shown)}: {error}") from error
        if more is not None and not isinstance(more, dict):
            raise DeclaredError(f"{shown}: must be a mapping of what it says over the source")
        said = merged(said, {key: value for key, value in (more or {}).items() if key not in _PLACE})
    return Source(said)


def merged(one: Any, patch: Any) -> Any:
    """A value with a JSON merge patch. Source: RFC 7396."""
    if not isinstance(patch, Mapping):
        return patch
    found = dict(one) if isinstance(one, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found
