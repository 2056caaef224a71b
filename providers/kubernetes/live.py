"""The live side of Kubernetes: which kinds there are in each cluster, and the tasks that list them. It only
reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from drift.deadline import Deadline
from drift.errors import CellError, CredentialsError
from drift.limits import Limits
from drift.live.estate import ANY
from drift.model import GLOBAL, Cell, Coverage, Resource
from drift.task import Task, Wanted
from providers.kubernetes import edge
from providers.kubernetes.connection import Cluster, connect
from providers.kubernetes.discovery import Discovery, Served, discover
from providers.kubernetes.failures import NotServed
from providers.kubernetes.names import TypeName, namespace_of, parse
from providers.kubernetes.openapi import compact
from providers.kubernetes.schemas import built_in
from providers.kubernetes.settings import Settings

#: What a kind of which the cluster does not tell the shape lacks: its defaults, how its lists are keyed.
_SHAPELESS = "what Git leaves unsaid is not judged, as the kind's shape and defaults are not known"
#: Kinds that are never read: what passes by, and what is measured anew at each question.
_PASSING = ("metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io")
_PASSING_KINDS = ("Event", "events.k8s.io/Event")


class KubernetesLive:
    """One run's connection to its clusters."""

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self.clusters = connect(settings, deadline, limits)
        refused = [one for one in self.clusters if isinstance(one, CredentialsError)]
        if refused and len(refused) == len(self.clusters):
            raise CredentialsError("; ".join(str(one) for one in refused))
        self._readings: list[Reading] = []

    def tasks(self, wanted: Wanted) -> Iterator[Task | Coverage]:
        readings: list[Reading] = []
        for one in self.clusters:
            if isinstance(one, Cluster):
                readings.append(Reading(one, self.settings))
            else:
                name = str(one).partition(":")[0]
                yield Coverage(Cell("kubernetes", name, ANY, ANY), "denied", 0, str(one))
        if (turn := wanted.turn) is not None:
            readings.sort(key=lambda one: turn(one.cluster.name))
        with ThreadPoolExecutor(max_workers=max(1, len(readings)), thread_name_prefix="discovery") as pool:
            entered = list(pool.map(Reading.enter, readings))
        for reading, error in zip(readings, entered, strict=True):
            if error is None:
                self._readings.append(reading)
                yield from reading.tasks(wanted)
            else:
                cell = Cell("kubernetes", reading.cluster.name, ANY, ANY)
                yield _unread(cell, error)

    def confirm(self, resource: Resource) -> Resource | None:
        """As :meth:`drift.task.Confirms.confirm`: by a list of the one name."""
        for reading in self._readings:
            if reading.cluster.name == resource.scope:
                return reading.one(resource)
        raise CellError("failed", f"the cluster {resource.scope} was not entered")

    def context(self) -> dict[str, Any]:
        """``{"clusters": {name: {"version", "kinds", "openapi", "namespaces"}}}``, see
        :meth:`Reading.context`."""
        return {"clusters": {reading.cluster.name: reading.context() for reading in self._readings}}


