"""The console summary: the verdict first, then what drifted, what could not be read, and the counts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from drift.report import last_changes, witnessed
from drift.visible import visible
from reports import ledger, moments, verdicts, view
from reports.values import in_short

_TONES = {"drift": "bold red", "partial": "bold yellow", "blind": "bold magenta", "clean": "bold green"}
_SEVERITIES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
_STATUSES = {"denied": "magenta", "throttled": "magenta", "failed": "bold magenta"}
#: What a history counts beside what is new and mended.
_HISTORY = (
    ("changed_again", "changed again"),
    ("came_back", "came back"),
    ("flapping", "come and go"),
    ("unknown", "could not be read again"),
)
_WIDTH = 140
#: What the longest status and the blanks around it take.
_STATUS_WIDTH = 13
_MOST_ON_TERMINAL = 50


class TableReport:
    """A compact summary for people at a terminal and in a build log."""

    name = "table"
    suffix = "txt"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write every finding as plain text, without colours, to ``out``."""
        buffer = io.StringIO()
        console = Console(file=buffer, width=_WIDTH, color_system=None, force_terminal=False, emoji=False)
        self._print(report, console, most=None)
        lines = (line.rstrip() for line in buffer.getvalue().splitlines())
        out.write(("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))

    def print(self, report: Mapping[str, Any], console: Console) -> None:
        """Print to a terminal, the severest findings only if there are very many; then it says so."""
        self._print(report, console, most=_MOST_ON_TERMINAL)

    def print_ignored(self, report: Mapping[str, Any], console: Console) -> None:
        """Print what each rule hides, and why."""
        hidden: dict[str, list[Mapping[str, Any]]] = {}
        for one in report.get("suppressed") or []:
            hidden.setdefault(str(one.get("rule")), []).append(one)
        for rule in view.rules(report):
            ones = hidden.get(str(rule.get("rule")), [])
            console.print()
            owner = f", {visible(rule['owner'])} answers for it" if rule.get("owner") else ""
            until = f", until {visible(rule['until'])}" if rule.get("until") else ""
            head = (
                f"{visible(rule.get('rule'))} ({rule.get('status')}{until}{owner}): "
                f"{visible(rule.get('reason'))}"
            )
            console.print(Text(head, "bold"), soft_wrap=True)
            if rule.get("message"):
                console.print(Padding(Text(visible(rule["message"])), (0, 2)))
            for one in ones:
                console.print(Padding(Text(_ignored(one)), (0, 2)), soft_wrap=True)
        if not report.get("rules"):
            console.print(Text("No ignore rules.", "dim"))

    def _print(self, report: Mapping[str, Any], console: Console, *, most: int | None) -> None:
        said = verdicts.verdict(report)
        console.print(Text(said.line, style=_TONES[said.tone]), soft_wrap=True)
        findings = view.ordered(report.get("findings") or [])
        shown = findings if most is None else findings[:most]
        if shown:
            console.print()
            console.print(_findings(shown, narrow=console.width < 110))
        if len(shown) < len(findings):
            console.print(
                Text(f"and {len(findings) - len(shown):,} less severe ones: see the other reports.", "bold")
            )
        gaps = ledger.gaps(report.get("coverage") or [])
        if gaps:
            console.print()
            console.print(Text("Not read, so nothing is known about drift there:", "bold"))
            console.print(_gaps(gaps, most, console.width))
        problems = report.get("problems") or []
        if problems:
            console.print()
            console.print(Text("Input that could not be read:", "bold"))
            for problem in problems[: most or None]:
                text = f"{visible(problem.get('source', ''))}: {visible(problem.get('message', ''))}"
                console.print(Padding(Text(text), (0, 2)))
            if most is not None and len(problems) > most:
                console.print(Padding(Text(f"and {len(problems) - most:,} more"), (0, 2)))
        console.print()
        for line in counts(report):
            console.print(Text(line, "dim"), soft_wrap=True)


def counts(report: Mapping[str, Any]) -> Iterator[str]:
    """The closing lines: resources, coverage by status, and the run."""
    summary = report.get("summary") or {}
    names = (
        ("declared", "declared"),
        ("live", "live"),
        ("in_sync", "in sync"),
        ("changed", "changed"),
        ("missing", "missing"),
        ("unmanaged", "unmanaged"),
        ("unverifiable", "unverifiable"),
        ("suppressed", "suppressed"),
        ("folded", "differences accepted as equal"),
    )
    yield "Resources: " + ", ".join(f"{summary[key]:,} {word}" for key, word in names if key in summary)
    unlisted = sum(row.get("resources") or 0 for row in report.get("unmanaged_not_listed") or [])
    if unlisted:
        yield f"Not listed: {view.count(unlisted, 'unmanaged resource')} of types that nobody declares there"
    if summary.get("undeclared"):
        number = view.count(summary["undeclared"], "live value")
        yield f"Undeclared, maybe filled in by the service: {number}; `drift baseline` accepts them"
    if summary.get("unmanaged_ignored"):
        yield (
            "Left out by `unmanaged: ignore`: "
            f"{view.count(summary['unmanaged_ignored'], 'unmanaged resource')}"
        )
    if said := view.rules_said(report):
        yield said[0].upper() + said[1:]
    cells = ledger.by_status(report.get("coverage") or [])
    yield "Cells: " + (", ".join(f"{number:,} {status}" for status, number in cells.items()) or "none")
    run = report.get("run") or {}
    yield from _remembered(report, run)
    if asked := witnessed.asked(run):
        yield f"Who did it: {asked}"
    parts = [f"Run {visible(run.get('id', ''))}", visible(run.get("environment") or "")]
    parts.append(moments.human_time(run.get("finished_at") or run.get("started_at")))
    if run.get("duration_seconds") is not None:
        parts.append(f"took {moments.human_duration(run['duration_seconds'])}")
    yield ", ".join(part for part in parts if part)


def _remembered(report: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[str]:
    """What is new since the last run, and what has ended."""
    history = run.get("history") or {}
    if history.get("problem"):
        yield f"Not remembered: {visible(history['problem'])}"
    if history.get("lost"):
        yield f"Warning: {visible(history['lost'])}"
    if first := view.first_sight(history):
        yield first
    found = history.get("counts")
    if not found:
        return
    last = history.get("compared_with")
    since = f"Since {moments.human_time(last['started_at'])}" if last else "The first run that is remembered"
    ended = len(report.get("resolved") or [])
    said = [f"{found.get('new', 0):,} new", f"{ended:,} mended"]
    said += [f"{found[key]:,} {word}" for key, word in _HISTORY if found.get(key)]
    yield f"{since}: {', '.join(said)}"


def _ignored(one: Mapping[str, Any]) -> str:
    parts = (one.get("kind"), one.get("type"), view.name_of(one))
    said = " ".join(visible(part) for part in parts if part)
    change = one.get("change")
    return f"{said} {in_short({'kind': 'changed', 'changes': [change]}, width=60)}" if change else said


def _findings(findings: Sequence[Mapping[str, Any]], *, narrow: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=not narrow, padding=(0, 2, 0, 0))
    table.add_column("Severity", no_wrap=True)
    if narrow:
        table.add_column(ratio=1, overflow="fold")
    else:
        table.add_column("Kind", no_wrap=True)
        table.add_column("Resource", ratio=3, overflow="fold")
        table.add_column("What is different", ratio=4, overflow="fold")
        table.add_column("Where", ratio=2, overflow="fold")
        table.add_column("Owner", overflow="fold", max_width=18)
    for finding in findings:
        severity, status = view.severity_of(finding), view.status_of(finding)
        note, chain = finding.get("note") or "", view.deployed_by(finding)
        told = (note, witnessed.said(finding), last_changes.said(finding), chain and f"deployed: {chain}")
        touched = "\n".join(visible(one) for one in told if one)
        label, type_ = Text(severity, _SEVERITIES[severity]), visible(finding.get("type", ""))
        kind, place, changed = visible(finding.get("kind", "")), view.place_of(finding), in_short(finding)
        mark, id_ = "" if status == "recurring" else status, visible(finding.get("id", ""))
        mark = ", ".join(filter(None, (mark, view.remembered_of(finding))))
        name = Text(view.name_of(finding))
        if narrow:
            name.append(f"  {', '.join(filter(None, (kind, mark, type_, place, id_)))}", style="dim")
            said = Text.assemble(name, "\n", changed)
            if touched:
                said.append(f"\n{touched}", style="dim")
            table.add_row(label, said)
            continue
        first = Text(kind)
        if mark:
            first.append(f"\n{mark}", style="italic")
        name.append(f"\n{type_}", style="dim")
        if id_:
            name.append(f"\n{id_}", style="dim")
        what = Text(changed)
        if touched:
            what.append(f"\n{touched}", style="dim")
        table.add_row(label, first, name, what, Text(place), Text(view.owner_of(finding)))
    return table


def _gaps(gaps: Sequence[ledger.Gap], most: int | None, width: int) -> Table:
    """Beside each other where every type's name fits its column; else one below the other."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    names = [len(name) for gap in gaps[:most] for name in gap.named(4).split()]
    if max(names, default=0) > (width - _STATUS_WIDTH) * 3 // 9 - 2:
        table.add_column(ratio=1, overflow="fold")
        for gap in gaps[:most]:
            said = Text.assemble(gap.named(4), "\n", (f"{gap.place}: ", "dim"), gap.message)
            table.add_row(Text(gap.status, _STATUSES.get(gap.status, "")), said)
        if most is not None and len(gaps) > most:
            table.add_row("", Text(f"and {len(gaps) - most:,} more"))
        return table
    table.add_column(ratio=2, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=4, overflow="fold")
    for gap in gaps[:most]:
        cells = (
            Text(gap.status, _STATUSES.get(gap.status, "")),
            Text(gap.place),
            Text(gap.named(4)),
            Text(gap.message),
        )
        table.add_row(*cells)
    if most is not None and len(gaps) > most:
        table.add_row("", Text(f"and {len(gaps) - most:,} more"), "", "")
    return table
