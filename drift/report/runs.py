"""A run's folder: report.json, the other formats, the evidence; and finding an earlier one again."""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import zstandard

from drift import moment, plugins, reading
from drift.deadline import Deadline, Passed
from drift.errors import DriftError
from drift.files import replacing
from drift.live.order import Ledger

REPORT = "report.json"
EVIDENCE = "evidence.jsonl.zst"
DEFAULT = Path("runs")
ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_INDEXED = 100
_INDEXED_BYTES = 200_000_000
#: Among so many of the last reports one of the same environment is looked for.
_LOOKED_AT = 5


def new_id(now: datetime | None = None) -> str:
    """Sortable by time and unique: ``20260102T030405Z-1a2b3c``."""
    return f"{(now or moment.now()).strftime('%Y%m%dT%H%M%SZ')}-{secrets.token_hex(3)}"


def write(
    folder: Path,
    report: Mapping[str, Any],
    formats: Iterable[str],
    evidence: Iterable[Mapping[str, Any]],
    clock: Deadline | None = None,
) -> tuple[list[Path], list[Path]]:
    """Writes every format and the evidence; JSON last, so that a folder with report.json is a whole run.

    Gives what was written, and what was not because the clock said that there was no more time: never JSON.
    """
    clock, formats = clock or Deadline(), tuple(formats)
    late: list[Path] = []
    try:
        with (
            replacing(folder / EVIDENCE) as raw,
            zstandard.ZstdCompressor().stream_writer(raw, closefd=False) as out,
        ):
            for record in evidence:
                clock.check()
                out.write(orjson.dumps(record, default=str) + b"\n")
    except Passed:
        late.append(folder / EVIDENCE)
    written: list[Path] = []
    for name in dict.fromkeys(formats):
        if name not in ("json", "table"):
            path = folder / f"report.{plugins.renderer(name).suffix}"
            try:
                clock.ask(partial(render, report, name, path))
                written.append(path)
            except Passed:
                late.append(path)
    written.append(render(report, "json", folder / f"report.{plugins.renderer('json').suffix}"))
    of_folder = plugins.FOLDER_PAGE in formats and folder.name == report["run"]["id"]
    if of_folder and folder / f"report.{plugins.renderer(plugins.FOLDER_PAGE).suffix}" in written:
        try:
            clock.ask(partial(index, folder.parent))
        except Passed:
            late.append(folder.parent / f"index.{plugins.folder_page().suffix}")
    return written, late


def retire(
    base: Path,
    now: datetime,
    *,
    seconds: int | None = None,
    most: int | None = None,
    but: Collection[str] = (),
) -> tuple[int, list[str]]:
    """Takes away the folders of runs that began longer ago than ``seconds``, and all but the newest ``most``.

    Gives how many went, and why others could not. The report goes first, so that what is left of a folder is
    no run. Only what is named as a run, holds a report and is not one of ``but`` is touched.
    """
    if seconds is None and most is None:
        return 0, []
    found = [file.parent for file in base.glob(f"*/{REPORT}") if ID.fullmatch(file.parent.name)]
    newest = sorted((one for one in found if not one.is_symlink()), key=lambda one: one.name, reverse=True)
    least = "" if seconds is None else (now - timedelta(seconds=seconds)).strftime("%Y%m%dT%H%M%SZ")
    gone, kept = 0, []
    for number, folder in enumerate(newest):
        if folder.name in but or (folder.name >= least and (most is None or number < most)):
            continue
        try:
            (folder / REPORT).unlink()
            shutil.rmtree(folder)
            gone += 1
        except OSError as error:
            kept.append(f"{folder}: can't be taken away: {error.strerror}")
    return gone, kept


def index(base: Path) -> None:
    """Writes the page of a folder of runs. The newest runs are read, up to ``_INDEXED`` of them and
    ``_INDEXED_BYTES``; the older ones are counted."""
    reports = sorted(base.glob(f"*/{REPORT}"), key=lambda file: file.parent.name, reverse=True)
    chosen: list[Path] = []
    size = 0
    for file in reports[:_INDEXED]:
        size += file.stat().st_size
        if chosen and size > _INDEXED_BYTES:
            break
        chosen.append(file)

    def read() -> Iterator[tuple[str, dict[str, Any]]]:
        for file in chosen:
            with contextlib.suppress(DriftError):
                yield file.parent.name, find(str(file))

    page = plugins.folder_page()
    # A report that somebody changed is no reason for a run to fail: the page stays as it was.
    with contextlib.suppress(DriftError), as_written(base), replacing(base / f"index.{page.suffix}") as out:
        page.index(read(), len(reports) - len(chosen), out)


def render(report: Mapping[str, Any], name: str, path: Path) -> Path:
    """Writes one format of a report."""
    renderer = plugins.renderer(name)
    with replacing(path) as out:
        renderer.render(report, out)
    return path


def rendering(report: Mapping[str, Any], name: str) -> bytes:
    """One format of a report."""
    made = io.BytesIO()
    plugins.renderer(name).render(report, made)
    return made.getvalue()


@contextlib.contextmanager
def as_written(path: Path | str) -> Iterator[None]:
    """For what reads a report or evidence of an earlier run. Raises DriftError in place of what comes of one
    that somebody changed or cut off."""
    try:
        yield
    except (DriftError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - a template fails with errors of its own
        raise DriftError(
            f"{path}: is not as drift writes it ({type(error).__name__}: {error}); run `drift scan` again"
        ) from error


def place(run: str, base: Path = DEFAULT) -> Path:
    """Where the report of ``run`` is: a run's id, ``latest``, or the path of a report.json or of its folder.
    Raises DriftError where there is none."""
    path = Path(run)
    reading.place(path, Path(), error=DriftError)
    if run == "latest":
        reports = sorted(base.glob(f"*/{REPORT}"), key=lambda file: file.parent.name)
        if not reports:
            raise DriftError(f"there is no run in {base}/ yet; run `drift scan` first")
        path = reports[-1]
    elif path.is_dir():
        path = path / REPORT
    elif not path.exists():
        path = base / run / REPORT
    if not os.path.lexists(path):
        raise DriftError(f"{run}: there is no such run: no {path}; give an id, `latest` or a report.json")
    return path


def last_ledger(base: Path | None, environment: str) -> Ledger:
    """The ledger of the last report of an environment that nothing was chosen of (``--only``); empty where
    there is no such among the last few, or it can't be read."""
    reports = [] if base is None else sorted(base.glob(f"*/{REPORT}"), key=lambda file: file.parent.name)
    for file in reports[: -_LOOKED_AT - 1 : -1]:
        with contextlib.suppress(DriftError):
            report = find(str(file))
            if report["run"].get("environment") == environment and "only" not in report["run"]:
                return Ledger(str(report["run"].get("started_at", "")), list(report["coverage"]))
    return Ledger()


def find(run: str, base: Path = DEFAULT) -> dict[str, Any]:
    """The report of a run, which :func:`place` finds. Raises DriftError."""
    path = place(run, base)
    try:
        report = orjson.loads(reading.content(path, str(path), most=reading.MADE, error=DriftError))
    except orjson.JSONDecodeError as error:
        raise DriftError(f"{path}:{error.lineno}: no valid JSON: {error.msg}") from error
    if not isinstance(report, dict) or not str(report.get("schema", "")).startswith("drift-report/"):
        raise DriftError(f"{path}: this is no drift report: its 'schema' is not drift-report/1")
    return report