class Reading:
    """One cluster in one run."""

    def __init__(self, cluster: Cluster, settings: Settings) -> None:
        self.cluster, self.settings = cluster, settings
        self.discovery = Discovery()
        self.read_at: dict[str, Served] = {}
        self.version: str | None = None
        self.openapi = OpenApi(cluster)

    def enter(self) -> CellError | None:
        """Asks what the cluster serves; the error where it can't be entered at all."""
        try:
            self.discovery = discover(self.cluster)
        except CellError as error:
            return error
        try:
            said = self.cluster.get("/version")
        except CellError:  # only charts ask for it, and say then that it is not known
            said = None
        version = said.get("gitVersion") if isinstance(said, Mapping) else None
        self.version = version if isinstance(version, str) else None
        return None

    def tasks(self, wanted: Wanted) -> Iterator[Task | Coverage]:
        declared = [name for type_ in wanted.types if (name := parse(type_)) is not None]
        for served in self.discovery.chosen(declared):
            type_ = served.type
            self.read_at[type_.key] = served
            if type_.group in _PASSING or type_.key in _PASSING_KINDS:
                continue
            if not self.settings.reads_kind(type_.key):
                yield Coverage(self.cell(type_), "skipped", message="left out by live.kubernetes.kinds")
            elif not wanted.selects(str(type_)):
                yield Coverage(self.cell(type_), "skipped", message="left out by --only")
            else:
                yield KindTask(self, served)
        for api, error in self.discovery.refused.items():
            for name in declared:
                if name.api_version == api and name.key not in self.read_at:
                    yield _unread(self.cell(name), error)
            if api.partition("/")[0] not in _PASSING:
                yield _unread(Cell("kubernetes", self.cluster.name, GLOBAL, f"{api}/*"), error)
        for name in sorted(declared):
            if name.key not in self.read_at and name.api_version not in self.discovery.refused:
                yield Coverage(self.cell(name), "skipped", message=f"the cluster does not serve {name}")

    def one(self, resource: Resource) -> Resource | None:
        """One object as it is now; None where it is not there. Raises CellError."""
        type_ = parse(resource.type)
        served = self.read_at.get(type_.key) if type_ is not None else None
        if served is None or resource.id is None:
            raise CellError("failed", f"the cluster does not serve {resource.type}")
        namespace, name = namespace_of(resource.id), resource.id.rpartition("/")[2]
        path = served.within(namespace) if namespace else served.path
        page = self.cluster.named(path, served.type.api_version, name)
        found = edge.Reader(self.cluster.name, served.type).resources(page.items, page.text)
        return next((one for one in found if one.id == resource.id), None)

    def cell(self, type_: TypeName) -> Cell:
        return Cell("kubernetes", self.cluster.name, GLOBAL, str(type_))

    def context(self) -> dict[str, Any]:
        """What comparison needs of this cluster.

        ``kinds`` maps group/Kind to ``{"versions": […], "read": version, "namespaced": bool, "plural":
        name}``, ``refused`` are group versions of which no kind is known; ``openapi`` is compact
        (:mod:`providers.kubernetes.openapi`); ``namespaces`` are the settings that leave some out.
        """
        kinds = {
            key: {
                "versions": [one.type.version for one in versions],
                "read": self.read_at[key].type.version if key in self.read_at else versions[0].type.version,
                "namespaced": versions[0].namespaced,
                "plural": versions[0].plural,
            }
            for key, versions in sorted(self.discovery.kinds.items())
        }
        told: dict[str, Any] = {"version": self.version, "kinds": kinds, "openapi": self.openapi.told()}
        if self.discovery.refused:
            told["refused"] = sorted(self.discovery.refused)
        if not self.settings.all_namespaces:
            told["namespaces"] = {
                "namespaces": self.settings.namespaces,
                "exclude_namespaces": self.settings.exclude_namespaces,
            }
        return told


