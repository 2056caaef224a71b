"""Names that a service rewrites: RDS lowers them, Route 53 escapes them."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.names import ascii_lower, escaped_name


def _lowercase_identifier(value: Any, context: Context) -> Canonical:
    """An identifier that its service stores in lower case.

    Source: CreateDBInstance, "Constraints: … this parameter is stored as a lowercase string".
    """
    return ascii_lower(value) if isinstance(value, str) else value


def _route53_name(value: Any, context: Context) -> Canonical:
    r"""A DNS name as Route 53 knows it: no letter case, no trailing dot, escapes such as ``\052`` and
    ``\100`` decoded.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html. An escaped dot
    stays one: it is part of a label, not its end.
    """
    return escaped_name(value) if isinstance(value, str) else value


LOWERCASE_IDENTIFIER = Kind("lowercase-identifier", _lowercase_identifier)
ROUTE53_NAME = Kind("route53-name", _route53_name)
