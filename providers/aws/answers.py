"""Refuses an answer that is no answer: the SDK takes a truncated or foreign body with status 200 for an empty
result."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import orjson
from botocore.parsers import ResponseParserError

_JSON = frozenset({"json", "rest-json"})
_XML = frozenset({"query", "rest-xml", "ec2"})
#: The first element of a body, after declaration, comments and document type.
_ROOT = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<![^>]*>\s*)*<(?:[\w.-]+:)?([\w.-]+)", re.S)
#: An element in a namespace of AWS's REST services
#: (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html and the like).
_OF_AWS = re.compile(rb"""[^>]*\sxmlns(?::[\w.-]+)?=["']https?://[\w.-]+\.amazonaws\.com(?:\.cn)?/doc/""")
_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
#: Operations that answer ``{}`` where there is nothing to tell. Sources:
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html (no member is
#: always there), https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html.
_MAY_BE_EMPTY = frozenset({"ListQueues", "ListQueueTags", "GetQueueAttributes", "GetFunctionConcurrency"})


def check(http_response: Any, model: Any, **_: Any) -> None:
    """A handler of botocore's ``after-call`` event. Raises ResponseParserError.

    botocore's JSON parser makes ``{"message": body}`` of a body that is no JSON, and its XML parser an empty
    element of no body; both take what they don't know for a result without members: a list of nothing, and
    everything that is declared would be missing. So one member at least that the operation's model has must
    be there, or, in XML, the element that the protocol puts around it.
    """
    shape = model.output_shape
    if http_response.status_code >= 300 or shape is None:
        return
    if shape.serialization.get("payload") == "Policy" and "Statement" not in (
        _object(http_response.content) or ()
    ):
        raise ResponseParserError(f"the answer is no policy: {http_response.content[:60]!r}")
    if not _has_body(model, shape):
        return
    protocol = model.service_model.resolved_protocol
    body = http_response.content
    if protocol in _JSON:
        said = _object(body)
        known = _members(shape)
        if said is None:
            raise ResponseParserError(f"the answer is no JSON object: {body[:60]!r}")
        empty = not said and model.name in _MAY_BE_EMPTY and _is_signed(http_response.headers)
        if known.isdisjoint(said) and not empty:
            raise ResponseParserError(f"the answer has nothing of this operation: {body[:60]!r}")
    if protocol in _XML:
        root = _ROOT.match(body)
        if root is None or not _is_answer(root, body, model):
            raise ResponseParserError(f"the answer is no XML of this operation: {body[:60]!r}")


def _is_signed(headers: Any) -> bool:
    """Whether an answer says by its headers that it is of AWS: nothing in an empty body does."""
    kind = str(headers.get("Content-Type", ""))
    return "x-amzn-RequestId" in headers or kind.startswith("application/x-amz-json")


def _is_answer(first: re.Match[bytes], body: bytes, model: Any) -> bool:
    """Whether a document that begins with this element is the operation's."""
    root = first[1].decode()
    shape = model.output_shape
    if model.service_model.resolved_protocol != "rest-xml":
        wrapper = shape.serialization.get("resultWrapper")
        return root == f"{model.name}Response" and (
            wrapper is None or re.search(rf"<{wrapper}[\s/>]".encode(), body) is not None
        )
    if root in _roots(model.service_model, model.name):
        return True
    if root != "Error" and _OF_AWS.match(body, first.end()):
        return True
    known = _members(shape)
    return root.lower() not in ("html", "error", "errorresponse") and any(
        name.decode() in known for name in _ELEMENT.findall(body)
    )


@cache
def _roots(service: Any, name: str) -> frozenset[str]:
    """The names of an answer's first element, as far as a REST service's model tells: those of the result,
    and of what the operation's twin sends (``GetBucketVersioning``, ``PutBucketVersioning``)."""
    shape = service.operation_model(name).output_shape
    found = {shape.name, shape.serialization.get("name")}
    twin = f"Put{name.removeprefix('Get')}"
    if name.startswith("Get") and twin in service.operation_names:
        sent = service.operation_model(twin).input_shape
        payload = sent.members.get(sent.serialization.get("payload", ""))
        if payload is not None:
            found |= {payload.name, payload.serialization.get("name")}
    return frozenset(filter(None, found))


def _members(shape: Any) -> frozenset[str]:
    """How the members of a result are called on the wire, and those of the one that is its whole body."""
    payload = shape.serialization.get("payload")
    own = {one.serialization.get("name", name) for name, one in shape.members.items()}
    if payload is None:
        return frozenset(own)
    inner = shape.members[payload]
    return frozenset(own | {inner.name} | set(_members(inner) if inner.type_name == "structure" else ()))


def _has_body(model: Any, shape: Any) -> bool:
    """Whether the answer says something in its body in the protocol's own form, which is what is checked."""
    if model.has_streaming_output:
        return False
    payload = shape.serialization.get("payload")
    if payload is not None:
        return bool(shape.members[payload].type_name == "structure")
    return any("location" not in member.serialization for member in shape.members.values())


def _object(body: bytes) -> dict[str, Any] | None:
    """A JSON object; None where the body is none."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            said = json.loads(body)  # numbers beyond 64 bits and lone surrogates
        except ValueError:
            return None
    return said if isinstance(said, dict) else None
