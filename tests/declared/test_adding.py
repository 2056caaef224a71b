"""A source that adds to another one reads the same files beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.declared import recognise
from drift.errors import DeclaredError
from drift.source import Location


@dataclass
class Reader:
    """A source that reads every file."""

    name: str
    adds: bool = False

    def recognises(self, path: Path, head: bytes) -> bool:
        return True


def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *readers: Reader) -> list[str]:
    known: dict[str, Any] = {one.name: one for one in readers}
    monkeypatch.setattr(plugins, "sources", lambda: known)
    file = tmp_path / "objects.yaml"
    file.write_text("kind: Thing\n")
    return [one.name for one in recognise(Location(file, file.name))]


def test_the_owner_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert names(monkeypatch, tmp_path, Reader("more", adds=True), Reader("own")) == ["own", "more"]


def test_what_only_adds_reads_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert names(monkeypatch, tmp_path, Reader("more", adds=True)) == ["more"]


def test_two_owners_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(DeclaredError, match="could be any of one, two"):
        names(monkeypatch, tmp_path, Reader("one"), Reader("two"), Reader("more", adds=True))
