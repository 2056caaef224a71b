"""What Terraform is called with for a Terragrunt unit (``extra_arguments``): files of variables, and those
that are set on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration.model import Block
from drift.declared.terraform.configuration.terragrunt.config import Config
from drift.model import Unresolved

_PLAN = frozenset({"plan", "apply"})


def blocks(layers: Sequence[Config]) -> Iterator[tuple[Config, Block]]:
    """The blocks that count for a plan, with the file that each stands in; ``layers`` are the unit's files,
    the strongest first."""
    done: set[str] = set()
    for config in layers:
        for terraform in config.blocks("terraform"):
            for block in terraform.body.blocks:
                label = block.labels[0] if block.labels else ""
                if block.type != "extra_arguments" or label in done:
                    continue
                done.add(label)
                commands = config.attribute("commands", block)
                if not isinstance(commands, list) or _PLAN & set(map(str, commands)):
                    yield config, block


def files(
    config: Config, block: Block, bases: Sequence[Path]
) -> Iterator[Path | tuple[str, Any] | Unresolved]:
    """The files of variables that Terraform is called with, looked for in ``bases``, and (name, text) of
    variables that are set."""
    for name, needed in (("required_var_files", True), ("optional_var_files", False)):
        for said in _listed(config.attribute(name, block)):
            yield from _file(config, said, bases, needed)
    arguments = [*_listed(config.attribute("arguments", block))]
    while arguments:
        one = arguments.pop(0)
        if isinstance(one, Unresolved):
            yield one
            continue
        flag, joined, value = str(one).lstrip("-").partition("=")
        if flag not in ("var", "var-file"):
            continue
        if not joined:
            value = arguments.pop(0) if arguments else ""
        if flag == "var-file":
            yield from _file(config, value, bases, True)
        elif isinstance(value, str):
            name, _, text = value.partition("=")
            yield name.strip(), text


def _file(config: Config, said: Any, bases: Sequence[Path], needed: bool) -> Iterator[Path | Unresolved]:
    if not isinstance(said, str):
        yield (
            said if isinstance(said, Unresolved) else Unresolved("the name of a file of variables is no text")
        )
        return
    places = [(base / said).resolve() for base in bases]
    found = next((one for one in places if config.world.exists(one) and not one.is_dir()), None)
    if found is not None and found.is_relative_to(config.world.top):
        config.reads.add(found)
        yield found
    elif needed:
        yield Unresolved(f"there is no file of variables {said}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
