"""What is read by the keys that Git declares, where a listing would have no end: objects of buckets, streams
of log groups, grants of keys."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from drift.model import Resource
from drift.task import Wanted
from providers.aws.facts import Entry, catalogue

#: In the provider's context: type → account → the ids that were asked for, and answered.
BY_KEY = "by_key"


class DeclaredKeys:
    """What is declared of such types, told once a run when the first of them is read; and what of it could be
    asked for. ``context`` gives what was learnt so far, ``accounts`` those that are read."""

    def __init__(
        self, wanted: Wanted, context: Callable[[], Mapping[str, Any]], accounts: Callable[[], list[str]]
    ) -> None:
        self._wanted, self._context, self._accounts = wanted, context, accounts
        self._lock = threading.Lock()
        self._declared: list[Resource] | None = None
        self._asked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def parents(self, entry: Entry, account: str, region: str) -> Iterator[dict[str, Any]]:
        """The declared resources of one cell, each its attributes and ``id``; without those whose key only
        something live could tell."""
        keys = entry.keys
        with self._lock:
            self._asked[entry.type][account] |= set()  # so that it is known that nothing else was asked for
        for one in self._all():
            if (one.type, one.scope) != (entry.type, account) or (entry.regional and one.region != region):
                continue
            if isinstance(one.id, str) and all(isinstance(one.attributes.get(key), str) for key in keys):
                yield {**one.attributes, "id": one.id}

    def _all(self) -> list[Resource]:
        with self._lock:
            if self._declared is None:
                types = frozenset(
                    type_ for type_ in self._wanted.types if (e := catalogue().entry(type_)) and e.keys
                )
                accounts = self._accounts()
                alone = accounts[0] if len(accounts) == 1 else ""  # of what does not say in which it is
                found = self._wanted.declared(types, self._context(), accounts)
                self._declared = [one if one.scope else one.but(scope=alone) for one in found]
            return self._declared

    def asked(self, type_: str, account: str, id_: str) -> None:
        """Keeps that a declared resource was asked for, and that there was an answer."""
        with self._lock:
            self._asked[type_][account].add(id_)

    def told(self) -> dict[str, dict[str, list[str]]]:
        """What was asked for, as the context keeps it."""
        with self._lock:
            return {
                type_: {account: sorted(ids) for account, ids in sorted(accounts.items())}
                for type_, accounts in sorted(self._asked.items())
            }


def unasked(declared: Resource, context: Mapping[str, Any]) -> str | None:
    """Why nothing is known of a declared resource that is read by its key; None where it was asked for, or is
    of another kind."""
    entry = catalogue().entry(declared.type)
    asked = context.get(BY_KEY, {}).get(declared.type, {}).get(declared.scope)
    if entry is None or not entry.keys or asked is None or declared.id in asked:
        return None
    return f"{entry.title}s are asked for by their keys, and this one could not be, or was not declared then"
