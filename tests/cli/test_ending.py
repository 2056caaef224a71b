"""A run that is told to stop, or has a deadline, reports what it read and ends, whatever hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import load
from drift.deadline import Deadline
from drift.live import write_snapshot
from drift.scan import Run
from providers.aws.loopback import environment
from tests import hostile
from tests.conftest import CONSOLE_SCRIPT, Drift, client, declare_queue, report_validator
from tests.faulty import Call, faulty

#: Much longer than anything takes (seconds), on a slow machine, too; what hangs does so for as long.
PATIENCE = 300

CONFIG = """\
version: 1
declared: [{path: declared.jsonl}]
live: {aws: {regions: [us-east-1], include: ["AWS::SQS::Queue", "AWS::SNS::Topic"], max_attempts: 1,
  read_timeout: 3000}}
"""
#: Python that runs in ``stopping`` and says when it is there.
SCRIPT = """
import sys, time
from pathlib import Path
from drift import deadline, files, processes
from drift.cli import ending
from drift.deadline import Deadline
deadline.GRACE_SECONDS = {grace}
clock = Deadline()
with ending.stopping(clock), files.replacing(Path("report.json")) as out:
    out.write(b"half")
    out.flush()
    print("ready", flush=True)
    {work}
"""


def estate(folder: Path, url: str) -> None:
    """One declared queue that is live, and a configuration that reads queues and topics."""
    client(url, "sqs").create_queue(QueueName="orders")
    declare_queue(folder, DelaySeconds=7)
    (folder / "drift.yaml").write_text(CONFIG)


@pytest.fixture
def topics() -> Iterator[Callable[[Call], str | None]]:
    """A fault: whoever lists topics hangs until the end of the test."""
    over = threading.Event()

    def fault(call: Call) -> str | None:
        if call.service == "sns":
            over.wait()
        return None

    yield fault
    over.set()


def _heard() -> None:
    """What is started in a shell's background ignores SIGINT, by ``nohup`` SIGHUP, and hands that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def started(folder: Path, url: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [CONSOLE_SCRIPT, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), **environment(url)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heard,
    )


def until(holds: Any) -> None:
    """Waits for what another process brings about."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def at_rest(pid: int) -> bool:
    """Whether all threads of a process wait, looked at a few times; on a busy machine none waits for its
    turn."""
    for _ in range(3):
        time.sleep(0.2)
        try:
            stats = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/stat")]
        except OSError:  # one of them just ended
            return False
        if any(stat.rpartition(")")[2].split()[0] != "S" for stat in stats):
            return False
    return True


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and what stands on standard error; fails where it does not end by itself."""
    try:
        _, told = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, told


