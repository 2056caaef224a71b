"""Values of which no schema tells more: ids and GUIDs are recognised by their form, all else is compared as it is."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import STRING
from providers.azure.kinds.arm_id import ARM_ID

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _plain(value: Any, context: Context, *, text: bool = False) -> Canonical:
    """An ARM id in its one spelling, a GUID in lower case; with ``text``, a number or boolean as text.

    >>> _plain("9C2C9A4B-0000-0000-0000-00000000000F", Context())
    '9c2c9a4b-0000-0000-0000-00000000000f'
    """
    if text:
        value = STRING.canonical(value, context)
    if isinstance(value, str):
        return value.lower() if _GUID.fullmatch(value) else ARM_ID.canonical(value, context)
    return value


PLAIN = Kind("plain", _plain, free=True)
