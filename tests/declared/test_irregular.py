"""What is neither a file nor a folder is said, and is never nothing declared."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from drift.errors import DeclaredError
from tests.rules.support import QUEUE, queue, scan, write


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "terraform.tfstate")
    write(tmp_path, {"live.yaml": [queue("a")]})
    with pytest.raises(
        DeclaredError, match="terraform.tfstate: is a pipe, which can be read only once; give"
    ):
        scan(tmp_path, declared="terraform.tfstate")


def test_what_can_not_be_read_among_files_makes_a_run_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"base/a.yaml": [queue("a")], "live.yaml": [queue("a")]})
    assert scan(tmp_path).exit_code == 0
    os.mkfifo(tmp_path / "base" / "pipe.yaml")
    (tmp_path / "base" / "below").mkdir()
    (tmp_path / "base" / "below" / "link.json").symlink_to("nowhere.json")
    (tmp_path / "base" / "notes.md").symlink_to("nowhere.md")
    monkeypatch.chdir(tmp_path / "base")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.yml")
        result = scan(tmp_path)
    assert result.exit_code == 3
    assert [one["message"] for one in result.report["problems"]] == [
        "base/below/link.json: is a link that leads nowhere, so it was not read",
        "base/pipe.yaml: is a pipe, which can be read only once, so it was not read",
        "base/socket.yml: is a socket, so it was not read",
    ]
    assert result.report["findings"] == []
    assert QUEUE in {row["type"] for row in result.report["coverage"]}
