"""Which forge each repository lives at, and how it is logged in to there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel

from drift import plugins
from drift.config.model import Config
from drift.deadline import Deadline
from drift.declared import git_address
from drift.forge import ForgeError, Hosted, Login, Repository
from drift.report.forge import hosted, opening_link
from drift.secret import SecretError


class Host(NamedTuple):
    """A repository at its forge (None: plain Git), its name for the allow-list (``github.com/acme/infra``),
    and what tells the page where a pull request of (branch, base) is opened by hand."""

    forge: Hosted | None
    place: str
    page: Any


@dataclass
class Hosts:
    """The forges of a run, each repository connected to once, so that a login is fetched once."""

    config: Config
    deadline: Deadline
    _known: dict[str, Host] = field(default_factory=dict)

    def of(self, url: str) -> Host:
        """Where a repository lives. Asks nothing yet; raises ForgeError where a login is configured and can't
        be used."""
        if url not in self._known:
            self._known[url] = self._connected(url)
        return self._known[url]

    def login(self, url: str) -> Login | None:
        """How git logs in at a repository; None: by its own credentials."""
        there = self.of(url).forge
        return None if there is None else there.login()

    def _connected(self, url: str) -> Host:
        found = hosted(url, self.config.forges)
        name = git_address.shown(url)
        page = partial(opening_link, url, forges=self.config.forges)
        if found is None:
            return Host(None, name, page)
        place = f"{found.host}/{found.path}"
        if found.kind is None or found.kind not in self.config.logins:
            return Host(None, place, page)
        repository = Repository(name, found.site, found.path)
        section = _section(self.config.logins[found.kind], found.site, f"remediate.forges.{found.kind}")
        try:
            return Host(plugins.forge(found.kind).connect(repository, section, self.deadline), place, page)
        except SecretError as error:
            raise ForgeError(str(error)) from error


def _section(several: Sequence[BaseModel], site: str, called: str) -> BaseModel:
    """The section that is for a site: of its address, else of its host, else the one that names none. An only
    one is given whatever it is for, as its forge says best what is wrong. Raises ForgeError."""
    if len(several) == 1:
        return several[0]
    best: tuple[int, BaseModel | None] = (0, None)
    for one in several:
        fits = _fit(getattr(one, "url", None), site)
        if fits > best[0]:
            best = fits, one
    if best[1] is None:
        raise ForgeError(f"{called}: none of its sections is for {site}; add one with `url: {site}`")
    return best[1]


def _fit(url: str | None, site: str) -> int:
    if url is None:
        return 1
    said, there = urlsplit(url), urlsplit(site)
    if said.netloc == there.netloc:
        return 3
    return 2 if there.hostname in (said.hostname, str(said.hostname).removeprefix("api.")) else 0
