"""The command line: reads arguments, calls the core, prints, exits. Everything heavy is imported when it is
needed."""

from __future__ import annotations

import io
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from drift import __version__, temporary
from drift.cli import engine, history
from drift.cli import remediate as remediating
from drift.cli.terminal import rendered, say
from drift.errors import ConfigError, DriftError

app = typer.Typer(
    name="drift",
    help=(
        "Compares what Git declares with what is live, and says what differs. It only ever reads the clouds."
    ),
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class FailOn(StrEnum):
    any = "any"
    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"
    new = "new"
    new_critical = "new:critical"
    new_high = "new:high"
    new_medium = "new:medium"
    new_low = "new:low"
    new_info = "new:info"


class TextFormat(StrEnum):
    text = "text"
    json = "json"


ConfigOption = Annotated[Path, typer.Option("-c", "--config", help="The configuration.", metavar="FILE")]
LiveOption = Annotated[
    list[Path] | None,
    typer.Option("--live", help="Snapshot to take the live side from; repeatable.", metavar="FILE"),
]
OutOption = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        help="A folder; a file, by its ending, or - for standard output, of one format.",
        metavar="PLACE",
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option("-f", "--format", help="Formats of the report, separated by commas.", metavar="NAMES"),
]
TextOption = Annotated[TextFormat, typer.Option("-f", "--format", help="Text for people, or JSON.")]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only", help="Only types, ids, names or addresses that match; repeatable.", metavar="GLOB"
    ),
]
FailOption = Annotated[
    FailOn | None,
    typer.Option(
        "--fail-on", help="Least severity that makes the exit code 2; `new` counts only what is new."
    ),
]
ZeroOption = Annotated[
    bool,
    typer.Option("--exit-zero", help="Exit with 0 for drift; never for an error or what could not be read."),
]
EnvOption = Annotated[
    str | None, typer.Option("--env", help="An environment of the configuration.", metavar="NAME")
]
ShowOption = Annotated[bool, typer.Option("--show-ignored", help="Print what each ignore rule hides.")]
AnonymiseOption = Annotated[
    bool,
    typer.Option("--anonymise", help="Replace names, ids, accounts and addresses, for a bug report."),
]
DeadlineOption = Annotated[
    str | None,
    typer.Option(
        "--deadline",
        help="How long the run may take, e.g. 50m: what is not read by then is unread, the rest is reported.",
        metavar="TIME",
    ),
]
ResumeOption = Annotated[
    str | None,
    typer.Option(
        "--resume",
        help="Go on with a run that was not whole, the last one where none is named: what it read is not "
        "read again.",
        metavar="[RUN]",
    ),
]
BlameOption = Annotated[
    bool, typer.Option("--no-blame", help="Don't ask Git who last touched the lines of a finding.")
]
HistoryOption = Annotated[
    str | None,
    typer.Option(
        "--history",
        help="Where findings are remembered: a file, or a postgresql:// address.",
        metavar="PLACE",
    ),
]
ForgetOption = Annotated[bool, typer.Option("--no-history", help="Remember nothing of this run.")]
MailOption = Annotated[
    bool, typer.Option("--mail", help="Send a mail, as `mail:` of the configuration says.")
]
NotifyOption = Annotated[
    bool, typer.Option("--notify", help="Send notes, as `notify:` of the configuration says.")
]
MetricsOption = Annotated[
    Path | None,
    typer.Option("--metrics", help="Write metrics for Prometheus to a file.", metavar="FILE"),
]
RemediateOption = Annotated[
    bool, typer.Option("--remediate", help="Open pull requests, as `remediate:` of the configuration says.")
]
KeepOption = Annotated[
    Path | None,
    typer.Option(
        "--keep-live", help="Write what is live as a snapshot, too, as `drift snapshot` does.", metavar="FILE"
    ),
]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="No progress.")]
VerboseOption = Annotated[
    bool, typer.Option("-v", "--verbose", help="Without a terminal, progress by cell instead of by scope.")
]

#: Keys of the configuration that a command makes no use of which tells nobody and remembers nothing.
UNTOLD = ("mail", "notify", "remediate", "history")


def _logging(asked: str | None) -> None:
    if asked:
        os.environ["DRIFT_LOG_FORMAT"] = asked


LogOption = Annotated[
    TextFormat | None,
    typer.Option("--log-format", callback=_logging, help="Progress and messages as text, or as JSON lines."),
]


