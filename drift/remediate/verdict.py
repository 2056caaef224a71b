"""What a comparison of the copies found, and what of it an edit made worse."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drift.finding import Change, Finding
from drift.live.estate import Estate
from drift.remediate.told import Told
from drift.said import Declared
from drift.source import Declaration, Location


@dataclass(slots=True)
class Verdict:
    """What a comparison found: all findings by id, those that were asked for with all that both sides say;
    what is declared where; and what else must not grow by an edit."""

    findings: dict[str, Finding]
    said: Declared
    estate: Estate
    unverifiable: Counter[tuple[str, str, str, str]]
    problems: frozenset[str]
    declared: int
    in_sync: int
    #: Hides in a text what the run knows to be secret.
    told: Callable[[str], str] = str
    #: The declarations with what each told.
    tellers: Sequence[tuple[Declaration, Told]] = ()

    def source_of(self, finding: Finding) -> Declaration | None:
        """The source that declares what a finding speaks of."""
        origin = finding.declared.origin if finding.declared else None
        if finding.declared is None or origin is None:
            return None
        declared = finding.declared
        best = max(self.tellers, key=lambda one: one[1].fit(declared), default=None)
        if best is not None and best[1].fit(declared):
            return best[0]
        holding = [(holds(one.location, origin.file or ""), one) for one in self.said.sources]
        named = [(length, one) for length, one in holding if length]
        if not named:  # a module elsewhere: by language, then by scope
            named = [(0, one) for one in self.said.sources]

        def fit(held: tuple[int, Declaration]) -> tuple[int, bool, int]:
            length, one = held
            scope = one.location.option("scope")
            alike = len(os.path.commonprefix([one.source, origin.source]))
            return alike, scope in (None, finding.resource.scope), length

        return max(named, key=fit, default=(0, None))[1]


class Broken(NamedTuple):
    """What an edit broke, in a sentence, and the finding that it is about, where it is about one."""

    why: str
    finding: Finding | None = None


def worse(
    before: Verdict,
    after: Verdict,
    allowed: Callable[[Finding], bool],
    hidden: frozenset[str] = frozenset(),
) -> list[Broken]:
    """What an edit broke; empty where nothing. ``allowed`` says of a finding that is there after it, and was
    not so before, that it is meant; ``hidden`` are those that a rule is to hide, and then no other may
    go."""
    found = []
    left = [one for id_, one in before.findings.items() if id_ not in after.findings]
    if hidden:
        found += [Broken(f"{_called(one)} would be hidden, too", one) for one in left if one.id not in hidden]
    for id_, finding in after.findings.items():
        known = before.findings.get(id_)
        more = _more(known, finding)
        if more and not allowed(finding):
            found.append(Broken(f"{_called(finding)} would be {finding.kind}{more}", finding))
    unread = sorted(after.problems - before.problems)
    found += [Broken(f"it could not be read any more: {one}") for one in unread]
    for (type_, id_, path, reason), count in after.unverifiable.items():
        if count > before.unverifiable[type_, id_, path, reason]:
            found.append(Broken(f"{type_} {id_}{path} could not be judged any more: {reason}"))
    went = [one for one in left if one.changes and one.id not in hidden]
    if after.in_sync < before.in_sync + len(went):  # last, as it tells the least
        found.append(Broken("a resource would no longer be declared, or no longer be found"))
    return found


def _called(finding: Finding) -> str:
    resource = finding.resource
    where = f" in {resource.scope}" if resource.scope else ""
    return f"{resource.type} {resource.name or resource.id or '?'}{where}"


def _more(known: Finding | None, finding: Finding) -> str:
    """What a finding has that it had not; empty where nothing."""
    if known is None:
        return " " if not finding.changes else f" at {', '.join(one.path for one in finding.changes[:3])}"
    had = {one.path: _values(one) for one in known.changes}
    new = [one.path for one in finding.changes if had.get(one.path) != _values(one)]
    return f" at {', '.join(new[:3])}" if new else ""


def _values(change: Change) -> str:
    return repr((change.declared, change.live, change.undeclared, change.sensitive))


def holds(location: Location, file: str) -> int:
    """How much of a file's name is that of a declared entry, or of a folder that the entry names or lies in;
    0 where it is of another one."""
    shown = location.display.rstrip("/")
    named = [one.rstrip("/") for one in location.options.values() if isinstance(one, str)]
    if location.path.is_file():
        named.append(shown.rpartition("/")[0])
    own = [len(one) + 1 for one in (shown, *named) if one and (file == one or file.startswith(f"{one}/"))]
    lies = 1 if location.path.is_dir() and shown in (".", "") else 0
    return max(own, default=lies)
