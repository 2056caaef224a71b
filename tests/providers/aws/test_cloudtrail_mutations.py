"""Each change that the estate's tests make behind Git's back is told by the events that its calls leave: the
requests are made, of a server that answers nothing, and put down as CloudTrail writes them."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import OperationModel

from drift.loopback import Answer, Request, Server
from providers.aws import cloudtrail_events, cloudtrail_model
from providers.aws.cloudtrail_events import Meant
from tests.providers.aws import estate
from tests.providers.aws.estate.mutation import Mutation

MUTATIONS: list[Mutation] = [
    mutation
    for module in pkgutil.iter_modules(estate.__path__)
    if module.name.startswith("mutations_")
    for mutation in importlib.import_module(f"{estate.__name__}.{module.name}").MUTATIONS
]
#: A record stands in a batch, by its whole id.
RECORDS = "AWS::Route53::RecordSet"
_ACTION = re.compile(rb"Action=(\w+)")


def nothing(request: Request) -> Answer:
    """An answer of each protocol that says nothing."""
    action = _ACTION.search(request.body or b"")
    if action:
        name = action[1].decode()
        body = f"<{name}Response><{name}Result></{name}Result></{name}Response>"
        return Answer(200, body.encode(), {"Content-Type": "text/xml"})
    is_json = "X-Amz-Target" in request.headers or "json" in request.headers.get("Content-Type", "")
    return Answer(200, b"{}" if is_json else b"", {})


class Calls:
    """Clients that put down what is asked of them."""

    def __init__(self, url: str) -> None:
        self.made: list[tuple[OperationModel, dict[str, Any]]] = []
        self._url = url
        self._clients: dict[str, Any] = {}
        self._session = boto3.Session("testing", "testing", region_name="us-east-1")

    def __call__(self, service: str, *_: Any, **__: Any) -> Any:
        if service not in self._clients:
            config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
            client = self._session.client(service, endpoint_url=self._url, config=config)
            client.meta.events.register("provide-client-params", self._put_down)
            self._clients[service] = client
        return self._clients[service]

    def _put_down(self, params: dict[str, Any], model: OperationModel, **_: Any) -> None:
        if not model.name.startswith(tuple(cloudtrail_model.said()["reads"])):
            self.made.append((model, dict(params)))


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    server = Server(nothing)
    yield Calls(server.url)
    server.close()


def written(value: Any) -> Any:
    """A parameter as CloudTrail writes it."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: written(one) for key, one in value.items()}
    if isinstance(value, list):
        return [written(one) for one in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def touched(mutation: Mutation, model: OperationModel, params: dict[str, Any]) -> set[str]:
    """What of a mutation one call is believed to have done: its paths, or the whole."""
    known = cloudtrail_model.model(mutation.type)
    assert known is not None
    record = {
        "eventID": "e",
        "eventTime": "2026-05-03T10:00:00Z",
        "eventName": model.name,
        "eventSource": f"{model.service_model.endpoint_prefix.rpartition('.')[2]}.amazonaws.com",
        "readOnly": False,
        "userIdentity": {"type": "IAMUser", "userName": "anna"},
        "requestParameters": written(params),
    }
    event = cloudtrail_events.event({"CloudTrailEvent": json.dumps(record)})
    assert event is not None
    names = tuple(text for value in params.values() for text in cloudtrail_events.texts(value))
    meant = Meant(known, names, mutation.resource)
    operation = meant.speaks(event)
    if operation is None:
        return set()
    if mutation.kind == "missing":
        return {""} if meant.ends(event, operation) else set()
    if mutation.kind == "unmanaged":
        return {""} if meant.makes(event, operation) else set()
    return {path for path in mutation.paths if meant.touch(event, operation, path) == "touches"}


def test_who_did_each_mutation_is_told_for_certain(calls: Calls) -> None:
    told, wrong = 0, []
    for mutation in MUTATIONS:
        calls.made.clear()
        apply: Callable[[Any], None] = mutation.apply
        try:
            apply(calls)
        except (KeyError, IndexError, StopIteration, TypeError, ValueError, ClientError, BotoCoreError):
            continue  # it reads before it writes, and there is nothing to read
        if not calls.made or mutation.type == RECORDS:
            continue
        told += 1
        found: set[str] = set().union(*(touched(mutation, model, params) for model, params in calls.made))
        if found != set(mutation.paths or ("",)):
            wrong.append((mutation.type, mutation.name, [model.name for model, _ in calls.made], found))
    assert wrong == []
    assert told > 120
