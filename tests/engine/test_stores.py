"""What machines hand to each other lies in a folder or in an object store, sealed, and goes when a run ends;
what a killed one left goes with the next."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drift import engine
from drift.deadline import Deadline
from drift.depot import Depot, DepotError, Folder, Gone, at
from drift.engine import lease, member
from drift.engine.lease import ALIVE, folder_of, kept_of, sweep
from drift.engine.shared import Shelf
from drift.errors import ConfigError
from drift.loopback import Answer, Request
from drift.resumption import LATEST
from drift.store import LiveStore
from tests.buckets import Bucket, place
from tests.engine.estate import KEY, Estate, Inline, same
from tests.engine.test_go_on import LIVE, Lost, fleet, scan

__all__ = ["fleet"]
RUN, OTHER = "20260302T030405Z-1a2b3c", "20260302T030405Z-4d5e6f"


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    made = Bucket()
    yield made
    made.server.close()


def test_a_run_over_s3_says_what_one_process_says(
    fleet: tuple[Estate, list[Any]], bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, _ = fleet
    url = place("s3", monkeypatch, estate.folder, bucket.server.url, bucket)
    monkeypatch.setattr(engine, "_engine", lambda *_: Inline(None))  # type: ignore[arg-type]
    same(estate.alone(), estate.run({"dask": "tcp://127.0.0.1:1", "shared": url}).scan())
    assert bucket.puts and not bucket.objects


def test_a_worker_keeps_nothing_of_a_run_that_is_over(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in memory nor on its disk."""
    stores: list[weakref.ref[Any]] = []

    class Watched(LiveStore):
        def __init__(self, room: int) -> None:
            super().__init__(room)
            stores.append(weakref.ref(self))

    estate, _ = fleet
    monkeypatch.setattr(member, "LiveStore", Watched)
    monkeypatch.setattr(member, "_stations", {})  # those of other tests may still look for the last time
    monkeypatch.setattr(Folder, "pause", 0.05)
    monkeypatch.setattr(engine, "_engine", lambda *_: Inline(None))  # type: ignore[arg-type]
    estate.run({"dask": "tcp://127.0.0.1:1", "shared": "shared"}).scan()
    clock = Deadline(300)
    while stores[0]() is not None:
        clock.sleep(0.05)


