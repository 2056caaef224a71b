"""Reads Applications: their sources, destination and what they are told about synchronising.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from providers.kubernetes.engines.argocd.destinations import HERE
from providers.kubernetes.engines.argocd.said import entries, mapping, text
from providers.kubernetes.engines.objects import Made, Ref
from providers.kubernetes.exceptions import texts


@dataclass(frozen=True)
class Source:
    """One source of an Application, as it is said."""

    said: Mapping[str, Any]

    @property
    def url(self) -> str:
        return text(self.said.get("repoURL")).strip()

    @property
    def revision(self) -> str:
        return text(self.said.get("targetRevision")).strip()

    @property
    def path(self) -> str:
        return text(self.said.get("path"))

    @property
    def chart(self) -> str:
        return text(self.said.get("chart"))

    @property
    def ref(self) -> str:
        return text(self.said.get("ref"))

    @property
    def only_referred(self) -> bool:
        """Whether it makes nothing, and is only there for others to take files of."""
        return bool(self.ref) and not self.path and not self.chart

    def section(self, name: str) -> dict[str, Any]:
        return mapping(self.said, name)

    def __str__(self) -> str:
        what = self.chart or self.path or "."
        return f"{what} of {self.url}" + (f" at {self.revision}" if self.revision else "")


@dataclass(frozen=True, eq=False)
class Application:
    """One Application. ``via`` is the chain that leads to it, its own name last; ``made`` where it is
    declared, None for one that is only live."""

    ref: Ref
    spec: Mapping[str, Any]
    via: tuple[str, ...]
    made: Made | None = None

    @classmethod
    def of(cls, made: Made) -> Application:
        via = (*made.manifest.via, made.ref.name)
        return cls(made.ref, mapping(made.manifest.body, "spec"), via, made)

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def sources(self) -> list[Source]:
        """``sourceHydrator`` wins, of which what it has written is applied; then ``sources``."""
        hydrator = mapping(self.spec, "sourceHydrator")
        written = mapping(hydrator, "syncSource")
        if written:
            url = mapping(hydrator, "drySource").get("repoURL")
            branch, path = written.get("targetBranch"), written.get("path")
            return [Source({"repoURL": url, "targetRevision": branch, "path": path})]
        several = entries(self.spec.get("sources"))
        if several:
            return [Source(one) for one in several]
        one = mapping(self.spec, "source")
        return [Source(one)] if one else []

    @property
    def project(self) -> str:
        return text(self.spec.get("project")) or "default"

    @property
    def server(self) -> str:
        return text(mapping(self.spec, "destination").get("server"))

    @property
    def cluster(self) -> str:
        return text(mapping(self.spec, "destination").get("name"))

    @property
    def namespace(self) -> str:
        return text(mapping(self.spec, "destination").get("namespace"))

    @property
    def options(self) -> list[str]:
        return texts(mapping(self.spec, "syncPolicy").get("syncOptions"))

    def is_in(self, control: str) -> bool:
        """Whether it lies in the control plane's namespace; so does one that names none, which people give it
        when they apply it."""
        made = self.made
        unsaid = made is not None and made.owner is None and not made.manifest.namespace
        return unsaid or self.ref.namespace in ("", control)

    def instance(self, control: str) -> str:
        """What its marks call it: outside of the control plane's namespace with its own."""
        return self.name if self.is_in(control) else f"{self.ref.namespace}_{self.name}"

    def environment(self, source: Source, commit: str | None) -> dict[str, str]:
        """The build environment.

        Source: https://argo-cd.readthedocs.io/en/stable/user-guide/build-environment/
        """
        revision = commit or ""
        return {
            "ARGOCD_APP_NAME": self.name,
            "ARGOCD_APP_NAMESPACE": self.namespace,
            "ARGOCD_APP_PROJECT_NAME": self.project,
            "ARGOCD_APP_REVISION": revision,
            "ARGOCD_APP_REVISION_SHORT": revision[:7],
            "ARGOCD_APP_REVISION_SHORT_8": revision[:8],
            "ARGOCD_APP_SOURCE_PATH": source.path,
            "ARGOCD_APP_SOURCE_REPO_URL": source.url,
            "ARGOCD_APP_SOURCE_TARGET_REVISION": source.revision,
        }

    @property
    def destination(self) -> str:
        """The server that it names, for what filters by it."""
        return self.server or (HERE if self.cluster == "in-cluster" else self.cluster)
