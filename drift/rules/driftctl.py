"""driftctl's ``.driftignore``: a line is ``terraform_type.id`` or a type alone, with ``*`` for any text,
``!`` takes it back, the last line that fits decides. A dot that belongs to the id or type is written ``\\.``.

Source: https://docs.driftctl.com/next/usage/filtering/driftignore
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from drift.finding import Finding
from drift.model import Resource
from drift.provider import Provider
from drift.rule import Again, Note, Rule

NAME = ".driftignore"


@dataclass(frozen=True, slots=True)
class Line:
    """One pattern: that at ``index`` of ``lines``, which are from the last to the first. Where one below it
    speaks of the same resource, that decides."""

    note: Note
    pattern: re.Pattern[str]
    negated: bool
    lines: list[Line]
    index: int
    reach: Callable[[Finding], bool]
    providers: Mapping[str, Provider]

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        names = _names(finding, self.providers)
        if self.negated or not self._fits(names) or not self.reach(finding):
            return finding
        last = next((line for line in islice(self.lines, self.index) if line._fits(names)), self)
        return finding if last.negated else None

    def _fits(self, names: frozenset[str]) -> bool:
        return any(self.pattern.fullmatch(name) for name in names)


def rules(
    text: str, name: str, reach: Callable[[Finding], bool], providers: Mapping[str, Provider]
) -> Iterator[Rule]:
    """The rules of a file. Negated lines are no rules of their own: they only weaken those above them."""
    lines: list[Line] = []
    said = list(enumerate(text.splitlines(), 1))
    for number, line in reversed(said):
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        negated = pattern.startswith("!")
        note = Note(f"{name}:{number}", f"driftctl: {pattern}", name, number)
        compiled = _compiled(pattern.removeprefix("!"))
        lines.append(Line(note, compiled, negated, lines, len(lines), reach, providers))
    yield from (line for line in reversed(lines) if not line.negated)


def _compiled(pattern: str) -> re.Pattern[str]:
    said = [""]
    for escaped, letter in re.findall(r"\\(.)|(.|\\$)", pattern, re.S):
        if letter == "*":
            said.append("")
        else:
            said[-1] += re.escape(escaped or letter)
    first, *between = said
    last = between.pop() if between else None
    # Between two stars the first text that fits is enough, so that many stars take no time without end.
    text = first + "".join(f"(?>.*?{one})" for one in between) + ("" if last is None else f".*{last}")
    return re.compile(text, re.S)


def _names(finding: Finding, providers: Mapping[str, Provider]) -> frozenset[str]:
    """What driftctl may call the resource: each Terraform name of its type with each form of its id."""
    types: set[str] = set()
    ids: set[str] = set()
    for side in (finding.declared, finding.live):
        if side is not None:
            types |= _types(side, providers.get(side.provider))
            ids |= set(_ids(side))
    return frozenset({*types, *(f"{type_}.{id_}" for type_ in types for id_ in ids)})


def _types(side: Resource, provider: Provider | None) -> set[str]:
    dialect = None if provider is None else provider.terraform
    if dialect is None:
        return set()
    found = set(dialect.names(side.type))
    if side.origin and side.origin.source.startswith("terraform") and side.origin.address:
        found.update(part for part in side.origin.address.split(".") if "_" in part and dialect.owns(part))
    return found


def _ids(side: Resource) -> Iterator[str]:
    for text in (side.id, side.name):
        if text:
            yield text
            yield re.split(r"[:/|]", text)[-1]
