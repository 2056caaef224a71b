"""CloudTrail's LookupEvents on loopback, which moto lacks: by resource, the newest first, in pages, with its
errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from drift.loopback import Answer, Counts, Request, Server, json
from providers.aws.loopback import passed_on

#: Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html.
PAGE = 50
_HELD_SECONDS = 30
_KEPT = 90 * 86400
_TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
_IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::{0}:user/drift</Arn><UserId>AIDA</UserId><Account>{0}</Account>"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
    "</GetCallerIdentityResponse>"
)


class TrailStandIn:
    """A CloudTrail of one account, which forgets after 90 days. ``records`` are CloudTrail's own; ``denied``
    refuses all, ``throttled`` so many calls first, ``held`` lets all wait. ``asked`` is what was looked up, a
    body a call. Whatever else CloudTrail is asked, the AWS ``beyond`` answers, if there is one."""

    def __init__(
        self, account: str, records: Sequence[dict[str, Any]] = (), beyond: str | None = None
    ) -> None:
        self.account, self.records, self.beyond = account, list(records), beyond
        self.denied, self.throttled = False, 0
        self.held: threading.Event | None = None
        self.asked: list[dict[str, Any]] = []
        self._counts = Counts()
        self._server = Server(self._answer)
        self.url = self._server.url

    def close(self) -> None:
        """Ends it."""
        self._server.close()

    def _answer(self, request: Request) -> Answer:
        if b"GetCallerIdentity" in request.body:
            body = _IDENTITY.format(self.account).encode()
            return Answer(200, body, {"Content-Type": "text/xml"})
        if request.headers.get("X-Amz-Target") != _TARGET:
            if self.beyond is not None:
                return passed_on(self.beyond, request)
            return _error("UnknownOperationException", "this stand-in knows LookupEvents only")
        if self.held is not None:
            self.held.wait(_HELD_SECONDS)
        if self._counts.strikes("throttled", self.throttled):
            return _error("ThrottlingException", "Rate exceeded")
        if self.denied:
            return _error(
                "AccessDeniedException", "User is not authorized to perform: cloudtrail:LookupEvents"
            )
        return self._look_up(orjson.loads(request.body))

    def _look_up(self, asked: dict[str, Any]) -> Answer:
        self.asked.append(asked)
        attributes = asked["LookupAttributes"]
        if len(attributes) > 1 or attributes[0]["AttributeKey"] not in ("ResourceName", "ReadOnly"):
            return _error(
                "InvalidLookupAttributesException", "one attribute is looked up, by resource or ReadOnly"
            )
        key, wanted = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
        token = asked.get("NextToken", "0")
        if not token.isdigit():
            return _error("InvalidNextTokenException", "the token is not one of this lookup")
        since = max(asked.get("StartTime", 0.0), time.time() - _KEPT)
        found = [
            one
            for one in self.records
            if _moment(one) >= since
            and (wanted in one["$resources"] if key == "ResourceName" else wanted == _event(one)["ReadOnly"])
        ]
        found.sort(key=lambda one: one["eventTime"], reverse=True)
        most, start = min(asked.get("MaxResults", PAGE), PAGE), int(token)
        body: dict[str, Any] = {"Events": [_event(one) for one in found[start : start + most]]}
        if start + most < len(found):
            body["NextToken"] = str(start + most)
        return json(200, body, {"Content-Type": "application/x-amz-json-1.1"})


def _moment(record: dict[str, Any]) -> float:
    return datetime.fromisoformat(record["eventTime"]).timestamp()


def _event(record: dict[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in record.items() if key != "$resources"}
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "EventTime": _moment(record),
        "ReadOnly": str(record.get("readOnly", False)).lower(),
        "EventSource": record["eventSource"],
        "Resources": [{"ResourceName": name} for name in record.get("$resources", ())],
        "CloudTrailEvent": orjson.dumps(said).decode(),
    }


def _error(code: str, message: str) -> Answer:
    return json(400, {"__type": code, "message": message}, {"Content-Type": "application/x-amz-json-1.1"})
