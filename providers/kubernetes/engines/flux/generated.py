"""What a Kustomization's folder is built from: its kustomization.yaml, or one of all its files, with what the
Kustomization's ``spec`` writes into it.

Source: github.com/fluxcd/pkg, kustomize/kustomize_generator.go.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.engines.flux.said import several

HEAD = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
_REMOTE = ("git::", "gh:", "ssh://", "https://", "http://", "git@", "github.com:", "github.com/")
_SELECTED = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")
_SUFFIXES = (".yaml", ".yml")
#: What Flux writes into the folder's kustomization by the same name.
_TEXTS = {"targetNamespace": "namespace", "namePrefix": "namePrefix", "nameSuffix": "nameSuffix"}
_FILES = (
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "transformers",
    "generators",
    "validators",
)


def written(
    folder: Path, spec: Mapping[str, Any], shown: str, ignored: Callable[[Path], bool]
) -> dict[str, Any]:
    """The kustomization of a folder as Flux writes it. ``shown`` is how people call the folder.

    Raises DeclaredError for a kustomization that can't be read, or a spec that Flux refuses.
    """
    own = kustomization(folder)
    said = _said(own, shown) if own is not None else _of_files(folder, ignored)
    said = {**HEAD, **said}
    if own is not None and not said.get("resources"):
        said["buildMetadata"] = ["originAnnotations"]
    for name, own_name in _TEXTS.items():
        if isinstance(spec.get(name), str):
            said[own_name] = spec[name]
    _append(said, "patches", (_patch(one) for one in _mappings(spec, "patches")))
    _append(said, "components", _components(folder, spec, shown))
    _append(
        said, "patchesStrategicMerge", (_inline(one) for one in several(spec.get("patchesStrategicMerge")))
    )
    _append(
        said,
        "patchesJson6902",
        (
            {"patch": _inline(one.get("patch")), "target": _selector(one.get("target"))}
            for one in _mappings(spec, "patchesJson6902")
        ),
    )
    _images(said, spec)
    if spec.get("buildMetadata"):
        said["buildMetadata"] = list(spec["buildMetadata"])
    return said


def _said(file: Path, shown: str) -> dict[str, Any]:
    display = f"{shown}/{file.name}"
    try:
        said = load(reading.content(file, display))
    except YamlError as error:
        raise DeclaredError(f"{error.at(display)}: {'is ' if error.syntax else ''}{error}") from error
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise DeclaredError(f"{display}: is no kustomization: it is no mapping")
    return said


def _of_files(folder: Path, ignored: Callable[[Path], bool]) -> dict[str, Any]:
    resources = [f"./{one.relative_to(folder).as_posix()}" for one in scanned(folder, ignored)]
    return {"resources": resources} if resources else {"namespace": "_placeholder"}


def scanned(folder: Path, ignored: Callable[[Path], bool]) -> Iterator[Path]:
    """The files of a folder without kustomization, at any depth; in place of what lies in a folder with one
    that folder."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for one in entries:
        if one.is_symlink() and one.is_dir():
            continue
        if one.is_dir():
            if one.name == ".git":
                continue
            if kustomization(one) is not None:
                if not ignored(one / "kustomization.yaml"):
                    yield one
            else:
                yield from scanned(one, ignored)
        elif one.suffix in _SUFFIXES and not ignored(one):
            yield one


