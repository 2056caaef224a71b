"""Reads the resources of one subscription: in bulk, what Git declares exactly, and the children that only
parents tell of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drift.deadline import Cut
from drift.errors import CellError
from drift.kinds.scalars import fold_case
from drift.model import Cell, Coverage, Resource
from drift.task import Wanted
from providers.azure import children, graph, subscriptions
from providers.azure.connection import Connection
from providers.azure.facts import inline, spelling
from providers.azure.failures import Gone, Unlisted, Unregistered, explain
from providers.azure.ids import canonical, parse
from providers.azure.nesting import giving_access, root, upwards, with_parents
from providers.azure.permissions import Reads
from providers.azure.session import GROUPS, RESOURCES
from providers.azure.versions import Versions

GROUP = "Microsoft.Resources/resourceGroups"
#: What of an answer is no attribute: the id says it.
NAMED = frozenset({"id", "name", "type", "apiVersion"})


class ResourceTask:
    """Lists the resources of a subscription.

    Resource Graph tells of all, in bulk. What Git declares is read from the service itself, in the API
    version that the declaration names, since Resource Graph shortens some bodies and is some seconds behind;
    what ARM lists and Resource Graph does not hold is read by id.
    """

    def __init__(self, live: Connection, subscription: str, wanted: Wanted, versions: Versions) -> None:
        self.live, self.subscription, self.wanted, self.versions = live, subscription, wanted, versions
        self.cells: tuple[Cell, ...] = (subscriptions.everything(subscription),)
        self.counts: Counter[str] = Counter()
        self.unlisted: set[str] = set()
        self.found: dict[str, list[str]] = {}
        self.rows: dict[str, Coverage] = {}
        self._managed: dict[str, str] = {}
        self._declared_as = {fold_case(one): one for type_ in wanted.types for one in upwards(type_)}

    # As drift.task.Resumable

    def asks(self) -> str | None:
        return self.wanted.told()

    def learnt(self) -> dict[str, Any]:
        return {"managed": self._managed}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        self.live.managed.update(learnt["managed"])

    def one(self, wanted: Resource, version: str | None) -> Resource | None:
        """One resource as it is now, read at a version, else as its type is; None where it is not there.
        Raises CellError."""
        type_, id_ = wanted.type, str(wanted.id)
        if type_ == children.APP_CONFIG:
            return self._app_config(id_)
        if type_ == GROUP:
            version = GROUPS
        body = self._by_id(id_, type_, version or self.versions.of(type_, self.subscription))
        found = None if body is None else next(iter(self._whole([body], type_)), None)
        if (failed := self.rows.get(type_)) is not None:
            raise CellError(failed.status, failed.message)
        return None if found is None else self._body(found, type_)

    def _app_config(self, id_: str) -> Resource | None:
        """Settings of an app, which no GET of their id tells. Raises CellError."""
        ((_, told),) = children.app_settings(self.live.session, [id_.rpartition("/config/")[0]])
        if isinstance(told, Gone):
            return None
        if isinstance(told, CellError):
            raise told
        body = next((one for one in told if canonical(str(one["id"])) == canonical(id_)), None)
        return None if body is None else self._body(body, children.APP_CONFIG)

    def read(self) -> Iterator[Resource | Coverage]:
        with self.live.turns:
            yield from self._read()

    def _read(self) -> Iterator[Resource | Coverage]:
        declared = {
            self._spelled(type_)
            for type_ in self.wanted.types
            if inline(type_) is None
            and spelling(type_) not in children.SUBSCRIPTION_WIDE
            and self.live.left_out(type_, self.wanted) is None
        }
        tops = {type_ for type_ in declared if type_.count("/") == 1 and type_ not in children.EXTENSIONS}
        below = {type_ for type_ in declared if type_.count("/") > 1}
        below |= {type_ for type_ in giving_access() if self.live.left_out(type_, self.wanted) is None}
        extending = children.EXTENSIONS.keys() & declared
        asked = {root(type_) for type_ in below} | {
            host for type_ in extending for host in children.EXTENSIONS[type_].hosts or ()
        }
        ids: dict[str, dict[str, str]] = {}
        known: set[str] = set()
        everything = any(children.EXTENSIONS[type_].hosts is None for type_ in extending)
        for type_ in sorted(tops - {GROUP}):
            yield from self._exactly(type_, ids)
        exact = set(ids)
        shortened: dict[str, dict[str, str]] = {}
        for page in graph.rows(self.live.session, self.live.quota, self.subscription):
            for row in page:
                id_ = str(row["id"])
                low = canonical(id_)
                known.add(low)
                type_ = self._spelled(str(row["type"]))
                if type_ in tops and low not in ids.get(type_, ()) and type_ not in self.rows:
                    shortened.setdefault(type_, {})[low] = id_  # also what its own listing lacks
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
        yield from self._extensions(extending)
        for type_ in self.unlisted - self.rows.keys():
            if not self.counts[type_]:
                message = f"Azure lists no {type_} of a subscription, and Resource Graph holds none"
                self._failed(type_, CellError("unsupported", message))
        yield from self._rows(declared)

    def _exactly(self, type_: str, ids: dict[str, dict[str, str]]) -> Iterator[Resource]:
        """A type's own listing; nothing where there is none, so that its resources are read by id."""
        session = self.live.session
        try:
            version = self.versions.of(type_, self.subscription)
            if version is None:
                self._failed(type_, self._unversioned(type_))
                return
            found: dict[str, str] = {}
            path = f"/subscriptions/{self.subscription}/providers/{type_}"
            for page in session.pages(path, version):
                for body in self._whole(page, type_):
                    found[canonical(str(body["id"]))] = str(body["id"])
                    yield self._body(body, type_)
            ids[type_] = found
        except Unregistered:
            return
        except (Unlisted, Gone):
            self.unlisted.add(type_)
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
        found = children.each(lambda id_: self._by_id(id_, type_, version), told.values())
        for body in self._whole((one for one in found if one is not None), type_):
            yield self._body(body, type_)

    def _whole(self, bodies: Iterable[Mapping[str, Any]], type_: str) -> Iterator[Mapping[str, Any]]:
        """The bodies with what only another call tells of them."""
        if type_ not in children.APPS:
            yield from bodies
            return
        for body, error in children.with_site_config(self.live.session, bodies):
            if error is None:
                yield body
            else:  # compared without it, all of it would be changed
                self._failed(type_, error)

    def _unversioned(self, type_: str) -> CellError:
        return CellError("unsupported", f"no API version of {type_} is known in the subscription")

    def _by_id(self, id_: str, type_: str, version: str | None) -> Mapping[str, Any] | None:
        from azure.core.exceptions import AzureError

        if version is None:
            self._failed(type_, self._unversioned(type_))
            return None
        try:
            found: Mapping[str, Any] = self.live.session.resources(self.subscription).resources.get_by_id(
                id_, api_version=version, cls=lambda answer, _model, _headers: answer.http_response.json()
            )
            return found
        except (AzureError, Cut) as error:
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
                type_ = self._spelled(str(one["type"]))
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
                        self._managed[canonical(str(body["id"]))] = str(body["managedBy"])
                    yield self._body(body, GROUP)
        except CellError as error:
            self._failed(GROUP, error)
        finally:
            self.live.managed.update(self._managed)

    def _below(self, types: set[str], ids: Mapping[str, Mapping[str, str]]) -> Iterator[Resource]:
        """Children of children are asked when their parents are known."""
        self.found = {type_: list(told.values()) for type_, told in ids.items()}
        parents = self.found
        for type_ in sorted(with_parents(types), key=lambda one: (one.count("/"), one)):
            above = parents.get(type_.rpartition("/")[0], [])
            wanted = type_ in types
            unread = self.rows.get(type_.rpartition("/")[0])
            if unread is not None:  # what lies below something that could not be read is not known either
                self._failed(type_, CellError(unread.status, unread.message))
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
                    self._failed(type_, self._unversioned(type_))
                    continue
                answers = children.below(self.live.session, above, f"/{type_.rpartition('/')[2]}", version)
            found = parents.setdefault(type_, [])
            unlisted: list[CellError] = []
            for _, told in answers:
                if isinstance(told, (Unlisted, Gone)):
                    unlisted.append(told)
                    continue
                if isinstance(told, CellError):
                    self._failed(type_, told)
                    continue
                for body in self._whole(told, type_) if wanted else told:
                    found.append(str(body["id"]))
                    if wanted:
                        yield self._body(body, type_)
            if len(unlisted) == len(above):  # one parent may just have gone; all of them have no such listing
                self._failed(type_, CellError("unsupported", unlisted[0].message))

    def _extensions(self, types: Iterable[str]) -> Iterator[Resource]:
        """What extends the subscription and the resources that were found, children too."""
        for type_ in sorted(types):
            version, hosts = children.EXTENSIONS[type_]
            for host, unread in list(self.rows.items()):
                if unread.status != "unsupported" and (hosts is None or host in hosts):
                    self._failed(type_, CellError(unread.status, unread.message))
            targets = children.extended(self.subscription, self.found, hosts)
            for _, told in children.below(self.live.session, targets, f"/providers/{type_}", version):
                if isinstance(told, (Unlisted, Gone)):  # not everything can be extended
                    continue
                if isinstance(told, CellError):
                    self._failed(type_, told)
                else:
                    yield from (self._body(body, type_) for body in told)

    def _body(self, body: Mapping[str, Any], type_: str) -> Resource:
        id_ = str(body["id"])
        attributes = {name: value for name, value in body.items() if name not in NAMED}
        return self._made(id_, type_, str(body.get("name", "")), attributes)

    def _made(self, id_: str, type_: str, name: str, attributes: Mapping[str, Any]) -> Resource:
        self.counts[type_] += 1
        said = {key: value for key, value in attributes.items() if value is not None and value != ""}
        found = parse(id_)
        return Resource(
            "azure", self.subscription, type_, id_, said, name=found.name if found else name or None
        )

    def _spelled(self, type_: str) -> str:
        """A type as Azure spells it; one that we don't know, as Git does: Resource Graph has all in lower
        case."""
        known = spelling(type_)
        return self._declared_as.get(type_, known) if known == type_ else known

    def _failed(self, type_: str, error: CellError) -> None:
        self.rows.setdefault(
            type_,
            Coverage(subscriptions.cell_of(self.subscription, type_), error.status, 0, error.message),  # type: ignore[arg-type]
        )

    def _rows(self, declared: Iterable[str]) -> Iterator[Coverage]:
        whole = subscriptions.everything(self.subscription)
        reads: Reads | None = None
        try:
            reads = self.live.permissions.of(self.subscription)
            if not reads.everything():
                yield Coverage(whole, "skipped", 0, "only some types may be read over the whole subscription")
        except CellError as error:
            untold = error
            yield Coverage(whole, untold.status, 0, untold.message)  # type: ignore[arg-type]
        for type_ in sorted({*self.counts, *declared, *self.rows}):
            cell = subscriptions.cell_of(self.subscription, type_)
            left_out = self.live.left_out(type_, self.wanted)
            if left_out is not None:
                yield Coverage(cell, "skipped", 0, left_out)
            elif type_ in self.rows:
                yield self.rows[type_]
            elif reads is None:
                yield Coverage(cell, untold.status, self.counts[type_], untold.message)  # type: ignore[arg-type]
            elif message := reads.refusal(type_):
                yield Coverage(cell, "denied", self.counts[type_], message)
            elif self.counts[type_]:
                yield Coverage(cell, "checked", self.counts[type_])
