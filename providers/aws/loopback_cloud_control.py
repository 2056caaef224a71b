"""A Cloud Control on loopback: the two calls that read, answered from resource bodies, with pages, parents, a
rate and errors as AWS has them.

Bodies come from folders (:class:`Folders`), or from a loopback AWS as our own reader tells it
(:mod:`providers.aws.loopback_estate`).
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from drift.loopback import Answer, Request, Server
from providers.aws.loopback import ACCOUNT, passed_on
from providers.aws.resource_types import ResourceType, resource_type

#: What the header ``X-Amz-Target`` of each call begins with.
TARGET = "CloudApiService."
#: Errors that are AWS's own fault: status 500, of all others 400, as the protocol (AWS JSON 1.0) has it.
_OWN_FAULTS = frozenset(
    "ServiceInternalErrorException HandlerInternalFailureException NetworkFailureException "
    "HandlerFailureException InternalFailure".split()
)
_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class Bodies(Protocol):
    """Where the resources are."""

    def of(self, account: str, region: str, type_: str) -> Mapping[str, Mapping[str, Any]] | None:
        """Identifier → properties of all resources of a type; None where the type is not offered there."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call: ``operation`` is ``GetResource`` or ``ListResources``, ``asked`` its parameters."""

    operation: str
    account: str
    region: str
    asked: Mapping[str, Any]


class Fault(Exception):
    """An error that is answered."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls a second of one account and region, and how many may come at once."""

    calls: float
    burst: int


@dataclass(slots=True)
class Folders:
    """Bodies in files: ``TYPE/NAME.json`` for every account and region, ``ACCOUNT/REGION/TYPE/NAME.json`` for
    one. They are read anew for each call."""

    folder: Path

    def of(self, account: str, region: str, type_: str) -> Mapping[str, Mapping[str, Any]] | None:
        kind = resource_type(type_)
        if kind is None:
            return None
        places = (self.folder / type_, self.folder / account / region / type_)
        bodies = (json.loads(file.read_bytes()) for one in places for file in sorted(one.glob("*.json")))
        return {identified(kind, body): body for body in bodies}


def identified(kind: ResourceType, properties: Mapping[str, Any]) -> str:
    """The primary identifier of a resource with these properties."""
    return "|".join(str(_at(properties, path)) for path in kind.identifier)