def _mappings(spec: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    for one in several(spec.get(name)):
        if isinstance(one, Mapping):
            yield one


def _append(said: dict[str, Any], name: str, more: Iterator[Any]) -> None:
    added = list(more)
    if added:
        said[name] = [*(several(said.get(name))), *added]


def _patch(one: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"patch": one.get("patch")}
    if isinstance(one.get("target"), Mapping):
        found["target"] = _selector(one["target"])
    return found


def _selector(target: Any) -> dict[str, Any]:
    return {name: target[name] for name in _SELECTED if isinstance(target, Mapping) and target.get(name)}


def _inline(patch: Any) -> str:
    return patch if isinstance(patch, str) else json.dumps(patch)


def _components(folder: Path, spec: Mapping[str, Any], shown: str) -> Iterator[str]:
    for one in several(spec.get("components")):
        said = str(one)
        if said.lower().startswith(_REMOTE) or said.startswith("/"):
            raise DeclaredError(
                f"{shown}: the component {said} is not local and relative, which Flux refuses"
            )
        if spec.get("ignoreMissingComponents") is True and not (folder / said).exists():
            continue
        yield said


def _images(said: dict[str, Any], spec: Mapping[str, Any]) -> None:
    """An image of the spec changes what the folder says of it, of version and name each as a whole."""
    images = [dict(one) for one in several(said.get("images")) if isinstance(one, Mapping)]
    for one in _mappings(spec, "images"):
        there = next((image for image in images if image.get("name") == one.get("name")), None)
        if there is None:
            names = ("name", "newName", "newTag", "digest")
            images.append({name: one[name] for name in names if one.get(name)})
            continue
        if one.get("newName"):
            there["newName"] = one["newName"]
        if one.get("newTag") or one.get("digest"):
            for name in ("newTag", "digest"):
                there.pop(name, None)
                if one.get(name):
                    there[name] = one[name]
    if images:
        said["images"] = images


def moved(said: Mapping[str, Any], folder: Path, above: Path) -> dict[str, Any]:
    """The same kustomization for the folder ``above``: each file that it names is named from there."""

    def from_above(name: Any) -> Any:
        if not isinstance(name, str) or "\n" in name or _is_remote(name, folder):
            return name
        return os.path.relpath(os.path.normpath(folder / name), above)

    def keyed(name: Any) -> Any:
        key, sign, file = str(name).partition("=")
        return f"{key}={from_above(file)}" if sign else f"{Path(key).name}={from_above(key)}"

    found = dict(said)
    for section in _FILES:
        if isinstance(found.get(section), list):
            found[section] = [from_above(one) for one in found[section]]
    if isinstance(found.get("patchesStrategicMerge"), list):
        found["patchesStrategicMerge"] = [
            from_above(one) if isinstance(one, str) and _is_file(folder, one) else one
            for one in found["patchesStrategicMerge"]
        ]
    for section in ("patches", "patchesJson6902", "replacements"):
        found[section] = [_with(one, {"path": from_above}) for one in several(found.get(section))]
    for section in ("configMapGenerator", "secretGenerator"):
        found[section] = [
            _with(one, {"files": _each(keyed), "envs": _each(from_above), "env": from_above})
            for one in several(found.get(section))
        ]
    found["helmCharts"] = [
        _with(one, {"valuesFile": from_above, "additionalValuesFiles": _each(from_above)})
        for one in several(found.get("helmCharts"))
    ]
    if found["helmCharts"]:
        globals_ = found.get("helmGlobals") if isinstance(found.get("helmGlobals"), dict) else {}
        home = (globals_ or {}).get("chartHome") or "charts"
        found["helmGlobals"] = {**(globals_ or {}), "chartHome": from_above(home)}
    if isinstance(found.get("openapi"), dict):
        found["openapi"] = _with(found["openapi"], {"path": from_above})
    return {name: value for name, value in found.items() if value not in ([], None)}


def _with(entry: Any, changes: Mapping[str, Callable[[Any], Any]]) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    return {name: changes[name](value) if name in changes else value for name, value in entry.items()}


def _each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [change(one) for one in value] if isinstance(value, list) else value


def _is_file(folder: Path, name: str) -> bool:
    try:
        return "\n" not in name and (folder / name).is_file()
    except OSError:
        return False


def _is_remote(name: str, folder: Path) -> bool:
    try:
        if (folder / name).exists():
            return False
    except OSError:
        return True
    return bool(re.match(r"^(?:[a-z][a-z0-9+.-]*://|git::|git@|github\.com[/:]|[\w.-]+@[\w.-]+:)", name)) or (
        ".git" in name or "?ref=" in name
    )
