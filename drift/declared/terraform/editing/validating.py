"""`terraform validate` over edited folders, by the binary that is there: asked for only by
`remediate.validate`, since `init` fetches and `validate` starts the providers that a repository names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import orjson

from drift import processes
from drift.deadline import Deadline
from drift.editor import NotEdited, Place

#: How long one command may take, with providers that are fetched.
_SECONDS = 300.0
_BINARIES = ("terraform", "tofu")
_ENDINGS = (".tf", ".tf.json")
_TOLD = 3


def validated(files: Sequence[Path], deadline: Deadline) -> None:
    """Raises NotEdited where a folder of the files is not valid, or there is no binary to ask."""
    folders = sorted({file.parent for file in files if file.name.endswith(_ENDINGS)})
    if not folders:
        return
    binary = next(filter(None, map(shutil.which, _BINARIES)), None)
    if binary is None:
        raise NotEdited("remediate.validate: neither terraform nor tofu is installed")
    for folder in folders:
        _run(binary, folder, deadline, "init", "-backend=false", "-input=false", "-no-color")
        said = _run(binary, folder, deadline, "validate", "-json", "-no-color")
        _judged(said, folder)


def _run(binary: str, folder: Path, deadline: Deadline, *arguments: str) -> bytes:
    name = Path(binary).name
    try:
        done = processes.run(
            [binary, *arguments],
            environment={**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"},
            seconds=deadline.within(_SECONDS),
            folder=folder,
            deadline=deadline,
        )
    except (processes.Overdue, processes.Endless) as error:
        raise NotEdited(f"{name} {arguments[0]} did not end: {error}", Place(folder)) from error
    if done.returncode != 0 and arguments[0] == "init":
        lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        raise NotEdited(f"{name} init failed: {' '.join(lines[:_TOLD])[:400]}", Place(folder))
    return done.stdout


def _judged(said: bytes, folder: Path) -> None:
    try:
        told = orjson.loads(said)
        found = [one for one in told["diagnostics"] if one.get("severity") == "error"]
        valid = bool(told["valid"])
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise NotEdited(f"terraform validate answered what is no JSON of its own: {error}") from error
    if not valid:
        why = "; ".join(str(one.get("summary")) for one in found[:_TOLD]) or "no reason given"
        lines = [
            Place(folder / one["range"]["filename"], one["range"]["start"]["line"])
            for one in found[:_TOLD]
            if isinstance(one.get("range"), dict)
        ]
        raise NotEdited(f"terraform validate: {why}", *lines)
