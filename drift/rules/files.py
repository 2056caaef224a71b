"""Finds the rules of a run: those of drift.yaml, of every .driftignore.yaml, and those that providers read
elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from drift import reading
from drift.config.lines import Lines, read, validate
from drift.config.model import Config
from drift.config.rules import IgnoreFile, IgnoreRule
from drift.errors import ConfigError
from drift.finding import Finding
from drift.model import Resource
from drift.provider import Provider
from drift.rule import Note, Rule
from drift.rules import driftctl
from drift.rules.ignore import Ignore
from drift.rules.places import Places, in_repository
from drift.rules.ruling import Ruling
from drift.source import Location

NAME = ".driftignore.yaml"
#: Every rule is asked about every finding, so that no file may have them without end.
_MOST = 3 * reading.MB
_LEFT_OUT = frozenset({".git", ".terraform", "node_modules", ".venv"})


def gather(
    config: Config,
    locations: Sequence[Location],
    declared: Sequence[Resource],
    providers: Iterable[Provider],
    today: date,
    *,
    live: Container[str] = (),
    whole: bool = True,
    beside: Iterable[Rule] = (),
) -> Ruling:
    """All rules, those that compare a resource's two sides again first, then those that stand ``beside``
    declarations. Providers of which nothing is declared, and nothing ``live``, are not asked for theirs.

    Raises ConfigError for a bad file.
    """
    rules: list[Rule] = []
    providers = list(providers)
    names = {one.provider for one in declared}
    for provider in (one for one in providers if one.name in names or one.name in live):
        rules.extend(provider.hooks.rules(one for one in declared if one.provider == provider.name))
    rules.extend(beside)
    rules.extend(_ours(config.ignore, config.lines, config.lines.name))
    places = Places(locations)
    for file, location in _found(locations, NAME):
        name = display(file, location)
        reach = Reach(file.parent, location, places, _scopes(declared, places, file.parent))
        data, lines = read(_text(file, name), name)
        said = validate(IgnoreFile, {} if data is None else data, lines, ())
        rules.extend(_ours(said.ignore, lines, name, reach))
    for file, location in _found(locations, driftctl.NAME):
        name = display(file, location)
        reach = Reach(file.parent, location, places, _scopes(declared, places, file.parent))
        rules.extend(driftctl.rules(_text(file, name), name, reach, {one.name: one for one in providers}))
    return Ruling(rules, today, whole=whole)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a file of rules may speak of: what is declared in its folder and below, and what nobody declares
    in the accounts and clusters of these declarations."""

    folder: Path
    location: Location
    places: Places
    scopes: frozenset[tuple[str, str]]

    def __call__(self, finding: Finding) -> bool:
        origin = finding.declared.origin if finding.declared else None
        if origin is None:
            resource = finding.resource
            return bool(self.scopes & {(resource.provider, resource.scope), (resource.provider, "")})
        found = self.places.find(origin)
        return found is not None and found[1].is_relative_to(self.folder)


def display(file: Path, location: Location) -> str:
    """How to name a file near a location to people."""
    folder = location.path if location.path.is_dir() else location.path.parent
    if file.is_relative_to(folder):
        head = location.display if location.path.is_dir() else str(Path(location.display).parent)
        return (Path(head) / file.relative_to(folder)).as_posix()
    return in_repository(location, file) or file.name


def _ours(
    said: Iterable[IgnoreRule], lines: Lines, name: str, reach: Callable[[Finding], bool] = lambda _: True
) -> Iterator[Rule]:
    seen: set[str] = set()
    for index, rule in enumerate(said):
        line = lines.line(("ignore", index))
        called = f"{name}:{line}" if line else f"{name} ignore.{index}"
        if called in seen:  # two on one line
            called += f" ignore.{index}"
        seen.add(called)
        yield Ignore(rule, Note(called, rule.reason, name, line, rule.owner, rule.until), reach)


def _found(locations: Iterable[Location], name: str) -> Iterator[tuple[Path, Location]]:
    """Every file of this name beside, above (inside the repository) or below what is declared, once."""
    seen: set[Path] = set()
    for location in locations:
        if "://" in location.display:
            continue
        folder = location.path if location.path.is_dir() else location.path.parent
        above = [one for one in folder.parents if location.root and one.is_relative_to(location.root)]
        below = _below(folder, name) if location.path.is_dir() else [folder / name]
        for file in (*below, *(one / name for one in above)):
            if file not in seen and os.path.lexists(file):  # what is no file is told as what it is
                seen.add(file)
                yield file, location


def _below(folder: Path, name: str) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in _LEFT_OUT)
        if name in files or name in folders:
            yield Path(path) / name


def _scopes(declared: Iterable[Resource], places: Places, folder: Path) -> frozenset[tuple[str, str]]:
    found = set()
    for resource in declared:
        if resource.origin is None or (resource.provider, resource.scope) in found:
            continue
        place = places.find(resource.origin)
        if place is not None and place[1].is_relative_to(folder):
            found.add((resource.provider, resource.scope))
    return frozenset(found)


def _text(file: Path, name: str) -> str:
    return reading.text(file, name, most=_MOST, error=ConfigError)
