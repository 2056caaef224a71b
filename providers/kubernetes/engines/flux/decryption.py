"""What SOPS encrypted, read by ``sops`` where that and a key are at hand; else it stays unknown.

Keys are those of the user (age, OpenPGP): the Secret that Flux has them from is not readable, and no cloud's
key service is asked.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from drift import reading
from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.model import Unresolved
from drift.safe_yaml import YamlError, load
from providers.kubernetes import declared_objects, declared_run, kustomize
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.declared_units import laid_names
from providers.kubernetes.declared_yaml import documents
from providers.kubernetes.engines.flux.said import mapping, several
from providers.kubernetes.engines.renderers import Renderers
from providers.kubernetes.engines.trees import Tree

_SOPS = "SOPS"
_LOCAL = ("age", "pgp")
_GENERATORS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}
_HASHED = Unresolved("is made of what is encrypted with SOPS")


def decrypted(one: Manifest, tree: Tree, renderers: Renderers) -> Manifest:
    """The object with what could be decrypted of it."""
    if not _holds(one.body):
        return one
    file = _file(tree, one.file)
    try:
        found = renderers.once(["sops", str(file)], lambda: _decrypted(file, one.file, renderers.deadline))
    except DeclaredError:
        return one
    plain = [
        other
        for other in found.manifests
        if other.type.key == one.type.key and (other.name or "") in (one.name or "")
    ]
    exact = [other for other in plain if other.name == one.name] or plain
    return replace(one, body=_filled(one.body, exact[0].body)) if len(exact) == 1 else one


def _file(tree: Tree, shown: str) -> Path:
    """The file that people call so."""
    if "://" in tree.display:
        return tree.beside / shown.removeprefix(tree.display).lstrip("/")
    return tree.beside / os.path.relpath(shown, tree.display)


def unknown_generated(several: list[Manifest], folder: Path, said: Mapping[str, Any]) -> Iterator[Manifest]:
    """The objects; those that a generator makes of encrypted files, which Flux decrypts first, are not
    known."""
    made = dict(_encrypted(folder, said, set()))
    for one in several:
        hashed = [
            suffixed
            for (kind, name), suffixed in made.items()
            if kind == one.type.kind and not one.type.group and name in (one.name or "")
        ]
        if not hashed:
            yield one
        elif any(hashed):
            yield replace(one, left_out=f"its name {_HASHED.reason}")
        else:
            yield replace(one, body={**one.body, "data": _HASHED})


def _encrypted(
    folder: Path, said: Mapping[str, Any], seen: set[Path]
) -> Iterator[tuple[tuple[str, str], bool]]:
    """(kind, name) of what generators make of encrypted files, and whether the name ends in a hash of it."""
    seen.add(folder)
    options = mapping(said.get("generatorOptions"))
    for section, kind in _GENERATORS.items():
        for one in several(said.get(section)):
            entry = mapping(one)
            files = [*(several(entry.get("files"))), *(several(entry.get("envs")))]
            files += [entry["env"]] if entry.get("env") else []
            if any(_is_encrypted(folder / str(file).rpartition("=")[2]) for file in files):
                own = {**options, **mapping(entry.get("options"))}
                yield (kind, str(entry.get("name"))), own.get("disableNameSuffixHash") is not True
    for below in laid_names(folder, dict(said)):
        if below not in seen and below.is_dir() and (file := kustomization(below)) is not None:
            try:
                inside = load(reading.content(file, str(file)))
            except (DeclaredError, YamlError):
                continue
            if isinstance(inside, dict):
                yield from _encrypted(below, inside, seen)


def _is_encrypted(file: Path) -> bool:
    try:
        content = reading.content(file, str(file))
    except DeclaredError:
        return False
    return b"ENC[AES256_GCM" in content and b"sops" in content


def _decrypted(file: Path, display: str, deadline: Deadline) -> Found:
    """What a file says once it is decrypted. Raises DeclaredError where it can't be."""
    binary = shutil.which("sops")
    if binary is None:
        raise DeclaredError("sops is not installed")
    content = reading.content(file, display)
    records = [
        mapping(mapping(one.value).get("sops"))
        for one in documents(content, strict=False)
        if hasattr(one, "value")
    ]
    if not any(record.get(name) for record in records for name in _LOCAL):
        raise DeclaredError(f"{display}: is encrypted for no key of age or OpenPGP")
    command = [binary, "--decrypt", "--ignore-mac", "--output-type", "yaml", str(file)]
    output = declared_run.run(command, kustomize.NO_NETWORK, deadline)
    found = Found()
    for one in documents(output, strict=False):
        found.add(declared_objects.read(one, display, "sops", rendered=True))
    return found


def _holds(value: Any) -> bool:
    if isinstance(value, Unresolved):
        return _SOPS in value.reason
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(map(_holds, inside))


def _filled(value: Any, plain: Any) -> Any:
    if isinstance(value, Unresolved) and _SOPS in value.reason:
        return value if isinstance(plain, (Mapping, list)) or plain is None else plain
    if isinstance(value, dict) and isinstance(plain, Mapping):
        return {name: _filled(item, plain.get(name)) for name, item in value.items()}
    if isinstance(value, list) and isinstance(plain, list) and len(value) == len(plain):
        return [_filled(item, other) for item, other in zip(value, plain, strict=True)]
    return value
