"""What a run had no time to judge: it is unread, and what was judged is reported."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from drift.compare.workers import Workers
from drift.config.model import parse
from drift.deadline import Deadline
from drift.report import runs
from drift.scan import Run

MANY = 1200


class Stage(Deadline):
    """One that passes once it was asked so often."""

    def __init__(self, asked: int) -> None:
        super().__init__()
        self._asks = asked

    @property
    def reason(self) -> str:
        return "deadline: over"

    def left(self) -> float:
        self._asks -= 1
        return float(self._asks >= 0)

    def ask(self, ask: Callable[[], Any], *_: Any) -> Any:
        self.check()
        return ask()


class Clock(Deadline):
    def __init__(self, **stages: int) -> None:
        super().__init__()
        self._stages = {name: Stage(asked) for name, asked in stages.items()}

    def judging(self) -> Deadline:
        return self._stages.get("judging", self)

    def writing(self) -> Deadline:
        return self._stages.get("writing", self)


def queue(number: int, delay: int) -> bytes:
    return orjson.dumps(
        {
            "provider": "aws",
            "scope": "123456789012",
            "region": "us-east-1",
            "type": "AWS::SQS::Queue",
            "id": f"arn:aws:sqs:us-east-1:123456789012:q{number:04}",
            "name": f"q{number:04}",
            "attributes": {"QueueName": f"q{number:04}", "DelaySeconds": delay},
        }
    )


@pytest.fixture
def estate(tmp_path: Path) -> Callable[[Deadline], Run]:
    """Queues all of which differ, but for one that is missing and one that nobody declares."""
    row = {"provider": "aws", "scope": "123456789012", "region": "us-east-1", "type": "AWS::SQS::Queue"}
    header = {"drift_snapshot": 1, "coverage": [{**row, "status": "checked", "resources": MANY}]}
    live = [orjson.dumps(header), *(queue(n, 7) for n in range(1, MANY + 1))]
    (tmp_path / "live.jsonl").write_bytes(b"\n".join(live))
    (tmp_path / "base.jsonl").write_bytes(b"\n".join(queue(n, n % 5) for n in range(MANY)))

    def made(clock: Deadline) -> Run:
        text = "version: 1\ndeclared: [{path: base.jsonl}]\n"
        return Run(
            parse(text, "drift.yaml", tmp_path, None, {}), live=[tmp_path / "live.jsonl"], deadline=clock
        )

    return made


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report["summary"][name] for name in ("changed", "missing", "unmanaged"))


def test_what_was_judged_in_time_is_reported(estate: Callable[[Deadline], Run]) -> None:
    # Asked about three pieces of what is declared, one each side alone has, a lot (twice), and each pair.
    clock = Clock(judging=60)
    result = estate(clock).scan()
    changed, *others = counts(result.report)
    assert (changed, others) == (53, [1, 1])
    assert (result.exit_code, result.forgiving) == (2, 3)
    left = f"{MANY - 1 - changed:,}"
    (row,) = result.report["coverage"]
    assert (row["status"], row["message"]) == (
        "failed",
        f"deadline: over; {left} of its resources were not compared",
    )
    assert [one["message"] for one in result.report["problems"]] == [
        f"{clock.reason}: {left} resources were not compared"
    ]


def test_nothing_is_judged_by_a_part_of_what_is_declared(estate: Callable[[Deadline], Run]) -> None:
    result = estate(Clock(judging=2)).scan()
    assert counts(result.report) == (0, 0, 0) and result.exit_code == 3
    assert result.report["summary"]["live"] == MANY
    assert result.report["problems"][0]["message"] == "base.jsonl: not read to its end: deadline: over"
    assert [row["status"] for row in result.report["coverage"]] == ["failed"]


def test_processes_are_left_in_the_midst_of_their_work() -> None:
    with Workers(2) as workers:
        workers._start("spawn")
        assert list(workers.compared([([0], array("q", [0, 0]))] * 9, Stage(0))) == []
        assert workers._started == []


def test_the_report_is_written_without_what_takes_too_long(
    estate: Callable[[Deadline], Run], tmp_path: Path
) -> None:
    result = estate(Clock(writing=3)).scan()
    written, late = runs.write(tmp_path / "out", result.report, ["html"], result.evidence, result.clock)
    assert [one.name for one in written] == ["report.json"]
    assert [one.name for one in late] == ["evidence.jsonl.zst", "report.html"]
    assert orjson.loads(written[0].read_bytes())["summary"]["changed"] == MANY - 1


def test_judging_leaves_time_to_report() -> None:
    clock = Deadline(600)
    assert clock.kept == 60
    assert 569 < clock.judging().left() < 571 and 581 < clock.writing().left() < 583
    clock.stop("SIGTERM")
    assert clock.kept == 20 and 9 < clock.judging().left() <= 10 and 13 < clock.writing().left() <= 14
    assert "SIGTERM" in clock.judging().reason and clock.judging().stopped
    assert Deadline().judging().left() == float("inf")
