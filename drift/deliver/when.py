"""Whether a run is told: by what it found, and always where it can't be trusted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from drift.config.delivery import When
from drift.deliver.announced import mark
from drift.report.exit_code import unread
from drift.report.fresh import fresh

#: A week less some hours, so that a nightly run that is a little early counts.
WEEK = timedelta(days=7) - timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Decision:
    """``remarks`` are what has to be said on top: why the run can't be trusted."""

    send: bool
    weekly: bool = False
    remarks: tuple[str, ...] = ()


def decide(
    report: Mapping[str, Any],
    when: When,
    last: datetime | None,
    now: datetime,
    remarks: tuple[str, ...] = (),
    known: Collection[str] = (),
) -> Decision:
    """Whether a report is told to somebody who was last told something at ``last``; ``remarks`` are of the
    whole run; ``known`` are the marks of what was told already as new (:mod:`drift.deliver.announced`)."""
    if remarks or when == "always":
        return Decision(True, False, remarks)
    # What was told in the future was told by a clock that was wrong.
    due = last is None or now - last >= WEEK or last - now >= WEEK
    if when == "new" and any(fresh(one) and mark(one) not in known for one in report["findings"]):
        return Decision(True)
    if when == "drift" and any(map(drifted, report["findings"])):
        return Decision(True)
    return Decision(due, due)


def not_whole(report: Mapping[str, Any], known_database: str | None) -> tuple[str, ...]:
    """What of a run has to be told whatever it found; ``known_database`` is the history that an earlier run
    of the environment had."""
    said = []
    rows = report["coverage"]
    if unread(rows):
        said.append("The run was not whole: not everything could be read.")
    elif report["problems"]:
        said.append("The run was not whole: not all that is declared could be read.")
    history = report["run"].get("history")
    if history is not None:
        if history.get("problem"):
            said.append(f"The run could not be remembered: {history['problem']}")
        elif history.get("lost"):
            said.append(f"The history was lost: {history['lost']}")
        elif known_database and history.get("database") != known_database and not history.get("runs"):
            said.append(
                "The history was lost: this environment had one, and now remembers nothing, so that all that "
                "drifted is called new."
            )
    return tuple(said)


def drifted(finding: Mapping[str, Any]) -> bool:
    """Whether a finding is drift."""
    return finding["status"] not in ("pending", "unknown")
