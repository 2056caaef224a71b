"""``python -m tests.chaos``: disturbs whole live scans at many moments, and says how many held."""

from __future__ import annotations

import argparse
import itertools
import random
import re
import socketserver
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests import command, forked_aws, postgres
from tests.chaos import crews
from tests.chaos.kinds import KINDS
from tests.chaos.nights import shop
from tests.chaos.shortages import ON_SERVER


def tried(name: str, kind: Any, subject: Any, said: argparse.Namespace) -> int:
    """Disturbs runs in one way and says how many held; gives how many did not."""
    moments = held = twice = struck = 0
    complaints = []
    for moment, work in kind(subject, random.Random(f"{said.seed} {name}"), said.moments):  # noqa: S311
        night = work()
        moments, held, twice = moments + 1, held + (not night.wrong), twice + night.twice
        struck += night.struck
        complaints += [f"  {moment}: {one}" for one in night.wrong]
    more = f"; {struck} before the run was over" if struck else ""
    print(f"{name:<34} {moments:>3} moments, {held:>3} held, mailed twice {twice}{more}", flush=True)
    print("".join(f"{one}\n" for one in complaints), end="", flush=True)
    return moments - held


def calls(said: argparse.Namespace) -> int:
    """Tries each call of stands with each fault, and says how many held; gives 1 where one did not."""
    from tests.calls.stands import STANDS, write

    names = [name for name in STANDS if said.calls == "all" or re.search(said.calls, name)]
    if said.write:
        write(names)
        return 0
    only = said.faults.split(",") if said.faults else None
    count: Counter[str] = Counter()
    for name in names:
        with tempfile.TemporaryDirectory(prefix="calls-") as folder, STANDS[name](Path(folder)) as stand:
            trials, wrong = 0, []
            for call, fault in itertools.product(stand.calls, only or stand.faults):
                found = stand.tried(call, fault)
                trials, wrong = trials + 1, wrong + [f"  {call}: {fault}: {one}" for one in found[:1]]
        count += Counter(calls=len(stand.calls), trials=trials, held=trials - len(wrong))
        print(f"{name:<36} {len(stand.calls):>3} calls, {trials:>4} trials, {trials - len(wrong):>4} held")
        print("".join(f"{one[:400]}\n" for one in wrong), end="", flush=True)
    print(f"{count['calls']} calls, {count['trials']} trials, {count['held']} held")
    return 1 if count["held"] < count["trials"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--moments", type=int, default=50, help="of each kind, at most (default: 50)")
    parser.add_argument("--seed", type=int, default=19, help="what chance begins with (default: 19)")
    parser.add_argument(
        "--kind", default="", help="only kinds in whose name this regular expression is found"
    )
    parser.add_argument(
        "--calls", help="tries calls instead: those of stands in whose name this is found, or all"
    )
    parser.add_argument("--faults", help="which faults of calls, with commas between (default: all)")
    parser.add_argument("--write", action="store_true", help="writes which calls these make")
    said = parser.parse_args()
    if said.calls is not None:
        return calls(said)
    # The loopback servers need not tell that a client was killed.
    socketserver.BaseServer.handle_error = lambda *_: None  # type: ignore[method-assign]
    alone = {name: kind for name, kind in KINDS.items() if re.search(said.kind, name)}
    together = {name: kind for name, kind in crews.KINDS.items() if re.search(said.kind, name)}
    on_server = {name: kind for name, kind in ON_SERVER.items() if re.search(said.kind, name)}
    wrong = 0
    print(f"seed {said.seed}")
    with tempfile.TemporaryDirectory(prefix="chaos-") as base:
        if together:  # before anything else is forked
            with crews.estate(Path(base)) as estate:
                print(f"an undisturbed run by a crew: {estate.seconds:.1f} s")
                wrong += sum(tried(name, kind, estate, said) for name, kind in together.items())
        if alone:
            with shop(Path(base, "alone")) as made:
                print(f"an undisturbed run: {made.seconds:.1f} s, {made.steps} steps on disk")
                wrong += sum(tried(name, kind, made, said) for name, kind in alone.items())
        if on_server:
            with postgres.serving() as server, shop(Path(base, "server"), server) as made:
                print(f"an undisturbed run with PostgreSQL: {made.seconds:.1f} s")
                wrong += sum(tried(name, kind, made, said) for name, kind in on_server.items())
    forked_aws.end()
    command.end()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
