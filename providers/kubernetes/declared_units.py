"""What lies in a folder that holds Kustomize folders, charts and manifests: each of these is a unit, unless
another one uses it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from drift import reading
from drift.errors import DeclaredError
from drift.listing import beginning, leads_out, passed_over
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import SUFFIXES, is_chart, is_manifest, kustomization
from providers.kubernetes.declared_layouts import has_tasks

Kind = Literal["kustomize", "chart", "files", "ansible"]
#: Sections of a kustomization that name files or folders, and members of entries that do.
#: Source: kubectl.docs.kubernetes.io, "kustomization".
_NAMES = (
    "resources", "bases", "components", "crds", "configurations", "transformers", "generators", "validators",
    "patchesStrategicMerge", "openapi",
)  # fmt: skip
_ENTRIES = ("patches", "patchesJson6902", "replacements", "configMapGenerator", "secretGenerator")
#: In a task of Ansible.
_NAMED_FILE = re.compile(
    r"""^\s*src\s*:\s*["']?([^\s"'{]+)|lookup\(\s*["'](?:\S+\.)?file["']\s*,\s*["']([^"']+)""", re.M
)
_MEMBERS = ("path", "files", "envs", "env", "valuesFile", "additionalValuesFiles")


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that is applied as a whole: a Kustomize folder, a chart, the plain files of one folder, or
    the files with tasks of Ansible in it.
    ``inputs`` are the files that it is made of, as far as names tell."""

    kind: Kind
    folder: Path
    inputs: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """What lies in a folder: its units, in order, and ``strays``, manifests at or below a Kustomize folder
    that no kustomization names."""

    units: list[Unit]
    strays: list[Path]


@dataclass(slots=True)
class _Lay:
    """What is found while the folder is walked: Kustomize folders with what they use, charts, files, and
    files below Kustomize folders."""

    kustomize: dict[Path, tuple[set[Path], set[Path]]] = field(default_factory=dict)
    components: set[Path] = field(default_factory=set)
    charts: dict[Path, tuple[Path, ...]] = field(default_factory=dict)
    files: dict[Path, list[Path]] = field(default_factory=dict)
    below: list[Path] = field(default_factory=list)
    tasks: dict[Path, list[Path]] = field(default_factory=dict)


def laid(folder: Path) -> Laid:
    """All that lies at or below a folder. Of a Kustomize folder that another one uses, and of files that one
    includes, only the user is a unit."""
    lay = _Lay()
    _walk(folder, lay, below=False)
    used_files: set[Path] = set()
    used_folders: set[Path] = set()
    for files, folders in lay.kustomize.values():
        used_files |= files
        used_folders |= folders
    for several in lay.tasks.values():
        used_files |= {one for file in several for one in _of_tasks(file, folder)}
    found = [
        Unit("kustomize", one, tuple(sorted(_inputs(one, lay, set()))))
        for one in lay.kustomize
        if one not in used_folders and one not in lay.components
    ]
    found += [Unit("chart", one, files) for one, files in lay.charts.items() if one not in used_folders]
    found += [Unit("ansible", one, tuple(several)) for one, several in lay.tasks.items()]
    for one, several in lay.files.items():
        plain = tuple(file for file in several if file not in used_files and not _within(file, used_folders))
        if plain:
            found.append(Unit("files", one, plain))
    strays = [file for file in lay.below if file not in used_files and not _within(file, used_folders)]
    return Laid(sorted(found, key=lambda unit: (unit.folder, unit.kind)), strays)


def plain_files(folder: Path) -> list[Path]:
    """All files at or below a folder that may hold manifests, as ``kubectl apply --recursive`` takes them."""
    found: list[Path] = []
    for entry in (Path(one.path) for one in _entries(folder)):
        if entry.is_dir():
            if not entry.is_symlink() and not passed_over(entry.name):
                found += plain_files(entry)
        elif _may_be(entry):
            found.append(entry)
    return found


def found_in(path: Path) -> Laid:
    """What lies in a folder; of one file that is read on demand what is in it."""
    return laid(path) if not path.is_file() else Laid([Unit("files", path.parent, (path,))], [])


def laid_names(folder: Path, said: dict[str, Any]) -> Iterator[Path]:
    """The files and folders that a kustomization names, whether or not they are there."""
    for name in _named(said):
        if "\n" not in name and "://" not in name and "\0" not in name:
            yield Path(os.path.normpath(folder / name))