class KindTask:
    """Lists one kind of one cluster."""

    def __init__(self, reading: Reading, served: Served) -> None:
        self.reading, self.served = reading, served
        self.cells: tuple[Cell, ...] = (reading.cell(served.type),)
        self.count = 0

    # As drift.task.Resumable

    def asks(self) -> str | None:
        return ""

    def learnt(self) -> dict[str, Any]:
        return {"count": self.count}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        """The shapes of kinds belong to all of them, and are read anew."""
        if learnt["count"] and (error := self.reading.openapi.need(self.served.type)) is not None:
            raise error

    def read(self) -> Iterator[Resource | Coverage]:
        served, settings = self.served, self.reading.settings
        names = settings.namespaces
        if served.namespaced and not any(glob for name in names for glob in "*?[" if glob in name):
            for name in names:
                if settings.reads_namespace(name):
                    yield from self._list(served.within(name))
        else:
            yield from self._list(served.path)
        if self.count and (error := self.reading.openapi.need(served.type)) is not None:
            message = f"listed, but {_SHAPELESS}: {error.message}"
            yield Coverage(self.cells[0], error.status, self.count, message, listed=True)  # type: ignore[arg-type]

    def _list(self, path: str) -> Iterator[Resource]:
        cluster, type_ = self.reading.cluster, self.served.type
        seen: set[str] = set()
        restarted = False
        everywhere = self.reading.settings.all_namespaces
        reader = edge.Reader(cluster.name, type_)
        for page in cluster.pages(path, type_.api_version):
            if page is None:
                restarted = True
                continue
            for resource in reader.resources(page.items, page.text):
                if not everywhere and not self._wanted(resource):
                    continue
                id_ = str(resource.id)
                if restarted and id_ in seen:
                    continue
                seen.add(id_)
                self.count += 1
                yield resource

    def _wanted(self, resource: Resource) -> bool:
        namespace = namespace_of(resource.id)
        if self.served.type.key == "Namespace":
            namespace = str(resource.name)
        return not namespace or self.reading.settings.reads_namespace(namespace)


def _unread(cell: Cell, error: CellError) -> Coverage:
    return Coverage(cell, error.status, 0, error.message)  # type: ignore[arg-type]


class OpenApi:
    """What the cluster's OpenAPI v3 tells of kinds that are not Kubernetes' own; each document is read
    once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._documents: dict[str, Future[dict[str, Any] | CellError]] = {}
        self._index: Future[dict[str, str]] | None = None

    def need(self, type_: TypeName) -> CellError | None:
        """Reads the document of a kind's group version, unless its shape is built in. Gives why the shape of
        the kind is not known."""
        if type_.key in built_in().by_key:
            return None
        api = f"apis/{type_.group}/{type_.version}" if type_.group else f"api/{type_.version}"
        with self._lock:
            future = self._documents.get(api)
            mine = future is None
            if future is None:
                future = self._documents[api] = Future()
        if mine:
            future.set_result(self._read(api))
        told = future.result()
        if isinstance(told, CellError):
            return told
        if str(type_) in told["types"]:
            return None
        return CellError("unsupported", "the cluster's OpenAPI v3 does not tell it")

    def _read(self, api: str) -> dict[str, Any] | CellError:
        try:
            url = self._paths().get(api)
            if url is None:
                return compact({})
            document = self._cluster.get(url)
            if "openapi" not in document:
                raise TypeError(url)
            return compact(document)
        except CellError as error:
            return error
        except (AttributeError, KeyError, TypeError):
            return CellError("failed", f"the answer to {api} is no OpenAPI document")

    def told(self) -> dict[str, Any]:
        """``{"types", "defs", "unread"}`` of everything that was needed."""
        told: dict[str, Any] = {"types": {}, "defs": {}, "unread": {}}
        late = CellError("failed", "it was not read in time")
        with self._lock:
            documents = sorted(self._documents.items())
        for api, future in documents:
            said = future.result() if future.done() else late
            if isinstance(said, CellError):
                told["unread"][api] = said.message
            else:
                told["types"].update(said["types"])
                told["defs"].update(said["defs"])
        return {part: said for part, said in told.items() if said}

    def _paths(self) -> dict[str, str]:
        """Group version → path of its document."""
        with self._lock:
            future = self._index
            mine = future is None
            if future is None:
                future = self._index = Future()
        if mine:
            try:
                said = self._cluster.get("/openapi/v3")["paths"]
                future.set_result({api: one["serverRelativeURL"] for api, one in said.items()})
            except NotServed:  # of before Kubernetes 1.27
                future.set_result({})
            except CellError as error:
                future.set_exception(error)
            except (AttributeError, KeyError, TypeError):
                told = "GET /openapi/v3: the answer is no index of OpenAPI documents"
                future.set_exception(CellError("failed", told))
        return future.result()
