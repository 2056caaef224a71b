"""``python -m tests.recorded FOLDER…``: tries the facts of every type on the recordings in folders.

See docs/aws-type-facts.md.
"""

from __future__ import annotations

import argparse
import fnmatch
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from providers.aws.facts import Entry, catalogue
from tests.reading import read_yaml
from tests.recorded import schemas, stored
from tests.recorded.examples import Recording, recordings
from tests.recorded.trials import Told, accounted, asked, turned

TRIALS = {
    "accounted": accounted,
    "asked": asked,
    "turned": turned,
    "schema": schemas.asked,
    "schema-turned": schemas.turned,
}
Trial = Callable[[Entry, Iterable[Recording]], Told]


def half(type_: str) -> str:
    """Which half of the types one is of: facts are tuned on ``a`` and proved on ``b``."""
    return "ab"[hashlib.sha256(type_.encode()).digest()[0] % 2]


def looked_at(reasons: Mapping[str, Mapping[str, str]], trial: str, type_: str, fault: str) -> bool:
    """Whether somebody looked at a fault and found it none (``known.yaml``)."""
    return any(fnmatch.fnmatchcase(f"{type_} {fault}", pattern) for pattern in reasons.get(trial, {}))


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.recorded", description=__doc__)
    arguments.add_argument("folders", nargs="+", type=Path)
    arguments.add_argument("--half", choices=["a", "b"])
    arguments.add_argument("--only", default="*")
    arguments.add_argument("--trial", choices=[*TRIALS, "stored"], action="append")
    arguments.add_argument("--terraform", type=Path, help="what `terraform providers schema -json` prints")
    given = arguments.parse_args()
    trials: dict[str, Trial] = dict(TRIALS)
    if given.terraform:
        known = stored.schemas(json.loads(given.terraform.read_bytes()))
        trials["stored"] = partial(stored.stored, known=known)
    by_service: dict[str, list[Recording]] = defaultdict(list)
    for folder in given.folders:
        for one in recordings(folder):
            by_service[one.service].append(one)
    reasons = read_yaml(Path(__file__).with_name("known.yaml"))
    for name in given.trial or list(trials):
        tally: Counter[str] = Counter()
        entries = schemas.entries() if name.startswith("schema") else catalogue().compared
        for type_, entry in entries.items():
            if not fnmatch.fnmatch(type_, given.only) or given.half not in (None, half(type_)):
                continue
            told = trials[name](entry, _of(entry, by_service))
            faults = {
                what: where
                for what, where in told.faults.items()
                if not looked_at(reasons, name, type_, what)
            }
            _print(type_, faults)
            tally.update(
                {
                    "types": bool(told.tried),
                    "tried": told.tried,
                    "wrong": told.wrong,
                    "types with faults": bool(faults),
                    "faults": len(faults),
                }
            )
        print(f"{name}: {dict(tally)}")


def _of(entry: Entry, by_service: Mapping[str, list[Recording]]) -> list[Recording]:
    if catalogue().is_by_schema(entry.type):
        return [one for service in schemas.services(entry.type) for one in by_service[service]]
    calls: list[Mapping[str, Any]] = [*entry.said.get("describe", ()), *entry.said.get("join", ())]
    services = dict.fromkeys([entry.service, *(one.get("service", entry.service) for one in calls)])
    return [one for service in services for one in by_service[service]]


def _print(type_: str, faults: Mapping[str, list[str]]) -> None:
    if faults:
        print(f"## {type_}")
    for what, where in faults.items():
        print(f"   {what[:200]}: {len(where)}: {'; '.join(sorted(set(where))[:3])}"[:400])


if __name__ == "__main__":
    main()
