"""What is no file, is too large, has an odd name or can't be written: one line, exit code 1, at once, and in
little memory."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.conftest import CONSOLE_SCRIPT, Drift
from tests.rules.support import queue, write

GB = 1 << 30
MOST_MEMORY = 300 * 1024 * 1024
#: A run that hangs is ended; how long one takes is not asked.
SECONDS = 120


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"base.yaml": [queue("a")], "live.yaml": [queue("a")]})
    return tmp_path


def bounded(folder: Path, *arguments: str, stdout: int | None = None) -> str:
    """The one line that a run of its own says which may take little memory and ends with 1."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 * GB, 2 * GB))

    with open(folder / "stderr", "w+b") as told:  # noqa: PTH123
        process = subprocess.Popen(
            [CONSOLE_SCRIPT, *arguments],
            cwd=folder,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=told,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            preexec_fn=limit,  # noqa: PLW1509 - no threads here
        )
        try:
            process.wait(SECONDS)
        finally:
            process.kill()
        lines = (folder / "stderr").read_text("utf-8", "replace").splitlines()
    assert (process.returncode, len(lines)) == (1, 1), lines
    return lines[0].removeprefix("drift: ")


def sparse(file: Path, size: int = GB, head: bytes = b"", tail: bytes = b"") -> None:
    with file.open("wb") as out:
        out.write(head)
        out.truncate(size)
        out.seek(size - len(tail))
        out.write(tail)


def diff(live: str = "live.yaml", declared: str = "base.yaml") -> list[str]:
    return ["diff", "--live", live, "--declared", declared, "-o", "out"]


HOLE = "holds zero bytes: it was not written to the end, or is damaged; restore it"
LARGE = "no more than {} MB are read; split it, or correct the path"
STATE = b'{"version": 4, "terraform_version": "1.9.0", "lineage": "l", "x": "'
SPARSE: list[tuple[str, bytes, bytes, list[str], str]] = [
    ("x.tfstate", b"", b"", diff(declared="x.tfstate"), HOLE),
    ("x.tfstate", STATE, b'"}', diff(declared="x.tfstate"), LARGE.format(512)),
    ("x.jsonl", b"", b"", diff("x.jsonl"), HOLE),
    (
        "x.yaml",
        b"provider: aws\nattributes: {}\n",
        b"",
        diff("x.yaml"),
        "line 3 has no end, which is no record",
    ),
    ("x.yaml", b"apiVersion: v1\nkind: ConfigMap\n", b"", diff(declared="x.yaml"), LARGE.format(512)),
    ("x.yaml", b"Resources:\n  A: {Type: AWS::SQS::Queue}\n", b"", diff(declared="x.yaml"), LARGE.format(32)),
    ("x.yaml", b"version: 1\n", b"", ["scan", "-c", "x.yaml"], LARGE.format(32)),
    ("x.json", b'{"schema": "drift-report/1"', b"", ["report", "x.json", "-f", "json"], LARGE.format(512)),
]


@pytest.mark.parametrize(("name", "head", "tail", "arguments", "said"), SPARSE)
def test_a_gigabyte_is_not_read(
    folder: Path, name: str, head: bytes, tail: bytes, arguments: list[str], said: str
) -> None:
    sparse(folder / name, head=head, tail=tail)
    # Of a process that was forked counts what the one that it was forked from held, too.
    before = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    told = bounded(folder, *arguments)
    assert told.startswith(f"{name}: ")
    assert said in told
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= max(before * 1024, MOST_MEMORY)


