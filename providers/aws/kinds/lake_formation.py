"""What Lake Formation takes for the same of a grant: the thing it is of, and what it allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.registry import KINDS

_set = KINDS["set"].canonical
#: How a listing calls the table that stands for all of a database.
_ALL_TABLES = "ALL_TABLES"


def resource(value: Any, account: str) -> Any:
    """The thing that a grant is of, in one spelling, as lists of grants have it.

    All columns of a table are the table, a table of the name ``ALL_TABLES`` is all of a database, and the
    account's own catalog is not named. Source: ``SELECT with wildcard`` of
    https://github.com/hashicorp/terraform-provider-aws/pull/20108.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return value
    ((name, said),) = value.items()
    if not isinstance(said, Mapping):
        return value
    told = {key: one for key, one in said.items() if one is not None}
    told = {key: one for key, one in told.items() if not (key.endswith("CatalogId") and one == account)}
    if name == "Catalog":
        told = {key: one for key, one in told.items() if one != account}
    wildcard = told.get("ColumnWildcard") if name == "TableWithColumns" else None
    if isinstance(wildcard, Mapping) and not wildcard.get("ExcludedColumnNames"):
        name = "Table"
        del told["ColumnWildcard"]
    if name == "Table" and ("TableWildcard" in told or told.get("Name") == _ALL_TABLES):
        told = {**{key: one for key, one in told.items() if key != "Name"}, "TableWildcard": {}}
    return {name: told}


def _resource(value: Any, context: Context) -> Canonical:
    return resource(value, context.scope)


def _permissions(value: Any, context: Context) -> Canonical:
    """``ALL``, which a listing tells together with each that it holds, is all of them.

    Source: https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html#super-permission.
    """
    whole = isinstance(value, list) and "ALL" in value
    return _set(["ALL"] if whole else value, context)


RESOURCE = Kind("lake-formation-resource", _resource)
PERMISSIONS = Kind("lake-formation-permissions", _permissions, phase="after")
