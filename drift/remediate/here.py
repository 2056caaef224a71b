"""What is known in the work on one repository: its copy, its findings, and of what a run may speak there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.config.remediate import Action, Remediate
from drift.remediate.known import Sight
from drift.remediate.outcome import Outcome
from drift.remediate.plan import Group, Planned, chosen, grouped
from drift.remediate.policy import Chosen
from drift.remediate.publish import Published
from drift.remediate.verdict import Verdict
from drift.remediate.workspace import Workspace


@dataclass
class Here:
    """``run`` is the report's member, ``told`` the findings that it has and knows, by id; ``sight`` is of
    what it may speak; ``decided`` are the findings of which something is done in this run."""

    said: Remediate
    run: Mapping[str, Any]
    space: Workspace
    before: Verdict
    outcome: Outcome
    sight: Sight
    told: Mapping[str, Mapping[str, Any]]
    decided: frozenset[str] = frozenset()

    @property
    def environment(self) -> str:
        return str(self.run.get("environment") or "")

    def groups(self, ones: Sequence[Planned]) -> list[Group]:
        """In groups; one of another branch than the repository's own is another one."""
        groups = grouped(ones, self.said.group_by, self.said.max_changes)
        if not self.space.default:
            for group in groups:
                group.key += f" into {self.space.branch}"
        return groups

    def more(self, mark: Mapping[str, Any] | None, action: Action) -> list[Planned] | None:
        """The findings that are in an open pull request or issue already, may still be so, and of which
        nothing else was chosen; None where it can't be told of all of them."""
        found = []
        for id_ in self.sight.others(mark, self.decided):
            finding, told = self.before.findings.get(id_), self.told.get(id_)
            if told is None or told.get("status") == "unknown":
                return None
            if finding is None or told.get("status") == "pending":  # the base branch says so already
                continue
            why = Chosen(action, "it is in what is open already")
            found.append(chosen(finding, told, {id_: why}, self.environment, self.said))
        return found

    def record(self, one: Published) -> dict[str, Any]:
        """What became of a pull request or an issue, for the outcome."""
        return {"repository": self.space.name, **one.record()}