def rows(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {row["type"]: (row["status"], row["message"]) for row in report["coverage"] if row["type"] != "*"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_has_what_was_read_reported(
    fresh_aws: str, tmp_path: Path, number: int, topics: Callable[[Call], str | None]
) -> None:
    estate(tmp_path, fresh_aws)
    with faulty(fresh_aws) as (url, weather):
        weather.fault, weather.kept = topics, {}
        process = started(tmp_path, url, "scan", "-o", "out", "--fail-on", "critical")
        until(lambda: any(call.operation == "ListTopics" for call in weather.calls))
        until(lambda: any(call.operation == "GetQueueAttributes" for call in weather.kept or ()))
        until(lambda: at_rest(process.pid))  # what was answered has arrived
        process.send_signal(number)
        code, told = ended(process)
    assert code == 3, told
    assert f"drift: {signal.Signals(number).name}: reporting what was read" in told
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    report_validator().validate(report)
    found = rows(report)
    assert found["AWS::SQS::Queue"][0] == "checked"
    status, message = found["AWS::SNS::Topic"]
    assert status == "failed" and f"deadline: stopped by {signal.Signals(number).name}" in message
    assert [one["name"] for one in report["findings"]] == ["orders"]
    assert (tmp_path / "out" / "report.html").read_text().rstrip().endswith("</html>")
    assert not list(tmp_path.glob("drift-run-*")) and not list((tmp_path / "out").glob(".*"))


class Sooner(Deadline):
    """One that passes when it is told to, however slow the machine is."""

    def pass_(self) -> None:
        self._until = 0.0


@pytest.fixture
def until_topics_hang(
    fresh_aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, topics: Callable[[Call], str | None]
) -> Iterator[Run]:
    """A run whose deadline passes when the queues are read, and the topics hang."""
    estate(tmp_path, fresh_aws)
    deadline, asked = Sooner(36000, said="10h"), threading.Event()

    def fault(call: Call) -> str | None:
        if call.service == "sns":
            asked.set()
        return topics(call)

    def watch(progress: Any) -> None:
        if getattr(progress, "done", False) and progress.cells[0].type == "AWS::SQS::Queue":
            assert asked.wait(PATIENCE)
            deadline.pass_()

    with faulty(fresh_aws) as (url, weather):
        weather.fault = fault
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)
        yield Run(load(tmp_path / "drift.yaml"), watch=watch, deadline=deadline)


def test_a_deadline_has_what_was_read_reported(until_topics_hang: Run) -> None:
    result = until_topics_hang.scan()
    assert (result.exit_code, result.forgiving) == (2, 3)
    found = rows(result.report)
    assert found["AWS::SQS::Queue"][0] == "checked"
    status, message = found["AWS::SNS::Topic"]
    assert status == "failed" and message.startswith("deadline: the 10h that the run may take are used up")
    assert [one["name"] for one in result.report["findings"]] == ["orders"]


def test_a_snapshot_by_its_deadline_says_what_is_unread(until_topics_hang: Run, tmp_path: Path) -> None:
    estate, problems = until_topics_hang.snapshot()
    assert write_snapshot.write(tmp_path / "live.jsonl", estate, until_topics_hang.redactor) == 1
    header, queue = (json.loads(line) for line in (tmp_path / "live.jsonl").read_text().splitlines())
    assert (queue["name"], problems) == ("orders", [])
    assert rows(header)["AWS::SNS::Topic"][0] == "failed"


def test_dead_endpoints_and_a_dead_git_are_told_in_time(tmp_path: Path, drift: Drift) -> None:
    with hostile.serving(hostile.hang) as service:
        (tmp_path / "drift.yaml").write_text(
            f"version: 1\ndeclared: [{{git: '{service.url}/infra.git', path: a}}]\n"
            "live: {aws: {regions: [us-east-1]}}\n"
        )
        for command in (("snapshot", "-o", "live.jsonl"), ("baseline", "-o", "base"), ("scan", "-o", "out")):
            ran = drift(*command, "--deadline", "4s", endpoint=service.url)
            assert "deadline: " in ran.complaint


def test_files_are_compared_with_all_that_is_declared_or_not_at_all(tmp_path: Path, drift: Drift) -> None:
    (tmp_path / "live.jsonl").write_text('{"drift_snapshot": 1, "coverage": []}\n')
    with hostile.serving(hostile.hang) as service:
        (tmp_path / "drift.yaml").write_text(
            f"version: 1\ndeclared: [{{git: '{service.url}/infra.git', path: a}}]\n"
        )
        ran = drift("scan", "--live", "live.jsonl", "-o", "out", "--deadline", "3s")
    assert "deadline: the 3s" in ran.complaint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("said", "told"), [("soon", "'soon' is no duration"), ("0s", "'0s' leaves no time to read")]
)
def test_a_deadline_that_is_none_is_refused(tmp_path: Path, drift: Drift, said: str, told: str) -> None:
    (tmp_path / "drift.yaml").write_text(f"version: 1\ndeadline: {said}\nlive: {{aws: {{}}}}\n")
    assert drift("scan").complaint.startswith(f"drift.yaml:2: deadline: {told}")
    (tmp_path / "drift.yaml").write_text("version: 1\nlive: {aws: {}}\n")
    assert drift("scan", "--deadline", said).complaint.startswith(f"--deadline: {told}")


# The last ways out


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Any]:
    made: list[subprocess.Popen[str]] = []
    ends: list[threading.Timer] = []

    def start(work: str, grace: float = 20) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(work=work, grace=grace)],
            cwd=tmp_path,
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_heard,
        )
        made.append(process)
        ends.append(threading.Timer(PATIENCE, process.kill))  # so that no line is waited for without end
        ends[-1].start()
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        return process

    yield start
    for end in ends:
        end.cancel()
    for process in made:
        process.kill()
        process.communicate()


FOREVER = "while True: time.sleep(0.1)"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT), (signal.SIGHUP, 129)]
)
def test_a_second_signal_ends_the_run_at_once(script: Any, tmp_path: Path, number: int, code: int) -> None:
    process = script(FOREVER)
    process.send_signal(number)
    assert process.stderr is not None
    assert "once more ends at once" in process.stderr.readline()
    process.send_signal(number)
    assert ended(process)[0] == code
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_reported_in_time_is_ended_and_leaves_nothing(script: Any, tmp_path: Path) -> None:
    child = 'processes.run(["sleep", "600"], environment={"PATH": "/usr/bin:/bin"}, seconds=600)'
    process = script(child, grace=3)
    process.send_signal(signal.SIGTERM)
    code, told = ended(process)
    assert code == 1 and "drift: ended: what was read could not be reported in time" in told
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_killed_while_it_writes_leaves_no_half_report(script: Any, tmp_path: Path) -> None:
    process = script(FOREVER)
    process.kill()
    ended(process)
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGTERM, 143, ""), (signal.SIGINT, 130, "stopped"), (signal.SIGHUP, 129, "")],
)
def test_a_signal_outside_of_a_run_clears_away_what_is_temporary(
    tmp_path: Path, number: int, code: int, said: str
) -> None:
    work = (
        "import time; from drift import temporary; from drift.cli import console, ending\n"
        "def work(_): temporary.written('a', b'b'); print('ready', flush=True); time.sleep(600)\n"
        "console._run = work\nconsole.main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", work],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heard,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    process.send_signal(number)
    ended_with, told = ended(process)
    assert ended_with == code and said in told
    assert list(tmp_path.iterdir()) == []
