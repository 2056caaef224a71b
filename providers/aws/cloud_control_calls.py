"""The two calls of Cloud Control that read, as often and as fast as one account and region takes them; their
failures told by what the type's handler says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from drift.deadline import Deadline
from drift.errors import CellError
from drift.limits import Limits, Pages
from providers.aws.failures import CALL_ERRORS, THROTTLED, code, explain

#: Failures of handlers that pass, and that the SDK knows nothing of: the call is made again.
#: Source: https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResource.html#API_GetResource_Errors.
PASSING = frozenset(
    "ServiceInternalErrorException HandlerInternalFailureException NetworkFailureException "
    "NotStabilizedException".split()
)
#: So many times in all, after so many seconds, and twice as many before the next time.
TRIES, SECONDS = 3, 0.5
#: How a handler words, within an error of another name, that it was refused or asked too often.
_REFUSED = re.compile(
    r"not authorized to perform:? (?P<action>[\w-]+:\w+)|AccessDenied|UnauthorizedOperation"
)
_TOO_OFTEN = re.compile(r"Rate exceeded|Throttling|TooManyRequests|RequestLimitExceeded")
#: How a handler words that its service is not in the region.
_NOT_HERE = re.compile(r"not (?:available|supported) in (?:this|the) region|UnknownHostException", re.I)
#: Refusals that no permission of a handler mends: of the credentials, or of the account.
_NO_GRANT = frozenset(
    "ExpiredTokenException ExpiredToken InvalidClientTokenId UnrecognizedClientException AuthFailure "
    "InvalidSignatureException SignatureDoesNotMatch OptInRequired SubscriptionRequiredException".split()
)
_ACTION = re.compile(r"\b[a-z][a-z0-9-]+:[A-Z]\w+")


@dataclass(frozen=True, slots=True)
class Described:
    """One resource as an answer has it. ``properties`` is None where they are no JSON object."""

    identifier: str
    properties: dict[str, Any] | None


class Gone(Exception):
    """There is no such resource."""


class Unlisted(Exception):
    """AWS lists no resources of a type here (``offered`` False), or only by what its schema does not name;
    the text says why."""

    def __init__(self, why: str, *, offered: bool) -> None:
        super().__init__(why)
        self.offered = offered


@dataclass(frozen=True, slots=True)
class Calls:
    """Asks one account and region. ``client`` is boto3's ``cloudcontrol``, ``lane`` how it may be asked;
    ``permissions`` gives the actions of a type's handler (``read``, ``list``)."""

    client: Callable[[], Any]
    lane: Callable[[], AbstractContextManager[Any]]
    deadline: Deadline
    limits: Limits
    permissions: Callable[[str, str], tuple[str, ...]] = lambda _type, _handler: ()

    def listed(self, type_: str, model: Mapping[str, Any] | None) -> Iterator[Described]:
        """All resources of a type; those that have the properties of ``model``, where its list needs some.
        Raises CellError and Unlisted."""
        asked = {"TypeName": type_}
        if model:
            asked["ResourceModel"] = json.dumps(model, sort_keys=True)
        turns = Pages(self.limits, f"cloudcontrol:ListResources {type_}")
        while True:
            try:
                page = self._ask("list_resources", "list", asked)
            except Gone:
                return  # what it lies in is not there
            found = page.get("ResourceDescriptions")
            if page.get("TypeName", type_) != type_ or not isinstance(found, list):
                raise CellError("failed", f"cloudcontrol:ListResources {type_}: the answer is another one's")
            for one in found:
                yield self._described(one, f"cloudcontrol:ListResources {type_}")
            token = page.get("NextToken")
            if not token:
                return
            turns.turn(token)
            asked["NextToken"] = token

    def got(self, type_: str, identifier: str) -> Described:
        """One resource. Raises CellError, and Gone where AWS says that there is none."""
        answer = self._ask("get_resource", "read", {"TypeName": type_, "Identifier": identifier})
        call = f"cloudcontrol:GetResource {type_} {identifier}"
        if answer.get("TypeName", type_) != type_:
            raise CellError("failed", f"{call}: the answer is another one's")
        found = self._described(answer.get("ResourceDescription"), call)
        if found.identifier != identifier:
            raise CellError("failed", f"{call}: the answer is that of {found.identifier}")
        if found.properties is None:
            raise CellError("failed", f"{call}: its Properties are no JSON object")
        return found

    @staticmethod
    def _described(said: Any, call: str) -> Described:
        identifier = said.get("Identifier") if isinstance(said, Mapping) else None
        if not isinstance(identifier, str) or not identifier:
            raise CellError("failed", f"{call}: the answer has a resource without Identifier")
        try:
            properties = json.loads(said.get("Properties") or "", parse_constant=_no_json)
        except (TypeError, ValueError, RecursionError):
            properties = None
        return Described(identifier, properties if isinstance(properties, dict) else None)

    def _ask(self, method: str, handler: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        tried = 1
        while True:
            try:
                with self.lane():
                    answer: Mapping[str, Any] = getattr(self.client(), method)(**asked)
            except CALL_ERRORS as error:
                if tried < TRIES and _passes(error):
                    self.deadline.sleep(SECONDS * 2 ** (tried - 1))
                    tried += 1
                    continue
                raise self._failure(error, method, handler, asked) from error
            return answer

    def _failure(self, error: Exception, method: str, handler: str, asked: Mapping[str, Any]) -> Exception:
        """What an error means here."""
        type_, name, text = asked["TypeName"], code(error), _text(error)
        if name == "ResourceNotFoundException":
            return Gone(text)
        what = asked.get("Identifier")
        call = f"cloudcontrol:{'GetResource' if handler == 'read' else 'ListResources'} {type_}"
        told = explain(error, f"{call} {what}" if what else call)
        if handler == "list" and name in ("UnsupportedActionException", "InvalidRequestException"):
            return Unlisted(told.message, offered=name != "UnsupportedActionException")
        if name in ("TypeNotFoundException", "UnsupportedActionException", "PrivateTypeException"):
            return CellError("unsupported", told.message)
        if _NOT_HERE.search(text):
            return CellError("unsupported", told.message)
        if name in THROTTLED or _TOO_OFTEN.search(text):
            return CellError("throttled", told.message)
        if told.status == "denied" or _REFUSED.search(text):
            needs = () if name in _NO_GRANT else self.permissions(type_, handler)
            if not _ACTION.search(text) and needs:  # the message does not say what was refused
                return CellError(
                    "denied", f"{told.message} (its handler calls {', '.join(needs)})", above=told.above
                )
            return CellError("denied", told.message, above=told.above)
        return told


def _passes(error: Exception) -> bool:
    """Whether a failure may pass that the SDK has not tried again: one of a handler, or one that it words as
    that it was asked too often."""
    response = getattr(error, "response", None)
    if not isinstance(response, Mapping) or response.get("ResponseMetadata", {}).get("RetryAttempts"):
        return False
    name, text = code(error), _text(error)
    if name in THROTTLED or _REFUSED.search(text):
        return False
    return name in PASSING or _TOO_OFTEN.search(text) is not None


def _no_json(constant: str) -> Any:
    """``NaN`` and the like, which JSON does not have."""
    raise ValueError(constant)


def _text(error: Exception) -> str:
    response = getattr(error, "response", None)
    said = response.get("Error", {}) if isinstance(response, Mapping) else {}
    return str(said.get("Message", ""))
