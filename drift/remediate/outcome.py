"""What became of each finding, pull request and issue: the document ``drift-remediation/1``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from drift import reading
from drift.moment import rfc3339
from drift.redaction import told
from drift.remediate.homes import Homes
from drift.remediate.plan import Planned

SCHEMA = "drift-remediation/1"


@dataclass
class Outcome:
    """Grows while the work is done, so that what was done is told whatever comes after it."""

    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    pull_requests: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def say(self, id_: str, status: str, why: str, one: Planned | None = None, **more: Any) -> None:
        """What became of a finding. ``status`` is that of its pull request, or ``described``, ``to revert``,
        ``pending``, ``unknown``, ``refused``."""
        action = {} if one is None else {"action": one.chosen.action, "because": one.chosen.why}
        reason = {"why": why} if why else {}
        self.findings[id_] = {"finding": id_, **action, "status": status, **reason, **more}

    def document(self, run: Mapping[str, Any], order: Iterable[str], *, dry: bool) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "run": run["id"],
            "environment": run.get("environment"),
            "at": rfc3339(datetime.now(UTC)),
            "dry_run": dry,
            "findings": _shown([self.findings[id_] for id_ in order if id_ in self.findings]),
            "pull_requests": _shown(self.pull_requests),
            "issues": _shown(self.issues),
            "problems": _shown(self.problems, said=True),
        }


#: Members of what became of something that others said, too: a forge, Git, what reads a file.
_SAID = frozenset({"why", "notes"})


def _shown(value: Any, *, said: bool = False) -> Any:
    """A value in whose texts the names of files that are no UTF-8 are shown as people see them; what others
    ``said`` without what it calls a secret."""
    if isinstance(value, str):
        text = reading.shown(value)
        return told(text) if said else text
    if isinstance(value, Mapping):
        return {key: _shown(one, said=said or key in _SAID) for key, one in value.items()}
    return [_shown(one, said=said) for one in value] if isinstance(value, list | tuple) else value


def restorable(outcome: Outcome, one: Planned, homes: Homes, why: str, **more: Any) -> None:
    """Says of a finding how a person restores it."""
    restoring = homes.restoring(one.finding) if one.finding.kind != "unmanaged" else None
    if restoring is not None:
        more["restore"] = {
            "commands": [list(command) for command in restoring.commands],
            "folder": restoring.folder,
            "does": restoring.does,
        }
    outcome.say(one.id, "to revert", why, one, **more)


def linked(report: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
    """Puts the pull requests and issues of an outcome into the findings of a report (``links``)."""
    known = {one["finding"]: one for one in outcome["findings"]}
    for finding in report["findings"]:
        became = known.get(finding["id"], {})
        finding["links"] |= {name: became[name] for name in ("pull_request", "issue") if became.get(name)}