def places(said: str, file: Path, root: Path) -> list[Path]:
    """Where a file may lie that a task of Ansible names: beside the task's, in its role's ``files``, beside a
    playbook above, at the top."""
    if said.startswith("/") or "\0" in said:
        return []
    folders = [file.parent, file.parent / "files", file.parent.parent / "files", file.parent.parent, root]
    return [Path(os.path.normpath(folder / said)) for folder in folders]


def _of_tasks(file: Path, root: Path) -> Iterator[Path]:
    """The files that tasks name."""
    for told in _NAMED_FILE.finditer(beginning(file).decode("utf-8", "replace")):
        for place in places(told[1] or told[2], file, root):
            if place.is_file():
                yield place
                break


def _within(file: Path, folders: set[Path]) -> bool:
    """Whether a plain file lies in a folder that a kustomization uses as a whole, which has none itself."""
    return file.parent in folders


def _walk(folder: Path, lay: _Lay, *, below: bool) -> None:
    """``below`` says that a Kustomize folder is above."""
    own = kustomization(folder)
    if own is not None:
        said = _said(own)
        lay.kustomize[folder] = _used(folder, own, said)
        if said.get("kind") == "Component":
            lay.components.add(folder)
        below = True
    elif is_chart(folder):
        lay.charts[folder] = tuple(sorted(file for file in folder.rglob("*") if file.is_file()))
        return
    for entry in _entries(folder):
        if passed_over(entry.name):
            continue
        file = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            _walk(file, lay, below=below)
        elif file != own and _may_be(file):
            if not is_manifest(file):
                if not below and has_tasks(file):
                    lay.tasks.setdefault(folder, []).append(file)
            elif below:
                lay.below.append(file)
            else:
                lay.files.setdefault(folder, []).append(file)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listed:
            return sorted(listed, key=lambda one: one.name)
    except OSError:
        return []


def _may_be(entry: Path) -> bool:
    return (
        entry.suffix.lower() in SUFFIXES
        and not entry.name.startswith(".")
        and entry.is_file()
        and not leads_out(entry)
    )


def _said(file: Path) -> dict[str, Any]:
    """What a kustomization says; nothing where it can't be read, which its renderer will say."""
    try:
        said = load(reading.content(file, str(file)))
    except (DeclaredError, YamlError):
        return {}
    return said if isinstance(said, dict) else {}


def _used(folder: Path, own: Path, said: dict[str, Any]) -> tuple[set[Path], set[Path]]:
    """The files and folders that a kustomization names."""
    files, folders = {own}, set[Path]()
    for name in _named(said):
        if "\n" in name or "://" in name:
            continue
        place = Path(os.path.normpath(folder / name))
        try:
            if place.is_dir():
                folders.add(place)
            elif place.is_file():
                files.add(place)
        except (OSError, ValueError):
            continue
    charts = said.get("helmGlobals")
    home = charts.get("chartHome") if isinstance(charts, dict) else None
    for chart in _list(said.get("helmCharts")):
        if isinstance(chart, dict) and isinstance(chart.get("name"), str):
            place = folder / (home if isinstance(home, str) else "charts") / chart["name"]
            folders.add(Path(os.path.normpath(place)))
    return files, folders


def _named(said: dict[str, Any]) -> Iterator[str]:
    for section in _NAMES:
        value = said.get(section)
        yield from (one for one in (*_list(value), *_texts(value)) if isinstance(one, str))
    for section in (*_ENTRIES, "helmCharts"):
        for entry in _list(said.get(section)):
            if not isinstance(entry, dict):
                continue
            for member in _MEMBERS:
                for one in (*_list(entry.get(member)), *_texts(entry.get(member))):
                    if isinstance(one, str):
                        yield one.partition("=")[2] or one if member in ("files",) else one


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [value.get("path")]
    return [value] if isinstance(value, str) else []


def _inputs(folder: Path, lay: _Lay, seen: set[Path]) -> set[Path]:
    """The files that a Kustomize folder is made of, through those that it uses."""
    if folder in seen or folder not in lay.kustomize:
        return set()
    seen.add(folder)
    files, folders = lay.kustomize[folder]
    found = set(files)
    for one in folders:
        found |= _inputs(one, lay, seen)
    return found
