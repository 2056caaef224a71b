"""A made-up value that a translation refuses tells nothing; what is wrong with a translation comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from drift.declared.terraform.configuration.model import Declared, Place, Settings
from drift.declared.terraform.editing.subject import Subject
from drift.declared.terraform.written import Known
from drift.dialect import BaseDialect, Foreign
from drift.model import Resource

NOWHERE = Place("", 0)


class Picky(BaseDialect):
    """Takes texts, and is broken for others."""

    def owns(self, terraform_type: str) -> bool:
        return True

    def place(self, attributes: Any) -> tuple[str | None, str | None]:
        return None, None

    def translate(self, foreign: Foreign) -> list[Resource] | None:
        if foreign.attributes["size"] is None:
            raise RuntimeError("the map is broken")
        return [Resource("x", "", "X", foreign.attributes["size"].strip(), {})]


@dataclass
class Cloud:
    """What of a provider is asked."""

    terraform: BaseDialect


def subject() -> Subject:
    settings = Settings({}, {}, NOWHERE)
    foreign = Foreign("x_y", "x_y.a", {"size": " 1 "}, "", None)
    declared = Declared("x_y.a", (), "x_y", "a", None, NOWHERE, lambda: settings)
    known = Known(None, Cloud(Picky()), foreign, None, "a", None, fresh=True)  # type: ignore[arg-type]
    return Subject(known, declared, foreign.attributes, ())


@pytest.mark.parametrize("attributes", [{"size": 1}, {"size": []}, {}])
def test_a_value_of_another_shape_is_refused(attributes: dict[str, Any]) -> None:
    assert subject().translated(attributes) is None


def test_an_error_of_another_kind_is_not_swallowed() -> None:
    made = subject().translated({"size": " 2 "})
    assert made is not None and made[0].id == "2"
    with pytest.raises(RuntimeError, match="the map is broken"):
        subject().translated({"size": None})
