"""The section ``live.gcp`` of drift.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field

from drift.settings import Hidden, Seconds, TypesSection

_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z*?][a-z0-9*?-]*|\d+", re.ASCII)


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _project(value: str) -> str:
    bare = value.removeprefix("projects/")
    if not _PROJECT.fullmatch(bare):
        raise ValueError(f"expected a project's id, number or a glob over ids, got {value!r}")
    return bare


def _number_of(top: str) -> AfterValidator:
    def bare(value: str) -> str:
        number = value.removeprefix(f"{top}/")
        if not number.isdigit():
            raise ValueError(f"expected the number of one of the {top} (or {top}/NUMBER), got {value!r}")
        return number

    return AfterValidator(bare)


Project = Annotated[str, BeforeValidator(_text), AfterValidator(_project)]
Folder = Annotated[str, BeforeValidator(_text), _number_of("folders")]
Organization = Annotated[str, BeforeValidator(_text), _number_of("organizations")]


class Alone(NamedTuple):
    """A project (``project``, with its number), or what an organization or folder is itself (``top``) with
    its folders (``members``). ``numbers`` are those of all projects (number → id)."""

    project: tuple[str, str | None] | None
    top: str
    members: tuple[str, ...]
    numbers: Mapping[str, str]


class Settings(TypesSection):
    """What of Google Cloud is read. Credentials are Application Default Credentials, unless others are
    given."""

    projects: list[Project] | None = Field(
        None,
        min_length=1,
        description=(
            "Projects to read: ids, numbers, or globs over the ids of the projects that the credential sees. "
            "Default: the credential's own project."
        ),
    )
    folders: list[Folder] = Field(
        default_factory=list,
        description="Folders to read with all folders and projects below them, by number.",
    )
    organizations: list[Organization] = Field(
        default_factory=list, description="Organizations to read as a whole, by number."
    )
    exclude_projects: list[str] = Field(
        default_factory=list, description="Globs over ids of projects not to read."
    )
    credentials: Hidden | None = Field(
        None,
        description="A secret that is a service account's key or has a token, as JSON, instead of "
        "Application Default Credentials: vault://gcp/roleset/drift/key.",
    )
    endpoint: str | None = Field(None, description="Another address for all APIs (a loopback server).")
    quota_project: str | None = Field(None, description="Project that the calls are counted on.")
    page_size: int = Field(1000, ge=1, le=1000, description="Assets a page.")
    concurrency: int = Field(8, ge=1, le=64, description="Projects read at once.")
    timeout: Seconds = Field(60, description="Seconds of one call.")
    max_attempts: int = Field(6, ge=1, description="Tries of one call that is throttled or breaks off.")

    #: Where one project, or one organization or folder with its folders, is read alone: what else was told.
    _alone: Alone | None = None
