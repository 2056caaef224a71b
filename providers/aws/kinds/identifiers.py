"""Names that a service rewrites: RDS lowers them, Route 53 escapes them."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.names import ascii_lower, dns_name

_ESCAPE = re.compile(r"\\([0-7]{3})", re.ASCII)


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
    return dns_name(_ESCAPE.sub(_decoded, value)) if isinstance(value, str) else value


def _decoded(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 8))
    plain = "!" <= character <= "~" and character not in ".\\" and not character.isdigit()
    return character if plain else escape[0]


#: A record's value that ends with a host name: of CNAME, NS, PTR; of MX and SRV after numbers.
_HOST = re.compile(r"(?P<numbers>(?:\d+\s+){0,3})(?P<host>[^\s\"]+)", re.ASCII)


def _dns_record(value: Any, context: Context) -> Canonical:
    """The value of a DNS record: addresses in their one spelling, host names without letter case and trailing
    dot, one space between fields. What stands in quotes stays as it is.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    found = _HOST.fullmatch(text)
    if found is None:
        return text
    return " ".join([*found["numbers"].split(), dns_name(_ESCAPE.sub(_decoded, found["host"]))])


DNS_RECORD = Kind("dns-record", _dns_record)
LOWERCASE_IDENTIFIER = Kind("lowercase-identifier", _lowercase_identifier)
ROUTE53_NAME = Kind("route53-name", _route53_name)
