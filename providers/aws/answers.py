"""Refuses an answer that is no answer: the SDK takes a truncated or foreign body with status 200 for an empty
result."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

import orjson
from botocore.parsers import ResponseParserError

from providers.aws.failures import Lacking

_JSON = frozenset({"json", "rest-json"})
_XML = frozenset({"query", "rest-xml", "ec2"})
#: The first element of a body, after declaration, comments and document type.
_ROOT = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<![^>]*>\s*)*<(?:[\w.-]+:)?([\w.-]+)", re.S)
#: What a gateway answers with → the service's word for it; and the first elements of errors that services
#: tell themselves.
_GATEWAYS = {
    429: "Throttling",
    502: "ServiceUnavailable",
    503: "ServiceUnavailable",
    504: "ServiceUnavailable",
}
_ERRORS = frozenset({b"ErrorResponse", b"Error", b"Response"})
#: Members that tell of pages alone, and are alike in the answers of many operations.
_OF_PAGES = frozenset(
    {
        *("NextToken", "nextToken", "NextMarker", "Marker", "nextMarker", "position", "ContinuationToken"),
        *("Truncated", "IsTruncated", "isTruncated", "MaxItems", "HasMoreStreams", "NextPageMarker"),
    }
)
#: Operations that answer ``{}`` where there is nothing to tell. Sources:
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html (no member is
#: always there), https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html,
#: https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DescribeDRTAccess.html,
#: https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_GetDefaultView.html.
_MAY_BE_EMPTY = frozenset(
    {
        *("ListQueues", "ListQueueTags", "GetQueueAttributes", "GetFunctionConcurrency"),
        *("DescribeDRTAccess", "GetDefaultView"),
    }
)
#: Operations that other stores than S3, and stand-ins for it, do not know: they list the bucket's objects,
#: since they look at no word of the query that is new to them. There is nothing of the kind in such a store.
_MAY_BE_UNKNOWN = frozenset(
    f"ListBucket{kind}Configurations" for kind in ("Analytics", "IntelligentTiering", "Inventory", "Metrics")
)


def watch(events: Any) -> None:
    """Has each answer of a client checked; ``events`` are its ``meta.events``."""
    events.register("before-parse", check_body)
    events.register("after-call", check_members)


def check_body(response_dict: Mapping[str, Any], operation_model: Any, **_: Any) -> None:
    """A handler of botocore's ``before-parse`` event. Raises ResponseParserError.

    botocore's JSON parser makes ``{"message": body}`` of a body that is no JSON, and its XML parser an empty
    element of no body; both take what they don't know for a result without members: a list of nothing, and
    everything that is declared would be missing. So one member at least that the operation's model has must
    be there, or, in XML, the element that the protocol puts around it.
    """
    model, shape = operation_model, operation_model.output_shape
    _as_the_service(response_dict, model)
    if response_dict["status_code"] >= 300 or shape is None:
        return
    body = response_dict["body"]
    if shape.serialization.get("payload") == "Policy" and "Statement" not in (_object(body) or ()):
        raise ResponseParserError(f"the answer is no policy: {body[:60]!r}")
    if not _has_body(model, shape):
        return
    protocol = model.service_model.resolved_protocol
    if protocol in _JSON:
        said = _object(body)
        known = _members(shape)
        known = known - _OF_PAGES or known
        if said is None:
            raise ResponseParserError(f"the answer is no JSON object: {body[:60]!r}")
        empty = not said and model.name in _MAY_BE_EMPTY and _is_signed(response_dict["headers"])
        if known.isdisjoint(said) and not empty:
            raise ResponseParserError(f"the answer has nothing of this operation: {body[:60]!r}")
        if not _knows(shape, said) and (other := _teller(model, said)):
            raise ResponseParserError(f"the answer is that of {other}: {body[:60]!r}")
    if protocol in _XML:
        root = _ROOT.match(body)
        if root is None or not _is_answer(root, body, model):
            raise ResponseParserError(f"the answer is no XML of this operation: {body[:60]!r}")


def _knows(shape: Any, said: Any) -> bool:
    """Whether all that a JSON answer says has a place in a shape; a list's first member tells for all."""
    if said is None or getattr(shape, "is_document_type", False):
        return True
    if shape.type_name == "structure":
        payload = shape.serialization.get("payload")
        if payload is not None:
            return _knows(shape.members[payload], said)
        known = {one.serialization.get("name", name): one for name, one in shape.members.items()}
        return isinstance(said, dict) and all(
            name in known and _knows(known[name], one) for name, one in said.items()
        )
    if shape.type_name == "list":
        return isinstance(said, list) and (not said or _knows(shape.member, said[0]))
    if shape.type_name == "map":
        return isinstance(said, dict) and all(_knows(shape.value, one) for one in said.values())
    return not isinstance(said, dict | list)


