"""The live side of Azure: which subscriptions there are, and the tasks that list what is in each. It only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from drift.errors import CellError
from drift.kinds.scalars import fold_case
from drift.model import GLOBAL, Cell, Coverage, Resource
from drift.provider import Task, Wanted
from providers.azure import children, graph, subscriptions
from providers.azure.facts import facts_of, inline, known_types, spelling
from providers.azure.failures import Gone, Unlisted, explain
from providers.azure.ids import canonical, parse
from providers.azure.session import GROUPS, RESOURCES, Session
from providers.azure.settings import Settings
from providers.azure.versions import Versions

GROUP = "Microsoft.Resources/resourceGroups"
#: What of an answer is no attribute: the id says it.
_NAMED = frozenset({"id", "name", "type", "apiVersion"})


class AzureLive:
    """One run's connection to Azure."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.session = Session(settings)
        self.quota = graph.Quota()
        self.tenant: str | None = None
        self.managed: dict[str, str] = {}

    def tasks(self, wanted: Wanted) -> Iterator[Task | Coverage]:
        found = subscriptions.find(self.session)
        self.tenant = found.tenant
        yield from found.rows
        versions = Versions(self.session, wanted.versions)
        for id_ in found.subscriptions:
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
                yield Coverage(_cell(scope, type_), "skipped", 0, left_out)
        if types:
            yield WideTask(self, base, scope, types)

    def left_out(self, type_: str, wanted: Wanted) -> str | None:
        """Why a type is not read; None where it is."""
        low = fold_case(type_)
        if not any(fnmatchcase(low, fold_case(glob)) for glob in self.settings.include) or any(
            fnmatchcase(low, fold_case(glob)) for glob in self.settings.exclude
        ):
            return "left out by live.azure.include / exclude"
        return None if wanted.selects(type_) else "left out by --only"

    def context(self) -> dict[str, Any]:
        """``tenant`` and ``cloud``, which templates ask for; ``managed_groups``, resource groups that a service manages."""
        found: dict[str, Any] = {"tenant": self.tenant, "cloud": self.settings.cloud}
        if self.managed:
            found["managed_groups"] = dict(sorted(self.managed.items()))
        return found


