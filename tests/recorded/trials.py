"""Three trials of one type on recorded answers: is all of an answer in the resource, does what was asked
agree with what is answered, and is each change told exactly."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.errors import DriftError
from drift.facts import PathFacts
from drift.model import Coverage, Resource
from providers.aws.facts import Entry
from tests.recorded.account import suspects
from tests.recorded.examples import Recording
from tests.recorded.pairs import declaration, noise
from tests.recorded.replay import Piece, pieces, replayed

#: What makes something; the rest of what is recorded with its parameters only looks, or changes.
_MAKES = ("create", "put_function", "run", "register", "allocate", "request", "import")


@dataclass(slots=True)
class Told:
    """What a trial found of one type: how much it tried, and each fault with where it stands."""

    tried: int = 0
    wrong: int = 0
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def read(entry: Entry, recordings: Iterable[Recording], told: Told) -> Iterator[tuple[Piece, list[Resource]]]:
    """Each piece with the resources that it gives; what could not be read is a fault."""
    for piece in pieces(entry, recordings):
        told.tried += 1
        where = piece.recording.where
        try:
            read = replayed(entry, piece)
        except (DriftError, TypeError, KeyError, AttributeError, ValueError) as error:
            told.wrong += 1
            told.faults[f"! {type(error).__name__}: {error}"].append(where)
            continue
        for one in read:
            if isinstance(one, Coverage):
                told.faults[f"! {one.message}"].append(where)
        yield piece, [one for one in read if isinstance(one, Resource)]


def accounted(entry: Entry, recordings: Iterable[Recording]) -> Told:
    """Whether each leaf of an answer that has a writable property's name is in the resource."""
    told = Told()
    for piece, resources in read(entry, recordings, told):
        found = list(suspects(entry, piece.value, resources)) if resources else []
        told.wrong += bool(found)
        for path, leaf in found:
            told.faults[f"{piece.step.call} {path}"].append(f"{leaf} ({piece.recording.where})")
    return told


def asked(entry: Entry, recordings: Iterable[Recording]) -> Told:
    """Whether what was asked of AWS, as a declaration, agrees with its answer."""
    reading, told = Told(), Told()
    rows: list[tuple[Resource, Mapping[str, Any]]] = []
    where: list[str] = []
    beside = {one["call"] for one in entry.said.get("join", ())}
    beside |= {one["call"] for one in entry.said.get("describe", ()) if "as" in one}
    made = [one for one in recordings if one.asked and one.operation.startswith(_MAKES)]
    for piece, resources in read(entry, made, reading):
        if resources and piece.step.call not in beside:
            said, left = declaration(entry, piece.recording.asked or {})
            rows.append((resources[0], said))
            where.append(f"{piece.recording.where}{f' without {left}' if left else ''}")
    told.tried = len(rows)
    wrong = set()
    for number, path, declared, live in _compared(rows):
        if path[:1] not in "~?":
            wrong.add(number)
            told.faults[path].append(f"{declared!r:.80} -> {live!r:.80} ({where[number]})")
    told.wrong = len(wrong)
    return told


def turned(entry: Entry, recordings: Iterable[Recording]) -> Told:
    """Whether a resource agrees with itself as people would write it, and with each leaf changed is told to
    differ there and nowhere else."""
    told = Told()
    found = ((one, piece.recording.where) for piece, all_ in read(entry, recordings, told) for one in all_)
    return itself(entry, found, Told())


