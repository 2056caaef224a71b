"""Whatever a Terraform resource says and its translation leaves out is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from drift.declared.terraform.unmapped import Unmapped
from drift.dialect import BaseDialect, Foreign
from drift.model import Resource
from drift.terraform_schemas import Attribute

SCHEMA = {
    "name": Attribute("required"),
    "size": Attribute("optional"),
    "colour": Attribute("optional"),
    "zone": Attribute("chosen"),
    "arn": Attribute("computed"),
    "force_destroy": Attribute("optional"),
    "disk": Attribute("optional"),
    "disk.size": Attribute("optional"),
    "disk.colour": Attribute("optional"),
    "pool": Attribute("optional"),
    "pool.least": Attribute("optional"),
}


class Dialect(BaseDialect):
    """Of a thing it knows the name, the size and its disks' sizes."""

    def __init__(self) -> None:
        self._asked = 0

    def owns(self, terraform_type: str) -> bool:
        return True

    def place(self, attributes: Mapping[str, Any]) -> tuple[str | None, str | None]:
        return None, None

    def translate(self, foreign: Foreign) -> list[Resource] | None:
        self._asked += 1
        if foreign.type != "x_thing":
            return []
        said = foreign.attributes
        sizes = [disk.get("size") for disk in said.get("disk") or ()]
        return [Resource("x", "s", "Thing", said["name"], {"Size": said.get("size"), "Disks": sizes})]

    def attributes(self, terraform_type: str) -> Mapping[str, Attribute] | None:
        return SCHEMA if terraform_type != "x_unknown" else None

    def behaviour(self, terraform_type: str) -> frozenset[str]:
        return frozenset({"force_destroy"} | ({"*"} if terraform_type == "x_waiter" else set()))


def left_out(attributes: Mapping[str, Any], type_: str = "x_thing") -> list[str]:
    dialect, foreign = Dialect(), Foreign(type_, "x.a", {"name": "a", **attributes})
    return [path for path, _ in Unmapped().reasons(dialect, foreign, dialect.translate(foreign) or [])]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"size": 3}, []),
        ({"colour": "red"}, ["/colour"]),
        ({"colour": ""}, []),
        ({"colour": None}, []),
        ({"colour": False}, ["/colour"]),
        ({"colour": 0}, ["/colour"]),
        ({"disk": [{"size": 1, "colour": False}]}, ["/disk/colour"]),
        ({"disk": [{"size": 1, "colour": 0}]}, []),
        ({"pool": [{"least": False}]}, []),
        ({"zone": "b", "arn": "x"}, []),
        ({"force_destroy": True}, []),
        ({"disk": [{"size": 1, "colour": "red"}]}, ["/disk/colour"]),
        ({"disk": [{"size": 1}, {"colour": "red"}]}, ["/disk/colour"]),
        ({"pool": [{"least": 1}]}, ["/pool"]),
        ({"pool": [{"least": 0}]}, []),
        ({"id": "7", "timeouts": {"create": "5m"}}, []),
    ],
)
def test_an_argument_is_named_where_it_is_said_and_changes_nothing(
    said: Mapping[str, Any], named: list[str]
) -> None:
    assert left_out(said) == named


def test_a_type_that_declares_nothing_is_named_as_a_whole_but_for_what_only_waits() -> None:
    assert left_out({}, "x_nothing") == [""]
    assert left_out({}, "x_waiter") == []


def test_the_same_arguments_are_tried_once() -> None:
    dialect, known = Dialect(), Unmapped()
    asked = []
    for number in range(3):
        foreign = Foreign("x_thing", "x.a", {"name": f"a{number}", "size": number + 1, "colour": "red"})
        assert known.of(dialect, foreign, dialect.translate(foreign) or []) == ("colour",)
        asked.append(dialect._asked)
    assert asked[1] - asked[0] == asked[2] - asked[1] == 1
