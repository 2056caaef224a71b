"""jq expressions that a repository says, evaluated in a process of their own: one that does not end, or takes
all memory, ends that process and nothing else. What that process runs is ``jq_program.py``."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

import orjson

from drift.patterns import compiled
from providers.kubernetes import jq_program
from providers.kubernetes.jq_program import MEMORY, SECONDS, found, programs

__all__ = ["Broken", "Evaluator", "found", "programs", "simple"]

#: Set in the environment of a process that evaluates: it starts no other.
_MARK = "DRIFT_JQ_PROCESS"
TOO_LONG = f"it takes more than {SECONDS} seconds or {MEMORY / 2**30:g} GiB for one object"
_STEP = r'(?:\.(?:[A-Za-z_]\w*|"[^"\\]*")|\.?\[(?:\d+|"[^"\\]*")\])\??'
_EACH = rf"(?:{_STEP}|\.?\[\]\??)"
_VALUE = r'(?:"[^"\\]*"|-?\d+(?:\.\d+)?|true|false|null)'
_TEST = rf"(?:\.|(?:{_STEP})+)\s*(?:[=!]=\s*{_VALUE}|\|\s*(?:startswith|endswith|contains)\(\"[^\"\\]*\"\))"
_TERM = rf"(?:\.|(?:{_EACH})+|select\(\s*{_TEST}\s*\))"
_SIMPLE = rf"\s*{_TERM}(?:\s*\|\s*{_TERM}|{_EACH})*\s*"
_MOST_SIMPLE = 500


class Broken(Exception):
    """An expression can't be compiled; the message says why."""


def simple(expression: str) -> bool:
    """Whether an expression only walks down an object and chooses among members, so that it surely ends."""
    return len(expression) <= _MOST_SIMPLE and bool(compiled(_SIMPLE).fullmatch(expression))


class Evaluator:
    """Evaluates the path expressions of one rule; its process is started when it is first needed, and again
    after one has ended. Safe to call from several threads."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self._expressions = list(expressions)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def check(self) -> None:
        """Raises Broken for an expression that is none, TimeoutError."""
        told = self._ask(None)
        if isinstance(told, str):
            raise Broken(told)

    def paths(self, text: str) -> list[list[Any]]:
        """The paths that the expressions name in a JSON document. Raises TimeoutError where that takes too
        much."""
        found = self._ask(text)
        return found if isinstance(found, list) else []

    def _ask(self, document: str | None) -> Any:
        with self._lock:
            process = self._process or self._start()
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(orjson.dumps([self._expressions, document]) + b"\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            except OSError:
                answer = b""
            if not answer.endswith(b"\n"):
                self._end()
                raise TimeoutError(TOO_LONG)
            return orjson.loads(answer)

    def _start(self) -> subprocess.Popen[bytes]:
        if _MARK in os.environ:
            raise Broken("a process that evaluates expressions starts no other")
        self._process = subprocess.Popen(
            [sys.executable, "-P", jq_program.__file__],  # by its file: no package, and no main, is imported
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # jq can read variables.
            env={"PATH": "", "PYTHONPATH": ":".join(filter(None, sys.path)), _MARK: "1"},
            start_new_session=True,
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            process.wait()

    def __del__(self) -> None:
        self._end()
