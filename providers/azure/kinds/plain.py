"""Values of which no schema tells more: ids, GUIDs, URLs and switches are recognised by their form, all else
is compared as it is."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import BOOLEAN, INTEGER, STRING, fold_case
from providers.azure.ids import canonical
from providers.azure.kinds.arm_id import ARM_ID
from providers.azure.kinds.spelling import means_the_same

_SWITCHES = frozenset({"true", "false", "enabled", "disabled"})
_PLACES = ("/subscriptions/", "/providers/")
_COLLECTION = re.compile(r"(?:/providers/[^/]+\.[^/]+)?/[^/]+$")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _scalar(value: Any, context: Context) -> Canonical:
    value = INTEGER.canonical(value, context)
    return BOOLEAN.canonical(value, context)


_SCALAR = Kind("scalar", _scalar)


def _plain(value: Any, context: Context, *, text: bool = False, exact: bool = False) -> Canonical:
    """An ARM id in its one spelling, a GUID and a switch (``True``, ``Enabled``) in lower case, a URL without
    slash at its end.

    With ``text``, a number or boolean is taken for its text, else a text that is one for the number or
    boolean. With ``exact``, a text is what it is.

    >>> _plain("9C2C9A4B-0000-0000-0000-00000000000F", Context())
    '9c2c9a4b-0000-0000-0000-00000000000f'
    """
    value = (STRING if text or exact else _SCALAR).canonical(value, context)
    if not isinstance(value, str) or exact:
        return value
    if _GUID.fullmatch(value) or value.lower() in _SWITCHES:
        return value.lower()
    if value.startswith(("https://", "http://")):
        return value.rstrip("/")
    return ARM_ID.canonical(value, context)


def _admits(declared: Any, live: Any, context: Context, *, text: bool = False, exact: bool = False) -> bool:
    """An id, and what is left of it when it is said from where the resource lies (``/apis/a``, ``a``); one
    text in two spellings.

    >>> service = "/subscriptions/s/resourcegroups/rg/providers/microsoft.apimanagement/service/x"
    >>> _admits("/apis", f"{service}/apis", Context(id=f"{service}/subscriptions/1"))
    True
    >>> _admits("/apis", f"{service}y/apis", Context(id=f"{service}/subscriptions/1"))
    False
    """
    if exact or not isinstance(declared, str) or not isinstance(live, str):
        return False
    own = canonical(context.id)
    return (
        _relative(declared, live, own)
        or _relative(live, declared, own)
        or means_the_same(declared, live, context)
    )


def _relative(short: str, long: str, own: str) -> bool:
    """Whether ``short`` is ``long`` as it is seen from one of the places in which ``own`` lies."""
    bare = "/" not in short
    short, long = fold_case(short).strip("/"), fold_case(long).rstrip("/")
    if not short or not long.startswith(_PLACES) or not long.endswith(f"/{short}"):
        return False
    above = long[: -len(short) - 1]
    if bare:  # its collection is not said, nor its namespace
        above = _COLLECTION.sub("", above)
    return f"{own}/".startswith(f"{above}/") and above.startswith(_PLACES)


PLAIN = Kind("plain", _plain, free=True, admits=_admits)
