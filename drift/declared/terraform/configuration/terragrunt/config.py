"""One Terragrunt file, evaluated in the place of the unit that it is read for: locals, what it includes, the
outputs of other units, and its inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration import syntax
from drift.declared.terraform.configuration.expressions import Budget, Scope, value_of
from drift.declared.terraform.configuration.model import Block, Body, Fault, Place
from drift.declared.terraform.configuration.once import Once
from drift.declared.terraform.configuration.terragrunt import files
from drift.declared.terraform.configuration.terragrunt.inputs import Inputs
from drift.declared.terraform.configuration.values import Failure, Namespace, settled, text_of
from drift.errors import DeclaredError
from drift.model import Unresolved

#: Files that include and read each other deeper than that read themselves.
_MOST_DEEP = 16


@dataclass
class World:
    """What the files of one entry share: nothing above ``top`` is read; ``environment`` is what the entry
    says of the machine that applies; ``outputs`` tells what the unit in a folder gives to others, and
    ``functions`` what the expressions of a file may call. ``copies`` are folders that are not made yet, with
    what they are copied from; ``past`` are files that are to be read as they once were, by their resolved
    path, "" where there was none."""

    top: Path
    name: Callable[[Path], str]
    outputs: Callable[[Path], Any]
    functions: Callable[[Config], Mapping[str, Callable[..., Any]]]
    environment: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    budget: Budget = field(default_factory=Budget)
    copies: dict[Path, Path] = field(default_factory=dict)
    past: Mapping[Path, str] = field(default_factory=dict)

    def exists(self, path: Path) -> bool:
        """Whether a file or folder is, or was, there."""
        was = self.past.get(path.resolve())
        return path.exists() if was is None else bool(was)

    def parsed(self, file: Path, display: str) -> Body:
        """A file of Terragrunt's. Raises Broken and DeclaredError."""
        return files.parse(file, display, self.past.get(file.resolve()))

    def real(self, path: Path) -> Path:
        """Where a file or folder lies that Terragrunt may make as a copy only."""
        if not self.copies or path.exists():
            return path
        for above in (path, *path.parents):
            if above in self.copies:
                return self.copies[above] / path.relative_to(above)
        return path


