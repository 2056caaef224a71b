"""Many configurations in one repository, a live side made of what they declare with some of it changed, and
what becomes of them when all is adopted at once."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from drift.config.model import load
from drift.model import MISSING, Resource
from drift.remediate.proof import Proof
from drift.values import unresolved
from tests.remediate.harness import Outcome, adopted, repository, snapshot

REGION = "eu-west-1"
#: What is taken away.
GONE = object()
#: (type, name) → path of a property → its live value.
Changes = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """``files`` of one folder; ``live``: what is otherwise than declared; ``wanted``: for each file the texts
    that are replaced, each once; ``described``: a part of why nothing is edited; ``lines`` what numstat
    says."""

    name: str
    files: Mapping[str, str]
    live: Changes
    wanted: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    described: str = ""
    lines: tuple[int, int] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def text(self, file: str) -> str:
        """What a file is to be afterwards."""
        text = self.files[file]
        for old, new in self.wanted.get(file, ()):
            assert text.count(old) == 1, (self.name, file, old, text.count(old))
            text = text.replace(old, new)
        return text


@dataclass(frozen=True)
class Settled:
    """What became of all cases."""

    outcome: Outcome
    folder: Path

    def file(self, case: Case, name: str) -> str:
        changed = self.outcome.files.get(f"{case.name}/{name}")
        return changed if changed is not None else case.files[name]

    def why(self, case: Case) -> str:
        """Why findings of a case were not adopted."""
        scope = scope_of(case)
        return "; ".join(
            why
            for id_, (why, _) in self.outcome.described.items()
            if self.outcome.before[id_].resource.scope == scope
        )


def scope_of(case: Case) -> str:
    """An account of its own."""
    return f"{zlib.crc32(case.name.encode()):012d}"


def settled(folder: Path, cases: Sequence[Case]) -> Settled:
    """Adopts all that differs in all cases."""
    entries = [
        {
            "path": case.name,
            "scope": scope_of(case),
            "region": REGION,
            **{
                key: [f"{case.name}/{one}" for one in value] if isinstance(value, list) else value
                for key, value in case.options.items()
            },
        }
        for case in cases
    ]
    assert len({one["scope"] for one in entries}) == len(cases)
    files = {f"{case.name}/{name}": text for case in cases for name, text in case.files.items()}
    config = yaml.safe_dump({"version": 1, "declared": entries})
    top = repository(folder / "infra", {**files, "drift.yaml": config})
    live = list(changed(declared(top), {scope_of(case): case.live for case in cases}))
    return Settled(adopted(top, snapshot(folder / "live.jsonl", live)), top)


def declared(folder: Path) -> Iterator[dict[str, Any]]:
    """What a repository with a drift.yaml declares, as if all of it were live, as records."""
    nothing = snapshot(folder.parent / "nothing.jsonl", [])
    verdict = Proof(load(folder / "drift.yaml", None, {}), [nothing]).judged(lambda _: True)
    merged: dict[tuple[str, str, str], Resource] = {}
    for source in verdict.said.sources:
        for one in source.resources(verdict.estate):
            if not isinstance(one, Resource):
                continue
            known = merged.get((one.scope, one.type, str(one.id or one.name)))
            if known is None:
                merged[one.scope, one.type, str(one.id or one.name)] = one
                continue
            first, other = (known, one) if one.partial else (one, known)
            both = dict(first.attributes)
            for key, value in other.attributes.items():
                mine = both.get(key)
                both[key] = [*mine, *value] if isinstance(mine, list) and isinstance(value, list) else value
            merged[one.scope, one.type, str(one.id or one.name)] = first.but(attributes=both)
    for one in merged.values():
        if one.id is None and one.name is None:
            continue
        yield {
            "provider": one.provider,
            "scope": one.scope,
            "region": one.region,
            "type": one.type,
            "id": one.id or one.name,
            "name": one.name,
            "attributes": known_only(one.attributes),
        }


def known_only(value: Any) -> Any:
    """Without what can't be known."""
    if isinstance(value, Mapping):
        return {
            key: known_only(item)
            for key, item in value.items()
            if item is not MISSING and (isinstance(item, (Mapping, list)) or unresolved(item) is None)
        }
    return [known_only(item) for item in value] if isinstance(value, list) else value


def changed(records: Iterable[dict[str, Any]], changes: Mapping[str, Changes]) -> Iterator[dict[str, Any]]:
    """The records with what a case says; each change must meet one."""
    left = {(scope, *key) for scope, each in changes.items() for key in each}
    for record in records:
        mine = changes.get(record["scope"], {}).get((record["type"], record["name"] or record["id"]))
        if mine is not None:
            left.discard((record["scope"], record["type"], record["name"] or record["id"]))
            record = deepcopy(record)
            for path, value in mine.items():
                put(record["attributes"], path.strip("/").split("/"), value)
        yield record
    assert not left, left


def put(value: Any, steps: Sequence[str], new: Any) -> None:
    """Sets what stands at a path; of a list of tags by its key, of others by number or ``+``."""
    first, *rest = steps
    if isinstance(value, list) and value and isinstance(value[0], dict) and set(value[0]) == {"Key", "Value"}:
        held = next((one for one in value if one["Key"] == first), None)
        if new is GONE:
            value.remove(held)
        elif held is None:
            value.append({"Key": first, "Value": new})
        else:
            held["Value"] = new
        return
    step: Any = first if isinstance(value, dict) else None if first == "+" else int(first)
    if not rest:
        if new is GONE:
            del value[step]
        elif step is None:
            value.append(new)
        else:
            value[step] = new
        return
    if isinstance(value, dict) and step not in value:
        value[step] = [] if step == "Tags" else {}
        if step == "Tags":
            value[step] = [{"Key": rest[0], "Value": new}]
            return
    put(value[step], rest, new)
