"""The declared source ``bicep``: compiles Bicep with the ``bicep`` or ``az`` binary and reads the template
that it gives."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift import processes, reading
from drift.check import Program
from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.lined import Map
from drift.listing import files_below
from drift.model import Problem
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location
from providers.azure.arm.language import OPTIONS

if TYPE_CHECKING:
    from providers.azure.arm.template import Template

SOURCE = "bicep"
SUFFIX = ".bicep"
_SECONDS = 300
_MEANS = re.compile(
    r"^[ \t]*(?:targetScope[ \t]*=|(?:param|var|output|resource|module|metadata|import|type|func)[ \t]+\w+)",
    re.M,
)
_RESOURCE = re.compile(r"^[ \t]*(?:resource|module)[ \t]+(\w+)[ \t]+'([^'@\n]+)", re.M)
_MODULE = re.compile(r"^[ \t]*module[ \t]+\w+[ \t]+'([^'\n]+)'", re.M)


class Bicep(BaseSource):
    """Bicep files, one or a folder of them; modules belong to the file that uses them."""

    name = SOURCE
    options = OPTIONS
    programs = (Program((("bicep", "--version"), ("az", "bicep", "version")), "to compile Bicep files"),)

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return any(files_below(path, (SUFFIX,)))
        return path.suffix.lower() == SUFFIX and bool(_MEANS.search(head.decode("utf-8-sig", "replace")))

    def hint(self, path: Path) -> Hint:
        return Hint(needs={"scope": "the subscription's id", "resource_group": "where it is deployed to"})

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Compiles and parses. Raises DeclaredError, also where no compiler is installed."""
        from providers.azure.arm.source import Templates

        compiler = find_compiler()
        if compiler is None:
            raise DeclaredError(
                f"{location.display}: Bicep is compiled by its own tool, and neither `bicep` nor `az` is on "
                "PATH; install the Bicep CLI (https://aka.ms/bicep-install), or declare the JSON that "
                "`bicep build` writes"
            )
        if not location.path.is_dir():
            one = compiled(compiler, location.path, location.display, loader.deadline)
            return Templates(SOURCE, location, [one])
        files = list(files_below(location.path, (SUFFIX,)))
        used = {path for file in files for _, path in modules(file)}
        found: list[Template] = []
        problems: list[Problem] = []
        for file in [file for file in files if file.resolve() not in used] or files:
            try:
                found.append(compiled(compiler, file, location.inside(file), loader.deadline))
            except DeclaredError as error:
                problems.append(Problem(SOURCE, str(error), unread=True))
        if not found:
            why = problems[0].message if problems else f"there is no {SUFFIX} file"
            raise DeclaredError(f"{location.display}: holds no readable Bicep file: {why}")
        return Templates(SOURCE, location, found, problems)


def find_compiler() -> list[str] | None:
    """The command that compiles: ``bicep build`` or ``az bicep build``; None where there is neither."""
    bicep = shutil.which("bicep")
    if bicep:
        return [bicep, "build", "--stdout"]
    az = shutil.which("az")
    return [az, "bicep", "build", "--stdout", "--file"] if az else None


def compiled(compiler: list[str], path: Path, file: str, deadline: Deadline | None = None) -> Template:
    """The template that a Bicep file compiles to, its lines those of the Bicep file. Raises DeclaredError."""
    from providers.azure.arm import template
    from providers.azure.arm.syntax import parse

    source = reading.content(path, file).decode("utf-8", "replace")
    try:
        run = processes.run(
            [*compiler, str(path)],
            environment=os.environ,
            seconds=_SECONDS,
            folder=path.parent,
            deadline=deadline,
        )
    except processes.Overdue as error:
        raise DeclaredError(f"{file}: the Bicep compiler did not end within {_SECONDS} seconds") from error
    except processes.Endless as error:
        raise DeclaredError(f"{file}: the Bicep compiler {error}, so it was ended") from error
    except OSError as error:
        raise DeclaredError(f"{file}: can't be compiled: {error.strerror}") from error
    if run.returncode != 0:
        said = run.stderr.decode("utf-8", "replace").replace(str(path), file).strip()
        lines = [line for line in said.splitlines() if "Error" in line] or said.splitlines() or ["no message"]
        raise DeclaredError(f"{file}: the Bicep compiler refuses it: {lines[0].strip()[:500]}")
    document = parse(run.stdout, f"{file} (compiled)")
    read = template.of(document, path, file)
    return replace(read, resources=tuple(_placed(read, source)))


def _placed(read: Template, source: str) -> list[tuple[str | None, Map, int]]:
    """The resources with the lines of their Bicep statements: by symbolic name, else in turn among those of
    their type."""
    names: dict[str, int] = {}
    types: dict[str, list[int]] = {}
    for found in _RESOURCE.finditer(source):
        line = source.count("\n", 0, found.start(1)) + 1
        names[found[1]] = line
        kind = found[2] if "/" in found[2] and "." in found[2].split("/")[0] else ""
        key = "microsoft.resources/deployments" if found[2].endswith(SUFFIX) or not kind else kind
        types.setdefault(key.lower(), []).append(line)
    rows: list[tuple[str | None, Map, int]] = []
    for name, words, _ in read.resources:
        of_type = types.get(words["type"].lower(), [])
        line = names.get(name or "") or (of_type.pop(0) if of_type else 1)
        rows.append((name, _lined(words, line), line))
    return rows


def _lined(value: Any, line: int) -> Any:
    """The same words, every line the statement's: the compiler does not tell more."""
    if isinstance(value, Map):
        return Map((key, _lined(item, line), line) for key, item in value.items())
    if isinstance(value, list):
        return [_lined(item, line) for item in value]
    return value


def modules(file: Path) -> list[tuple[int, Path]]:
    """The files that a file has deployed as modules, each with the line (from 1) on which it does."""
    try:
        source = reading.content(file, str(file)).decode("utf-8", "replace")
    except DeclaredError:
        return []
    return [
        (source.count("\n", 0, found.start()) + 1, (file.parent / found[1]).resolve())
        for found in _MODULE.finditer(source)
    ]
