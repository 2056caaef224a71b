"""Makes a sample of small faults in the core, one by one, and prints those that no test notices."""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.mutants.edits import Edit, edits
from tests.mutants.trial import ROOT, run

#: Files and folders of the core, the narrower first → the tests that cover them, in pytest's words.
COVERED = {
    "drift/compare/processes.py": ("tests/compare/test_processes.py",),
    "drift/compare": (
        "tests/compare",
        "--ignore=tests/compare/test_processes.py",
        "tests/test_judge.py",
        "tests/kinds/test_collections.py",
    ),
    "drift/match": ("tests/match", "tests/test_judge.py", "tests/test_scan.py"),
    "drift/judge.py": ("tests/test_judge.py", "tests/test_scan.py", "tests/compare/test_shortcut_judged.py"),
    "drift/kinds": ("tests/kinds", "tests/compare/test_equalities.py", "tests/compare/test_shortcut.py"),
}
#: Processor time after which a run is held to go round for ever: so many times that of the right program.
PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault in one file, by its path below the root."""

    file: str
    edit: Edit

    def __str__(self) -> str:
        source = (ROOT / self.file).read_bytes()
        old = source[self.edit.start : self.edit.end].decode()
        return f"{self.file}:{self.edit.line}: {' '.join(old.split())}  →  {' '.join(self.edit.new.split())}"

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that should notice."""
        return next(tests for place, tests in COVERED.items() if self.file.startswith(place))


def mutants(places: Sequence[str]) -> list[Mutant]:
    """All faults of the files in these places."""
    files = sorted(
        file
        for place in places
        for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    )
    return [Mutant(str(file.relative_to(ROOT)), edit) for file in files for edit in edits(file.read_bytes())]


def main() -> int:
    """Exit code 1 when a fault survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "places",
        nargs="*",
        default=["drift/compare", "drift/match", "drift/judge.py", "drift/kinds"],
        help="files or folders of the core",
    )
    parser.add_argument("--sample", type=int, default=60, help="how many faults (0: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at a time")
    said = parser.parse_args()
    every = mutants(said.places)
    chosen = sorted(
        random.Random(said.seed).sample(every, min(said.sample or len(every), len(every))),  # noqa: S311
        key=lambda one: (one.file, one.edit.start),
    )
    limits: dict[tuple[str, ...], int] = {}
    for tests in dict.fromkeys(one.tests for one in chosen):
        passed, took = run(tests, None, 3600)
        if not passed:
            print(f"{' '.join(tests)} fails without any fault; nothing to learn from it")
            return 2
        limits[tests] = int(PATIENCE * took) + 5
        print(f"{took:.1f} s of processor time without a fault: {' '.join(tests)}", flush=True)

    def survives(one: Mutant) -> bool:
        survived, _ = run(one.tests, (one.file, one.edit), limits[one.tests])
        print("survived" if survived else "noticed ", one, flush=True)
        return survived

    with ThreadPoolExecutor(said.jobs) as pool:
        survivors = [one for one, alive in zip(chosen, pool.map(survives, chosen), strict=True) if alive]
    print(
        f"{len(survivors)} of {len(chosen)} faults survived ({len(every)} could be made; seed {said.seed}):"
    )
    for one in survivors:
        print(f"  {one}")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
