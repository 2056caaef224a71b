"""`drift demo`: a whole run on loopback clouds. Which clouds there are is told by entry points
(``drift.demos``)."""

from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import yaml

from drift import plugins, temporary
from drift.demo import Built, Cloud, Demo, Lasting, Night
from drift.errors import DriftError
from drift.moment import rfc3339
from drift.report import runs
from drift.visible import visible

MARK = ".drift-demo"
REPOSITORY = "infrastructure"
CONFIG = "drift.yaml"
REMEDIATE = "remediate.yaml"
SNAPSHOT = "snapshot.jsonl.gz"
REPORT = "report"
EVENING, SECOND = "evening", "second"
HISTORY = "history.db"
MAIL, PAGE, INDEX = "mail.eml", "mail.html", "index.html"
METRICS = "metrics.prom"
#: So many lines of a pull request are shown.
_DIFF = 40
_BESIDE = tuple(f"{HISTORY}{end}" for end in ("-wal", "-shm"))
_OWN = (
    REPOSITORY,
    CONFIG,
    REMEDIATE,
    SNAPSHOT,
    EVENING,
    REPORT,
    SECOND,
    HISTORY,
    *_BESIDE,
    METRICS,
    MAIL,
    PAGE,
    INDEX,
)


def run(output: Path) -> int:
    """Builds, changes, scans and reports into ``output``; 0 when it worked. Raises DriftError when it
    can't."""
    demos = list(plugins.demos().values())
    if not demos:
        raise DriftError(
            "no demo is installed; install drift again with its extra: pip install 'driftline[demo]'"
        )
    _prepare(output)
    second = Night.last(datetime.now(UTC))
    first = Night.last(second.morning, before=1)
    with contextlib.ExitStack() as stack:
        clouds = _start(demos, stack)
        built = _build(clouds, output / REPOSITORY)
        _write_config(output / CONFIG, built)
        _commit(output / REPOSITORY, first.evening - timedelta(hours=3))
        environment = _environment(built)
        with _timed("Looking in the evening, when all is as Git declares it"):
            _scan(output, environment, first.evening, EVENING, expected=0, quiet=True)
        _night(clouds, first)
        kept = ("--keep-live", str(output / SNAPSHOT), "--metrics", str(output / METRICS))
        _scan(output, environment, first.morning, REPORT, *kept)
        lasting = _next_day(clouds, second)
        if lasting:
            _scan(output, environment, second.morning, SECOND)
    _mail(output, SECOND if lasting else REPORT)
    runs.index(output)
    _remediate(output, environment, second.morning)
    _tell(output, built)
    return 0


def _remediate(output: Path, environment: dict[str, str], when: datetime) -> None:
    """A pull request at a loopback forge, from what is harmless of the first morning."""
    name = next(iter(plugins.names("demo_forges")), None)
    if name is None:
        return
    forge = plugins.demo_forge(name)
    environment = {
        **{name: value for name, value in environment.items() if not name.startswith("GIT_")},
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1"),
    }
    with contextlib.ExitStack() as stack:
        with _timed(f"\nStarting a loopback {forge.title}, and opening pull requests there"):
            local = stack.enter_context(forge.start())
            url = local.adopt(f"acme/{REPOSITORY}", output / REPOSITORY)
            _git(output / REPOSITORY, ("remote", "add", "origin", url), environment)
            config = yaml.safe_load((output / CONFIG).read_text(encoding="utf-8"))
            config["forges"] = {local.host: forge.name}
            config["remediate"] = {
                "policy": [{"action": "adopt", "kind": "changed", "category": ["cost", "cosmetic"]}],
                "forges": {forge.name: dict(local.settings)},
            }
            (output / REMEDIATE).write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
            # A copy, so that no page of the demo links to a forge that is gone.
            copy = temporary.folder() / "report.json"
            shutil.copyfile(output / REPORT / "report.json", copy)
            kept = (str(copy), "--live", str(output / SNAPSHOT), "--no-history")
            _drift(output, environment, when, "remediate", *kept, quiet=True, config=REMEDIATE)
            opened = local.opened()
        (output / REMEDIATE).unlink()
        _git(output / REPOSITORY, ("remote", "remove", "origin"), environment)
    for one in opened:
        _say(f"  {one.title}")
    if opened:
        _say("\nWhat the first of them changes, read again and compared with what is live:\n")
        lines = opened[0].diff.splitlines()
        for line in lines[:_DIFF]:
            _say(f"  {visible(line)}")
        if len(lines) > _DIFF:
            _say(f"  … and {len(lines) - _DIFF} more lines")


