"""What the sections of forges in drift.yaml have alike: where the forge is, and the token, which is for that
host alone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from drift.deadline import Deadline
from drift.forge import ForgeError, Repository
from drift.settings import Section, Url
from forges import vault
from forges.answers import in_clear, origin
from forges.vault import Vault

_MOST_SECRET = 64_000


class ForgeSettings(Section):
    """Where a forge is, and who logs in. Secrets come from the environment (`${NAME}`) or from files."""

    url: Url | None = Field(
        None, description="The forge's address, where it is not the public one; the token is for this host."
    )
    token: SecretStr | None = Field(None, description="As ${TOKEN}, not in clear.")
    token_file: Path | None = Field(
        None, description="A file that holds the token, read each time (Vault Agent, a mounted secret)."
    )
    vault: Vault | None = Field(
        None,
        description="Deprecated: give `token: vault://MOUNT/PATH#FIELD` and log in by `secrets.vault` "
        "(docs/secrets.md). Where HashiCorp Vault keeps the token.",
        json_schema_extra={"deprecated": True},
    )
    ca: Path | None = Field(None, description="Whom to trust (PEM) instead of those that the system does.")
    plain_http: bool = Field(
        False, description="Sends the token over http:// too; in a network of your own only."
    )

    @model_validator(mode="after")
    def _one_token(self) -> ForgeSettings:
        if sum(one is not None for one in (self.token, self.token_file, self.vault)) > 1:
            raise ValueError("give one of token, token_file and vault")
        if self.url is not None and urlsplit(self.url).username is not None:
            raise ValueError("the address holds a login: give `token`")
        if self.url is not None and in_clear(self.url) and not self.plain_http:
            raise ValueError(
                "the token would be sent in clear: give an https:// address, or `plain_http: true`"
            )
        return self


def site(repository: Repository, settings: ForgeSettings, public: str | None, section: str) -> str:
    """The address of the forge that the token is for: what is configured, else the public one (``public``,
    its host). Raises ForgeError where the repository is at another host: it is not sent a token."""
    host = urlsplit(repository.site).hostname or ""
    if settings.url is None:
        if host != public:
            raise ForgeError(
                f"{section}: `url` is not set: say which host the token is for, as "
                f"`url: {repository.site}`, to open pull requests in {repository.path}"
            )
        return f"https://{host}"
    known = urlsplit(settings.url).hostname or ""
    if host not in (known, known.removeprefix("api.")):
        raise ForgeError(
            f"{section}: the token is for {known}, and {repository.path} is at {host}: nothing is sent there"
        )
    return settings.url


class Secret:
    """A secret of the settings. One that is said, or in a file, is there at once; what Vault keeps is asked
    for when it is wanted first. Raises ForgeError where there is none."""

    def __init__(self, settings: ForgeSettings, section: str, deadline: Deadline) -> None:
        self._settings, self._section, self._deadline = settings, section, deadline
        self._found = ""
        if settings.vault is None:
            self._found = self._said()

    def __call__(self) -> str:
        if not self._found and self._settings.vault is not None:
            found = vault.secret(self._settings.vault, self._deadline, secret_file)
            self._found = one_line(found, self._settings.vault.path, self._section)
        return self._found

    def known(self) -> tuple[str, ...]:
        """What is never to be said: nothing before it was asked for."""
        return (self._found,) if self._found else ()

    def _said(self) -> str:
        settings = self._settings
        found = settings.token.get_secret_value() if settings.token is not None else ""
        where = "token"
        if settings.token_file is not None:
            found, where = secret_file(settings.token_file), str(settings.token_file)
        if not found.strip():
            raise ForgeError(
                f"{self._section}: there is no token: give `token` (as ${{NAME}}), `token_file` or `vault`"
            )
        return one_line(found, where, self._section)


def secret_file(path: Path) -> str:
    """What a file holds. Raises ForgeError where it can't be read."""
    try:
        with path.expanduser().open(encoding="utf-8") as opened:
            return opened.read(_MOST_SECRET).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ForgeError(f"{path}: the secret can't be read: {why}") from None


def one_line(secret: str, where: str, section: str) -> str:
    """A secret that can stand in a header. Raises ForgeError, without it."""
    secret = secret.strip()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ForgeError(f"{section}: {where}: a token is one line of plain text without spaces")
    return secret


def below(repository: Repository, url: str) -> str:
    """The path of a repository below the forge's address, where that has one itself (``/gitlab``)."""
    prefix = urlsplit(url).path.strip("/")
    path = repository.path
    return path.removeprefix(f"{prefix}/") if prefix and origin(url) == origin(repository.site) else path


def ca(settings: ForgeSettings) -> str | None:
    """The file of whom to trust."""
    return None if settings.ca is None else str(settings.ca.expanduser())
