"""The console script: runs a command line; what goes wrong is one line on stderr and exit code 1."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import Any, NoReturn

from drift import __version__, temporary
from drift.cli.terminal import rendered, say
from drift.errors import DriftError

#: The exit code after Ctrl-C, which typer, too, makes of it.
_STOPPED = 130


#: So many objects are made before any is looked at for garbage: all that is imported stays to the end.
_PORTION = 100_000

#: Environment variable that has a fault of the program's own shown whole.
TRACEBACK = "DRIFT_TRACEBACK"


def _complain(message: str) -> NoReturn:
    from drift.redaction import told

    say(f"drift: {' '.join(told(message).split())}", err=True, level="error")
    sys.exit(1)


def main() -> NoReturn:
    """The console script: errors are one line on stderr and exit code 1; nothing temporary is left, and
    nothing that hangs holds up the end."""
    from drift.cli import ending

    gc.set_threshold(_PORTION, *gc.get_threshold()[1:])
    ending.begin()
    try:
        _main()
    except SystemExit as stopped:
        code = stopped.code
    finally:
        temporary.clear()
    ending.end(code if isinstance(code, int) else 0)


def _spelled(arguments: list[str]) -> list[str]:
    """The command line with the value of an option that may stand without one."""
    bare = {"--resume": "latest"}
    told = []
    for number, one in enumerate(arguments):
        following = arguments[number + 1 : number + 2]
        alone = one in bare and (not following or following[0].startswith("-"))
        told.append(f"{one}={bare[one]}" if alone else one)
    return told


def _run(arguments: list[str]) -> Any:
    """Runs a command line; its exit code, where it has one."""
    if arguments == ["--version"]:  # asked alone and often: neither typer nor a command is loaded for it
        rendered(f"drift {__version__}\n".encode())
        return 0
    import typer

    from drift.cli.app import application

    # The base of what typer raises for a wrong command line; newer typer carries a click of its own.
    usage: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
    try:
        return application(arguments)(args=arguments, standalone_mode=False)
    except typer.Abort:
        return _STOPPED
    except usage as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()  # the help, of a command that has others below it
            sys.exit(1)
        _complain(error.format_message().removeprefix("Value error, "))


def _main() -> NoReturn:
    from drift.cli import ending

    for stream in (sys.stdout, sys.stderr):  # what a terminal of another alphabet can't show is escaped
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(_spelled(sys.argv[1:]))
        sys.stdout.flush()
    except DriftError as error:
        _complain(str(error))
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - nobody flushes the other one again
        _complain(f"{error.filename or 'standard output'}: can't be read or written: {error.strerror}")
    except KeyboardInterrupt:
        code = _STOPPED
    except Exception as error:  # noqa: BLE001 - whatever is wrong here, people get one line
        if os.environ.get(TRACEBACK):
            raise
        if ending.exhausted(error):
            _complain(
                f"there is no more memory, or no more threads, for it: {error or 'MemoryError'}; give it more"
            )
        _complain(
            f"unexpected {type(error).__name__}: {error}; this is a fault of drift's own: "
            f"please report it with what {TRACEBACK}=1 prints"
        )
    if code == _STOPPED:
        say("drift: stopped", err=True)
    sys.exit(code if isinstance(code, int) else 0)
