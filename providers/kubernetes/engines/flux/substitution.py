"""Fills variables into built objects as Flux does: in the text of their YAML, so that ``${N}`` may become a
number.

Flux writes each object as YAML, expands it as a whole and reads it again. Here each text of an object that
holds a ``$`` is written as that emitter writes it, expanded, and read again, so that a value that is not
known makes only what it stands in unknown.
Source: github.com/fluxcd/pkg, kustomize/kustomize_varsub.go; sigs.k8s.io/yaml (go-yaml 2), encode.go.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from drift.errors import DeclaredError
from drift.model import Unresolved
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.declared_scalars import Unfit, resolve
from providers.kubernetes.declared_yaml import Broken, documents
from providers.kubernetes.engines.flux.expansion import BadExpansion, expand
from providers.kubernetes.engines.flux.variables import Variables
from providers.kubernetes.names import of_object

OFF = "kustomize.toolkit.fluxcd.io/substitute"
_NAME = re.compile(r"[_A-Za-z][_A-Za-z0-9]*")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_WIDE = 2**30
_Emitter: Any = getattr(yaml, "CDumper", yaml.Dumper)


class _Unknown(Exception):
    """A variable whose value can't be known."""


def substituted(one: Manifest, variables: Variables, *, strict: bool = False) -> Manifest:
    """An object with its variables filled in. Raises DeclaredError where Flux would refuse it."""
    labels = one.metadata.get("labels") or {}
    if labels.get(OFF) == "disabled" or one.annotations.get(OFF) == "disabled":
        return one
    wrong = next((name for name in variables.said if not _NAME.fullmatch(name)), None)
    if wrong is not None:
        raise DeclaredError(f"the variable {wrong!r} has no name that Flux takes (letters, digits and _)")
    try:
        body = _filled(one.body, variables, strict, "")
    except BadExpansion as error:
        raise DeclaredError(
            f"{one.where}: Flux can't fill in the variables of {one.address}: {error}"
        ) from error
    if body is one.body:
        return one
    return _named(one, body)


def _named(one: Manifest, body: Any) -> Manifest:
    """The object under what is now its name; one whose name or place can't be known is left out."""
    metadata = body.get("metadata") if isinstance(body, dict) else None
    parts = [body.get("kind"), body.get("apiVersion"), metadata] if isinstance(body, dict) else [body]
    if isinstance(metadata, dict):
        parts += [metadata.get("name"), metadata.get("namespace")]
        for place in ("labels", "annotations"):
            if isinstance(metadata.get(place), Unresolved):
                metadata = {**metadata, place: {}}
                body = {**body, "metadata": metadata}
    unknown = next((part for part in parts if isinstance(part, Unresolved)), None)
    if unknown is not None:
        return replace(one, left_out=f"its name {unknown.reason}")
    type_ = of_object(body)
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if type_ is None or not isinstance(metadata, dict) or not isinstance(name, str):
        raise DeclaredError(f"{one.where}: {one.address} is no object once its variables are filled in")
    for place in ("labels", "annotations"):
        said = metadata.get(place)
        for key, value in (said if isinstance(said, dict) else {}).items():
            if value is not None and not isinstance(value, (str, Unresolved)):
                raise DeclaredError(
                    f"{one.where}: metadata.{place}: {key} of {one.address} is {value!r} once its variables "
                    "are filled in, and must be text"
                )
    return replace(one, type=type_, body=body)


def _filled(value: Any, variables: Variables, strict: bool, place: str) -> Any:
    """The value; the same object where nothing of it changes. ``place`` says what it stands in: a mapping
    ("") or a list ("- ")."""
    if isinstance(value, str):
        if "$" not in value:
            return value
        try:
            return _read_again(_expanded(_written(value, place), variables, strict), place)
        except _Unknown as error:
            return Unresolved(str(error))
    if isinstance(value, list):
        items = [_filled(item, variables, strict, "- ") for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if isinstance(value, dict):
        return _mapping(value, variables, strict)
    return value


def _mapping(value: dict[str, Any], variables: Variables, strict: bool) -> Any:
    found: dict[str, Any] = {}
    same = True
    for name, item in value.items():
        new = _filled(item, variables, strict, "")
        own = name
        if "$" in name:
            try:
                own = _key(_expanded(_written(name, "?"), variables, strict))
            except _Unknown as error:
                return Unresolved(f"holds a key that {error}")
        same = same and new is item and own == name
        found[own] = new
    return value if same else found


def _expanded(text: str, variables: Variables, strict: bool) -> str:
    def value(name: str) -> str | None:
        found = variables.value(name)
        if isinstance(found, Unresolved):
            raise _Unknown(found.reason)
        return found

    return expand(text, value, strict=strict)


def _reads_as_text(value: str) -> bool:
    try:
        return isinstance(resolve(value), str) and not _BASE_60.fullmatch(value) and value not in ("<<", "=")
    except Unfit:
        return False


def _written(value: str, place: str) -> str:
    """A text as the emitter writes it where it stands: behind a key, in a list (``- ``), as a key (``?``)."""
    style = "|" if "\n" in value else None if _reads_as_text(value) else '"'
    own = yaml.ScalarEvent(None, None, (True, True), value, style=style)
    other = yaml.ScalarEvent(None, None, (True, True), "k")
    begin: Any = yaml.SequenceStartEvent(None, None, True, flow_style=False)
    end: Any = yaml.SequenceEndEvent()
    inside = [own]
    if place != "- ":
        begin, end = yaml.MappingStartEvent(None, None, True, flow_style=False), yaml.MappingEndEvent()
        inside = [own, other] if place == "?" else [other, own]
    events = [
        yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False), begin, *inside, end,
        yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent(),
    ]  # fmt: skip
    return str(yaml.emit(events, Dumper=_Emitter, allow_unicode=True, width=_WIDE))


def _read_again(text: str, place: str) -> Any:
    value = _value(text)
    if place:
        if not isinstance(value, list) or len(value) != 1:
            raise BadExpansion("a value leaves its place in the YAML")
        return value[0]
    if not isinstance(value, dict) or set(value) != {"k"}:
        raise BadExpansion("a value leaves its place in the YAML")
    return value["k"]


def _key(text: str) -> str:
    value = _value(text)
    if not isinstance(value, dict) or len(value) != 1:
        raise BadExpansion("a key leaves its place in the YAML")
    return str(next(iter(value)))


def _value(text: str) -> Any:
    """What expanded YAML says."""
    found = list(documents(text.encode(), strict=False))
    if len(found) != 1 or isinstance(found[0], Broken):
        why = found[0].reason if found and isinstance(found[0], Broken) else "says nothing"
        raise BadExpansion(f"what comes of them {why}")
    return found[0].value
