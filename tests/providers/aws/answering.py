"""An AWS of answers on loopback: each operation gives what it is told, in the bytes of its own protocol.

For what moto does not know. An answer is checked against the operation's model before it is sent, so that
a test can't rest on a member that AWS does not have.
"""

from __future__ import annotations

import http.server
import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, unquote, urlsplit

from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from providers.aws.loopback import ACCOUNT
from tests.conftest import serving

#: Operation (``service.Operation``) → its answer; a list of ``{when: parameters, answer: …}`` where that
#: depends on what is asked; an answer ``{error: Code}`` is a refusal.
Answers = dict[str, Any]

OWN: Answers = {
    "sts.GetCallerIdentity": {"UserId": "x", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/x"},
    "ec2.DescribeRegions": {"Regions": [{"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"}]},
    "cloudformation.DescribeStacks": {"Stacks": []},
    "cloudformation.ListExports": {"Exports": []},
}


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    """Serves the answers, which may be changed meanwhile; gives the URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base's
            pass

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, content = respond(
                answers, self.command, self.path, dict(self.headers.items()), body
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            with suppress(BrokenPipeError):  # who asked waits no longer, and asks again
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = _any  # noqa: N815 - the names are the base's

    for key in (*OWN, *answers):  # before many threads ask for them at once
        _operation(key)
    with serving(Handler) as url, mock.patch("socket.getaddrinfo", here):
        yield url


def here(host: Any, *rest: Any, resolve: Any = socket.getaddrinfo, **named: Any) -> Any:
    """Addresses of a name. S3 Control is asked at a name that begins with the account: the same server."""
    return resolve("127.0.0.1" if host == f"{ACCOUNT}.127.0.0.1" else host, *rest, **named)


def respond(
    answers: Answers, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    signed = re.search(r"Credential=[^/]+/\d+/[^/]+/([\w-]+)/", headers.get("Authorization", ""))
    assert signed, "an unsigned request"
    for key, answer in {**OWN, **answers}.items():
        model = _operation(key)
        service = model.service_model
        if (service.signing_name or service.endpoint_prefix) != signed[1]:
            continue
        asked = asked_of(model, method, path, headers, body)
        if asked is not None:
            return _answer(model, _chosen(answer, asked))
    told = headers.get("X-Amz-Target") or f"{method} {path} {body[:80]!r}"
    return 501, {}, json.dumps({"__type": "NotAnswered", "message": f"{signed[1]}: {told}"}).encode()


@cache
def _operation(key: str) -> Any:
    """The model of ``service.Operation``; reading a service's takes long."""
    service, operation = key.split(".")
    return get_service_model(service).operation_model(operation)


def asked_of(
    model: Any, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> dict[str, Any] | None:
    """The parameters, where the request is one of this operation."""
    protocol = model.service_model.resolved_protocol
    if protocol == "json":
        if headers.get("X-Amz-Target", "").rpartition(".")[2] != model.name:
            return None
        found: dict[str, Any] = json.loads(body or b"{}")
        return found
    if protocol in ("query", "ec2"):
        said = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return said if said.get("Action") == model.name else None
    place, uri = urlsplit(path), model.http["requestUri"]
    pattern = re.escape(uri.partition("?")[0])
    pattern = re.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", pattern)
    pattern = re.sub(r"\\{((?:\w|\\-)+)\\}", lambda name: _part(name[1]), pattern)
    fits = re.fullmatch(pattern, place.path)
    own = parse_qs(uri.partition("?")[2], keep_blank_values=True)
    if method != model.http["method"] or fits is None:
        return None
    if not own.keys() <= parse_qs(place.query, keep_blank_values=True).keys():
        return None
    said = {name: values[0] for name, values in parse_qs(place.query).items()}
    inside = json.loads(body) if body[:1] == b"{" else {}
    return {**said, **inside, **{name: unquote(value) for name, value in fits.groupdict().items()}}


def _part(name: str) -> str:
    """A part of a path; some are named with dashes."""
    return rf"(?P<{re.sub(r'[^a-zA-Z0-9]+', '_', name)}>[^/]+)"


def _chosen(answer: Any, asked: Mapping[str, Any]) -> Any:
    if isinstance(answer, list):
        for one in answer:
            if all(str(asked.get(name)) == str(value) for name, value in one["when"].items()):
                return one["answer"]
        return {"error": "ResourceNotFoundException"}
    return answer


def _answer(model: Any, answer: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    protocol = model.service_model.resolved_protocol
    if set(answer) == {"error"}:
        code = answer["error"]
        status = 403 if code.startswith("AccessDenied") else 404
        if "xml" in protocol or protocol in ("query", "ec2"):
            error = f"<Error><Code>{code}</Code><Message>none</Message></Error>"
            return status, {}, f"<ErrorResponse>{error}<RequestId>x</RequestId></ErrorResponse>".encode()
        return status, {"x-amzn-errortype": code}, json.dumps({"__type": code, "message": "none"}).encode()
    result = _typed(answer, model.output_shape, model.name)
    done = get_serializer_class(model.service_model.service_name, protocol)(model).serialize(result)
    content = done["body"]
    return (
        int(done["status_code"]),
        {name: str(value) for name, value in done["headers"].items()},
        content.encode() if isinstance(content, str) else content,
    )


def _typed(value: Any, shape: Any, where: str) -> Any:
    """A value in the types of its shape. Fails where the model has no such member."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{where}: AWS has no {sorted(unknown)}"
        return {name: _typed(one, shape.members[name], f"{where}/{name}") for name, one in value.items()}
    if shape.type_name == "list":
        return [_typed(one, shape.member, where) for one in value]
    if shape.type_name == "map":
        return {name: _typed(one, shape.value, where) for name, one in value.items()}
    if shape.type_name == "timestamp" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value
