"""The contract of an engine, and what flows between it and who follows it: steps, and what each makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from drift.model import Resource
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.helm_template import Template

if TYPE_CHECKING:
    from providers.kubernetes.engines.world import World


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
    ``template`` the release that helm itself installs, whose marks its live objects then bear."""

    found: Found
    tree: Tree
    namespace: str | None = None
    template: Template | None = None
    unfollowed: list[Unfollowed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Step(Protocol):
    """One thing that an engine applies: a Kustomization, a release, an Application, a folder.

    ``key`` names it: of equal keys only the first is rendered. ``via`` is the chain that leads to it, its own
    name last; ``scope`` the cluster that its objects go to; ``owner`` the engine's object that applies it,
    None where nobody does (files that are applied by hand); ``takes`` the folder of the own repository that
    it applies, so that what lies there is not applied by itself.
    """

    @property
    def key(self) -> str: ...

    @property
    def via(self) -> tuple[str, ...]: ...

    @property
    def scope(self) -> str: ...

    @property
    def owner(self) -> Ref | None: ...

    @property
    def takes(self) -> Path | None: ...

    def rendered(self, world: World) -> Rendered:
        """Reads and renders it. Raises DeclaredError, which takes no other step with it;
        :class:`~providers.kubernetes.engines.trees.NotFollowed` where its source may not be read."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """One object that a step makes."""

    manifest: Manifest
    step: Step
    ref: Ref


class Engine(Protocol):
    """One deployer. ``name`` is what ``engine:`` of an entry says; ``kinds`` are group and kind of the
    objects that it obeys, by which its repositories are recognised."""

    name: str
    kinds: frozenset[str]

    def layout(self, folder: Path) -> bool:
        """Whether a folder is laid out for it, where no object tells so (Jenkins X' ``config-root``)."""
        ...

    def begin(self, world: World) -> Sequence[Step] | None:
        """Where it begins in the entry's folder; None where it begins with what lies there as files, as
        :mod:`~providers.kubernetes.engines.mixture` reads them."""
        ...

    def follow(self, world: World) -> Iterable[Step]:
        """What the objects that are known so far lead to: asked again until nothing is new."""
        ...

    def unfollowed(self, world: World) -> Iterable[Unfollowed]:
        """What it has no step for, of all that is known in the end: a source that may not be read, a
        generator that asks others."""
        ...

    def applied(self, step: Step, world: World) -> str | None:
        """The commit (full hash) that the live engine says that it has applied of a step's source; None where
        nothing tells."""
        ...

    def stays(self, owner: Ref, world: World) -> str:
        """Why the engine does not mend what differs (``suspended``, ``its last build failed: …``); empty
        where it would."""
        ...

    def inventory(self, owner: Ref, world: World) -> frozenset[Ref] | None:
        """What the live engine's own record says that it made for one of its objects; None without one."""
        ...

    def claims(self, live: Resource) -> Ref | None:
        """The engine's object that a live one is marked as made by; a mark alone proves nothing."""
        ...


class BaseEngine:
    """The defaults of what only some engines have."""

    name = ""
    kinds: frozenset[str] = frozenset()

    def layout(self, folder: Path) -> bool:
        return False

    def begin(self, world: World) -> Sequence[Step] | None:
        return None

    def follow(self, world: World) -> Iterable[Step]:
        return ()

    def unfollowed(self, world: World) -> Iterable[Unfollowed]:
        return ()

    def applied(self, step: Step, world: World) -> str | None:
        return None

    def stays(self, owner: Ref, world: World) -> str:
        return ""

    def inventory(self, owner: Ref, world: World) -> frozenset[Ref] | None:
        return None

    def claims(self, live: Resource) -> Ref | None:
        return None
