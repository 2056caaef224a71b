"""Fetches declared entries that are URLs: files in a cloud's storage, and Terraform states in backends; all
of a run at a time, and what can't be had is told while the others are read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from drift import backends, temporary
from drift.backend import DEFAULT
from drift.config.entry import DeclaredEntry
from drift.deadline import Deadline
from drift.declared import irregular
from drift.errors import CellError, ConfigError, DeclaredError
from drift.model import Problem
from drift.provider import Provider
from drift.source import Location, Option

OPTION = Option(
    "workspace",
    "The Terraform workspace whose state is read from a backend, or `*` for all. Default: `default`.",
)
#: More files below one place are no declarations of one entry.
MOST_FILES = 2_000
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where what was fetched lies now (None: nothing was), and what of it could not be had."""

    location: Location | None
    problems: Sequence[Problem] = ()


def fetched(
    entries: Sequence[DeclaredEntry],
    base: Path,
    providers: Mapping[str, Provider],
    settings: Mapping[str, BaseModel],
    deadline: Deadline,
) -> dict[int, Fetched]:
    """By ``id`` of each entry that is a URL: where it lies now, or that it could not be read. Raises
    ConfigError for a URL that nothing reads."""
    wanted = [entry for entry in entries if is_url(entry)]
    ways = [_way(entry, base, providers, settings, deadline) for entry in wanted]
    if len(wanted) < 2:
        return {id(entry): way() for entry, way in zip(wanted, ways, strict=True)}
    with ThreadPoolExecutor(backends.AT_ONCE, "declared") as pool:
        told = pool.map(lambda way: way(), ways)
        return {id(entry): one for entry, one in zip(wanted, told, strict=True)}


def is_url(entry: DeclaredEntry) -> bool:
    """Whether an entry is fetched here."""
    return entry.git is None and entry.path is not None and "://" in entry.path


def _way(
    entry: DeclaredEntry,
    base: Path,
    providers: Mapping[str, Provider],
    settings: Mapping[str, BaseModel],
    deadline: Deadline,
) -> Callable[[], Fetched]:
    """How to fetch an entry: a state by its backend, what else lies in a cloud's storage by its provider."""
    url = entry.path
    assert url is not None
    scheme = urlsplit(url).scheme
    said = entry.said()
    workspace = said.get(OPTION.name)
    provider = next((one for one in providers.values() if scheme in one.schemes), None)
    if provider is not None and workspace is None:
        read = _folder if url.endswith("/") else _file
        return lambda: read(url, said, base, provider, settings, deadline)
    if backends.of_scheme(scheme) is None:
        known = [*(one for each in providers.values() for one in each.schemes), *backends.schemes()]
        shown = ", ".join(f"{one}://" for one in dict.fromkeys(known))
        raise ConfigError(f"{url}: the scheme {scheme}:// is not known; known are {shown or 'none'}")
    backend, stored = backends.from_url(url, settings)
    shown = backend.shown(stored, DEFAULT)

    def way() -> Fetched:
        told = backends.open(
            backend.name,
            stored.config,
            workspace=workspace and str(workspace),
            settings=settings,
            deadline=deadline,
        )
        return located(told, shown, said, base)

    return way


def located(
    told: Sequence[backends.State | Problem], shown: str, said: Mapping[str, Any], base: Path
) -> Fetched:
    """Where the states of a backend lie now: one as a file, several as a folder."""
    states = [one for one in told if isinstance(one, backends.State)]
    problems = [one for one in told if isinstance(one, Problem)]
    if not states:
        return Fetched(None, problems or [Problem("declared", f"{shown}: keeps no state", unread=True)])
    path, display = states[0].path, states[0].display
    if len(told) > 1:
        path, display = path.parent, shown
        for one in states:
            one.path.rename(path / f"{_ODD.sub('_', one.workspace)}.tfstate")
    return Fetched(Location(path, display, options=dict(said), base=base), problems)


def _file(
    url: str,
    said: Mapping[str, Any],
    base: Path,
    provider: Provider,
    settings: Mapping[str, BaseModel],
    deadline: Deadline,
) -> Fetched:
    """One file of a cloud's storage."""
    try:
        body = provider.fetch(url, settings.get(provider.name), deadline)
    except DeclaredError as error:
        return Fetched(None, [Problem("declared", str(error), unread=True)])
    target = temporary.written(Path(urlsplit(url).path).name or "declared", body)
    return Fetched(Location(target, url, options=dict(said), base=base))


def _folder(
    url: str,
    said: Mapping[str, Any],
    base: Path,
    provider: Provider,
    settings: Mapping[str, BaseModel],
    deadline: Deadline,
) -> Fetched:
    """What lies below a place in a cloud's storage, as a folder: the files that a source may read, without
    what is hidden."""
    own = settings.get(provider.name)
    try:
        named = {one: _parts(one.removeprefix(url)) for one in provider.below(url, own, deadline)}
    except DeclaredError as error:
        return Fetched(None, [Problem("declared", str(error), unread=True)])
    except CellError as error:
        return Fetched(None, [Problem("declared", f"{url}: can't be listed: {error}", unread=True)])
    wanted = {one: parts for one, parts in named.items() if irregular.may_be_read(parts)}
    if not wanted:
        why = f"{url}: no file below it may be read ({len(named):,} others are there)"
        return Fetched(None, [Problem("declared", why, unread=True)])
    if len(wanted) > MOST_FILES:
        why = f"{url}: {len(wanted):,} files, and no more than {MOST_FILES:,} are read; name a place below it"
        return Fetched(None, [Problem("declared", why, unread=True)])
    top = temporary.folder()

    def keep(one: str) -> Problem | None:
        file = top.joinpath(*wanted[one])
        try:
            body = provider.fetch(one, own, deadline)
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                target.write(body)
        except DeclaredError as error:
            return Problem("declared", str(error), unread=True)
        except (CellError, OSError, ValueError) as error:
            return Problem("declared", f"{one}: can't be kept: {error}", unread=True)
        return None

    with ThreadPoolExecutor(backends.AT_ONCE, "declared") as pool:
        problems = [one for one in pool.map(keep, wanted) if one is not None]
    if len(problems) == len(wanted):
        return Fetched(None, problems)
    return Fetched(Location(top, url, options=dict(said), base=base), problems)


def _parts(name: str) -> list[str]:
    """The steps of an object's name, none of which leads elsewhere."""
    steps = [step.replace("\0", "_") for step in name.split("/")]
    return ["_" if step in (".", "..") else step or "_" for step in steps[:-1]] + steps[-1:]
