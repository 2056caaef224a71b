"""What a run has read stands for reading it again, as long as the same is asked for; and what comes first."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drift import resumption
from drift.config.model import parse
from drift.deadline import Deadline
from drift.declared_secrets import learning
from drift.errors import CellError, DriftError
from drift.live import collect
from drift.live.checkpoint import Checkpoint
from drift.live.estate import Estate
from drift.live.order import Order
from drift.live.pieces import Pieces
from drift.model import Coverage
from drift.moment import rfc3339
from drift.redaction import Redactor
from drift.resumption import NAME, Resumption
from drift.source import Location
from drift.task import Wanted
from tests.live.test_estate import CELL, Connected
from tests.live.test_estate import Task as Plain
from tests.match.test_match import live

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
OTHER = CELL._replace(region="r2")


class Task(Plain):
    """One that may be gone on with; ``said`` is what it is asked for."""

    def __init__(self, *steps: Any, cell: Any = CELL, said: str | None = "") -> None:
        super().__init__(*steps)
        self.cells, self.said = (cell,), said
        self.reads, self.lessons = 0, dict[str, Any]()

    def read(self) -> Any:
        self.reads += 1
        self.lessons = {"lesson": 1}
        yield from super().read()

    def asks(self) -> str | None:
        return self.said

    def learnt(self) -> dict[str, Any]:
        return self.lessons

    def recall(self, learnt: Any) -> None:
        self.lessons = learnt


def configured(text: str = "", path: Path = Path()) -> Any:
    return parse(f"version: 1\n{text}", "drift.yaml", path, None, {})


def run(
    base: Path,
    name: str,
    *tasks: Any,
    asked: str | None = None,
    config: str = "",
    key: str = "k",
    now: datetime = NOW,
    notes: list[str] | None = None,
    deadline: Deadline | None = None,
    whole: bool = False,
) -> Estate:
    """One run over a cloud of some tasks, which ends without being whole."""
    resumed = Resumption(base, configured(config), asked, tell=(notes if notes is not None else []).append)
    redactor = Redactor(key)
    checkpoint = resumed.begin(name, now, (), redactor)
    estate = Estate({"cloud": Connected(*tasks)})  # type: ignore[dict-item]
    wanted = {"cloud": Wanted(frozenset())}
    clock = deadline or Deadline()
    try:
        collect.from_clouds(estate, {"cloud": None}, wanted, redactor, 1, lambda _: None, clock, checkpoint)
    finally:
        resumed.end(whole=whole)
    return estate


def failing() -> Task:
    return Task(CellError("failed", "broke off"), cell=OTHER)


def test_what_was_read_is_not_read_again_and_says_when_it_was(tmp_path: Path) -> None:
    first = run(tmp_path, "1", Task(live("a"), live("b")), failing())
    assert first.coverage[OTHER].status == "failed"
    again, missing = Task(), Task(live("c", region="r2"), cell=OTHER)
    notes: list[str] = []
    found = run(tmp_path, "2", again, missing, asked="latest", notes=notes)
    assert (again.reads, missing.reads, again.lessons) == (0, 1, {"lesson": 1})
    assert sorted(str(one.id) for one in found) == ["arn:a", "arn:b", "arn:c"]
    row = found.coverage[CELL]
    assert (row.status, row.resources, row.by) == ("checked", 2, "1")
    assert row.read_at == first.coverage[CELL].read_at
    assert found.coverage[OTHER].by is None
    assert notes == ["goes on with run 1: 1 pieces of what it read stand"]
    third = Task(), Task(cell=OTHER)
    assert run(tmp_path, "3", *third, asked="latest").coverage[CELL].by == "1"  # whoever read it
    assert [one.reads for one in third] == [0, 0]


@pytest.mark.parametrize(
    "rows",
    [
        (Coverage(CELL, "failed", 1, "listed, but", listed=True),),
        (Coverage(CELL, "throttled", 0, "slow down"),),
        (Coverage(CELL, "denied", 0, "no"),),
    ],
)
def test_what_may_be_read_better_is_read_again(tmp_path: Path, rows: Any) -> None:
    run(tmp_path, "1", Task(*rows), Task(cell=OTHER))
    again = Task(live("a"))
    assert run(tmp_path, "2", again, asked="latest").coverage[CELL].status == "checked"
    assert again.reads == 1


@pytest.mark.parametrize(("before", "now"), [("x", "y"), (None, None), ("x", None)])
def test_what_is_asked_for_something_else_is_read_again(
    tmp_path: Path, before: str | None, now: str | None
) -> None:
    run(tmp_path, "1", Task(live("a"), said=before), Task(cell=OTHER))
    again = Task(live("b"), said=now)
    assert [one.id for one in run(tmp_path, "2", again, asked="latest")] == ["arn:b"]
    assert again.reads == 1


def test_a_task_that_knows_nothing_of_it_is_read_in_each_run(tmp_path: Path) -> None:
    run(tmp_path, "1", Plain(live("a")), Task(cell=OTHER))
    assert [one.id for one in run(tmp_path, "2", Plain(live("b")), asked="latest")] == ["arn:b"]


def test_two_tasks_for_the_same_cells_are_read_again(tmp_path: Path) -> None:
    run(tmp_path, "1", Task(live("a")), Task(live("b")))
    again = Task(live("a")), Task(live("b"))
    run(tmp_path, "2", *again, asked="latest")
    assert [one.reads for one in again] == [1, 1]


def test_what_is_older_than_it_may_be_is_read_again(tmp_path: Path) -> None:
    run(tmp_path, "1", Task(live("a")), failing())
    later = datetime.now(UTC) + timedelta(hours=23)
    young, notes = Task(), list[str]()
    run(tmp_path, "2", young, failing(), asked="latest", now=later)
    assert young.reads == 0
    old = Task(live("b"))
    run(tmp_path, "3", old, failing(), asked="latest", now=later + timedelta(hours=2), notes=notes)
    assert old.reads == 1
    assert notes == [
        "goes on with run 2: 0 pieces of what it read stand; 1 are older than 24h and read again"
    ]


def test_what_a_clock_read_that_was_ahead_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, "1", Task(live("a")), failing())
    yesterday = datetime.now(UTC) - timedelta(days=1)

    class Back(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return yesterday

    monkeypatch.setattr(resumption, "datetime", Back)
    again, notes = Task(live("b")), list[str]()
    run(tmp_path, "2", again, failing(), asked="latest", now=yesterday, notes=notes)
    assert again.reads == 1
    assert notes == [
        "goes on with run 1: 0 pieces of what it read stand; 1 were read by a clock that was ahead of this "
        "one, and are read again"
    ]


def test_hashes_of_another_key_are_read_again_and_all_else_stands(tmp_path: Path) -> None:
    secret = live("s", region="r2", password="correct-horse-battery")
    run(tmp_path, "1", Task(live("a")), Task(secret, cell=OTHER))
    tasks, notes = (Task(), Task(secret, cell=OTHER)), list[str]()
    run(tmp_path, "2", *tasks, asked="latest", key="another", notes=notes)
    assert [one.reads for one in tasks] == [0, 1]
    assert "1 hold hashes of secrets under another key" in notes[0] and "set redaction.key" in notes[0]


class Says:
    """A declared source that tells late that a text is secret, or fails."""

    def __init__(self, text: str) -> None:
        self.text, self.location = text, Location(Path(), "app.yaml")

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset()

    def beforehand(self, _live: Any, _types: Any) -> list[Any]:
        time.sleep(0.3)
        return []

    def secrets(self) -> list[str]:
        if not self.text:
            raise ValueError("broke off")
        return [self.text]


@pytest.mark.parametrize(
    ("secret", "kept", "told"),
    [
        ("quiet meadow twelve", [[list(CELL)], []], []),
        ("", [], ["app.yaml: unexpected ValueError: broke off"]),
    ],
)
def test_nothing_is_kept_before_it_is_known_what_git_calls_secret(
    tmp_path: Path, secret: str, kept: list[Any], told: list[str]
) -> None:
    notes: list[str] = []
    resumed = Resumption(tmp_path, configured(), tell=notes.append)
    redactor = Redactor("k")
    checkpoint = resumed.begin("1", NOW, (), redactor)
    checkpoint.known = learning([Says(secret)], {}, redactor)  # type: ignore[list-item]
    tasks = Task(live("a")), Task(live("b", region="r2", note=f"it is {secret} now"), cell=OTHER)
    estate = Estate({"cloud": Connected(*tasks)})  # type: ignore[dict-item]
    wanted = {"cloud": Wanted(frozenset())}
    collect.from_clouds(estate, {"cloud": None}, wanted, redactor, 1, checkpoint=checkpoint)
    resumed.end(whole=False)
    file = tmp_path / "1" / NAME
    assert file.exists() == bool(kept)
    if kept:
        with Pieces(file) as pieces:
            assert [piece.head.get("cells") for piece in pieces.read()][1:] == kept
    assert [note.rpartition("is not known: ")[2] for note in notes] == told


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    told = live("s", password="correct-horse-battery", other="x correct-horse-battery y")
    run(tmp_path, "1", Task(live("a")), Task(told, cell=OTHER))
    with Pieces(tmp_path / "1" / NAME) as file:
        cells = [piece.head.get("cells") for piece in file.read()]
    assert cells == [None, [list(CELL)], []]  # what repeats the secret elsewhere is not kept at all


def test_what_differs_is_named_and_refused(tmp_path: Path) -> None:
    run(tmp_path, "1", Task(live("a")), failing())
    for config, why in (
        ("environment: other\n", "there is no unfinished run of the environment other"),
        ("redaction: {public: [GREETING]}\n", "run 1: redaction.public is not what it was read by"),
        ("live: {aws: {regions: [r]}}\n", "`live` does not name the providers that it was read by"),
    ):
        with pytest.raises(DriftError, match=why):
            run(tmp_path, "2", Task(), asked="latest", config=config)
    with pytest.raises(DriftError, match="no run of that name in .* is unfinished"):
        run(tmp_path, "2", Task(), asked="9")


def test_a_damaged_one_is_named_where_there_is_no_other(tmp_path: Path) -> None:
    run(tmp_path, "1", Task(live("a")), failing())
    (tmp_path / "1" / NAME).write_bytes(b"garbage")
    with pytest.raises(DriftError, match=r"no unfinished run .* \(the checkpoint of 1 can't be read\)"):
        run(tmp_path, "2", Task(), asked="latest")


def test_a_key_of_live_that_changes_what_is_read_is_named(tmp_path: Path) -> None:
    def begun(name: str, section: str, asked: str | None = None) -> None:
        resumption = Resumption(tmp_path, configured(f"live: {{aws: {section}}}\n"), asked)
        checkpoint = resumption.begin(name, NOW, (), Redactor("k"))
        task = Task()
        if (kept := checkpoint.begin(task)) is not None:
            kept.end()
        checkpoint.close(cut=True)
        resumption.end(whole=False)

    begun("1", "{regions: [a], concurrency: 4, calls: 7}")
    with pytest.raises(DriftError, match="live.aws.regions is not what it was read by"):
        begun("2", "{regions: [a, b]}", "latest")
    begun("2", "{regions: [a], concurrency: 9, calls: 8}", "latest")


def test_a_run_that_was_whole_leaves_nothing(tmp_path: Path) -> None:
    run(tmp_path, "1", Task(live("a")), failing())
    run(tmp_path, "2", Task(live("a")), failing())
    run(tmp_path, "3", Task(live("a")), whole=True)
    assert list(tmp_path.rglob("*")) == []


def test_few_are_kept_of_runs_that_were_not(tmp_path: Path) -> None:
    for number in range(6):
        run(tmp_path, str(number), Task(live("a")), failing())
    assert sorted(path.parent.name for path in tmp_path.glob(f"*/{NAME}")) == ["3", "4", "5"]


def test_of_two_runs_at_once_each_has_a_file_and_neither_takes_the_others(tmp_path: Path) -> None:
    first = Resumption(tmp_path, configured())
    first.begin("1", NOW, (), Redactor("k"))
    run(tmp_path, "2", Task(live("a")), failing())
    found = run(tmp_path, "3", Task(), failing(), asked="latest")
    assert found.coverage[CELL].by == "2"
    with pytest.raises(DriftError, match="run 1: .*a run that is not over is writing it"):
        run(tmp_path, "4", Task(), asked="1")
    first.end(whole=False)


def test_by_itself_it_goes_on_only_with_what_was_cut(tmp_path: Path) -> None:
    auto = "resume: {auto: true}\n"
    run(tmp_path, "1", Task(live("a")), failing(), config=auto)
    again = Task(live("a"))
    run(tmp_path, "2", again, failing(), config=auto)  # whatever failed, all was asked for
    assert again.reads == 1
    clock = Deadline()

    class Stopped(Task):
        def read(self) -> Any:
            clock.stop("SIGTERM")
            raise CellError("failed", "stopped")

    run(tmp_path, "3", Task(live("a")), Stopped(cell=OTHER), config=auto, deadline=clock)
    last = Task()
    assert run(tmp_path, "4", last, failing(), config=auto).coverage[CELL].by == "3"
    assert last.reads == 0


class Full(Pieces):
    """A disk that is full."""

    def sync(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_told_once_and_the_run_goes_on(tmp_path: Path) -> None:
    notes: list[str] = []
    file = Full(tmp_path / "x", new=True)
    checkpoint = Checkpoint(Redactor("k"), "1", into=file, tell=notes.append)
    estate = Estate({"cloud": Connected(Task(live("a")), Task(cell=OTHER))})  # type: ignore[dict-item]
    wanted = {"cloud": Wanted(frozenset())}
    collect.from_clouds(
        estate, {"cloud": None}, wanted, Redactor("k"), 1, lambda _: None, Deadline(), checkpoint
    )
    assert [row.status for row in estate.coverage.values()] == ["checked", "checked"]
    (note,) = notes
    assert note.endswith("No space left on device") and "no longer kept" in note


def test_the_longest_unread_comes_first_and_what_costs_nothing_before_all(tmp_path: Path) -> None:
    cells = {name: CELL._replace(region=name) for name in ("old", "never", "new", "unknown", "kept")}
    old = rfc3339(NOW - timedelta(days=2))
    rows = [
        {**cells["old"]._asdict(), "status": "failed", "last_read_at": old},
        {**cells["never"]._asdict(), "status": "failed"},
        {**cells["new"]._asdict(), "status": "checked", "read_at": rfc3339(NOW)},
        {**cells["kept"]._asdict(), "status": "checked", "read_at": rfc3339(NOW)},
    ]
    order = Order(rows)
    run(tmp_path, "1", Task(cell=cells["kept"]))
    resumption = Resumption(tmp_path, configured(), "latest")
    checkpoint = resumption.begin("2", NOW, (), Redactor("k"))
    turns = {name: collect._turn(checkpoint, order, (cell,)) for name, cell in cells.items()}
    assert sorted(turns, key=lambda name: (turns[name], name)) == ["kept", "never", "unknown", "old", "new"]
    assert order.last(cells["old"]) == old and order.last(cells["never"]) is None
    assert collect._scope_turn(checkpoint, order, "cloud", "s") == "0"
    checkpoint.close(cut=True)
    resumption.end(whole=False)


def test_a_run_that_read_nothing_leaves_nothing(tmp_path: Path) -> None:
    run(tmp_path, "1", failing())
    assert list(tmp_path.rglob("*")) == []
