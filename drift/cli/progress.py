"""Progress on stderr: a live bar on a terminal, plain structured lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from drift.cli import logs
from drift.live.tasks import Progress, Stage, Told, Waiting, Watch
from drift.visible import visible

#: Between two lines of what was read so far, where there is no terminal.
_EVERY_SECONDS = 30


@contextlib.contextmanager
def watching(quiet: bool, verbose: bool = False) -> Iterator[Watch]:
    """A watcher for the time of the block."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty() and not logs.as_json():
        with _bar() as watch:
            yield watch
    else:
        log = _Log(verbose)
        try:
            yield log.watch
        finally:
            log.end()


@contextlib.contextmanager
def _bar() -> Iterator[Watch]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        started, ended, found = [0], [0], [0]
        lock = threading.Lock()

        def watch(progress: Told) -> None:
            with lock:
                if isinstance(progress, Stage):
                    bar.update(task, description=escape(visible(progress.what)))
                    return
                if isinstance(progress, Waiting):
                    bar.update(task, description=escape(visible(f"waiting for {progress.what}")))
                    return
                if progress.done:
                    ended[0] += 1
                    found[0] += progress.resources
                else:
                    started[0] += 1
                cell = progress.cells[0]
                bar.update(
                    task,
                    completed=ended[0],
                    total=max(started[0], ended[0]),
                    description=(
                        f"{ended[0]} cells, {found[0]} resources  "
                        + escape(visible(f"{cell.scope} {cell.region} {cell.type}"))
                    ),
                )

        yield watch


class _Log:
    """A line a scope, once the reading is over, and one each half minute of what was read by then; with
    ``verbose`` a line a cell, and one a stage."""

    def __init__(self, verbose: bool) -> None:
        self._verbose, self._said = verbose, time.monotonic()
        self._scopes: dict[tuple[str, str], Counter[str]] = {}
        self._lock = threading.Lock()

    @cached_property
    def _logger(self) -> Any:
        """Made for the first line: what writes lines takes long to import, and a comparison may have none."""
        return logs.logger()

    def watch(self, told: Told) -> None:
        with self._lock:
            if isinstance(told, Waiting):
                self._logger.info("waiting", what=visible(told.what), seconds=round(told.seconds))
            elif isinstance(told, Stage):
                if self._verbose:
                    self._logger.info("stage", what=visible(told.what))
            elif told.done:
                self._count(told)

    def _count(self, told: Progress) -> None:
        well = told.status in ("checked", "skipped")
        for cell in told.cells:
            counts = self._scopes.setdefault((cell.provider, cell.scope), Counter())
            counts.update(cells=1, unread=not well)
            if self._verbose:
                place = {key: visible(value) for key, value in cell._asdict().items()}
                tell = self._logger.info if well else self._logger.warning
                tell("cell_read", status=told.status, resources=told.resources, **place)
        first = told.cells[0]
        self._scopes[first.provider, first.scope]["resources"] += told.resources
        if time.monotonic() - self._said > _EVERY_SECONDS:
            self._said = time.monotonic()
            total = sum(self._scopes.values(), Counter())
            self._logger.info("reading", cells=total["cells"], resources=total["resources"])

    def end(self) -> None:
        with self._lock:
            for (provider, scope), counts in sorted(self._scopes.items()):
                tell = self._logger.warning if counts["unread"] else self._logger.info
                told = {name: counts[name] for name in ("cells", "resources", "unread")}
                tell("scope_read", provider=provider, scope=visible(scope), **told)
