"""`make fuzz`: malformed input for as long as is asked, by atheris where it is installed (which looks for new
paths through the code), else from ever new numbers. Each fault is kept as a file and told once."""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Trial:
    """Reads bad files, counts them, and keeps those that fail."""

    keep: Path
    folder: Path
    taken: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def one(self, name: str, reader: Any, content: bytes) -> None:
        """Reads one bad file."""
        from tests.fuzz import readers

        self.read[name] += 1
        readers.write(reader, content, self.folder)
        began = time.monotonic()
        try:
            self.taken[name] += readers.read(reader, self.folder)
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            self._fault(name, content, error)
        took = time.monotonic() - began
        if took > max(self.slowest, 1.0):
            self.slowest = took
            self._kept(f"slow-{name}-{took:.0f}s", content)

    def _fault(self, name: str, content: bytes, error: Exception) -> None:
        ours = [
            one for one in traceback.extract_tb(error.__traceback__) if one.filename.startswith(str(ROOT))
        ]
        last = [
            one for one in ours if "/tests/" not in one.filename and "/.venv/" not in one.filename
        ] or ours
        where = f"{Path(last[-1].filename).relative_to(ROOT)}:{last[-1].lineno}"
        fault = f"{type(error).__name__} at {where} ({name})"
        self.faults[fault] += 1
        if self.faults[fault] == 1:
            kept = self._kept(f"{name}-{len(self.faults)}", content)
            print(f"{fault}: {str(error)[:200]}; kept as {kept}", flush=True)

    def _kept(self, name: str, content: bytes) -> Path:
        self.keep.mkdir(parents=True, exist_ok=True)
        file = self.keep / name
        file.write_bytes(content)
        return file

    def told(self) -> str:
        """The counts."""
        rows = [f"{name}: {count:,} read, {self.taken[name]:,} taken" for name, count in self.read.items()]
        total = f"{self.read.total():,} files, {len(self.faults)} faults, slowest {self.slowest:.1f} s"
        return "\n".join([*rows, *(f"{count} x {fault}" for fault, count in self.faults.items()), total])


def _numbers(trial: Trial, chosen: dict[str, Any], until: float, seed: int) -> None:
    from tests.fuzz import malformed

    for number in itertools.count():
        for name, (reader, good) in chosen.items():
            if time.monotonic() > until:
                return
            trial.one(name, reader, malformed.of(good, number, seed))


def _atheris(trial: Trial, chosen: dict[str, Any], until: float, seed: int) -> None:
    """Ends the process when the time is over."""
    import atheris

    from tests.fuzz import malformed

    names = list(chosen)
    count = itertools.count()

    def one(data: bytes) -> None:
        if time.monotonic() > until:
            print(trial.told(), flush=True)
            shutil.rmtree(trial.folder.parent, ignore_errors=True)
            os._exit(1 if trial.faults else 0)  # libFuzzer takes any other way out for a fault
        name = names[data[0] % len(names)] if data else names[next(count) % len(names)]
        reader, good = chosen[name]
        # Every other file is what the fuzzer found, the others are edits of a good one.
        content = data[1:] if len(data) > 8 and next(count) % 2 else malformed.of(good, next(count), seed)
        trial.one(name, reader, content)

    corpus = trial.folder.parent / "corpus"
    corpus.mkdir()
    for number, (name, (_, good)) in enumerate(chosen.items()):
        (corpus / name).write_bytes(bytes([number]) + good)
    atheris.Setup(
        [sys.argv[0], f"-seed={seed + 1}", "-max_len=20000", "-timeout=3600", "-verbosity=0", str(corpus)],
        one,
    )
    atheris.Fuzz()


def main() -> int:
    """The exit code: 1 where a fault was found."""
    arguments = argparse.ArgumentParser(prog="make fuzz")
    arguments.add_argument("--seconds", type=float, default=3600.0)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    arguments.add_argument("--reader", action="append", help="only this one; repeatable")
    arguments.add_argument("--plain", action="store_true", help="without atheris")
    arguments.add_argument("--keep", type=Path, default=Path(".fuzz"), help="where bad files are kept")
    said = arguments.parse_args()
    instrumented = not said.plain
    if instrumented:
        try:
            import atheris

            with atheris.instrument_imports(include=["drift", "providers", "reports"]):
                from tests.fuzz import readers
        except ImportError:
            instrumented = False
    from tests.fuzz import readers  # noqa: F811 - the same, where it is not instrumented

    known = readers.all_of_them()
    unknown = set(said.reader or ()) - set(known)
    if unknown:
        print(
            f"there is no reader {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr
        )
        return 2
    chosen = {name: one for name, one in known.items() if not said.reader or name in said.reader}
    print(f"seed {said.seed}, {said.seconds:.0f} s, {'atheris' if instrumented else 'numbers'}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(said.keep, Path(folder) / "files")
        until = time.monotonic() + said.seconds
        if instrumented:
            _atheris(trial, chosen, until, said.seed)
        else:
            _numbers(trial, chosen, until, said.seed)
        print(trial.told())
        return 1 if trial.faults else 0


if __name__ == "__main__":
    sys.exit(main())
