"""Which images run: the digests that the pods of a workload report, beside the image that it declares.

``imageID`` names what the node's runtime pulled by its digest (``REPOSITORY@sha256:…``): of an image for
several platforms that of its index or of one platform's manifest, and where a node knows one image by several
digests, any of them. So two digests are taken for two images only where no node lists them as names of one,
and no two architectures explain them. Source: kubernetes/kubernetes#115199, containerd/containerd#12787;
NodeStatus.images in the API reference.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from drift.finding import Change
from drift.hooks import Around, Observed
from drift.model import Resource
from drift.pointer import join
from providers.kubernetes.facts import facts_of
from providers.kubernetes.managers import is_person
from providers.kubernetes.names import namespace_of, object_id, of_object, parse
from providers.kubernetes.ownership import holds, owners_of

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LISTS = (("containers", "containerStatuses"), ("initContainers", "initContainerStatuses"))
#: Where the pods' spec of a kind stands.
_SPECS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "batch/CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_TEMPLATE = ("spec", "template", "spec")
_MOST_NAMED = 3
#: A pod's ReplicaSet, whose template tells its generation, and its Deployment.
_OF_DEPLOYMENT = 2
_DEEPEST = 4


class _Runs(NamedTuple):
    """A container of a pod: what its pod asks for, and what runs."""

    pod: str
    node: str
    asks: str
    digest: str
    by_hand: bool


@dataclass(slots=True)
class _Containers:
    """The containers of one name of one workload's pods. ``image`` is what the live workload says."""

    workload: Resource
    path: str
    image: str
    runs: list[_Runs] = field(default_factory=list)


def observed(around: Around) -> Iterator[Observed]:
    """What pods tell of the workloads that they are of."""
    types: dict[tuple[str, str], str] = {}
    for scope, type_ in sorted(around.types("kubernetes")):
        name = parse(type_)
        if name is not None:
            types[scope, name.key] = type_
    pods = sorted({type_ for (_, key), type_ in types.items() if key == "Pod"})
    found: dict[tuple[str, str, str, str], _Containers] = {}
    owners = _Owners(types, around)
    for type_ in pods:
        for pod in around.every("kubernetes", type_):
            _note(pod, owners, found)
    nodes: _Nodes | None = None
    for one in found.values():
        if (
            len({each.digest for each in one.runs}) > 1
            or "@" in one.image
            or any(r.by_hand for r in one.runs)
        ):
            nodes = nodes or _Nodes.of(around, types)
            if (change := _told(one, nodes)) is not None:
                yield Observed(
                    "kubernetes", one.workload.scope, one.workload.type, str(one.workload.id), change
                )


def _note(pod: Resource, owners: _Owners, found: dict[tuple[str, str, str, str], _Containers]) -> None:
    status, spec = pod.attributes.get("status"), pod.attributes.get("spec")
    metadata = pod.attributes.get("metadata") or {}
    if not isinstance(status, Mapping) or not isinstance(spec, Mapping) or metadata.get("deletionTimestamp"):
        return
    chain = owners.of(pod)
    workload = chain[-1] if chain else pod
    own, above = _images(pod, ("spec",)), owners.images(chain)
    for place, statuses in _LISTS:
        for said in _mappings(status.get(statuses)):
            name, digest = said.get("name"), _DIGEST.search(str(said.get("imageID") or ""))
            if digest is None or "@" not in str(said["imageID"]):
                continue
            asks = own.get((place, str(name)))
            image = above.get((place, str(name)), "") if chain else asks
            if not asks or not image:  # a sidecar's, or of an older generation, which a rollout replaces
                continue
            by_hand = asks != image and _by_hand(pod, place, str(name))
            if asks != image and not by_hand and ("@" not in image or len(chain) < _OF_DEPLOYMENT):
                continue
            path = "/" + "/".join((*_spec_of(workload), place))
            key = (workload.scope, workload.type, str(workload.id), f"{place}/{name}")
            containers = found.setdefault(key, _Containers(workload, join(path, str(name)), image))
            node = str(spec.get("nodeName") or "")
            containers.runs.append(_Runs(str(pod.name), node, asks, digest[0], by_hand))


