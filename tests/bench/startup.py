"""How long ``drift --help`` takes, beside an empty Python."""

from __future__ import annotations

import statistics
import subprocess
import sys

from tests.bench.timing import paired


def main() -> None:
    result = paired(
        lambda: subprocess.run(
            [sys.executable, "-m", "drift", "--help"], check=True, stdout=subprocess.DEVNULL
        ),
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
        runs=9,
    )
    print(result.line("startup", "drift --help", "python -c pass", "under 0.3 s"))
    print(f"startup: drift --help takes {statistics.median(result.ours):.3f} s")
