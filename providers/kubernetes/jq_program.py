"""The program of the process that evaluates jq expressions. It is run by its file and imports nothing of what
started it, so that it starts nothing again; what compiles and evaluates them is used elsewhere, too."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Sequence
from typing import Any

import orjson

#: What one evaluation may take: seconds of a processor, and bytes of memory.
SECONDS, MEMORY = 2, 2**30
_MOST_ANSWER = 16 * 2**20


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
