"""One repository's findings: each group adopted alone from the base branch on, proved, and published; what is
to be restored told in issues; what is no longer so closed."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from drift.config.remediate import Action, Remediate
from drift.deadline import Deadline
from drift.editor import Edit, NotEdited
from drift.errors import DriftError
from drift.forge import Hosted
from drift.live.tasks import Stage, Watch
from drift.remediate import people, words
from drift.remediate.adopt import Adopting
from drift.remediate.homes import Homes
from drift.remediate.hosts import Host
from drift.remediate.issues import Issues, Report
from drift.remediate.known import Sight, accepted
from drift.remediate.outcome import Outcome, restorable
from drift.remediate.plan import Group, Planned, chosen, grouped
from drift.remediate.policy import Chosen
from drift.remediate.proof import Proof, Verdict
from drift.remediate.publish import Patch, Published, Publisher
from drift.remediate.standing import Open
from drift.remediate.words import mark_of
from drift.remediate.workspace import Workspace

_TOO_MANY = "there are more than remediate.max_changes; it follows when what is before it is merged"
#: States of a pull request that has what it is to have.
_THERE = ("opened", "updated", "unchanged", "would open", "would update")
_UNSEEN = (
    "it holds findings that this run did not look at, or of another configuration: it is left as it is; run "
    "over everything, or set remediate.branch or `environment`"
)


@dataclass
class Mending:
    """The work on one repository. ``run`` is the report's member, ``sight`` of what it may speak,
    ``there`` the repository at its forge; ``told`` the findings that it has and knows, by id."""

    said: Remediate
    run: Mapping[str, Any]
    space: Workspace
    proof: Proof
    before: Verdict
    homes: Homes
    outcome: Outcome
    sight: Sight
    there: Host
    told: Mapping[str, Mapping[str, Any]]
    deadline: Deadline
    watch: Watch
    dry: bool = False
    #: Whether what is over is closed.
    closes: bool = True
    #: The findings that a person has chosen in this run.
    by_hand: Container[str] = ()
    _decided: frozenset[str] = frozenset()

    @property
    def environment(self) -> str:
        return str(self.run.get("environment") or "")

    def work(self, planned: Sequence[Planned]) -> None:
        """Everything, for the findings that are at home here. Raises DriftError where the forge can't be
        asked at all."""
        there = self.there
        hosted, why_not = there.forge, self._refused(there.place)
        run = str(self.run["id"])
        publisher = Publisher(
            self.space, self.said, run, self.sight, hosted, self.deadline, there.page, self.dry
        )
        marks = [] if why_not else publisher.marks()
        open_ = Open(marks, self.sight, self.by_hand, self.said.accept_days)
        kept_open, planned = open_.sorted_out(planned)
        for one in kept_open:
            self.outcome.say(one.id, "left", "it is accepted in a pull request that is open", one)
        self._decided = frozenset(one.id for one in planned)
        kept: list[str] = []
        writes = [one for one in planned if one.chosen.action in ("adopt", "accept")]
        for group in self._groups(writes):
            for one in group.rest:
                self.outcome.say(one.id, "waiting", _TOO_MANY, one)
            kept.append(group.branch(self.said.branch, self.environment))
            self._group(group, kept[-1], publisher, why_not)
        self._restore()
        for one in planned:
            if one.chosen.action == "describe":
                self._describe(one, one.chosen.why)
        reverts = [one for one in planned if one.chosen.action == "revert"]
        told = self._reverts(reverts, hosted)
        if hosted is None or why_not or not self.closes:
            return
        there_now = [one for one in self.outcome.pull_requests if one["state"] in _THERE]
        elsewhere = frozenset(id_ for one in there_now for id_ in one["findings"])
        self.outcome.pull_requests += map(self._record, publisher.close_others(kept, elsewhere))
        if self.said.issues:
            issues = Issues(hosted, self.said, self.sight, self.dry)
            self.outcome.issues += map(self._record, issues.close_others(told))

    def _restore(self) -> None:
        """Has every copy be what its commit is."""
        for each in self.proof.workspaces.values():
            each.restore()

    def _groups(self, ones: Sequence[Planned]) -> list[Group]:
        """In groups; one of another branch than the repository's own is another one."""
        groups = grouped(ones, self.said.group_by, self.said.max_changes)
        if not self.space.default:
            for group in groups:
                group.key += f" into {self.space.branch}"
        return groups

    def _record(self, one: Published) -> dict[str, Any]:
        return {"repository": self.space.name, **one.record()}

    def _refused(self, place: str) -> str:
        """Why nothing may be pushed to a repository; empty where it may."""
        allowed = self.said.repositories
        if allowed is None or any(fnmatchcase(place, glob) for glob in allowed):
            return ""
        return f"{place} is not among remediate.repositories"

    # What is written

    def _group(self, group: Group, branch: str, publisher: Publisher, why_not: str) -> None:
        """Adopts one group alone, so that its pull request is proved as it will be merged."""
        try:
            early = self._early(group, branch, publisher) if not why_not else None
        except DriftError as error:
            early = Published(branch, "refused", str(error))
        if early is not None:
            self._said(group.members, early)
            return
        self.watch(Stage(f"editing and proving {group.name}"))
        self._restore()
        choices = {one.id: one.chosen for one in group.members}
        adopting = Adopting(self.proof, frozenset(choices), self.before, choices, self.said.accept_days)
        done = adopting.run()
        for one in group.members:
            if one.id in done.described:
                why, where = done.described[one.id]
                self._describe(one, why, words.described(where, self.space.inside))
        members = [one for one in group.members if one.id in done.edits]
        files = self.space.changed
        elsewhere = [
            each for each in self.proof.workspaces.values() if each is not self.space and each.changed
        ]
        if elsewhere:  # what is proved together would not be merged together
            for one in members:
                self._describe(
                    one, f"what would be edited lies in {elsewhere[0].name}, too, another repository"
                )
            return
        if not members or not files:
            return
        if self.said.validate_ and not why_not:
            try:
                adopting.validate([file for file, content in files.items() if content is not None])
            except NotEdited as error:
                why_not = error.reason
        patch = self._patch(Group(group.key, group.name, members, group.rest), branch, files, done.edits)
        if why_not:
            published = Published(branch, "refused", why_not)
        else:
            try:
                published = publisher.publish(patch)
            except DriftError as error:
                published = Published(branch, "refused", str(error))
        diff = self.before.told(self.space.diff(files))
        self.outcome.pull_requests.append(
            {
                **self._record(published),
                "base": self.space.branch,
                "title": patch.title,
                "findings": [one.id for one in members],
                "diff": diff,
            }
        )
        for one in members:
            edits = [edit.says for edit in done.edits[one.id]]
            more = {"pull_request": published.url} if published.url else {}
            self.outcome.say(one.id, published.state, published.why, one, edits=edits, branch=branch, **more)

    def _early(self, group: Group, branch: str, publisher: Publisher) -> Published | None:
        """What becomes of a group's pull request whatever the edits are; None where they decide. What is
        open and mends more than this run was asked for keeps that. Raises DriftError."""
        known = publisher.known(branch)
        if known is None or known.state != "open":
            return publisher.waiting(branch)
        mark = mark_of(known.body)
        more = self._more(mark, group, "adopt")
        if more is None or accepted(mark).keys() & {one.id for one in more}:
            return Published(branch, "left", _UNSEEN, known.url, title=known.title)
        group.members += more
        return None

    def _more(self, mark: Mapping[str, Any] | None, group: Group, action: Action) -> list[Planned] | None:
        """The findings that are in a group's pull request or issue already, may still be so, and of which
        nothing else was chosen; None where it can't be told of all of them."""
        found = []
        for id_ in self.sight.others(mark, self._decided):
            finding, told = self.before.findings.get(id_), self.told.get(id_)
            if told is None or told.get("status") == "unknown":
                return None
            if finding is None or told.get("status") == "pending":  # the base branch says so already
                continue
            why = Chosen(action, f"it is in what is open for {group.name} already")
            found.append(chosen(finding, told, {id_: why}, self.environment, self.said))
        return found

    def _kept_issue(self, issues: Issues, group: Group) -> Published | None:
        """That a group's issue tells of more than this run knows, and is left; None where it does not."""
        known = issues.of(group.key)
        if known is None or known.state != "open":
            return None
        more = self._more(mark_of(known.body), group, "revert")
        if more is None:
            return Published("", "left", _UNSEEN, known.url, title=known.title)
        group.members += more
        return None

    def _said(self, members: Sequence[Planned], published: Published) -> None:
        ids = [one.id for one in members]
        self.outcome.pull_requests.append({**self._record(published), "findings": ids})
        more = {"pull_request": published.url} if published.url else {}
        for one in members:
            self.outcome.say(one.id, published.state, published.why, one, branch=published.branch, **more)

    def _patch(
        self,
        group: Group,
        branch: str,
        files: Mapping[Path, bytes | None],
        edits: Mapping[str, Sequence[Edit]],
    ) -> Patch:
        accepts = all(one.chosen.action == "accept" for one in group.members)
        return Patch(
            group.key,
            branch,
            words.title(group, "Accept" if accepts else "Adopt", self.environment),
            partial(words.body, group, edits, self.run),
            files,
            {one.id: one.digest for one in group.members},
            {one.id: str(one.chosen.until) for one in group.members if one.chosen.action == "accept"},
            people.reviewers(group, self.said),
            people.assignees(group, self.said),
        )

    # What is not

    def _describe(self, one: Planned, why: str, look: Sequence[str] = ()) -> None:
        lines = list(look) or _lines(one)
        self.outcome.say(one.id, "described", why, one, **({"look_at": lines} if lines else {}))

    def _reverts(self, ones: Sequence[Planned], hosted: Hosted | None) -> list[str]:
        """Tells what is to be restored, in an issue a group where the forge has them; gives their groups."""
        if hosted is None or not self.said.issues:
            for one in ones:
                restorable(self.outcome, one, self.homes, one.chosen.why)
            return []
        issues = Issues(hosted, self.said, self.sight, self.dry)
        groups = self._groups(ones)
        for group in groups:
            for one in group.rest:
                restorable(self.outcome, one, self.homes, one.chosen.why)
            early = self._kept_issue(issues, group)
            restoring = {one.id: self.homes.restoring(one.finding) for one in group.members}
            report = Report(
                group.key,
                words.title(group, "Restore", self.environment),
                partial(words.issue, group, restoring, self.run),
                {one.id: one.digest for one in group.members},
                people.assignees(group, self.said),
            )
            try:
                told = early or issues.tell(report)
            except DriftError as error:
                told = Published("", "refused", str(error))
            ids = [one.id for one in group.members]
            self.outcome.issues.append({**self._record(told), "title": report.title, "findings": ids})
            more = {"issue": told.url} if told.url else {}
            for one in group.members:
                restorable(self.outcome, one, self.homes, told.why or one.chosen.why, **more)
        return [group.key for group in groups]


def _lines(one: Planned) -> list[str]:
    """The lines that say what is different, as the report knows them; else the one that declares it."""
    written = [change["written_at"] for change in one.told.get("changes", ()) if change.get("written_at")]
    if written:
        return list(dict.fromkeys(f"{place['file']}:{place['line']}" for place in written))
    origin = one.finding.declared.origin if one.finding.declared else None
    return [str(origin)] if origin is not None and origin.file else []
