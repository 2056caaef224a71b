"""What is neither a file nor a folder is said, and is never nothing declared."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from drift.config.model import parse
from drift.errors import DeclaredError
from drift.scan import Run
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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_makes_a_run_incomplete(tmp_path: Path) -> None:
    write(tmp_path, {"base/a.yaml": [queue("a")], "base/b.yaml": [queue("b")], "live.yaml": [queue("a")]})
    (tmp_path / "base" / "b.yaml").chmod(0)
    result = scan(tmp_path)
    assert result.exit_code == 3
    assert [one["message"] for one in result.report["problems"]] == [
        "base/b.yaml: can't be read (no permission), so it was not read"
    ]


def test_a_file_that_the_system_says_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"base/a.yaml": [queue("a")], "live.yaml": [queue("a")]})
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert scan(tmp_path).exit_code == 3


# Lines of another program


def test_lines_of_another_program_are_no_baseline_and_are_said(tmp_path: Path) -> None:
    write(tmp_path, {"base/a.yaml": [queue("a")], "live.yaml": [queue("a")]})
    (tmp_path / "base" / "events.jsonl").write_text('{"time": 1, "attributes": {"provider": "x"}}\n')
    notes: list[str] = []
    run = Run(parse("version: 1\ndeclared: [{path: base}]", "drift.yaml", tmp_path, None, {}))
    run.live, run.tell = [tmp_path / "live.yaml"], notes.append
    assert (run.scan().exit_code, notes) == (
        0,
        ["base/events.jsonl: no records in it, so it declares nothing"],
    )


def test_they_alone_are_not_recognised(tmp_path: Path) -> None:
    write(tmp_path, {"live.yaml": [queue("a")]})
    (tmp_path / "logs").mkdir()
    for name in ("a.jsonl", "logs/b.ndjson"):
        (tmp_path / name).write_text('{"level": "info", "msg": "started"}\n')
    for declared in ("a.jsonl", "logs"):
        with pytest.raises(DeclaredError, match=f"{declared}: not recognised as any declared source"):
            scan(tmp_path, declared=declared)


def test_a_link_out_of_the_repository_is_told_and_not_followed(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    write(repository, {"base/a.yaml": [queue("a")], "live.yaml": [queue("a")]})
    write(tmp_path, {"secret.yaml": [queue("b")]})
    (repository / "base" / "b.yaml").symlink_to("../../secret.yaml")
    (repository / "base" / "c.yaml").symlink_to("../live.yaml")
    assert {one["resource_id"] for one in scan(repository).report["findings"]} != set()
    (repository / ".git").mkdir()
    result = scan(repository)
    assert [one["message"] for one in result.report["problems"]] == [
        "base/b.yaml: is a link that leads out of the repository, so it was not read"
    ]
    assert result.exit_code == 3
    assert result.report["findings"] == []


@pytest.mark.parametrize("link", ["secret.yaml", "folder/secret.yaml"])
def test_a_declared_path_does_not_lead_out_of_the_repository(tmp_path: Path, link: str) -> None:
    repository = tmp_path / "repository"
    write(repository, {"live.yaml": [queue("a")]})
    write(tmp_path, {"outside/secret.yaml": [queue("a")]})
    (repository / link.split("/")[0]).symlink_to(
        tmp_path / ("outside" if "/" in link else "outside/secret.yaml")
    )
    assert scan(repository, declared=link).exit_code == 0
    (repository / ".git").mkdir()
    with pytest.raises(DeclaredError, match=f"{link}: is a link that leads out of the repository; name /"):
        scan(repository, declared=link)
