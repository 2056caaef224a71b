"""``drift diff`` of two files of many resources of each data set: against parsing both files, memory, and
comparison alone against plain DeepDiff."""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from drift import plugins
from drift.compare.pair import Comparer
from drift.live.estate import Estate
from drift.model import Resource
from drift.redaction.redact import Redactor
from tests.bench.records import CHANGED_EVERY, DATA, records
from tests.bench.timing import seconds

Pairs = list[tuple[Resource, Resource]]


def main() -> None:
    count = int(os.environ.get("BENCH_RESOURCES", "100000"))
    pairs = int(os.environ.get("BENCH_PAIRS", "3"))
    for data in os.environ.get("BENCH_DATA", ",".join(DATA)).split(","):
        with tempfile.TemporaryDirectory() as name:
            of_files(Path(name), data, count, pairs)
    against_deepdiff(2000)


def of_files(folder: Path, data: str, count: int, pairs: int) -> None:
    """``drift diff`` of two files of a data set against parsing both with orjson, in turn; the median of the
    ratios."""
    size = write(folder / "declared.jsonl", count, data, changed=False)
    write(folder / "live.jsonl", count, data, changed=True)
    command = [sys.executable, "-m", "drift", "diff", "--live", "live.jsonl", "--declared", "declared.jsonl"]
    command += ["-o", "out", "--format", "json", "--exit-zero"]
    ratios: list[float] = []
    for _ in range(pairs):
        started = time.perf_counter()
        peaks: list[float] = []
        worked = _worked(command, folder, peaks)
        took = time.perf_counter() - started
        found = len(orjson.loads((folder / "out" / "report.json").read_bytes())["findings"])
        assert found == -(-count // CHANGED_EVERY[data])
        parsing = _worked([sys.executable, "-c", _PARSING, "live.jsonl", "declared.jsonl"], folder)
        ratios.append(worked / parsing)
        print(
            f"diff: {data}: {count} resources of {size // count} bytes, {found} findings: {took:.1f} s "
            f"({worked:.1f} s of processor time; parsing {parsing:.2f} s), {sum(peaks):.0f} MB in "
            f"{len(peaks)} processes, the largest {max(peaks):.0f} MB (goal for 100,000 on two "
            "cores: under 30 s and 1 GB)"
        )
    print(
        f"diff: {data}: {statistics.median(ratios):.1f} times the processor time of parsing both files with "
        f"orjson (runs {min(ratios):.1f} to {max(ratios):.1f}; goal at most 20)"
    )


#: The environment of an installed program: its modules are compiled once, not by each process again.
_COMPILED = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
#: Parses each line of the files that it is given, as whoever reads them must.
_PARSING = """
import sys, orjson
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        for line in file:
            orjson.loads(line)
"""


def _worked(command: list[str], folder: Path, peaks: list[float] | None = None) -> float:
    """Seconds of processor time that a command and all that it starts take; ``peaks`` is given their
    memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, env=_COMPILED, stdout=quiet, stderr=quiet) as process:
        if peaks is not None:
            peaks.extend(watched(process))
    assert process.returncode == 0, process.returncode
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def watched(process: subprocess.Popen[bytes]) -> list[float]:
    """The peak memory in MB of a process and of each that it starts, until it ends; Linux only.

    Their peaks need not fall together: the sum is an upper bound.
    """
    peaks: dict[int, float] = {}
    while process.poll() is None:
        for one in [process.pid, *_descendants(process.pid)]:
            with contextlib.suppress(OSError, StopIteration):
                status = Path(f"/proc/{one}/status").read_text(encoding="ascii")
                line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
                peaks[one] = int(line.split()[1]) / 1024
        time.sleep(0.1)
    return list(peaks.values())


def _descendants(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in map(int, (task / "children").read_text(encoding="ascii").split()):
                yield child
                yield from _descendants(child)


def against_deepdiff(sample: int) -> None:
    """The comparison alone of so many pairs of each data set, in one process as the program does it, against
    plain DeepDiff of the same pairs."""
    from deepdiff import DeepDiff

    for data in DATA:
        comparer = Comparer(Estate(plugins.providers()), Redactor("bench"))
        pairs = [
            (_read(one), _read(other))
            for one, other in zip(records(sample, False, data), records(sample, True, data), strict=True)
        ]

        def ours(comparer: Comparer = comparer, pairs: Pairs = pairs, data: str = data) -> None:
            assert len(comparer.compare(pairs).changed) == -(-sample // CHANGED_EVERY[data])

        def theirs(pairs: Pairs = pairs) -> None:
            for declared, live in pairs:
                DeepDiff(declared.attributes, live.attributes)

        ours()
        took = min(seconds(ours) for _ in range(3))
        plain = seconds(theirs)
        print(
            f"diff: {data}: comparing {sample} pairs: {took:.2f} s, plain DeepDiff {plain:.2f} s, "
            f"{plain / took:.0f} times as long (goal at least 50)"
        )


def _read(record: dict[str, Any]) -> Resource:
    return Resource(
        record["provider"],
        record["scope"],
        record["type"],
        record["id"],
        record["attributes"],
        record.get("region"),
    )


def write(path: Path, count: int, data: str, *, changed: bool) -> int:
    with path.open("wb") as out:
        return sum(out.write(orjson.dumps(record) + b"\n") for record in records(count, changed, data))
