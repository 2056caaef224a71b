"""Whether the places that a run writes to and talks to can be: its folder, its history, whom it tells, and
the forges. It only asks."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from drift import files
from drift.check import Check, CheckStatus, Probe, probed
from drift.config.engine import Engine
from drift.config.model import Config
from drift.deadline import Deadline
from drift.declared import git_address
from drift.errors import ConfigError, DriftError
from drift.history.place import DEFAULT, Place
from drift.history.place import place as history_place
from drift.objects import Store, StoreError, is_url, placed
from drift.report import runs
from drift.secret import SecretError

#: How long a host has to answer.
_SECONDS = 10.0
#: The ports of what is named by a host and a word for how it is secured.
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SCHEMES = {"http": 80, "https": 443}
#: A certificate that ends within so many days is said.
_DAYS = 14
_KEY = "DRIFT_REDACTION_KEY"


def look(config: Config, deadline: Deadline) -> list[Check]:
    """A check of each place."""
    found = [_folder(config), _redaction(config), *_engine_files(config)]
    found += probed(list(_probes(config, deadline)), deadline)
    return found


def base(config: Config) -> str:
    """The folder of the folders of runs."""
    return config.output.directory or str(runs.DEFAULT)


def _folder(config: Config) -> Check:
    folder = base(config)
    try:
        files.writable(Path(folder))
    except DriftError as error:
        return Check("folder", folder, "folder", "stops", str(error))
    return Check("folder", folder, "folder", "well", "reports can be written there")


def _redaction(config: Config) -> Check:
    if config.redaction.key or os.environ.get(_KEY):
        return Check("configuration", config.lines.name, "redaction.key", "well", "is set")
    if config.engine is not None:
        said = f"is not set, and what goes to other processes is sealed with it; set {_KEY} for all of them"
        return Check("configuration", config.lines.name, "redaction.key", "stops", said)
    said = f"is not set: a changed secret is seen within a run, not from run to run; set {_KEY}"
    return Check("configuration", config.lines.name, "redaction.key", "note", said)


def _engine_files(config: Config) -> Iterator[Check]:
    """The files and the folder that other machines take; nothing of a run begins without them."""
    engine = config.engine
    if engine is None or engine.dask is None:
        return
    yield from _certificates(config, engine)
    if engine.shared is None or is_url(engine.shared):
        return
    path = config.base / engine.shared
    try:
        files.writable(path)
        if not path.is_dir():
            raise DriftError(f"{path}: there is no such folder")
    except DriftError as error:
        yield Check("folder", engine.shared, "engine.shared", "stops", str(error))
    else:
        yield Check("folder", engine.shared, "engine.shared", "well", "is there")


def _certificates(config: Config, engine: Engine) -> Iterator[Check]:
    """What of an engine can be known to be wrong before anybody is asked; each file of the certificates, and
    whether they hold still."""
    from drift.engine import certificates, cluster

    said = {name: file for name in ("ca", "certificate", "key") if (file := getattr(engine, name))}
    there = engine.model_copy(update={name: config.base / file for name, file in said.items()})
    lacking = cluster.lacking(there)
    for one in lacking:
        key, _, why = one.partition(": ")
        yield Check("configuration", config.lines.name, key, "stops", why)
    if not said or lacking:
        return
    wrong = certificates.wrong(there)
    for name, file in said.items():
        what = f"engine.{name}"
        for why in wrong.get(name, ()):
            yield Check("folder", str(file), what, "stops", why)
        if name not in wrong:
            yield Check("folder", str(file), what, "well", "is there")
    if not wrong and (left := certificates.days(there)) < _DAYS:
        why = f"ends in {left:.0f} days; make a new one before"
        yield Check("folder", str(said["certificate"]), "engine.certificate", "note", why)


def _probes(config: Config, deadline: Deadline) -> Iterator[Probe]:
    with contextlib.suppress(SecretError):  # that it can't be had is said where secrets are looked up
        if (history := _history(config)) is not None:
            yield Probe("history", history.shown, "history", partial(_remembered, history))
    for slot, (name, settings) in config.channels.items():
        with contextlib.suppress(SecretError):
            for host, port in _addresses(settings):
                where = f"{host}:{port}"
                yield Probe("reach", where, f"{slot} ({name})", partial(_reached, host, port, slot, deadline))
    if config.engine is not None and config.engine.dask is not None:
        parts = urlsplit(config.engine.dask)
        host, port = parts.hostname or "", parts.port or 0
        ask = partial(_reached, host, port, "engine", deadline, lost="no run can begin", status="stops")
        yield Probe("reach", f"{host}:{port}", "engine", ask)
        shared = config.engine.shared
        if shared is not None and is_url(shared):
            yield Probe("reach", shared, "engine.shared", partial(_shared, shared, deadline))
    if config.output.store is not None:
        url = placed(config.output.store, config.base).rstrip("/")
        yield Probe("reach", url, "output.store", partial(_stored, url, deadline))
    if config.remediate is not None and config.logins:
        for url in dict.fromkeys(one.git for one in config.declared if one.git and "://" in one.git):
            shown = git_address.shown(url)
            yield Probe("reach", shown, "forge", partial(_forge, config, url, deadline))


def _history(config: Config) -> Place | None:
    asked = config.remembers
    if asked is None:
        return None
    if asked.database is not None:
        return history_place(asked.database.get_secret_value(), config.base)
    return history_place(f"{base(config)}/{DEFAULT}")


def _remembered(place: Place) -> Iterable[Check]:
    from drift.history.database import Database
    from drift.history.errors import HistoryError, NoHistory, Outdated

    try:
        with Database(place) as database, database.reading():
            pass
    except NoHistory as error:
        said = (
            f"{error.args[0]}; the first run begins it" if place.file is None else "the first run begins it"
        )
        if place.file is not None:
            files.writable(place.file.parent)
        return [Check("history", place.shown, "history", "note", said)]
    except Outdated as error:
        return [Check("history", place.shown, "history", "note", str(error))]
    except HistoryError as error:
        said = f"{error}: what is new and what is known could not be told"
        return [Check("history", place.shown, "history", "blind", said)]
    notes = [Check("history", place.shown, "history", "note", one) for one in database.notes]
    return [Check("history", place.shown, "history", "well", "can be read"), *notes]


def _addresses(settings: BaseModel) -> Iterator[tuple[str, int]]:
    """The hosts and ports that a channel's settings name: ``host`` with a port, or addresses."""
    said = {name: getattr(settings, name) for name in type(settings).model_fields}
    host = said.get("host")
    if isinstance(host, str):
        yield host, said.get("port") or _PORTS.get(str(said.get("security")), 443)
    for name in ("url", "urls"):
        several = said.get(name)
        for one in several if isinstance(several, list) else [several]:
            text = one.get_secret_value() if isinstance(one, SecretStr) else one
            if not isinstance(text, str):
                continue
            parts = urlsplit(text)
            if parts.scheme in _SCHEMES and parts.hostname:
                yield parts.hostname, parts.port or _SCHEMES[parts.scheme]


