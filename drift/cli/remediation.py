"""What became of a run's findings in Git: done, put beside the report, and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift.cli.terminal import say
from drift.errors import ConfigError
from drift.settings import outdated

if TYPE_CHECKING:
    from drift.config.model import Config
    from drift.deadline import Deadline
    from drift.history.history import History
    from drift.live.tasks import Watch

#: In a run's folder: what became of its findings, and its live side.
OUTCOME = "remediation.json"
LIVE = "live.jsonl.zst"
#: States of pull requests and issues after which a person has to look.
_REFUSED = ("refused",)


def done(
    config: Config,
    file: Path,
    live: Sequence[Path],
    chosen: Mapping[str, Any],
    deadline: Deadline,
    watch: Watch,
    *,
    dry: bool,
    only_chosen: bool,
    history: History | None = None,
) -> dict[str, Any]:
    """What became of the findings of a report; put beside it, and told in it, too. Raises DriftError."""
    from drift.remediate.work import Remediation
    from drift.report import runs

    for name, several in config.logins.items():
        for field, why in dict(one for section in several for one in outdated(section)).items():
            say(f"note: {config.lines.name}: remediate.forges.{name}.{field}: {why}", err=True)
    report = runs.find(str(file))
    with runs.as_written(str(file)):
        work = Remediation(
            config,
            report,
            live or _kept(file),
            chosen,
            only_chosen,
            dry,
            deadline,
            lambda said: say(f"note: {said}", err=True),
            watch,
        )
        outcome = work.run()
        if not dry:
            _remember(file, report, outcome)
            if history is not None:
                history.acted(outcome)
                if history.problem:
                    say(f"not remembered: {history.problem}", err=True)
    return outcome


def _kept(report: Path) -> list[Path]:
    """The live side that a run has kept. Raises ConfigError where it has not."""
    kept = report.with_name(LIVE)
    if kept.is_file():
        return [kept]
    raise ConfigError(
        f"{report}: the run kept no live side to prove edits with; give a snapshot with --live, or have runs "
        "keep it: write `remediate: {}` into drift.yaml and scan again"
    )


def _remember(file: Path, report: dict[str, Any], outcome: Mapping[str, Any]) -> None:
    """Writes what was done beside the report, and links into the report and its other formats."""
    import orjson

    from drift import plugins
    from drift.files import replacing
    from drift.remediate.outcome import linked
    from drift.report import runs

    with replacing(file.with_name(OUTCOME)) as out:
        out.write(orjson.dumps(outcome, option=orjson.OPT_INDENT_2))
    linked(report, outcome)
    for name in plugins.names("renderers"):
        path = file.with_name(f"report.{plugins.renderer(name).suffix}")
        if name != "json" and path.is_file():
            runs.render(report, name, path)
    runs.render(report, "json", file)


def shown(outcome: Mapping[str, Any]) -> str:
    """What became of everything, for people."""
    return "\n".join(_lines(outcome)) + "\n"


def _lines(outcome: Mapping[str, Any]) -> Iterator[str]:
    for one in outcome["pull_requests"]:
        count = len(one.get("findings", ()))
        of = f" ({count} finding{'s' * (count != 1)})" if count else ""
        yield f"pull request {one['state']}: {one.get('title') or one.get('branch')}{of}"
        yield from _more(one, ("url", "branch", "why"))
        yield from (f"    note: {note}" for note in one.get("notes", ()))
        if outcome["dry_run"] and one.get("diff"):
            yield ""
            yield from (f"    {line}" for line in one["diff"].splitlines())
            yield ""
    for one in outcome["issues"]:
        yield f"issue {one['state']}: {one.get('title', '')}"
        yield from _more(one, ("url", "why"))
    for one in outcome["findings"]:
        if one["status"] not in ("described", "to revert"):
            continue
        yield f"{one['finding']} {one['status']}: {one.get('why', '')}"
        yield from (f"    look at {line}" for line in one.get("look_at", ()))
        yield from _restore(one.get("restore"))
    yield from (f"problem: {one}" for one in outcome["problems"])
    if not outcome["findings"]:
        yield "nothing to do: the run has no findings of which anything is to be done"


def _more(one: Mapping[str, Any], names: Sequence[str]) -> Iterator[str]:
    yield from (f"    {one[name]}" for name in names if one.get(name))


def _restore(restore: Mapping[str, Any] | None) -> Iterator[str]:
    import shlex

    if restore is None:
        return
    if restore["folder"] not in ("", "."):
        yield f"    $ cd {shlex.quote(restore['folder'])}"
    for command in restore["commands"]:
        yield f"    $ {shlex.join(command)}"
    yield f"    {restore['does']}"


def refused(outcome: Mapping[str, Any]) -> bool:
    """Whether something that should have been done could not be."""
    every = (*outcome["pull_requests"], *outcome["issues"], *outcome["findings"])
    states = (one.get("state") or one.get("status") for one in every)
    return bool(outcome["problems"]) or any(state in _REFUSED for state in states)
