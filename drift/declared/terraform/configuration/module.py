"""One module as its files say it: variables, locals, outputs, calls of modules, resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from drift import reading
from drift.declared.terraform.configuration import json_syntax, syntax
from drift.declared.terraform.configuration.folders import Generated, in_order, overrides
from drift.declared.terraform.configuration.model import Block, Body, Fault, Place, Written
from drift.errors import DeclaredError

#: Whether a resource is managed or data.
Mode = str
#: More files than that have no folder that people write.
MOST_FILES = 10_000


@dataclass(slots=True)
class Module:
    """``resources`` are by mode, type and name; ``broken`` says that not all of its files could be read."""

    folder: Path
    files: int = 0
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Written] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    calls: dict[str, Block] = field(default_factory=dict)
    resources: dict[tuple[Mode, str, str], Block] = field(default_factory=dict)
    providers: dict[str, Block] = field(default_factory=dict)
    settings: list[Block] = field(default_factory=list)
    moved: list[Block] = field(default_factory=list)
    removed: list[Block] = field(default_factory=list)
    imports: list[Block] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        return bool(self.faults)


def read(
    folder: Path, name: Callable[[Path], str], laid: Mapping[str, Path | Generated] = MappingProxyType({})
) -> Module:
    """All configuration files of a folder, with those ``laid`` over them; what can't be read of them is told
    in ``faults``. Never raises."""
    module = Module(folder)
    for file, found in bodies(folder, name, laid):
        module.files += 1
        if isinstance(found, Fault):
            module.faults.append(found)
        else:
            _add(module, found, over=overrides(file))
    return module


def bodies(
    folder: Path, name: Callable[[Path], str], laid: Mapping[str, Path | Generated] = MappingProxyType({})
) -> Iterator[tuple[str, Body | Fault]]:
    """Each file of a folder by name as it is parsed, override files last. Never raises."""
    for file, content in in_order(folder, laid)[:MOST_FILES]:
        display = content.file if isinstance(content, Generated) else name(content)
        try:
            if isinstance(content, Generated):
                yield file, _generated(file, content)
                continue
            stat = content.stat()
            yield file, _parsed(content, display, (stat.st_mtime_ns, stat.st_size))
        except OSError as error:
            yield file, Fault(display, f"can't be read: {error.strerror}", Place(display, 1))
        except DeclaredError as error:
            yield file, Fault(display, str(error).removeprefix(f"{display}: "), Place(display, 1))
        except syntax.Broken as error:
            where = f"{display}:{error.line}" if error.line else display
            yield file, Fault(where, str(error), Place(display, error.line or 1))


def _generated(name: str, one: Generated) -> Body:
    if name.endswith(".json"):
        return json_syntax.parse(one.text, one.file)
    return syntax.parse(one.text.encode(), one.file, one.line, fixed=one.fixed)


@lru_cache(maxsize=1024)
def _parsed(file: Path, display: str, stamp: tuple[int, int]) -> Body:
    """``stamp`` tells a file that was written anew."""
    text = reading.text(file, display)
    if file.name.endswith(".json"):
        return json_syntax.parse(text, display)
    return syntax.parse(text.encode(), display)


def _add(module: Module, body: Body, *, over: bool) -> None:
    for block in body.blocks:
        labels = block.labels
        if block.type == "locals":
            module.locals.update(block.body.attributes)
        elif block.type in ("resource", "data", "ephemeral") and len(labels) == 2:
            _put(module.resources, (block.type, *labels), block, over)
        elif block.type == "variable" and len(labels) == 1:
            _put(module.variables, labels[0], block, over)
        elif block.type == "output" and len(labels) == 1:
            _put(module.outputs, labels[0], block, over)
        elif block.type == "module" and len(labels) == 1:
            _put(module.calls, labels[0], block, over)
        elif block.type == "provider" and len(labels) == 1:
            alias = block.body.attributes.get("alias")
            said = getattr(alias.expression, "value", "") if alias else ""
            _put(module.providers, f"{labels[0]}.{said}" if said else labels[0], block, over)
        elif block.type == "terraform":
            module.settings.append(block)
        elif block.type in ("moved", "removed"):
            (module.moved if block.type == "moved" else module.removed).append(block)
        elif block.type == "import":
            module.imports.append(block)


def _put(known: dict[Any, Block], key: Any, block: Block, over: bool) -> None:
    """An override replaces arguments one by one, and blocks by their type."""
    first = known.get(key)
    if first is None or not over:
        known[key] = block
        return
    types = {one.type for one in block.body.blocks}
    body = Body(
        {**first.body.attributes, **block.body.attributes},
        [*(one for one in first.body.blocks if one.type not in types), *block.body.blocks],
    )
    known[key] = Block(first.type, first.labels, body, first.place, first.end)
