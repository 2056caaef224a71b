"""Progress on stderr: a live bar on a terminal, plain structured lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

from drift.live.tasks import Progress, Waiting, Watch
from drift.visible import visible


@contextlib.contextmanager
def watching(quiet: bool) -> Iterator[Watch]:
    """A watcher for the time of the block."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as watch:
            yield watch
    else:
        yield _log()


@contextlib.contextmanager
def _bar() -> Iterator[Watch]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("reading"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        started, ended, found = [0], [0], [0]
        lock = threading.Lock()

        def watch(progress: Progress | Waiting) -> None:
            with lock:
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


def _log() -> Watch:
    import structlog

    logger = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
    )

    def watch(progress: Progress | Waiting) -> None:
        if isinstance(progress, Waiting):
            logger.info("waiting", what=visible(progress.what), seconds=round(progress.seconds))
            return
        if not progress.done:
            return
        tell = logger.info if progress.status in ("checked", "skipped") else logger.warning
        for cell in progress.cells:
            tell(
                "cell_read",
                status=progress.status,
                resources=progress.resources,
                **{key: visible(value) for key, value in cell._asdict().items()},
            )

    return watch
