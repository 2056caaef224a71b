"""The versions that Spinnaker makes of some objects: NAME is deployed as NAME-v000, NAME-v001, …

Source: spinnaker/clouddriver, ResourceVersioner (an earlier version of the same content is used again),
ArtifactConverter, KubernetesDeployManifestOperation.isVersioned, the handlers' ``versioned``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.finding import Finding
from drift.model import Resource
from drift.rule import Again, Note
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.world import World, ref_of
from providers.kubernetes.managers import role
from providers.kubernetes.ownership import owners_of
from providers.kubernetes.parents import maker
from providers.kubernetes.powers import powers

_VERSIONED = frozenset(("ConfigMap", "Secret", "Pod", "apps/ReplicaSet", "extensions/ReplicaSet"))
_ANNOTATION = "strategy.spinnaker.io/versioned"
NAME, VERSION = "artifact.spinnaker.io/name", "artifact.spinnaker.io/version"
_NUMBER = re.compile(r"(?P<name>.+)-v(?P<number>\d{3,})")
#: What makes a ConfigMap or Secret, beside what it is called.
_CONTENT = ("data", "binaryData", "stringData", "immutable", "type")


def is_versioned(key: str, annotations: Mapping[str, Any], stage: Mapping[str, Any]) -> bool:
    """Whether an object of a kind (group and kind) is deployed as versions of itself."""
    said = annotations.get(_ANNOTATION)
    if said is not None:
        return str(said).lower() == "true"
    return bool(stage["versioned"]) if isinstance(stage.get("versioned"), bool) else key in _VERSIONED


def annotation(live: Resource, name: str) -> Any:
    """A live annotation; Spinnaker once wrote them in quotation marks."""
    said = ((live.attributes.get("metadata") or {}).get("annotations") or {}).get(name)
    return said.strip('"') if isinstance(said, str) else said


def version_of(live: Resource) -> tuple[str, int] | None:
    """The name that a live object is a version of, and which; None where Spinnaker's marks and its own name
    don't say so together."""
    told = _NUMBER.fullmatch(str(live.name))
    if told is None or annotation(live, NAME) != told["name"]:
        return None
    return (told["name"], int(told["number"])) if annotation(live, VERSION) == f"v{told['number']}" else None


class Versions:
    """What each declared name is called live."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._live: dict[tuple[str, str], dict[tuple[str, str], list[tuple[int, Resource]]]] = {}
        self.joined: dict[Ref, str] = {}

    def join(self, ref: Ref, body: Mapping[str, Any]) -> str:
        """The live name of a declared object: its newest version, unless another one has its very content;
        its own where there is none."""
        several = self.live(ref)
        if not several:
            return self.joined.setdefault(ref, ref.name)
        same = [one for _, one in several if _same(body, one.attributes)]
        chosen = same[0] if same else several[0][1]
        return self.joined.setdefault(ref, str(chosen.name))

    def live(self, ref: Ref) -> list[tuple[int, Resource]]:
        """The live versions of a name, the newest first."""
        place = (ref.scope, ref.key)
        if place not in self._live:
            found = self._live[place] = {}
            for one in self._world.every(*place):
                told = version_of(one)
                if told is not None and _deployed_once(one):
                    found.setdefault((ref_of(one).namespace, told[0]), []).append((told[1], one))
        versions = self._live[place].get((ref.namespace, ref.name), [])
        return sorted(versions, key=lambda one: one[0], reverse=True)


def _same(declared: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    if declared.get("kind") not in ("ConfigMap", "Secret"):
        return False
    return all((declared.get(name) or None) == (live.get(name) or None) for name in _CONTENT)


@dataclass(slots=True)
class Older:
    """Versions of declared objects that Spinnaker keeps beside the one that is in use."""

    note: Note = Note("versions that Spinnaker keeps", "an older version of what Git declares", quiet=True)
    bodies: dict[Ref, Mapping[str, Any]] = field(default_factory=dict)

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        live = finding.live
        if finding.kind != "unmanaged" or live is None or live.provider != "kubernetes":
            return finding
        told = version_of(live)
        if told is None:
            return finding
        body = self.bodies.get(ref_of(live)._replace(name=told[0]))
        if body is None or not _deployed(live):
            return finding
        more = {one for one in powers(live.attributes) - powers(body) if not one.startswith("runs ")}
        return finding if more else None


def _deployed_once(live: Resource) -> bool:
    """Whether a deployer made it, as far as anybody is named: a version that a person made is none."""
    owners = owners_of(live.attributes)
    made = maker(owners)
    return made is None or role(made, owners) == "deployer"


def _deployed(live: Resource) -> bool:
    """Whether a deployer made it, and nobody but deployers and controllers wrote into it."""
    owners = owners_of(live.attributes)
    roles = {role(one, owners) for one in owners if not one.subresource}
    return bool(owners) and _deployed_once(live) and roles <= {"deployer", "controller"}
