"""Runs the tools that render declared objects, and says in one line what they have against it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from drift import processes, temporary
from drift.deadline import Deadline
from drift.declared import git_run
from drift.errors import DeclaredError

TIMEOUT_SECONDS = 300
#: How much memory a renderer may take (bytes): far more than any repository needs, and less than takes the
#: machine with it, as YAML whose aliases stand for more and more would.
MOST_MEMORY = 4 * 2**30
_MAX_MESSAGE = 1000
_KLOG = re.compile(r"^[EWIF]\d{4} [\d:.]+\s+\d+ [^]]+\] (?:\"command failed\" err=)?")
_ADVICE = re.compile(r"Use --debug flag to render out invalid YAML|level=\w+ msg=.*")


class Failed(DeclaredError):
    """A tool ended with an error; the message is its own, on one line."""


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    deadline: Deadline | None = None,
) -> bytes:
    """What a command prints; the git that it may run obeys no repository. Raises Failed with its last words,
    DeclaredError when it can't be run or does not end."""
    try:
        done = processes.run(
            command,
            environment={**git_run.environment(local=False), **(environment or {})},
            seconds=TIMEOUT_SECONDS,
            deadline=deadline,
            writes=[temporary.home()],
            memory=MOST_MEMORY,
        )
    except OSError as error:
        raise DeclaredError(f"{command[0]} can't be run: {error.strerror}") from error
    except processes.Overdue as error:
        raise DeclaredError(f"{command[0]} did not end within {TIMEOUT_SECONDS} seconds") from error
    except processes.Endless as error:
        raise DeclaredError(f"{command[0]} {error}, so it was ended") from error
    if done.returncode != 0:
        if any(one in done.stderr for one in (b"out of memory", b"cannot allocate memory")):
            raise DeclaredError(f"{command[0]} asked for more than {MOST_MEMORY / 2**30:g} GiB of memory")
        told = done.stderr.decode("utf-8", "replace") or done.stdout.decode("utf-8", "replace")
        raise Failed(one_line(told) or f"ended with code {done.returncode} and no explanation")
    return done.stdout


def one_line(text: str) -> str:
    """A tool's complaint without its time stamps, advice and line breaks."""
    told = (line for line in text.splitlines() if not line.startswith("# Warning:"))
    lines = [_ADVICE.sub("", _KLOG.sub("", line)).strip() for line in told]
    joined = " ".join(line for line in lines if line and line not in ("<", ">"))
    if joined.startswith('"') and joined.endswith('"'):
        joined = joined[1:-1].replace('\\"', '"').replace("\\n", " ")
    joined = joined.removeprefix("Error: ").strip()
    return joined if len(joined) <= _MAX_MESSAGE else f"{joined[:_MAX_MESSAGE]}…"