def _teller(model: Any, said: Any) -> str | None:
    """Another operation of the service that knows all that an answer says: it is that one's, and no answer of
    this one with a member that is newer than the SDK."""
    service = model.service_model
    if service.service_name not in _SAID:
        models = [service.operation_model(name) for name in service.operation_names]
        _SAID[service.service_name] = [(one.name, one.output_shape) for one in models if one.output_shape]
    shapes = _SAID[service.service_name]
    return next((name for name, shape in shapes if shape.members and _knows(shape, said)), None)


def _as_the_service(response_dict: Any, model: Any) -> None:
    """Gives the error of a gateway, a page or a line of text that no parser of the SDK understands, the
    service's own form, so that it is tried again and told as what it is."""
    status, body = response_dict["status_code"], response_dict["body"]
    code = _GATEWAYS.get(status)
    if code is None:
        return
    protocol = model.service_model.resolved_protocol
    if protocol in _JSON and _object(body) is None:
        response_dict["headers"]["x-amzn-errortype"] = code
        response_dict["body"] = orjson.dumps({"message": f"HTTP {status}"})
    elif protocol in _XML:
        root = _ROOT.match(body)
        if root is None or root[1] not in _ERRORS:
            error = f"<Error><Code>{code}</Code><Message>HTTP {status}</Message></Error>"
            wrapped = {"query": f"<ErrorResponse>{error}</ErrorResponse>", "rest-xml": error}
            told = wrapped.get(protocol, f"<Response><Errors>{error}</Errors></Response>")
            response_dict["body"] = told.encode()