@dataclass
class CloudControl:
    """Answers calls. A page has at most ``page`` resources; ``rate`` is each account's in each region;
    ``fault`` gives the error (or the whole answer) of a call that goes wrong; ``calls`` are all so far."""

    bodies: Bodies
    page: int = 20
    rate: Rate | None = None
    fault: Callable[[Call], Fault | Answer | None] = lambda _: None
    calls: list[Call] = field(default_factory=list)
    now: Callable[[], float] = time.monotonic
    _tokens: dict[str, tuple[str, int]] = field(default_factory=dict)
    _left: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, target: str, account: str, region: str, body: bytes) -> Answer:
        """What a call is answered; ``target`` is the header that names it."""
        try:
            asked = json.loads(body)
            call = Call(target.removeprefix(TARGET), account, region, asked)
            with self._lock:
                self.calls.append(call)
                self._take(account, region)
            fault = self.fault(call)
            if isinstance(fault, Answer):
                return fault
            if fault is not None:
                raise fault
            if call.operation == "ListResources":
                return _json(200, self._list(call))
            if call.operation == "GetResource":
                return _json(200, self._get(call))
            raise Fault("UnknownOperationException", f"{call.operation} is not answered here")
        except Fault as error:
            said = {"__type": f"com.amazon.cloudapiservice#{error.code}", "Message": error.message}
            return _json(500 if error.code in _OWN_FAULTS else 400, said)

    def _take(self, account: str, region: str) -> None:
        if self.rate is None:
            return
        left, filled = self._left.get((account, region), (float(self.rate.burst), self.now()))
        now = self.now()
        left = min(float(self.rate.burst), left + (now - filled) * self.rate.calls)
        self._left[account, region] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            raise Fault("ThrottlingException", "Rate exceeded")

    def _of(self, call: Call, handler: str) -> tuple[ResourceType, Mapping[str, Mapping[str, Any]]]:
        type_ = str(call.asked.get("TypeName", ""))
        kind = resource_type(type_)
        found = None if kind is None else self.bodies.of(call.account, call.region, type_)
        if kind is None or found is None:
            raise Fault("TypeNotFoundException", f"The type '{type_}' cannot be found.")
        if not (kind.listable if handler == "LIST" else kind.readable):
            raise Fault(
                "UnsupportedActionException", f"Resource type {type_} does not support {handler} action"
            )
        return kind, found

    def _get(self, call: Call) -> dict[str, Any]:
        kind, found = self._of(call, "READ")
        identifier = str(call.asked.get("Identifier", ""))
        if identifier not in found:
            raise Fault(
                "ResourceNotFoundException",
                f"Resource of type '{kind.type}' with identifier '{identifier}' was not found.",
            )
        properties = _readable(found[identifier], kind)
        return {"TypeName": kind.type, "ResourceDescription": _described(identifier, properties)}

    def _list(self, call: Call) -> dict[str, Any]:
        kind, found = self._of(call, "LIST")
        model = json.loads(call.asked.get("ResourceModel") or "{}")
        for name in kind.parents:
            if not model.get(name):
                raise Fault(
                    "InvalidRequestException",
                    f"Missing or invalid ResourceModel property in {kind.type} list handler request input. "
                    f"Required property: (#: required key [{name}] not found)",
                )
        wanted = {kind.parent_of.get(name, name): model[name] for name in kind.parents}
        chosen = [
            identifier
            for identifier, body in sorted(found.items())
            if all(_at(body, path) == value for path, value in wanted.items())
        ]
        start = self._start(call)
        most = min(int(call.asked.get("MaxResults", self.page)), self.page)
        descriptions = [
            _described(one, {path: value for path in kind.identifier if (value := found[one].get(path))})
            for one in chosen[start : start + most]
        ]
        answer: dict[str, Any] = {"TypeName": kind.type, "ResourceDescriptions": descriptions}
        if start + most < len(chosen):
            answer["NextToken"] = self._token(call, start + most)
        return answer

    def _start(self, call: Call) -> int:
        """Where the page begins: a token is only good for the request that it was given for."""
        token = call.asked.get("NextToken")
        if token is None:
            return 0
        request, start = self._tokens.get(str(token), ("", 0))
        if request != _request(call):
            raise Fault("InvalidRequestException", "The NextToken is not valid for this request.")
        return start

    def _token(self, call: Call, start: int) -> str:
        token = hashlib.sha256(f"{_request(call)} {start}".encode()).hexdigest()
        self._tokens[token] = (_request(call), start)
        return token


def beside(aws: str, cloud_control: CloudControl, accounts: Mapping[str, str] | None = None) -> Server:
    """A server that answers what is asked of Cloud Control, and passes all else on to the loopback AWS at
    ``aws``. ``accounts`` maps access keys to accounts; any other one is of :data:`ACCOUNT`."""

    def answer(request: Request) -> Answer:
        target = str(request.headers.get("X-Amz-Target", ""))
        if not target.startswith(TARGET):
            return passed_on(aws, request)
        key, region = signed(str(request.headers.get("Authorization", "")))
        return cloud_control.answer(target, (accounts or {}).get(key, ACCOUNT), region, request.body)

    return Server(answer)


def signed(authorization: str) -> tuple[str, str]:
    """The access key and the region that a request was signed with."""
    found = _CREDENTIAL.search(authorization)
    key, region = (found["key"], found["region"]) if found else ("", "")
    return key, region if _REGION.fullmatch(region) else "us-east-1"


def _request(call: Call) -> str:
    asked = {name: value for name, value in call.asked.items() if name != "NextToken"}
    return f"{call.account} {call.region} {json.dumps(asked, sort_keys=True)}"


def _described(identifier: str, properties: Mapping[str, Any]) -> dict[str, str]:
    return {"Identifier": identifier, "Properties": json.dumps(properties)}


def _at(properties: Mapping[str, Any], path: str) -> Any:
    value: Any = properties
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _readable(value: Any, kind: ResourceType, path: str = "") -> Any:
    """A body without what its schema calls write-only."""
    if isinstance(value, Mapping):
        below = {name: f"{path}/{name}".lstrip("/") for name in value}
        return {
            name: _readable(one, kind, below[name])
            for name, one in value.items()
            if "w" not in kind.paths.get(below[name], "x")[1:]
        }
    if isinstance(value, list):
        return [_readable(one, kind, f"{path}/*") for one in value]
    return value


def _json(status: int, body: Mapping[str, Any]) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/x-amz-json-1.0"})