def _mail(output: Path, place: str) -> None:
    """The mail of a run, and how it looks."""
    content = (output / place / "report.eml").read_bytes()
    (output / MAIL).write_bytes(content)
    (output / PAGE).write_text(looks(content), encoding="utf-8")


def looks(mail: bytes) -> str:
    """A mail's HTML as a browser shows it, with its pictures in it."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    body = message.get_body(("html",))
    html = "" if body is None else str(body.get_content())
    for part in message.walk():
        if part.get_content_type() == "image/png":
            picture = base64.b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{picture}")
    return html


def _prepare(output: Path) -> None:
    """Takes away what an earlier demo left. Raises DriftError when the folder is somebody else's."""
    if output.exists() and not output.is_dir():
        raise DriftError(f"{output}: is a file; name a folder with -o")
    if output.is_dir() and any(output.iterdir()) and not (output / MARK).is_file():
        raise DriftError(f"{output}: holds files that are not the demo's; name another folder with -o")
    try:
        for name in _OWN:
            path = output / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        output.mkdir(parents=True, exist_ok=True)
        (output / MARK).write_text(
            "`drift demo` made this folder and replaces its files.\n", encoding="utf-8"
        )
        (output / REPOSITORY).mkdir()
    except OSError as error:
        raise DriftError(f"{error.filename or output}: can't be written: {error.strerror}") from error


def _start(demos: Sequence[Demo], stack: contextlib.ExitStack) -> list[tuple[Demo, Cloud]]:
    clouds = []
    for demo in demos:
        with _timed(f"Starting a loopback {demo.title}"):
            clouds.append((demo, stack.enter_context(demo.start())))
    return clouds


def _build(clouds: Sequence[tuple[Demo, Cloud]], repository: Path) -> list[tuple[Demo, Built]]:
    built = []
    for demo, cloud in clouds:
        with _timed(f"Building the estate in {demo.title}") as said:
            one = cloud.build(repository)
            said.append(f"{one.resources} resources of {one.types} types in {one.places}")
        built.append((demo, one))
    return built


def _write_config(path: Path, built: Sequence[tuple[Demo, Built]]) -> None:
    document = {
        "version": 1,
        "environment": "demo",
        "declared": [
            {**entry, "path": f"{REPOSITORY}/{entry['path']}"} for _, one in built for entry in one.declared
        ],
        "live": {demo.name: dict(one.live) for demo, one in built},
        # So that hashes of secrets can be compared from one command to the next.
        "redaction": {"key": "demo"},
        "history": HISTORY,
    }
    text = yaml.safe_dump(document, sort_keys=False, width=110)
    path.write_text(
        f"# Written by `drift demo`. What Git declares, and where it is live.\n{text}", encoding="utf-8"
    )


