"""Says what an error of Azure's APIs means for coverage: denied, throttled or failed, in one sentence for
people."""

from __future__ import annotations

from typing import Any

import orjson

from drift.deadline import Cut
from drift.errors import CellError

#: ARM error codes → what to do
#: (https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors).
_ADVICE = {
    "AuthorizationFailed": "grant the role Reader",
    "LinkedAuthorizationFailed": "grant the role Reader",
    "SubscriptionNotFound": "the credential does not see this subscription",
    "InvalidAuthenticationTokenTenant": "the subscription is in another tenant; set live.azure.tenant",
    "DisallowedOperation": "the subscription is disabled",
}
#: What an answer says where the service does not know a type, an API version or a way of listing.
_UNKNOWN = frozenset(
    {
        "InvalidResourceType",
        "InvalidResourceNamespace",
        "NoRegisteredProviderFound",
        "InvalidApiVersionParameter",
        "MissingApiVersionParameter",
        "ResourceTypeNotSupported",
        "UnsupportedResourceType",
        "NotSupported",
        # Of child listings: the parent is of a kind that has no such children.
        "FeatureNotSupportedForAccount",
    }
)


class Unlisted(CellError):
    """The service does not list what it was asked for (an unknown type or API version, no such listing, a
    parent of another kind)."""


class Unregistered(Unlisted):
    """The subscription is not registered for the namespace: nothing of it can be there."""


class Gone(CellError):
    """What was asked for is not there."""


def explain(error: Exception, call: str) -> CellError:
    """What to put into the ledger for an exception of a call (``GET …/subscriptions/s/resources``)."""
    from azure.core import exceptions as core

    if isinstance(error, Cut):
        return error.of(call)
    if isinstance(error, core.ClientAuthenticationError):
        return CellError("failed", f"{call}: the credential is not valid (any more): {_text(error)}")
    if isinstance(error, core.HttpResponseError):
        return answer(error, call)
    if isinstance(error, core.ServiceRequestTimeoutError | core.ServiceResponseTimeoutError):
        return CellError("failed", f"{call}: no answer in time")
    if isinstance(error, core.ServiceRequestError | core.ServiceResponseError):
        return CellError("failed", f"{call}: the API can't be reached: {_text(error)}")
    if isinstance(error, core.DecodeError):
        return CellError("failed", f"{call}: the answer could not be parsed")
    return CellError("failed", f"{call}: {type(error).__name__}: {_text(error)}")


def answer(error: Any, call: str) -> CellError:
    """What an answer with an error status means."""
    status = getattr(error, "status_code", None)
    code = str(getattr(getattr(error, "error", None), "code", None) or "")
    text = _text(error)
    if status == 401:
        return CellError("failed", f"{call}: the credential is not valid (any more): {text}")
    if status == 403:
        advice = _ADVICE.get(code)
        return CellError("denied", f"{call}: {text}{f' ({advice})' if advice else ''}")
    if status == 429:
        return CellError("throttled", f"{call}: {text}")
    if status == 404 and code in ("SubscriptionNotFound", "InvalidSubscriptionId"):
        return CellError("denied", f"{call}: {text} ({_ADVICE['SubscriptionNotFound']})")
    if code in ("MissingSubscriptionRegistration", "SubscriptionNotRegistered"):
        return Unregistered("unsupported", f"{call}: {text}")
    if code in _UNKNOWN or (status in (400, 405) and _is_of_azure(error)):
        return Unlisted("unsupported", f"{call}: {text}")
    if status == 404 and _is_of_azure(error):
        return Gone("failed", f"{call}: {text}")
    return CellError("failed", f"{call}: {text}")


def _is_of_azure(error: Any) -> bool:
    """Whether an answer says by its headers or a code that it is Azure's: whatever stands between answers
    404, too, and nothing is gone because of that
    (https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling)."""
    if getattr(getattr(error, "error", None), "code", None):
        return True
    response = getattr(error, "response", None)
    if any(str(name).lower().startswith("x-ms-") for name in getattr(response, "headers", None) or ()):
        return True
    try:
        said = orjson.loads(response.text()) if response is not None else None
    except (orjson.JSONDecodeError, TypeError):
        return False
    return isinstance(said, dict) and any(str(name).lower() == "code" for name in said)


def _text(error: Any) -> str:
    said = getattr(error, "error", None)
    text = getattr(said, "message", None) or getattr(error, "message", None) or str(error)
    code = getattr(said, "code", None)
    text = " ".join(str(text).split())
    if code and not text.startswith(str(code)):
        text = f"{code}: {text}"
    return text[:500] or type(error).__name__
