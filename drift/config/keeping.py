"""Where a run is written and remembered, and what is kept of one that ended early."""

from __future__ import annotations

from pydantic import Field

from drift.settings import Hidden, Section


class History(Section):
    """What is remembered from run to run, and where."""

    database: Hidden | None = Field(
        None,
        description="A file, relative to this one, or postgresql://USER:PASSWORD@HOST/NAME (extra "
        "`postgres`). Default: history.db beside the folders of runs.",
    )
    keep: str | None = Field(
        None, description="How long what has ended is remembered, e.g. 400d. Default: for ever."
    )
    keep_runs: int | None = Field(None, ge=1, description="How many runs of an environment are kept.")
    expected: bool = Field(
        False,
        description="There is a history already: one that begins anew is told as lost.",
    )


class Resume(Section):
    """What becomes of what a run has read when it ends early, or not all could be read."""

    keep: bool = Field(
        True,
        description="Whether what is read is written down beside the report as it is read, so that "
        "`drift scan --resume` goes on from there. It is taken away once a run is whole.",
    )
    auto: bool = Field(
        False,
        description="Whether each run goes on where the last one ended that was not whole, as with "
        "`--resume`: for an estate larger than its night.",
    )
    max_age: str = Field(
        "24h",
        description="How old a reading may be to be gone on with, e.g. 72h; what is older is read again.",
    )


class Output(Section):
    directory: str | None = Field(None, description="Where runs are written. Default: runs/ID.")
    store: str | None = Field(
        None,
        description="An object store, or another folder, that the folder of each run is copied to, e.g. "
        "s3://acme-reports/drift (extra `objects`). What can't be sent waits for the next run, and the exit "
        "code is 3.",
    )
    formats: list[str] = Field(default_factory=lambda: ["html"], description="Formats besides JSON.")
    url: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="Where people find that folder, e.g. https://reports.acme.io/drift: reports say of "
        "themselves where they are.",
    )
    keep: str | None = Field(
        None, description="How long the folder of a run is kept, e.g. 90d. Default: for ever."
    )
    keep_runs: int | None = Field(None, ge=1, description="How many folders of runs are kept.")
