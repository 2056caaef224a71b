"""How a run looks: what it hides, whose logins it uses, what it asks of Git and logs, what it reads again."""

from __future__ import annotations

from pydantic import Field

from drift.settings import Hidden, Seconds, Section


class Redaction(Section):
    key: Hidden | None = Field(
        None,
        description="Secret that keys the hashes, so that they can be compared from run to run. "
        "Default: the variable DRIFT_REDACTION_KEY, else a random key of this run.",
    )
    public: list[str] = Field(
        default_factory=list,
        description="Names of environment variables (globs) whose values people may read, beside those that "
        "are known to be public; the name of a secret beats them.",
    )


class Blame(Section):
    """Who last touched the lines that a finding speaks of (`git blame`)."""

    enabled: bool = Field(True, description="Whether Git is asked; only for findings.")
    history: int = Field(
        1,
        ge=1,
        le=2**31 - 1,
        description="How many commits of each repository that `git:` names are fetched. Of lines that are "
        "older nobody is named; with 1 that is every line.",
    )


class AttributionSettings(Section):
    """How much the clouds' logs are asked who did it; only for new findings, the worst first."""

    calls: int = Field(200, ge=0, description="Calls of a run, all clouds together; 0 asks nobody.")
    seconds: Seconds = Field(60, description="Seconds of a run, all clouds at once.")
    pipelines: list[str] = Field(
        default_factory=list,
        description="Roles, users and accounts (globs) that are a pipeline's, and no person's.",
    )


class Confirm(Section):
    """What is read once more, singly, before it is reported: what is missing, what is critical, and what
    rests on an earlier run's reading."""

    findings: int = Field(
        100, ge=0, description="Findings of a run at most, what is missing first; 0 asks about none."
    )
    seconds: Seconds = Field(60, description="Seconds of a run, all clouds at once.")


class Backends(Section):
    """What Terraform's `backend` blocks may name in repositories that are fetched, or are another one than
    that of this file."""

    allow: list[str] = Field(
        default_factory=list,
        description="Hosts, roles, profiles and files (globs) for which such a block may use the logins of "
        "this run's environment.",
    )
