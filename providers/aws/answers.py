"""Refuses an answer that is no answer: the SDK takes a truncated or foreign body with status 200 for an empty
result."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
from botocore.parsers import ResponseParserError

_JSON = frozenset({"json", "rest-json"})
_XML = frozenset({"query", "rest-xml", "ec2"})
#: The first element of a body, after declaration, comments and document type.
_ROOT = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<![^>]*>\s*)*<(?:[\w.-]+:)?([\w.-]+)", re.S)


def check(http_response: Any, model: Any, **_: Any) -> None:
    """A handler of botocore's ``after-call`` event. Raises ResponseParserError.

    botocore's JSON parser makes ``{"message": body}`` of a body that is no JSON, and its XML parser an empty
    element of no body: a list of nothing, and everything that is declared would be missing.
    """
    shape = model.output_shape
    if http_response.status_code >= 300 or shape is None or not _has_body(model, shape):
        return
    protocol = model.service_model.resolved_protocol
    body = http_response.content
    if protocol in _JSON and not _is_object(body):
        raise ResponseParserError(f"the answer is no JSON object: {body[:60]!r}")
    if protocol in _XML:
        root = _ROOT.match(body)
        if root is None or root[1].lower() in (b"html", b"error", b"errorresponse"):
            raise ResponseParserError(f"the answer is no XML of this operation: {body[:60]!r}")


def _has_body(model: Any, shape: Any) -> bool:
    """Whether the answer says something in its body in the protocol's own form, which is what is checked."""
    if model.has_streaming_output:
        return False
    payload = shape.serialization.get("payload")
    if payload is not None:
        return bool(shape.members[payload].type_name == "structure")
    return any("location" not in member.serialization for member in shape.members.values())


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(orjson.loads(body), dict)
    except orjson.JSONDecodeError:
        try:
            return isinstance(json.loads(body), dict)  # numbers beyond 64 bits and lone surrogates
        except ValueError:
            return False
