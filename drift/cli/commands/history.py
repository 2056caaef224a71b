"""``drift history``: what is remembered of runs and findings, as tables or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift.cli.commands import history_change
from drift.cli.remembering import (
    CONFIG,
    ConfigOption,
    EnvOption,
    FormatOption,
    PlaceOption,
    TableFormat,
    asked,
    moment,
    table,
    told,
)
from drift.cli.terminal import say

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer(help="Tell what is remembered of earlier runs.", no_args_is_help=True)
app.command()(history_change.accept)
app.command()(history_change.forget)


@app.command("list")
def list_(
    config: ConfigOption = CONFIG,
    history: PlaceOption = None,
    env: EnvOption = None,
    last: Annotated[int, typer.Option("-n", "--last", min=1, help="So many of the newest runs.")] = 30,
    format: FormatOption = TableFormat.table,
) -> None:
    """List the runs, the newest first."""
    from drift.history import show

    found = asked(config, history, lambda connection: show.runs(connection, env, last))
    if format is TableFormat.json:
        told(found)
        return
    rows = [
        (
            one["id"],
            one["environment"],
            moment(one["started_at"]),
            *(
                _count(one["counts"].get(name))
                for name in ("new", "recurring", "flapping", "unknown", "resolved")
            ),
            _count(one["counts"].get("changed_again")),
            " ".join(filter(None, ("part" if one["partial"] else "", "" if one["whole"] else "not whole"))),
        )
        for one in found
    ]
    heads = ("Run", "Environment", "When", "New", "Known", "Flapping", "Unknown", "Ended", "Changed", "")
    table(heads, rows, "no run is remembered")


@app.command()
def show(
    run: Annotated[str, typer.Argument(help="A run's id, the beginning of one, or `latest`.")] = "latest",
    config: ConfigOption = CONFIG,
    history: PlaceOption = None,
    env: EnvOption = None,
    format: FormatOption = TableFormat.table,
) -> None:
    """Tell what happened in a run: what was new, changed again, ended, or could not be read."""
    from drift.history import show as shown

    found = asked(config, history, lambda connection: shown.run(connection, run, env))
    if format is TableFormat.json:
        told(found)
        return
    counts = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in _counted(found["counts"]))
    say(f"{found['id']}, {found['environment']}, {moment(found['started_at'])}: {counts or 'nothing found'}")
    rows = [(one["event"], *_finding(one), one["detail"]) for one in found["events"]]
    table(("What", "Severity", "Kind", "Resource", "Type", "Finding", ""), rows, "nothing new, nothing ended")
    for one in found["unread"]:
        say(f"{one['status']}: {' '.join(one[name] for name in _PLACE)}: {one['message']}")


@app.command()
def finding(
    id: Annotated[
        str, typer.Argument(help="A finding's id, the beginning of one, or its resource's name or id.")
    ],
    config: ConfigOption = CONFIG,
    history: PlaceOption = None,
    env: EnvOption = None,
    format: FormatOption = TableFormat.table,
) -> None:
    """Tell a finding's life: since when, how often it came back, what changed."""
    from drift.finding import NO_OWNER
    from drift.history import show as shown
    from drift.report import witnessed

    found = asked(config, history, lambda connection: shown.finding(connection, id, env))
    if format is TableFormat.json:
        told(found)
        return
    say(f"{found['id']} {found['kind']} {found['type']} {found['name'] or found['resource_id']}")
    now = f"ended {moment(found['resolved_at'])}: {found['resolution']}" if found["resolved_at"] else "open"
    say(f"  {found['severity']}, {found['owner'] or NO_OWNER}, {found['environment']}: {now}")
    if by := witnessed.said(found["finding"]):
        say(f"  {by}")
    for one in found["episodes"]:
        end = f"until {moment(one['closed_at'])}, {one['resolution']}" if one["closed_at"] else "and is there"
        say(f"  drift since {moment(one['opened_at'])} {end}")
    for one in found["changes"]:
        gone = f", until {moment(one['gone_at'])}" if one["gone_at"] else ""
        again = f", changed {moment(one['changed_at'])}" if one["changed_at"] else ""
        say(f"  {one['path']}: {_sides(one)} (since {moment(one['first_seen'])}{again}{gone})")
    rows = [(moment(one["at"]), one["event"], one["run"] or "", one["detail"]) for one in found["events"]]
    table(("When", "What", "Run", ""), rows, "nothing is remembered of it")


