"""The commands that bring a cluster back to what Git says: those of the tool that keeps the object, else
kubectl's or helm's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
from pydantic import SecretStr

from drift.editor import NotEdited, Restoring, Wish
from drift.model import Resource
from providers.kubernetes.argocd import tracked_by
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.editing.layout import manifests
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.exceptions import label, member
from providers.kubernetes.helm_release import Release
from providers.kubernetes.names import namespace_of, parse
from providers.kubernetes.settings import Settings

_FLUX = (
    ("kustomize.toolkit.fluxcd.io", "kustomization", ("--with-source",)),
    ("helm.toolkit.fluxcd.io", "helmrelease", ("--with-source", "--force")),
)
_KINDS = {
    "argoproj.io/Application": "argocd",
    "kustomize.toolkit.fluxcd.io/Kustomization": "kustomization",
    "helm.toolkit.fluxcd.io/HelmRelease": "helmrelease",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """How kubectl and helm are told which cluster is meant. ``context`` is None where drift.yaml names none:
    then it is the current one."""

    name: str
    context: str | None
    kubeconfig: Path | None = None

    @classmethod
    def of(cls, wish: Wish) -> Cluster:
        """The cluster that a finding lies in, as ``live.kubernetes`` reaches it; by its name where that does
        not say."""
        scope, settings = wish.resource.scope, wish.settings.get("kubernetes")
        if not isinstance(settings, Settings):
            return cls(scope, scope)
        for one in settings.contexts or ():
            if scope == (one.name or one.context):
                inside = one.in_cluster or settings.in_cluster
                return cls(
                    scope, None if inside else one.context, _file(one.kubeconfig or settings.kubeconfig)
                )
        own = settings.contexts is None and (scope == settings.name or settings.in_cluster)
        return cls(scope, None if own else scope, _file(settings.kubeconfig))

    def words(self, option: str) -> list[str]:
        """The options; ``option`` is what the program calls a context."""
        found = [] if self.context is None else [option, self.context]
        return (
            found if self.kubeconfig is None else [*found, "--kubeconfig", str(self.kubeconfig.expanduser())]
        )

    @property
    def note(self) -> str:
        """What a person must see to before."""
        return "" if self.context is not None else f"; the current context must be that of {self.name}"


def _file(kubeconfig: Path | SecretStr | None) -> Path | None:
    """The file of a kubeconfig; of one that is kept elsewhere there is none, and people have their own."""
    return kubeconfig if isinstance(kubeconfig, Path) else None


def of_manifests(wish: Wish) -> Restoring | None:
    """``kubectl apply`` of the object's file, unless Argo CD or Flux applies it."""
    if wish.finding.kind == "unmanaged" or wish.finding.declared is None:
        return None
    kept = by_keeper(wish)
    if kept is not None:
        return kept
    origin = wish.finding.declared.origin
    if origin is None or origin.file is None:
        return None
    try:
        file = wish.file(origin.file)
    except NotEdited:
        return None
    words = ["kubectl", "apply", "--server-side", "--force-conflicts", "-f", inside(wish, file)]
    to = Cluster.of(wish)
    words += to.words("--context")
    namespace = wish.location.option("namespace")
    if namespace:
        words += ["--namespace", namespace]
    others = [one for one in manifests(wish) if one.file == origin.file]
    more = f", with the {len(others) - 1} other objects of the file" if len(others) > 1 else ""
    does = (
        f"applies {called(wish.finding.declared)} as Git declares it{more}; the field manager kubectl takes "
        f"over the fields that others changed{to.note}"
    )
    return Restoring((tuple(words),), does)


def of_kustomize(wish: Wish) -> Restoring | None:
    """``kubectl apply -k`` of the folder, unless Argo CD or Flux applies it."""
    if wish.finding.kind == "unmanaged" or wish.finding.declared is None:
        return None
    kept = by_keeper(wish)
    if kept is not None:
        return kept
    path = wish.location.path
    folder = path if path.is_dir() else path.parent
    words = ("kubectl", "apply", "--server-side", "--force-conflicts", "-k", inside(wish, folder))
    does = f"applies all {len(manifests(wish))} objects of the folder, with {called(wish.finding.declared)}"
    to = Cluster.of(wish)
    return Restoring(((*words, *to.words("--context")),), does + to.note)


