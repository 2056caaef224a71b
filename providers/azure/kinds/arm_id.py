"""Ids of Azure resources, whose letter case does not count and which a template may write relative to its
subscription."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import fold_case

_RELATIVE = re.compile(r"/?(?=resourcegroups/[^/])")
_ABSOLUTE = re.compile(r"/?(?=subscriptions/[^/]|providers/[^/]+\.[^/]+/)")


def _arm_id(value: Any, context: Context) -> Canonical:
    """An ARM id in lower case, with one slash at its beginning and none at its end; a relative one made
    absolute.

    A text that is no ARM id (a name, a URL) stays as it is.

    >>> _arm_id("resourceGroups/RG/providers/Microsoft.Network/virtualNetworks/V/", Context(scope="s"))
    '/subscriptions/s/resourcegroups/rg/providers/microsoft.network/virtualnetworks/v'
    """
    if not isinstance(value, str):
        return value
    text = fold_case(value).rstrip("/")
    if found := _ABSOLUTE.match(text):
        return "/" + text[found.end() :]
    if (found := _RELATIVE.match(text)) and context.scope:
        return f"/subscriptions/{fold_case(context.scope)}/{text[found.end() :]}"
    return value


ARM_ID = Kind("arm-id", _arm_id)
