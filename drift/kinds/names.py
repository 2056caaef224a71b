"""Names of the network: DNS names and URLs, compared as their RFCs say."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]]*)(?::([0-9]*))?([/?#].*)?",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\([0-7]{3})", re.ASCII)
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
_PATHS = frozenset({"http", "https", "ws", "wss"})
_UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def ascii_lower(text: str) -> str:
    """Lower case as DNS and AWS mean it: A to Z only."""
    return text.translate(_UPPER)


def dns_name(name: str) -> str:
    """Lower case, no trailing dot, ``*`` for its escape ``\\052`` (RFC 1035 §2.3.3 and §5.1).

    >>> dns_name("WWW.Example.com.")
    'www.example.com'
    """
    name = ascii_lower(name).replace("\\052", "*")
    whole = name.endswith(".") and not name.endswith(("..", "\\.")) and name != "."
    return name[:-1] if whole else name


def _dns_name(value: Any, context: Context) -> Canonical:
    """A DNS name whose letter case and trailing dot do not count."""
    return dns_name(value) if isinstance(value, str) else value


def escaped_name(name: str) -> str:
    r"""A DNS name with its escapes (``\052``, ``\100``) decoded; an escaped dot stays one: it is part of a
    label, not its end (RFC 1035 §5.1)."""
    return dns_name(_ESCAPE.sub(_decoded, name))


def _decoded(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 8))
    plain = "!" <= character <= "~" and character not in ".\\" and not character.isdigit()
    return character if plain else escape[0]


#: A record's value that ends with a host name: of CNAME, NS, PTR; of MX and SRV after numbers.
_HOST = re.compile(r"(?P<numbers>(?:\d+\s+){0,3})(?P<host>[^\s\"]+)", re.ASCII)


def _dns_record(value: Any, context: Context) -> Canonical:
    """The value of a DNS record: addresses in their one spelling, host names without letter case and trailing
    dot, one space between fields. What stands in quotes stays as it is.

    Sources: RFC 1035 §3.3, https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html,
    https://cloud.google.com/dns/docs/reference/rest/v1/resourceRecordSets.
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
    return " ".join([*found["numbers"].split(), escaped_name(found["host"])])


def _url(value: Any, context: Context, *, ignore_trailing_slash: bool = False) -> Canonical:
    """A URL with scheme and host in lower case, no default port, and ``/`` for an empty path (RFC 3986 §6.2).

    With ``ignore_trailing_slash``, for services that add or strip one, ``https://a/b/`` ≡ ``https://a/b``.

    >>> _url("HTTPS://Example.com:443", Context())
    'https://example.com/'
    """
    match = _URL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    scheme, user, host, port, rest = (part or "" for part in match.groups())
    scheme = scheme.lower()
    port = f":{port}" if port and port != _PORTS.get(scheme) else ""
    if not rest.startswith("/") and scheme in _PATHS:
        rest = "/" + rest
    if ignore_trailing_slash and "?" not in rest and "#" not in rest:
        rest = rest.rstrip("/") or rest[:1]
    return f"{scheme}://{user}{ascii_lower(host)}{port}{rest}"


DNS_RECORD = Kind("dns-record", _dns_record)
DNS_NAME = Kind("dns-name", _dns_name)
URL = Kind("url", _url)
