"""Resource Graph: all resources of a subscription, a thousand a page, within its quota."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from drift.deadline import Cut, Deadline
from drift.errors import CellError
from drift.limits import Limits, Pages
from providers.azure.failures import Unlisted, explain
from providers.azure.session import Session

#: What of a resource's body Resource Graph holds.
BODY = (
    "location",
    "kind",
    "managedBy",
    "sku",
    "plan",
    "properties",
    "tags",
    "identity",
    "zones",
    "extendedLocation",
)
QUERY = f"Resources | project id, name, type, {', '.join(BODY)} | order by id asc"


class Quota:
    """Waits, in whichever thread, until Resource Graph takes questions again
    (https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests)."""

    def __init__(self, deadline: Deadline | None = None, limits: Limits | None = None) -> None:
        self._deadline, self._limits = deadline or Deadline(), limits or Limits()
        self._until = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Returns when a question may be asked."""
        with self._lock:
            delay = self._until - time.monotonic()
        if delay > 0:
            self._deadline.sleep(delay)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Reads ``x-ms-user-quota-remaining`` and ``x-ms-user-quota-resets-after`` (hh:mm:ss)."""
        if headers.get("x-ms-user-quota-remaining") != "0":
            return
        seconds = 0.0
        for part in str(headers.get("x-ms-user-quota-resets-after", "")).split(":"):
            seconds = seconds * 60 + (float(part) if part.replace(".", "", 1).isdigit() else 0.0)
        with self._lock:
            self._until = max(self._until, time.monotonic() + self._limits.wait(seconds))


def rows(
    session: Session, quota: Quota, subscription: str, query: str = QUERY
) -> Iterator[list[Mapping[str, Any]]]:
    """The rows of a query, page by page. Raises CellError."""
    from azure.core.exceptions import AzureError, DeserializationError
    from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

    call = f"Resource Graph of {subscription}"
    token: str | None = None
    turns = Pages(session.limits, call)
    while True:
        quota.wait()
        options = QueryRequestOptions(
            top=session.settings.page_size, skip_token=token, result_format="objectArray"
        )
        request = QueryRequest(subscriptions=[subscription], query=query, options=options)
        try:
            told = session.graph.resources(
                request, raw_response_hook=lambda answer: quota.learn(answer.http_response.headers)
            )
        except DeserializationError as error:
            raise CellError("failed", f"{call}: the answer could not be parsed") from error
        except (AzureError, Cut) as error:
            told_why = explain(error, call)
            if isinstance(told_why, Unlisted):
                told_why = CellError("failed", told_why.message)
            raise told_why from error
        if told is None or not isinstance(told.data, list):  # an answer without a body is None
            raise CellError("failed", f"{call}: the answer is no list")
        yield told.data
        if not told.skip_token:
            if str(getattr(told.result_truncated, "value", told.result_truncated)).lower() == "true":
                raise CellError("failed", f"{call}: the answer was cut off")
            return
        turns.turn(told.skip_token)
        token = told.skip_token
