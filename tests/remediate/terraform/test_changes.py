"""What was changed live is written where the configuration says it, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.remediate.terraform import cases, json_cases
from tests.remediate.terraform.estate import Case, Settled, settled

CASES = [*cases.CASES, *json_cases.CASES]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Settled:
    return settled(tmp_path_factory.mktemp("cases"), CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_only_the_lines_that_must_change_do(case: Case, done: Settled) -> None:
    why = done.why(case)
    if case.described:
        assert case.described in why
        assert all(done.file(case, name) == text for name, text in case.files.items())
        return
    assert why == ""
    if case.wanted:
        assert {name: done.file(case, name) for name in case.files} == {
            name: case.text(name) for name in case.files
        }
    if case.lines is not None:
        told = [lines for name, lines in done.outcome.numstat.items() if name.startswith(f"{case.name}/")]
        assert told == [case.lines]


def test_all_that_is_adopted_is_gone(done: Settled) -> None:
    assert set(done.outcome.after.findings) == set(done.outcome.described)
    assert not _problems(CASES, done)


def _problems(cases: Sequence[Case], done: Settled) -> frozenset[str]:
    return done.outcome.after.problems