@pytest.mark.parametrize("content", [b" ", b"\n", b"{", b'{"a": '])
def test_what_unpacks_without_end_is_not_unpacked(folder: Path, content: bytes) -> None:
    packed = zstandard.ZstdCompressor(3).compressobj()
    with (folder / "x.jsonl.zst").open("wb") as out:
        for _ in range(GB // (1 << 22)):
            out.write(packed.compress(content * ((1 << 22) // len(content))))
        out.write(packed.flush())
    told = bounded(folder, *diff("x.jsonl.zst"))
    assert told.startswith("x.jsonl.zst: neither a header nor a record")


def test_owners_without_end(folder: Path) -> None:
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "x"],
    ):
        subprocess.run(
            ["git", *arguments], cwd=folder, check=True, env={"PATH": os.environ["PATH"], "HOME": str(folder)}
        )
    sparse(folder / "CODEOWNERS", 300 << 20, b"* @acme/all\n")
    assert bounded(folder, *diff()) == f"CODEOWNERS: is 300 MB, and {LARGE.format(3)}"


Make = Callable[[Path], object]
ODD: list[tuple[Make, str]] = [
    (os.mkfifo, "is a pipe, which can be read only once; give a file"),
    (Path.mkdir, "is a folder; give a file"),
    (lambda path: path.symlink_to("/dev/zero"), "is a device; give a file"),
    (lambda path: path.symlink_to(path.name), "can't be read: Too many levels of symbolic links"),
    (lambda path: path.symlink_to("nowhere"), "can't be read: No such file or directory"),
]


@pytest.mark.parametrize(("make", "said"), ODD)
@pytest.mark.parametrize("arguments", [diff("odd"), ["scan", "-c", "odd"]])
def test_what_is_no_file(folder: Path, drift: Drift, make: Make, said: str, arguments: list[str]) -> None:
    make(folder / "odd")
    assert drift(*arguments).complaint == f"odd: {said}"


@pytest.mark.parametrize("name", [".driftignore", ".driftignore.yaml"])
def test_rules_that_are_no_file_or_have_no_end(folder: Path, drift: Drift, name: str) -> None:
    file = folder / name
    for make, said in ODD[:2]:
        make(file)
        assert drift(*diff()).complaint == f"{name}: {said}"
        file.rmdir() if file.is_dir() else file.unlink()
    sparse(file, 300 << 20, head=b"aws_sqs_queue.a\n")
    assert drift(*diff()).complaint == f"{name}: is 300 MB, and {LARGE.format(3)}"


@pytest.mark.parametrize("name", ["x" * 300, "loop", "~nobody-of-this-name/x"])
def test_a_path_that_leads_nowhere(folder: Path, drift: Drift, name: str) -> None:
    (folder / "loop").symlink_to("loop")
    assert drift(*diff(declared=name)).complaint.startswith(f"{name[:200]}: leads nowhere: ")


def test_names_that_are_no_text(folder: Path, drift: Drift) -> None:
    odd = os.fsdecode(b"x\xff")
    shutil.copy(folder / "base.yaml", folder / f"{odd}.yaml")
    (folder / odd).mkdir()
    shutil.copy(folder / "base.yaml", folder / odd / f"{odd}.yaml")
    (folder / odd / f"{odd}.json").symlink_to("nowhere")
    assert drift(*diff(f"{odd}.yaml", f"{odd}.yaml")).code == 0
    ran = drift(*diff(declared=odd))
    assert (ran.code, [one["message"] for one in ran.report["problems"]]) == (
        3,
        ["x\\xff/x\\xff.json: is a link that leads nowhere, so it was not read"],
    )
    assert drift(*diff(declared=f"{odd}.tfstate")).complaint.startswith(
        "x\\xff.tfstate: there is no such file"
    )


@pytest.mark.parametrize("arguments", [diff(), ["--help"], ["schema", "config"], ["types", "kubernetes"]])
def test_an_output_that_is_full(folder: Path, arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        told = bounded(
            folder,
            *(*arguments, "--format", "json") if "diff" in arguments else arguments,
            stdout=full.fileno(),
        )
    assert told == "standard output: can't be read or written: No space left on device"


def test_a_file_that_changes_while_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from drift import reading
    from drift.errors import DeclaredError

    file = folder / "x.tfstate"
    file.write_text(json.dumps({"version": 4}))
    changes = iter([lambda: file.write_text(""), lambda: file.write_text("x" * 9_000_000)])
    known = reading.no_text

    def meanwhile(head: bytes) -> str | None:
        next(changes)()
        return known(head)

    monkeypatch.setattr(reading, "no_text", meanwhile)
    for _ in range(2):
        with pytest.raises(
            DeclaredError, match="x.tfstate: changed while it was read; run again once it is written"
        ):
            reading.content(file, "x.tfstate")