def test_a_store_that_is_slow_to_forget_holds_up_no_report(
    fleet: tuple[Estate, list[Any]], bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, _ = fleet
    url = place("gs", monkeypatch, estate.folder, "", bucket)
    answer, asked, go_on = bucket.server.answer, threading.Event(), threading.Event()

    def slow(request: Request) -> Answer:
        if request.method == "DELETE":
            asked.set()
            go_on.wait(300)
        return answer(request)

    bucket.server.answer = slow
    monkeypatch.setattr(engine, "CLEAR_SECONDS", 0.0)
    monkeypatch.setattr(engine, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(engine, "_engine", lambda *_: Inline(None))  # type: ignore[arg-type]
    assert estate.run({"dask": "tcp://127.0.0.1:1", "shared": url}).scan().report["findings"]
    assert asked.wait(300) and bucket.objects  # which are yet to be forgotten
    go_on.set()
    (clearing,) = [one for one in threading.enumerate() if one.name == "clear"]
    clearing.join(300)
    assert not bucket.objects


def test_a_run_over_a_store_is_sealed_and_gone_on_with(
    fleet: tuple[Estate, list[Any]], bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, _ = fleet
    url = place("az", monkeypatch, estate.folder, "", bucket)
    said = {"dask": "tcp://127.0.0.1:1", "shared": url}
    alone = estate.alone()
    first, _ = scan(estate, monkeypatch, Lost(None), said, None)
    assert not first.report["findings"]  # nobody was left to compare it
    left = list(bucket.objects)
    assert left and all(".kept/" in name for name in left)
    run = first.report["run"]["id"]
    bucket.objects[f"{estate.folder.name}/drift-{run}/setting"] = b"as if it had been killed"
    second, notes = scan(estate, monkeypatch, Inline(None), said, LATEST)  # type: ignore[arg-type]
    assert any("what its workers have read stands" in note for note in notes)
    assert sum(row.get("read_by") == run for row in second.report["coverage"]) > 0
    findings = [[(one["scope"], one["id"]) for one in of.report["findings"]] for of in (alone, second)]
    assert findings[0] == findings[1] and findings[0]
    assert bucket.objects == {}
    names = {name.rpartition("/")[2] for name in bucket.puts}
    assert {"setting", "declared-0", "judge-0.given", ALIVE} <= names
    for text in (LIVE, KEY, "ConfigMap", "kubeconfig", "own", "said"):
        assert not any(text.encode() in body for body in bucket.bodies), text


def test_a_place_that_refuses_is_said_with_all_else_that_is_wrong(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DRIFT_REDACTION_KEY", raising=False)
    estate = Estate(tmp_path, {}, [], {"redaction": {}})

    def complaint(address: str, shared: str) -> str:
        with pytest.raises(ConfigError) as refused:
            estate.run({"dask": address, "shared": shared}).scan()
        return str(refused.value)

    url = place("s3", monkeypatch, tmp_path, bucket.server.url, bucket)
    said = complaint("tcp://10.0.0.1:1", "s3://nobody/s")
    assert "needs redaction.key" in said and "engine.dask: tcp://10.0.0.1:1: " in said
    assert "; engine.shared: s3://nobody/s/drift-" in said and "NoSuchBucket" in said
    bucket.refused = (ALIVE,)
    assert "403 Forbidden: AccessDenied: You may not." in complaint("tcp://127.0.0.1:1", url)
    said = complaint("tcp://10.0.0.1:1", "not/there")
    assert "engine.dask: " in said and "not/there/drift-" in said and "No such file" in said
    monkeypatch.setattr("drift.objects.find_spec", {}.get)
    assert "install driftline[objects]" in complaint("tcp://127.0.0.1:1", url)
    with pytest.raises(ConfigError, match=r"drift\.yaml:\d+: engine\.shared: .*is no object store"):
        estate.run({"dask": "tcp://127.0.0.1:1", "shared": "ftp://a/b"})


@pytest.mark.parametrize("kind", ["folder", "gs"])
def test_what_a_killed_run_left_goes_with_the_next(
    kind: str, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = str(tmp_path) if kind == "folder" else place(kind, monkeypatch, tmp_path, "", bucket)
    above, told = at(said), list[str]()

    def leave(name: str, *files: str) -> Depot:
        made = above.below(name)
        made.make()
        for file in files:
            with made.put(file):
                pass
        return made

    ours = leave(folder_of(RUN), ALIVE)
    killed, kept = leave(folder_of(OTHER), ALIVE, "setting"), leave(kept_of(OTHER), "x")
    dying = leave(folder_of(OTHER.replace("4d", "99")), "setting")
    strange = leave("drift-of-people", "x")
    sweep(above, RUN, told.append)  # it may yet say something
    assert not told and sorted(killed.names()) == [ALIVE, "setting"]
    monkeypatch.setattr(lease, "LEFT_SECONDS", -60.0)
    sweep(above, RUN, told.append)
    assert sorted(told) == sorted(
        f"took away what an earlier run left: {one.shown}" for one in (killed, dying)
    )
    assert killed.changed() is None and dying.changed() is None
    assert ours.names() == [ALIVE] and kept.names() == strange.names() == ["x"]
    monkeypatch.setattr(lease, "KEPT_SECONDS", -60.0)
    sweep(above, RUN, told.append)
    assert kept.changed() is None


def test_a_run_that_says_nothing_for_long_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(Folder(tmp_path), RUN, b"key")
    over: list[bool] = []
    with pytest.raises(Gone):
        lease.Pulse(shelf, lambda: over.append(True))
    heart = lease.Heart(shelf)
    pulse = lease.Pulse(shelf, lambda: over.append(True))
    assert pulse.look()
    with monkeypatch.context() as patch:
        patch.setattr(lease, "LEASE_SECONDS", 0.0)
        assert not pulse.look()
    shelf.put(ALIVE, [2])
    assert pulse.look()
    with pytest.raises(DepotError, match="not written by this run"):
        next(Shelf(Folder(tmp_path), OTHER, b"key").get(ALIVE))
    heart.stop()
    assert not pulse.look() and not over
    pulse.stop()
    pulse.stop()
    assert over == [True] and pulse.over


def test_many_objects_at_once_are_all_there_or_it_is_said(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(at(place("gs", monkeypatch, tmp_path, "", bucket)), RUN, b"key")
    names = [f"n{number}" for number in range(40)]
    with shelf.place.puts():
        for number, name in enumerate(names):
            shelf.put(name, [number, number])
    assert list(shelf.all(names)) == [number for number in range(40) for _ in (1, 2)]
    with pytest.raises(Gone, match="/not-there: "):
        list(shelf.all(["n0", "not-there", "n1"]))
    bucket.refused = ("n7",)
    with pytest.raises(DepotError, match=r"/n7: 403 Forbidden"), shelf.place.puts():
        for name in names:
            shelf.put(name, [0])
    bucket.refused = ()
    shelf.put("n7", [7])
    assert list(shelf.get("n7")) == [7]
