"""Says what an API server's refusal means for coverage: denied, throttled or failed, in one sentence for
people."""

from __future__ import annotations

import orjson
import urllib3

from drift.errors import CellError


class Gone(Exception):
    """410: the continue token has expired; the list must be read again from its start."""


class NotServed(CellError):
    """404: the server does not know the path."""


def of_status(status: int, body: bytes, path: str) -> CellError:
    """The ledger's words for an answer that is no success."""
    text = f"GET {path}: {status}: {_message(body)}"
    if status in (401, 403):
        return CellError("denied", text)
    if status == 429:
        return CellError("throttled", text)
    if status in (404, 406) and not body.lstrip().startswith(b"<"):  # a page is of what stands between
        return NotServed("failed", text)
    return CellError("failed", text)


def of_error(error: Exception, path: str) -> CellError:
    """The ledger's words for an answer that did not come."""
    if isinstance(error, urllib3.exceptions.MaxRetryError) and error.reason is not None:
        error = error.reason
    if isinstance(error, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.NameResolutionError)):
        return CellError("failed", f"GET {path}: the API server can't be reached: {_last(error)}")
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return CellError("failed", f"GET {path}: the API server does not answer")
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return CellError("failed", f"GET {path}: no answer in time")
    if isinstance(error, urllib3.exceptions.SSLError):
        return CellError("failed", f"GET {path}: the API server's certificate is not trusted: {_last(error)}")
    return CellError("failed", f"GET {path}: {type(error).__name__}: {_last(error)}")


def _message(body: bytes) -> str:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body[:200].decode("utf-8", "replace").strip() or "no explanation"
    return (
        str(found.get("message") or found.get("reason") or "")
        if isinstance(found, dict)
        else str(found)[:200]
    )


def _last(error: Exception) -> str:
    return str(error).rpartition(": ")[2] or type(error).__name__
