"""A root module with all the modules that it calls, evaluated as far as its files and its state tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration import encodings, functions
from drift.declared.terraform.configuration.expressions import Budget
from drift.declared.terraform.configuration.file_functions import functions as file_functions
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.configuration.instance import ModuleInstance
from drift.declared.terraform.configuration.known import Known
from drift.declared.terraform.configuration.model import Block, Declared, Fault, ModulePath, Uncounted
from drift.declared.terraform.configuration.module import Module, read
from drift.declared.terraform.configuration.surroundings import NOTHING, Surroundings
from drift.declared.terraform.configuration.values import Remote
from drift.declared.terraform.configuration.variables import Variables
from drift.model import Unresolved

#: Modules that call each other deeper than that call themselves.
MOST_DEEP = 32
#: More instances than that of one configuration are a mistake.
MOST_MODULES = 20_000


@dataclass
class Tree:
    """One configuration. ``faults`` says what of it is not read, once it was asked for; ``known`` is the
    state's word on what only the cloud could tell; ``once`` gives the variables as files of the past made
    them, None where that can't be told, and ``again`` all of it, where more than variables comes of other
    files; ``reads`` are such files."""

    folders: Folders
    variables: Variables
    known: Known = field(default_factory=Known)
    workspace: str = "default"
    remote: Remote | None = None
    surroundings: Surroundings = NOTHING
    once: Callable[[Mapping[Path, str]], Variables] | None = None
    again: Callable[[Mapping[Path, str]], Tree | None] | None = None
    reads: set[Path] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    _modules: dict[Path, Module] = field(default_factory=dict)
    _instances: int = 0
    _told: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for fault in self.variables.faults:
            self.tell(fault)

    @cached_property
    def root(self) -> ModuleInstance:
        return ModuleInstance(self, self.module(self.folders.root), ())

    def module(self, folder: Path) -> Module:
        """A folder's module, parsed once."""
        if folder not in self._modules:
            self._modules[folder] = found = read(folder, self.folders.name, self.folders.over(folder))
            for fault in found.faults:
                self.tell(fault)
        return self._modules[folder]

    def tell(self, fault: Fault) -> None:
        """Notes what is not read, once."""
        if (fault.what, fault.reason) not in self._told:
            self._told.add((fault.what, fault.reason))
            self.faults.append(fault)

    def called(self, names: list[str], call: Block, parent: Module, source: str | None) -> Module | None:
        """The module that a block in ``parent`` calls, ``names`` from the root module down, whose ``source``
        is that (None: not known); None where it is not read, which is told."""
        address = ".".join(f"module.{one}" for one in names)
        place = self.folders.module(names, source, parent.folder)
        if isinstance(place, str):
            self.tell(Fault(address, f"not read: {place}", call.place))
            return None
        self._instances += 1
        if len(names) > MOST_DEEP or self._instances > MOST_MODULES:
            why = "modules call themselves" if len(names) > MOST_DEEP else f"over {MOST_MODULES:,} modules"
            self.tell(Fault(address, f"not read: {why}", call.place))
            return None
        return self.module(place)

    def folders_read(self) -> list[Path]:
        """The folders of the modules that were met so far."""
        return [self.folders.root, *(one for one in self._modules if one != self.folders.root)]

    def at(self, past: Mapping[Path, str]) -> Tree | None:
        """The same configuration with some files as they once were; None where that can't be told."""
        if self.again is not None:
            return self.again(past)
        if self.once is None:
            return None
        return Tree(
            replace(self.folders, past=past),
            self.once(past),
            self.known,
            self.workspace,
            self.remote,
            self.surroundings,
        )

    def modules(self) -> Iterator[ModuleInstance]:
        """The root module and all that are called, from the top."""
        waiting = [self.root]
        while waiting:
            one = waiting.pop()
            yield one
            for name in one.module.calls:
                waiting.extend(one.children(name).values())

    def declared(self) -> Iterator[Declared | Uncounted]:
        """Every managed instance that can be told, and the blocks of which none can."""
        for module in self.modules():
            for name, call in module.module.calls.items():
                keys = module.keys(call)
                if isinstance(keys, Unresolved):
                    yield Uncounted(module.path, None, name, keys.reason, call.place)
            for (mode, type_, name), block in module.module.resources.items():
                if mode != "resource":
                    continue
                keys = module.keys(block)
                if isinstance(keys, Unresolved):
                    yield Uncounted(module.path, type_, name, keys.reason, block.place)
                    continue
                for key in keys:
                    found = module.declared(type_, name, key)
                    if isinstance(found, Declared):
                        yield found

    def find(self, path: ModulePath) -> ModuleInstance | Unresolved | None:
        """The instance of a module by its address: None where the configuration has none, Unresolved where
        that can't be told."""
        module = self.root
        for name, key in path:
            if name not in module.module.calls:
                if module.module.broken:
                    return Unresolved("not all files of its module could be read")
                return None
            children = module.children(name, asked=key)
            if key not in children:
                return module.unsure(name)
            module = children[key]
        return module

    @cached_property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        top = (self.folders.top or self.folders.root).resolve()
        return {
            **functions.FUNCTIONS,
            **{name: functions.closed(one) for name, one in encodings.FUNCTIONS.items()},
            **file_functions(
                self.folders.root,
                top,
                lambda: self.root.scope(),
                self.folders.beside[0] if self.folders.beside else None,
            ),
        }
