"""Which forge a repository lives at, and how it is logged in to there."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from drift import plugins
from drift.config.model import Config
from drift.deadline import Deadline
from drift.declared import git_address
from drift.forge import Hosted, Login, Repository
from drift.report.forge import hosted, opening_link


class Host(NamedTuple):
    """A repository at its forge (None: plain Git), its name for the allow-list (``github.com/acme/infra``),
    and what tells the page where a pull request of (branch, base) is opened by hand."""

    forge: Hosted | None
    place: str
    page: Any


def host(url: str, config: Config, deadline: Deadline) -> Host:
    """Where a repository lives. Asks nothing yet; raises ForgeError where a login is configured and can't be
    used."""
    found = hosted(url, config.forges)
    name = git_address.shown(url)
    page = partial(opening_link, url, forges=config.forges)
    if found is None:
        return Host(None, name, page)
    place = f"{found.host}/{found.path}"
    if found.kind is None or found.kind not in config.logins:
        return Host(None, place, page)
    repository = Repository(name, found.site, found.path)
    return Host(
        plugins.forge(found.kind).connect(repository, config.logins[found.kind], deadline), place, page
    )


def login(url: str, config: Config, deadline: Deadline) -> Login | None:
    """How git logs in at a repository; None: by its own credentials."""
    there = host(url, config, deadline).forge
    return None if there is None else there.login()
