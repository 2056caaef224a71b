"""What a configuration alone says of a type is translated, however little that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import providers
from drift import plugins
from drift.declared.terraform.configuration.placeholders import complete
from drift.dialect import Foreign
from drift.terraform_schemas import Schemas


def empty(schema: Any) -> dict[str, Any]:
    """One of each block, in each of them nothing."""
    body: dict[str, Any] = {}
    for path in sorted({name.rpartition(".")[0] for name in schema if "." in name}):
        node = body
        for step in path.split("."):
            node = node.setdefault(step, [{}])[0]
    return complete(body, schema)


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
@pytest.mark.parametrize("said", ["nothing", "blocks"])
def test_every_type_is_translated_where_little_is_said(cloud: str, said: str) -> None:
    dialect = plugins.providers()[cloud].terraform
    assert dialect is not None
    folder = Path(str(providers.__path__[0])) / cloud
    broken = {}
    for type_ in sorted(Schemas(folder / "terraform_schemas.json.gz").types()):
        attributes = empty(dialect.attributes(type_)) if said == "blocks" else {}
        try:
            dialect.translate(Foreign(type_, f"{type_}.a", attributes, "111111111111", "eu-west-1"))
        except Exception as error:  # noqa: BLE001 - all of them are told
            broken[type_] = repr(error)
    assert broken == {}
