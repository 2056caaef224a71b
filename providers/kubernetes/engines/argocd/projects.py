"""What an AppProject lets its Applications do.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from providers.kubernetes.engines.argocd.applications import Application
from providers.kubernetes.engines.argocd.said import PROJECT, allowed, entries, mapping, text
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.trees import repository
from providers.kubernetes.engines.world import World
from providers.kubernetes.exceptions import texts
from providers.kubernetes.names import TypeName


@dataclass(frozen=True)
class Project:
    """One project's ``spec``."""

    name: str
    said: Mapping[str, Any]

    @classmethod
    def of(cls, app: Application, control: str, world: World) -> Project | None:
        """An Application's project, declared or else live; None where nothing is known of it."""
        for namespace in dict.fromkeys((control, app.ref.namespace)):
            ref = Ref(app.ref.scope, PROJECT, namespace, app.project)
            declared = world.declared(ref)
            if declared is not None:
                return cls(app.project, mapping(declared.manifest.body, "spec"))
            live = world.found(ref)
            if live is not None:
                return cls(app.project, mapping(live.attributes, "spec"))
        return None

    def refuses(self, app: Application, control: str) -> str:
        """Why it does not let an Application be applied; empty where it does."""
        where = f"its project {self.name} does not allow"
        if not app.is_in(control) and not allowed(
            texts(self.said.get("sourceNamespaces")), app.ref.namespace
        ):
            return f"{where} Applications in the namespace {app.ref.namespace}"
        repositories = texts(self.said.get("sourceRepos"))
        for one in app.sources:
            if not allowed(repositories, one.url) and not allowed(
                [_plain(glob) for glob in repositories], repository(one.url)
            ):
                return f"{where} the source {one.url}"
        if not self._reaches(app, app.namespace):
            place = f"{app.cluster or app.server}, namespace {app.namespace or '(none)'}"
            return f"{where} the destination {place}"
        return ""

    def refuses_object(self, type_: TypeName, name: str, namespace: str, app: Application) -> str:
        """Why it does not let an object be applied. ``namespace`` is empty for one that has none."""
        where = f"the project {self.name} does not allow it"
        if not namespace:
            listed = entries(self.said.get("clusterResourceWhitelist"))
            denied = entries(self.said.get("clusterResourceBlacklist"))
            if any(_is(one, type_, name) for one in denied):
                return f"{where} (clusterResourceBlacklist)"
            if not any(_is(one, type_, name) for one in listed):
                return f"{where} (clusterResourceWhitelist)"
            return ""
        if any(_is(one, type_, name) for one in entries(self.said.get("namespaceResourceBlacklist"))):
            return f"{where} (namespaceResourceBlacklist)"
        wanted = self.said.get("namespaceResourceWhitelist")
        if wanted is not None and not any(_is(one, type_, name) for one in entries(wanted)):
            return f"{where} (namespaceResourceWhitelist)"
        if not self._reaches(app, namespace):
            return f"{where} in the namespace {namespace}"
        return ""

    def _reaches(self, app: Application, namespace: str) -> bool:
        """Whether one of its destinations is an Application's, of which none denies it."""
        said = entries(self.said.get("destinations"))
        if not any(self._fits(one, app, namespace) for one in said):
            return False
        return not any(_denies(one, app, namespace) for one in said)

    def _fits(self, one: Mapping[str, Any], app: Application, namespace: str) -> bool:
        server, name = text(one.get("server")), text(one.get("name"))
        if app.server or not app.cluster:
            cluster = bool(server) and not server.startswith("!") and fnmatchcase(app.destination, server)
            if not server and name and name != "in-cluster":
                cluster = True
        else:
            cluster = bool(name) and not name.startswith("!") and fnmatchcase(app.cluster, name)
            if server and not name:
                cluster = True
        if not server and name == "in-cluster":
            cluster = cluster or app.destination == "https://kubernetes.default.svc"
        place = text(one.get("namespace"))
        return cluster and not place.startswith("!") and fnmatchcase(namespace, place or "")


def _denies(one: Mapping[str, Any], app: Application, namespace: str) -> bool:
    """Whether an entry with ``!`` is against it."""
    place, server, name = (text(one.get(key)) for key in ("namespace", "server", "name"))
    if place.startswith("!"):
        here = not server or fnmatchcase(app.destination, server.removeprefix("!"))
        return here and fnmatchcase(namespace, place[1:])
    if server.startswith("!"):
        return fnmatchcase(app.destination, server[1:])
    return name.startswith("!") and fnmatchcase(app.cluster, name[1:])


def _plain(glob: str) -> str:
    """A glob of repositories as their addresses are compared."""
    if set(glob) <= {"*"}:
        return glob
    deny = glob.startswith("!")
    return "!" * deny + repository(glob.removeprefix("!"))


def _is(one: Mapping[str, Any], type_: TypeName, name: str) -> bool:
    return (
        fnmatchcase(type_.group, text(one.get("group")))
        and fnmatchcase(type_.kind, text(one.get("kind")))
        and fnmatchcase(name, text(one.get("name")) or "*")
    )
