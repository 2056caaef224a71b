"""Says what an AWS error means for coverage: denied, throttled or failed, in one sentence for people."""

from __future__ import annotations

import re
from xml.etree.ElementTree import ParseError

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from drift.deadline import Cut
from drift.errors import CellError

#: All that a call may raise for what the service, or what stands between, answers. (botocore itself parses
#: where a bucket lies, and decodes JSON before it looks at it.)
CALL_ERRORS = (BotoCoreError, ClientError, ResponseParserError, ParseError, UnicodeDecodeError, Cut)


class Lacking(ResponseParserError):
    """An answer that has not all that it must have; says what, and nothing of what the answer says."""


DENIED = frozenset(
    "AccessDenied AccessDeniedException UnauthorizedOperation AuthFailure AuthorizationError "
    "AuthorizationErrorException UnrecognizedClientException InvalidClientTokenId OptInRequired "
    "SubscriptionRequiredException KMSAccessDeniedException SignatureDoesNotMatch InvalidAccessKeyId "
    "AllAccessDisabled AccountProblem NotAuthorized Forbidden 403 ExpiredToken ExpiredTokenException "
    "RequestExpired InvalidToken TokenRefreshRequired AccessDeniedForDependencyException".split()
)
THROTTLED = frozenset(
    "Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException "
    "TooManyRequestsException RequestLimitExceeded BandwidthLimitExceeded LimitExceededException SlowDown "
    "PriorRequestNotComplete TransactionInProgressException EC2ThrottledException "
    "ProvisionedThroughputExceededException 429".split()
)

#: Which policy refuses, where that is none of the role's own, and what to do about it. The words are AWS's:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
_REFUSES = {
    "service control policy": "no grant to the role helps: who keeps the organisation's service control "
    "policies can allow it; or leave the account, the region or the type out",
    "resource control policy": "no grant to the role helps: who keeps the organisation's resource control "
    "policies can allow it; or leave the type out",
    "permissions boundary": "the permissions boundary of the role has to allow it, too",
    "session policy": "the policy of the session has to allow it, too",
    "VPC endpoint policy": "the policy of the VPC endpoint has to allow it, too",
}
#: What a proxy or a gateway may answer in the place of the service.
_NO_ANSWER = "a page of HTML, no answer of AWS's"
_PAGE = re.compile(r"<(?:!doctype )?html\b", re.IGNORECASE)
#: What is said where the organisation refuses: mostly all of a region.
_ABOVE = re.compile(r"\b(?:in a|no) service control policy\b")
#: What a login by IAM Identity Center raises that has ended.
LOGGED_OUT = (SSOError, TokenRetrievalError)


def _advice(message: str) -> str:
    """What to do where it is not the role's own policies that lack something."""
    for policy, what in _REFUSES.items():
        if re.search(rf"\b(?:in a|no) {policy}\b", message):
            return f"; {what}"
    if "explicit deny in an identity-based policy" in message:
        return "; a policy of the role itself denies it, which no grant undoes"
    return ""


def code(error: Exception) -> str:
    """The service's own error code; the exception's name where there is none."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "")) or "Unknown"
    return type(error).__name__


def explain(error: Exception, call: str) -> CellError:
    """What to put into the ledger for an exception of a call (``sqs:ListQueues``)."""
    if isinstance(error, Cut):
        return error.of(call)
    if isinstance(error, CellError):
        return error
    name = code(error)
    if isinstance(error, ClientError):
        text = str(error.response.get("Error", {}).get("Message", "")).strip()
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if _PAGE.match(text):  # of something in between: its words are for browsers
            text = _NO_ANSWER
        detail = f"{call}: {name}" + (f": {text}" if text and text != name else "")
        if name in DENIED or (status in (401, 403) and name not in THROTTLED):
            return CellError("denied", detail + _advice(text), above=bool(_ABOVE.search(text)))
        if name in THROTTLED or status == 429:
            return CellError("throttled", detail)
        return CellError("failed", detail)
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return CellError("denied", f"{call}: no usable credentials: {error}")
    if isinstance(error, LOGGED_OUT):
        return CellError("denied", f"{call}: the SSO session has ended; run aws sso login")
    if isinstance(error, (ConnectTimeoutError, ReadTimeoutError)):
        return CellError("failed", f"{call}: no answer in time")
    if isinstance(error, EndpointConnectionError):
        return CellError("failed", f"{call}: the endpoint can't be reached")
    if isinstance(error, Lacking):
        return CellError("failed", f"{call}: {error}")
    if isinstance(error, (ResponseParserError, ParseError, UnicodeDecodeError)):
        page = f": {_NO_ANSWER}" if _PAGE.search(str(error)) else ""  # it quotes how the answer begins
        return CellError("failed", f"{call}: the answer could not be parsed{page}")
    if isinstance(error, BotoCoreError):
        return CellError("failed", f"{call}: {name}: {error}")
    return CellError("failed", f"{call}: unexpected {name}: {error}")
