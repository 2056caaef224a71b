"""Grants of Lake Formation: which one it is, the two rows of a table together, who sees all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from providers.aws.kinds.lake_formation import resource

#: The parts of a resource that only say more of what is granted of the same thing.
_COLUMNS = frozenset({"ColumnNames", "ColumnWildcard"})
#: Terraform's blocks, and the names of their arguments.
_BLOCKS: dict[str, tuple[str, dict[str, str]]] = {
    "data_cells_filter": (
        "DataCellsFilter",
        {
            "database_name": "DatabaseName",
            "name": "Name",
            "table_catalog_id": "TableCatalogId",
            "table_name": "TableName",
        },
    ),
    "data_location": ("DataLocation", {"arn": "ResourceArn", "catalog_id": "CatalogId"}),
    "database": ("Database", {"catalog_id": "CatalogId", "name": "Name"}),
    "lf_tag": ("LFTag", {"catalog_id": "CatalogId", "key": "TagKey", "values": "TagValues"}),
    "lf_tag_policy": (
        "LFTagPolicy",
        {"catalog_id": "CatalogId", "expression": "Expression", "resource_type": "ResourceType"},
    ),
    "table": ("Table", {"catalog_id": "CatalogId", "database_name": "DatabaseName", "name": "Name"}),
    "table_with_columns": (
        "TableWithColumns",
        {
            "catalog_id": "CatalogId",
            "column_names": "ColumnNames",
            "database_name": "DatabaseName",
            "name": "Name",
        },
    ),
}
#: What AWS::LakeFormation::Permissions calls what it grants, and what the newer type does.
_OLDER = {
    "DatabaseResource": "Database",
    "DataLocationResource": "DataLocation",
    "TableResource": "Table",
    "TableWithColumnsResource": "TableWithColumns",
}


def grant_id(document: Mapping[str, Any]) -> str | None:
    """``PRINCIPAL|KIND {what it is of}``; None where a part of it is not known. A place has one grant of
    that: of the columns of a table only whether some are named or left out tells one from another."""
    principal = (document.get("Principal") or {}).get("DataLakePrincipalIdentifier")
    of = resource(document.get("Resource"), document.get("account") or document.get("scope") or "")
    if not isinstance(principal, str) or not isinstance(of, Mapping) or not of:
        return None
    try:
        return f"{principal}|" + ", ".join(_named(kind, told) for kind, told in sorted(of.items()))
    except TypeError:  # a value that nobody knows
        return None


def _named(kind: str, told: Mapping[str, Any]) -> str:
    but = " but" if "ColumnWildcard" in told else ""
    named = {name: _in_order(value) for name, value in told.items() if name not in _COLUMNS}
    return f"{kind}{but} {json.dumps(named, sort_keys=True)}"


def _in_order(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(
            (_in_order(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True, default=str)
        )
    return {key: _in_order(one) for key, one in value.items()} if isinstance(value, Mapping) else value


def grant(document: dict[str, Any]) -> dict[str, Any] | None:
    """A grant with its id as ``grant``. A table has two rows where ``SELECT`` of all its columns is granted
    with other permissions: together they are one, so that the second one is none."""
    if document.get("join_table") and "Table" not in document["Resource"]:
        return None
    document["grant"] = grant_id(document)
    more = document.get("join_columns") or {}
    return {
        name: [*(document.get(name) or ()), *(more.get(name) or ())]
        for name in ("Permissions", "PermissionsWithGrantOption")
    }


def terraform_grant(document: dict[str, Any]) -> dict[str, Any]:
    """The same of ``aws_lakeformation_permissions``, which names what it is of by a block."""
    of: dict[str, Any] | None = {"Catalog": {}} if document.get("catalog_resource") else None
    for block, (name, arguments) in _BLOCKS.items():
        for said in document.get(block) or ():
            told = {member: said[key] for key, member in arguments.items() if said.get(key)}
            if said.get("wildcard"):
                excluded = said.get("excluded_column_names")
                wildcard = {"ExcludedColumnNames": excluded} if excluded else {}
                told["TableWildcard" if name == "Table" else "ColumnWildcard"] = wildcard
            if "Expression" in told:
                told["Expression"] = [
                    {"TagKey": one.get("key"), "TagValues": one.get("values")} for one in told["Expression"]
                ]
            of = of or {name: told}
    return {
        "Principal": {"DataLakePrincipalIdentifier": document.get("principal")},
        "Resource": of,
        "Permissions": document.get("permissions"),
        "PermissionsWithGrantOption": document.get("permissions_with_grant_option"),
    }


def older_grant(document: dict[str, Any]) -> dict[str, Any]:
    """AWS::LakeFormation::Permissions in the words of AWS::LakeFormation::PrincipalPermissions."""
    said = document.get("Resource")
    of = {_OLDER.get(name, name): told for name, told in said.items()} if isinstance(said, Mapping) else said
    if isinstance(of, dict) and isinstance(of.get("DataLocation"), Mapping):
        renamed = {"S3Resource": "ResourceArn"}
        of["DataLocation"] = {renamed.get(name, name): told for name, told in of["DataLocation"].items()}
    return {
        "Principal": document.get("DataLakePrincipal"),
        "Resource": of,
        "Permissions": document.get("Permissions"),
        "PermissionsWithGrantOption": document.get("PermissionsWithGrantOption"),
    }


def sees_all(settings: Mapping[str, Any], caller: str) -> str | None:
    """Why who asks (an ARN) is not told all grants; None where it is: Lake Formation tells those who do not
    administer it only what they may grant themselves.

    Source: https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListPermissions.html.
    """
    admins = {
        _who(one.get("DataLakePrincipalIdentifier", ""))
        for name in ("DataLakeAdmins", "ReadOnlyAdmins")
        for one in settings.get(name) or ()
    }
    if _who(caller) in admins:
        return None
    return f"only administrators of the data lake are told all grants: add {caller} to ReadOnlyAdmins"


def _who(arn: str) -> tuple[str, str, str]:
    """Account, kind and name of an identity; a session is its role."""
    account, _, named = arn.partition("::")[2].partition(":")
    kind, *path = named.split("/")
    if kind == "assumed-role":
        kind, path = "role", path[:1]
    return account, kind, path[-1] if path else ""
