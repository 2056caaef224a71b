"""A run that is ended at any moment leaves a whole report or none, and nothing half-written; `make chaos`
ends many."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest

from tests.cli.test_ending import ended, estate, started
from tests.conftest import report_validator

SEED = 12
#: Until when after its start a run is ended (seconds); on an idle machine it takes about three.
LONGEST = 8.0
#: Exit codes by signal: as the run ends by itself, after a stop, and when the signal came before or after it
#: was heeded.
CODES = {
    signal.SIGTERM: {1, 2, 3, 128 + signal.SIGTERM, -signal.SIGTERM},
    signal.SIGINT: {1, 2, 3, 130, -signal.SIGINT},
    signal.SIGKILL: {1, 2, 3, -signal.SIGKILL},
}
MOMENTS = [
    pytest.param(number, round(one, 2), marks=() if index < 1 else pytest.mark.chaos)
    for number in CODES
    for index, one in enumerate(random.Random(SEED + number).choices(range(int(LONGEST * 100)), k=30))  # noqa: S311
]


@pytest.mark.parametrize(("number", "hundredths"), MOMENTS)
def test_a_report_is_whole_or_not_there(
    fresh_aws: str, tmp_path: Path, number: signal.Signals, hundredths: int
) -> None:
    estate(tmp_path, fresh_aws)
    process = started(tmp_path, fresh_aws, "scan", "-o", "out")
    time.sleep(hundredths / 100)
    process.send_signal(number)
    code, told = ended(process)
    assert code in CODES[number], told
    out = tmp_path / "out"
    report = out / "report.json"
    if report.exists():
        document = json.loads(report.read_bytes())
        report_validator().validate(document)
        assert (out / "report.html").read_text().rstrip().endswith("</html>")
        assert (out / "evidence.jsonl.zst").stat().st_size > 0
    else:
        assert code not in (2, 3)
    if number != signal.SIGKILL:
        assert not list(tmp_path.glob("drift-run-*"))
        assert not out.exists() or not list(out.glob(".*"))