def _colourless(wanted: bool) -> None:
    if wanted:
        os.environ["NO_COLOR"] = "1"  # https://no-color.org


PlainOption = Annotated[
    bool,
    typer.Option("--no-color", callback=_colourless, help="No colours; the variable NO_COLOR says the same."),
]


FileOption = Annotated[
    str | None,
    typer.Option("-o", "--output", help="A file, or - for standard output, the default.", metavar="FILE"),
]


def _written(text: str, output: str | None) -> None:
    """Writes a command's answer to where ``-o`` says."""
    if output in (None, "-"):
        say(text, nl=False)
        return
    from drift.files import replacing

    with replacing(Path(output)) as out:
        out.write(text.encode("utf-8", "backslashreplace"))
    say(output)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"drift {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    pass


@app.command()
def scan(
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
    only: OnlyOption = None,
    live: LiveOption = None,
    output: OutOption = None,
    format: FormatOption = None,
    fail_on: FailOption = None,
    exit_zero: ZeroOption = False,
    show_ignored: ShowOption = False,
    deadline: DeadlineOption = None,
    resume: ResumeOption = None,
    no_blame: BlameOption = False,
    history: HistoryOption = None,
    no_history: ForgetOption = False,
    mail: MailOption = False,
    notify: NotifyOption = False,
    metrics: MetricsOption = None,
    remediate: RemediateOption = False,
    keep_live: KeepOption = None,
    log_format: LogOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    no_color: PlainOption = False,
) -> None:
    """Read both sides, compare, write a report. Default: to a folder of the run, runs/ID."""
    from drift.cli import commands
    from drift.cli.places import placed

    unasked = () if mail or notify else ("mail", "notify")  # either sends what waits of both
    loaded = commands.configured(config, env, fail_on.value if fail_on else None, unasked)
    if not loaded.settings and not live:
        raise ConfigError(
            f"{config}: nothing is read: `live:` is empty; name a provider, or give a snapshot with --live"
        )
    if keep_live and live:
        raise ConfigError("--keep-live: what is live is a snapshot already (--live); leave one of them out")
    if resume and live:
        raise ConfigError("--resume: nothing is read of the clouds that could be gone on with (--live)")
    if no_blame:
        loaded.blame.enabled = False
    shown, place = commands.Shown(quiet, verbose), placed(output, format)
    where = commands.remembered(loaded, history, no_history, place)
    told = commands.Told(mail, notify, metrics, remediate)
    commands.compare(
        loaded, only, live, place, exit_zero, shown, show_ignored, deadline, where, told, keep_live, resume
    )


@app.command()
def diff(
    live: Annotated[
        list[Path], typer.Option("--live", help="Snapshot of the live side; repeatable.", metavar="FILE")
    ],
    declared: Annotated[
        list[str],
        typer.Option(
            "--declared", help="What is declared; repeatable.", metavar="PATH[,scope=…,region=…,OPTION=…]"
        ),
    ],
    config: Annotated[
        Path | None, typer.Option("-c", "--config", help="Rules to judge by.", metavar="FILE")
    ] = None,
    only: OnlyOption = None,
    output: OutOption = None,
    format: FormatOption = None,
    fail_on: FailOption = None,
    exit_zero: ZeroOption = False,
    show_ignored: ShowOption = False,
    deadline: DeadlineOption = None,
    no_blame: BlameOption = False,
    history: HistoryOption = None,
    no_history: ForgetOption = False,
    log_format: LogOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    no_color: PlainOption = False,
) -> None:
    """Compare files with files: no cloud, no credentials."""
    from drift.cli import commands
    from drift.cli.places import placed
    from drift.config.model import Config

    base = (
        commands.configured(config, None, fail_on.value if fail_on else None, (*UNTOLD, "declared"))
        if config
        else Config(version=1)
    )
    update: dict[str, Any] = {"declared": [commands.entry(text) for text in declared]}
    if fail_on and not config:
        update["fail_on"] = fail_on.value
    loaded = base.model_copy(update=update)
    loaded._base = Path.cwd()
    if no_blame:
        loaded.blame.enabled = False
    shown, place = commands.Shown(quiet, verbose), placed(output, format)
    loaded.history = False  # what is compared with what is each time another question
    where = commands.remembered(loaded, history, no_history, place)
    commands.compare(loaded, only, live, place, exit_zero, shown, show_ignored, deadline, where)


