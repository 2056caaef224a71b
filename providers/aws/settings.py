"""The section ``live.aws`` of drift.yaml."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from drift.settings import Hidden, Seconds, Section, TypesSection, Url


def _no_all(regions: list[str]) -> list[str]:
    if "all" in regions:
        raise ValueError("`all` stands alone, not in a list: regions: all")
    return regions


def _a_name(role: str) -> str:
    if role.startswith(("arn:", "/")):
        raise ValueError("a name, with its path if it has one (audit/reader), as each account has its own")
    return role


#: Of a role that many accounts have.
RoleName = Annotated[str, AfterValidator(_a_name)]
Regions = Annotated[list[str], Field(min_length=1), AfterValidator(_no_all)]


def _known() -> list[str]:
    """The types that can be read, or that say something of one which can."""
    from providers.aws.facts import catalogue  # imported here: only who names types needs all of their facts

    known = catalogue()
    return sorted({*known.all_types(), *known.attachments, *known.makes, *known.aliases})


class Account(Section):
    """One account to read by assuming a role in it."""

    id: str = Field(pattern=r"^\d{12}$", description="The account's twelve digits.")
    role: str | None = Field(
        None, description="Role to assume in it: a name or an ARN. None: the caller's own identity."
    )
    external_id: Hidden | None = None
    profile: str | None = Field(
        None, description="Profile of the shared AWS configuration to enter it with. Default: the provider's."
    )
    credentials: Hidden | None = Field(
        None,
        description="A secret with access_key, secret_key and maybe session_token as JSON to enter it with, "
        "instead of a profile: vault://aws/creds/drift.",
    )
    regions: Regions | Literal["all"] | None = Field(None, description="Instead of the provider's regions.")

    #: What to say where it refuses to be entered.
    _hint: str = ""

    @model_validator(mode="after")
    def _entered_one_way(self) -> Account:
        if self.profile is not None and self.credentials is not None:
            raise ValueError("give `profile` or `credentials`, not both")
        return self

    @field_validator("id", mode="before")
    @classmethod
    def _digits(cls, value: object) -> object:
        if isinstance(value, int) and len(str(value)) != 12:
            raise ValueError("has twelve digits; quote it, as YAML reads a leading zero as an octal number")
        return str(value) if isinstance(value, int) else value


class Override(Section):
    """What is otherwise in some of the organisation's accounts."""

    accounts: list[str] = Field(min_length=1, description="Globs over account ids and names.")
    role: RoleName | None = Field(None, description="Instead of the organisation's `role`.")
    external_id: Hidden | None = Field(None, description="Instead of the organisation's `external_id`.")
    regions: Regions | Literal["all"] | None = Field(None, description="Instead of the provider's regions.")


class Organization(Section):
    """All active accounts of the caller's organisation, or some: those in one of the units that have all the
    tags and match the globs."""

    role: RoleName = Field(
        "OrganizationAccountAccessRole", description="Role to assume in each member account."
    )
    external_id: Hidden | None = Field(None, description="What the roles ask for besides.")
    include: list[str] = Field(default_factory=lambda: ["*"], description="Globs over account ids and names.")
    exclude: list[str] = Field(default_factory=list, description="Globs over account ids and names.")
    units: list[str] | None = Field(
        None,
        min_length=1,
        description="Organizational units, with all below them: ids, globs over names, or over paths from "
        "the root (`Workloads/Prod`). Default: all.",
    )
    tags: dict[str, str | list[str]] = Field(
        default_factory=dict,
        description="Tags of accounts: key to a glob over its value, or several. An account has to have all.",
    )
    overrides: list[Override] = Field(
        default_factory=list, description="What is otherwise in some accounts; the first that matches holds."
    )


class Settings(TypesSection):
    """What of AWS is read. Credentials come from the SDK's own chain, unless some are given."""

    regions: Regions | Literal["all"] | None = Field(
        None, description="Regions to read, or `all` that the account has enabled. Default: the SDK's region."
    )
    accounts: list[Account] | None = Field(
        None, min_length=1, description="Accounts to read. Default: the caller's own."
    )
    organization: Organization | None = Field(None, description="Read every account of the organisation.")
    types: list[str] = Field(
        default_factory=list,
        description="Globs over types to read though nobody declares one, of those that are else read only "
        "where Git declares one: each costs a call a region, and one a resource.",
    )
    profile: str | None = Field(None, description="Profile of the shared AWS configuration.")
    credentials: Hidden | None = Field(
        None, description="A secret as of `accounts[].credentials`, instead of the SDK's own chain."
    )
    endpoint: Url | None = Field(None, description="Another address for all services (a loopback server).")
    inventory: Literal["auto", "explorer", "config", "none"] = Field(
        "auto",
        description="What names the resources of types that are not read, so that what nobody declares is "
        "counted of every type: Resource Explorer, AWS Config, or whichever of them is there (`auto`).",
    )
    concurrency: int = Field(
        16, ge=1, le=64, description="Calls at once to one service of one account and region."
    )
    connect_timeout: Seconds = Field(5, description="Seconds.")
    read_timeout: Seconds = Field(30, description="Seconds.")
    max_attempts: int = Field(8, ge=1, description="Tries of one call, with the SDK's back-off between them.")

    @field_validator("accounts")
    @classmethod
    def _each_once(cls, accounts: list[Account] | None) -> list[Account] | None:
        twice = [id_ for id_, times in Counter(one.id for one in accounts or ()).items() if times > 1]
        if twice:
            raise ValueError(f"each account once: {', '.join(twice)} stands there more than once")
        return accounts

    @field_validator("types")
    @classmethod
    def _each_means_one(cls, globs: list[str]) -> list[str]:
        known = _known() if globs else []
        for glob in globs:
            if not any(fnmatchcase(one, glob) for one in known):
                named = {
                    one.lower(): one for one in (*known, *(f"{one.rpartition('::')[0]}::*" for one in known))
                }
                close = get_close_matches(glob.lower(), named, n=1, cutoff=0.8)
                meant = f"; did you mean {named[close[0]]!r}?" if close else ""
                raise ValueError(f"no type that can be read fits {glob!r}{meant}")
        return globs

    def needs_own(self) -> bool:
        """Whether the provider's own credentials are needed: not where each account has a profile."""
        named = self.organization is None and self.accounts is not None
        return not (named and all(one.profile or one.credentials for one in self.accounts or ()))

    def said_regions(self) -> list[list[str] | str | None]:
        """All that is said of regions: the provider's first, then that of accounts."""
        overrides = self.organization.overrides if self.organization else ()
        return [self.regions, *(one.regions for one in (*(self.accounts or ()), *overrides))]