def _reached(
    host: str, port: int, slot: str, deadline: Deadline, *, lost: str = "", status: CheckStatus = "blind"
) -> Iterable[Check]:
    """Whether somebody answers there. Nothing is said to them, so that nobody is told of anything."""
    where = f"{host}:{port}"
    try:
        with socket.create_connection((host, port), timeout=deadline.within(_SECONDS)):
            pass
    except OSError as error:
        said = f"can't be reached: {error.strerror or error}; {lost or f'`{slot}` would wait in the outbox'}"
        return [Check("reach", where, slot, status, said)]
    said = "answers; whether it takes what is sent shows when something is"
    return [Check("reach", where, slot, "well", said)]


def _stored(url: str, deadline: Deadline) -> Iterable[Check]:
    """Lists what is there. Raises StoreError."""
    try:
        store = Store(url, deadline)
    except ConfigError as error:
        return [Check("reach", url, "output.store", "stops", f"{error}; no run can begin")]
    folders, _ = store.listed()
    said = f"{len(folders):,} folders are there; whether it takes more shows when a run is copied there"
    return [Check("reach", store.shown(), "output.store", "well", said)]


def _shared(url: str, deadline: Deadline) -> Iterable[Check]:
    """Lists what is there."""
    try:
        Store(url, deadline).listed()
    except (StoreError, ConfigError) as error:
        return [Check("reach", url, "engine.shared", "stops", f"{error}; no run can begin")]
    said = "can be listed; whether it takes what is written, and workers reach it, shows when a run begins"
    return [Check("reach", url, "engine.shared", "well", said)]


def _forge(config: Config, url: str, deadline: Deadline) -> Iterable[Check]:
    """Asks for the pull requests that are open, which changes nothing."""
    from drift.remediate.hosts import Hosts

    shown = git_address.shown(url)
    assert config.remediate is not None
    forge = Hosts(config, deadline).of(url).forge
    if forge is None:
        said = "no login of a forge is configured for it: branches are pushed, pull requests opened by hand"
        return [Check("reach", shown, "forge", "note", said)]
    count = len(forge.open_pull_requests(config.remediate.branch))
    return [Check("reach", shown, "forge", "well", f"{count} pull requests of ours are open there")]
