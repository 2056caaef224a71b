"""The live side of Azure: which subscriptions there are, and the tasks that list what is in each. It only
reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.deadline import Deadline
from drift.errors import CellError
from drift.kinds.scalars import fold_case
from drift.limits import Limits
from drift.live.estate import ANY
from drift.model import Cell, Coverage, Resource
from drift.task import Task, Wanted
from providers.azure import children, subscriptions
from providers.azure.connection import Connection
from providers.azure.ids import parse
from providers.azure.resource_task import NAMED, ResourceTask
from providers.azure.settings import Settings
from providers.azure.versions import Versions


class AzureLive(Connection):
    """What one run reads of Azure."""

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        super().__init__(settings, deadline, limits)
        self.tenant: str | None = None
        self.names: dict[str, str] = {}
        self._reading: tuple[Wanted, Versions] | None = None

    def tasks(self, wanted: Wanted) -> Iterator[Task | Coverage]:
        try:
            found = subscriptions.find(self.session)
        except CellError as error:
            yield subscriptions.unread(ANY, error, "which subscriptions there are is not known: ")
            return
        self.tenant = found.tenant
        self.names = {id_: name for id_, name in found.subscriptions.items() if name != id_}
        yield from found.rows
        versions = Versions(self.session, wanted.versions)
        self._reading = wanted, versions
        for id_ in sorted(found.subscriptions, key=wanted.turn) if wanted.turn else found.subscriptions:
            yield ResourceTask(self, id_, wanted, versions)
            yield from self._wide(f"/subscriptions/{id_}", id_, wanted)
        for group in found.management_groups:
            scope = f"managementGroups/{fold_case(group)}"
            yield from self._wide(f"/providers/Microsoft.Management/managementGroups/{group}", scope, wanted)

    def _wide(self, base: str, scope: str, wanted: Wanted) -> Iterator[Task | Coverage]:
        types = []
        for type_ in children.SUBSCRIPTION_WIDE:
            left_out = self.left_out(type_, wanted)
            if left_out is None:
                types.append(type_)
            else:
                yield Coverage(subscriptions.cell_of(scope, type_), "skipped", 0, left_out)
        if types:
            yield WideTask(self, base, scope, types)

    def confirm(self, resource: Resource) -> Resource | None:
        """As :meth:`drift.task.Confirms.confirm`: by a GET of its id."""
        if self._reading is None or resource.id is None:
            raise CellError("failed", "its id is not known")
        wide = children.SUBSCRIPTION_WIDE.get(resource.type)
        extension = children.EXTENSIONS.get(resource.type)
        said = wide[1] if wide is not None else extension.version if extension is not None else None
        task = ResourceTask(self, resource.scope, *self._reading)
        return task.one(resource, said)

    def context(self) -> dict[str, Any]:
        """``tenant`` and ``cloud``, which templates ask for; ``names`` of subscriptions; ``managed_groups``,
        resource groups that a service manages."""
        found: dict[str, Any] = {"tenant": self.tenant, "cloud": self.settings.cloud}
        if self.names:
            found["names"] = dict(sorted(self.names.items()))
        if self.managed:
            found["managed_groups"] = dict(sorted(self.managed.items()))
        return found


class WideTask:
    """Lists who may do what, what is locked and what is forbidden, in a subscription or a management
    group."""

    def __init__(self, live: Connection, base: str, scope: str, types: list[str]) -> None:
        self.live, self.base, self.scope, self.types = live, base, scope, types
        self.cells: tuple[Cell, ...] = tuple(subscriptions.cell_of(scope, type_) for type_ in types)

    # As drift.task.Resumable

    def asks(self) -> str | None:
        return ""

    def learnt(self) -> dict[str, Any]:
        return {}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        pass

    def read(self) -> Iterator[Resource | Coverage]:
        for type_ in self.types:
            path, version, condition = children.SUBSCRIPTION_WIDE[type_]
            query = {"_filter": condition} if condition else {}
            if condition is None and self.scope.startswith("managementGroups/"):
                query = {"_filter": "atScope()"}
            try:
                for page in self.live.session.pages(f"{self.base}{path}", version, **query):
                    for body in page:
                        found = parse(str(body["id"]))
                        if found is not None and found.scope == self.scope:  # what is inherited belongs above
                            attributes = {name: value for name, value in body.items() if name not in NAMED}
                            yield Resource(
                                "azure", self.scope, type_, str(body["id"]), attributes, name=found.name
                            )
            except CellError as error:
                yield Coverage(subscriptions.cell_of(self.scope, type_), error.status, 0, error.message)  # type: ignore[arg-type]