@app.command()
def snapshot(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A .jsonl, .jsonl.gz or .jsonl.zst file.", metavar="FILE")
    ],
    config: ConfigOption = Path("drift.yaml"),
    live: LiveOption = None,
    env: EnvOption = None,
    only: OnlyOption = None,
    anonymise: AnonymiseOption = False,
    exit_zero: ZeroOption = False,
    deadline: DeadlineOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write the live side to a file, to be compared or kept. There is no drift to forgive yet."""
    from drift.cli import commands
    from drift.files import writable
    from drift.live.write_snapshot import write
    from drift.scan import Run

    if not output.name.endswith((".jsonl", ".jsonl.gz", ".jsonl.zst")):
        raise ConfigError(f"{output}: a snapshot's name ends with .jsonl, .jsonl.gz or .jsonl.zst")
    writable(output.parent)
    run = Run(commands.of_live(config, env, live, UNTOLD), only or (), live or ())
    with commands.in_time(run, deadline):
        estate, problems = commands.live_side(run, commands.Shown(quiet, verbose), anonymise)
        count = write(output, estate, run.redactor)
        say(f"{output}: {count} resources")
        commands.end_of_live(estate, problems, run.unlearnt)


@app.command()
def baseline(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the baseline.", metavar="DIR")],
    live: LiveOption = None,
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
    only: OnlyOption = None,
    anonymise: AnonymiseOption = False,
    deadline: DeadlineOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write live state as a declared baseline, to be reviewed and committed."""
    from drift.cli import commands
    from drift.files import writable
    from drift.live.write_baseline import write
    from drift.scan import Run

    writable(output)
    run = Run(commands.of_live(config, env, live, UNTOLD), only or (), live or ())
    with commands.in_time(run, deadline):
        estate, problems = commands.live_side(run, commands.Shown(quiet, verbose), anonymise)
        files = write(output, estate, run.selected.resource, run.redactor)
        say(
            f"{output}: {len(files)} files; review them, commit them, and declare them with "
            f"`- path: {output}`"
        )
        commands.end_of_live(estate, problems, run.unlearnt)


@app.command()
def report(
    run: Annotated[str, typer.Argument(help="A run's id, `latest`, its URL, or a report.json.")] = "latest",
    format: FormatOption = None,
    output: OutOption = None,
) -> None:
    """Render an earlier run again. Default: to standard output."""
    from drift import plugins
    from drift.cli.places import placed
    from drift.files import writable
    from drift.report import runs, stored

    place = placed(output, format)
    if not place.formats or (len(place.formats) > 1 and place.folder is None):
        there = ", ".join(plugins.names("renderers"))
        several = "; several need a folder: -o DIR" if place.formats else ""
        raise ConfigError(f"report: name one format with -f: {there}{several}")
    document = runs.find(stored.here(run))
    with runs.as_written(run):
        if place.file is None and place.folder is None:
            rendered(runs.rendering(document, place.formats[0]))
            return
        folder = place.folder or Path()
        if place.folder:
            writable(folder)
        for name in place.formats:
            file = place.file or folder / f"report.{plugins.renderer(name).suffix}"
            say(str(runs.render(document, name, file)))


@app.command()
def mail(
    run: Annotated[str, typer.Argument(help="A run's id, `latest`, its URL, or a report.json.")] = "latest",
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Instead of whom the configuration names; repeatable.", metavar="ADDRESS"),
    ] = None,
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
) -> None:
    """Send the mail of an earlier run again."""
    from drift.cli import commands
    from drift.report import runs, stored

    unneeded = ("live", "declared", "notify", "remediate", "history", "redaction")
    loaded = commands.configured(config, env, None, unneeded)
    commands.mail(loaded, runs.find(stored.here(run)), tuple(to or ()), run)


@app.command()
def explain(
    finding: Annotated[
        str, typer.Argument(help="A finding's id (f-…), the beginning of one, or a resource's name or id.")
    ],
    run: Annotated[
        str, typer.Option("--run", help="A run's id, `latest`, its URL, or a report.json.", metavar="RUN")
    ] = "latest",
    all: Annotated[bool, typer.Option("--all", help="Also what was accepted as equal or ignored.")] = False,
    format: TextOption = TextFormat.text,
    output: FileOption = None,
) -> None:
    """Say why a finding is one: raw and canonical values, and the facts and rules that decided."""
    from drift.report import explain as explaining
    from drift.report import stored

    tell = explaining.as_json if format is TextFormat.json else explaining.explain
    _written(tell(finding, stored.here(run), whole=all), output)


