"""The declared source ``gitops``: a folder as a deployer's repository, or with Kustomize folders, charts and
manifests in it, read as all that they make."""

from __future__ import annotations

from pathlib import Path

from drift.check import Program
from drift.errors import DeclaredError
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location, Option
from providers.kubernetes.declared_engines import ENGINES, GITOPS, engines_of, is_gitops
from providers.kubernetes.declared_options import NAMESPACE, Options
from providers.kubernetes.declared_units import found_in
from providers.kubernetes.helm_template import HELM
from providers.kubernetes.helm_template import SOURCE as CHARTS
from providers.kubernetes.kustomize import KUSTOMIZE, no_unsigned_bases
from providers.kubernetes.kustomize import SOURCE as KUSTOMIZED
from providers.kubernetes.manifests import SOURCE as MANIFESTS

#: The languages that a deployer's repository is read in.
_READS = frozenset({GITOPS, CHARTS, KUSTOMIZED, MANIFESTS})
_NONE = "none"
_OPTIONS = (
    NAMESPACE,
    Option(
        "engine",
        "Which deployer's repository it is: flux, argocd, jenkins-x, spinnaker, or none. Default: as its "
        "content tells.",
    ),
    Option(
        "clusters",
        "The clusters that other names stand for: of kubeConfigs, of Spinnaker's accounts.",
        ("mapping",),
    ),
    Option("fetch", "Repositories, charts and artifacts (globs of URLs) that may be fetched.", ("list",)),
    Option("remote", "Lets kustomize fetch remote bases.", ("flag",)),
    Option("enable-helm", "Lets kustomize inflate charts.", ("flag",)),
)


#: What `flux bootstrap` writes into the folder of a cluster. Source:
#: https://fluxcd.io/flux/installation/bootstrap/.
_BOOTSTRAPPED = "flux-system/gotk-sync.yaml"


def flux_clusters(folder: Path) -> list[Path]:
    """The folders of clusters that Flux was bootstrapped for, at or below a folder."""
    return sorted(file.parent.parent for file in folder.glob(f"**/{_BOOTSTRAPPED}") if file.is_file())


#: What a deployer's objects may ask for; a repository of plain manifests takes none of them.
_PROGRAMS = (
    HELM._replace(always=False),
    KUSTOMIZE._replace(always=False),
    Program((("sops", "--version"),), "to decrypt what SOPS has encrypted", always=False),
)


class GitOps(BaseSource):
    """A deployer's repository, or a folder of several things."""

    name = GITOPS
    options = _OPTIONS
    programs = _PROGRAMS

    def recognises(self, path: Path, head: bytes) -> bool:
        try:
            return path.is_dir() and is_gitops(path)
        except OSError:
            return False

    def hint(self, path: Path) -> Hint:
        units = found_in(path.resolve()).units
        if not path.is_dir() or not engines_of(units, path):
            return Hint()  # of no deployer: what is in it is told by itself
        clusters = flux_clusters(path)
        if len(clusters) > 1:
            instead = {one: {"scope": one.name} for one in clusters}
            return Hint(whole=True, covers=True, reads=_READS, instead=instead)
        return Hint(whole=True, covers=True, reads=_READS)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Finds what lies in the folder, and whose it is.

        Raises:
            DeclaredError: for what holds no object, or an engine that is not known.
        """
        from providers.kubernetes.engines.every import engine
        from providers.kubernetes.engines.repository import Repository
        from providers.kubernetes.engines.trees import Trees

        options = Options(location)
        if options.flag("remote"):
            no_unsigned_bases(location, loader)
        path = location.path.resolve()
        folder = path if path.is_dir() else path.parent
        found = found_in(path)
        asked = options.text("engine")
        if asked not in (None, _NONE, *ENGINES):
            known = ", ".join([*ENGINES, _NONE])
            raise DeclaredError(f"{location.display}: there is no engine {asked!r}; known are {known}")
        names = engines_of(found.units, folder) if asked is None else [asked] if asked != _NONE else []
        chosen = [engine(name) for name in names]
        if not found.units and not chosen:
            raise DeclaredError(f"{location.display}: there is no Kubernetes object in it")
        trees = Trees(location, options.texts("fetch"), loader.deadline, loader.signers)
        return Repository(location, found, chosen, trees, loader.deadline)
