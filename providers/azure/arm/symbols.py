"""What a template's expressions can name: its resources and deployments, by symbolic name, name or id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from drift.lined import Map
from providers.azure.arm.evaluate import Evaluator
from providers.azure.arm.identify import DEPLOYMENTS, Identity
from providers.azure.arm.place import GROUPS, Place
from providers.azure.arm.template import Template
from providers.azure.arm.values import Unknown

_ASSUMED = "deployment"


@dataclass(frozen=True, slots=True)
class Turn:
    """One resource of a template, or one turn of its copy loop."""

    symbol: str | None
    words: Map
    loop: str | None = None
    at: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The symbolic names that it has, in lower case."""
        if self.symbol is None:
            return ()
        low = self.symbol.lower()
        return (low,) if self.loop is None else (f"{low}[{self.at}]",)


@dataclass
class Symbols:
    """The names of one template. ``ids`` maps symbolic names, names and ``type/name`` (lower case) to ids."""

    template: Template
    evaluator: Evaluator
    identify: Callable[[Map, None], Identity]
    #: Where a nested deployment's resources go.
    target: Callable[[Map], Place]
    ids: dict[str, str] = field(default_factory=dict)
    #: Of each loop's symbolic name, how often it runs.
    counts: dict[str, int] = field(default_factory=dict)
    #: Id (lower case) → location of the resource groups that the template declares.
    groups: dict[str, Any] = field(default_factory=dict)
    #: The name that ``deployment()`` is taken to have, while only a nested deployment's name is compared.
    assumed: str | None = None
    _called: dict[bool, list[tuple[Turn, str | None]]] = field(default_factory=dict)

    def turns(self) -> Iterator[Turn]:
        """The top resources, loops turn by turn; loops whose count is not known are left out."""
        for symbol, words, _ in self.template.resources:
            copy = words.get("copy")
            if not isinstance(copy, Mapping):
                yield Turn(symbol, words)
                continue
            try:
                count = self.evaluator.count(copy.get("count"))
            except Unknown:
                continue
            if symbol is not None:
                self.counts[symbol.lower()] = count
            loop = str(copy.get("name") or symbol or "copy")
            for at in range(count):
                yield Turn(symbol, words, loop, at)

    @contextmanager
    def within(self, turn: Turn) -> Iterator[None]:
        """Within the copy loop's turn."""
        if turn.loop is None:
            yield
            return
        with self.evaluator.looped(turn.loop, turn.at):
            yield

    def learn(self) -> None:
        """Learns the ids of all that can be told."""
        named: dict[str, list[str]] = {}
        for turn in self.turns():
            if turn.words["type"].lower() == DEPLOYMENTS:
                continue
            with self.within(turn):
                id_, type_, names, _ = self.identify(turn.words, None)
                if id_ is None:
                    continue
                if type_.lower() == GROUPS and "location" in turn.words:
                    self.groups[id_.lower()] = self.evaluator.value(turn.words["location"])
            for name in ("/".join(names), f"{type_}/{'/'.join(names)}"):
                named.setdefault(name.lower(), []).append(id_)
            for name in turn.names:
                self.ids[name] = id_
        for name, ids in named.items():
            if len(set(ids)) == 1:
                self.ids.setdefault(name, ids[0])

    def deployment(self, target: str) -> Turn | None:
        """The nested deployment that has this symbolic name, name or id."""
        wanted = target.lower()
        called = self._deployments()
        symbol = next((turn for turn, _ in called if wanted in turn.names), None)
        if symbol is not None:
            return symbol
        tail = wanted.rsplit(f"/{DEPLOYMENTS}/", 1)[-1]
        found = [turn for turn, name in called if name == tail]
        if len(found) > 1 and wanted.startswith("/"):
            found = [turn for turn in found if f"{self._base(turn)}/providers/{DEPLOYMENTS}/{tail}" == wanted]
        return found[0] if len(found) == 1 else None

    def _deployments(self) -> list[tuple[Turn, str | None]]:
        """The nested deployments and their names in lower case, None where that is not known."""
        key = self.assumed is not None
        if key not in self._called:
            self._called[key] = []  # what is asked while the names are computed finds none
            found: list[tuple[Turn, str | None]] = []
            for turn in self.turns():
                if turn.words["type"].lower() == DEPLOYMENTS:
                    with self.within(turn):
                        name = self.evaluator.value(turn.words["name"])
                    found.append((turn, name.lower() if isinstance(name, str) else None))
            self._called[key] = found
        return self._called[key]

    def _base(self, turn: Turn) -> str | None:
        try:
            with self.within(turn):
                return self.target(turn.words).base().lower()
        except Unknown:
            return None

    def assuming(self, target: Callable[[], Any]) -> Turn | None:
        """The nested deployment that ``target`` names, where its name is made of this deployment's unknown
        one."""
        self.assumed = _ASSUMED
        try:
            with self.evaluator.names.afresh():
                named = target()
                return self.deployment(named) if isinstance(named, str) else None
        finally:
            self.assumed = None
