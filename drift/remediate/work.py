"""The sentence: choose what becomes of each finding of a run, edit, prove, and bring it to the forges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.config.model import Config
from drift.config.remediate import Remediate
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.live.tasks import Stage, Watch, unexpected
from drift.remediate.branch import signing
from drift.remediate.here import Here
from drift.remediate.homes import Homes
from drift.remediate.hosts import Hosts
from drift.remediate.known import Sight, configuration, whole
from drift.remediate.mending import Mending
from drift.remediate.outcome import Outcome, restorable
from drift.remediate.plan import Planned, chosen
from drift.remediate.policy import Chosen
from drift.remediate.proof import Proof
from drift.remediate.verdict import Verdict
from drift.remediate.workspace import Workspace


@dataclass
class Remediation:
    """One run's findings on their way into Git. ``report`` is the run's, ``live`` its live side;
    ``choices`` what a person chose by finding id; ``only_chosen``: nothing is done by policy. ``dry``:
    nothing is pushed, opened or closed."""

    config: Config
    report: Mapping[str, Any]
    live: Sequence[Path]
    choices: Mapping[str, Chosen] = field(default_factory=dict)
    only_chosen: bool = False
    dry: bool = False
    deadline: Deadline = field(default_factory=Deadline)
    tell: Callable[[str], None] = lambda _: None
    watch: Watch = lambda _: None

    def run(self) -> dict[str, Any]:
        """What became of each finding, as a document of the schema ``drift-remediation/1``. Raises DriftError
        for what makes all of it useless."""
        said = signing(self.config.remediate or Remediate(), self.config)
        run, order = self.report["run"], [one["id"] for one in self.report["findings"]]
        for id_ in self.choices:
            if id_ not in order:
                raise DriftError(f"{id_}: the run {run['id']} has no such finding; see its report")
        outcome = Outcome()
        findings = {one["id"]: one for one in self.report["findings"] if self._wanted(one, outcome)}
        self.watch(Stage("reading the base branches"))
        hosts = Hosts(self.config, self.deadline)
        proof = Proof(self.config, self.live, said.base, self.deadline, self.tell, hosts.login)
        outcome.problems += dict.fromkeys(proof.unread.values())
        for copy in proof.workspaces.values():
            copy.protected = tuple(said.protected)
        told = {one["id"]: one for one in self.report["findings"]}
        before = proof.judged(told.__contains__)
        planned = self._planned(findings, proof, before, said, outcome)
        homes = Homes(proof, before, {one.id: one.chosen for one in planned})
        there = {*order, *before.findings}
        complete = whole(self.report)
        sight = Sight(
            self._environment,
            configuration(self.config),
            str(run["started_at"]),
            lambda id_: complete and id_ not in there,
        )
        for space, ones in _at_home(planned, homes, proof):
            if space is None:
                for one in ones:
                    _nowhere(outcome, one, homes)
                continue
            try:
                mending = Mending(
                    Here(said, run, space, before, outcome, sight, told),
                    proof,
                    homes,
                    hosts.of(space.url),
                    self.deadline,
                    self.watch,
                    self.dry,
                    not self.only_chosen,
                    self.choices,
                )
                mending.work(ones)
            except Exception as error:  # noqa: BLE001 - what is wrong with one repository hides no other's outcome
                why = str(error) if isinstance(error, DriftError) else f"it failed: {unexpected(error)}"
                outcome.problems.append(f"{space.name}: {why}")
                for one in ones:
                    if one.id not in outcome.findings:
                        outcome.say(one.id, "refused", why, one)
        return outcome.document(run, order, dry=self.dry)

    @property
    def _environment(self) -> str:
        return str(self.report["run"].get("environment") or "")

    def _planned(
        self,
        findings: Mapping[str, Mapping[str, Any]],
        proof: Proof,
        before: Verdict,
        said: Remediate,
        outcome: Outcome,
    ) -> list[Planned]:
        """What is to be done with the findings that are so at the base branches, too; of others why not."""
        planned: list[Planned] = []
        for id_, one in findings.items():
            finding = before.findings.get(id_)
            if finding is not None:
                planned.append(chosen(finding, one, self.choices, self._environment, said))
            elif why := proof.why_unread(one):
                outcome.say(id_, "refused", f"it could not be looked at: {why}")
            else:
                outcome.say(
                    id_, "described", "it is not so at the base branch, which is another than was compared"
                )
        return planned

    def _wanted(self, told: Mapping[str, Any], outcome: Outcome) -> bool:
        """Whether a finding is one of which anything may be done."""
        id_ = told["id"]
        if id_ in self.choices:
            return True
        if self.only_chosen:
            return False
        if told.get("status") == "pending":
            outcome.say(id_, "pending", "it is in Git already, and is to be applied")
            return False
        if told.get("status") == "unknown":
            outcome.say(id_, "unknown", "it could not be read this time")
            return False
        return True


def _at_home(
    planned: Sequence[Planned], homes: Homes, proof: Proof
) -> list[tuple[Workspace | None, list[Planned]]]:
    """The findings by the copy of the repository that they are at home in; None: in none. Every repository is
    there, as something of an earlier run may be open in it."""
    found: dict[int, tuple[Workspace | None, list[Planned]]] = {
        id(space): (space, []) for space in proof.workspaces.values()
    }
    for one in planned:
        space = homes.home(one.finding)
        found.setdefault(id(space), (space, []))[1].append(one)
    return list(found.values())


def _nowhere(outcome: Outcome, one: Planned, homes: Homes) -> None:
    """Of what lies in no repository the commands are told, and nothing is edited."""
    if one.chosen.action == "revert":
        restorable(outcome, one, homes, one.chosen.why)
    elif one.chosen.action in ("adopt", "accept"):
        outcome.say(one.id, "described", "no Git repository of this run is a place for it", one)
    else:
        outcome.say(one.id, "described", one.chosen.why, one)
