"""Where a history is: a file of SQLite's, or a database of PostgreSQL's by URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from drift.errors import ConfigError
from drift.objects import SCHEMES

#: The file of a history beside the folders of runs.
DEFAULT = "history.db"
_URL = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*)://(?P<rest>.*)", re.DOTALL)
_LOGIN = re.compile(r"^[^/@]*@")


@dataclass(frozen=True, slots=True)
class Place:
    """``url`` as SQLAlchemy takes it, which may hold a password; ``shown`` is for people; ``file`` is None
    for a database by URL."""

    url: str
    shown: str
    file: Path | None = None


def place(said: str, base: Path = Path()) -> Place:
    """What ``history:`` and ``--history`` name. Raises ConfigError for a database that is not supported."""
    found = _URL.fullmatch(said.strip())
    if found is None:
        file = base / Path(said).expanduser()
        return Place(f"sqlite:///{file}", str(file), file)
    scheme, rest = found["scheme"].lower(), found["rest"]
    if scheme == "sqlite" and rest.startswith("/"):
        return place(rest[1:], base)
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return Place(f"postgresql+psycopg://{rest}", f"postgresql://{_LOGIN.sub('', rest).partition('?')[0]}")
    if scheme in SCHEMES:
        raise ConfigError(
            f"history: {scheme}:// is an object store, where nothing can be changed in place; name a file "
            "on a local disk, or a postgresql:// address"
        )
    raise ConfigError(
        f"history: {scheme}:// is no database that is supported; name a file, or a postgresql:// address"
    )
