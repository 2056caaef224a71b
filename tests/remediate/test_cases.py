"""Adopting changes the lines that must change and no others, file by file of public style; what can't surely
be edited is described."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remediate import cases

FOLDER = Path(__file__).parent / "cases"
STAND_IN = Path(__file__).with_name("bicep_stand_in.py")
FILES = sorted(FOLDER.glob("*/*.txt"))


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as one:
        yield one


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> dict[Path, cases.Told]:
    """What becomes of every case: one repository and one run for all of a language."""
    found: dict[Path, cases.Told] = {}
    compiler = tmp_path_factory.mktemp("bin") / "bicep"
    compiler.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
    compiler.chmod(0o755)
    patch.setenv("PATH", f"{compiler.parent}{os.pathsep}{os.environ['PATH']}")
    for language in sorted({file.parent.name for file in FILES}):
        read = {file.stem: cases.read(file, language) for file in FILES if file.parent.name == language}
        done = cases.outcomes(read, tmp_path_factory.mktemp(language))
        found.update({FOLDER / language / f"{name}.txt": one for name, one in done.items()})
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_only_the_lines_that_must_change_do(file: Path, told: dict[Path, cases.Told]) -> None:
    case, done = cases.read(file, file.parent.name), told[file]
    assert done.findings, "the case has no finding"
    assert done.diff == case.diff
    plus = sum(line.startswith("+") for line in case.diff)
    assert done.numstat == (plus, len(case.diff) - plus)
    assert done.described == case.described
    assert done.left == len(case.described)
