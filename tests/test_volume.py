"""What does not fit in memory is kept on disk: the report and the evidence are the same, byte for byte."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from drift.config.model import parse
from drift.declared import recognise
from drift.declared.baseline import Baseline, _Records
from drift.errors import DeclaredError
from drift.listing import HEAD_BYTES
from drift.live.estate import Estate
from drift.match.matches import Taken
from drift.match.merge import _repeated
from drift.model import Origin, Problem, Resource, Sensitive, Unresolved
from drift.records import snapshot
from drift.scan import Run
from drift.source import Loader, Location
from drift.store import live as store
from drift.store.declared import DeclaredStore
from drift.store.texts import Texts
from tests.bench.records import records

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def scanned(folder: Path, declared: list[str]) -> tuple[bytes, list[Any]]:
    """Report and evidence of a run on files."""
    document = {
        "version": 1,
        "declared": [{"path": one} for one in declared],
        "redaction": {"key": "k"},
        "ignore": [
            {"type": "AWS::SQS::Queue", "path": "/Tags*", "reason": "r", "owner": "o", "until": "2031-01-01"}
        ],
    }
    config = parse(yaml.safe_dump(document), "drift.yaml", folder, None, os.environ)
    run = Run(config, live=[folder / "live.jsonl"], started=STARTED)
    result = run.scan()
    report = {**result.report, "run": None}
    return orjson.dumps(report, option=orjson.OPT_SORT_KEYS), list(result.evidence)


def test_the_same_with_a_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    declared = [record for record in records(400, False) if chance.random() > 0.05]
    live = [record for record in records(400, True) if chance.random() > 0.05]
    twice = [dict(one, attributes={**one["attributes"], "Extra": 1}) for one in declared[10:14]]
    for one in [one for one in live if one["type"] == "AWS::SQS::Queue"][:4]:
        one["attributes"]["Tags"].append({"Key": "Touched", "Value": "by hand"})
    chance.shuffle(live)
    lines = [orjson.dumps(one) for one in (*declared, *twice)]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines[:150]))
    (tmp_path / "b.jsonl").write_bytes(b"\n".join(lines[150:]))
    (tmp_path / "live.jsonl").write_bytes(b"\n".join(map(orjson.dumps, live)))
    whole, proof = scanned(tmp_path, ["a.jsonl", "b.jsonl"])
    said = orjson.loads(whole)
    assert said["summary"]["changed"] and said["summary"]["missing"] and said["summary"]["unmanaged"]
    assert said["problems"] and proof and said["suppressed"]
    for room in (0, 1, 90, 300):
        monkeypatch.setattr(store, "IN_MEMORY", room)
        small, small_proof = scanned(tmp_path, ["a.jsonl", "b.jsonl"])
        assert small == whole, room
        assert small_proof == proof, room


def test_a_pile_gives_back_what_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "IN_MEMORY", 1)
    origin = Origin("s", "f.tf", 3, "a.b", "c0ffee", "https://x", {"/A": 4})
    given = [
        Resource("p", "s", "T", "one", {"A": 1}),
        Resource(
            "p",
            "s",
            "T",
            "two",
            {"A": [1.5, None, {"ü": True}]},
            "r",
            "n",
            origin,
            True,
            frozenset({"A", "B/c"}),
        ),
        Resource("p", "s", "T", None, {"A": Unresolved("not known")}, origin=origin, unread={"/X": "denied"}),
        Resource("p", "s", "T", "four", {"A": {"B": [Sensitive("abc")]}}, searched=True),
    ]
    kept = DeclaredStore()
    assert [kept.add(one) for one in given] == [0, 1, 2, 3]
    assert list(kept) == given
    assert [kept.take(number) for number in (2, 0, 3, 1)] == [given[2], given[0], given[3], given[1]]
    assert kept.take(3) is given[3]  # what is called sensitive is never written
    assert kept.take(1) is not given[1]


def test_numbers_are_taken_once() -> None:
    taken = Taken()
    numbers = [0, 1, -1, 7, 8, 100_000, -70_000]
    for number in numbers:
        assert number not in taken
        taken.add(number)
        assert number in taken
    assert 2 not in taken and -2 not in taken and 10**7 not in taken


def test_what_occurs_more_than_once() -> None:
    assert _repeated([3, 1, 2, 3, -5, 1, 3]) == {1, 3}
    assert _repeated([]) == set()


def test_a_record_twice_in_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "IN_MEMORY", 3)
    lines = [orjson.dumps(one) for one in records(9, False)]
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\n".join([*lines, lines[1], lines[7]]))
    told = [one.message for one in snapshot.read(file) if isinstance(one, Problem)]
    assert ["already on line 2" in told[0], "already on line 8" in told[1], len(told)] == [True, True, 2]


def test_all_baselines_together_keep_a_little_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "IN_MEMORY", 3)
    said = list(records(6, False))
    room = Loader({}).room
    read: list[list[Any]] = []
    for number in range(3):
        file = tmp_path / f"{number}.jsonl"
        file.write_bytes(
            b"\n".join(orjson.dumps({**one, "type": f"T{at}"}) for at, one in enumerate(said)) + b"\nno JSON"
        )
        found = Baseline().load(Location(file, file.name), Loader({}, room=room))
        assert {type_ for _, type_ in found.types()} == {f"T{at}" for at in range(6)}
        assert isinstance(found, _Records)
        assert len(found._kept) == (4, 1, 1)[number]
        read.append(list(found.resources(Estate({}))))
    for told in read:
        assert [one.type for one in told if isinstance(one, Resource)] == [f"T{at}" for at in range(6)]
        assert "no JSON record" in told[-1].message
    file = tmp_path / "twice.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, [*said, {"drift_snapshot": 1}])))
    with pytest.raises(DeclaredError, match="a header after records"):
        Baseline().load(Location(file, "twice.jsonl"), Loader({}, room=room))


def test_texts_that_lie_behind_one_another_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, calls, pread = Texts(), list[int](), os.pread
    places = [texts.add(b"%d" % number * (number + 1)) for number in range(9)]
    monkeypatch.setattr(os, "pread", lambda *said: calls.append(said[1]) or pread(*said))
    chosen = [0, 1, 2, 5, 6, 3, 8]
    assert list(texts.several(places[at] for at in chosen)) == [b"%d" % at * (at + 1) for at in chosen]
    assert len(calls) == 4
    assert list(texts.several(())) == []


def test_a_large_baseline_is_recognised_by_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "declared.jsonl"
    file.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records(100, False)))
    assert file.stat().st_size > HEAD_BYTES

    def refuse(path: Path, *_: Any) -> Any:
        raise AssertionError(f"{path} is read as a whole")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(Path, "read_text", refuse)
    assert [source.name for source in recognise(Location(file, "declared.jsonl"))] == ["baseline"]
