"""What a deployer's repository declares: its units, the engines that follow them, and what they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.finding import Finding
from drift.model import Problem, Resource
from drift.rule import Rule
from drift.source import BaseDeclaration, LiveView, Location
from providers.kubernetes import work
from providers.kubernetes.declared_engines import ENGINES, GITOPS, kinds_in, kinds_of
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_resources import Item, left_out, translate
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.declared_units import Laid, Unit, found_in
from providers.kubernetes.engines.charts import Charts
from providers.kubernetes.engines.claims import Claims
from providers.kubernetes.engines.every import engine
from providers.kubernetes.engines.following import Followed, covers, follow, standing
from providers.kubernetes.engines.makings import Makings
from providers.kubernetes.engines.objects import Ref, Rendered
from providers.kubernetes.engines.pending import Applied, Name, name_of
from providers.kubernetes.engines.plain import applied
from providers.kubernetes.engines.renderers import Renderers
from providers.kubernetes.engines.step import Engine, Step
from providers.kubernetes.engines.trees import Trees
from providers.kubernetes.engines.world import World
from providers.kubernetes.helm_release import installed
from providers.kubernetes.names import parse

_NAMED = 5


class Repository(BaseDeclaration):
    """One folder, its units found; what they make is told once the live side is read."""

    source = GITOPS

    def __init__(
        self,
        location: Location,
        found: Laid,
        engines: Sequence[Engine],
        trees: Trees,
        deadline: Deadline,
    ) -> None:
        self.location, self.units, self.strays = location, found.units, found.strays
        self.engines, self.trees, self.deadline = engines, trees, deadline
        self.followed: Followed | None = None
        self.claims: Claims | None = None
        self._unfollowed = kinds_of(ENGINES) - kinds_of(one.name for one in engines)
        self._owners: dict[Name, Ref] = {}
        self._stays: dict[Ref, str] = {}
        self.makings = Makings(trees.own)
        self._others: list[Resource] = []
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._notes)

    @property
    def _found(self) -> Found:
        """All declared objects, once they are told."""
        steps = standing(self.followed) if self.followed is not None else ()
        return Found([one for _, made in steps for one in made.found.manifests])

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset()

    def resources(self, live: LiveView) -> Iterator[Item]:
        try:
            self.followed = followed = self._follow(self._world(live))
        except DeclaredError as error:
            yield Problem(GITOPS, str(error), unread=True)
            return
        yield from followed.problems
        self.claims = Claims(followed, [engine(name) for name in ENGINES])
        for words in self.claims.said(followed.unfollowed):
            yield Problem(GITOPS, words)
        steps = standing(followed)
        applied = Applied(followed, self.engines, self._follow, self._resources)
        self._notes = list(dict.fromkeys((*self._told(followed, steps), *applied.notes)))
        there: set[Name] = set()
        for step, made in steps:
            for item in self._translated(followed, step, made):
                if not isinstance(item, Problem):
                    there.add(name_of(item))
                    self.makings.see(item, step, made, followed.world)
                    if step.owner is not None:
                        self._owners.setdefault(name_of(item), step.owner)
                if isinstance(item, Resource):
                    item = applied.as_applied(step, item)
                    if self._by_nobody(item):
                        self._others.append(item)
                yield item
        for item, owner in applied.gone(there):
            self._owners.setdefault(name_of(item), owner)
            yield item

    def rules(self) -> Iterable[Rule]:
        if self.followed is None or self.claims is None:
            return
        for step, made in standing(self.followed):
            yield from left_out(made.found.manifests, self._of(step, made))
        rules = (rule for _, made in self.followed.steps for rule in made.rules)
        yield from {id(rule): rule for rule in rules}.values()
        yield self.claims
        yield work.made_by_engines(self._others)

    def remark(self, finding: Finding) -> str:
        """Why the engine does not mend what differs."""
        name = None if finding.resource.provider != "kubernetes" else name_of(finding.resource)
        owner = None if name is None else self._owners.get(name)
        if owner is None and finding.kind == "unmanaged" and self.claims is not None:
            owner = self.claims.owner_of(finding.resource)
        return "" if owner is None else self._why(owner)

    def leftover(self, live: Resource) -> str:
        """Why an object that Git no longer makes was made by an engine once."""
        return "" if self.claims is None else self.claims.leftover(live)

    def _why(self, owner: Ref) -> str:
        assert self.followed is not None
        if owner not in self._stays:
            told = (one.stays(owner, self.followed.world) for one in self.engines)
            why = next((one for one in told if one), "")
            self._stays[owner] = f"it stays: {why}" if why else ""
        return self._stays[owner]

    def _by_nobody(self, item: Resource) -> bool:
        """Whether it is an engine's object that no engine of this entry follows."""
        type_ = parse(item.type)
        return type_ is not None and type_.key in self._unfollowed

    def _follow(self, world: World) -> Followed:
        """Raises DeclaredError where nothing tells where an engine begins."""
        return follow(world, self.engines, self._begin(world), GITOPS)

    def _world(self, live: LiveView) -> World:
        charts = Charts(self.trees, self.deadline)
        scope = Cluster.of(live, self.location.option("scope")).scope
        options = self.location.options
        own = self.trees.own
        renderers = Renderers(self.deadline)
        return World(own, own.beside, self.trees, charts, renderers, live, scope, self.deadline, options)

    def _begin(self, world: World) -> list[Step]:
        """Where the engines begin; else with the units that hold their objects, and without engines with all
        units."""
        path = self.location.path
        there = world.folder if path.is_dir() else world.folder / path.name
        units = self.units if world.tree is self.trees.own else found_in(there).units
        if not path.is_dir() or not self.engines:
            return list(applied(units, world.scope))
        told = {engine.name: engine.begin(world) for engine in self.engines}
        kinds = kinds_of(name for name, steps in told.items() if steps is None)
        holding = set[Unit]().union(*kinds_in(units, kinds).values())
        begun = [step for steps in told.values() for step in steps or ()]
        return [*begun, *applied((one for one in units if one in holding), world.scope)]

    def _resources(self, followed: Followed, step: Step, made: Rendered) -> Iterator[Resource]:
        for item in self._translated(followed, step, made):
            if isinstance(item, Resource):
                yield item

    def _translated(self, followed: Followed, step: Step, made: Rendered) -> Iterator[Item]:
        location, world = self._of(step, made), followed.world
        cluster = world.cluster(step.scope)
        for item in translate(
            made.found.manifests, GITOPS, location, world.live, followed.beside(step.scope)
        ):
            if made.template is not None and isinstance(item, Resource):
                item = installed(item, made.template, cluster, world.live)
            yield item

    def _of(self, step: Step, made: Rendered) -> Location:
        """Where a step's objects stand, and what is said of them."""
        options = {"scope": step.scope} if step.scope else {}
        if made.namespace:
            options["namespace"] = made.namespace
        tree = made.tree
        return replace(
            self.location, options=options, commit=tree.commit, committed_at=tree.committed_at, url=tree.url
        )

    def _told(self, followed: Followed, steps: Sequence[tuple[Step, Rendered]]) -> Iterator[str]:
        """What was passed over on purpose: of each step, and what lies in the folder that none applies."""
        for _, made in steps:
            yield from made.found.passed_over
            yield from made.notes
        if self.strays and not self.engines:
            shown = self._shown(followed.world, self.strays)
            what = "it" if len(self.strays) == 1 else "them"
            yield f"{self.location.display}: left out, as no kustomization names {what}: {shown}"
        if not self.engines:
            return
        used = {step.key for step, _ in steps}
        taking = [step for step, _ in steps if step.takes is not None]
        read = {file.partition("/templates/")[0] for _, made in steps for file in _files(made)}
        left = [
            one
            for one in applied(self.units, followed.world.scope)
            if one.key not in used
            and followed.world.tree.shown(one.unit.folder) not in read
            and not any(covers(step, one.unit.folder) for step in taking)
        ]
        if left:
            shown = self._shown(followed.world, [one.unit.folder for one in left])
            names = " and ".join(one.name for one in self.engines)
            what = f"{_many(left, 'folder')} with objects that {names} applies nothing of"
            yield f"{self.location.display}: {what}: {shown}"

    def _shown(self, world: World, places: Sequence[Path]) -> str:
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        return ", ".join(world.tree.shown(one) for one in places[:_NAMED]) + more


def _files(made: Rendered) -> set[str]:
    """The files of the own repository that what a step makes stands in, as people call them."""
    return {one.file for one in made.found.manifests} if made.tree.own else set()


def _many(several: Sequence[object], noun: str) -> str:
    return f"{len(several)} {noun}{'' if len(several) == 1 else 's'}"
