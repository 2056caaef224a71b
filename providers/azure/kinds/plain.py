"""Values of which no schema tells more: ids, GUIDs, URLs and switches are recognised by their form, all else is compared as it is."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import STRING
from providers.azure.kinds.arm_id import ARM_ID

_SWITCHES = frozenset({"true", "false", "enabled", "disabled"})
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _plain(value: Any, context: Context, *, text: bool = False) -> Canonical:
    """An ARM id in its one spelling, a GUID and a switch (``True``, ``Enabled``) in lower case, a URL without slash at its end.

    With ``text``, a number or boolean is taken for its text.

    >>> _plain("9C2C9A4B-0000-0000-0000-00000000000F", Context())
    '9c2c9a4b-0000-0000-0000-00000000000f'
    """
    if text:
        value = STRING.canonical(value, context)
    if not isinstance(value, str):
        return value
    if _GUID.fullmatch(value) or value.lower() in _SWITCHES:
        return value.lower()
    if value.startswith(("https://", "http://")):
        return value.rstrip("/")
    return ARM_ID.canonical(value, context)


PLAIN = Kind("plain", _plain, free=True)
