"""Where a project of CDK for Terraform keeps what it synthesised."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from drift import reading
from drift.errors import DeclaredError

PROJECT, OUTPUT, MANIFEST = "cdktf.json", "cdktf.out", "manifest.json"
#: More stacks than that no app has.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Stack:
    """``folder`` is where its Terraform runs."""

    name: str
    folder: Path


def is_project(folder: Path) -> bool:
    """Whether CDK for Terraform keeps a project there, or writes there."""
    return (folder / PROJECT).is_file() or (folder.name == OUTPUT and (folder / MANIFEST).is_file())


def output(folder: Path) -> Path:
    """The folder that a project is synthesised to."""
    file = folder / PROJECT
    if not file.is_file():
        return folder
    try:
        said = json.loads(reading.content(file, PROJECT))
    except (DeclaredError, ValueError, RecursionError):
        said = None
    output = said.get("output") if isinstance(said, dict) else None
    place = folder / (output if isinstance(output, str) and output else OUTPUT)
    return place if place.resolve().is_relative_to(folder.resolve()) else folder / OUTPUT


def stacks(out: Path, display: str) -> Iterator[Stack]:
    """The stacks that were synthesised to a folder. Raises DeclaredError: nothing was, or no manifest."""
    file = out / MANIFEST
    if not file.is_file():
        raise DeclaredError(f"{display}: there is none; run `cdktf synth`, and declare what it writes")
    try:
        content = json.loads(reading.content(file, display))
    except (ValueError, RecursionError) as error:
        raise DeclaredError(f"{display}: is no JSON: {error}; run `cdktf synth` again") from error
    said = content.get("stacks") if isinstance(content, dict) else None
    for name, one in list(said.items())[:MOST] if isinstance(said, Mapping) else ():
        folder = one.get("workingDirectory") if isinstance(one, Mapping) else None
        place = (out / str(folder)).resolve()
        if not isinstance(folder, str) or not place.is_relative_to(out.resolve()):
            raise DeclaredError(f"{display}: the stack {name} names no folder below it; run `cdktf synth`")
        yield Stack(str(name), out / folder)
