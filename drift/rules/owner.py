"""Who owns a finding: CODEOWNERS of the declared file, then a tag or label, then a rule; else nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drift.config.rules import OwnerRule
from drift.finding import Finding
from drift.model import Origin
from drift.rules.labels import labels
from drift.rules.where import speaks_of

NAMES = ("owner", "team", "squad", "maintainer", "contact")


class Owners:
    """Asked once a finding. ``of_file`` says whose the file of an origin is; None where nobody says."""

    def __init__(
        self, rules: Sequence[OwnerRule] = (), of_file: Callable[[Origin], str | None] = lambda _: None
    ) -> None:
        self._rules = rules
        self._of_file = of_file

    def of(self, finding: Finding) -> str | None:
        """The owner as people call them (``@acme/platform``); None: nobody."""
        origin = finding.declared.origin if finding.declared else None
        told = self._of_file(origin) if origin is not None else None
        return told or tagged(finding) or self._by_rule(finding)

    def _by_rule(self, finding: Finding) -> str | None:
        return next((rule.owner for rule in self._rules if speaks_of(rule, finding)), None)


def tagged(finding: Finding) -> str | None:
    """The owner tag or label of the declared side, else of the live one."""
    for resource in (finding.declared, finding.live):
        if resource is None:
            continue
        found = {name.lower(): value for name, value in labels(resource)}
        for name in NAMES:
            if isinstance(found.get(name), str) and found[name]:
                return str(found[name])
    return None
