"""What `drift init` asks of plugins: what a folder declares, and which clouds somebody is logged in to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Hint:
    """What a declared language says of a folder or file that it recognises. All paths are absolute.

    ``whole``: the folder itself is one declaration (a chart, a root module), whatever lies below it;
    ``covers``: nothing below it is one by itself, or nothing of the languages ``reads`` alone, where that is
    not empty: what others declare there is told by itself. ``joins``: where all that is declared below a
    folder is of its language, the folder is one declaration. ``takes_in`` are folders that are declared along
    with it, ``instead`` what to declare in its place, each with options of its entry. ``doubt`` says why it
    may be no declaration of anything (a module, a library). ``needs`` are options that people have to say,
    with what they are; ``distant``: what it declares is read over the network. ``types`` are the resource
    types, in the language's own words, by which clouds know it.
    """

    whole: bool = False
    covers: bool = False
    reads: frozenset[str] = frozenset()
    joins: bool = False
    takes_in: tuple[Path, ...] = ()
    instead: Mapping[Path, Mapping[str, str]] = field(default_factory=dict)
    doubt: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)
    distant: bool = False
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a folder: the names of declared languages, their resource types as far as hints name
    them, and the names of files that no language recognises, as paths below the folder. ``environment`` and
    ``home`` are where logins are configured."""

    folder: Path
    languages: frozenset[str]
    types: frozenset[str]
    strange: tuple[str, ...]
    environment: Mapping[str, str]
    home: Path


@dataclass(frozen=True, slots=True)
class Proposal:
    """A provider's section of ``live:``. ``asked``: something in the folder belongs to it; else it is
    proposed as a comment. ``comments`` are lines for people: what else could stand there. Names alone are
    proposed, never what logs in."""

    section: Mapping[str, Any]
    asked: bool
    comments: tuple[str, ...] = ()
    #: What of the folder it knows and can't read as it is: path → what to do.
    advice: Mapping[str, str] = field(default_factory=dict)
