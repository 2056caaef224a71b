"""Finds and loads declared sources: a path, a Git repository at a ref, or a URL in a cloud's storage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from drift import listing, plugins, reading, records
from drift.config import options
from drift.config.entry import DeclaredEntry
from drift.contract import check
from drift.deadline import Deadline, Passed
from drift.declared import git, irregular, remote, within
from drift.declared.pulumi import hint
from drift.declared.terraform import hint as terraform_hint
from drift.errors import ConfigError, DeclaredError, Unsigned
from drift.model import Problem
from drift.provider import Provider
from drift.redaction import texts
from drift.source import Declaration, Loader, Location, Signers, Source

#: Told what is waited for, and for how many seconds.
Waiting = Callable[[str, float], None]
#: What an entry declares that lies at a location.
Read = Callable[[DeclaredEntry, Location, Loader], Sequence[Declaration]]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def load(
    entries: Iterable[DeclaredEntry],
    base: Path,
    providers: Mapping[str, Provider],
    settings: Mapping[str, BaseModel],
    deadline: Deadline | None = None,
    waiting: Waiting = lambda _, __: None,
    *,
    history: int = 1,
    allowed: Sequence[str] = (),
    places: Mapping[int, Location] | None = None,
    reader: Read | None = None,
) -> list[Declaration]:
    """Every entry, parsed; of several one that can't be read, or was not when the deadline passed, is a
    problem, and the others are read. ``waiting`` is told what it waits for, and for how many seconds;
    ``history`` is how many commits of a Git repository are fetched; ``allowed`` is what
    backend blocks of other repositories may name; ``places`` says of some entries (by :func:`id`) where they
    lie, so that they are not looked for; ``reader`` reads one entry in place of :func:`read`.

    Raises DeclaredError where not one can be; Unsigned where one is not signed as it is to be; ConfigError
    for a path that is not there, or an option that none of the sources that read it knows.
    """
    entries = list(entries)
    clock = deadline or Deadline()
    loader = Loader(providers, settings, clock, allowed)
    found: list[Declaration] = []
    problems: list[Problem] = []
    known = {one: remote.Fetched(location) for one, location in (places or {}).items()}
    fetched = {**_fetched([one for one in entries if id(one) not in known], base, loader, waiting), **known}
    for entry in entries:
        said = entry.path or entry.git or ""
        location = Location(Path(), git.without_password(said) if "://" in said else reading.shown(said))
        told = fetched.get(id(entry), remote.Fetched(None))
        unread = list(told.problems)
        try:
            if told.location is not None or not unread:
                wait = partial(waiting, location.display)
                found_at = partial(locate, entry, base, providers, settings, clock, history=history)
                location = told.location or clock.ask(found_at, waiting=wait)
                own = replace(loader, signers=_signers(entry, base)) if entry.verify else loader
                found += clock.ask(partial(reader or read, entry, location, own), waiting=wait)
        except Passed:
            unread.append(_late(location.display, clock))
        except DeclaredError as error:
            late = f" ({clock.reason})" if clock.passed else ""
            unread.append(Problem("declared", f"{error}{late}", unread=True))
        if unread:
            found.append(irregular.Irregular(entry.source or "declared", location, unread, []))
            problems += unread
    if problems and all(isinstance(one, irregular.Irregular) for one in found):
        raise DeclaredError(problems[0].message)
    return found


def _fetched(
    entries: Sequence[DeclaredEntry], base: Path, loader: Loader, waiting: Waiting
) -> dict[int, remote.Fetched]:
    """What all URLs give, as far as there is time."""
    urls = [entry for entry in entries if remote.is_url(entry)]
    if not urls:
        return {}
    clock = loader.deadline
    shown = [git.without_password(str(entry.path)) for entry in urls]
    try:
        return clock.ask(
            partial(remote.fetched, urls, base, loader.providers, loader.settings, clock),
            waiting=partial(waiting, ", ".join(shown[:3])),
        )
    except Passed:
        late = [remote.Fetched(None, [_late(name, clock)]) for name in shown]
        return {id(entry): told for entry, told in zip(urls, late, strict=True)}


def _late(name: str, clock: Deadline) -> Problem:
    return Problem("declared", f"{name}: not read: {clock.reason}", unread=True)


def read(entry: DeclaredEntry, location: Location, loader: Loader) -> list[Declaration]:
    """What all sources say that read an entry. Raises DeclaredError, and ConfigError for an option that none
    of them knows."""
    found: list[Declaration] = []
    if not location.foreign:
        loader = replace(loader, allowed=None)
    sources = [plugins.source(entry.source)] if entry.source else recognise(location)
    location = replace(location, options=options.checked(entry.said(), sources, entry.where))
    for source in sources:
        declaration = source.load(location, loader)
        check(declaration, Declaration, f"what the source {source.name!r} loads")
        found.append(declaration)
    problems, foreign = irregular.found(location, sources), irregular.foreign(location)
    if problems or foreign:
        found.append(irregular.Irregular(sources[0].name, location, problems, foreign))
    return found


def locate(
    entry: DeclaredEntry,
    base: Path,
    providers: Mapping[str, Provider],
    settings: Mapping[str, BaseModel],
    deadline: Deadline | None = None,
    *,
    history: int = 1,
    verify: bool = True,
) -> Location:
    """Where an entry's files are, fetched if need be, with the commit that they are of; its options are as
    they are said. ``verify`` False leaves out whether they are signed, for what is read to be edited.

    Raises Unsigned where they are to be signed, and are not.
    """
    signers = _signers(entry, base) if verify else None
    said: dict[str, Any] = entry.said()
    if entry.path and _CONTROL.search(entry.path):
        raise ConfigError(f"{entry.path!r}: has control characters; correct `path`")
    for name, value in said.items():
        if any("\0" in text for text in texts(value)):
            raise ConfigError(f"{entry.path or ''}: {name!r} has a NUL character; correct `{name}`")
    if entry.git is not None:
        checkout = git.fetch(
            repository(entry.git, base), entry.ref, deadline=deadline, history=history, signers=signers
        )
        path = _inside(checkout.root, entry.path or ".", entry.git)
        display = entry.path or git.without_password(entry.git)
        root = checkout.root.resolve()
        return Location(
            path,
            display,
            checkout.commit,
            checkout.committed_at,
            checkout.url,
            said,
            root,
            root,
            checkout.ref,
            foreign=True,
        )
    assert entry.path is not None
    for one in remote.fetched([entry], base, providers, settings, deadline or Deadline()).values():
        if one.location is None:
            raise DeclaredError(one.problems[0].message)
        return one.location
    display = reading.shown(entry.path)
    path = reading.place(entry.path, base)
    if not path.exists():
        where = reading.shown(str(path))
        raise ConfigError(f"{display}: there is no such file or folder (looked for {where})")
    if _leads_out(base, entry.path):
        raise DeclaredError(f"{entry.path}: is a link that leads out of the repository; name {path} itself")
    irregular.refuse(path, display)
    checkout = git.working_tree(path)
    commit = None if checkout.dirty else checkout.commit
    located = Location(
        path,
        display,
        commit,
        checkout.committed_at if commit else None,
        checkout.url,
        said,
        checkout.root.resolve() if checkout.commit else None,
        base,
        checkout.ref,
        foreign=git.top(path) != git.top(base) if git.top(base) else not path.is_relative_to(base.resolve()),
    )
    return located if signers is None else _as_signed(located, signers, deadline, history)


def _as_signed(location: Location, signers: Signers, deadline: Deadline | None, history: int) -> Location:
    """A working tree as its commit has it, so that what git ignores is not read. Raises Unsigned."""
    if location.root is None:
        raise Unsigned(f"{location.display}: is in no Git repository, and `verify` wants its commit signed")
    if location.commit is None:
        raise Unsigned(
            f"{location.display}: has changes that are not committed, and so not signed, as `verify` wants "
            "them; commit them or put them away"
        )
    top = str(location.root)
    try:
        fetched = git.fetch(top, location.commit, deadline=deadline, history=history, signers=signers)
    except Unsigned as error:
        raise Unsigned(str(error).replace(f"{top}:", f"{location.display}:", 1)) from error
    copy = fetched.root.resolve()
    inside, base = location.path.resolve().relative_to(location.root), location.base
    if base is not None and base.resolve().is_relative_to(location.root):
        base = copy / base.resolve().relative_to(location.root)
    return replace(location, path=copy / inside, root=copy, base=base, clone=location.root)


def _signers(entry: DeclaredEntry, base: Path) -> Signers | None:
    """Whose signature an entry asks for. Raises ConfigError for a file that is not there."""
    said = entry.verify
    if said is None or not said.signed:
        return None
    files: list[Path | None] = []
    for name in (said.allowed_signers, said.keyring):
        file = None if name is None else reading.place(name, base)
        if file is not None and not file.is_file():
            raise ConfigError(f"{name}: there is no such file (looked for {file}); correct `verify`")
        files.append(file)
    return Signers(*files)


def recognise(location: Location) -> list[Source]:
    """The one source that reads the location, and those that add to it. Raises DeclaredError when none or
    several do."""
    head = b""
    if location.path.is_file():
        with reading.opened(location.path, location.display) as stream:
            head = stream.read(listing.HEAD_BYTES)
        if records.is_records(location.path, head):  # our own form, of which no other language is asked
            return [plugins.source("baseline")]
    sources = plugins.sources().values()
    fitting = [source for source in sources if source.recognises(location.path, head)]
    adding = [source for source in fitting if source.adds]
    own = [source for source in fitting if source not in adding]
    if len(own) == 1 or (adding and not own):
        return [*own, *adding]
    names = ", ".join(source.name for source in own)
    if not fitting:
        what = reading.no_text(head) if head.strip() else "is empty: it was not written yet, or is cut off"
        if location.path.is_file() and what is not None:
            raise DeclaredError(f"{location.display}: {what}")
        if instead := hint.advice(location.path) or terraform_hint.advice(location.path, location.display):
            raise DeclaredError(f"{location.display}: {instead}")
        known = ", ".join(plugins.names("sources"))
        if inside := within.advice(location.path, list(sources)):
            raise DeclaredError(
                f"{location.display}: no declared source reads this folder as a whole; {inside}"
            )
        raise DeclaredError(
            f"{location.display}: not recognised as any declared source ({known}); name one with "
            "`source:` or correct the path"
        )
    raise DeclaredError(f"{location.display}: could be any of {names}; name one with `source:`")


def _leads_out(base: Path, path: str) -> bool:
    """Whether a link on a declared path leads out of the repository that the link lies in."""
    at = base
    for part in reading.at_home(path).parts:
        at = at / part
        if listing.leads_out(at):
            return True
    return False


def repository(url: str, base: Path) -> str:
    """A repository named by a path is relative to the configuration, like every path in it."""
    folder = base if "://" in url else reading.place(url, base)
    return str(folder) if "://" not in url and folder.is_dir() else url


def _inside(root: Path, path: str, url: str) -> Path:
    found = reading.place(path, root)
    if not found.is_relative_to(root.resolve()):
        raise ConfigError(f"{path}: leads out of the repository {git.without_password(url)}")
    if not found.exists():
        raise ConfigError(f"{git.without_password(url)}: there is no {path} at the fetched commit")
    irregular.refuse(found, path)
    return found
