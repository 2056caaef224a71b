"""Runs tests over a copy of the core with one fault in it."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from tests.mutants.edits import Edit

ROOT = Path(__file__).parents[2]
#: What each run would import again.
_IMPORTED = ("boto3", "deepdiff", "hypothesis.strategies", "jsonschema", "pydantic", "pytest", "yaml")


def run(tests: Sequence[str], fault: tuple[str, Edit] | None, seconds: int) -> tuple[bool, float]:
    """Whether the tests pass over a copy of the core with the fault, and the processor time that they took.
    Raises RuntimeError when they could not be run."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        shutil.copytree(ROOT / "drift", copy / "drift")
        if fault:
            file, edit = fault
            (copy / file).write_bytes(edit.of((ROOT / file).read_bytes()))
        forks = multiprocessing.get_context("forkserver")
        forks.set_forkserver_preload([*_IMPORTED])
        receive, send = forks.Pipe(duplex=False)
        process = forks.Process(target=_test, args=(copy, tuple(tests), seconds, send))
        process.start()
        send.close()
        process.join()
        try:
            code, took = receive.recv()
        except EOFError:  # It was ended: by its limit, or by the fault.
            return False, float(seconds)
        if code > 2:
            raise RuntimeError(f"pytest {' '.join(tests)} ended with {code}: {(copy / 'told').read_text()}")
        return code == 0, took


def _test(copy: Path, tests: tuple[str, ...], seconds: int, send: Connection) -> None:
    """The whole life of the process that runs the tests."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    told = os.open(copy / "told", os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(told, stream)
    os.chdir(ROOT)
    sys.path[:0] = [str(copy)]
    os.environ["PYTHONPATH"] = str(copy)
    import pytest

    # Appended, the root comes after the copy.
    code = pytest.main(
        ["-x", "-q", "--import-mode=append", "-p", "no:cacheprovider", "--hypothesis-profile=few", *tests]
    )
    import drift

    assert Path(drift.__file__).is_relative_to(copy)
    used = resource.getrusage(resource.RUSAGE_SELF)
    send.send((int(code), used.ru_utime + used.ru_stime))
    send.close()
