"""What several commands do once their options are read; imported only when one of them runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from drift import plugins
from drift.cli import ending, logs, remediation
from drift.cli.places import Place
from drift.cli.progress import watching
from drift.cli.remediation import LIVE
from drift.cli.terminal import rendered, say
from drift.cli.tracing import Spans, tracing
from drift.compare.processes import processors
from drift.config import model as config
from drift.config import options
from drift.config.delivery import Address
from drift.config.durations import seconds
from drift.config.model import Config, DeclaredEntry
from drift.deliver.post import OUTBOX, Post
from drift.errors import ConfigError, DriftError
from drift.files import writable
from drift.history.place import DEFAULT
from drift.history.place import Place as Remembered
from drift.history.place import place as history_place
from drift.live.anonymise import anonymiser
from drift.live.estate import Estate
from drift.live.tasks import Told as Progressed
from drift.live.tasks import Watch
from drift.model import Problem
from drift.objects import Store, placed
from drift.redaction import told
from drift.report import metrics, runs
from drift.report.exit_code import nothing_read, unread
from drift.report.stored import Sending
from drift.resumption import Resumption, whole
from drift.scan import Result, Run
from drift.secrets import within
from drift.store import kept, returned

T = TypeVar("T")
DRIFT_YAML = Path("drift.yaml")


class Told(NamedTuple):
    """Who is told of a run besides whoever started it."""

    mail: bool = False
    notify: bool = False
    metrics: Path | None = None
    remediate: bool = False


class Shown(NamedTuple):
    """How much of its progress a command shows."""

    quiet: bool = False
    verbose: bool = False


def configured(
    path: Path, env: str | None, fail_on: config.FailOn | None, unneeded: Collection[str] = ()
) -> Config:
    """The configuration of a file; secrets in its keys that are ``unneeded`` are not looked up. Raises
    ConfigError."""
    loaded = config.load(path, env, unneeded=unneeded)
    loaded.keyring.note = lambda note: say(f"note: {note}", err=True)
    if fail_on:
        loaded.fail_on = fail_on
    return loaded


def of_live(path: Path, env: str | None, live: Sequence[Path] | None, unneeded: Collection[str]) -> Config:
    """The configuration of a command that writes the live side: what it declares says what is secret. Of
    snapshots there may be none, which is told. Raises ConfigError."""
    if not live or path != DRIFT_YAML or path.exists():
        return configured(path, env, None, unneeded)
    if env is not None:
        raise ConfigError(f"--env: there is no {path} here that has environments; name one with -c")
    say(
        f"note: there is no {path} here, so what only declared files call secret is not known; name one with "
        "-c",
        err=True,
    )
    return Config(version=1)


def entry(text: str) -> DeclaredEntry:
    """``PATH,scope=…,OPTION=…`` as a declared entry. Raises ConfigError for an option that no source
    knows."""
    path, *said = text.split(",")
    general = (*options.GENERAL, "source")
    known = options.known(plugins.sources().values()) if said else {}
    found: dict[str, Any] = {"path": path}
    for one in said:
        name, equals, value = one.partition("=")
        if not equals or (name not in general and options.spelled(name) not in known):
            names = (*general, *sorted(ones[0].name for ones in known.values()))
            there = ", ".join(f"{name}=" for name in names)
            raise ConfigError(f"--declared {text}: {one!r} is no option; there are {there}")
        takes = {form for option in known.get(options.spelled(name), ()) for form in option.takes}
        found[name] = value == "true" if "flag" in takes and value in ("true", "false") else value
    return DeclaredEntry.model_validate(found)


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
    written: list[Path] = []
    late: list[Path] = []
    unsent = ""
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
        if place.stdout:
            rendered(runs.rendering(result.report, formats[0]))
        elif place.file:
            written = [runs.render(result.report, formats[0], place.file)]
        else:
            if place.folder is None:
                _retire(config, base, sending)
            folder = place.folder or base / result.report["run"]["id"]
            written, late = runs.write(folder, result.report, formats, result.evidence, result.clock)
            if config.remediate is not None:
                result.live(folder / LIVE)
            if told.remediate:
                remediated(config, folder, result, shown, run)
            if sending is not None:
                sending.store.clock = post.clock
                unsent = sending.run(folder, result.report["run"]["id"])
        page = f"report.{plugins.folder_page().suffix}"
        post.prepare(result.report, next((one for one in written if one.name == page), None))
        sure = post.sure
        if result.history is not None and sure:
            result.history.written()
        if run.resumption is not None:
            run.resumption.end(whole=whole(result.report["coverage"]))
        if told.metrics is not None:
            written.append(metrics.write(result.report, told.metrics))
        post.deliver()
        if result.history is not None and not sure and post.sure:
            result.history.written()
        spans.ended(result.report)
        if keep is not None:
            result.live(keep)
            written.append(keep)
    table, console = plugins.summary(), Console(stderr=place.stdout)
    if not (place.stdout and shown.quiet):
        table.print(result.report, console)
    if show_ignored:
        table.print_ignored(result.report, console)
    for path in written:
        say(f"wrote {path}", err=True)
    for path in late:
        say(f"not written: {path}: {result.clock.reason}", err=True)
    if unsent:
        say(f"not sent: {run.told(unsent)}", err=True)
    if result.history is not None:
        for note in result.history.notes:
            say(f"note: history: {note}", err=True)
        if warning := (result.report["run"]["history"] or {}).get("lost"):
            say(f"warning: history: {run.told(warning)}", err=True)
        if result.history.problem:
            say(f"not remembered: {run.told(result.history.problem)}", err=True)
    if logs.as_json():
        logs.ended(result.report)
    useless = nothing_read(result.report["coverage"], result.report["summary"]["live"])
    if useless:
        raise DriftError(useless)
    code = result.forgiving if exit_zero else result.exit_code
    ending.spared(run, result)
    raise typer.Exit(code or (3 if late or unsent else 0))


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


def mail(config: Config, report: Mapping[str, Any], to: tuple[str, ...], run: str) -> None:
    """Sends the mail of an earlier run again. Raises DriftError where it could not be sent."""
    for one in to:
        try:
            TypeAdapter(Address).validate_python(one)
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise ConfigError(f"--to {one}: {why}") from error
    post = posted(config, Told(mail=True), lambda said: say(told(said), err=True))
    with runs.as_written(run):
        sent = post.again(report, to)
    if not sent:
        raise DriftError("the mail was refused for everybody")
    say(f"sent to {', '.join(sent)}")


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


def base_of(config: Config) -> Path:
    """The folder of the folders of runs."""
    return Path(config.output.directory) if config.output.directory else runs.DEFAULT


def remembered(config: Config, said: str | None, never: bool, place: Place) -> Remembered | None:
    """Where a run is remembered: by ``--history``, else by the configuration, else beside the folder that a
    run is kept in; None where it is not. Raises ConfigError."""
    if never:
        if said is not None:
            raise ConfigError("--history and --no-history contradict each other; give one of them")
        return None
    if said is not None:
        return history_place(said)
    asked = config.remembers
    if asked is None:
        return None
    if asked.database is not None:
        return history_place(asked.database.get_secret_value(), config.base)
    kept = config.history is not None or not (place.file or place.folder or place.stdout)
    return history_place(str(base_of(config) / DEFAULT)) if kept else None


@contextlib.contextmanager
def in_time(run: Run, deadline: str | None) -> Iterator[None]:
    """Gives the run its clock, and lets a signal stop its reading of the clouds. Of files there is nothing to
    report that would not be there again: a signal ends it at once."""
    run.deadline = run.config.keyring.clock = ending.deadline(deadline, run.config.deadline)
    with contextlib.nullcontext() if run.live else ending.stopping(run.deadline):
        yield


def watched(run: Run, shown: Shown, work: Callable[[], T], spans: Spans | None = None) -> T:
    """What ``work`` gives, while progress is shown, and traced."""
    returned()
    with watching(shown.quiet, shown.verbose) as watch:
        run.watch = watch if spans is None else partial(_both, watch, spans.watch)
        return work()


def _both(one: Watch, other: Watch, told: Progressed) -> None:
    one(told)
    other(told)


def live_side(run: Run, shown: Shown, anonymise: bool) -> tuple[Estate, list[Problem]]:
    """What is live, without its names if so asked, and what of it could not be read."""
    estate, problems = watched(run, shown, run.snapshot)
    estate.environments = estate.environments or {run.config.environment}
    return anonymiser(estate).estate(estate) if anonymise else estate, problems


def end_of_live(estate: Estate, problems: Sequence[Problem], unlearnt: Sequence[str] = ()) -> NoReturn:
    """Says on standard error what was not read, and why, and ``unlearnt``: why not all secrets are known that
    may stand in what was written; exits with 3 where something was not read, and not on purpose."""
    for problem in problems:
        say(f"not read: {problem.message}", err=True)
    for why in unlearnt:
        say(f"note: {why}; look through what was written before others see it", err=True)
    for row in estate.coverage.values():
        if row.status not in ("checked", "skipped"):
            told = row.record()
            place = " ".join(told[name] for name in ("provider", "scope", "region", "type"))
            say(f"{row.status}: {place}: {row.message}", err=True)
    incomplete = bool(problems) or unread(row.record() for row in estate.coverage.values())
    raise typer.Exit(3 if incomplete else 0)
