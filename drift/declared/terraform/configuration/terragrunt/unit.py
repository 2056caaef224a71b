"""A Terragrunt unit as Terraform sees it: the module, the files that are laid over it, its variables, and
where its state is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration import backend, variables
from drift.declared.terraform.configuration.expressions import Budget, Literal, Template, value_of
from drift.declared.terraform.configuration.folders import FILE, Folders, Generated, files
from drift.declared.terraform.configuration.known import Known
from drift.declared.terraform.configuration.model import Block, Place
from drift.declared.terraform.configuration.surroundings import NOTHING, Surroundings
from drift.declared.terraform.configuration.syntax import Broken
from drift.declared.terraform.configuration.terragrunt import arguments
from drift.declared.terraform.configuration.terragrunt.config import Config
from drift.declared.terraform.configuration.terragrunt.sources import Sources
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.configuration.values import Remote, unknown
from drift.declared.terraform.configuration.variables import Given, Variables
from drift.errors import DeclaredError
from drift.model import Unresolved

_LEFT_OUT = frozenset({"all", "all_except_output", "apply"})
_VARIABLE = "TF_VAR_"


@dataclass(eq=False)
class Unit:
    """``config`` of one unit, and where modules are found. ``said`` are the variables that the entry gives,
    which beat the unit's inputs, as the environment does."""

    config: Config
    sources: Sources
    said: Mapping[str, Any] = field(default_factory=dict)
    named: Sequence[Path] = ()

    @property
    def folder(self) -> Path:
        return self.config.unit

    @property
    def lies(self) -> Path:
        """Where its files are, of a unit that is not made yet."""
        return self.config.world.real(self.folder)

    @property
    def display(self) -> str:
        """How to name the unit to people."""
        return self.config.world.name(self.folder)

    @cached_property
    def layers(self) -> list[Config]:
        """The unit's file and all that it includes, the strongest first."""
        found: list[Config] = []
        waiting = [self.config]
        while waiting:
            one = waiting.pop(0)
            found.append(one)
            below = [
                each
                for label, each in one.includes.items()
                if isinstance(each, Config) and one.strategy(label) != "no_merge"
            ]
            waiting[:0] = reversed(below)
        return found

    @property
    def unread(self) -> Unresolved | None:
        """Why not all is known of it: a file that it includes can't be read."""
        found = (one for config in self.layers for one in config.includes.values())
        return next((one for one in found if isinstance(one, Unresolved)), None)

    @cached_property
    def skipped(self) -> str | None:
        """Why Terragrunt leaves it out; None where it does not."""
        if self.config.attribute("skip") is True:
            return "skip"
        for config in self.layers:
            for block in config.blocks("exclude"):
                actions = config.attribute("actions", block)
                listed = actions if isinstance(actions, list) else ["all"]
                if config.attribute("if", block) is True and _LEFT_OUT & set(map(str, listed)):
                    return "exclude"
        return None

    def depends_on(self) -> Iterator[Path]:
        """The folders of the units that its files name as dependencies."""
        for config in self.layers:
            for block in config.blocks("dependency"):
                found = config.depends_on(block)
                if isinstance(found, Path):
                    yield found

    # The module

    @cached_property
    def module(self) -> Folders | Unresolved | None:
        """The folder of its module; None where it has none, Unresolved where it can't be told or read."""
        found = self._source()
        if found is None:
            if self.unread is not None:
                return self.unread
            return self._laid(self.lies, None) if any(files(self.lies)) else None
        source, place = found
        if isinstance(source, Unresolved):
            return self.config.fault(f"its source can't be told: {source.reason}", place)
        told = self.sources.folder(source, self.folder)
        if isinstance(told, str) and self.lies != self.folder:  # a folder that is copied with it
            other = self.sources.folder(source, self.lies)
            told = told if isinstance(other, str) else other
        if isinstance(told, str):
            return self.config.fault(told, place)
        return self._laid(told.folder, told.top, told.display)

    def _source(self) -> tuple[str | Unresolved, Place] | None:
        for config in self.layers:
            for block in config.blocks("terraform"):
                written = block.body.attributes.get("source")
                if written is None:
                    continue
                said = value_of(written.expression, config.scope())
                if isinstance(said, str | Unresolved) and said != "":
                    return said, written.place
        return None

    def _laid(self, folder: Path, top: Path | None, display: str | None = None) -> Folders:
        """The module with the unit's own files and the generated ones over it."""
        world = self.config.world
        laid: dict[str, Path | Generated] = {}
        if folder != self.lies:
            laid.update(self._own_files())
        present = {file.name for file in files(folder)} | set(laid)
        laid.update(self._generated(present))
        shown = display or world.name(folder)
        return Folders(folder, shown, top or world.top, laid, (self.lies, world.name(self.lies)), world.past)

    def _own_files(self) -> Iterator[tuple[str, Path | Generated]]:
        """The unit's own configuration files, as they are or once were."""
        world, place = self.config.world, self.lies.resolve()
        was = {file.name: text for file, text in world.past.items() if file.parent == place}
        yield from ((file.name, file) for file in files(self.lies) if file.name not in was)
        for name, text in was.items():
            if text and FILE.fullmatch(name):
                yield name, Generated(text, world.name(place / name), 1)

    def _generated(self, present: set[str]) -> Iterator[tuple[str, Generated]]:
        done: set[str] = set()
        for config in self.layers:
            for block in config.blocks("generate"):
                label = block.labels[0] if block.labels else ""
                if label in done:
                    continue
                done.add(label)
                one = self._one(config, block, present)
                if one is not None:
                    yield one

    def _one(self, config: Config, block: Block, present: set[str]) -> tuple[str, Generated] | None:
        path, text = config.attribute("path", block), config.attribute("contents", block)
        if config.attribute("disable", block) is True:
            return None
        if not isinstance(path, str):
            self.config.fault("where a generated file is to lie can't be told", block.place)
            return None
        name = path.removeprefix("./")
        if FILE.fullmatch(name) is None:
            return None  # no configuration, or of another folder
        if config.attribute("if_exists", block) == "skip" and name in present:
            return None
        if not isinstance(text, str):
            reason = text.reason if isinstance(text, Unresolved) else "it has no text"
            self.config.fault(f"the file {name} that it generates can't be told: {reason}", block.place)
            return None
        written = block.body.attributes["contents"]
        literal = isinstance(written.expression, Literal | Template)
        line = written.place.line + 1 if literal else block.place.line
        return name, Generated(text, block.place.file, line, fixed=not literal)

    # The state

    def kept(self) -> backend.Kept | Unresolved:
        """Where its state is kept."""
        for config in self.layers:
            for block in config.blocks("remote_state"):
                return _kept(config, block)
        if self.unread is not None:
            return self.unread
        if isinstance(self.module, Folders):
            rest = Unresolved("it is told by an input of the unit")
            return backend.kept(Tree(self.module, Variables(rest=rest)))
        return self.module or Unresolved("it has no module")

    # The variables

    def tree(self, known: Known, remote: Remote | None = None, around: Surroundings = NOTHING) -> Tree | None:
        """The module, evaluated with the unit's inputs; None where the module is not read."""
        if not isinstance(self.module, Folders):
            return None
        tree = Tree(self.module, self._variables(self.module), known, remote=remote, surroundings=around)
        tree.reads.update((self.config.file, *self.config.reads))
        for fault in self.config.faults:
            tree.tell(fault)
        return tree

    def earlier(
        self, past: Mapping[Path, str], known: Known, remote: Remote | None, around: Surroundings = NOTHING
    ) -> Tree | None:
        """The module, evaluated as some files once were; None where that can't be told: there was no such
        unit, or a stack gives it its values."""
        config = self.config
        if config.values is not None or self.lies != self.folder:
            return None
        world = replace(config.world, past=past, budget=Budget())
        try:
            body = world.parsed(config.file, world.name(config.file))
        except (DeclaredError, Broken):
            return None
        was = Unit(Config(world, config.file, config.unit, config.folder, body), *self._rest)
        return was.tree(known, remote, around) if world.exists(config.file) else None

    @property
    def _rest(self) -> tuple[Sources, Mapping[str, Any], Sequence[Path]]:
        return self.sources, self.said, self.named

    def _variables(self, module: Folders) -> Variables:
        inputs = self.config.inputs
        given = dict(inputs.given)
        rest = inputs.rest
        files_: list[Path] = []
        late: dict[str, Given] = {}
        for config, block in arguments.blocks(self.layers):
            environment = config.attribute("env_vars", block)
            for name, value in environment.items() if isinstance(environment, Mapping) else ():
                if name.startswith(_VARIABLE):
                    given[name.removeprefix(_VARIABLE)] = Given(value, block.place, as_text=True)
            for found in arguments.files(config, block, [self.lies, module.root]):
                if isinstance(found, Path):
                    files_.append(found)
                elif isinstance(found, tuple):
                    late[found[0]] = Given(found[1], block.place, as_text=True)
                else:
                    rest = found
        roots = [module.root] if module.root == self.lies else [module.root, self.lies]
        past = self.config.world.past
        made = variables.load(roots, self.said, [*files_, *self.named], module.name, given, past)
        made.given.update(late)
        made.rest = rest
        return made


def _kept(config: Config, block: Block) -> backend.Kept | Unresolved:
    type_ = config.attribute("backend", block)
    if not isinstance(type_, str):
        return type_ if isinstance(type_, Unresolved) else Unresolved("its remote_state names no backend")
    said = config.attribute("config", block)
    missing: dict[str, str] = {}
    values: dict[str, Any] = {}
    if isinstance(said, Unresolved):
        return said
    for name, value in said.items() if isinstance(said, Mapping) else ():
        found = unknown(value)
        if found is None:
            values[name] = value
        else:
            missing[name] = found.reason
    return backend.Kept(type_, values, missing, block.place)