@app.command()
def trend(
    config: ConfigOption = CONFIG,
    history: PlaceOption = None,
    env: EnvOption = None,
    days: Annotated[int, typer.Option("--days", min=1, help="How far back.")] = 90,
    format: FormatOption = TableFormat.table,
) -> None:
    """Tell whether it gets better: age, time to restore, drift a week, deployments, share under Git."""
    from datetime import UTC, datetime

    from drift.history.measures import environments, measures
    from drift.moment import rfc3339

    now = rfc3339(datetime.now(UTC))

    def measured(connection: Connection) -> list[dict[str, Any]]:
        names = environments(connection) if env is None else [env]
        return [measures(connection, name, now, days=days) for name in names]

    found = asked(config, history, measured)
    if format is TableFormat.json:
        told(found)
        return
    for number, one in enumerate(found):
        if number:
            say("")
        _trend(one)
    if not found:
        say("no run is remembered")


def _trend(one: dict[str, Any]) -> None:
    runs = f"{one['runs']:,} runs, {one['whole']:,} of them whole"
    say(f"{one['environment']}, since {moment(one['since'])}: {runs}")
    for line in _measured(one):
        say(f"  {line}")
    weeks = [
        (moment(week["until"]), *(f"{week[name]:,}" for name in ("introduced", "restored", "open")))
        for week in one["weeks"]
    ]
    table(("Week until", "New", "Restored", "Open"), weeks, "")
    for name, ones in one["by"].items():
        rows = [
            (
                group["name"],
                f"{group['open']:,}",
                f"{group['introduced']:,}",
                _length(group["time_to_restore"]["median"]),
                _length(group["time_to_restore"]["p90"]),
            )
            for group in ones[:20]
        ]
        if rows:
            table((name.title(), "Open", "New", "Time to restore", "p90"), rows, "")


def _measured(one: dict[str, Any]) -> Iterator[str]:
    """The measures of an environment as sentences."""
    age, mend, lead = one["age"], one["time_to_restore"], one["lead_time"]
    failed = one["change_failure"]["failed"]
    if one["open"]:
        oldest = _length(age["oldest"])
        yield f"{one['open']:,} open, {_length(age['median'])} old (median), the oldest {oldest}"
    new = f"{one['introduced']:,} introduced, {one['introduced_per_week']:g} a week"
    yield f"{new}; {one['restored']:,} restored"
    if mend["median"] is not None:
        yield f"time to restore: {_length(mend['median'])} (median), {_length(mend['p90'])} (90 %)"
    if one["deployments"]:
        yield (
            f"{one['deployments']:,} deployments, {one['deployments_per_week']:g} a week; drift came with "
            f"{failed:,} of them"
        )
    if lead["median"] is not None:
        spread = f"{_length(lead['median'])} (median), {_length(lead['p90'])} (90 %)"
        yield f"lead time from commit to live: {spread}"
    for name, share in one["under_git"]["by_provider"].items():
        if share["share"] is not None:
            yield f"{name}: {share['share']:.0%} of {share['live']:,} live resources are under Git"


def _length(seconds: int | None) -> str:
    if seconds is None:
        return ""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds} s"


_PLACE = ("provider", "scope", "region", "type")


def _count(number: int | None) -> str:
    return f"{number:,}" if number else ""


def _counted(counts: dict[str, Any]) -> list[tuple[str, int]]:
    names = ("new", "recurring", "flapping", "pending", "unknown", "resolved", "changed_again")
    return [(name, counts[name]) for name in names if counts.get(name)]


def _finding(one: dict[str, Any]) -> tuple[str, ...]:
    return (one["severity"], one["kind"], one["name"] or one["resource_id"], one["type"], one["id"])


def _sides(change: dict[str, Any]) -> str:
    import orjson

    if change["sensitive"]:
        return "a secret"
    sides = [
        orjson.dumps(change[side]).decode() if side in change else "(absent)" for side in ("declared", "live")
    ]
    return " → ".join(one if len(one) <= 60 else one[:59] + "…" for one in sides)
