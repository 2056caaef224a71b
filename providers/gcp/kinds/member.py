"""Members of IAM policies: addresses, in whose case Google does not tell two accounts apart."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_CASED = ("principal:", "principalSet:", "deleted:")


def member(text: str) -> str:
    """A member in the one spelling: addresses and domains in lower case, principals as they are.

    >>> member("user:Jane@Example.com")
    'user:jane@example.com'
    """
    kind, colon, address = text.partition(":")
    if not colon or text.startswith(_CASED) or not address.isascii():
        return text
    return f"{kind}:{address.lower()}" if "@" in address or kind == "domain" else text


def _member(value: Any, context: Context) -> Canonical:
    """See :func:`member`."""
    return member(value) if isinstance(value, str) else value


MEMBER = Kind("iam-member", _member)
