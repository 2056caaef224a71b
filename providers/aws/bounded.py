"""Bounds every call of the SDK: an answer's size and time, the pages of a listing, and the run's deadline."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

from botocore.exceptions import HTTPClientError
from botocore.response import StreamingBody

from drift.bounded_http import pools
from drift.deadline import Cut, Deadline
from drift.limits import Limits, Pages
from providers.aws import models, sdk

#: What is asked at once of what comes before the reading itself (accounts that are entered).
AT_ONCE = 8

Item = TypeVar("Item")
Found = TypeVar("Found")


class Session(sdk.Session):
    """A session all of whose clients are bounded, those that it makes to log in, too."""

    def __init__(self, deadline: Deadline, limits: Limits, **said: Any) -> None:
        super().__init__(**said)
        self._deadline, self._limits = deadline, limits

    def get_component(self, name: str) -> Any:
        """Of the descriptions of services: what others of this process have read, too."""
        if name == "data_loader":
            return models.loader(self.get_config_variable("data_path"))
        return super().get_component(name)

    def create_client(self, *arguments: Any, **said: Any) -> Any:
        client = super().create_client(*arguments, **said)
        _bound(client, self._deadline, self._limits)
        return client


def read(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer with what it streams read to its end, as the text that it is."""
    streamed = {name: one for name, one in answer.items() if isinstance(one, StreamingBody)}
    return {**answer, **{name: one.read().decode() for name, one in streamed.items()}} if streamed else answer


def _bound(client: Any, deadline: Deadline, limits: Limits) -> None:
    """Has a client send by connections whose answers are bounded.

    botocore has no way to be given them, but asks whoever registers for ``before-send`` to send in its place.
    """
    http = client._endpoint.http_session  # noqa: SLF001
    classes = pools(limits, deadline, http._pool_classes_by_scheme)  # noqa: SLF001
    http._pool_classes_by_scheme = http._manager.pool_classes_by_scheme = classes  # noqa: SLF001

    def send(request: Any, **_: Any) -> Any:
        deadline.call()
        try:
            return http.send(request)
        except HTTPClientError as error:
            cause = error.kwargs.get("error")
            if isinstance(cause, Cut):  # else it would be tried again
                raise cause from error
            raise

    client.meta.events.register("before-send", send)


def pages(client: Any, method: str, limits: Limits, **parameters: Any) -> Iterator[Mapping[str, Any]]:
    """The pages of a call that has a paginator. Raises Cut, and what the call raises.

    Each call of a listing is another one than all before, or it would go round.
    """
    return iter(_listing(client, method, limits, parameters))


def whole(client: Any, method: str, limits: Limits, **parameters: Any) -> Mapping[str, Any]:
    """All pages of such a call as one answer; raises as :func:`pages`."""
    found: Mapping[str, Any] = _listing(client, method, limits, parameters).build_full_result()
    return found


def _listing(client: Any, method: str, limits: Limits, parameters: Mapping[str, Any]) -> Any:
    turns = Pages(limits)

    def ask(**said: Any) -> Any:
        turns.turn(repr(sorted(said.items())))
        return getattr(client, method)(**said)

    paginator = client.get_paginator(method)
    paginator._method = ask  # noqa: SLF001 - botocore's own only knows the token right before
    return paginator.paginate(**parameters)


def together(
    ask: Callable[[Item], Found | None], items: Iterable[Item], most: int = AT_ONCE
) -> Iterator[Found]:
    """What is found of each item, in their order, ``most`` of them asked at once; the next items are taken
    only as answers are. Where ``ask`` finds None, nothing is."""
    pool = ThreadPoolExecutor(most, thread_name_prefix="aws-together")
    waiting: deque[Future[Found | None]] = deque()
    left = iter(items)
    try:
        while True:
            waiting.extend(pool.submit(ask, item) for item in islice(left, 2 * most - len(waiting)))
            if not waiting:
                return
            found = waiting.popleft().result()
            if found is not None:
                yield found
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


#: What services call the token of the next page, in what is asked and in the answer.
_TOKENS = ("NextToken", "nextToken", "NextMarker")


def token_of(client: Any, method: str) -> str | None:
    """The member of a call, in and out, that leads to the next page; None where there is one page only."""
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    into = model.input_shape.members if model.input_shape else {}
    out = model.output_shape.members if model.output_shape else {}
    return next((name for name in _TOKENS if name in into and name in out), None)
