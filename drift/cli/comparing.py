"""A comparison as `scan` and `diff` run it: compares, writes, tells who is to be told, exits as it ended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import typer

from drift import plugins
from drift.cli import ending, logs, remediation, streams
from drift.cli.configured import base_of
from drift.cli.places import Place
from drift.cli.progress import watching
from drift.cli.remediation import LIVE
from drift.cli.running import Shown, in_time, watched
from drift.cli.terminal import rendered, say
from drift.cli.tracing import tracing
from drift.compare.processes import processors
from drift.config.durations import seconds
from drift.config.model import Config
from drift.deliver.post import OUTBOX, Post
from drift.errors import ConfigError, DriftError
from drift.files import writable
from drift.history.place import Place as Remembered
from drift.objects import Store, placed
from drift.report import metrics, runs
from drift.report.exit_code import nothing_read
from drift.report.stored import Sending
from drift.resumption import Resumption, whole
from drift.scan import Result, Run
from drift.secrets import within
from drift.store import kept


class Told(NamedTuple):
    """Who is told of a run besides whoever started it."""

    mail: bool = False
    notify: bool = False
    metrics: Path | None = None
    remediate: bool = False


def compare(
    config: Config,
    only: list[str] | None,
    live: list[Path] | None,
    place: Place,
    exit_zero: bool,
    shown: Shown,
    show_ignored: bool,
    deadline: str | None = None,
    remembered: Remembered | None = None,
    told: Told = Told(),  # noqa: B008 - it never changes
    keep: Path | None = None,
    resume: str | None = None,
) -> None:
    """Compares, writes the reports and the summary, tells who is to be told, and exits as the run ended.
    ``place`` says where to, ``deadline`` is a length of time; without it the configuration's; ``remembered``
    is where the history is, ``keep`` where what was live is written as a snapshot; ``resume`` names a run to
    go on with."""
    if told.remediate and (config.remediate is None or place.file is not None or place.stdout):
        why = (
            "goes to a folder" if config.remediate is not None else f"has `remediate:` in {config.lines.name}"
        )
        raise ConfigError(f"--remediate: works on a run that {why}")
    formats = place.formats or list(config.output.formats)
    for name in formats:
        plugins.renderer(name)
    base = base_of(config)
    if told.metrics is not None:
        writable(told.metrics.parent)
    if keep is not None:
        writable(keep.parent)
    if not place.stdout:
        writable(place.file.parent if place.file else place.folder or base)

    def tell(note: str) -> None:
        say(f"note: {run.told(note)}", err=True)

    run = Run(config, only or (), live or (), tell=tell, processes=processors(), remembered=remembered)
    post = posted(config, told, lambda said: say(run.told(said), err=True))
    run.reports = base
    in_folder = not (place.file or place.stdout)
    run.keeps_live = keep is not None or (config.remediate is not None and in_folder)
    if not live:
        own = not (place.folder or place.file or place.stdout)
        run.resumption = Resumption(base, config, resume, keep=own, tell=tell)
    sending = _sending(config, base, lambda said: say(run.told(said), err=True))
    # What talks to clouds leaves cyclic garbage; of files little is left, and the process ends soon.
    logs.begin(run.id)
    with tracing(tell) as spans, in_time(run, deadline), kept() if live else contextlib.nullcontext():
        post.clock = run.deadline.writing()
        config.keyring.had(one for _, one in within([*post.settings(), *_logins(config, told)]))
        try:
            result = watched(run, shown, run.scan, spans)
        except DriftError as error:
            post.failed(str(error))
            if run.resumption is not None:
                run.resumption.end(whole=False)
            raise
        left = _written(run, result, place, formats, told, shown, sending)
        _delivered(run, result, post, told, left)
        spans.ended(result.report)
        if keep is not None:
            result.live(keep)
            left.written.append(keep)
    _said(run, result, place, shown, left, show_ignored)
    useless = nothing_read(result.report["coverage"], result.report["summary"]["live"])
    if useless:
        raise DriftError(useless)
    code = result.forgiving if exit_zero else result.exit_code
    ending.spared(run, result)
    raise typer.Exit(code or (3 if left.late or left.unsent else 0))


@dataclass(slots=True)
class _Left:
    """What a run leaves: the files that it wrote, those for which no time was left, and why its folder could
    not be sent to where runs are copied."""

    written: list[Path] = field(default_factory=list)
    late: list[Path] = field(default_factory=list)
    unsent: str = ""


def _written(
    run: Run,
    result: Result,
    place: Place,
    formats: Sequence[str],
    told: Told,
    shown: Shown,
    sending: Sending | None,
) -> _Left:
    """Writes the report to its place; of a folder also what else belongs there, and its copy."""
    if place.stdout:
        rendered(runs.rendering(result.report, formats[0]))
        return _Left()
    if place.file:
        return _Left([runs.render(result.report, formats[0], place.file)])
    config, base, name = run.config, base_of(run.config), result.report["run"]["id"]
    if place.folder is None:
        _retire(config, base, sending)
    folder = place.folder or base / name
    left = _Left(*runs.write(folder, result.report, formats, result.evidence, result.clock))
    if config.remediate is not None:
        result.live(folder / LIVE)
    if told.remediate:
        remediated(config, folder, result, shown, run)
    if sending is not None:
        sending.store.clock = run.deadline.writing()
        left.unsent = sending.run(folder, name)
    return left


def _delivered(run: Run, result: Result, post: Post, told: Told, left: _Left) -> None:
    """Tells whoever is to be told, and the history that it was written: before what is sent where it is sure
    to be, else after."""
    page = f"report.{plugins.folder_page().suffix}"
    post.prepare(result.report, next((one for one in left.written if one.name == page), None))
    sure = post.sure
    if result.history is not None and sure:
        result.history.written()
    if run.resumption is not None:
        run.resumption.end(whole=whole(result.report["coverage"]))
    if told.metrics is not None:
        left.written.append(metrics.write(result.report, told.metrics))
    post.deliver()
    if result.history is not None and not sure and post.sure:
        result.history.written()


def _said(run: Run, result: Result, place: Place, shown: Shown, left: _Left, show_ignored: bool) -> None:
    """Tells the terminal: the summary, which files were written, and what could not be done."""
    table, console = plugins.summary(), streams.console(stderr=place.stdout)
    if not (place.stdout and shown.quiet):
        table.print(result.report, console)
    if show_ignored:
        table.print_ignored(result.report, console)
    for path in left.written:
        say(f"wrote {path}", err=True)
    for path in left.late:
        say(f"not written: {path}: {result.clock.reason}", err=True)
    if left.unsent:
        say(f"not sent: {run.told(left.unsent)}", err=True)
    if result.history is not None:
        for note in result.history.notes:
            say(f"note: history: {note}", err=True)
        if warning := (result.report["run"]["history"] or {}).get("lost"):
            say(f"warning: history: {run.told(warning)}", err=True)
        if result.history.problem:
            say(f"not remembered: {run.told(result.history.problem)}", err=True)
    if logs.as_json():
        logs.ended(result.report)


def _logins(config: Config, told: Told) -> Iterator[Any]:
    """The settings of forges that the run will log in to."""
    if told.remediate:
        yield from config.logins.values()


def remediated(config: Config, folder: Path, result: Result, shown: Shown, run: Run) -> None:
    """Goes on with pull requests, and puts them into the report. What can't be done changes nothing of the
    run."""
    from drift.remediate.outcome import linked

    try:
        with watching(shown.quiet, shown.verbose) as watch:
            outcome = remediation.done(
                config,
                folder / runs.REPORT,
                (),
                {},
                run.deadline,
                watch,
                dry=False,
                only_chosen=False,
                history=result.history,
            )
    except DriftError as error:
        say(f"not remediated: {run.told(str(error))}", err=True)
        return
    linked(result.report, outcome)
    say(run.told(remediation.shown(outcome)), err=True, nl=False)


def posted(config: Config, told: Told, tell: Callable[[str], None]) -> Post:
    """What tells of a run. Raises ConfigError where the configuration does not say whom."""
    for asked, said, key in ((told.mail, config.mail, "mail"), (told.notify, config.notify, "notify")):
        if asked and not said:
            raise ConfigError(f"--{key}: {config.lines.name} has no `{key}:` that says who is told, and how")
    return Post(config, base_of(config), told.mail, told.notify, tell)


def _sending(config: Config, base: Path, tell: Callable[[str], None]) -> Sending | None:
    """What sends runs to an object store, where the configuration names one. Raises ConfigError."""
    if config.output.store is None:
        return None
    return Sending(Store(placed(config.output.store, config.base)), base / OUTBOX, tell)


def _retire(config: Config, base: Path, sending: Sending | None) -> None:
    """Takes away folders of runs that are not to be kept, before another one is written; never what is yet to
    be sent."""
    keep, most = config.output.keep, config.output.keep_runs
    age = None if keep is None else seconds(keep)
    gone, failed = runs.retire(
        base,
        datetime.now(UTC),
        seconds=age,
        most=None if most is None else most - 1,
        but=() if sending is None else sending.waiting(),
    )
    if gone:
        say(f"took away {gone:,} older run{'s' * (gone != 1)} of {base}/ (output.keep)", err=True)
    for why in failed:
        say(f"note: {why}", err=True)
