"""Tells what in a declared place no source reads: what is neither a file nor a folder (a pipe, a socket, a
link to nothing), what may not be read, pointers of Git LFS, and lines of JSON that are no records."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from drift import lined, listing, reading, records
from drift.errors import DeclaredError
from drift.model import Problem
from drift.source import BaseDeclaration, LiveView, Location, Source

#: How files end that a source may read.
_SUFFIXES = frozenset(
    (".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".gz", ".zst", ".tfstate", ".template", ".bicep", ".tf")
)
#: What Terraform, Go, Jinja and others put into texts that they complete.
_TEMPLATE = re.compile(r"[$%]\{|\{\{|\{%|<%")
_POINTER = "a pointer of Git LFS, whose content is elsewhere"
_POINTER_BYTES = 1024
_POINTER_BEGINS = b"version https://git-lfs.github.com/spec/"
_LINES = tuple(f"{lines}{packed}" for lines in (".jsonl", ".ndjson") for packed in ("", ".gz", ".zst"))


def refuse(path: Path, display: str) -> None:
    """Raises DeclaredError where a place is neither a file nor a folder."""
    if not path.is_file() and not path.is_dir():
        raise DeclaredError(f"{display}: is {_what(path)}; give a file or a folder")
    if path.is_file() and _is_pointer(path):
        raise DeclaredError(
            f"{display}: is {_POINTER}; check it out with `git lfs pull` and declare its path"
        )


def may_be_read(parts: Sequence[str]) -> bool:
    """Whether a source may read a file, by the steps of its path: its ending is known, or it has none, and
    nothing of it is hidden."""
    name = parts[-1]
    return (
        bool(name)
        and name not in (".", "..")
        and Path(name).suffix.lower() in (*_SUFFIXES, "")
        and not any(map(listing.passed_over, parts))
    )


def found(location: Location, sources: Iterable[Source] = ()) -> list[Problem]:
    """What in a folder looks like a file to read and is none, as the sources walk it that read it."""
    if not location.path.is_dir():
        return []
    told = [*_irregular(location.path), *_broken(location.path, list(sources))]
    return [
        Problem("declared", f"{location.inside(path)}: {why}, so it was not read", unread=True)
        for path, why in sorted(told)
    ]


def foreign(location: Location) -> list[str]:
    """The files of a folder whose names say lines of JSON and that hold no records of ours, in words."""
    if not location.path.is_dir():
        return []
    return [
        f"{location.inside(path)}: no records in it, so it declares nothing"
        for path in listing.files_below(location.path, _LINES)
        if not records.is_records(path, listing.beginning(path))
    ]


def _irregular(folder: Path) -> Iterator[tuple[Path, str]]:
    try:
        with os.scandir(folder) as entries:
            listed = list(entries)
    except OSError as error:
        yield folder, f"can't be read ({error.strerror})"
        return
    for entry in listed:
        if listing.passed_over(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _irregular(Path(entry.path))
        elif Path(entry.name).suffix.lower() in _SUFFIXES and not Path(entry.path).is_dir():
            if not Path(entry.path).is_file():
                yield Path(entry.path), f"is {_what(Path(entry.path))}"
            elif listing.leads_out(Path(entry.path)):
                yield Path(entry.path), "is a link that leads out of the repository"
            elif not os.access(entry.path, os.R_OK):
                yield Path(entry.path), "can't be read (no permission)"
            elif _is_pointer(Path(entry.path)):
                yield Path(entry.path), f"is {_POINTER}"


def _broken(folder: Path, sources: list[Source]) -> Iterator[tuple[Path, str]]:
    """JSON that is none, beside what a source reads, so that nobody knows what it would declare; but for
    templates of JSON."""

    def reads(file: Path) -> bool:
        return any(source.recognises(file, listing.beginning(file)) for source in sources)

    known: dict[Path, bool] = {}
    for file in listing.files_below(folder, (".json",)):
        why = None if reads(file) or _is_pointer(file) else _no_json(file)
        if why is not None:
            parent = file.parent
            if parent not in known:
                known[parent] = any(reads(one) for one in sorted(parent.iterdir()) if one.is_file())
            if known[parent]:
                yield file, why


def _no_json(file: Path) -> str | None:
    """Why a file is no JSON, of which people write comments, too; None where it is, or a template of it."""
    try:
        text = reading.text(file, file.name)
    except DeclaredError as error:
        return str(error).removeprefix(f"{file.name}: ").partition("; ")[0]
    if not text.strip():
        return "is empty"
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if _TEMPLATE.search(text):
            return None
        with contextlib.suppress(DeclaredError):
            lined.parse(text, file.name, float, relaxed=True)
            return None
        return f"is no valid JSON (line {error.lineno}: {error.msg})"
    return None


def _is_pointer(file: Path) -> bool:
    """Source: the specification of Git LFS: pointers are under 1024 bytes and begin with their version."""
    try:
        if file.stat().st_size >= _POINTER_BYTES:
            return False
        with file.open("rb") as stream:
            return stream.read(len(_POINTER_BEGINS)) == _POINTER_BEGINS
    except OSError:
        return False


def _what(path: Path) -> str:
    """What a place is, in words."""
    try:
        return reading.kind(path.stat().st_mode)
    except OSError:
        return "a link that leads nowhere"


@dataclass(slots=True)
class Irregular(BaseDeclaration):
    """Declares nothing; says what was not read, and what was passed over."""

    source: str
    location: Location
    _problems: list[Problem]
    _foreign: list[str]

    @property
    def notes(self) -> list[str]:
        return self._foreign

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset()

    def resources(self, live: LiveView) -> Iterable[Problem]:
        return self._problems
