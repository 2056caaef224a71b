"""What a run keeps of each finding, hidden ones too, so that it can be explained later: both forms and what
decided."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from typing import IO, Any

import orjson

from drift.compare.canonical import canonicalise
from drift.compare.pair import context_of
from drift.compare.verdict import Verdict
from drift.config.model import Config
from drift.facts import PathFacts, TypeFacts
from drift.finding import Change, Finding, Fold
from drift.live.estate import Estate
from drift.match import Matches
from drift.model import MISSING, Resource
from drift.pointer import split
from drift.report.document import line_of
from drift.terms import Judgement
from drift.values import plain
from drift.verdicts import unmanaged_action

_IN_MEMORY = 4 << 20


class Evidence:
    """The evidence of a run: written to a temporary file finding by finding, so that memory does not grow
    with it.

    Everything in it is redacted.
    """

    def __init__(self, matches: Matches, estate: Estate, config: Config) -> None:
        self._matches, self._estate, self._config = matches, estate, config
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="drift-")  # noqa: SIM115 - closed with it
        self._places = array("Q")

    def keep(self, finding: Finding, verdict: Verdict | None) -> int:
        """Writes the redacted raw and canonical forms, the facts that decided, and why it is a finding at
        all."""
        record = _record(finding, verdict, self._matches, self._estate, self._config)
        self._file.seek(0, 2)
        self._places.append(self._file.tell())
        self._file.write(orjson.dumps(record, default=str) + b"\n")
        return len(self._places) - 1

    def records(self, judgement: Judgement) -> Iterator[dict[str, Any]]:
        """The records of the findings in their order, then of those that rules hide."""
        for number in (*judgement.evidence, *judgement.suppressed):
            self._file.seek(self._places[number])
            record: dict[str, Any] = orjson.loads(self._file.readline())
            yield record


def _record(
    finding: Finding, verdict: Verdict | None, matches: Matches, estate: Estate, config: Config
) -> dict[str, Any]:
    record: dict[str, Any] = {"finding": finding.id}
    facts = _facts(finding.resource, estate)
    for side, resource in (("declared", finding.declared), ("live", finding.live)):
        if resource is not None:
            canonical = getattr(verdict, side) if verdict else _canonical(resource, facts, estate)
            record[side] = {"raw": resource.attributes, "canonical": plain(canonical)}
    record["why"] = _why(finding, matches, estate, config)
    changes = verdict.changes if verdict else ()
    record["decided"] = {change.path: _decided(change, facts) for change in changes}
    record["compared"] = {change.path: _sides(change) for change in changes if not change.sensitive}
    origin = finding.declared.origin if finding.declared else None
    if origin is not None:
        lines = {change.path: line_of(origin, change.path) for change in changes}
        record["lines"] = {path: line for path, line in lines.items() if line is not None}
    record["folds"] = [_fold(fold) for fold in sorted(finding.folds, key=lambda one: (one.path, one.fact))]
    return record


def _sides(change: Change) -> dict[str, Any]:
    """A change's values in canonical form."""
    sides = (("declared", change.declared), ("live", change.live))
    return {side: value for side, value in sides if value is not MISSING}


def _why(finding: Finding, matches: Matches, estate: Estate, config: Config) -> str:
    """Why a resource that one side alone has is a finding."""
    resource = finding.resource
    provider = estate.providers[resource.provider]
    cell = " ".join((resource.provider, *filter(None, resource.cell[1:])))
    if finding.kind == "missing":
        row = estate.status(resource.cell)
        read = "was read" if row is None else f"was read ({row.status}, {row.resources} resources)"
        return f"It is declared, {cell} {read}, and nothing there is {resource.id or resource.name}."
    if finding.kind == "unmanaged":
        if unmanaged_action(config, resource) == "report":
            said = "the configuration asks for such resources (unmanaged: report)"
        elif matches.declares(provider, resource) in matches.declared_types:
            said = "others of this type are declared there"
        else:
            said = "it gives access, and such resources are listed wherever they stand"
        return f"It is live in {cell} and no declared source names it; it is listed because {said}."
    return "The two sides differ after both were brought to canonical form."


def _decided(change: Change, facts: TypeFacts) -> str:
    """The fact by which a path was compared, in one sentence."""
    node, kind = _kind_at(facts.root, change.path)
    how = f"compared as kind {kind}" if kind else "compared as it is; no fact speaks of it"
    if change.sensitive:
        return f"{how}; a secret, of which keyed hashes are compared"
    if change.declared is MISSING and not change.undeclared:
        return f"{how}; what is declared owns its members, and this is none of them"
    if change.declared is MISSING:
        known = ", ".join(map(str, node.defaults))
        default = f"it is not the known default ({known})" if known else "no default is known"
        return f"{how}; nobody declares it, and {default}"
    return how


def _kind_at(node: PathFacts, path: str) -> tuple[PathFacts, str]:
    """The facts of a path, and the nearest kind at or above it."""
    found = ""
    for name in (None, *split(path)):
        node = node if name is None else node.child(name)
        if node.kind is not None:
            found = node.kind.name
    return node, found


def _fold(fold: Fold) -> dict[str, Any]:
    told: dict[str, Any] = {"path": fold.path, "fact": fold.fact}
    for side, value in (("declared", fold.declared), ("live", fold.live)):
        if value is not MISSING:
            told[side] = plain(value)
    return told


def _facts(resource: Resource, estate: Estate) -> TypeFacts:
    provider = estate.providers[resource.provider]
    facts = estate.facts_of(resource)
    assert facts is not None
    return provider.hooks.facts(facts, context_of(resource, estate))


def _canonical(resource: Resource, facts: TypeFacts, estate: Estate) -> Any:
    return canonicalise(resource.attributes, facts.root, context_of(resource, estate))