@app.command()
def types(
    provider: Annotated[str | None, typer.Argument(help="Only this provider.")] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only types that match; repeatable.", metavar="GLOB")
    ] = None,
    state: Annotated[
        list[Path] | None,
        typer.Option(
            "--state",
            help="Instead, how deeply each type of a Terraform state, or Pulumi export, is compared.",
            metavar="FILE",
        ),
    ] = None,
    format: TextOption = TextFormat.text,
    output: FileOption = None,
) -> None:
    """List what is covered, and how deeply."""
    from drift.cli import types_table

    globs = only or ["*"]
    if format is TextFormat.json:
        told = types_table.as_json(provider, globs, state or ())
    else:
        told = types_table.of_states(state, globs) if state else types_table.table(provider, globs)
    _written(told, output)


@app.command()
def permissions(
    provider: Annotated[str, typer.Argument(help="Whose policy: the name of a provider.")],
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
    only: OnlyOption = None,
    form: Annotated[
        str,
        typer.Option("-f", "--format", help="policy, or another that the provider has.", metavar="NAME"),
    ] = "policy",
    output: FileOption = None,
) -> None:
    """Print the least privilege for what is configured, as a policy to paste, or to be made by a tool."""
    from drift.cli.permissions import granted

    _written(granted(provider, config, env, only or (), form), output)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to look at.")] = Path(),
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Default: drift.yaml in the folder.", metavar="FILE"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Look at a folder and write a commented drift.yaml for it."""
    from drift.cli import init as starting

    starting.written(folder, output, force=force)


@app.command()
def preflight(
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
    only: OnlyOption = None,
    format: TextOption = TextFormat.text,
    output: FileOption = None,
    deadline: Annotated[
        str | None, typer.Option("--deadline", help="How long it may take. Default: 2m.", metavar="TIME")
    ] = None,
) -> None:
    """Look at all that a run needs, before there is one: what is lacking, and what that blinds."""
    from drift.cli import preflight as looking

    found = looking.looked(config, env, only or (), deadline)
    _written(looking.as_json(found) if format is TextFormat.json else looking.as_text(found), output)
    raise typer.Exit(found.exit_code)


@app.command()
def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the demo's files.", metavar="DIR")
    ] = Path("demo"),
) -> None:
    """A whole run against loopback clouds; no account needed."""
    from drift.cli.demo import run

    raise typer.Exit(run(output))


app.command()(remediating.remediate)
app.add_typer(history.app, name="history")
app.add_typer(engine.app, name="engine")


@app.command("schema")
def schema_(
    name: Annotated[str, typer.Argument(help="config, report or preflight.")] = "config",
) -> None:
    """Print a JSON Schema: of drift.yaml, of report.json, or of what preflight prints."""
    import orjson

    from drift import preflight as before
    from drift.config import model as config
    from drift.report import document as reports

    schemas: dict[str, Any] = {
        "config": config.json_schema,
        "report": reports.json_schema,
        "preflight": before.json_schema,
    }
    if name not in schemas:
        raise ConfigError(f"there is no schema {name!r}; there are {', '.join(schemas)}")
    typer.echo(orjson.dumps(schemas[name](), option=orjson.OPT_INDENT_2))


#: The base of what typer raises for a wrong command line; newer typer carries a click of its own.
_USAGE: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

#: The exit code after Ctrl-C, which typer, too, makes of it.
_STOPPED = 130
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


def _main() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):  # what a terminal of another alphabet can't show is escaped
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(args=_spelled(sys.argv[1:]), standalone_mode=False)
        sys.stdout.flush()
    except DriftError as error:
        _complain(str(error))
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - nobody flushes the other one again
        _complain(f"{error.filename or 'standard output'}: can't be read or written: {error.strerror}")
    except (typer.Abort, KeyboardInterrupt):
        code = _STOPPED
    except _USAGE as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()  # the help, of a command that has others below it
            sys.exit(1)
        _complain(error.format_message().removeprefix("Value error, "))
    except Exception as error:  # noqa: BLE001 - whatever is wrong here, people get one line
        if os.environ.get(TRACEBACK):
            raise
        _complain(
            f"unexpected {type(error).__name__}: {error}; this is a fault of drift's own: "
            f"please report it with what {TRACEBACK}=1 prints"
        )
    if code == _STOPPED:
        say("drift: stopped", err=True)
    sys.exit(code if isinstance(code, int) else 0)
