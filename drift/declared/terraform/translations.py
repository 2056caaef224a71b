"""Keeps what instances were translated to beforehand, for when they are asked for: to translate one costs
more than all else that is done with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from drift.declared.terraform.configuration.partly import Intended
from drift.dialect import Foreign
from drift.model import Resource

#: So many are kept; what is left of a larger estate is translated again.
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Translation:
    """What a state says of an instance (``stated``; None where its type has no translation), and what its
    configuration says of it, where there is one."""

    foreign: Foreign
    stated: list[Resource] | None
    intended: Intended | None


@dataclass(slots=True)
class Translations:
    """By the state's file and the instance's address. ``closed``: nothing is kept any longer."""

    closed: bool = False
    _kept: dict[tuple[Path, str], Translation] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether no more is kept."""
        return self.closed or len(self._kept) >= MOST

    def keep(self, file: Path, one: Translation) -> None:
        """Keeps a translation, as long as there is room."""
        if not self.full:
            self._kept[file, one.foreign.address] = one

    def of(self, file: Path, foreign: Foreign, *, again: bool) -> Translation | None:
        """That of an instance, if it is kept; it stays so where it may be asked for ``again``."""
        key = file, foreign.address
        found = self._kept.get(key) if again else self._kept.pop(key, None)
        return found if found is not None and found.foreign == foreign else None
