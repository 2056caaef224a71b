"""Jenkins X 3: ``config-root`` is what the boot Job applies with kubectl; all else in its repository is what
that folder is rendered from.

Source: jenkins-x/jx3-versions, src/Makefile.mk (targets kubectl-apply, kapp-apply, kpt-apply, fetch and
post-build); jenkins-x/jx-git-operator, pkg/launcher; jenkins-x-plugins/jx-gitops, pkg/cmd/namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.model import Resource
from providers.kubernetes.declared_layouts import CONFIG_ROOT, REQUIREMENTS, config_root
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.declared_units import plain_files
from providers.kubernetes.engines.objects import Ref, Rendered, Unfollowed
from providers.kubernetes.engines.step import BaseEngine, Step
from providers.kubernetes.engines.world import World

_LABEL = "gitops.jenkins-x.io/pipeline"
_CRDS, _CLUSTER, _NAMESPACES = "customresourcedefinitions", "cluster", "namespaces"
#: Where the operator runs, and so its Jobs: kubectl puts objects that name no namespace there.
_OPERATOR = "jx-git-operator"
#: What the operator itself applies before each Job, in the order in which it looks for it.
_RESOURCES = ("versionStream/git-operator/resources", ".jx/git-operator/resources")
_BOOT = "git-operator.jenkins.io/kind"
_COMMIT = "git-operator.jenkins.io/commit-sha"
_URL = "git-operator.jenkins.io/repo-url"
_HASH = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_APPLY = re.compile(r"^\s*(?:export\s+)?KUBEAPPLY\s*[:?]?=\s*(\S+)", re.M)


@dataclass(frozen=True)
class Part:
    """One folder of ``config-root`` (or the operator's own resources) in one cluster. ``label`` is the value
    of the pipeline's label that kubectl selects by; empty where it selects nothing."""

    folder: Path
    files: tuple[Path, ...]
    scope: str
    via: tuple[str, ...]
    namespace: str
    label: str = ""
    left_out: str = ""
    takes: Path | None = None

    @property
    def key(self) -> str:
        return f"{self.scope}|jenkins-x|{self.folder}|{self.namespace}"

    @property
    def owner(self) -> Ref:
        return _whole(self.scope)

    def rendered(self, world: World) -> Rendered:
        """Reads the files; one that can't be read is a problem of its own."""
        found = world.renderers.files(world.tree, self.files, strict=False)  # charts of Tekton repeat keys
        several = [replace(one, applied_as_is=True) for one in found.manifests]
        if self.left_out:
            several = [replace(one, left_out=self.left_out) for one in several]
        elif self.label:
            several = _selected(several, self.label)
        found.manifests = several
        return Rendered(found, world.tree, self.namespace)


class JenkinsX(BaseEngine):
    """The engine ``jenkins-x``."""

    name = "jenkins-x"

    def begin(self, world: World) -> Sequence[Step]:
        root = config_root(world.folder)
        if root is None:
            return []
        selects = _applies_by_label(root)
        parts = [
            Part(
                root / name,
                tuple(_files(root / name)),
                world.scope,
                (CONFIG_ROOT, name),
                _OPERATOR,
                name if selects else "",
                takes=root / name,
            )
            for name in (_CRDS, _CLUSTER)
            if (root / name).is_dir()
        ]
        return [*parts, *self._namespaces(root / _NAMESPACES, world, selects), *self._own(world)]

    def unfollowed(self, world: World) -> Iterable[Unfollowed]:
        if config_root(world.folder) is not None:
            return
        shown = world.tree.shown(world.folder)
        yield Unfollowed(
            f"{shown}: a repository of Jenkins X that is not rendered yet",
            f"it has {REQUIREMENTS} and no {CONFIG_ROOT}, which the boot Job makes and applies; nothing of "
            "it is declared so far",
            _whole(world.scope),
            (shown,),
        )

    def applied(self, step: Step, world: World) -> str | None:
        """The commit of the newest boot Job that ended well."""
        done = [job for job in _jobs(step.scope, world) if _condition(job, "Complete")]
        if not done:
            return None
        commit = _metadata(max(done, key=_made), "labels").get(_COMMIT)
        return commit if isinstance(commit, str) and _HASH.fullmatch(commit) else None

    def stays(self, owner: Ref, world: World) -> str:
        operator = world.found(Ref(owner.scope, "apps/Deployment", _OPERATOR, _OPERATOR))
        if operator is not None and (operator.attributes.get("spec") or {}).get("replicas") == 0:
            return f"the git operator ({_OPERATOR}/{_OPERATOR}) is scaled to nothing"
        newest = max(_jobs(owner.scope, world), key=_made, default=None)
        if newest is not None and (failed := _condition(newest, "Failed")):
            why = failed.get("message") or failed.get("reason") or "it says no reason"
            return f"the last boot Job, {newest.id}, failed: {why}"
        return "the git operator applies a commit once, when it is new"

    def claims(self, live: Resource) -> Ref | None:
        return _whole(live.scope) if _LABEL in _metadata(live, "labels") else None

    def _namespaces(self, folder: Path, world: World, selects: bool) -> Iterator[Part]:
        """A part for each namespace's folder, and one for what lies beside them."""
        label = _NAMESPACES if selects else ""
        if not folder.is_dir():
            return
        files = _files(folder)
        for one in sorted({file.relative_to(folder).parts[0] for file in files}):
            place, inside = folder / one, one if (folder / one).is_dir() else ""
            if not inside:
                continue
            own = tuple(file for file in files if file.is_relative_to(place))
            via = (CONFIG_ROOT, f"{_NAMESPACES}/{one}")
            yield Part(place, own, world.scope, via, one, label, takes=place)
        beside = tuple(file for file in files if file.parent == folder)
        if beside:
            via = (CONFIG_ROOT, _NAMESPACES)
            yield Part(folder, beside, world.scope, via, _OPERATOR, label, takes=folder)

    def _own(self, world: World) -> Iterator[Part]:
        """What the operator applies for its Jobs: an input, so that it is never missing."""
        for said in _RESOURCES:
            folder = world.folder / said
            if folder.is_dir():
                why = "the git operator applies it for its Jobs when a commit comes, and nothing keeps it"
                yield Part(
                    folder,
                    tuple(_files(folder)),
                    world.scope,
                    (_OPERATOR,),
                    _OPERATOR,
                    left_out=why,
                    takes=folder,
                )
                return


def _files(folder: Path) -> list[Path]:
    """What ``kubectl apply -R -f`` takes of a folder; a Kptfile has no such suffix."""
    return [file for file in plain_files(folder) if file.stat().st_size > 0]


def _applies_by_label(root: Path) -> bool:
    """Whether kubectl applies, which takes only what bears the label; kapp and kpt take all."""
    file = root.parent / "Makefile"
    try:
        text = reading.content(file, str(file)).decode("utf-8", "replace") if file.is_file() else ""
    except DeclaredError:
        return True
    said = _APPLY.search(text)
    return said is None or said[1] == "kubectl-apply"


def _selected(several: Sequence[Manifest], part: str) -> list[Manifest]:
    """With what kubectl passes over as left out. Where nothing bears the label yet, none was put on: an older
    pipeline, which applies all."""
    if not any(_label(one) == part for one in several):
        return list(several)
    why = f"kubectl applies what is labelled {_LABEL}={part}; this is not until it is rendered again"
    return [one if _label(one) == part else replace(one, left_out=why) for one in several]


def _label(one: Manifest) -> Any:
    return (one.metadata.get("labels") or {}).get(_LABEL)


def _jobs(scope: str, world: World) -> list[Resource]:
    """The live boot Jobs of this repository."""
    found = []
    for job in world.every(scope, "batch/Job"):
        if _metadata(job, "labels").get(_BOOT) != "git-operator":
            continue
        url = _metadata(job, "annotations").get(_URL)
        if isinstance(url, str) and world.trees.is_home(url) is False:
            continue
        found.append(job)
    return found


def _made(job: Resource) -> str:
    return str((job.attributes.get("metadata") or {}).get("creationTimestamp") or "")


def _condition(job: Resource, type_: str) -> Mapping[str, Any]:
    conditions = (job.attributes.get("status") or {}).get("conditions")
    for one in conditions if isinstance(conditions, list) else ():
        if isinstance(one, Mapping) and one.get("type") == type_ and one.get("status") == "True":
            return one
    return {}


def _metadata(resource: Resource, place: str) -> Mapping[str, Any]:
    said = (resource.attributes.get("metadata") or {}).get(place)
    return said if isinstance(said, Mapping) else {}


def _whole(scope: str) -> Ref:
    """What stands for the repository, for which no object of the cluster does."""
    return Ref(scope, "gitops.jenkins-x.io/Repository", "", CONFIG_ROOT)
