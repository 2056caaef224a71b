"""What is told of a configuration besides its files: how providers speak of their types, and where all of it
is that does not say so itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drift.dialect import TerraformDialect


@dataclass(frozen=True, slots=True)
class Surroundings:
    """``dialect`` gives who translates a type; ``scope`` and ``region`` are the entry's."""

    dialect: Callable[[str], TerraformDialect | None] = lambda _: None
    scope: str | None = None
    region: str | None = None


#: Nothing is.
NOTHING = Surroundings()