def of_helm(wish: Wish) -> Restoring | None:
    """``helm upgrade`` of the release, unless Argo CD or Flux installs it."""
    release = wish.declaration
    if wish.finding.kind == "unmanaged" or wish.finding.declared is None or not isinstance(release, Release):
        return None
    kept = by_keeper(wish)
    if kept is not None:
        return kept
    words = ["helm", "upgrade", release.template.name, inside(wish, release.template.chart.path)]
    words += ["--namespace", release.template.namespace]
    for one in release.template.values:
        if not isinstance(one, Path):
            return None  # values that stand in drift.yaml alone
        words += ["--values", inside(wish, one)]
    for key, value in release.template.set.items():
        words += ["--set-json", f"{key}={orjson.dumps(value).decode()}"]
    to = Cluster.of(wish)
    words += to.words("--kube-context")
    does = (
        f"upgrades the release {release.template.name} to the same chart and values, which puts "
        f"{called(wish.finding.declared)} and all that the chart declares back{to.note}"
    )
    return Restoring((tuple(words),), does)


def by_keeper(wish: Wish) -> Restoring | None:
    """The command of Argo CD or Flux, by the marks of the live object, else by what is declared to apply the
    folder; None where neither does."""
    declared, live = wish.finding.declared, wish.finding.live
    assert declared is not None
    if live is not None:
        for domain, kind, options in _FLUX:
            name = label(live, f"{domain}/name")
            if name:
                return _flux(kind, name, label(live, f"{domain}/namespace"), options, declared)
        app = tracked_by(live)
        if app and (_declares(wish, app) or "argocd.argoproj.io/" in str(live.attributes.get("metadata"))):
            return _argo(app, declared)
    for one in _keepers(wish):
        key = _KINDS[one.type.key]
        if key == "argocd":
            return _argo(str(one.name), declared)
        return _flux(key, str(one.name), one.namespace or "", ("--with-source",), declared)
    return None


def by_owner(owner: Ref, declared: Resource) -> Restoring | None:
    """The command of Argo CD or Flux, by its object that applies what is declared; None of others."""
    kind = _KINDS.get(owner.key)
    if kind is None:
        return None
    if kind == "argocd":
        return _argo(f"{owner.namespace}_{owner.name}" if owner.namespace else owner.name, declared)
    options = next(more for _, one, more in _FLUX if one == kind)
    return _flux(kind, owner.name, owner.namespace, options, declared)


def _argo(app: str, declared: Resource) -> Restoring:
    namespace, _, name = app.rpartition("_")
    type_ = parse(declared.type)
    group, kind = (type_.group, type_.kind) if type_ else ("", "")
    place = namespace_of(declared.id)
    called_ = f"{place}/{declared.name}" if place else str(declared.name)
    words = ["argocd", "app", "sync", name, "--resource", f"{group}:{kind}:{called_}"]
    words += ["--app-namespace", namespace] if namespace else []
    does = f"lets Argo CD apply {called(declared)} alone, as the Application {name} declares it"
    return Restoring((tuple(words),), does)


def _flux(kind: str, name: str, namespace: str, options: tuple[str, ...], declared: Resource) -> Restoring:
    words = ["flux", "reconcile", kind, name, *(["--namespace", namespace] if namespace else []), *options]
    does = f"lets Flux apply all that its {kind} {name} declares, with {called(declared)}"
    return Restoring((tuple(words),), does)


def _keepers(wish: Wish) -> Iterator[Manifest]:
    """Declared Applications and Kustomizations that apply the folder in which the object is declared."""
    root = wish.location.root
    if root is None:
        return
    path = wish.location.path
    folder = PurePosixPath(os.path.relpath(path if path.is_dir() else path.parent, root))
    for one in _declared(wish):
        said: Any = None
        if one.type.key == "argoproj.io/Application":
            said = member(one.body, "spec", "source", "path")
        elif one.type.key == "kustomize.toolkit.fluxcd.io/Kustomization":
            said = member(one.body, "spec", "path")
        if isinstance(said, str) and PurePosixPath(os.path.normpath(said.lstrip("/"))) == folder:
            yield one


def _declares(wish: Wish, app: str) -> bool:
    name = app.rpartition("_")[2]
    return any(one.type.key == "argoproj.io/Application" and one.name == name for one in _declared(wish))


def _declared(wish: Wish) -> Iterator[Manifest]:
    for one in wish.around:
        found = getattr(getattr(one, "_found", None), "manifests", ())
        yield from (manifest for manifest in found if manifest.type.key in _KINDS)


def called(resource: Resource) -> str:
    """An object as people call it."""
    type_ = parse(resource.type)
    return f"{type_.kind if type_ else resource.type} {resource.id or resource.name}"


def inside(wish: Wish, path: Path) -> str:
    """A path relative to the top of its repository; a name that begins with a dash is no option."""
    root = wish.location.root
    said = os.path.relpath(path, root) if root is not None else str(path)
    return f"./{said}" if said.startswith("-") else said
