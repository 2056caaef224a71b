"""A repository of a deployer, a cluster filled as its controllers would have, and the whole program between
them.

The cluster is the loopback one's store, which fills in defaults and keeps ``managedFields`` as an API server
does; it is written as a snapshot, so that no run waits for a server.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

from drift.config.model import parse
from drift.records import snapshot
from drift.scan import Run
from providers.kubernetes.edge import Reader
from providers.kubernetes.loopback import fields
from providers.kubernetes.loopback.kinds import Kind
from providers.kubernetes.loopback.store import Store
from providers.kubernetes.names import TypeName

#: Kind of finding, what it is (``Deployment shop/web``), the paths that changed.
Told = tuple[str, str, tuple[str, ...]]
Body = dict[str, Any]
_NUMBERS = itertools.count()
EARLIER, LATER = "2026-10-01T08:00:00Z", "2026-11-01T08:00:00Z"


def bodies(text: str) -> list[Body]:
    """The objects in YAML."""
    return [one for one in yaml.safe_load_all(dedent(text)) if one]


@dataclass
class Cluster:
    """The live side. ``controller`` is the field manager that deploys (``kustomize-controller``) and
    ``operation`` how it writes: ``Apply`` for server-side apply, ``Update`` for helm and the like."""

    name: str = "prod"
    controller: str = "kustomize-controller"
    operation: str = "Apply"
    store: Store = field(default_factory=Store)

    def __post_init__(self) -> None:
        self.store.bootstrap()

    def serve(self, api_version: str, kind: str, *, namespaced: bool = True) -> None:
        """A custom resource that the cluster serves; needed for one of which it has no object, or whose
        objects name no namespace and are in one."""
        group, _, version = api_version.rpartition("/")
        schema = {"type": "object"}
        made = Kind(group, version, kind, kind.lower() + "s", namespaced, schema)
        self.store.kinds.append(made)

    def deployed(
        self,
        objects: str | Iterable[Mapping[str, Any]],
        *,
        namespace: str | None = None,
        by: str | None = None,
        operation: str | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> Cluster:
        """What a controller has made: objects (or YAML of them), in a namespace where they name none, with
        its own labels and annotations. A ``status`` is its controller's."""
        for said in bodies(objects) if isinstance(objects, str) else objects:
            body = copy.deepcopy(dict(said))
            status = body.pop("status", None)
            metadata = body["metadata"]
            if namespace and self._namespaced(body):
                metadata.setdefault("namespace", namespace)
            for place, more in (("labels", labels), ("annotations", annotations)):
                if more:
                    metadata[place] = {**(metadata.get(place) or {}), **more}
            made = self.store.create(
                body,
                manager=by or self.controller,
                time=EARLIER,
                operation=operation or (self.operation if by is None else "Update"),
            )
            if status is not None:
                self.status(made["kind"], _id(made), status)
        return self

    def changed(
        self, kind: str, id_: str, changes: Mapping[str, Any], *, by: str = "kubectl-edit"
    ) -> Cluster:
        """A JSON merge patch by somebody (``Deployment``, ``shop/web``); null removes."""
        self.store.patch(self._key(kind, id_), id_, changes, manager=by, time=LATER)
        return self

    def status(self, kind: str, id_: str, status: Mapping[str, Any], *, by: str | None = None) -> Cluster:
        """What the controller reports of an object of its own."""
        self.store.status(self._key(kind, id_), id_, status, manager=by or self.controller, time=LATER)
        return self

    def removed(self, kind: str, id_: str) -> Cluster:
        """Somebody deleted it."""
        self.store.delete(self._key(kind, id_), id_)
        return self

    def get(self, kind: str, id_: str) -> Body:
        """One object itself."""
        return self.store.get(self._key(kind, id_), id_)

    def copy(self) -> Cluster:
        """The same cluster, to be changed."""
        made = Cluster(self.name, self.controller, self.operation)
        made.store.kinds = list(self.store.kinds)
        made.store.objects = copy.deepcopy(self.store.objects)
        return made

    def snapshot(self, file: Path) -> Path:
        """Writes what was read of it, every kind that it serves."""
        kinds: dict[str, list[Kind]] = {}
        for one in self.store.kinds:
            kinds.setdefault(one.key, []).append(one)
        records, coverage = [], []
        for key, versions in kinds.items():
            type_ = TypeName(versions[0].group, versions[0].version, versions[0].kind)
            found = [copy.deepcopy(one) for one in self.store.listed(key, None)]
            reader = Reader(self.name, type_)
            several = [made for one in found if (made := reader.resource(one)) is not None]
            records += several
            place = {"provider": "kubernetes", "scope": self.name, "region": "global", "type": str(type_)}
            coverage.append({**place, "status": "checked", "resources": len(several), "message": ""})
        told = {
            key: {
                "versions": [one.version for one in versions],
                "read": versions[0].version,
                "namespaced": versions[0].namespaced,
                "plural": versions[0].plural,
            }
            for key, versions in kinds.items()
        }
        header = {
            "taken_at": "2026-11-29T09:00:00Z", "tool": "drift", "environment": "default",
            "redaction_key": None, "resources": len(records), "coverage": coverage,
            "context": {"kubernetes": {"clusters": {self.name: {"version": "v1.34.1", "kinds": told}}}},
        }  # fmt: skip
        snapshot.write(file, records, header)
        return file

    def _namespaced(self, body: Mapping[str, Any]) -> bool:
        group = str(body["apiVersion"]).rpartition("/")[0]
        for one in self.store.kinds:
            if (one.group, one.kind) == (group, body["kind"]):
                return one.namespaced
        return True

    def _key(self, kind: str, id_: str) -> str:
        namespace, _, name = id_.rpartition("/")
        found = [
            key
            for key, several in self.store.objects.items()
            if key.rpartition("/")[2] == kind and (key, namespace, name) in several
        ]
        assert len(found) == 1, f"{kind} {id_}: {found or 'is not there'}"
        return found[0]


