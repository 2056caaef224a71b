"""Terraform's functions that read files: those of the configuration only, never above its top folder."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from drift import reading
from drift.declared.terraform.configuration import encodings, syntax
from drift.declared.terraform.configuration.expressions import Scope
from drift.declared.terraform.configuration.values import Failure, SetOf, settled, text_of, unknown
from drift.errors import DeclaredError

#: Larger files are no part of a declaration.
_LARGEST = 4 * 2**20
_MOST_FILES = 10_000


def functions(
    root: Path,
    top: Path,
    scope: Callable[[], Scope],
    beside: Path | None = None,
    past: Mapping[Path, str] = MappingProxyType({}),
    reads: set[Path] | None = None,
) -> Mapping[str, Callable[..., Any]]:
    """``scope`` gives the functions that a template may call; paths are relative to ``root``, where the files
    ``beside`` it lie, too. ``past`` are files that are to be read as they once were, "" where there was none;
    what is read is added to ``reads``."""

    def place(said: Any) -> Path:
        found = (root / text_of(said)).resolve()
        if beside is not None and (beside / text_of(said)).exists():
            found = (beside / text_of(said)).resolve()
            if not found.is_relative_to(beside):
                raise Failure(f"{said} leads out of the configuration's folder")
            return found
        if not found.is_relative_to(top):
            raise Failure(f"{said} leads out of the configuration's folder")
        return found

    def read(said: Any) -> bytes:
        try:
            file = place(said)
            if reads is not None:
                reads.add(file)
            was = past.get(file)
            if was or not (was is None and file.exists()):
                return was.encode() if was else _missing(said)
            with reading.opened(file, f"the file {said}") as stream:
                body = stream.read(_LARGEST + 1)
        except DeclaredError as error:
            raise Failure(str(error)) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise Failure(f"the file {said} can't be read: {error}") from error
        if len(body) > _LARGEST:
            raise Failure(f"the file {said} is larger than {_LARGEST // 2**20} MB")
        return body

    def text(said: Any) -> str:
        try:
            return read(said).decode()
        except UnicodeDecodeError as error:
            raise Failure(f"the file {said} is no text") from error

    def rendered(source: str, said: str, names: Mapping[str, Any]) -> Any:
        try:
            made = syntax.template(source, said, 1)
        except syntax.Broken as error:
            raise Failure(f"{said}: {error}") from error
        return settled(made.evaluate(Scope(_none, scope().call, scope().budget, dict(names))))

    def fileset(said: Any, pattern: str) -> SetOf:
        folder = place(said)
        if ".." in pattern or pattern.startswith("/"):
            raise Failure(f"fileset of {pattern}")
        found: list[str] = []
        for one in folder.glob(pattern.replace("**", "**/*") if pattern.endswith("**") else pattern):
            if len(found) >= _MOST_FILES:
                raise Failure(f"fileset finds more than {_MOST_FILES:,} files")
            if one.is_file():
                found.append(one.relative_to(folder).as_posix())
        return SetOf(found)

    plain: dict[str, Callable[..., Any]] = {
        "abspath": lambda said: str((root / said).resolve()),
        "basename": lambda said: Path(said).name,
        "dirname": lambda said: Path(said).parent.as_posix(),
        "file": text,
        "filebase64": lambda said: base64.b64encode(read(said)).decode(),
        "fileexists": lambda said: bool(past[place(said)]) if place(said) in past else place(said).is_file(),
        "fileset": fileset,
        "pathexpand": lambda said: said if not said.startswith("~") else _refused(said),
        "templatefile": lambda said, names: rendered(text(said), said, names),
        "templatestring": lambda source, names: rendered(source, "templatestring", names),
        **encodings.digests(read, "file{}"),
    }
    return {name: _known(one) for name, one in plain.items()}


def _refused(said: str) -> Any:
    raise Failure(f"{said} is of the machine that applies it")


def _missing(said: str) -> Any:
    raise Failure(f"there is no file {said}")


def _none(name: str) -> Any:
    raise Failure(f"the template is given no {name}")


def _known(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*arguments: Any) -> Any:
        found = unknown(list(arguments))
        return function(*arguments) if found is None else found

    return called
