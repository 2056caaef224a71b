"""Baselines: records that somebody reviewed, from a file or a folder, declared with their place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from drift import plugins
from drift.config.entry import DeclaredEntry
from drift.declared import locate, recognise
from drift.errors import DriftError
from drift.live.estate import Estate
from drift.model import Problem, Resource
from drift.source import Loader
from tests.conftest import Drift, Repository
from tests.records.test_snapshot import lines, record


def read(entry: DeclaredEntry, base: Path) -> list[Resource | Problem]:
    location = locate(entry, base, {}, {})
    providers = plugins.providers()
    return list(recognise(location)[0].load(location, Loader(providers)).resources(Estate(providers)))


@pytest.mark.parametrize("name", ["base.jsonl", "base.ndjson", "base.yaml", "base.yml"])
def test_a_file(tmp_path: Path, name: str) -> None:
    text = lines(record("a")) if "json" in name else yaml.safe_dump(record("a")).encode()
    (tmp_path / name).write_bytes(text)
    (found,) = read(DeclaredEntry(path=name), tmp_path)
    assert isinstance(found, Resource)
    assert str(found.origin) == f"{name} (a)"


def test_of_records_no_other_language_is_asked(tmp_path: Path) -> None:
    (tmp_path / "base.jsonl").write_bytes(lines(record("a")))
    code = (
        "import sys, pathlib; from drift.declared import recognise; from drift.source import Location\n"
        "print(*(one.name for one in recognise(Location(pathlib.Path('base.jsonl'), 'base.jsonl'))))\n"
        "print([name for name in sys.modules if name.startswith('providers.')])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["baseline", "[]"]


def test_a_folder_and_what_else_is_in_it(repository: Repository) -> None:
    commit = repository.commit(
        {
            "base/sqs/a.yaml": yaml.safe_dump(record("a")),
            "base/b.jsonl": lines(record("b")).decode(),
            "base/ci.yaml": "jobs: []",
            "base/README.md": "hello",
        }
    )
    found = read(DeclaredEntry(path="infra/base"), repository.path.parent)
    assert [one.origin.file for one in found if isinstance(one, Resource) and one.origin] == [
        "infra/base/b.jsonl",
        "infra/base/sqs/a.yaml",
    ]
    assert {one.origin.commit for one in found if isinstance(one, Resource) and one.origin} == {commit}


def test_a_run_that_lies_in_the_folder_declares_nothing(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "20260101T000000Z-1a2b3c"
    run.mkdir(parents=True)
    (run / "report.json").write_text("{}")
    (run / "evidence.jsonl.zst").write_bytes(b"")
    baseline = plugins.source("baseline")
    assert not baseline.recognises(tmp_path, b"")
    (tmp_path / "base.jsonl").write_bytes(lines(record("a")))
    assert baseline.recognises(tmp_path, b"") and len(read(DeclaredEntry(path="."), tmp_path)) == 1


def test_a_bad_record_is_told_and_the_others_are_declared(tmp_path: Path) -> None:
    (tmp_path / "base.jsonl").write_bytes(lines(record("a"), b"{", record("b")))
    found = read(DeclaredEntry(path="base.jsonl"), tmp_path)
    assert [type(one).__name__ for one in found] == ["Resource", "Problem", "Resource"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DriftError, match=r"nothing.yaml: there is no such file or folder \(looked for "):
        read(DeclaredEntry(path="nothing.yaml"), tmp_path)


def test_a_baseline_is_compared_whole(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "base.jsonl").write_bytes(
        lines(record("a", Tags=[{"Key": "k", "Value": "v"}], DelaySeconds=0))
    )
    (tmp_path / "live.jsonl").write_bytes(lines(record("a", DelaySeconds=9)))
    ran = drift("diff", "--live", "live.jsonl", "--declared", "base.jsonl", "-o", "out")
    assert ran.findings() == {("changed", "a"): ["/DelaySeconds", "/Tags/k"]}
    assert ran.code == 2
