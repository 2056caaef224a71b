"""jq expressions that a repository says, evaluated in a process of their own: one that does not end, or takes
all memory, ends that process and nothing else. Also that process's program (``python -m``)."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

import orjson

from drift.patterns import compiled

#: What one evaluation may take: seconds of a processor, and bytes of memory.
SECONDS, MEMORY = 2, 2**30
TOO_LONG = f"it takes more than {SECONDS} seconds or {MEMORY / 2**30:g} GiB for one object"
_STEP = r'(?:\.(?:[A-Za-z_]\w*|"[^"\\]*")|\.?\[(?:\d+|"[^"\\]*")\])\??'
_EACH = rf"(?:{_STEP}|\.?\[\]\??)"
_VALUE = r'(?:"[^"\\]*"|-?\d+(?:\.\d+)?|true|false|null)'
_TEST = rf"(?:\.|(?:{_STEP})+)\s*(?:[=!]=\s*{_VALUE}|\|\s*(?:startswith|endswith|contains)\(\"[^\"\\]*\"\))"
_TERM = rf"(?:\.|(?:{_EACH})+|select\(\s*{_TEST}\s*\))"
_SIMPLE = rf"\s*{_TERM}(?:\s*\|\s*{_TERM}|{_EACH})*\s*"
_MOST_SIMPLE, _MOST_ANSWER = 500, 16 * 2**20


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
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": "", "PYTHONPATH": ":".join(filter(None, sys.path))},  # jq can read variables
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


def found(programs: Sequence[Any], text: str) -> list[list[Any]]:
    """The paths that compiled expressions name in a document."""
    paths: list[list[Any]] = []
    for program in programs:
        with contextlib.suppress(ValueError, StopIteration):  # the expression does not fit this object
            paths += program.input_text(text).first() or ()
    return paths


def programs(expressions: Sequence[str]) -> list[Any]:
    """Expressions compiled. Raises ValueError."""
    import jq

    return [jq.compile(f"[path({expression})]") for expression in expressions]


def _serve() -> None:
    """Answers line by line until nobody asks any more; the system ends it where that takes too much."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    known: list[Any] = []
    for line in sys.stdin.buffer:
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(
            resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + SECONDS, resource.RLIM_INFINITY)
        )
        expressions, document = orjson.loads(line)
        try:
            known = known or programs(expressions)
            answer: Any = [] if document is None else found(known, document)
        except ValueError as error:
            answer = " ".join(str(error).split())
        told = orjson.dumps(answer)
        if len(told) > _MOST_ANSWER:
            return
        sys.stdout.buffer.write(told + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
