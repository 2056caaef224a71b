"""Runs the command line in a process of its own, forked from one that has imported what each run imports:
hundreds of runs need not import it again."""

from __future__ import annotations

import multiprocessing
import multiprocessing.forkserver
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

#: Modules that most runs import, and what most of them read. None of gRPC's: it does not bear being forked.
_IMPORTED = [
    "drift.cli.comparing",
    "drift.compare.difference",
    "drift.declared.pulumi.stacks",
    "drift.declared.terraform.remote_state",
    "drift.declared.terraform.run_all",
    "drift.history.record",
    "drift.scan",
    "providers.aws.beyond",
    "providers.aws.cloudformation.loading",
    "providers.aws.live",
    "providers.kubernetes.engines.repository",
    "reports.html",
    "tests.warm",
]
TIMEOUT_SECONDS = 600


def run(folder: Path, arguments: Sequence[str], env: Mapping[str, str]) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of ``drift ARGUMENTS`` in ``folder`` with exactly this environment."""
    with tempfile.TemporaryDirectory() as name:
        told = [Path(name) / stream for stream in ("stdout", "stderr")]
        process = _forks().Process(target=_drift, args=(folder, arguments, env, *told))
        process.start()
        process.join(TIMEOUT_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            raise TimeoutError(f"drift {' '.join(arguments)}: {[file.read_text() for file in told]}")
        assert process.exitcode is not None
        return process.exitcode, *(file.read_text(encoding="utf-8") for file in told)  # type: ignore[return-value]


def started(
    folder: Path,
    arguments: Sequence[str],
    env: Mapping[str, str],
    told: Path,
    first: Callable[[], None] | None = None,
) -> Any:
    """The process of ``drift ARGUMENTS``, which may be killed; what it says is written to two files in
    ``told``. ``first`` is done in it before it begins."""
    said = (told / "stdout", told / "stderr")
    process = _forks().Process(target=_drift, args=(folder, arguments, env, *said, first))
    process.start()
    return process


def forked(target: Callable[..., None], *arguments: Any) -> Any:
    """A process that is forked as those of the command line are; it is not begun yet."""
    return _forks().Process(target=target, args=arguments)


def preload(*modules: str) -> None:
    """Has what is forked from import more; before the first process is begun."""
    assert not _forks.cache_info().currsize, "it is running already"
    _IMPORTED.extend(modules)


def end() -> None:
    """Ends the process that is forked from, and waits for it, so that its time counts as this one's."""
    if _forks.cache_info().currsize:
        multiprocessing.forkserver._forkserver._stop()  # type: ignore[attr-defined]


@cache
def _forks() -> ForkServerContext:
    """The context of a server that was started with an environment that says nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({"PATH": before["PATH"], "COLUMNS": "120"})
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return context


def _drift(
    folder: Path,
    arguments: Sequence[str],
    env: Mapping[str, str],
    stdout: Path,
    stderr: Path,
    first: Callable[[], None] | None = None,
) -> None:
    """The whole life of the forked process."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for descriptor, file in ((1, stdout), (2, stderr)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), descriptor)
    sys.argv = ["drift", *arguments]
    if first is not None:
        first()
    from drift.cli import main

    main()
