"""Asks a cluster which kinds it serves: by aggregated discovery, else group by group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.errors import CellError
from providers.kubernetes.connection import JSON, Cluster
from providers.kubernetes.names import TypeName

_AGGREGATED = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    for version in ("v2", "v2beta1")
)


@dataclass(frozen=True, slots=True)
class Served:
    """One kind in one version: its name, its plural, whether it is namespaced and can be listed."""

    type: TypeName
    plural: str
    namespaced: bool
    listed: bool = True

    @property
    def path(self) -> str:
        """The path of its list over all namespaces."""
        return f"{base(self.type)}/{self.plural}"

    def within(self, namespace: str) -> str:
        """The path of its list in one namespace."""
        return f"{base(self.type)}/namespaces/{namespace}/{self.plural}"


@dataclass(slots=True)
class Discovery:
    """What a cluster serves: of each group and kind its versions, the preferred one first.

    ``refused`` tells of each group version that could not be asked, and why.
    """

    kinds: dict[str, list[Served]] = field(default_factory=dict)
    refused: dict[str, CellError] = field(default_factory=dict)

    def add(self, served: Served) -> None:
        versions = self.kinds.setdefault(served.type.key, [])
        if all(known.type != served.type for known in versions):
            versions.append(served)

    def chosen(self, wanted: Iterable[TypeName]) -> Iterable[Served]:
        """Each kind once: in the version that Git declares where it is served, else in the preferred one."""
        declared: dict[str, set[str]] = {}
        for type_ in wanted:
            declared.setdefault(type_.key, set()).add(type_.version)
        for key, versions in sorted(self.kinds.items()):
            asked = declared.get(key, set())
            yield next((one for one in versions if one.type.version in asked), versions[0])


def base(type_: TypeName) -> str:
    return f"/apis/{type_.group}/{type_.version}" if type_.group else f"/api/{type_.version}"


def discover(cluster: Cluster) -> Discovery:
    """Everything that the cluster serves. Raises CellError when not even the root can be read."""
    found = Discovery()
    for root in ("/api", "/apis"):
        document, content_type = cluster.answer(root, f"{_AGGREGATED},{JSON}")
        kind = document.get("kind") if isinstance(document, Mapping) else None
        known = len(found.kinds) + len(found.refused)
        try:
            if kind not in _DOCUMENTS:
                raise ValueError(kind)
            if "apidiscovery" in content_type or kind == "APIGroupDiscoveryList":
                _aggregated(document, found)
            else:
                _by_group(cluster, root, document, found)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CellError("failed", f"GET {root}: the answer is no discovery document") from error
        if len(found.kinds) + len(found.refused) == known:  # every API server serves something at both
            raise CellError("failed", f"GET {root}: the answer names nothing that is served")
    return found


#: What an API server answers at its two roots, aggregated or not. Source:
#: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
_DOCUMENTS = frozenset({"APIGroupDiscoveryList", "APIVersions", "APIGroupList"})


def _aggregated(document: Mapping[str, Any], found: Discovery) -> None:
    for group in document.get("items", ()):
        name = (group.get("metadata") or {}).get("name", "")
        for version in group.get("versions", ()):
            if version.get("freshness") == "Stale":
                api = f"{name}/{version['version']}"
                found.refused[api] = CellError("failed", f"{api}: its API service does not answer (stale)")
            for resource in version.get("resources", ()):
                kind = resource.get("responseKind") or {}
                type_ = TypeName(
                    kind.get("group") or name, kind.get("version") or version["version"], kind.get("kind", "")
                )
                if type_.kind and (type_.group, type_.version) == (name, version["version"]):
                    found_one = Served(
                        type_,
                        resource["resource"],
                        resource.get("scope") == "Namespaced",
                        "list" in resource.get("verbs", ()),
                    )
                    _add(found_one, found)


def _by_group(cluster: Cluster, root: str, document: Mapping[str, Any], found: Discovery) -> None:
    for group, version in _versions(document):
        path = f"{root}/{group}/{version}" if group else f"{root}/{version}"
        api = f"{group}/{version}" if group else version
        try:
            listed = cluster.get(path)
        except CellError as error:
            found.refused[api] = error
            continue
        if not isinstance(listed, Mapping) or listed.get("kind") != "APIResourceList":
            found.refused[api] = CellError("failed", f"GET {path}: the answer is no list of kinds")
            continue
        for resource in listed.get("resources") or ():
            if "/" in resource.get("name", "/"):
                continue
            type_ = TypeName(
                resource.get("group") or group, resource.get("version") or version, resource["kind"]
            )
            if (type_.group, type_.version) == (group, version):
                _add(
                    Served(
                        type_,
                        resource["name"],
                        bool(resource.get("namespaced")),
                        "list" in resource.get("verbs", ()),
                    ),
                    found,
                )


def _versions(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """(group, version) of everything in a legacy discovery root, each group's preferred version first."""
    for version in document.get("versions", ()):
        yield "", version
    for group in document.get("groups", ()):
        preferred = (group.get("preferredVersion") or {}).get("version")
        versions = [one["version"] for one in group.get("versions", ())]
        for version in sorted(versions, key=lambda one: one != preferred):
            yield group["name"], version


def _add(served: Served, found: Discovery) -> None:
    if served.listed:
        found.add(served)