def _id(body: Mapping[str, Any]) -> str:
    namespace, name = body["metadata"].get("namespace"), body["metadata"]["name"]
    return f"{namespace}/{name}" if namespace else str(name)


@dataclass
class Result:
    """What one run told."""

    report: dict[str, Any]
    notes: list[str]
    exit_code: int

    @property
    def told(self) -> list[Told]:
        """All findings, in order."""
        return sorted(
            (one["kind"], _name(one), tuple(sorted(change["path"] for change in one["changes"])))
            for one in self.report["findings"]
        )

    @property
    def problems(self) -> list[str]:
        return [one["message"] for one in self.report["problems"]]

    @property
    def unverifiable(self) -> list[tuple[str, str, str]]:
        """(what it is, path, reason)."""
        return [(_name(one), one["path"], one["reason"]) for one in self.report["unverifiable"]]

    def finding(self, name: str) -> dict[str, Any]:
        """The one finding on ``Kind namespace/name``."""
        (found,) = [one for one in self.report["findings"] if _name(one) == name]
        return found


def _name(one: Mapping[str, Any]) -> str:
    return f"{one['type'].rpartition('/')[2]} {one['resource_id']}"


def scan(folder: Path, *clusters: Cluster, **entry: Any) -> Result:
    """The whole program on one entry: a repository's folder, and clusters as they were read. ``entry`` are
    its options (``engine``, ``fetch``, …); its cluster is the only one, else the entry's ``scope``."""
    base = folder.parent
    if len(clusters) == 1:
        entry.setdefault("scope", clusters[0].name)
    said = {"path": folder.name, "source": "gitops", **entry}
    config = parse(
        yaml.safe_dump({"version": 1, "declared": [said], "blame": {"enabled": False}}),
        "drift.yaml", base, None, {},
    )  # fmt: skip
    files = [one.snapshot(base / f"live-{next(_NUMBERS)}.jsonl") for one in clusters]
    notes: list[str] = []
    found = Run(config, live=files, tell=notes.append).scan()
    return Result(found.report, notes, found.exit_code)


def in_sync(folder: Path, *clusters: Cluster, declared: int | None = None, **entry: Any) -> Result:
    """A run that finds nothing, and says of ``declared`` objects that they are as declared."""
    found = scan(folder, *clusters, **entry)
    assert found.told == [], found.report["findings"]
    if declared is not None:
        assert found.report["summary"]["in_sync"] == declared, (found.report["summary"], found.unverifiable)
    return found


#: Somebody's change of a cluster, and the findings that come of it.
Change = tuple[Callable[[Cluster], object], Sequence[Told]]


def exact(folder: Path, cluster: Cluster, changes: Iterable[Change], **entry: Any) -> Result:
    """All changes made at once in a copy of a cluster, each to other objects: what is told is what comes of
    them, each change and nothing else."""
    changes = list(changes)
    other = cluster.copy()
    for make, _ in changes:
        make(other)
    found = scan(folder, other, **entry)
    wanted = sorted(one for _, several in changes for one in several)
    assert found.told == wanted, (found.told, found.problems)
    return found


def removed_from_git(cluster: Cluster, kind: str, id_: str, before: Mapping[str, Any]) -> Cluster:
    """An object as it was when Git said more (``before`` is merged into it): the controller has applied that,
    so that its entry of ``managedFields`` holds it, and nothing has taken it away again."""
    key = cluster._key(kind, id_)
    body = cluster.store.get(key, id_)
    merged = _merged(body, before)
    for entry in merged["metadata"]["managedFields"]:
        if entry["manager"] == cluster.controller:
            entry["fieldsV1"] = fields.tree(set(fields.leaves(merged, cluster.store.kind(key).schema)))
    cluster.store.objects[key][(key, body["metadata"].get("namespace") or "", body["metadata"]["name"])] = (
        merged
    )
    return cluster


def _merged(old: Any, more: Any) -> Any:
    if isinstance(old, dict) and isinstance(more, Mapping):
        return {**old, **{name: _merged(old.get(name), value) for name, value in more.items()}}
    if isinstance(old, list) and isinstance(more, list):
        names = {one["name"]: one for one in old if isinstance(one, dict) and "name" in one}
        return [
            *(one for one in old if not any(_same(one, other) for other in more)),
            *(_merged(names.get(one.get("name")), one) if isinstance(one, dict) else one for one in more),
        ]
    return copy.deepcopy(more)


def _same(one: Any, other: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(other, dict)
        and "name" in one
        and one["name"] == other.get("name")
    )
