"""Members of IAM policies: addresses, in whose case Google does not tell two accounts apart."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from providers.gcp.spelling import member


def _member(value: Any, context: Context) -> Canonical:
    """See :func:`providers.gcp.spelling.member`."""
    return member(value) if isinstance(value, str) else value


MEMBER = Kind("iam-member", _member)
