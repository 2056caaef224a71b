"""What a run writes for a moment: in one folder that only its user may enter, gone when the run ends,
however it ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from providers.aws.loopback import environment
from tests.conftest import client

_WORK = """
import os, sys, time
from drift import temporary
file = temporary.written("app.tfstate", b"hunter2hunter2")
print(file, flush=True)
{end}
"""


def started(tmp: Path, end: str) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", _WORK.format(end=end)],
        env={**os.environ, "TMPDIR": str(tmp)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_only_the_user_may_look_into_it(tmp_path: Path) -> None:
    process, file = started(tmp_path, "time.sleep(600)")
    try:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert all(stat.S_IMODE(one.stat().st_mode) == 0o700 for one in (file.parent, file.parent.parent))
        assert file.parent.parent.parent == tmp_path
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("end", ["pass", "raise ValueError", "sys.exit(3)"])
def test_it_goes_with_the_process(tmp_path: Path, end: str) -> None:
    process, file = started(tmp_path, end)
    process.communicate()
    assert file.name == "app.tfstate"
    assert list(tmp_path.iterdir()) == []


def test_a_forked_process_leaves_it(tmp_path: Path) -> None:
    end = "if os.fork() == 0: sys.exit(0)\nos.wait()\nprint(file.exists(), flush=True)"
    process, _ = started(tmp_path, end)
    assert process.communicate()[0].strip() == "True"
    assert list(tmp_path.iterdir()) == []


def test_the_next_run_clears_away_what_a_killed_one_left_and_no_other(tmp_path: Path) -> None:
    killed, left = started(tmp_path, "time.sleep(600)")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    running, used = started(tmp_path, "time.sleep(600)")
    try:
        assert not left.exists()
        other, _ = started(tmp_path, "pass")
        other.communicate()
        assert used.read_bytes() == b"hunter2hunter2"
    finally:
        running.kill()
        running.communicate()


@pytest.mark.parametrize("broken", [False, True])
def test_a_state_of_s3_does_not_stay(fresh_aws: str, tmp_path: Path, broken: bool) -> None:
    s3 = client(fresh_aws, "s3", "us-east-1")
    s3.create_bucket(Bucket="states")
    state = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": []}
    body = json.dumps({**state, "outputs": {"p": {"value": "hunter2hunter2", "type": "string"}}})
    s3.put_object(Bucket="states", Key="app.tfstate", Body=body[: -20 if broken else None].encode())
    (tmp_path / "live.jsonl").write_text(
        json.dumps({"provider": "aws", "scope": "1", "type": "AWS::SQS::Queue", "id": "q", "attributes": {}})
    )
    (tmp_path / "tmp").mkdir()
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "drift",
            "diff",
            "--live",
            "live.jsonl",
            "--declared",
            "s3://states/app.tfstate",
        ],
        cwd=tmp_path,
        env={**os.environ, **environment(fresh_aws, "us-east-1"), "TMPDIR": str(tmp_path / "tmp")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1 if broken else ran.returncode in (0, 2, 3), ran.stderr
    assert list((tmp_path / "tmp").iterdir()) == []
