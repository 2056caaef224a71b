"""What members have read is kept: a run that lost its crew, or its time, is gone on with, and nothing is
read twice."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from drift import engine
from drift.deadline import Deadline
from drift.engine.contract import Ended
from drift.engine.keeping import Keeping, known, name_of
from drift.engine.shared import Seal
from drift.errors import DriftError
from drift.live.order import Order
from drift.live.pieces import Pieces
from drift.redaction import Redactor
from drift.resumption import LATEST, Kept, Resumption
from drift.scan import Result
from drift.task import Unit
from tests.engine.estate import KEY, Estate, Inline, clusters, told
from tests.engine.test_alike import config_map, declared

COUNT, LIVE = 3, "a-marker-that-is-live"
#: An address that nothing is asked of: the crew is of threads, and what it keeps is sealed.
SAID = {"dask": "tcp://127.0.0.1:1", "shared": "shared"}


class Lost(Inline):
    """A crew of which nobody is left once one unit has been read."""

    at_once = 1

    def __init__(self, key: bytes | None) -> None:
        super().__init__(key)  # type: ignore[arg-type]
        self._left = True

    def members(self) -> Sequence[str]:
        return ["thread"] if self._left else []

    def ended(self, seconds: float) -> Ended | None:
        found = super().ended(seconds)
        self._left = self._left and found is None
        return found


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Estate, list[Any]]]:
    entries = []
    for number in range(COUNT):
        (tmp_path / f"{number}.yaml").write_text(declared(config_map("own", what="said"), config_map("gone")))
        entries.append({"path": f"{number}.yaml", "scope": f"c{number}"})
    contexts = [f"c{number}" for number in range(COUNT)]
    live = {"kubeconfig": str(tmp_path / "kubeconfig"), "contexts": contexts, "max_attempts": 1}
    (tmp_path / "shared").mkdir()
    monkeypatch.setenv("DRIFT_REDACTION_KEY", KEY)
    monkeypatch.setattr("drift.engine.crew.NOBODY_SECONDS", 0.0)
    with clusters(tmp_path, COUNT, lambda _: [config_map("own", what=LIVE)]) as servers:
        yield Estate(tmp_path, {"kubernetes": live}, entries, {"history": False}), servers
    gc.unfreeze()
    gc.enable()


def scan(
    estate: Estate, monkeypatch: pytest.MonkeyPatch, crew: Inline, said: dict[str, Any], resume: str | None
) -> tuple[Result, list[str]]:
    """A run that keeps what is read; what it told."""
    notes: list[str] = []
    run = estate.run(said)
    base = estate.folder / "runs"
    run.resumption = Resumption(base, run.config, resume, tell=notes.append)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "_engine", lambda *_: crew)
        try:
            result = run.scan()
        except DriftError:
            run.resumption.end(whole=False)
            raise
    whole = all(row["status"] == "checked" for row in result.report["coverage"])
    run.resumption.end(whole=whole)
    return result, notes


def readers(result: Result) -> dict[str, set[str | None]]:
    rows: dict[str, set[str | None]] = {}
    for row in result.report["coverage"]:
        rows.setdefault(row["scope"], set()).add(row.get("read_by"))
    return rows


def kept(estate: Estate) -> list[Path]:
    return [*estate.folder.glob("shared/*.kept/*/*"), *estate.folder.glob("runs/*/.kept/*/*")]


@pytest.mark.parametrize(
    ("said", "key"), [({"local": 1}, KEY.encode()), (SAID, None)], ids=["here", "sealed"]
)
def test_a_run_that_lost_its_crew_is_gone_on_with(
    said: dict[str, Any],
    key: bytes | None,
    fleet: tuple[Estate, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    estate, _ = fleet
    alone = estate.alone()
    first, _ = scan(estate, monkeypatch, Lost(key), said, None)
    assert first.forgiving == 3 and not first.report["findings"]  # nobody was left to compare it
    rows = [row for row in first.report["coverage"] if row["type"] == "v1/ConfigMap"]
    assert [(row["status"], row["resources"]) for row in rows] == [("failed", 1)]
    assert rows[0]["message"] == "read, and not compared: no worker is left"
    assert first.report["summary"]["unverifiable"] == 2 * COUNT
    (file,) = kept(estate)
    assert file.stat().st_mode & 0o077 == 0
    if key is None:
        assert not any(text.encode() in file.read_bytes() for text in (LIVE, "ConfigMap", "own"))
    crew = Inline(key)  # type: ignore[arg-type]
    second, notes = scan(estate, monkeypatch, crew, said, LATEST)
    assert any("what its workers have read stands" in note for note in notes)
    mine = readers(second)
    run = first.report["run"]["id"]
    assert sum(run in of for of in mine.values()) == 1 and sum(of == {None} for of in mine.values()) == 2
    assert second.report["run"]["resumed"]["from"] == run
    assert told(second)[2:] == told(alone)[2:]
    places = [[(f["scope"], f["id"], f["kind"]) for f in one.report["findings"]] for one in (alone, second)]
    assert places[0] == places[1]
    assert kept(estate) == [] and list((estate.folder / "runs").glob("*/.checkpoint")) == []
    with pytest.raises(DriftError, match="there is no unfinished run"):
        scan(estate, monkeypatch, Inline(key), said, LATEST)  # type: ignore[arg-type]


def test_what_a_lost_member_has_read_is_not_read_again(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had read its unit to the end, and was lost before it could say so."""
    estate, servers = fleet
    alone = estate.alone()

    class Losing(Inline):
        lost = -1

        def ended(self, seconds: float) -> Ended | None:
            found = super().ended(seconds)
            if found is not None and self.lost < 0:
                self.lost = found.call.unit
                for server in servers:  # what is not kept could not be read
                    server.store.create(config_map("later"), manager="kubectl")
                return found._replace(ending="lost")
            return found

    crew = Losing()
    result, _ = scan(estate, monkeypatch, crew, {"local": 1}, None)
    again = crew.lost
    assert [call.unit for call in crew.calls if call.work == "read"].count(again) == 2
    rows = [row for row in result.report["coverage"] if row["scope"] == f"c{again}"]
    before = [row for row in alone.report["coverage"] if row["scope"] == f"c{again}"]
    assert [row["resources"] for row in rows] == [row["resources"] for row in before]
    assert readers(result)[f"c{again}"] == {None}


