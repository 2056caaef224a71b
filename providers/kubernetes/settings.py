"""The section ``live.kubernetes`` of drift.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, WithJsonSchema, field_validator

from drift.settings import Hidden, LiveSection, Seconds, Section, selected

#: A file; or a secret of the configuration, which is what such a file holds.
Kubeconfig = Annotated[
    Path | Hidden,
    Field(union_mode="left_to_right"),
    WithJsonSchema({"type": "string", "format": "path"}),
]


class ClusterSettings(Section):
    """One cluster to read, under a name of one's own choice."""

    name: str | None = Field(
        None, min_length=1, description="The cluster's name in reports. Default: the context's."
    )
    context: str | None = Field(None, description="Context of the kubeconfig. Default: the current one.")
    kubeconfig: Kubeconfig | None = Field(None, description="Instead of the section's kubeconfig.")
    in_cluster: bool = Field(
        False, description="The cluster that drift itself runs in, by its service account."
    )


class Settings(LiveSection):
    """What of Kubernetes is read. Credentials come from the kubeconfig (exec plugins too) or the service
    account."""

    contexts: list[ClusterSettings] | None = Field(
        None, description="Contexts, by name or as {name, context}. Default: the current one, or in-cluster."
    )
    kubeconfig: Kubeconfig | None = Field(
        None,
        description="A file; or a secret that holds what such a file does (vault://secret/clusters#prod). "
        "Default: KUBECONFIG, else ~/.kube/config.",
    )
    in_cluster: bool = Field(False, description="Only the cluster that drift runs in.")
    name: str | None = Field(
        None, min_length=1, description="Name of the one cluster where no contexts are given."
    )
    namespaces: list[str] = Field(default_factory=lambda: ["*"], description="Globs over namespaces to read.")
    exclude_namespaces: list[str] = Field(
        default_factory=list, description="Globs over namespaces not to read."
    )
    kinds: list[str] = Field(
        default_factory=lambda: ["*"], description="Globs over group/Kind (Kind for the core) to read."
    )
    exclude_kinds: list[str] = Field(
        default_factory=list, description="Globs over group/Kind not to read. Events are never read."
    )
    page_size: int = Field(500, ge=1, le=10_000, description="Objects a page.")
    concurrency: int = Field(8, ge=1, le=64, description="Calls at once to one cluster.")
    connect_timeout: Seconds = Field(5, description="Seconds.")
    read_timeout: Seconds = Field(60, description="Seconds.")
    max_attempts: int = Field(6, ge=1, description="Tries of one call that is throttled or breaks off.")

    @field_validator("contexts", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return [{"context": one} if isinstance(one, str) else one for one in value]

    @field_validator("contexts")
    @classmethod
    def _unique(cls, value: list[ClusterSettings] | None) -> list[ClusterSettings] | None:
        names = [one.name or one.context for one in value or ()]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two clusters are named {name!r}; give each a name of its own")
        return value

    def reads_namespace(self, namespace: str) -> bool:
        return selected([namespace], self.namespaces, self.exclude_namespaces)

    def reads_kind(self, key: str) -> bool:
        return selected([key], self.kinds, self.exclude_kinds)

    @property
    def all_namespaces(self) -> bool:
        return self.namespaces == ["*"] and not self.exclude_namespaces