def check_members(http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
    """A handler of botocore's ``after-call`` event. Raises Lacking where a structure within an
    answer lacks what the model requires. (What it requires of the answer itself is no promise: Route 53's
    model requires the marker of a page that no page comes before.)"""
    if http_response.status_code >= 300 or model.output_shape is None or not isinstance(parsed, dict):
        return
    service = model.service_model.service_name
    if service in _EXISTENCE_ONLY:
        return
    for name, member in model.output_shape.members.items():
        if (lacks := _lacks(service, member, parsed.get(name))) is not None:
            raise Lacking(f"the answer has a {lacks[0]} without {lacks[1]}")


def listed(page: Mapping[str, Any], items: str, operation: str) -> bool:
    """Whether a page has the list that the expression ``items`` reads: a page without is another operation's,
    but of those that leave out a list of nothing.

    >>> listed({"Truncated": False}, "Keys", "kms:ListKeys")
    False
    """
    return _FIRST.match(items)[1] in page or operation.rpartition(":")[2] in _MAY_BE_EMPTY  # type: ignore[index]


def _lacks(service: str, shape: Any, value: Any) -> tuple[str, str] | None:
    """A structure in a parsed value, and a member of it that the model requires and it does not have."""
    if value is None or not _demands(service, shape):
        return None
    inner: Iterable[tuple[Any, Any]] = ()
    if shape.type_name == "structure" and isinstance(value, dict):
        for name in shape.required_members:
            if value.get(name) is None:
                return shape.name, name
        inner = ((shape.members[name], one) for name, one in value.items() if name in shape.members)
    elif shape.type_name == "list" and isinstance(value, list):
        inner = ((shape.member, one) for one in value)
    elif shape.type_name == "map" and isinstance(value, dict):
        inner = ((shape.value, one) for one in value.values())
    return next((found for one, said in inner if (found := _lacks(service, one, said)) is not None), None)


def _demands(service: str, shape: Any) -> bool:
    """Whether something in a shape is required."""
    key = service, shape.name
    if key in _NOT_KEPT:
        return False
    if key not in _DEMANDS:
        _DEMANDS[key] = False  # of a shape that holds itself, the others tell
        if shape.type_name == "structure":
            inner = list(shape.members.values())
        else:
            inner = [getattr(shape, part) for part in ("member", "value") if hasattr(shape, part)]
        own = bool(shape.type_name == "structure" and shape.required_members)
        _DEMANDS[key] = own or any(_demands(service, one) for one in inner)
    return _DEMANDS[key]


#: Of what these services have nothing but its id is read, and asked for where it is: their models require
#: what not every stand-in of theirs tells.
_EXISTENCE_ONLY = frozenset({"cloudfront"})
#: Structures that answers hold without what their models require. Source: the example of
#: https://docs.aws.amazon.com/cli/latest/reference/servicediscovery/list-namespaces.html (``"SOA": {}``).
_NOT_KEPT = frozenset({("servicediscovery", "SOA")})
_DEMANDS: dict[tuple[str, str], bool] = {}
#: Service → its operations and the shapes of their answers.
_SAID: dict[str, list[tuple[str, Any]]] = {}
#: The member at which an expression begins: a name, quoted where it is a word of the language.
_FIRST = re.compile(r'(?:spread\()?"?(\w+)')


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
    owners = _owners(model.service_model).get(root, frozenset())
    names = _asked_alike(model)
    stem = _stem(root) if _END.search(root) else None
    if not names.isdisjoint(owners) or stem in {_stem(name) for name in names}:
        return True
    if root == "ListBucketResult" and model.name in _MAY_BE_UNKNOWN:
        return True
    others = {_stem(name) for name in model.service_model.operation_names}
    if owners or stem in others or root.lower() in ("html", "error", "errorresponse"):
        return False
    try:
        document = ElementTree.fromstring(body)  # noqa: S314 - botocore has parsed it in the same way
    except ElementTree.ParseError:
        return False
    found = {root, *(one.tag.rpartition("}")[2] for one in document)}
    members = _members(shape)
    return not (members - _OF_PAGES or members).isdisjoint(found)


def _stem(name: str) -> str:
    """What the name of an operation, and that of the first element of its answer, have alike: S3 answers
    ``ListBucketInventoryConfigurations`` by ``ListInventoryConfigurationsResult``, and
    ``ListBucketAnalyticsConfigurations`` by ``ListBucketAnalyticsConfigurationResult``, too.

    >>> _stem("ListBucketInventoryConfigurations") == _stem("ListInventoryConfigurationsResult")
    True
    """
    return _SAID_OR_NOT.sub("", _END.sub("", name))


#: How the name of an answer ends in rest-xml, after that of its operation.
_END = re.compile(r"(?:Response|Result|Output)$")
_SAID_OR_NOT = re.compile(r"Bucket(?=[A-Z])|(?<=Configuration)s$")


def _asked_alike(model: Any) -> frozenset[str]:
    """The operations that ask the same as this one: an older and a newer name of one request have the same
    answer (S3's ``GetBucketNotification`` and ``GetBucketNotificationConfiguration``)."""
    operations = model.service_model._service_description["operations"]  # noqa: SLF001 - models take long
    asked = _asked(model.http)
    return frozenset(
        {name for name, one in operations.items() if _asked(one["http"]) == asked} | {model.name}
    )


def _asked(http: Mapping[str, str]) -> tuple[str, str]:
    """A request's method and path; the SDK takes the bucket out of the paths of S3 that it has asked for."""
    return http["method"], http["requestUri"].removeprefix("/{Bucket}")


def _owners(service: Any) -> Mapping[str, frozenset[str]]:
    """The name of an answer's first element → the operations of a REST service that answer so."""
    if service.service_name not in _OWNERS:
        found: dict[str, set[str]] = defaultdict(set)
        for name in service.operation_names:
            if service.operation_model(name).output_shape is not None:
                for root in _roots(service, name):
                    found[root].add(name)
        _OWNERS[service.service_name] = {root: frozenset(names) for root, names in found.items()}
    return _OWNERS[service.service_name]


_OWNERS: dict[str, Mapping[str, frozenset[str]]] = {}


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
