"""The values of a HelmRelease: ``valuesFrom`` in order, then its own, as Flux merges them.

Source: github.com/fluxcd/pkg, chartutil/values.go; helm.sh/helm, pkg/strvals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from drift.errors import DeclaredError
from drift.model import Unresolved
from drift.safe_yaml import YamlError, load
from providers.kubernetes.engines.flux.said import mapping, several, text
from providers.kubernetes.engines.flux.variables import data_of
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

_PART = re.compile(r"((?:\\.|[^.\[\\])*)((?:\[\d+\])*)(?:\.|$)")
_HIGHEST = 65536


@dataclass(slots=True)
class Values:
    """Merged values, in which Unresolved stands for what can't be read."""

    said: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def values_of(world: World, ref: Ref, spec: Mapping[str, Any]) -> Values:
    """The values of a release. Raises NotFollowed where a whole document of them can't be known,
    DeclaredError where Flux would refuse them."""
    own = spec.get("values")
    if isinstance(own, Unresolved):
        raise NotFollowed(f"its values are not known: they {own.reason}")
    inline: dict[str, Any] = deepcopy(dict(mapping(own)))
    found = Values()
    for one in several(spec.get("valuesFrom")):
        found.said = _added(world, ref, mapping(one), found, inline)
    found.said = merged(found.said, inline)
    return found


def _added(
    world: World, ref: Ref, said: Mapping[str, Any], found: Values, inline: dict[str, Any]
) -> dict[str, Any]:
    kind, name = text(said.get("kind")), text(said.get("name"))
    key, path = text(said.get("valuesKey")) or "values.yaml", text(said.get("targetPath"))
    shown = f"the {kind} {ref.namespace}/{name}"
    got = data_of(world, ref.scope, ref.namespace, kind, name)
    optional = said.get("optional") is True
    value: str | Unresolved | None
    if not got.known:
        if optional and got.absent:
            return found.said
        value = Unresolved(f"comes from {got.where}")
    else:
        value = got.said.get(key)
        if value is None and optional:
            return found.said
        if value is None:
            raise DeclaredError(f"{ref}: {shown} has no key {key}, from which values come")
        if got.where == "live":
            found.notes.append(f"its values of {kind} {ref.namespace}/{name} are those in the cluster")
    if path:
        result = merged(found.said, inline)
        put(result, path, value, literal=said.get("literal") is True)
        return result
    if isinstance(value, Unresolved):
        raise NotFollowed(f"its values are not known: {shown} can't be read ({value.reason})")
    try:
        read = load(value)
    except YamlError as error:
        raise DeclaredError(f"{ref}: {key} of {shown}: {error}") from error
    if read is not None and not isinstance(read, dict):
        raise DeclaredError(f"{ref}: {key} of {shown} is no mapping of values")
    return merged(found.said, read or {})


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two mappings of values, the second one above the first; lists are taken whole, as the same list."""
    found = dict(one)
    for name, value in other.items():
        there = found.get(name)
        both = isinstance(value, Mapping) and isinstance(there, Mapping)
        found[name] = merged(there, value) if both else value  # type: ignore[arg-type]
    return found


def put(values: dict[str, Any], path: str, value: str | Unresolved, *, literal: bool = False) -> None:
    """Sets what a ``targetPath`` names, as ``helm --set`` does. Raises DeclaredError for a path that is
    none."""
    if isinstance(value, Unresolved) or literal:
        item: Any = value
    elif len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        item = _unescaped(value.strip("'\""))
    else:
        item = _typed(value, path)
    parts = _parts(path)
    place: Any = values
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        following: Any = None if last else ([] if isinstance(parts[number + 1], int) else {})
        if isinstance(part, int):
            if not isinstance(place, list):
                raise DeclaredError(f"the targetPath {path} names a list where there is none")
            place.extend([None] * (part + 1 - len(place)))
            there = place[part]
        else:
            there = place.get(part) if isinstance(place, dict) else None
        if last:
            place[part] = item
        else:
            if not isinstance(there, type(following)):
                there = following
                place[part] = there
            place = there


def _parts(path: str) -> list[str | int]:
    found: list[str | int] = []
    at = 0
    while at < len(path):
        one = _PART.match(path, at)
        if one is None or one.end() == at:
            raise DeclaredError(f"the targetPath {path!r} is no path of values")
        if one[1]:
            found.append(re.sub(r"\\(.)", r"\1", one[1]))
        for index in re.findall(r"\[(\d+)\]", one[2]):
            if int(index) > _HIGHEST:
                raise DeclaredError(f"the targetPath {path!r} has an index that Helm refuses")
            found.append(int(index))
        at = one.end()
    if not found or isinstance(found[0], int):
        raise DeclaredError(f"the targetPath {path!r} is no path of values")
    return found


def _typed(value: str, path: str) -> Any:
    """A value as ``--set`` reads it."""
    if re.search(r"(?<!\\),", value) and not (value.startswith("{") and value.endswith("}")):
        raise DeclaredError(
            f"the value for targetPath {path} holds a comma, which Helm refuses: say `literal: true`"
        )
    if value.startswith("{") and value.endswith("}"):
        inside = value[1:-1]
        return [_scalar(_unescaped(one)) for one in re.split(r"(?<!\\),", inside)] if inside else []
    return _scalar(_unescaped(value))


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value, flags=re.S)


def _scalar(value: str) -> Any:
    match value:
        case "true" | "True" | "TRUE":
            return True
        case "false" | "False" | "FALSE":
            return False
        case "null":
            return None
        case "0":
            return 0
    if value and value[0] != "0" and re.fullmatch(r"[-+]?\d{1,19}", value):
        number = int(value)
        if -(2**63) <= number < 2**63:
            return number
    return value
