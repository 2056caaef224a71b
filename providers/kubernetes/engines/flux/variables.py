"""What ConfigMaps and Secrets say that Flux's objects refer to: as they are declared, else as they are
live."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.model import Unresolved
from drift.redaction import is_secret
from providers.kubernetes.engines.flux.said import several
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.world import World

_KINDS = ("ConfigMap", "Secret")


@dataclass(frozen=True, slots=True)
class Data:
    """The entries of one ConfigMap or Secret. ``said`` holds texts, and Unresolved for what can't be read;
    ``where`` is "declared", "live", or why nothing of it is known, which ``known`` tells; ``absent`` says
    that it surely is not there."""

    said: Mapping[str, str | Unresolved] = field(default_factory=dict)
    where: str = "declared"
    known: bool = True
    absent: bool = False


def data_of(world: World, scope: str, namespace: str, kind: str, name: str) -> Data:
    """The entries of an object that is referred to."""
    shown = f"the {kind} {namespace}/{name}"
    if kind not in _KINDS:
        return Data(where=f"{kind} is no kind that values come from", known=False)
    ref = Ref(scope, kind, namespace, name)
    made = world.declared(ref)
    if made is not None:
        return Data(_entries(made.manifest.body, kind, shown))
    live = world.found(ref)
    if live is not None:
        return Data(_entries(live.attributes, kind, shown), "live")
    absent = _was_read(world, scope, kind)
    why = "is neither declared nor in the cluster" if absent else "is not declared here, nor could it be read"
    return Data(where=f"{shown}, which {why}", known=False, absent=absent)


def _was_read(world: World, scope: str, kind: str) -> bool:
    """Whether the objects of a kind were read, so that one that is not among them is not there."""
    return any(where == scope and type_ == f"v1/{kind}" for where, type_ in world.live.types("kubernetes"))


def _entries(body: Mapping[str, Any], kind: str, shown: str) -> dict[str, str | Unresolved]:
    found: dict[str, str | Unresolved] = {}
    for section in ("data", "stringData"):
        said = body.get(section)
        if not isinstance(said, Mapping):
            continue
        for key, value in said.items():
            found[str(key)] = _text(value, shown, encoded=kind == "Secret" and section == "data")
    return found


def _text(value: Any, shown: str, *, encoded: bool) -> str | Unresolved:
    if isinstance(value, Unresolved):
        return Unresolved(f"comes from {shown}, which is {value.reason}")
    if is_secret(value) or not isinstance(value, (str, int, float, bool)):
        return Unresolved(f"comes from {shown}, whose values are not read")
    if not isinstance(value, str):
        return str(value)
    if not encoded:
        return value
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return Unresolved(f"comes from {shown}, where it is no text")


@dataclass(slots=True)
class Variables:
    """What Flux fills into a Kustomization's objects. ``unknown`` says why a name that is not in ``said`` may
    stand for anything."""

    said: dict[str, str | Unresolved] = field(default_factory=dict)
    unknown: str = ""
    notes: list[str] = field(default_factory=list)

    def value(self, name: str) -> str | Unresolved | None:
        """What a name stands for; None where it is not set."""
        if name in self.said:
            return self.said[name]
        return Unresolved(f"comes from {self.unknown}") if self.unknown else None


def variables_of(world: World, ref: Ref, post_build: Mapping[str, Any]) -> Variables:
    """The variables of a Kustomization: those of ``substituteFrom`` in order, then ``substitute``."""
    found = Variables()
    for one in several(post_build.get("substituteFrom")):
        if not isinstance(one, Mapping):
            continue
        kind, name = str(one.get("kind")), str(one.get("name"))
        got = data_of(world, ref.scope, ref.namespace, kind, name)
        if not got.known:
            if one.get("optional") is True and got.absent:
                continue
            # What it says may stand in place of all that was said before.
            found.said, found.unknown = {}, got.where
            continue
        if got.where == "live":
            found.notes.append(f"its variables of {kind} {ref.namespace}/{name} are those in the cluster")
        for key, value in got.said.items():
            found.said[key] = value if isinstance(value, Unresolved) else value.replace("\n", "")
    inline = post_build.get("substitute")
    for key, value in (inline if isinstance(inline, Mapping) else {}).items():
        found.said[str(key)] = value if isinstance(value, Unresolved) else str(value).replace("\n", "")
    return found