def test_what_was_unread_comes_first(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, _ = fleet
    crew = Inline()
    monkeypatch.setattr(engine, "_engine", lambda *_: crew)
    run = estate.run({"local": 1}, deadline=Deadline(600))
    rows = [
        {
            "provider": "kubernetes",
            "scope": f"c{number}",
            "region": "global",
            "type": "v1/ConfigMap",
            "status": "checked",
        }
        for number in range(COUNT)
    ]
    times = ["2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", None]
    run.__dict__["order"] = Order([{**row, "read_at": at} for row, at in zip(rows, times, strict=True)])
    run.scan()
    assert [call.unit for call in crew.calls if call.work == "read"] == [2, 1, 0]


def test_what_is_kept_comes_before_what_was_unread(tmp_path: Path) -> None:
    units = [Unit(None, (f"c{number}",)) for number in range(2)]
    with Keeping(Kept(str(tmp_path), ""), "run", Redactor("k"), None).unit("k", units[1], 1, []):
        assert known(str(tmp_path)) == {name_of("k", units[1])}


def test_a_run_with_another_engine_or_key_is_refused(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, _ = fleet
    scan(estate, monkeypatch, Lost(KEY.encode()), {"local": 1}, None)
    run = estate.run()
    run.resumption = resumption = Resumption(estate.folder / "runs", run.config, LATEST)
    with pytest.raises(DriftError, match="`engine` says otherwise"):
        run.scan()
    resumption.end(whole=False)
    estate.more = {**estate.more, "redaction": {"key": "another"}}
    with pytest.raises(DriftError, match=r"redaction\.key is not what it was read by"):
        scan(estate, monkeypatch, Inline(b"another"), {"local": 1}, LATEST)


def test_sealed_pieces_are_read_with_their_key_alone(tmp_path: Path) -> None:
    with Pieces(tmp_path / "one", new=True, seal=Seal(b"key")) as file:
        piece = file.add({"cells": ["place"]}, b"what was read")
        assert file.body(piece) == b"what was read"
        with Pieces(tmp_path / "two", new=True, seal=Seal(b"key")) as other:
            assert other.body(other.take(file, piece)) == b"what was read"
    text = (tmp_path / "two").read_bytes()
    assert b"place" not in text and b"what was read" not in text
    for key, found in ((b"key", 1), (b"another", 0)):
        with Pieces(tmp_path / "two", seal=Seal(key)) as file:
            assert len(list(file.read())) == found
