"""What matched resources tell by themselves, before any rule is asked: pairs compared, what is missing, what
nobody declares. All that needs the live side is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, Protocol

from drift.compare.compared import Compared
from drift.compare.pair import Comparer
from drift.compare.processes import compared
from drift.compare.uncompared import Uncompared
from drift.compare.workers import Workers
from drift.config.model import Config
from drift.deadline import Deadline
from drift.finding import Change, Unverifiable
from drift.live.estate import Estate
from drift.match import Matches
from drift.model import Cell, Resource
from drift.redaction import Redactor

#: Provider, scope, type and id.
Key = tuple[str, str, str, str]


def key_of(live: Resource) -> Key:
    return live.provider, live.scope, live.type, str(live.id)


class Leaving(NamedTuple):
    """What is live and declared no longer. ``differs``: it is not as it was declared, where its deployer is
    to prune it."""

    declared: Resource
    live: Resource
    differs: bool


class Nobodys(NamedTuple):
    """A live resource that nobody declares and that somebody made. ``said`` is what the configuration says
    of it, ``listed`` that it is a finding where that says nothing; ``possible`` are declarations that may
    mean it."""

    live: Resource
    said: str | None
    listed: bool
    possible: tuple[Resource, ...] = ()


class Beside(NamedTuple):
    """A pair that is in sync, both sides redacted, but for what other live resources tell of it."""

    changes: tuple[Change, ...]
    declared: Resource
    live: Resource


@dataclass(slots=True)
class Counts:
    """What is only counted: what is declared and either paired or missing, what the cloud made by itself,
    what is not listed, what there was no time for (``left``); and live resources that a declaration may
    mean (``unverifiable``)."""

    declared: int = 0
    system: int = 0
    ignored: int = 0
    unlisted: Counter[Cell] = field(default_factory=Counter)
    left: Uncompared = field(default_factory=Uncompared)
    unverifiable: list[Unverifiable] = field(default_factory=list)


class Verdicts(Protocol):
    """Asked for each in turn, :meth:`compared` after the others, :meth:`beside` at last; ``counts`` are whole
    when all have been told."""

    counts: Counts
    #: What compares a pair again, after something was taken out of it.
    comparer: Comparer

    def missing(self) -> Iterator[Resource]:
        """What is declared and not live, redacted."""
        ...

    def leaving(self) -> Iterator[Leaving]:
        """What is live and declared no longer, redacted."""
        ...

    def unmatched(self) -> Iterator[Nobodys]:
        """What is live and declared by nobody, as it was read; what is not listed maybe without attributes
        (:meth:`whole`)."""
        ...

    def whole(self, live: Resource) -> Resource:
        """One of :meth:`unmatched` with its attributes."""
        ...

    def compared(self) -> Iterator[Compared]:
        """What comparing the pairs told, in lots."""
        ...

    def observed(self) -> Mapping[Key, list[Change]]:
        """What live resources tell of others that somebody declares."""
        ...

    def beside(self) -> Iterator[Beside]:
        """The pairs in sync of which others tell something."""
        ...


class Here:
    """Told by what was read in this process."""

    def __init__(
        self,
        matches: Matches,
        estate: Estate,
        config: Config,
        redactor: Redactor,
        *,
        workers: Workers | None = None,
        clock: Deadline | None = None,
    ) -> None:
        self.matches, self.estate, self.config, self.redactor = matches, estate, config, redactor
        self.clock, self._workers = clock or Deadline(), workers or Workers()
        self.counts = Counts(len(matches.pairs) + len(matches.missing))
        environment = estate.environment(config.environment)
        self.comparer = Comparer(estate, redactor, config.undeclared, own_severity(config), environment)
        self._observed: dict[Key, list[Change]] | None = None
        self._done = bytearray(len(matches.pairs))
        self._changed: set[Key] = set()

    def missing(self) -> Iterator[Resource]:
        missing = self.matches.missing
        for index, declared in enumerate(missing):
            if self.clock.passed:
                self.counts.left.resources(missing[index:])
                return
            facts = self.estate.providers[declared.provider].facts(declared.type)
            assert facts is not None
            yield self.redactor.resource(declared, facts.root)

    def leaving(self) -> Iterator[Leaving]:
        leaving = self.matches.leaving
        for index, (declared, live) in enumerate((pair.declared, pair.live) for pair in leaving):
            if self.clock.passed:
                self.counts.left.pairs(leaving, range(index, len(leaving)))
                return
            pruned = declared.origin is not None and declared.origin.pending == "pruning"
            differs = pruned and bool(self.comparer.compare([(declared, live)]).changed)
            facts = self.estate.providers[live.provider].facts(live.type)
            assert facts is not None
            if self.estate.raw:
                live = self.redactor.resource(live, facts.root)
            yield Leaving(declared, live, differs)

    def unmatched(self) -> Iterator[Nobodys]:
        for index, live in enumerate(self.matches.unmatched):
            if self.clock.passed:
                self.counts.left.unmatched(self.matches.unmatched, index)
                return
            told = self._unmatched(live)
            if told is not None:
                yield told

    def whole(self, live: Resource) -> Resource:
        return live

    def _unmatched(self, live: Resource) -> Nobodys | None:
        estate, matches = self.estate, self.matches
        provider = estate.providers.get(live.provider)
        facts = estate.facts_of(live)
        if provider is None or facts is None:
            return None  # the ledger says that it is not supported
        if provider.system(live, estate.context(live.provider)) or provider.hooks.made_by(live, estate):
            self.counts.system += 1
            return None
        said, listed = unmanaged_action(self.config, live), False
        if said is None:
            declared_here = matches.declares(provider, live) in matches.declared_types
            told = not (live.bare or facts.existence)  # else it may be what is declared
            gives = provider.hooks.gives_access(live, facts) and not (live.bare and declared_here)
            listed = (declared_here and told) or gives
        return Nobodys(live, said, listed, tuple(matches.possible.get(live.cell, ())))

    def compared(self) -> Iterator[Compared]:
        pairs = self.matches.pairs
        observed = self.observed()
        for told in compared(pairs, self.comparer, self._workers, self.clock, self._done):
            if observed:
                self._changed.update(key_of(one.live) for one in told.changed)
            yield told
        self.counts.left.pairs(pairs, (index for index, done in enumerate(self._done) if not done))

    def observed(self) -> Mapping[Key, list[Change]]:
        if self._observed is None:
            self._observed = {}
            for name, provider in self.estate.providers.items() if len(self.matches.pairs) else ():
                for one in provider.hooks.observed(self.estate) if self.estate.types(name) else ():
                    self._observed.setdefault((one[0], one[1], one[2], one[3]), []).append(one.change)
        return self._observed

    def beside(self) -> Iterator[Beside]:
        left = {key: changes for key, changes in self.observed().items() if key not in self._changed}
        if not left:
            return
        for index, pair in enumerate(self.matches.pairs):
            changes = left.pop(key_of(pair.live), None) if self._done[index] else None
            if changes is None:
                continue
            facts = self.estate.facts(pair.live.provider, pair.live.type)
            assert facts is not None
            declared, live = (self.redactor.resource(side, facts.root) for side in (pair.declared, pair.live))
            yield Beside(tuple(changes), declared, live)


def unmanaged_action(config: Config, live: Resource) -> str | None:
    """What the configuration says of an unmanaged resource; None where it says nothing."""
    for rule in config.unmanaged:
        if (
            fnmatchcase(live.provider, rule.provider)
            and fnmatchcase(live.scope, rule.scope)
            and fnmatchcase(live.type, rule.type)
        ):
            return rule.action
    return None


def own_severity(config: Config) -> list[dict[str, Any]]:
    """The configuration's severity rules, in the words of :mod:`drift.rules.severity`."""
    return [rule.model_dump(exclude_none=True) for rule in config.severity]


def possibly(live: Resource, possible: Iterable[Resource]) -> str:
    """Why nobody can say whether a live resource is one of some declarations."""
    names = ", ".join(str(one.origin.address if one.origin else one.name) for one in list(possible)[:3])
    return f"possibly {names}, whose id is not known"
