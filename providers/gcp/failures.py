"""Says what an error of Google's APIs means for coverage: denied, throttled or failed, in one sentence for
people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.errors import CellError

#: Seconds before the second try where the answer names none; doubled with each further one, up to the
#: longest.
_FIRST, _LONGEST = 2.0, 60.0
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")
#: What the SDK puts before an answer that came over REST.
_CALLED = re.compile(r"(?:GET|POST) https?://\S+: ")
#: ``google.rpc.ErrorInfo`` reasons (google/api/error_reason.proto) → what to do.
_ADVICE = {
    "SERVICE_DISABLED": "its API is not enabled: gcloud services enable {service} --project {project}",
    "BILLING_DISABLED": "billing is not enabled for it",
    "IAM_PERMISSION_DENIED": "grant roles/cloudasset.viewer and roles/browser",
    "USER_PROJECT_DENIED": "the quota project can't be used; set live.gcp.quota_project",
    "CONSUMER_SUSPENDED": "the project is suspended",
}


def call_errors() -> tuple[type[Exception], ...]:
    """All that a call may raise for what the service, the credential or what stands between answers."""
    import requests
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from google.protobuf.json_format import ParseError

    # The SDK decodes an error's JSON before it looks at it.
    return (GoogleAPIError, GoogleAuthError, requests.RequestException, ParseError, UnicodeDecodeError)


def explain(error: Exception, call: str) -> CellError:
    """What to put into the ledger for an exception of a call (``ListAssets of projects/p``)."""
    import requests
    from google.api_core import exceptions as api
    from google.auth.exceptions import GoogleAuthError
    from google.protobuf.json_format import ParseError

    text = _text(error)
    if isinstance(error, api.Unauthorized | GoogleAuthError):
        return CellError("failed", f"{call}: the credential is not valid (any more): {text}")
    if isinstance(error, api.Forbidden):
        return CellError("denied", f"{call}: {text}{_advice(error)}")
    if isinstance(error, api.TooManyRequests):
        return CellError("throttled", f"{call}: {text}")
    if isinstance(error, api.BadRequest):
        return Refused("failed", f"{call}: {text}")
    if isinstance(error, api.GatewayTimeout | requests.Timeout):
        return CellError("failed", f"{call}: no answer in time")
    if isinstance(error, api.ServiceUnavailable | requests.ConnectionError):
        return CellError("failed", f"{call}: the API can't be reached: {text}")
    if isinstance(error, ParseError | UnicodeDecodeError):
        return CellError("failed", f"{call}: the answer could not be parsed")
    return CellError("failed", f"{call}: {type(error).__name__}: {text}")


class Refused(CellError):
    """INVALID_ARGUMENT: the service does not know what it is asked for."""


def is_throttling(error: Exception) -> bool:
    """Whether a call was one too many."""
    from google.api_core.exceptions import TooManyRequests

    return isinstance(error, TooManyRequests)


def again(error: Exception, tries: int) -> float | None:
    """Seconds to wait before a call that failed ``tries`` times is made again; None where that would not
    help."""
    import requests
    from google.api_core import exceptions as api
    from google.auth.exceptions import TransportError

    passing = (
        api.TooManyRequests,
        api.ServiceUnavailable,
        api.InternalServerError,
        api.BadGateway,
        api.Aborted,
        TransportError,
        requests.ConnectionError,
    )
    if not isinstance(error, passing):
        return None
    told = _told_delay(error)
    return told if told is not None else min(_FIRST * 2.0 ** (tries - 1), _LONGEST)


def _told_delay(error: Exception) -> float | None:
    """What the answer itself says: ``google.rpc.RetryInfo``, or the header Retry-After."""
    for detail in getattr(error, "details", None) or ():
        if isinstance(detail, Mapping):  # over REST
            found = _SECONDS.fullmatch(str(detail.get("retryDelay", "")))
            if found is not None:
                return float(found[1])
        elif (delay := getattr(detail, "retry_delay", None)) is not None:
            return float(delay.seconds) + float(delay.nanos) / 1e9
    headers = getattr(getattr(error, "response", None), "headers", None)
    told = headers.get("Retry-After") if headers is not None else None
    return float(told) if told is not None and str(told).isdigit() else None


def _advice(error: Any) -> str:
    reason = getattr(error, "reason", None)
    advice = _ADVICE.get(str(reason))
    if advice is None:
        return ""
    told = getattr(error, "metadata", None) or {}
    consumer = str(told.get("consumer", "")).removeprefix("projects/") or "PROJECT"
    service = told.get("service", "cloudasset.googleapis.com")
    return f" ({advice.format(service=service, project=consumer)})"


def _text(error: Exception) -> str:
    text = getattr(error, "message", None) or (error.args[0] if error.args else "")
    text = _CALLED.sub("", " ".join(str(text).split()))
    return text[:500] or type(error).__name__
