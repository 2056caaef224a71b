"""A repository, a live side and what becomes of its findings: the whole way from a finding to a proved
edit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from drift.config.model import load
from drift.editor import Edit, Place
from drift.finding import Finding
from drift.remediate.adopt import Adopting
from drift.remediate.proof import Proof
from drift.remediate.verdict import Verdict
from drift.said import Anew

_WHO = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@acme.example",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@acme.example",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """``before`` are the findings by ``kind name path``; ``files`` each file that is another one now, as it
    is now (None: it went); ``edits`` what was done for each finding; ``described`` why nothing was, and
    where to look."""

    before: Mapping[str, Finding]
    after: Verdict
    files: Mapping[str, str | None]
    edits: Mapping[str, Sequence[Edit]]
    described: Mapping[str, tuple[str, Sequence[Place]]]
    #: What `git diff --numstat` says: file → (lines added, lines removed).
    numstat: Mapping[str, tuple[int, int]]


def repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A Git repository with one commit on the branch main, that holds these files."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message=All of it"),
    ):
        subprocess.run(["git", *command], cwd=folder, env=_WHO, check=True, capture_output=True)
    return folder


def snapshot(
    file: Path,
    resources: Sequence[Mapping[str, Any]],
    context: Mapping[str, Any] | None = None,
    cells: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """A snapshot of these records (docs/reference/records.md); their cells, and those named besides, were
    read to their ends."""
    named: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in (*resources, *cells):
        cell = {
            "provider": one["provider"],
            "scope": one["scope"],
            "region": one.get("region") or "global",
            "type": one["type"],
        }
        row = named.setdefault(
            tuple(cell.values()), {**cell, "status": "checked", "resources": 0, "message": ""}
        )
        row["resources"] += "id" in one
    header = {
        "drift_snapshot": 1,
        "taken_at": "2026-01-01T00:00:00Z",
        "resources": len(resources),
        "coverage": list(named.values()),
        "context": dict(context or {}),
    }
    lines = [json.dumps(header), *(orjson.dumps(one).decode() for one in resources)]
    file.write_text("\n".join(lines) + "\n")
    return file


class Checked(Proof):
    """Says what a comparison finds that reads again only what an edit touches, once it is the same as one
    that reads all again."""

    def judged(self, wanted: Callable[[str], bool]) -> Verdict:
        kept, reading = super().judged(wanted), self._run.reading
        self._run.reading = Anew()
        whole = super().judged(wanted)
        self._run.reading = reading
        assert _said(kept) == _said(whole)
        return kept


def _said(verdict: Verdict) -> tuple[object, ...]:
    found = verdict.findings
    return found, verdict.unverifiable, verdict.problems, verdict.declared, verdict.in_sync


def adopted(folder: Path, live: Path, *ids: str) -> Outcome:
    """What becomes of findings (none named: all) of a repository with a drift.yaml against a snapshot, when
    they are adopted."""
    proof = Checked(load(folder / "drift.yaml", None, {}), [live])
    before = proof.judged(lambda _: True)
    done = Adopting(proof, frozenset(ids or before.findings), before).run()
    after = proof.judged(lambda _: True)
    files: dict[str, str | None] = {}
    numstat: dict[str, tuple[int, int]] = {}
    for space in proof.workspaces.values():
        for file, content in space.changed.items():
            name = space.inside(file)
            files[name] = None if content is None else content.decode()
            numstat[name] = _numstat(folder, space.original(file) or b"", content or b"")
    return Outcome(before.findings, after, files, done.edits, done.described, numstat)


def _numstat(folder: Path, old: bytes, new: bytes) -> tuple[int, int]:
    one, other = folder / ".git" / "old", folder / ".git" / "new"
    one.write_bytes(old)
    other.write_bytes(new)
    told = subprocess.run(
        ["git", "diff", "--no-index", "--numstat", str(one), str(other)],
        capture_output=True,
        env=_WHO,
        check=False,
    ).stdout.split()
    return (int(told[0]), int(told[1])) if told else (0, 0)
