"""The section ``live.azure`` of drift.yaml."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import Field, field_validator

from drift.settings import Hidden, Seconds, TypesSection, Url


class Alone(NamedTuple):
    """A subscription with its name, or a management group (``group``), in its tenant."""

    id: str
    name: str
    tenant: str | None
    group: bool = False


class Settings(TypesSection):
    """What of Azure is read. Credentials come from azure-identity's default chain, unless some are given."""

    subscriptions: list[str] | None = Field(
        None,
        min_length=1,
        description="Subscriptions to read: ids, or globs over the names of those that the credential sees. "
        "Default: all that it sees.",
    )
    management_groups: list[str] = Field(
        default_factory=list,
        description="Management groups to read with all subscriptions and groups below them, by id.",
    )
    exclude_subscriptions: list[str] = Field(
        default_factory=list, description="Ids, or globs over names, of subscriptions not to read."
    )
    cloud: Literal["public", "government", "china"] = Field("public", description="Which Azure it is.")
    tenant: str | None = Field(
        None, description="The tenant (id or domain), where the credential sees several."
    )
    credentials: Hidden | None = Field(
        None,
        description="A secret with client_id, client_secret and tenant_id as JSON, instead of the SDK's own "
        "chain: vault://azure/creds/drift.",
    )
    endpoint: Url | None = Field(
        None, description="Another address of Azure Resource Manager (a loopback server, Azure Stack)."
    )
    page_size: int = Field(1000, ge=1, le=1000, description="Resources a page of Resource Graph.")
    concurrency: int = Field(8, ge=1, le=64, description="Subscriptions read at once.")
    timeout: Seconds = Field(60, description="Seconds of one call.")
    max_attempts: int = Field(6, ge=1, description="Tries of one call that is throttled or breaks off.")

    #: Where one scope is read alone: what else was told of it.
    _alone: Alone | None = None

    @field_validator("management_groups")
    @classmethod
    def _groups(cls, value: list[str]) -> list[str]:
        return [one.rpartition("/")[2] for one in value]
