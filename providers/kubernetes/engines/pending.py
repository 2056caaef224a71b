"""What Git says and an engine has not applied yet: told by what Git said at the commit that it applied, which
is followed again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from drift.declared import git
from drift.errors import DeclaredError
from drift.finding import Unverifiable
from drift.model import ABSENT, Resource
from providers.kubernetes.engines.following import DEEPEST, Followed, standing
from providers.kubernetes.engines.objects import Ref, Rendered
from providers.kubernetes.engines.step import Engine, Step
from providers.kubernetes.engines.world import World
from providers.kubernetes.names import parse

#: So many earlier commits are followed again: the one that most steps have applied first.
MOST_COMMITS = 3
#: What one step makes, as resources.
Translated = Callable[[Followed, Step, Rendered], Iterator[Resource]]
#: The same object under any version of its type: cluster, group and kind, id.
Name = tuple[str, str, str]


@dataclass
class Earlier:
    """What one earlier commit declares: each object by its name, and who applies it; ``unknown`` are engine's
    objects of which something was not read."""

    objects: dict[Name, Resource] = field(default_factory=dict)
    owners: dict[Name, Ref] = field(default_factory=dict)
    unknown: frozenset[Ref | None] = frozenset()


class Applied:
    """Of one following what its engines have applied so far. ``follow`` follows the entry anew in a world;
    ``translated`` tells what a step makes."""

    def __init__(
        self,
        followed: Followed,
        engines: Sequence[Engine],
        follow: Callable[[World], Followed],
        translated: Translated,
    ) -> None:
        self.followed, self.engines = followed, engines
        self._follow, self._translated = follow, translated
        self._steps: dict[Ref, list[Step]] = {}
        self._see(followed)
        self._commits: dict[Ref, str | None] = {}
        self.notes: list[str] = []
        self._earlier = self._read()

    def as_applied(self, step: Step, resource: Resource) -> Resource:
        """An object with what it was when its step was applied last, where that is an earlier commit."""
        if step.owner is None or resource.origin is None:
            return resource
        earlier = self._earlier.get(self._commit(step.owner) or "")
        if earlier is None:
            return resource
        was = earlier.objects.get(name_of(resource))
        if was is None:
            if step.owner in earlier.unknown:
                return resource
            return resource.but(origin=replace(resource.origin, pending="creation"))
        before = _before(was.attributes, resource.attributes)
        return resource.but(before=before) if before else resource

    def gone(self, there: Container[Name]) -> Iterator[tuple[Resource, Ref]]:
        """What was declared at the commit that its engine has applied, and is no longer; and whose it is."""
        told: set[Name] = set()
        for commit, earlier in self._earlier.items():
            for name, was in earlier.objects.items():
                owner = earlier.owners.get(name)
                if name in there or name in told or owner is None or self._commit(owner) != commit:
                    continue
                told.add(name)
                assert was.origin is not None
                yield was.but(origin=replace(was.origin, pending="pruning")), owner

    def _read(self) -> dict[str, Earlier]:
        """What the commits that were applied declare, but for the one that was read."""
        tree, trees = self.followed.world.tree, self.followed.world.trees
        own = {
            step.owner for step, made in standing(self.followed) if made.tree.own and step.owner is not None
        }
        counts = Counter(commit for owner in sorted(own) if (commit := self._commit(owner)) is not None)
        counts.pop(tree.commit or "", None)
        found = {}
        for place, (commit, many) in enumerate(counts.most_common()):
            shown = f"{_many(many)} applied {commit[:12]}"
            try:
                if place >= MOST_COMMITS:
                    raise DeclaredError(f"no more than {MOST_COMMITS} earlier commits are read")
                if not git.leads_to(tree.root, commit, tree.commit or "HEAD"):
                    raise DeclaredError(
                        "it is not in the history of what was read here, as far as that is at hand"
                    )
                again = self._follow(self.followed.world.at(trees.at(commit)))
                if again.problems:
                    raise DeclaredError(f"it can't be read again: {again.problems[0].message}")
            except DeclaredError as error:
                self.notes.append(f"{shown}, so that what is pending of it is not told from drift: {error}")
                continue
            found[commit] = self._of(again)
        return found

    def _see(self, followed: Followed) -> None:
        """Notes the steps of each engine's object, those of the own repository first."""
        for own in (True, False):
            for step, made in standing(followed):
                if step.owner is not None and made.tree.own is own:
                    self._steps.setdefault(step.owner, []).append(step)

    def _of(self, again: Followed) -> Earlier:
        self._see(again)
        earlier = Earlier(unknown=frozenset(one.owner for one in again.unfollowed))
        for step, made in standing(again):
            for resource in self._translated(again, step, made):
                name = name_of(resource)
                earlier.objects.setdefault(name, resource)
                if step.owner is not None:
                    earlier.owners.setdefault(name, step.owner)
        return earlier

    def _commit(self, owner: Ref) -> str | None:
        """The commit from which an engine's object was applied last; of one that is not live yet, that of
        what is to make it."""
        if owner not in self._commits:
            self._commits[owner] = self._told(owner)
        return self._commits[owner]

    def _told(self, owner: Ref) -> str | None:
        world = self.followed.world
        for _ in range(DEEPEST):
            told = (
                engine.applied(step, world) for step in self._steps.get(owner, ()) for engine in self.engines
            )
            commit = next((one for one in told if one is not None), None)
            if commit is not None:
                return commit
            made = world.declared(owner)
            if made is None or made.owner is None or made.owner == owner or world.found(owner) is not None:
                return None
            owner = made.owner
        return None


def name_of(one: Resource | Unverifiable) -> Name:
    """What makes an object the same one."""
    type_ = parse(one.type)
    id_ = one.resource_id if isinstance(one, Unverifiable) else one.id or one.name
    return one.scope, one.type if type_ is None else type_.key, str(id_)


def _before(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of which something was said otherwise before."""
    return {
        name: was.get(name, ABSENT) for name in dict.fromkeys((*was, *now)) if was.get(name) != now.get(name)
    }


def _many(number: int) -> str:
    return "1 engine's object has" if number == 1 else f"{number:,} engine's objects have"
