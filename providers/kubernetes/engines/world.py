"""What an engine may ask while it is followed: files, renderers, the live side, and what is known so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.deadline import Deadline
from drift.model import Resource
from drift.source import LiveView
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.engines.charts import Charts
from providers.kubernetes.engines.objects import Made, Ref
from providers.kubernetes.engines.renderers import Renderers
from providers.kubernetes.engines.trees import Tree, Trees
from providers.kubernetes.names import parse


@dataclass
class World:
    """One following of one entry. ``tree`` is what the own repository is in it: as it lies there, or at an
    earlier commit; ``folder`` the entry's folder in it; ``scope`` the entry's cluster ("" where it is not
    named and there are several); ``memory`` what engines note for themselves."""

    tree: Tree
    folder: Path
    trees: Trees
    charts: Charts
    renderers: Renderers
    live: LiveView
    scope: str
    deadline: Deadline
    options: Mapping[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    known: dict[str, list[Made]] = field(default_factory=lambda: defaultdict(list))
    _by_ref: dict[Ref, Made] = field(default_factory=dict)
    _clusters: dict[str, Cluster] = field(default_factory=dict)
    _types: dict[tuple[str, str], list[str]] | None = None

    def add(self, several: Iterable[Made]) -> None:
        """Notes objects; the first of one name stands, one that an engine's object makes before others."""
        for one in several:
            self.known[one.manifest.type.key].append(one)
            first = self._by_ref.setdefault(one.ref, one)
            if first.owner is None:
                self._by_ref[one.ref] = one

    def of(self, *keys: str) -> Iterator[Made]:
        """All known objects of some kinds (group and kind), in the order in which they were found."""
        for key in keys:
            yield from self.known.get(key, ())

    def declared(self, ref: Ref) -> Made | None:
        """One known object."""
        return self._by_ref.get(ref)

    def found(self, ref: Ref) -> Resource | None:
        """One live object, in whatever version it was read; None where it is not there or was not read."""
        for type_ in self._spelled(ref.scope, ref.key):
            id_ = f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name
            live = self.live.find("kubernetes", ref.scope or None, type_, id_)
            if live is not None:
                return live
        return None

    def every(self, scope: str, key: str) -> Iterator[Resource]:
        """All live objects of a kind in a cluster."""
        for type_ in self._spelled(scope, key):
            for one in self.live.every("kubernetes", type_):
                if one.scope == scope:
                    yield one

    def cluster(self, scope: str) -> Cluster:
        """What is known of a cluster."""
        if scope not in self._clusters:
            self._clusters[scope] = Cluster.of(self.live, scope or None)
        return self._clusters[scope]

    def clusters(self) -> frozenset[str]:
        """The clusters of which anything was read."""
        return self.live.scopes("kubernetes")

    def source(self, url: str, ref: str | None) -> Tree:
        """The tree of a repository at a ref: of the own one as this following has it. Raises NotFollowed."""
        found = self.trees.of(url, ref)
        return self.tree if found.own else found

    def at(self, tree: Tree) -> World:
        """The same, followed anew in the own repository at another commit."""
        inside = self.folder.relative_to(self.tree.root)
        return World(
            tree,
            tree.root / inside,
            self.trees,
            self.charts,
            self.renderers,
            self.live,
            self.scope,
            self.deadline,
            self.options,
        )

    def _spelled(self, scope: str, key: str) -> Sequence[str]:
        """The names that the live side knows a kind by."""
        if self._types is None:
            found: dict[tuple[str, str], list[str]] = defaultdict(list)
            for where, type_ in sorted(self.live.types("kubernetes")):
                name = parse(type_)
                found[where, type_ if name is None else name.key].append(type_)
            self._types = found  # whole at once: steps ask side by side
        return self._types.get((scope, key), ())


def ref_of(live: Resource) -> Ref:
    """What a live object is called."""
    name = parse(live.type)
    namespace, _, own = (live.id or "").rpartition("/")
    return Ref(live.scope, live.type if name is None else name.key, namespace, own)