def itself(entry: Entry, found: Iterable[tuple[Resource, str]], told: Told) -> Told:
    """The same of resources, each with where it is from."""
    rows: list[tuple[Resource, Mapping[str, Any]]] = []
    cases: list[tuple[str, str]] = []
    seen: set[str] = set()
    for one, where in found:
        own = json.loads(json.dumps(one.attributes, default=str))
        text = json.dumps(own, sort_keys=True)
        if text in seen:
            continue
        seen.add(text)
        said = {name: value for name, value in own.items() if not _only_read(entry, (name,))}
        rows.append(
            (one, {name: _rewritten(value, _below(entry.facts.root, name)) for name, value in said.items()})
        )
        cases.append((where, ""))
        for way in leaves(said):
            if _only_read(entry, way):
                continue
            rows.append((one, altered(said, way)))
            cases.append((where, "/" + "/".join(map(str, way))))
    paths: dict[int, list[str]] = defaultdict(list)
    for number, path, *_ in _compared(rows, singly=bool(entry.said.get("single"))):
        paths[number].append(path)
    for number, (where, changed) in enumerate(cases):
        fault = _fault(changed, paths[number])
        told.tried += 1
        if fault:
            told.wrong += 1
            told.faults[f"{re.sub('/[0-9]+', '/*', changed) or 'unchanged'} {fault}"].append(where)
    return told


def _fault(changed: str, found: list[str]) -> str | None:
    """What is wrong with what is told of a resource of which one leaf was changed, or none (an empty
    path)."""
    differs = [path for path in found if path[:1] not in "~?"]
    if not changed:
        return f"tells {', '.join(differs)}" if differs else None
    top = "/" + changed.split("/")[1]
    if not any(path.startswith((top, f"?{top}")) for path in found):
        return "is not told"
    others = [path for path in differs if not path.startswith(top)]
    return f"also tells {', '.join(others)}" if others else None


def _compared(
    rows: list[tuple[Resource, Mapping[str, Any]]], *, singly: bool = False
) -> Iterator[tuple[int, str, Any, Any]]:
    """The changes of each row; ``singly``: of what a place has one of, a row at a time."""
    for start, lot in enumerate([one] for one in rows) if singly else [(0, rows)] if rows else ():
        with tempfile.TemporaryDirectory() as folder:
            for id_, path, declared, live in noise(lot, Path(folder)):
                yield start + (0 if singly else int(id_.rpartition("#")[2])), path, declared, live


def _only_read(entry: Entry, way: tuple[str | int, ...]) -> bool:
    """Whether what is there, or something above it, is only ever told."""
    node = entry.facts.root
    for part in way:
        node = node.member() if isinstance(part, int) else node.child(part)
        if node.read_only:
            return True
    return False


def _below(facts: PathFacts | None, name: str) -> PathFacts | None:
    return None if facts is None else facts.children.get(name) or facts.any


def _rewritten(value: Any, facts: PathFacts | None) -> Any:
    """A value as somebody else would write it: members and sets in another order, numbers and booleans as
    text."""
    kind = facts.kind.name if facts is not None and facts.kind is not None else ""
    if isinstance(value, dict):
        return {name: _rewritten(one, _below(facts, name)) for name, one in reversed(value.items())}
    if isinstance(value, list):
        inside = [_rewritten(one, facts.any if facts else None) for one in value]
        return inside[::-1] if kind in ("set", "tags", "keyed-list") else inside
    if isinstance(value, bool):
        return str(value).lower() if kind == "boolean" else value
    return str(value) if isinstance(value, (int, float)) and kind in ("integer", "number") else value


def leaves(value: Any) -> Iterator[tuple[str | int, ...]]:
    """The ways to all leaves; of a list's members one each."""
    known = set()
    for way in _ways(value, ()):
        general = tuple("*" if isinstance(part, int) else part for part in way)
        if general not in known:
            known.add(general)
            yield way


def _ways(value: Any, way: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, (dict, list)):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _ways(one, (*way, name))
    else:
        yield way


def altered(said: Mapping[str, Any], way: tuple[str | int, ...]) -> dict[str, Any]:
    """What is said with another value at a way."""
    found: dict[str, Any] = copy.deepcopy(dict(said))
    inside: Any = found
    for part in way[:-1]:
        inside = inside[part]
    inside[way[-1]] = _other(inside[way[-1]])
    return found


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    text = str(value)
    if text in ("true", "false"):
        return "false" if text == "true" else "true"
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return str(int(float(text)) + 1)
    return (
        f"{text}zz"
        if text.startswith("arn:")
        else text.replace("2024-", "2025-")
        if "2024-" in text
        else f"zz{text}zz"
    )
