"""One repository's findings: each group adopted alone from the base branch on, proved, and published; what is
to be restored told in issues; what is no longer so closed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from drift.deadline import Deadline
from drift.editor import Edit, NotEdited
from drift.errors import DriftError
from drift.live.tasks import Stage, Watch
from drift.remediate import people, words
from drift.remediate.adopt import Adopting
from drift.remediate.here import Here
from drift.remediate.homes import Homes
from drift.remediate.hosts import Host
from drift.remediate.known import accepted
from drift.remediate.plan import Group, Planned
from drift.remediate.proof import Proof
from drift.remediate.publish import UNSEEN, Patch, Published, Publisher
from drift.remediate.reverting import Reverting
from drift.remediate.standing import Open
from drift.remediate.words import mark_of

_TOO_MANY = "there are more than remediate.max_changes; it follows when what is before it is merged"
#: States of a pull request that has what it is to have.
_THERE = ("opened", "updated", "unchanged", "pushed", "would open", "would update")


@dataclass
class Mending:
    """The work on one repository. ``there`` is where it is at its forge."""

    here: Here
    proof: Proof
    homes: Homes
    there: Host
    deadline: Deadline
    watch: Watch
    dry: bool = False
    #: Whether what is over is closed.
    closes: bool = True
    #: The findings that a person has chosen in this run.
    by_hand: Container[str] = ()

    def __post_init__(self) -> None:
        here = self.here
        self.said, self.space, self.outcome = here.said, here.space, here.outcome

    def work(self, planned: Sequence[Planned]) -> None:
        """Everything, for the findings that are at home here. Raises DriftError where the forge can't be
        asked at all."""
        here, hosted, why_not = self.here, self.there.forge, self._refused(self.there.place)
        run = str(here.run["id"])
        publisher = Publisher(
            self.space, self.said, run, here.sight, hosted, self.deadline, self.there.page, self.dry
        )
        reverting = Reverting(here, self.homes, hosted, self.by_hand, self.dry)
        marks = [] if why_not else publisher.marks()
        told = [] if why_not or reverting.issues is None else [one for _, one in reverting.issues.open()]
        open_ = Open(marks, told, here.sight, self.by_hand, self.said.accept_days)
        kept_open, planned = open_.sorted_out(planned)
        for one in kept_open:
            self.outcome.say(one.id, "left", "it is accepted in a pull request that is open", one)
        here.decided = frozenset(one.id for one in planned)
        writes = [one for one in planned if one.chosen.action in ("adopt", "accept")]
        reverts = [one for one in planned if one.chosen.action == "revert"]
        if not why_not:
            writes += self._left_by(publisher, self._chosen(reverts))
        kept: list[str] = []
        for group in here.groups(writes):
            for one in group.rest:
                self.outcome.say(one.id, "waiting", _TOO_MANY, one)
            kept.append(group.branch(self.said.branch, here.environment))
            self._group(group, kept[-1], publisher, why_not)
        self._restore()
        for one in planned:
            if one.chosen.action == "describe":
                self._describe(one, one.chosen.why)
        reverting.tell(reverts, self._chosen(writes))
        if why_not or not self.closes:
            return
        there_now = [one for one in self.outcome.pull_requests if one["state"] in _THERE]
        elsewhere = frozenset(id_ for one in there_now for id_ in one.get("findings", ()))
        self.outcome.pull_requests += map(here.record, publisher.close_others(kept, elsewhere))
        reverting.close_others()

    def _chosen(self, ones: Iterable[Planned]) -> frozenset[str]:
        return frozenset(one.id for one in ones if one.id in self.by_hand)

    def _left_by(self, publisher: Publisher, elsewhere: Container[str]) -> list[Planned]:
        """What is left of pull requests of which a person has chosen something else in part; one of which
        nothing is left is closed. Raises DriftError."""
        here = self.here
        found: list[Planned] = []
        for one, mark in publisher.open():
            if not here.sight.holds(mark, elsewhere):
                continue
            more = here.more(mark, "adopt")
            if more is None or accepted(mark).keys() & {each.id for each in more}:
                left = Published(one.branch, "left", UNSEEN, one.url, title=one.title)
            elif more:
                found += more
                continue
            else:
                left = publisher.withdraw(one, mark)
            self.outcome.pull_requests.append(here.record(left))
        return found

    def _restore(self) -> None:
        """Has every copy be what its commit is."""
        for each in self.proof.workspaces.values():
            each.restore()

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
        adopting = Adopting(self.proof, frozenset(choices), self.here.before, choices, self.said.accept_days)
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
        diff = self.here.before.told(self.space.diff(files))
        self.outcome.pull_requests.append(
            {
                **self.here.record(published),
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
        more = self.here.more(mark, "adopt")
        if more is None or accepted(mark).keys() & {one.id for one in more}:
            return Published(branch, "left", UNSEEN, known.url, title=known.title)
        mine = {one.id for one in group.members}
        group.members += [one for one in more if one.id not in mine]
        return None

    def _said(self, members: Sequence[Planned], published: Published) -> None:
        ids = [one.id for one in members]
        self.outcome.pull_requests.append({**self.here.record(published), "findings": ids})
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
            words.title(group, "Accept" if accepts else "Adopt", self.here.environment),
            partial(words.body, group, edits, self.here.run),
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


def _lines(one: Planned) -> list[str]:
    """The lines that say what is different, as the report knows them; else the one that declares it."""
    written = [change["written_at"] for change in one.told.get("changes", ()) if change.get("written_at")]
    if written:
        return list(dict.fromkeys(f"{place['file']}:{place['line']}" for place in written))
    origin = one.finding.declared.origin if one.finding.declared else None
    return [str(origin)] if origin is not None and origin.file else []
