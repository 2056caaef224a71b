"""Follows what deployers' objects lead to until nothing is new: each step is rendered once, those of a round
side by side."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from drift.deadline import Passed
from drift.errors import DeclaredError
from drift.model import Problem
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.declared_units import Unit
from providers.kubernetes.engines.objects import Made, Ref, Rendered, Unfollowed
from providers.kubernetes.engines.plain import Applied
from providers.kubernetes.engines.step import Engine, Step
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

#: How long a chain may be, and how many steps one entry may have.
DEEPEST, MOST_STEPS = 64, 100_000


@dataclass(slots=True)
class Followed:
    """All that one following found: each step with what it made; ``left`` are the units of the folder that no
    step applies, ``broken`` the engine's objects of which a part could not be read."""

    world: World
    steps: list[tuple[Step, Rendered]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unfollowed: list[Unfollowed] = field(default_factory=list)
    left: list[Unit] = field(default_factory=list)
    broken: set[Ref] = field(default_factory=set)
    _beside: dict[str, list[Manifest]] = field(default_factory=dict)

    def beside(self, scope: str) -> list[Manifest]:
        """All definitions of custom resources that are declared for a cluster."""
        if scope not in self._beside:
            kind = "apiextensions.k8s.io/CustomResourceDefinition"
            self._beside[scope] = [
                one
                for step, made in self.steps
                if step.scope == scope
                for one in made.found.manifests
                if one.type.key == kind
            ]
        return self._beside[scope]


def follow(world: World, engines: Sequence[Engine], begin: Iterable[Step], source: str) -> Followed:
    """Renders ``begin`` and whatever the engines say that it leads to. ``source`` names the reader in
    problems.

    What can't be read is a problem, or a part that was not followed, and takes nothing else with it.
    """
    found = Followed(world)
    seen: set[str] = set()
    todo = _fresh(begin, seen)
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="render") as pool:
        while todo and not world.deadline.passed:
            for step, made in zip(
                todo, pool.map(lambda one: _rendered(one, world, source), todo), strict=True
            ):
                if isinstance(made, Problem):
                    found.problems.append(made)
                elif isinstance(made, Unfollowed):
                    found.unfollowed.append(made)
                else:
                    _note(found, step, made)
            todo = _fresh((one for engine in engines for one in engine.follow(world)), seen)
            if deep := next((one for one in todo if len(one.via) > DEEPEST), None):
                chain = " → ".join(deep.via[:3])
                words = f"{chain} → …: leads on for more than {DEEPEST} steps, of which the rest is not read"
                found.problems.append(Problem(source, words, unread=True))
                todo = [one for one in todo if len(one.via) <= DEEPEST]
            if len(seen) > MOST_STEPS:
                words = f"there are more than {MOST_STEPS:,} steps, of which the rest is not read"
                found.problems.append(Problem(source, words, unread=True))
                break
    if todo and world.deadline.passed:
        words = f"not followed to its end: {world.deadline.reason}"
        found.problems.append(Problem(source, words, unread=True))
    _once(found)
    for _, made in standing(found):
        found.unfollowed += made.unfollowed
    for engine in engines:
        found.unfollowed += engine.unfollowed(world)
    owned = {one.what for one in found.unfollowed if one.owner is not None}
    found.unfollowed = [one for one in found.unfollowed if one.owner is not None or one.what not in owned]
    return found


def _once(found: Followed) -> None:
    """Of what people seem to apply and an engine's object applies, too, what the latter makes counts."""
    owned = {
        _ref(one, step, made, found.world)
        for step, made in found.steps
        if step.owner is not None
        for one in made.found.manifests
    }
    for step, made in found.steps:
        if isinstance(step, Applied):
            made.found.manifests = [
                one for one in made.found.manifests if _ref(one, step, made, found.world) not in owned
            ]


def _fresh(steps: Iterable[Step], seen: set[str]) -> list[Step]:
    found = []
    for one in steps:
        if one.key not in seen:
            seen.add(one.key)
            found.append(one)
    return found


def _rendered(step: Step, world: World, source: str) -> Rendered | Problem | Unfollowed:
    chain = " → ".join(step.via)
    try:
        return step.rendered(world)
    except NotFollowed as error:
        place = world.tree.shown(step.unit.folder) if isinstance(step, Applied) else step.key
        return Unfollowed(chain or place, str(error), step.owner, step.via)
    except DeclaredError as error:
        if step.owner is not None:
            return Unfollowed(chain or step.key, str(error), step.owner, step.via)
        return Problem(source, f"{chain}: {error}" if chain else str(error), unread=True)
    except Passed as error:
        return Problem(source, f"{chain}: {error}" if chain else str(error), unread=True)


def _note(found: Followed, step: Step, made: Rendered) -> None:
    if step.owner is not None and made.found.problems:
        found.broken.add(step.owner)
        found.problems += (replace(one, unread=False) for one in made.found.problems)
    else:
        found.problems += made.found.problems
    by = "" if step.owner is None else str(step.owner)
    made.found.manifests = [replace(one, via=step.via, by=by) for one in made.found.manifests]
    world = found.world
    unit = step.unit.folder if isinstance(step, Applied) else None
    world.add(
        Made(one, _ref(one, step, made, world), made.tree, step.owner, unit) for one in made.found.manifests
    )
    found.steps.append((step, made))


def _ref(one: Manifest, step: Step, made: Rendered, world: World) -> Ref:
    namespace = one.namespace or made.namespace or ""
    if world.cluster(step.scope).namespaced(one.type) is False:
        namespace = ""
    return Ref(step.scope, one.type.key, namespace, one.name or "")


def standing(followed: Followed) -> list[tuple[Step, Rendered]]:
    """The steps but for those of units that an engine's own step applies, too: what the engine makes of them
    counts."""
    taking = [step for step, _ in followed.steps if step.takes is not None]

    def taken(step: Step) -> bool:
        return isinstance(step, Applied) and any(covers(one, step.unit.folder) for one in taking)

    return [(step, made) for step, made in followed.steps if not taken(step)]


def covers(step: Step, folder: Path) -> bool:
    """Whether a step applies what lies in a folder; one that is ``shallow`` takes nothing below its own."""
    if step.takes is None:
        return False
    if getattr(step, "shallow", False):
        return folder == step.takes
    return folder.is_relative_to(step.takes)
