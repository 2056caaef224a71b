"""The section ``engine`` of drift.yaml: on what a scan's reading and comparing runs."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from drift.settings import Section


class Engine(Section):
    """Where units (accounts, subscriptions, projects, clusters) are read and compared. Without it: here, in
    one process."""

    dask: str | None = Field(
        None,
        description="Address of a Dask scheduler, tls://HOST:PORT; tcp:// on this machine alone: whoever "
        "reaches a scheduler runs code beside every credential of its workers.",
    )
    ca: Path | None = Field(None, description="File of the authority that signs the scheduler's certificate.")
    certificate: Path | None = Field(None, description="File of the certificate to show the scheduler.")
    key: Path | None = Field(None, description="File of that certificate's key.")
    shared: str | None = Field(
        None,
        description="Folder that the workers see at the same path, too, or an object store that they reach, "
        "e.g. s3://acme-drift/shared (extra `objects`): what is declared goes there, sealed with the "
        "redaction key, and comes back what differs.",
    )
    local: int | None = Field(None, ge=1, le=64, description="So many processes on this machine.")

    @model_validator(mode="after")
    def _one(self) -> Engine:
        if (self.dask is None) == (self.local is None):
            raise ValueError("needs `dask` or `local`, one of the two")
        if self.dask is not None and self.shared is None:
            raise ValueError("needs `shared`: a folder that the workers see at its path, or an object store")
        certificates = (self.ca, self.certificate, self.key)
        if (self.dask or "").startswith("tls:") and None in certificates:
            raise ValueError("tls:// needs `ca`, `certificate` and `key`")
        if self.local is not None and any((*certificates, self.shared)):
            raise ValueError("`local` needs nothing beside it")
        return self
