"""Service objectives of SQL databases (``S1``), which Azure answers as edition and size.

Source: https://learn.microsoft.com/azure/azure-sql/database/resource-limits-dtu-single-databases
"""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_STANDARD = {0: 10, 1: 20, 2: 50, 3: 100, 4: 200, 6: 400, 7: 800, 9: 1600, 12: 3000}
_PREMIUM = {1: 125, 2: 250, 4: 500, 6: 1000, 11: 1750, 15: 4000}
_OBJECTIVES = {
    "basic": ("Basic", 5),
    **{f"s{number}": ("Standard", size) for number, size in _STANDARD.items()},
    **{f"p{number}": ("Premium", size) for number, size in _PREMIUM.items()},
}
#: An objective of the vCore model with its size (``GP_S_Gen5_2``), which Azure answers apart.
_CORES = re.compile(r"(?P<name>(?:GP|BC|HS)_\w+?)_(?P<capacity>\d+)", re.IGNORECASE)


def _sql_sku(value: Any, context: Context) -> Canonical:
    """A ``sku`` whose name is a service objective as edition and size; any other as it is.

    >>> _sql_sku({"name": "S1", "tier": "Standard"}, Context())
    {'name': 'Standard', 'tier': 'Standard', 'capacity': 20}
    >>> _sql_sku({"name": "GP_S_Gen5_2"}, Context())
    {'name': 'GP_S_Gen5', 'capacity': 2}
    """
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return value
    cores = _CORES.fullmatch(value["name"])
    if cores and value.get("capacity") in (None, int(cores["capacity"])):
        return {**value, "name": cores["name"], "capacity": int(cores["capacity"])}
    found = _OBJECTIVES.get(value["name"].lower())
    if (
        found is None
        or value.get("capacity") not in (None, found[1])
        or value.get("tier", found[0]) != found[0]
    ):
        return value
    return {**value, "name": found[0], "tier": found[0], "capacity": found[1]}


SQL_SKU = Kind("sql-sku", _sql_sku)
