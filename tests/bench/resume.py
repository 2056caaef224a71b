"""What it costs to write down what is read as it is read: reading a loopback cluster of 20,000 objects with a
checkpoint, against without, by processor time; and going on with all of it."""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

from drift.config.model import parse
from drift.resumption import NAME, Resumption
from drift.scan import Run
from tests.bench.kubernetes import OBJECTS, served
from tests.bench.timing import Paired, processor_seconds

RUNS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(folder, OBJECTS):
            _read(folder, keep=True)
            size = sum(path.stat().st_size for path in folder.glob(f"runs/*/{NAME}"))
            measured = Paired([], [])
            again: list[float] = []
            for _ in range(RUNS):
                measured.ours.append(processor_seconds(lambda: _read(folder, keep=True)))
                again.append(processor_seconds(lambda: _read(folder, keep=True, asked="latest")))
                measured.other.append(processor_seconds(lambda: _read(folder, keep=False)))
            print(f"resume: {OBJECTS} objects, a checkpoint of {size / 1e6:.1f} MB")
            print(measured.line("resume", "with a checkpoint", "without", "at most 1.05"))
            print(f"resume: going on with all of it takes {statistics.median(again):.2f} s of processor time")


def _read(folder: Path, *, keep: bool, asked: str | None = None) -> None:
    text = (
        "version: 1\nredaction: {key: k}\n"
        f"resume: {{keep: {str(keep).lower()}}}\nlive:\n  kubernetes: {{kubeconfig: {folder}/kubeconfig}}\n"
    )
    run = Run(parse(text, "drift.yaml", folder, None, os.environ))
    run.resumption = Resumption(folder / "runs", run.config, asked)
    run.snapshot()
    run.resumption.end(whole=False)


if __name__ == "__main__":
    main()
