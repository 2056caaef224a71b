"""Which grant of Lake Formation is meant, whoever declares it, and who is told all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drift.errors import CellError
from providers.aws.hooks.lakeformation import grant_id, sees_all
from providers.aws.seeing import check
from tests.providers.aws.cloudformation.support import ACCOUNT, declared, load

ROLE = f"arn:aws:iam::{ACCOUNT}:role/analyst"
TABLE = f'{ROLE}|Table {{"DatabaseName": "shop", "Name": "orders"}}'
TEMPLATE = f"""\
Resources:
  Newer:
    Type: AWS::LakeFormation::PrincipalPermissions
    Properties:
      Principal: {{DataLakePrincipalIdentifier: '{ROLE}'}}
      Resource:
        TableWithColumns: {{CatalogId: '{ACCOUNT}', DatabaseName: shop, Name: orders, ColumnWildcard: {{}}}}
      Permissions: [SELECT]
      PermissionsWithGrantOption: []
  Older:
    Type: AWS::LakeFormation::Permissions
    Properties:
      DataLakePrincipal: {{DataLakePrincipalIdentifier: '{ROLE}'}}
      Resource: {{DataLocationResource: {{S3Resource: 'arn:aws:s3:::lake'}}}}
      Permissions: [DATA_LOCATION_ACCESS]
"""


def test_a_template_names_the_grant_by_what_it_says(tmp_path: Path) -> None:
    found, _, problems = declared(load(tmp_path, TEMPLATE, scope=ACCOUNT, region="eu-west-1"))
    assert (found["Newer"].id, problems) == (TABLE, [])
    assert found["Older"].id == f'{ROLE}|DataLocation {{"ResourceArn": "arn:aws:s3:::lake"}}'
    assert found["Older"].type == "AWS::LakeFormation::PrincipalPermissions"


@pytest.mark.parametrize(
    ("of", "id_"),
    [
        ({"Table": {"DatabaseName": "shop", "Name": "orders", "CatalogId": ACCOUNT}}, TABLE),
        (
            {"Table": {"DatabaseName": "shop", "Name": "orders", "CatalogId": "2"}},
            TABLE.replace("{", '{"CatalogId": "2", '),
        ),
        ({"Catalog": {"Id": ACCOUNT}}, f"{ROLE}|Catalog {{}}"),
        ({"Table": {"DatabaseName": object()}}, None),
        (None, None),
    ],
)
def test_the_id_of_a_grant(of: Any, id_: str | None) -> None:
    said = {"Principal": {"DataLakePrincipalIdentifier": ROLE}, "Resource": of, "account": ACCOUNT}
    assert grant_id(said) == id_


def test_columns_that_are_left_out_are_another_grant_than_columns_that_are_named() -> None:
    base = {"Principal": {"DataLakePrincipalIdentifier": ROLE}, "account": ACCOUNT}
    table = {"DatabaseName": "shop", "Name": "orders"}
    named = {**base, "Resource": {"TableWithColumns": {**table, "ColumnNames": ["id"]}}}
    but = {
        **base,
        "Resource": {"TableWithColumns": {**table, "ColumnWildcard": {"ExcludedColumnNames": ["id"]}}},
    }
    assert grant_id(named) != grant_id(but)


class Sts:
    def __init__(self, arn: str) -> None:
        self.arn = arn

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": self.arn}


@pytest.mark.parametrize(
    ("caller", "told"),
    [
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/drift-read/session", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/drift/session", False),
        ("arn:aws:sts::222222222222:assumed-role/drift-read/session", False),
        (f"arn:aws:iam::{ACCOUNT}:user/drift-read", False),
    ],
)
def test_only_administrators_are_told_all_grants(caller: str, told: bool) -> None:
    admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{ACCOUNT}:role/audit/drift-read"}
    settings = {"DataLakeAdmins": [], "ReadOnlyAdmins": [admin]}
    assert (sees_all(settings, caller) is None) is told
    needs = {"hook": "lakeformation.sees_all"}
    if told:
        check(needs, [settings], Sts(caller))
    else:
        with pytest.raises(CellError, match="ReadOnlyAdmins") as refused:
            check(needs, [settings], Sts(caller))
        assert refused.value.status == "denied"
