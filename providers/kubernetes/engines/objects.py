"""What flows between engines and who follows them: objects, what a step makes, what was not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from drift.rule import Rule
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.helm_template import Template


class Ref(NamedTuple):
    """One object of one cluster: ``key`` is group and kind (:attr:`TypeName.key`)."""

    scope: str
    key: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.key.rpartition('/')[2]} {place}"


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """A part that was not read: ``what`` it is for people (``HelmRelease media/plex: chart plex 6.x of
    https://…``), ``why`` it was not followed and what to do; ``owner`` the engine's object that makes it,
    by which the live objects that came of it are recognised."""

    what: str
    why: str
    owner: Ref | None = None
    via: tuple[str, ...] = ()


@dataclass(slots=True)
class Rendered:
    """What one step makes. ``tree`` is where it was read; ``namespace`` is that of objects that name none;
    ``template`` the release that helm itself installs, whose marks its live objects then bear; ``rules`` what
    it accepts of findings."""

    found: Found
    tree: Tree
    namespace: str | None = None
    template: Template | None = None
    unfollowed: list[Unfollowed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Made:
    """One object that a step makes. ``owner`` is the engine's object that applies it, ``tree`` where it was
    read; ``unit`` the folder of the unit that it is of, where nobody but people applies it."""

    manifest: Manifest
    ref: Ref
    tree: Tree
    owner: Ref | None = None
    unit: Path | None = None
