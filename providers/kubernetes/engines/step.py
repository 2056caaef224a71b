"""The contract of an engine and of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from drift.model import Resource
from providers.kubernetes.engines.objects import Ref, Rendered, Unfollowed
from providers.kubernetes.engines.world import World


class Step(Protocol):
    """One thing that an engine applies: a Kustomization, a release, an Application, a folder.

    ``key`` names it: of equal keys only the first is rendered. ``via`` is the chain that leads to it, its own
    name last; ``scope`` the cluster that its objects go to; ``owner`` the engine's object that applies it,
    None where nobody does (files that are applied by hand); ``takes`` the folder of the own repository that
    it applies, so that what lies there is not applied by itself (of one with ``shallow = True`` without the
    folders in it).
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


class Engine(Protocol):
    """One deployer. ``name`` is what ``engine:`` of an entry says, and what
    :mod:`providers.kubernetes.declared_engines` knows its repositories by."""

    name: str

    def begin(self, world: World) -> Sequence[Step] | None:
        """Where it begins in the entry's folder; None where it begins with what lies there as files, as
        :mod:`~providers.kubernetes.declared_units` tells them."""
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