class _Owners:
    """What objects are of; pods of one owner ask once. ``types`` are those of the live side by cluster and
    kind."""

    def __init__(self, types: Mapping[tuple[str, str], str], around: Around) -> None:
        self._types, self._around = types, around
        self._known: dict[tuple[str, str, str], list[Resource]] = {}
        self._images: dict[tuple[str, str, str], dict[tuple[str, str], str]] = {}

    def of(self, one: Resource, depth: int = 0) -> list[Resource]:
        """Its owner, and that one's, up to what nobody owns, as far as it was read."""
        references = _mappings((one.attributes.get("metadata") or {}).get("ownerReferences"))
        reference = next((each for each in references if each.get("controller")), None)
        if reference is None or depth > _DEEPEST:
            return []
        key = (one.scope, namespace_of(one.id), str(reference.get("uid")))
        if key not in self._known:
            owner = self._owner(one, reference)
            self._known[key] = [] if owner is None else [owner, *self.of(owner, depth + 1)]
        return self._known[key]

    def images(self, chain: Sequence[Resource]) -> dict[tuple[str, str], str]:
        """The image of each container in which the owners of a pod agree."""
        if not chain:
            return {}
        key = (chain[0].scope, chain[0].type, str(chain[0].id))
        if key not in self._images:
            levels = [_images(one, _spec_of(one)) for one in chain]
            agreed = {name: image for name, image in levels[-1].items()
                      if all(level.get(name) == image for level in levels)}  # fmt: skip
            self._images[key] = agreed
        return self._images[key]

    def _owner(self, one: Resource, reference: Mapping[str, Any]) -> Resource | None:
        type_ = of_object(reference)
        spelled = None if type_ is None else self._types.get((one.scope, type_.key))
        if spelled is None:
            return None
        id_ = object_id(namespace_of(one.id) or None, str(reference.get("name")))
        found = self._around.find("kubernetes", one.scope, spelled, id_)
        uid = None if found is None else (found.attributes.get("metadata") or {}).get("uid")
        return found if uid == reference.get("uid") else None


def _spec_of(one: Resource) -> tuple[str, ...]:
    name = parse(one.type)
    return _SPECS.get("" if name is None else name.key, _TEMPLATE)


def _images(one: Resource, spec: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """The images of an object's pods, by list and name of the container."""
    value: Any = one.attributes
    for part in spec:
        value = value.get(part) if isinstance(value, dict) else None
    found: dict[tuple[str, str], str] = {}
    for place, _ in _LISTS if isinstance(value, dict) else ():
        for container in _mappings(value.get(place)):
            if isinstance(container.get("image"), str):
                found[place, str(container.get("name"))] = container["image"]
    return found


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _by_hand(pod: Resource, place: str, name: str) -> bool:
    """Whether a person wrote the image into the pod itself."""
    facts = facts_of(pod.type)
    path = join(join(f"/spec/{place}", name), "image")
    return facts is not None and any(
        is_person(one) and holds(one, path, facts.root) for one in owners_of(pod.attributes)
    )


def _told(one: _Containers, nodes: _Nodes) -> Change | None:
    """What the digests of one container say; None where they say nothing."""
    path = join(one.path, "imageID")
    declared = _DIGEST.search(one.image.partition("@")[2])
    if declared is not None:
        other = [run for run in one.runs if not nodes.same(run.digest, declared[0])]
        note = "runs another digest than is declared"
    else:
        other = [run for run in one.runs if run.by_hand and run.asks != one.image]
        note = "was given another image in the pod itself"
        if not other:
            other = _moved(one.workload.scope, one.runs, nodes)
            note = "run different digests: the tag was moved between their starts"
    if not other:
        return None
    digests = list(dict.fromkeys(sorted(run.digest for run in other)))
    pods = sorted(run.pod for run in other)
    named = ", ".join(pods[:_MOST_NAMED]) + (
        f" and {len(pods) - _MOST_NAMED} more" if len(pods) > _MOST_NAMED else ""
    )
    live = digests[0] if len(digests) == 1 else digests
    return Change(path, one.image, live, note=f"{named}: {note}")


def _moved(scope: str, runs: Iterable[_Runs], nodes: _Nodes) -> list[_Runs]:
    """The pods that run different digests of one tag, on nodes of one architecture."""
    by_architecture: dict[str, list[_Runs]] = defaultdict(list)
    for run in runs:
        if (architecture := nodes.architecture(scope, run.node)) is not None:
            by_architecture[architecture].append(run)
    for several in by_architecture.values():
        if any(not nodes.same(run.digest, several[0].digest) for run in several):
            return several
    return []


@dataclass(slots=True)
class _Nodes:
    """What nodes tell: their architecture, and which digests are names of one image."""

    architectures: dict[tuple[str, str], str] = field(default_factory=dict)
    images: dict[str, set[frozenset[str]]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, around: Around, types: Mapping[tuple[str, str], str]) -> _Nodes:
        """All nodes that were read."""
        found = cls()
        for type_ in sorted({type_ for (_, key), type_ in types.items() if key == "Node"}):
            for node in around.every("kubernetes", type_):
                labels = (node.attributes.get("metadata") or {}).get("labels") or {}
                found.architectures[node.scope, str(node.name)] = str(labels.get("kubernetes.io/arch") or "")
                for image in _mappings((node.attributes.get("status") or {}).get("images")):
                    names = frozenset(_DIGEST.findall(" ".join(map(str, image.get("names") or ()))))
                    for one in names if len(names) > 1 else ():
                        found.images[one].add(names)
        return found

    def same(self, one: str, other: str) -> bool:
        """Whether two digests may be of one image: equal, or names of one on some node."""
        return one == other or any(other in names for names in self.images.get(one, ()))

    def architecture(self, scope: str, node: str) -> str | None:
        """None where nothing is known of a node, so that nothing can be said of what runs there."""
        return self.architectures.get((scope, node))
