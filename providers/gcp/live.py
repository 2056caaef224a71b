"""The live side of Google Cloud: which projects there are, and the tasks that list what is in each. It only
reads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any

from drift.deadline import Deadline
from drift.errors import CellError
from drift.limits import Limits
from drift.model import GLOBAL, Cell, Coverage, Resource
from drift.task import Task, Wanted
from providers.gcp import assets, iam, names, projects, resources
from providers.gcp.failures import Refused
from providers.gcp.outside import FOLDER, own_types
from providers.gcp.session import Session
from providers.gcp.settings import Settings

POLICIES = (names.BINDING, names.AUDIT_CONFIG)
_BARE = "Cloud Asset tells of this type no more than what there is, not how it is set"
_IN_CLUSTERS = "objects inside of clusters; live.kubernetes reads them"


class GcpLive:
    """One run's connection to Google Cloud."""

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self.session = Session(settings, deadline, limits)
        self.session.log_in()
        self._lock = threading.Lock()
        self._supported: dict[str, Future[bool]] = {}
        #: What names are completed with: project number → id, service account's unique id → address.
        self.known: dict[str, dict[str, str]] = {"projects": {}, "accounts": {}}

    def tasks(self, wanted: Wanted) -> Iterator[Task | Coverage]:
        found = projects.find(self.session)
        self.known["projects"].update(found.numbers)
        yield from found.rows
        turn = wanted.turn
        ones = found.projects.values()
        for project in sorted(ones, key=lambda one: turn(one.id)) if turn else ones:
            yield from self._tasks(f"projects/{project.id}", [project.id], wanted)
        for top, members in found.tops.items():
            yield from self._tasks(top, members, wanted)

    def _tasks(self, parent: str, scopes: list[str], wanted: Wanted) -> Iterator[Task | Coverage]:
        yield ResourceTask(self, parent, scopes, wanted)
        policies = []
        for type_ in POLICIES:
            left_out = self.left_out(type_, wanted)
            if left_out is None:
                policies.append(type_)
            else:
                yield from (Coverage(_cell(scope, type_), "skipped", 0, left_out) for scope in scopes)
        if policies:
            yield PolicyTask(self, parent, scopes, policies)

    def left_out(self, type_: str, wanted: Wanted) -> str | None:
        """Why a type is not read; None where it is."""
        host = type_.partition("/")[0]
        if host == "k8s.io" or host.endswith(".k8s.io"):
            return _IN_CLUSTERS
        if not self.settings.reads(type_):
            return "left out by live.gcp.include / exclude"
        return None if wanted.selects(type_) else "left out by --only"

    def learn(self, what: str, key: str, value: str) -> None:
        """Keeps what names are completed with."""
        with self._lock:
            self.known[what].setdefault(key, value)

    def confirm(self, resource: Resource) -> Resource | None:
        """As :meth:`drift.task.Confirms.confirm`: Cloud Asset is asked for the type in its project alone,
        as it lists none by name."""
        scope, type_ = resource.scope, resource.type
        parent = scope if "/" in scope else f"projects/{scope}"
        task: ResourceTask | PolicyTask
        if type_ in POLICIES:
            task = PolicyTask(self, parent, [scope], [type_])
        elif type_ in resources.entries():
            raise CellError("unsupported", f"{type_} is read with what it lies in alone")
        else:
            task = ResourceTask(self, parent, [scope], Wanted(frozenset()), only=type_)
        return next((one for one in task.read() if isinstance(one, Resource) and _is(one, resource)), None)

    def supports(self, parent: str, type_: str) -> bool:
        """Whether Cloud Asset lists a type at all, asked once a run. Raises CellError where it does not
        say."""
        with self._lock:
            mine = type_ not in self._supported
            future = self._supported.setdefault(type_, Future())
        if mine:
            try:
                assets.one(self.session, parent, type_)
                future.set_result(True)
            except Refused:
                future.set_result(False)
            except CellError as error:
                future.set_exception(error)
        return future.result()

    def context(self) -> dict[str, Any]:
        """``projects`` (number → id) and ``accounts`` (a service account's unique id → address)."""
        with self._lock:
            return {what: dict(sorted(told.items())) for what, told in self.known.items()}


