"""Where findings are at home: in which repository one would be mended, and how a person restores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drift.editor import NotEdited, Restoring
from drift.finding import Finding
from drift.remediate.asking import Asking
from drift.remediate.policy import Chosen
from drift.remediate.proof import Proof
from drift.remediate.verdict import Verdict
from drift.remediate.workspace import Workspace


@dataclass
class Homes:
    """Of the findings of the base branches, as ``before`` tells them; asked while no file is changed."""

    proof: Proof
    before: Verdict
    chosen: Mapping[str, Chosen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._asking = Asking(self.proof, self.chosen)

    def home(self, finding: Finding) -> Workspace | None:
        """The copy in which a finding would be adopted, or its declaration lies; None where it is in none."""
        source = self.before.source_of(finding)
        if source is None and self._asking.accepts(finding.id):
            spaces = map(self.proof.space_of, (one.location.path for one in self.before.said.sources))
            return next((one for one in spaces if one is not None), None)
        try:
            wish = self._asking.beside(finding, self.before)[0] if source is None else None
        except NotEdited:
            return None
        location = source.location if source is not None else wish.location if wish is not None else None
        return None if location is None else self.proof.space_of(location.path)

    def restoring(self, finding: Finding) -> Restoring | None:
        """How a person brings the live side back to what Git says of a finding; None where that is not
        known."""
        source = self.before.source_of(finding)
        editor = None if source is None else self._asking.editor(source.source)
        if source is None or editor is None:
            return None
        return editor.restoring(self._asking.wished(finding, None, source, self.before))
