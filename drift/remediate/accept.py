"""Accepts a finding: an ignore rule beside the declaration that hides just this, with reason, owner and end.

``proposals`` gives the ways to write it, the nearest file first; whether a rule hides the finding and no
other is proved as every edit is.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from drift import reading
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editor import Edit, NotEdited, Place, Replacement
from drift.finding import Change, Finding
from drift.model import MISSING
from drift.redaction import is_secret, marked
from drift.rules.files import NAME
from drift.rules.where import fits, path_fits
from drift.source import Location
from drift.values import children, plain

#: Rules with a value of more members or longer texts name the path alone.
_MOST, _LONGEST = 50, 400
#: What a file of rules begins with where it is new.
_HEAD = "# What `drift` is not to report of what is declared here, and why.\n"
_WILD = re.compile(r"[*?]|\[(?!\d+\]|\")")


@dataclass(frozen=True, slots=True)
class Terms:
    """Why something is no drift, who answers for that, and the last day on which it holds."""

    reason: str
    owner: str | None
    until: date | None


def proposals(
    finding: Finding,
    terms: Terms,
    locations: Iterable[Location],
    changes: Sequence[Change] | None = None,
) -> Iterator[Edit]:
    """Edits that add rules to the nearest ``.driftignore.yaml`` of each location in turn, or make one beside
    it. ``changes`` are those of the finding that are accepted (None: all). Raises NotEdited where a rule
    can't be written."""
    rules = [_rule(finding, terms, change) for change in _chosen(finding, changes)]
    seen: set[Path] = set()
    why: NotEdited | None = None
    for location in locations:
        file = _file(location)
        if file in seen:
            continue
        seen.add(file)
        try:
            yield Edit(_added(file, rules), f"accepts it in {file.name}: {terms.reason}")
        except NotEdited as error:
            why = why or error
    if not seen:
        raise NotEdited("what declares it lies in no repository, so no rule can stand beside it")
    if why is not None:
        raise why


def _chosen(finding: Finding, changes: Sequence[Change] | None) -> Sequence[Change | None]:
    if finding.kind != "changed":
        return (None,)
    return finding.changes if changes is None else changes


def _file(location: Location) -> Path:
    """The nearest file of rules: beside what is declared, or above it in the repository; else the one that is
    made beside it."""
    folder = location.path if location.path.is_dir() else location.path.parent
    above = [one for one in folder.parents if location.root and one.is_relative_to(location.root)]
    return next((one / NAME for one in (folder, *above) if (one / NAME).is_file()), folder / NAME)


def _rule(finding: Finding, terms: Terms, change: Change | None) -> dict[str, Any]:
    """The narrowest rule that hides a change, or the whole of what is missing or unmanaged."""
    resource = finding.resource
    rule: dict[str, Any] = {"type": literal(resource.type)}
    address = finding.declared.origin.address if finding.declared and finding.declared.origin else None
    if resource.id is not None:
        rule["id"] = literal(resource.id)
    elif address is not None:
        rule["address"] = literal(address)
    elif resource.name is not None:
        rule["name"] = literal(resource.name)
    else:
        raise NotEdited("it has no id, no address and no name that a rule could say")
    if resource.scope:
        rule["scope"] = literal(resource.scope)
    if change is None:
        rule["kind"] = finding.kind
    else:
        rule.update(_of_change(change))
    rule["reason"] = terms.reason
    if terms.owner:
        rule["owner"] = terms.owner
    if terms.until:
        rule["until"] = terms.until.isoformat()
    return rule


def _of_change(change: Change) -> dict[str, Any]:
    """The path, and the live value where it is no secret and not too much to read."""
    if not change.path:
        raise NotEdited("the change has no path of its own")
    said: dict[str, Any] = {"path": change.path}
    if not path_fits(change.path, change.path):
        raise NotEdited(f"{change.path} can't be said in a rule")
    if change.sensitive or _hidden(change.live) or _large(change.live):
        return said
    return {**said, "live": None if change.live is MISSING else _literals(plain(change.live))}


def _hidden(value: Any) -> bool:
    return (
        is_secret(value) or (isinstance(value, str) and marked(value)) or any(map(_hidden, children(value)))
    )


def _large(value: Any) -> bool:
    rest, count = [value], 0
    while rest:
        one = rest.pop()
        count += 1
        if count > _MOST or (isinstance(one, str) and len(one) > _LONGEST):
            return True
        rest.extend(children(one))
    return False


def literal(text: str) -> str:
    """A text as a glob that fits nothing else.

    >>> literal("a[0]"), literal("s3:*")
    ('a[0]', 's3:[*]')
    """
    if not _WILD.search(text):
        return text
    escaped = glob.escape(text)
    return escaped if fits(text, escaped) else text


def _literals(value: Any) -> Any:
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, Mapping):
        return {key: _literals(one) for key, one in value.items()}
    return [_literals(one) for one in value] if isinstance(value, list) else value


def _added(file: Path, rules: Sequence[Mapping[str, Any]]) -> tuple[Replacement, ...]:
    """The rules at the end of a file's list. Raises NotEdited."""
    if not file.exists():
        text = YamlText(b"", named=NAME)
        text.append_document({"ignore": [dict(rule) for rule in rules]})
        return (Replacement(file, 0, 0, _HEAD.encode() + text.content),)
    before = reading.content(file, NAME)
    text = YamlText(before, named=NAME)
    said = [number for number, one in enumerate(text.documents) if one.node is not None]
    if not said:
        text.append_document({"ignore": [dict(rule) for rule in rules]})
        return replacements(file, before, text.content)
    if len(said) > 1:
        raise NotEdited(f"{NAME} holds several YAML documents", Place(file))
    listed = text.get(said[0], ("ignore",)) if text.has(said[0], ("ignore",)) else None
    if not listed:
        text.set(said[0], ("ignore",), [dict(rule) for rule in rules])
    else:
        for rule in rules:
            count = len(text.get(said[0], ("ignore",)))
            text.insert(said[0], ("ignore", count), dict(rule))
    return replacements(file, before, text.content)