class Learning:
    """What one task tells others of names (:meth:`GcpLive.learn`)."""

    def __init__(self, live: GcpLive) -> None:
        self.live = live
        self.known = live.known
        #: As plain JSON.
        self.told: dict[str, dict[str, str]] = {"projects": {}, "accounts": {}}

    def learn(self, what: str, key: str, value: str) -> None:
        self.told[what][key] = value
        self.live.learn(what, key, value)

    def again(self, told: Mapping[str, Mapping[str, str]]) -> None:
        """Takes over what an earlier run's task has told."""
        for what, names_ in told.items():
            for key, value in names_.items():
                self.learn(what, key, value)


class ResourceTask:
    """Lists the resources of a project, or those that belong to an organization and its folders
    themselves."""

    def __init__(
        self, live: GcpLive, parent: str, scopes: list[str], wanted: Wanted, only: str | None = None
    ) -> None:
        self.only = only
        self.live, self.parent, self.scopes, self.wanted = live, parent, scopes, wanted
        self.cells: tuple[Cell, ...] = tuple(projects.everything(scope) for scope in scopes)
        self.learning = Learning(live)
        selected = frozenset(type_ for type_ in wanted.types if live.left_out(type_, wanted) is None)
        self.direct = resources.Reader(live.session, selected)

    # As drift.task.Resumable

    def asks(self) -> str | None:
        return self.wanted.told()

    def learnt(self) -> dict[str, Any]:
        return self.learning.told

    def recall(self, learnt: Mapping[str, Any]) -> None:
        self.learning.again(learnt)

    def read(self) -> Iterator[Resource | Coverage]:
        types: Iterable[str]
        types, unlisted = own_types(self.live.session, self.parent, self.live.supports)
        if self.only is not None:
            types, unlisted = (self.only,), ()
        readers = {scope: assets.Reader(scope, self.live.known) for scope in self.scopes}
        counts: Counter[tuple[str, str]] = Counter()
        bare: Counter[tuple[str, str]] = Counter()
        left_out: dict[str, str | None] = {}
        for page in assets.listed(self.live.session, self.parent, "RESOURCE", types):
            for asset in page.assets:
                scope = self._scope(asset)
                if scope is None:
                    yield from self._unknown_folder(asset)
                    continue
                type_ = asset.asset_type
                counts[scope, type_] += 1
                if type_ not in left_out:
                    left_out[type_] = self.live.left_out(type_, self.wanted)
                if left_out[type_] is not None and not self.direct.needs(type_):
                    continue
                if not asset.resource.HasField("data"):
                    bare[scope, type_] += 1
                    continue
                resource = readers[scope].resource(asset)
                if type_ == assets.ACCOUNT:
                    self._learn(resource)
                self.direct.see(resource)
                if left_out[type_] is None and not readers[scope].waits(resource):
                    yield resource
        yield from self._rest(readers, counts)
        yield from self._direct()
        for type_ in unlisted:
            yield Coverage(_cell(self.scopes[0], type_), "unsupported", 0, _not_listed(type_))
        yield from self._rows(counts, bare)

    def _rest(
        self, readers: dict[str, assets.Reader], counts: Counter[tuple[str, str]]
    ) -> Iterator[Resource]:
        """What could be named only at the end, without what lies in something that is gone."""
        for scope, reader in readers.items():
            for resource, there in reader.rest():
                if there:
                    yield resource
                else:
                    counts[scope, resource.type] -= 1

    def _direct(self) -> Iterator[Resource | Coverage]:
        """What Cloud Asset does not list."""
        for entry in self.direct.entries:
            for scope in self.scopes:
                cell, count = _cell(scope, entry.type), 0
                for one in self.direct.read(entry, scope):
                    if isinstance(one, Resource):
                        count += 1
                        yield one
                    else:
                        message = (
                            f"{one.message} (it needs {entry.permission})"
                            if one.status == "denied"
                            else one.message
                        )
                        yield Coverage(cell, one.status, 0, message)  # type: ignore[arg-type]
                yield Coverage(cell, "checked", count, f"read from {entry.host}")

    def _scope(self, asset: Any) -> str | None:
        return scope_of(asset, self.parent, self.scopes, self.learning)

    def _unknown_folder(self, asset: Any) -> Iterator[Coverage]:
        """A row for a folder that Resource Manager did not tell of, with all that is below it."""
        name = asset.name.removeprefix("//cloudresourcemanager.googleapis.com/")
        state = asset.resource.data.fields
        if (
            asset.asset_type != FOLDER
            or name in self.scopes
            or "ACTIVE"
            not in (
                state["state"].string_value,
                state["lifecycleState"].string_value,
            )
        ):
            return
        words = "Cloud Asset lists this folder and Resource Manager does not: what is below it is not known"
        yield Coverage(projects.everything(name), "failed", 0, words)

    def _learn(self, resource: Resource) -> None:
        number, address = resource.attributes.get("uniqueId"), resource.attributes.get("email")
        if number and address:
            self.learning.learn("accounts", str(number), str(address))

    def _rows(self, counts: Counter[tuple[str, str]], bare: Counter[tuple[str, str]]) -> Iterator[Coverage]:
        """A row for each type that is there, and for each declared one that can't be."""
        others = {*POLICIES, *(entry.type for entry in self.direct.entries)}
        declared = {type_ for type_ in self.wanted.types if names.is_type(type_) and type_ not in others}
        for scope in self.scopes:
            there = {type_ for one, type_ in counts if one == scope}
            for type_ in sorted(there | declared):
                cell, count = _cell(scope, type_), counts[scope, type_]
                left_out = self.live.left_out(type_, self.wanted)
                if left_out is not None:
                    yield Coverage(cell, "skipped", 0, left_out)
                elif bare[scope, type_]:
                    yield Coverage(cell, "unsupported", bare[scope, type_], _BARE)
                elif count:
                    yield Coverage(cell, "checked", count)
                elif (why := self._unlisted(type_)) is not None:
                    yield Coverage(cell, why.status, 0, why.message)  # type: ignore[arg-type]

    def _unlisted(self, type_: str) -> CellError | None:
        """Why nothing was listed of a declared type; None where there is nothing."""
        try:
            if self.live.supports(self.parent, type_):
                return None
        except CellError as error:
            return error
        return CellError("unsupported", _not_listed(type_))


