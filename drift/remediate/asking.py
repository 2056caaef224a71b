"""Asks the editors of the declared languages how something is said in Git."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from drift import plugins
from drift.editor import Edit, Editor, NotEdited, Wish
from drift.finding import Change, Finding
from drift.remediate import accept
from drift.remediate.policy import Chosen
from drift.remediate.proof import Proof
from drift.remediate.verdict import Verdict
from drift.source import Declaration

#: Why something is accepted where nobody says it.
_ACCEPTED = "Accepted by a person; say here why it is no drift."


@dataclass
class Asking:
    """Asks for edits of the copies of ``proof``. ``chosen`` is what is to be done with each finding, where it
    is not adopted but accepted."""

    proof: Proof
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    accept_days: int = 30
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    _editors: dict[str, Editor | None] = field(default_factory=dict)

    def changed(self) -> None:
        """Hears that files are others now, so that no editor goes on with what it has read."""
        self._editors.clear()

    def accepts(self, id_: str) -> bool:
        """Whether a finding is to be accepted."""
        chosen = self.chosen.get(id_)
        return chosen is not None and chosen.action == "accept"

    def proposals(self, finding: Finding, path: str | None, now: Verdict) -> Iterable[Edit]:
        """Edits that have Git say one change of a finding (None: all of a resource), the likeliest first.
        Raises NotEdited."""
        if self.accepts(finding.id):
            return self._accepting(finding, now)
        wish, editor = self._wish(finding, path, now)
        return _asked(editor, wish, finding)

    def wished(self, finding: Finding, change: Change | None, source: Declaration, now: Verdict) -> Wish:
        """What a declaration is to say of a finding."""
        estate = now.estate
        return Wish(
            finding,
            change,
            source,
            source.location,
            estate.providers,
            around=tuple(now.said.sources),
            context=estate.context(finding.resource.provider),
            view=estate,
            settings=self.proof.config.settings,
        )

    def beside(self, finding: Finding, now: Verdict) -> tuple[Wish, Editor]:
        """Where a resource that nobody declares fits best. Raises NotEdited."""
        best: tuple[int, Wish, Editor] | None = None
        for source in now.said.sources:
            editor = self.editor(source.source)
            if editor is None or not self.proof.covers(source.location):
                continue
            wish = self.wished(finding, None, source, now)
            fits = editor.adopts(wish)
            if fits > 0 and (best is None or fits > best[0]):
                best = fits, wish, editor
        if best is None:
            raise NotEdited("no declared source is a place for it")
        return best[1:]

    def editor(self, source: str) -> Editor | None:
        """The editor of a declared language; None where there is none."""
        if source not in self._editors:
            known = plugins.names("editors")
            self._editors[source] = plugins.editor(source) if source in known else None
        return self._editors[source]

    def validate(self, sources: Iterable[str], files: Sequence[Path]) -> None:
        """Has the languages' own tools look at edited files. Raises NotEdited where one finds fault."""
        for source in sources:
            editor = self.editor(source)
            if editor is not None:
                editor.validate(files, self.proof.deadline)

    def _accepting(self, finding: Finding, now: Verdict) -> Iterable[Edit]:
        """Proposals of a rule that hides a finding, and no other: beside its declaration, else beside what is
        declared of its kind."""
        chosen = self.chosen[finding.id]
        until = chosen.until or self.today + timedelta(days=self.accept_days)
        terms = accept.Terms(chosen.reason or _ACCEPTED, finding.owner, until)
        source = now.source_of(finding)
        sources = [source] if source is not None else now.said.sources
        locations = [one.location for one in sources if self.proof.space_of(one.location.path) is not None]
        return accept.proposals(finding, terms, locations)

    def _wish(self, finding: Finding, path: str | None, now: Verdict) -> tuple[Wish, Editor]:
        source = now.source_of(finding)
        if source is None:
            return self.beside(finding, now)
        editor = self.editor(source.source)
        if editor is None:
            raise NotEdited(f"there is no editor of {source.source}")
        if not self.proof.covers(source.location):
            raise NotEdited(f"{source.location.display} lies in no Git repository")
        return self.wished(finding, change_at(finding, path), source, now), editor


def change_at(finding: Finding, path: str | None) -> Change | None:
    """The change of a finding at a path; None where there is none."""
    return next((one for one in finding.changes if one.path == path), None) if path is not None else None


def _asked(editor: Editor, wish: Wish, finding: Finding) -> Iterable[Edit]:
    asks: Callable[[Wish], Iterable[Edit]]
    asks = {"changed": editor.change, "missing": editor.remove, "unmanaged": editor.add}[finding.kind]
    return asks(wish)
