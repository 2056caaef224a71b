"""An entry of `declared`: where it lies, whose keys have signed it, and the options of its source."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from drift import plugins
from drift.config import options
from drift.config.lines import Lines
from drift.settings import Section


class Verify(Section):
    """By whose keys a commit must be signed to be read."""

    signed: bool = Field(True, description="Commits are to be signed; false asks for none.")
    allowed_signers: str | None = Field(
        None,
        description="File of the SSH keys that may sign, as ssh-keygen(1) has it; relative to this file.",
    )
    keyring: str | None = Field(
        None, description="File of the OpenPGP keys that may sign, as `gpg --export`; relative to this file."
    )

    @model_validator(mode="before")
    @classmethod
    def _word(cls, said: Any) -> Any:
        return {} if said == "signed" else said

    @model_validator(mode="after")
    def _by_somebody(self) -> Verify:
        if self.signed and self.allowed_signers is None and self.keyring is None:
            raise ValueError("needs the keys that may sign: name a file by `allowed_signers` or `keyring`")
        return self


class DeclaredEntry(Section):
    """One declared source. Keys beyond the named ones are options of the installed sources."""

    path: str | None = Field(
        None,
        description="File or folder, relative to this file or inside the Git repository; or a URL such as s3://bucket/key.",
    )
    git: str | None = Field(None, description="URL of a Git repository to take `path` from.")
    ref: str | None = Field(
        None, description="Branch, tag or commit. Default: the environment's, else the remote's HEAD."
    )
    source: str | None = Field(None, description="Forces a source instead of recognising it by content.")
    scope: str | None = Field(
        None, description="Account, subscription, project or cluster, where the files don't say."
    )
    region: str | None = Field(None, description="Region, where the files don't say.")
    verify: Verify | None = Field(
        None,
        description="Reads only a commit that is signed by one of these keys, and nothing that is not "
        "committed; else the run ends with exit code 1.",
    )
    options: dict[str, Any] | None = Field(
        None, description="Options of the source, which may as well stand beside `path`."
    )

    _lines: Lines | None = None
    _place: tuple[Any, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _beside(cls, said: Any) -> Any:
        """Brings what stands beside `path` and is an option of a source into `options`."""
        if not isinstance(said, dict) or not isinstance(said.get("options") or {}, dict):
            return said
        more = [key for key in said if key not in cls.model_fields]
        if more:
            known = options.known(plugins.sources().values())
            more = [key for key in more if options.spelled(str(key)) in known]
        if not more:
            return said
        left = {key: value for key, value in said.items() if key not in more}
        own = dict(said.get("options") or {})
        for key in more:
            if key in own:
                raise ValueError(f"{key} is said here and in `options`; join the two")
            own[key] = said[key]
        return {**left, "options": own}

    @model_validator(mode="after")
    def _somewhere(self) -> DeclaredEntry:
        if not self.path and not self.git:
            raise ValueError("needs `path` or `git`")
        if self.verify is not None and self.verify.signed and self.git is None and "://" in str(self.path):
            raise ValueError("`verify` asks for a signed commit, and what lies at this URL is in none")
        return self

    @classmethod
    def known_keys(cls) -> list[str]:
        """Every key that an entry may have."""
        own = (ones[0].name for ones in options.known(plugins.sources().values()).values())
        return list(dict.fromkeys((*cls.model_fields, *own)))

    def said(self) -> dict[str, Any]:
        """All options, as they are spelled here."""
        general = {name: getattr(self, name) for name in options.GENERAL if getattr(self, name) is not None}
        return {**general, **(self.options or {})}

    def where(self, option: str) -> str:
        """Where one of the options stands, for people: file, line and key."""
        if self._lines is None:
            return f"--declared {self.path or self.git}"
        beside, inside = (*self._place, option), (*self._place, "options", option)
        place = inside if self._lines.known(inside, missing=False) == inside else beside
        return f"{self._lines.at(place)}: {'.'.join(map(str, self._place))}"

    def stands(self, lines: Lines, place: tuple[Any, ...]) -> None:
        """Tells the entry where it is written."""
        self._lines, self._place = lines, place