class PolicyTask:
    """Lists the IAM policies of a project, or those of an organization and its folders themselves."""

    def __init__(self, live: GcpLive, parent: str, scopes: list[str], types: list[str]) -> None:
        self.live, self.parent, self.scopes, self.types = live, parent, scopes, types
        self.cells: tuple[Cell, ...] = tuple(_cell(scope, type_) for scope in scopes for type_ in types)
        self.learning = Learning(live)

    # As drift.task.Resumable

    def asks(self) -> str | None:
        return ""

    def learnt(self) -> dict[str, Any]:
        return self.learning.told

    def recall(self, learnt: Mapping[str, Any]) -> None:
        self.learning.again(learnt)

    def read(self) -> Iterator[Resource | Coverage]:
        live = self.live
        types, _ = own_types(live.session, self.parent, live.supports)
        readers = {scope: assets.Reader(scope, live.known) for scope in self.scopes}
        asked = False
        for page in assets.listed(live.session, self.parent, "IAM_POLICY", types):
            for asset in page.assets:
                scope = scope_of(asset, self.parent, self.scopes, self.learning)
                if scope is None:
                    continue
                if asset.asset_type == assets.ACCOUNT and not asked:
                    asked = True  # people declare an account's address, the asset's name has its unique id
                    for number, address in assets.accounts(live.session, self.parent).items():
                        self.learning.learn("accounts", number, address)
                for grant in iam.grants(scope, readers[scope].name(asset.name), asset.iam_policy):
                    if grant.type in self.types:
                        yield grant


def _is(live: Resource, wanted: Resource) -> bool:
    """Whether a live resource is the one that is looked for."""
    if live.type != wanted.type or wanted.id is None:
        return live.type == wanted.type and live.name == wanted.name
    return names.canonical(str(live.id)) == names.canonical(wanted.id)


def _cell(scope: str, type_: str) -> Cell:
    return Cell("gcp", scope, GLOBAL, type_)


def _not_listed(type_: str) -> str:
    return f"Cloud Asset does not list {type_}"


def scope_of(asset: Any, parent: str, scopes: Iterable[str], live: Learning) -> str | None:
    """Which of a task's scopes an asset lies in; None where it belongs to another task."""
    nearest = asset.ancestors[0] if asset.ancestors else ""
    if parent.startswith("projects/"):
        scope = parent.partition("/")[2]
        if nearest.startswith("projects/") and nearest[9:] not in live.known["projects"]:
            live.learn("projects", nearest[9:], scope)
        return scope
    return nearest if nearest in scopes else None
