"""A region that is closed from above is said once, and nothing else of it is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from drift.errors import CellError
from drift.live.estate import ANY
from drift.model import GLOBAL, Cell, Coverage
from drift.report.exit_code import unread
from tests.live.test_collect import from_clouds
from tests.live.test_estate import Connected

REGION = Cell("cloud", "s", "r", ANY)


class Refused:
    """One type of a region, which is refused, or read."""

    def __init__(self, number: int, error: CellError | None, region: str = "r") -> None:
        self.cells = (Cell("cloud", "s", region, f"T{number}"),)
        self.error = error

    def read(self) -> Any:
        if self.error is not None:
            raise self.error
        return iter(())


def closed(number: int) -> CellError:
    return CellError("denied", f"list T{number}: an organisation's policy denies it", above=True)


def rows(*tasks: Any) -> dict[Cell, Coverage]:
    return from_clouds(cloud=Connected(*tasks)).coverage


def test_most_of_a_region_that_is_refused_from_above_is_one_row() -> None:
    left = Coverage(Cell("cloud", "s", "r", "T9"), "skipped", message="left out")
    own = CellError("denied", "a grant is lacking")
    tasks = [*(Refused(number, closed(number)) for number in range(4)), Refused(4, None), Refused(5, own)]
    found = rows(*tasks, left)
    assert {cell.type: row.status for cell, row in found.items()} == {
        ANY: "denied", "T4": "checked", "T5": "denied", "T9": "skipped"
    }  # fmt: skip
    row = found[REGION]
    assert row.message.startswith("all 4 types that are not named here were refused; the first: list T0: an")
    assert unread([row.record()]), "a run with it is not whole"


@pytest.mark.parametrize(
    "tasks",
    [
        [Refused(number, closed(number)) for number in range(2)],
        [Refused(number, closed(number) if number < 3 else None) for number in range(6)],
        [Refused(number, CellError("denied", "a grant is lacking")) for number in range(6)],
        [Refused(number, closed(number), GLOBAL) for number in range(6)],
    ],
)
def test_a_few_refusals_and_those_of_the_caller_alone_stand_one_by_one(tasks: list[Refused]) -> None:
    assert rows(*tasks).keys() == {task.cells[0] for task in tasks}
