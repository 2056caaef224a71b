"""Texts that mean the same in another spelling, where no schema says what they are: documents, moments,
lengths of time, addresses, names of hosts; and the kinds of moments and lengths of time where one does.

Asked only of two texts that differ. Each way to look at a text is a kind of the core; two texts mean the same
where one of them makes the same of both, and not just what they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

from drift.kinds.base import Context, Kind
from drift.kinds.documents import JSON, XML_WHITESPACE
from drift.kinds.names import URL, dns_name
from drift.kinds.times import DURATION, TIMESTAMP
from drift.values import same

#: .NET's ``[d.]hh:mm:ss``.
_SPAN = re.compile(r"(?:(\d{1,6})\.)?(\d{1,2}):(\d{2}):(\d{2})", re.ASCII)
_BARE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?))?", re.ASCII)
#: A fingerprint, or the address of a mailbox.
_CASELESS = re.compile(r"[0-9A-Fa-f]{32,}|[^@\s]+@[^@\s]+\.[A-Za-z]+")
_HOST = re.compile(r"(?:[A-Za-z0-9_*-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{1,62}\.?", re.ASCII)
_REGION = re.compile(
    r"(?:(?:us|uk|uae|eu|asia|africa|america|australia|austria|brazil|canada|chile|china|denmark|france|germany|india|"
    r"indonesia|israel|italy|japan|jio|korea|malaysia|mexico|new|zealand|norway|poland|qatar|spain|sweden|switzerland|"
    r"taiwan|north|south|east|west|central|europe|gov|dod|texas|arizona|virginia|iowa|pacific)"
    r" ?)+[0-9]?(?: ?euap)?",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{64,}={0,2}\s*", re.ASCII)


def _document(text: str, context: Context) -> Any:
    """JSON and XML, parsed."""
    if text.startswith(("{", "[")):
        return JSON.canonical(text, context)
    return XML_WHITESPACE.canonical(text, context) if text.startswith("<") else text


def _moment(text: Any, context: Context) -> Any:
    """A moment, in UTC where no offset is said; a day begins at midnight.

    >>> _moment("2024-05-01", Context()), _moment("2024-05-01T02:00:00", Context())
    ('2024-05-01T00:00:00Z', '2024-05-01T02:00:00Z')
    """
    found = _BARE.fullmatch(text) if isinstance(text, str) else None
    return TIMESTAMP.canonical(f"{found[1]}T{found[2] or '00:00:00'}Z" if found else text, context)


def _span(text: Any, context: Context) -> Any:
    """A length of time, also in .NET's spelling (``00:05:00``, ``1.00:00:00``)."""
    if not isinstance(text, str):
        return text
    if found := _SPAN.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return f"{((days * 24 + hours) * 60 + minutes) * 60 + seconds}s"
    return DURATION.canonical(text, context)


def _address(text: str, context: Context) -> Any:
    """A network; an address alone is the network of one. Without bits of a host, which may be meant."""
    try:
        return str(ip_network(text))
    except ValueError:
        return text


def _host(text: str, context: Context) -> Any:
    return dns_name(text) if _HOST.fullmatch(text) else text


def _url(text: str, context: Context) -> Any:
    return URL.canonical(text, context, ignore_trailing_slash=True)


def _region(text: str, context: Context) -> Any:
    return text.lower().replace(" ", "") if _REGION.fullmatch(text) else text


def _encoded(text: str, context: Context) -> Any:
    """A long text of base64 (a certificate, a key) without line ends."""
    return "".join(text.split()) if _BASE64.fullmatch(text) else text


def _lines(text: str, context: Context) -> Any:
    """A text of several lines by its lines, without white space at their ends and around it all."""
    return [line.rstrip() for line in text.strip().splitlines()]


def _caseless(text: str, context: Context) -> Any:
    return text.lower() if _CASELESS.fullmatch(text) else text


def _path(text: str, context: Context) -> Any:
    """A path, without slashes around it; not what says its protocol."""
    return text if "://" in text else text.strip("/") or text


def _commas(text: str, context: Context) -> Any:
    return [part.strip() for part in text.split(",")] if "," in text else text


_WAYS: tuple[Callable[[str, Context], Any], ...] = (
    _document,
    _moment,
    _span,
    _address,
    _host,
    _url,
    _region,
    _encoded,
    _lines,
    _caseless,
    _path,
    _commas,
)


def means_the_same(one: str, other: str, context: Context) -> bool:
    """Whether two different texts are one thing in two spellings.

    >>> means_the_same('{"a": 1}', '{ "a":1 }', Context()), means_the_same("PT1H", "01:00:00", Context())
    (True, True)
    >>> means_the_same("10.0.0.5/24", "10.0.0.6/24", Context()), means_the_same("a", "A", Context())
    (False, False)
    """
    return any(same(way(one, context), way(other, context)) for way in _WAYS)


MOMENT = Kind("moment", _moment)
SPAN = Kind("span", _span)
