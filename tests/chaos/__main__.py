"""``python -m tests.chaos``: disturbs whole live scans at many moments, and says how many held."""

from __future__ import annotations

import argparse
import random
import socketserver
import sys
import tempfile
from pathlib import Path

from tests import command, forked_aws
from tests.chaos.kinds import KINDS
from tests.chaos.nights import shop


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--moments", type=int, default=50, help="of each kind, at most (default: 50)")
    parser.add_argument("--seed", type=int, default=19, help="what chance begins with (default: 19)")
    parser.add_argument("--kind", default="", help="only kinds in whose name this stands")
    said = parser.parse_args()
    # The loopback servers need not tell that a client was killed.
    socketserver.BaseServer.handle_error = lambda *_: None  # type: ignore[method-assign]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="chaos-") as base, shop(Path(base)) as made:
        print(f"an undisturbed run: {made.seconds:.1f} s, {made.steps} steps on disk; seed {said.seed}")
        print(f"{'what befalls a scan':<34} {'moments':>7} {'held':>5} {'mailed twice':>12}", flush=True)
        for name, kind in KINDS.items():
            if said.kind not in name:
                continue
            moments = held = twice = 0
            complaints = []
            for moment, work in kind(made, random.Random(f"{said.seed} {name}"), said.moments):  # noqa: S311
                night = work()
                moments, held, twice = moments + 1, held + (not night.wrong), twice + night.twice
                complaints += [f"  {moment}: {one}" for one in night.wrong]
            print(f"{name:<34} {moments:>7} {held:>5} {twice:>12}", flush=True)
            print("".join(f"{one}\n" for one in complaints), end="", flush=True)
            wrong += moments - held
    forked_aws.end()
    command.end()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
