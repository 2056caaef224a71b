"""How Google Cloud spells what stands in many places: links to resources, and members of policies."""

from __future__ import annotations

import re

_SERVICE = re.compile(r"(?:https?:)?//([a-z0-9-]+)(\.googleapis\.com)?/+(.*)", re.DOTALL)
_VERSION = re.compile(r"v\d+(?:p\d+)?(?:(?:alpha|beta)\d*)?|alpha|beta")
_CASED = ("principal:", "principalSet:", "deleted:")


def split(text: str) -> tuple[str, list[str]]:
    """(service, "" where none is said; segments of the path) of a link."""
    found = _SERVICE.fullmatch(text)
    service, path = (found[1], found[3]) if found else ("", text)
    parts = [part for part in path.split("/") if part]
    if not found or not found[2]:
        return service, parts  # a version stands only after a host
    if service == "www" and len(parts) > 2 and _VERSION.fullmatch(parts[1]):
        service, parts = parts[0], parts[2:]
    elif len(parts) > 2 and parts[0] == service and _VERSION.fullmatch(parts[1]):
        parts = parts[2:]
    elif len(parts) > 1 and _VERSION.fullmatch(parts[0]):
        parts = parts[1:]
    return service, parts


def member(text: str) -> str:
    """A member in the one spelling: addresses, in whose case Google does not tell two accounts apart, and
    domains in lower case, principals as they are.

    >>> member("user:Jane@Example.com")
    'user:jane@example.com'
    """
    kind, colon, address = text.partition(":")
    if not colon or text.startswith(_CASED) or not address.isascii():
        return text
    return f"{kind}:{address.lower()}" if "@" in address or kind == "domain" else text