class ResourceTask:
    """Lists the resources of a subscription.

    Resource Graph tells of all, in bulk. What Git declares is read from the service itself, in the API version that the
    declaration names, since Resource Graph shortens some bodies and is some seconds behind; what ARM lists and Resource Graph
    does not hold is read by id.
    """

    def __init__(self, live: AzureLive, subscription: str, wanted: Wanted, versions: Versions) -> None:
        self.live, self.subscription, self.wanted, self.versions = live, subscription, wanted, versions
        self.cells: tuple[Cell, ...] = (subscriptions.everything(subscription),)
        self.counts: Counter[str] = Counter()
        self.rows: dict[str, Coverage] = {}

    def read(self) -> Iterator[Resource | Coverage]:
        declared = {
            spelling(type_)
            for type_ in self.wanted.types
            if inline(type_) is None
            and spelling(type_) not in children.SUBSCRIPTION_WIDE
            and self.live.left_out(type_, self.wanted) is None
        }
        tops = {type_ for type_ in declared if type_.count("/") == 1 and type_ not in children.EXTENSIONS}
        below = {type_ for type_ in declared if type_.count("/") > 1}
        below |= {type_ for type_ in _giving_access() if self.live.left_out(type_, self.wanted) is None}
        asked = {_root(type_) for type_ in below}
        ids: dict[str, dict[str, str]] = {}
        known: set[str] = set()
        everything = "Microsoft.Insights/diagnosticSettings" in declared
        for type_ in sorted(tops - {GROUP}):
            yield from self._exactly(type_, ids)
        exact = set(ids)
        shortened: dict[str, dict[str, str]] = {}
        for page in graph.rows(self.live.session, self.live.quota, self.subscription):
            for row in page:
                id_ = str(row["id"])
                low = canonical(id_)
                known.add(low)
                type_ = spelling(str(row["type"]))
                if type_ in tops and type_ not in exact:
                    shortened.setdefault(type_, {})[low] = id_
                if type_ in exact or type_ in below:
                    continue
                if everything or type_ in asked:
                    ids.setdefault(type_, {})[low] = id_
                if self.live.left_out(type_, self.wanted) is not None:
                    self.counts[type_] += 0
                    continue
                if type_ in shortened:
                    continue
                yield self._made(id_, type_, str(row.get("name", "")), {n: row.get(n) for n in graph.BODY})
        for type_, told in shortened.items():
            yield from self._each(type_, told)
        known.update(low for told in ids.values() for low in told)
        yield from self._unknown(known, exact)
        yield from self._groups()
        yield from self._below(below, ids)
        if everything:
            yield from self._extensions(ids)
        yield from self._rows(declared)

    # How one kind of thing is read

    def _exactly(self, type_: str, ids: dict[str, dict[str, str]]) -> Iterator[Resource]:
        """A type's own listing; nothing where there is none, so that its resources are read by id."""
        session = self.live.session
        try:
            version = self.versions.of(type_, self.subscription)
            if version is None:
                return
            found: dict[str, str] = {}
            path = f"/subscriptions/{self.subscription}/providers/{type_}"
            for page in session.pages(path, version):
                for body in page:
                    found[canonical(str(body["id"]))] = str(body["id"])
                    yield self._body(body, type_)
            ids[type_] = found
        except (Unlisted, Gone):
            return
        except CellError as error:
            ids.setdefault(type_, {})
            self._failed(type_, error)

    def _each(self, type_: str, told: Mapping[str, str]) -> Iterator[Resource]:
        """Resources of a type without listing, one by one."""
        try:
            version = self.versions.of(type_, self.subscription)
        except CellError as error:
            self._failed(type_, error)
            return
        for id_ in told.values():
            body = self._by_id(id_, type_, version)
            if body is not None:
                yield self._body(body, type_)

    def _by_id(self, id_: str, type_: str, version: str | None) -> Mapping[str, Any] | None:
        from azure.core.exceptions import AzureError

        if version is None:
            self._failed(
                type_, CellError("unsupported", f"no API version of {type_} is known in the subscription")
            )
            return None
        try:
            found: Mapping[str, Any] = self.live.session.resources(self.subscription).resources.get_by_id(
                id_, api_version=version, cls=lambda answer, _model, _headers: answer.http_response.json()
            )
            return found
        except AzureError as error:
            told = explain(error, f"GET {id_}")
            if not isinstance(told, Gone):  # what is gone by now is gone
                self._failed(type_, told)
            return None

    def _unknown(self, known: set[str], exact: set[str]) -> Iterator[Resource]:
        """What ARM lists and Resource Graph does not hold (yet)."""
        missing: list[tuple[str, str]] = []
        for page in self.live.session.pages(f"/subscriptions/{self.subscription}/resources", RESOURCES):
            for one in page:
                if canonical(str(one["id"])) in known:
                    continue
                type_ = spelling(str(one["type"]))
                if (
                    type_ not in exact
                    and type_ not in children.SUBSCRIPTION_WIDE
                    and type_.count("/") == 1
                    and self.live.left_out(type_, self.wanted) is None
                ):
                    missing.append((str(one["id"]), type_))
        for id_, type_ in missing:
            try:
                version = self.versions.of(type_, self.subscription)
            except CellError as error:
                self._failed(type_, error)
                continue
            body = self._by_id(id_, type_, version)
            if body is not None:
                yield self._body(body, type_)

    def _groups(self) -> Iterator[Resource]:
        if self.live.left_out(GROUP, self.wanted) is not None:
            return
        try:
            path = f"/subscriptions/{self.subscription}/resourcegroups"
            for page in self.live.session.pages(path, GROUPS):
                for body in page:
                    if body.get("managedBy"):
                        self.live.managed[canonical(str(body["id"]))] = str(body["managedBy"])
                    yield self._body(body, GROUP)
        except CellError as error:
            self._failed(GROUP, error)

    def _below(self, types: set[str], ids: Mapping[str, Mapping[str, str]]) -> Iterator[Resource]:
        """Children of children are asked when their parents are known."""
        parents: dict[str, list[str]] = {type_: list(told.values()) for type_, told in ids.items()}
        for type_ in sorted(_with_parents(types), key=lambda one: (one.count("/"), one)):
            above = parents.get(type_.rpartition("/")[0], [])
            wanted = type_ in types
            if not above:
                continue
            if type_ == children.APP_CONFIG:
                answers = children.app_settings(self.live.session, above)
            else:
                try:
                    version = self.versions.of(type_, self.subscription)
                except CellError as error:
                    self._failed(type_, error)
                    continue
                if version is None:
                    continue
                answers = children.below(self.live.session, above, f"/{type_.rpartition('/')[2]}", version)
            found = parents.setdefault(type_, [])
            for _, told in answers:
                if isinstance(told, CellError):
                    self._failed(type_, told)
                    continue
                for body in told:
                    found.append(str(body["id"]))
                    if wanted:
                        yield self._body(body, type_)

    def _extensions(self, ids: Mapping[str, Mapping[str, str]]) -> Iterator[Resource]:
        for type_, version in children.EXTENSIONS.items():
            targets = (id_ for told in ids.values() for id_ in told.values())
            for _, told in children.below(self.live.session, targets, f"/providers/{type_}", version):
                if isinstance(told, CellError):
                    self._failed(type_, told)
                else:
                    yield from (self._body(body, type_) for body in told)

    # What it becomes

    def _body(self, body: Mapping[str, Any], type_: str) -> Resource:
        id_ = str(body["id"])
        attributes = {name: value for name, value in body.items() if name not in _NAMED}
        return self._made(id_, type_, str(body.get("name", "")), attributes)

    def _made(self, id_: str, type_: str, name: str, attributes: Mapping[str, Any]) -> Resource:
        self.counts[type_] += 1
        said = {key: value for key, value in attributes.items() if value is not None and value != ""}
        found = parse(id_)
        return Resource(
            "azure", self.subscription, type_, id_, said, name=found.name if found else name or None
        )

    def _failed(self, type_: str, error: CellError) -> None:
        self.rows.setdefault(
            type_,
            Coverage(_cell(self.subscription, type_), error.status, 0, error.message),  # type: ignore[arg-type]
        )

    def _rows(self, declared: Iterable[str]) -> Iterator[Coverage]:
        for type_ in sorted({*self.counts, *declared, *self.rows}):
            cell = _cell(self.subscription, type_)
            left_out = self.live.left_out(type_, self.wanted)
            if left_out is not None:
                yield Coverage(cell, "skipped", 0, left_out)
            elif type_ in self.rows:
                yield self.rows[type_]
            elif self.counts[type_]:
                yield Coverage(cell, "checked", self.counts[type_])


