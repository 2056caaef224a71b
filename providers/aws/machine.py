"""The machine that reads one cell as the type facts say: list, page, join, describe, translate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from drift.errors import CellError
from drift.limits import Limits, Pages
from drift.model import Cell, Coverage, Resource, Status
from providers.aws import answers, bounded, expressions, seeing
from providers.aws.attaching import function
from providers.aws.bulk_tags import BulkTags
from providers.aws.declared_keys import DeclaredKeys
from providers.aws.facts import Entry
from providers.aws.failures import CALL_ERRORS, code, explain
from providers.aws.learning import Lessons, digest
from providers.aws.models import operation
from providers.aws.partitions import partition_of
from providers.aws.rounds import rounds
from providers.aws.session import Place
from providers.aws.shared import Shared

#: Items whose details are asked for at once, before the next of them are taken from the list.
WINDOW = 64


@dataclass(frozen=True, slots=True)
class Hands:
    """What the machine works with: clients of one account, the pool for details, the limit of one service;
    ``learn`` is told each resource that was read, for what comparison needs to know of others; ``tags`` are
    those of many resources at once, and ``keys`` what Git declares of types that are read by key."""

    client: Callable[[str, str], Any]
    pool: Executor
    limit: Callable[[str, str], AbstractContextManager[None]]
    shared: Shared
    limits: Limits = Limits()
    learn: Callable[[Resource], None] = lambda _: None
    tags: BulkTags | None = None
    keys: DeclaredKeys | None = None


@dataclass(slots=True)
class CellTask:
    """Reads all resources of one type in one account and region."""

    entry: Entry
    place: Place
    region: str
    hands: Hands
    cells: tuple[Cell, ...] = ()
    _refused: dict[str, list[CellError]] = field(default_factory=dict)
    #: Whether a hook said of something listed that it is no resource, though not all of it could be read.
    _undecided: bool = False
    _lessons: Lessons = field(init=False)
    _answered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        region = self.region if self.entry.regional else "global"
        self.cells = (Cell("aws", self.place.account, region, self.entry.type),)
        self._lessons = Lessons(self.hands.learn)

    def read(self) -> Iterator[Resource | Coverage]:
        count = 0
        for documents in windows(self._items(), WINDOW):
            for resource in self._describe(documents):
                count += 1
                self._lessons.see(resource)
                yield resource
        if self._refused:
            yield self._partial(count)

    # As drift.task.Resumable

    def asks(self) -> str | None:
        if not self.entry.keys or self.hands.keys is None:
            return ""
        parents = self.hands.keys.parents(self.entry, self.place.account, self.region)
        return digest(one["id"] for one in parents)

    def learnt(self) -> dict[str, Any]:
        return {"lessons": self._lessons.told(), "asked": self._answered}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        self._lessons.again(learnt["lessons"])
        for id_ in learnt["asked"]:
            self._asked(id_)

    def _asked(self, id_: str) -> None:
        """Keeps that there was an answer of what was asked for by its key."""
        if self.hands.keys is not None:
            self.hands.keys.asked(self.entry.type, self.place.account, id_)
        self._answered.append(id_)

    # Listing

    def _items(self) -> Iterator[dict[str, Any]]:
        said = self.entry.said["list"]
        if "needs" in said:
            seeing.check(said["needs"], self._pages(said["needs"], {}), self.hands.client("sts", self.region))
        each = said.get("for_each")
        joins: list[tuple[Mapping[str, Any], dict[Any, Any] | CellError]] | None = None
        if each is None:
            parents: Iterable[Any] = (None,)
        else:
            parents = self._parents(each)
        for parent in parents:
            for document in self._below(said, parent):
                if joins is None:  # only now that there is something to join
                    joins = [(join, self._join(join)) for join in self.entry.said.get("join", ())]
                for join, table in joins:
                    if isinstance(table, CellError):
                        document.setdefault("unread", {}).update(
                            dict.fromkeys(join.get("for", ["?"]), table.message)
                        )
                        continue
                    found = table.get(expressions.compile(join["on"])(document))
                    if found:
                        document.update({"_".join(("join", join["as"])): found} if "as" in join else found)
                yield {**document, **self._where()}

    def _below(self, said: Mapping[str, Any], parent: Any) -> Iterator[dict[str, Any]]:
        """What is listed of a parent. Of what is asked for by its key one refusal leaves the others."""
        base = {} if parent is None else {"parent": parent}
        keys = self.hands.keys if self.entry.keys else None
        if keys is None:
            yield from self._pages(said, base)
            return
        try:
            yield from self._pages(said, base)
            self._asked(parent["id"])
        except CellError as error:
            self._note(said, error)

    def _where(self) -> dict[str, str]:
        """What expressions know of where a thing lies."""
        return {
            "account": self.place.account,
            "region": self.region,
            "partition": partition_of(self.region).name,
        }

    def _parents(self, each: Mapping[str, Any]) -> Iterator[Any]:
        """The parents that a list is asked for; a parent may itself be listed for each of its own."""
        if "values" in each:
            yield from each["values"]
            return
        if "declared" in each:
            if self.hands.keys is not None:
                yield from self.hands.keys.parents(self.entry, self.place.account, self.region)
            return
        outer: Iterable[Any] = self._parents(each["for_each"]) if "for_each" in each else (None,)
        take = expressions.compile(each.get("parent", "item"))
        if each.get("nested"):
            yield from self._nested(each, outer)
            return
        for parent in outer:
            for document in self._pages(each, {} if parent is None else {"parent": parent}):
                yield take({**document, **self._where()})

    def _nested(self, each: Mapping[str, Any], outer: Iterable[Any]) -> Iterator[Any]:
        """Parents that lie in each other: the outermost, and all that lies in them, each once."""
        waiting, known = list(outer), set[Any]()
        while waiting:
            parent = waiting.pop(0)
            if parent in known:
                continue
            known.add(parent)
            yield parent
            waiting.extend(document["item"] for document in self._pages(each, {"parent": parent}))

    def _pages(self, said: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        parameters = expressions.fill(said.get("with", {}), {**self._where(), **base})
        items = expressions.compile(said["items"])
        called = operation(said.get("service", self.entry.service), said["call"])
        if said.get("shared"):
            key = (self.place.account, self.region, called, repr(parameters))
            pages: Iterable[Any] = self.hands.shared.once(
                key, lambda: list(self._call_pages(said, parameters))
            )
        else:
            pages = self._call_pages(said, parameters)
            pages = islice(pages, 1) if said.get("first") else pages
        for page in pages:
            if not answers.listed(page, said["items"], called):
                raise CellError("failed", f"{called}: the answer has no such list")
            for item in items(page) or ():
                document = {**base, **(item if isinstance(item, Mapping) else {}), "item": item}
                yield document

    def _call_pages(self, said: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Any]:
        service = said.get("service", self.entry.service)
        name = said["call"]
        limit = self.hands.limit(service, self.region)
        try:
            client = self.hands.client(service, self.region)
            if client.can_paginate(name):
                pages = bounded.pages(client, name, self.hands.limits, **parameters)
                while True:
                    with limit:
                        page = next(pages, None)
                    if page is None:
                        return
                    yield page
            else:
                yield from self._by_token(client, name, parameters, limit, Pages(self.hands.limits))
        except CALL_ERRORS as error:
            if code(error) in said.get("absent", ()):
                if "absent_is" in said:
                    yield said["absent_is"]
                return
            raise explain(error, operation(service, name)) from error

    @staticmethod
    def _by_token(
        client: Any,
        name: str,
        parameters: Mapping[str, Any],
        limit: AbstractContextManager[None],
        turns: Pages,
    ) -> Iterator[Any]:
        """The pages of a call for which boto3 has no paginator: asked on as long as there is a token."""
        token = bounded.token_of(client, name)
        asked = dict(parameters)
        while True:
            with limit:
                page = getattr(client, name)(**asked)
            yield page
            if token is None or not page.get(token):
                return
            turns.turn(page[token])
            asked[token] = page[token]

    def _join(self, join: Mapping[str, Any]) -> dict[Any, Any] | CellError:
        by = expressions.compile(join["by"])
        try:
            return {by(document["item"]): document["item"] for document in self._pages(join, {})}
        except CellError as error:
            self._note(join, error)
            return error

    # Details

    def _describe(self, documents: list[dict[str, Any]]) -> Iterator[Resource]:
        steps = self.entry.said.get("describe", ())
        unread: list[dict[str, str]] = [dict(document.pop("unread", {})) for document in documents]
        gone: set[int] = set()
        for step in steps:
            if "batch" in step:
                self._batch(step, documents, unread)
        single = [step for step in steps if "batch" not in step]
        for index, result in enumerate(self._details(single, documents)):
            if result is None:
                gone.add(index)
            else:
                unread[index].update(result)
        for index, document in enumerate(documents):
            if index not in gone:
                resource = self.translate(document, unread[index])
                if resource is not None:
                    yield resource
                elif unread[index]:
                    self._undecided = True

    def _details(
        self, steps: Sequence[Mapping[str, Any]], documents: Sequence[dict[str, Any]]
    ) -> list[dict[str, str] | None]:
        """Adds the answers to the documents. Returns of each what could not be read, None when the resource
        is gone. The calls of several are made at once, as far as none needs another's answer."""
        unread: list[dict[str, str] | None] = [{} for _ in documents]
        alone = len(documents) == 1  # which may be asked for from a thread of the pool
        for steps_at_once in [[step] for step in steps] if alone else rounds(steps):
            asked = [
                (step, document, index)
                for index, document in enumerate(documents)
                for step in steps_at_once
                if (known := unread[index]) is not None and self._is_asked(step, document, known)
            ]
            told = map(self._ask, asked) if alone else self.hands.pool.map(self._ask, asked)
            for (step, document, index), found in zip(asked, told, strict=True):
                known = unread[index]
                if found is None or known is None:
                    unread[index] = None
                elif isinstance(found, CellError):
                    self._note(step, found)
                    known.update(dict.fromkeys(step.get("for", ["?"]), found.message))
                else:
                    document.update(found)
        return unread

    @staticmethod
    def _is_asked(step: Mapping[str, Any], document: Mapping[str, Any], unread: dict[str, str]) -> bool:
        """Whether a step is to be made of a resource."""
        if "when" in step and not expressions.compile(step["when"])(document):
            if unread:  # what it depends on may be what could not be read
                unread.update(dict.fromkeys(step.get("for", ["?"]), next(iter(unread.values()))))
            return False
        return not ("needless" in step and expressions.compile(step["needless"])(document))

    def _ask(self, asked: tuple[Mapping[str, Any], dict[str, Any], int]) -> dict[str, Any] | CellError | None:
        """What a step tells of a resource, as members of its document; the error where it could not be read,
        None where the resource is gone."""
        step, document, _ = asked
        service = step.get("service", self.entry.service)
        region = self.region
        if "region" in step:
            region = expressions.compile(step["region"])(document) or region
        if "bulk" in step and (told := self._bulk(step["bulk"], document, region)) is not None:
            return dict(told)
        try:
            parameters = expressions.fill(step.get("with", {}), document)
            client = self.hands.client(service, region)
            with self.hands.limit(service, region):
                if step.get("pages") and client.can_paginate(step["call"]):
                    answer = bounded.whole(client, step["call"], self.hands.limits, **parameters)
                else:
                    answer = bounded.read(getattr(client, step["call"])(**parameters))
        except CALL_ERRORS as error:
            name = code(error)
            if name in step.get("absent", ()):
                return {}
            if name in step.get("gone", ()):
                return None
            return explain(error, operation(service, step["call"]))
        found: dict[str, Any] = {}
        self._take(step, found, answer)
        return found

    def _bulk(self, said: Mapping[str, Any], document: dict[str, Any], region: str) -> Any:
        """What a call would tell: the tags as they were told of many resources at once, and what a record
        holds that never changes. None where this resource has to be asked."""
        arn, tags = expressions.compile(said["arn"])(document), self.hands.tags
        if tags is None or not isinstance(arn, str):
            return None
        return tags.told(said, self.entry.type, arn, region, document)

    def _batch(
        self, step: Mapping[str, Any], documents: list[dict[str, Any]], unread: list[dict[str, str]]
    ) -> None:
        said = step["batch"]
        key = expressions.compile(said["key"])
        by = expressions.compile(said["by"])
        groups: dict[Any, list[int]] = {}
        for index, document in enumerate(documents):
            groups.setdefault(repr(document.get("parent")) if said.get("per_parent") else None, []).append(
                index
            )
        for members in groups.values():
            for start in range(0, len(members), said["size"]):
                chosen = members[start : start + said["size"]]
                base = {
                    "keys": [key(documents[i]) for i in chosen],
                    "parent": documents[chosen[0]].get("parent"),
                }
                try:
                    found: dict[Any, Any] = {}
                    for document in self._pages(step, base):
                        if said.get("many"):
                            found.setdefault(by(document["item"]), []).append(document["item"])
                        else:
                            found[by(document["item"])] = document["item"]
                except CellError as failure:
                    self._note(step, failure)
                    for index in chosen:
                        for path in step.get("for", ["?"]):
                            unread[index][path] = failure.message
                    continue
                for index in chosen:
                    answer = found.get(key(documents[index]))
                    if answer is not None:
                        self._take(step, documents[index], answer)

    @staticmethod
    def _take(step: Mapping[str, Any], document: dict[str, Any], answer: Any) -> None:
        taken = expressions.compile(step["take"])(answer) if "take" in step else answer
        if "as" in step:
            document[step["as"]] = taken
        elif isinstance(taken, Mapping):
            document.update((name, value) for name, value in taken.items() if name != "ResponseMetadata")

    # Translation

    def translate(self, document: dict[str, Any], unread: Mapping[str, str]) -> Resource | None:
        """One resource in CloudFormation's shape; None where the facts say that it is none (a hook's
        decision)."""
        entry = self.entry
        document["account"], document["region"], document["partition"] = (
            self.place.account,
            self.region,
            partition_of(self.region).name,
        )
        attributes = {name: read(document) for name, read in entry.readers.items()}
        hooked: Collection[str] = ()
        if "hook" in entry.said:
            more = function(entry.said["hook"])(document)
            if more is None:
                return None
            attributes.update(more)
            hooked = more.keys()
            unread = {**unread, **document.get("unread", {})}
        attributes = expressions.prune(attributes)
        text = expressions.compile(entry.identity.source)({**document, **attributes})
        if text is None:
            why = unread.get("?") or next(iter(unread.values()), "")
            said = f"{entry.type}: an answer without {entry.identity.source}"
            raise CellError("failed", f"{said}, as not all of it could be read: {why}" if why else said)
        region = self.region if entry.regional else None
        lost = {f"/{path}": reason for path, reason in unread.items() if path != "?"}
        if "?" in unread:
            reason = unread["?"]
            certain = {name for name in entry.readers if attributes.get(name) not in (None, {})}
            names = {*entry.readers, *entry.writable, *attributes} - (certain - set(hooked))
            lost.update({f"/{name}": reason for name in names})
        return Resource(
            provider="aws",
            scope=self.place.account,
            region=region,
            type=entry.type,
            id=entry.identity.canonical(
                str(text), account=self.place.account, region=region, partition=document["partition"]
            ),
            name=entry.called(attributes),
            attributes=attributes,
            unread=lost,
        )

    # The ledger

    def _note(self, step: Mapping[str, Any], failure: CellError) -> None:
        self._refused.setdefault(str(step["call"]), []).append(failure)

    def _partial(self, count: int) -> Coverage:
        failures = [failure for failures in self._refused.values() for failure in failures]
        worst: tuple[Status, ...] = ("denied", "throttled", "failed")
        status = next((s for s in worst if any(f.status == s for f in failures)), worst[-1])
        told = "; ".join(
            f"{failures[0].message} ({len(failures)} of {count})" for failures in self._refused.values()
        )
        said = (
            "which are resources could not be told" if self._undecided else "not every detail could be read"
        )
        return Coverage(
            self.cells[0], status, count, f"listed, but {said}: {told}", listed=not self._undecided
        )


def windows(items: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while window := list(islice(items, size)):
        yield window
