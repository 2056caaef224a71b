"""Security rules and subnets, whose addresses and ports stand in a field for one or in a field for
several."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_PAIRS = {
    "sourceAddressPrefix": "sourceAddressPrefixes",
    "destinationAddressPrefix": "destinationAddressPrefixes",
    "sourcePortRange": "sourcePortRanges",
    "destinationPortRange": "destinationPortRanges",
    "addressPrefix": "addressPrefixes",
}


def _one_or_several(value: Any, context: Context) -> Canonical:
    """A rule or a subnet whose addresses and ports all stand in the fields for several.

    >>> _one_or_several({"sourcePortRange": "*", "sourcePortRanges": []}, Context())
    {'sourcePortRanges': ['*']}
    """
    if not isinstance(value, dict):
        return value
    found = dict(value)
    for one, several in _PAIRS.items():
        many = found.get(several)
        if isinstance(found.get(one), str) and isinstance(many, (list, type(None))):
            single = found.pop(one)
            found[several] = [*(many or []), *([single] if single else [])]
    return found


ONE_OR_SEVERAL = Kind("one-or-several", _one_or_several, memberwise=True)