class WideTask:
    """Lists who may do what, what is locked and what is forbidden, in a subscription or a management group."""

    def __init__(self, live: AzureLive, base: str, scope: str, types: list[str]) -> None:
        self.live, self.base, self.scope, self.types = live, base, scope, types
        self.cells: tuple[Cell, ...] = tuple(_cell(scope, type_) for type_ in types)

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
                            attributes = {name: value for name, value in body.items() if name not in _NAMED}
                            yield Resource(
                                "azure", self.scope, type_, str(body["id"]), attributes, name=found.name
                            )
            except CellError as error:
                yield Coverage(_cell(self.scope, type_), error.status, 0, error.message)  # type: ignore[arg-type]


def _cell(scope: str, type_: str) -> Cell:
    return Cell("azure", scope, GLOBAL, type_)


def _root(type_: str) -> str:
    """The type at the top of which a child lies."""
    return "/".join(type_.split("/")[:2])


def _with_parents(types: Iterable[str]) -> set[str]:
    """Child types with the child types above them."""
    found: set[str] = set()
    for type_ in types:
        parts = type_.split("/")
        found.update(spelling("/".join(parts[:end])) for end in range(3, len(parts) + 1))
    return found


def _giving_access() -> Iterator[str]:
    """Child types that let somebody in, read wherever their parents are."""
    for type_ in known_types():
        if type_.count("/") > 1 and inline(type_) is None:
            facts = facts_of(type_)
            if facts is not None and facts.access:
                yield type_
