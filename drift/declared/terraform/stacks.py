"""The units that a ``terragrunt.stack.hcl`` says, before Terragrunt has made them.

Source: https://terragrunt.gruntwork.io/docs/features/stacks/ and
https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/ (`unit`, `stack`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from drift.declared.terraform.configuration.model import Block, Place
from drift.declared.terraform.configuration.syntax import Broken
from drift.declared.terraform.configuration.terragrunt import files
from drift.declared.terraform.configuration.terragrunt.config import Config, World
from drift.declared.terraform.configuration.terragrunt.sources import Sources
from drift.errors import DeclaredError
from drift.model import Unresolved

MADE = ".terragrunt-stack"
#: Stacks in stacks deeper than that hold themselves, and more units than that of one entry are a mistake.
_MOST_DEEP, _MOST = 16, 10_000


class Made(NamedTuple):
    """A unit: the folder that Terragrunt would make, what it would copy there, and its `values` (None: not
    known)."""

    folder: Path
    source: Path
    values: Mapping[str, Any] | None


class Left(NamedTuple):
    """What of a stack is not read, and why."""

    where: str
    reason: str


@dataclass
class Stacks:
    """``copied`` are the folders that they copy."""

    world: World
    sources: Sources
    copied: set[Path] = field(default_factory=set)
    _count: int = 0

    def units(self, maker: Path) -> Iterator[Made | Left]:
        """What a file says, with the stacks in it."""
        yield from self._units(maker, maker.parent, None, 0)

    def _units(
        self, file: Path, folder: Path, values: Mapping[str, Any] | None, depth: int
    ) -> Iterator[Made | Left]:
        name = self.world.name(file)
        try:
            body = files.parse(file, name)
        except Broken as error:
            yield Left(f"{name}:{error.line}" if error.line else name, str(error))
            return
        except DeclaredError as error:
            yield Left(name, str(error).removeprefix(f"{name}: "))
            return
        place = folder.resolve() if depth == 0 else folder
        config = Config(self.world, place / files.MAKER, place, place, body, values=values)
        for block in body.blocks:
            if block.type in ("unit", "stack"):
                yield from self._one(config, block, depth)

    def _one(self, config: Config, block: Block, depth: int) -> Iterator[Made | Left]:
        source, path = config.attribute("source", block), config.attribute("path", block)
        for what, said in (("source", source), ("path", path)):
            if not isinstance(said, str):
                why = said.reason if isinstance(said, Unresolved) else "it is no text"
                yield _left(block, f"its {what} can't be told: {why}")
                return
        assert isinstance(source, str) and isinstance(path, str)
        folder = self._folder(config, block, path)
        if not folder.is_relative_to(self.world.top):
            yield _left(block, f"its path {path} leads out of the repository")
            return
        told = self.sources.folder(source, config.folder)
        if isinstance(told, str):
            yield _left(block, told)
            return
        given = config.attribute("values", block)
        values = given if isinstance(given, Mapping) else {} if given is None else None
        self.copied.add(told.folder)
        self._count += 1
        if depth >= _MOST_DEEP or self._count > _MOST:
            yield _left(block, "stacks hold themselves" if depth >= _MOST_DEEP else f"over {_MOST:,} units")
        elif block.type == "unit":
            yield Made(folder, told.folder, values)
        elif (told.folder / files.MAKER).is_file():
            self.world.copies[folder] = told.folder
            yield from self._units(told.folder / files.MAKER, folder, values, depth + 1)
        else:
            yield _left(block, f"its source {source} holds no {files.MAKER}")

    @staticmethod
    def _folder(config: Config, block: Block, path: str) -> Path:
        """Where Terragrunt would make it."""
        plain = config.attribute("no_dot_terragrunt_stack", block) is True
        base = config.folder if plain else config.folder / MADE
        return Path(_normal(base / path))


def _normal(path: Path) -> str:
    """Without steps up, of a path that need not be there."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return str(Path(*parts))


def _left(block: Block, reason: str) -> Left:
    where: Place = block.place
    label = f" {block.labels[0]}" if block.labels else ""
    return Left(f"{where}: {block.type}{label}", reason)