def _commit(repository: Path, when: datetime) -> None:
    who = {"NAME": "drift demo", "EMAIL": "demo@example.com"}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()},
        **{f"GIT_{role}_DATE": rfc3339(when) for role in ("AUTHOR", "COMMITTER")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    with _timed("Committing what declares it"):
        for arguments in (
            ("-c", "init.defaultBranch=main", "init", "--quiet"),
            ("add", "--all"),
            ("commit", "--quiet", "-m", "Declare what the company runs"),
        ):
            _git(repository, arguments, environment)


def _git(repository: Path, arguments: Sequence[str], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise DriftError("the demo needs the git command; install git") from error
    if done.returncode != 0:
        raise DriftError(f"git {arguments[-1]} failed in {repository}: {done.stderr.strip()}")


def _night(clouds: Sequence[tuple[Demo, Cloud]], night: Night) -> None:
    _say(f"\nNight falls over the company, {night.evening:%d %B}. Behind Git's back …")
    for sentence in _in_order([one for _, cloud in clouds for one in cloud.night(night)], night):
        _say(f"  {sentence}")
    _say("\nIn the morning, drift looks:\n")


def _in_order(sentences: Iterable[str], night: Night) -> list[str]:
    return sorted(sentences, key=lambda one: night.at(one[:5]))


def _next_day(clouds: Sequence[tuple[Demo, Cloud]], night: Night) -> bool:
    """What happens until the second morning, if anything does."""
    lasting = [cloud for _, cloud in clouds if isinstance(cloud, Lasting)]
    told = [sentence for cloud in lasting for sentence in cloud.next_day(night)]
    if told:
        _say("\nThe next day and night …")
        for sentence in _in_order(told, night):
            _say(f"  {sentence}")
        _say("\nOn the second morning, drift looks again:\n")
    return bool(told)


def _scan(
    output: Path,
    environment: dict[str, str],
    when: datetime,
    place: str,
    *arguments: str,
    expected: int = 2,
    quiet: bool = False,
) -> None:
    """A run into a folder, at a moment that is over. Raises DriftError where it ends otherwise than it
    should."""
    kept = ("-o", str(output / place), "-f", "html,json,mail")
    code = _drift(output, environment, when, "scan", *kept, *arguments, quiet=quiet)
    if code != expected:
        said = "".join(f"\n  {one}" for one in _told(output / place / "report.json")) or "; see above"
        raise DriftError(f"the scan ended with {code} where {expected} was to be expected{said}")


def _told(report: Path) -> list[str]:
    """What a report finds and what it could not read, a line each; nothing where there is none."""
    try:
        document = orjson.loads(report.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return []
    found = [
        f"{one['kind']}: {one['type']} {one['name']} {' '.join(change['path'] for change in one['changes'])}"
        for one in document["findings"]
    ]
    unread = [
        f"{row['status']}: {row['provider']} {row['type']}: {row.get('message')}"
        for row in document["coverage"]
        if row["status"] != "checked"
    ]
    return [*found, *unread][:_DIFF]


def _environment(built: Sequence[tuple[Demo, Built]]) -> dict[str, str]:
    environment = dict(os.environ)
    for _, one in built:
        for name, value in one.environment.items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
    return environment


def _drift(
    output: Path,
    environment: dict[str, str],
    when: datetime,
    command: str,
    *arguments: str,
    quiet: bool = False,
    config: str = CONFIG,
) -> int:
    """The command line itself, in a process of its own, as it would have run then; its exit code. Progress
    only where it is a live bar."""
    if not sys.stderr.isatty() and "-q" not in arguments:
        arguments = (*arguments, "-q")
    sys.stdout.flush()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "drift.cli.earlier", rfc3339(when)),
            *(command, "-c", str(output / config), *arguments),
        ],
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    )
    if done.returncode == 1:
        raise DriftError(f"drift {command} failed; see above")
    return done.returncode


def _tell(output: Path, built: Sequence[tuple[Demo, Built]]) -> None:
    report = runs.find(str(output / REPORT))
    worst = next((one["id"] for one in report["findings"] if one["changes"]), report["findings"][0]["id"])
    drift, folder = _command(), shlex.quote(str(output))
    declared = " ".join(
        f"--declared {folder}/{REPOSITORY}/{part}"
        for _, one in built
        for part in one.diff or dict.fromkeys(entry["path"].split("/")[0] for entry in one.declared)
    )
    _say(
        f"""
The report of the first morning is {folder}/{REPORT}/report.html (open it in a browser),
for programs {folder}/{REPORT}/report.json, for Prometheus {folder}/{METRICS}.
That of the second is {folder}/{SECOND}/report.html, as a mail {folder}/{MAIL}
(open it in a mail program; {folder}/{PAGE} is how it looks). All three runs: {folder}/{INDEX}.
What was found is remembered in {folder}/{HISTORY}.
The clouds are gone again; what they held on the first morning is in {folder}/{SNAPSHOT},
so all of this still works:

  {drift} explain {worst} --run {folder}/{REPORT}
      why that is drift: both sides, and where it is declared
  {drift} report {folder}/{REPORT} -f table
      the summary again; html and json work too
  {drift} diff -c {folder}/{CONFIG} --live {folder}/{SNAPSHOT} --history {folder}/{HISTORY} {declared}
      compare files with files, without any cloud
  {drift} scan -c {folder}/{CONFIG} --live {folder}/{SNAPSHOT} -o {folder}/{REPORT}
      after you changed something in {folder}/{REPOSITORY}: did it become declared?
"""
    )


def _command() -> str:
    """How this program was called, so that it can be typed again."""
    called = Path(sys.argv[0])
    if called.name != "drift":
        return f"{shlex.quote(sys.executable)} -m drift"
    found = shutil.which("drift")
    return "drift" if found and Path(found).resolve() == called.resolve() else shlex.quote(str(called))


@contextlib.contextmanager
def _timed(text: str) -> Any:
    """Says what is done, how long it took, and what the block appends."""
    print(f"{text} … ", end="", flush=True)
    began, said = time.monotonic(), list[str]()
    try:
        yield said
    except BaseException:
        print()
        raise
    print(f"{' '.join([*said, ''])}({time.monotonic() - began:.0f} s)", flush=True)


def _say(text: str) -> None:
    print(text, flush=True)