@dataclass(eq=False)
class Config:
    """The ``file``, read for the unit in the folder ``unit``. ``folder`` is what `get_terragrunt_dir()` says
    in it; ``child`` the file that includes it; ``values`` what a stack gives to the unit; ``reads`` the files
    that were read for it so far."""

    world: World
    file: Path
    unit: Path
    folder: Path
    body: Body
    child: Config | None = None
    depth: int = 0
    values: Mapping[str, Any] | None = None
    faults: list[Fault] = field(default_factory=list)
    reads: set[Path] = field(default_factory=set)
    _once: Once = field(default_factory=Once)

    # What it includes

    @cached_property
    def includes(self) -> dict[str, Config | Unresolved]:
        """By label, in the order in which later ones beat earlier ones; Unresolved for one that is not read,
        which is told in ``faults``."""
        return {
            block.labels[0] if block.labels else "": self._included(block) for block in self.blocks("include")
        }

    def _included(self, block: Block) -> Config | Unresolved:
        said = block.body.attributes.get("path")
        path = Unresolved("it names no path") if said is None else value_of(said.expression, self.scope())
        if not isinstance(path, str):
            reason = path.reason if isinstance(path, Unresolved) else "its path is no text"
            return self.fault(f"what it includes can't be told: {reason}", block.place)
        try:
            return self.read(path, self.file.parent, child=self)
        except Failure as error:
            return self.fault(f"includes what is not read: {error}", block.place)

    def strategy(self, label: str) -> str:
        """``shallow``, ``deep`` or ``no_merge``."""
        for block in self.blocks("include"):
            if label == (block.labels[0] if block.labels else ""):
                said = block.body.attributes.get("merge_strategy")
                return str(value_of(said.expression, self.scope())) if said else "shallow"
        return "shallow"

    def read(self, said: str, base: Path, *, child: Config | None = None) -> Config:
        """Another file of Terragrunt's, for the same unit. Raises Failure."""
        file = (base / said).resolve()
        if self.world.real(file).is_dir():
            found = files.unit_file(self.world.real(file))
            file = file / (files.UNIT if found is None else found.name)
        name = self.world.name(file)
        if not file.is_relative_to(self.world.top):
            raise Failure(f"{said} leads out of the repository")
        if self.depth >= _MOST_DEEP:
            raise Failure(f"{name} is read {_MOST_DEEP} files deep, so it reads itself")
        real = self.world.real(file)
        if not self.world.exists(real) or real.is_dir():
            raise Failure(f"there is no file {name}")
        body = self._parsed(real, self.world.name(real))
        folder = self.folder if child is not None else file.parent
        shared = (self.values, self.faults, self.reads)
        return Config(self.world, file, self.unit, folder, body, child, self.depth + 1, *shared)

    def _parsed(self, file: Path, name: str) -> Body:
        self.reads.add(file)
        try:
            return self.world.parsed(file, name)
        except syntax.Broken as error:
            where = f"{name}:{error.line}" if error.line else name
            self.fault(str(error), Place(name, error.line or 1), where)
            raise Failure(f"{where}: {error}") from error
        except DeclaredError as error:
            self.fault(str(error).removeprefix(f"{name}: "), Place(name, 1), name)
            raise Failure(str(error)) from error

    def fault(self, reason: str, place: Place, where: str | None = None) -> Unresolved:
        """Notes what is not read, once."""
        one = Fault(where or str(place), reason, place)
        if one not in self.faults:
            self.faults.append(one)
        return Unresolved(f"{one.what}: {reason}")

    # Names

    def blocks(self, type_: str) -> Iterator[Block]:
        return (one for one in self.body.blocks if one.type == type_)

    def scope(self) -> Scope:
        known = self._once.get("", "functions", lambda: self.world.functions(self))
        return Scope(self._root, known.get, self.world.budget)

    def attribute(self, name: str, block: Block | None = None) -> Any:
        """One attribute of the file, or of a block in it; None where it is not said."""
        said = (self.body if block is None else block.body).attributes.get(name)
        return None if said is None else value_of(said.expression, self.scope())

    def _root(self, name: str) -> Any:
        match name:
            case "local":
                return Namespace(self.local, self.locals)
            case "include":
                alone = self.includes.get("")
                return Namespace(self._exposed) if alone is None else _exposed(alone)
            case "dependency":
                return Namespace(self.dependency)
            case "feature":
                return Namespace(self._feature)
            case "values":
                return Namespace(self._given)
        raise Failure(f"{name} is not known here")

    def local(self, name: str) -> Any:
        for block in self.blocks("locals"):
            written = block.body.attributes.get(name)
            if written is not None:
                expression = written.expression
                return self._once.get("local", name, lambda: expression.evaluate(self.scope()))  # noqa: B023
        raise Failure(f"there is no local.{name}")

    def locals(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for block in self.blocks("locals"):
            for name in block.body.attributes:
                try:
                    made[name] = settled(self.local(name))
                except Failure as error:
                    made[name] = Unresolved(str(error))
        return made

    def _exposed(self, label: str) -> Any:
        found = self.includes.get(label)
        if found is None:
            raise Failure(f"there is no include {label}")
        return _exposed(found)

    def dependency(self, name: str) -> Any:
        """Another unit, as this file or one that it includes names it: its outputs, never its mocks."""
        for config in (self, *(one for one in self.includes.values() if isinstance(one, Config))):
            for block in config.blocks("dependency"):
                if block.labels == (name,):
                    return Namespace(lambda member, at=config, one=block: at._outputs(one, member))  # type: ignore[misc]
        raise Failure(f"there is no dependency {name}")

    def _outputs(self, block: Block, member: str) -> Any:
        if member != "outputs":
            return self.attribute(member, block)
        place = self.depends_on(block)
        return place if isinstance(place, Unresolved) else self.world.outputs(place)

    def depends_on(self, block: Block) -> Path | Unresolved:
        """The folder of the unit that a ``dependency`` block names."""
        said = self.attribute("config_path", block)
        if not isinstance(said, str):
            return said if isinstance(said, Unresolved) else Unresolved("a dependency without config_path")
        found = (self.folder / said).resolve()
        return found.parent if self.world.real(found).is_file() else found

    def _feature(self, name: str) -> Any:
        for config in (self, *(one for one in self.includes.values() if isinstance(one, Config))):
            for block in config.blocks("feature"):
                if block.labels == (name,):
                    return {"value": config.attribute("default", block)}
        raise Failure(f"there is no feature {name}")

    def _given(self, name: str) -> Any:
        if self.values is None:
            file = self.unit / files.VALUES
            if not file.is_file():
                return Unresolved(f"values.{name} is given by a stack that is not read")
            body = self._parsed(file, self.world.name(file))
            self.values = {
                one: value_of(each.expression, Scope(_nothing, lambda _: None, self.world.budget))
                for one, each in body.attributes.items()
            }
        if name not in self.values:
            raise Failure(f"there is no values.{name}")
        return self.values[name]

    # Inputs

    @cached_property
    def inputs(self) -> Inputs:
        """What the module is given, with what is included laid below it."""
        made = Inputs()
        for label, one in self.includes.items():
            strategy = self.strategy(label)
            if isinstance(one, Unresolved):
                made = Inputs(rest=one)
            elif strategy != "no_merge":
                made = made.under(one.inputs, deep=strategy == "deep")
        deep = any(self.strategy(label) == "deep" for label in self.includes)
        return made.under(self._own_inputs(), deep=deep)

    def _own_inputs(self) -> Inputs:
        written = self.body.attributes.get("inputs")
        return Inputs() if written is None else Inputs.of(written.expression, written.place, self.scope())


def _exposed(one: Config | Unresolved) -> Any:
    """What another file may ask of a file of Terragrunt's."""
    return one if isinstance(one, Unresolved) else exposed(one)


def exposed(one: Config) -> Namespace:
    """``locals``, ``inputs`` and the rest of a file, as others see it."""

    def get(name: str) -> Any:
        match name:
            case "locals":
                return Namespace(one.local, one.locals)
            case "inputs":
                return one.inputs.value()
            case "dependency":
                return Namespace(one.dependency)
        found = one.attribute(name)
        if found is not None:
            return found
        for block in one.blocks(name):
            return Namespace(lambda member, block=block: one.attribute(member, block))  # type: ignore[misc]
        raise Failure(f"{one.world.name(one.file)} says nothing of {text_of(name)}")

    return Namespace(get, lambda: {"locals": one.locals(), "inputs": one.inputs.value()})


def _nothing(name: str) -> Any:
    raise Failure(f"{name} may not stand in a file of values")
