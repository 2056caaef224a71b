"""Which API version a type is read at: the one that Git declares, else the newest stable one that the
subscription knows."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future

from drift.errors import CellError
from drift.kinds.scalars import fold_case
from providers.azure.session import RESOURCES, Session


class Versions:
    """The versions of every type, asked once a run: all subscriptions have the same."""

    def __init__(self, session: Session, declared: Mapping[str, str]) -> None:
        self.session = session
        self._declared = {fold_case(type_): version for type_, version in declared.items()}
        self._lock = threading.Lock()
        self._asked: dict[str, Future[dict[str, list[str]]]] = {}
        self._told: dict[str, list[str]] | None = None

    def of(self, type_: str, subscription: str) -> str | None:
        """The version to ask with; None where the subscription does not know the type. Raises CellError.

        Providers don't list all of their child types: these are asked with the version of the type above.
        """
        low = fold_case(type_)
        while "/" in low:
            said = self._declared.get(low)
            if said is not None:
                return said
            known = self.known(subscription).get(low, [])
            stable = [version for version in known if "preview" not in version.lower()]
            if known:
                return max(stable or known)
            low = low.rpartition("/")[0]
        return None

    def known(self, subscription: str) -> dict[str, list[str]]:
        """Lower-case type → API versions. Raises CellError.

        Subscriptions that are read at once ask each by itself, so that none waits for a slow one; later ones
        need not.
        """
        with self._lock:
            if self._told is not None:
                return self._told
            mine = subscription not in self._asked
            future = self._asked.setdefault(subscription, Future())
        if mine:
            try:
                found = self._ask(subscription)
            except CellError as error:
                future.set_exception(error)
            else:
                self._told = found
                future.set_result(found)
        return future.result()

    def _ask(self, subscription: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for page in self.session.pages(f"/subscriptions/{subscription}/providers", RESOURCES):
            for provider in page:
                if not isinstance(provider, Mapping) or not provider.get("namespace"):
                    told = f"GET /subscriptions/{subscription}/providers: the answer is no list of providers"
                    raise CellError("failed", told)
                for one in provider.get("resourceTypes") or ():
                    name = fold_case(f"{provider.get('namespace')}/{one.get('resourceType')}")
                    found[name] = list(one.get("apiVersions") or ())
        return found
