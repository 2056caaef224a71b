"""The mail as plain text, for those who read it so: the same in the same order, in lines of 76 characters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from reports.letter import Line
from reports.view import count

_WIDTH = 76


def text(told: Mapping[str, Any]) -> str:
    """What :func:`reports.letter.around` tells, as text."""
    return "\n".join(_lines(told)) + "\n"


def failure(told: Mapping[str, Any]) -> str:
    """A run that ended without a report."""
    lines = [
        "The run failed: there is no report, and nothing is known about drift.",
        "",
        *_wrapped(told["error"], "  "),
        "",
        _ending(f"drift {told['version']}", told["environment"], told["finished"]),
    ]
    return "\n".join(lines) + "\n"


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    for remark in told["remarks"]:
        yield from _wrapped(f"! {remark}")
        yield ""
    yield told["headline"].upper()
    yield from _wrapped(f"{told['verdict'].drift} {told['verdict'].coverage}")
    yield ""
    counted = told["told"]
    label = "New" if counted.remembered else "Drifted"
    more = f" ({told['new_by']})" if told["new_by"] else ""
    fresh = "not known" if told["verdict"].tone == "blind" else f"{counted.fresh:,}{more}"
    yield f"{label + ':':<10}{fresh}"
    if told["act"]["rows"]:
        who = ", ".join(f"{name} {number:,}" for name, number, _ in told["act"]["rows"])
        others = f" and {count(told['act']['others'], 'other')}" if told["act"]["others"] else ""
        yield from _wrapped(f"{'To act:':<10}{who}{others}", "          ", first="")
    blind = f"nothing: {told['read']}" if told["read"] else "no cell was read"
    if told["unread"]:
        blind = f"{told['unread']:,} of {count(told['cells'], 'cell')}"
    yield f"{'Blind:':<10}{blind}"
    for note in told["verdict"].notes:
        yield f"          {note}"
    if counted.remembered:
        yield f"{'Known:':<10}{counted.known:,}{' (' + told['known'] + ')' if told['known'] else ''}"
        yield f"{'Mended:':<10}{told['resolved']:,}"
        if counted.unknown:
            yield f"{'Unknown:':<10}{counted.unknown:,} could not be read again"
    if told["link"]:
        yield ""
        yield f"Report: {told['link']}"
    for number, finding in enumerate(told["findings"], 1):
        yield ""
        yield "-" * _WIDTH
        yield from _finding(number, finding)
    if told["more"]:
        yield ""
        yield "-" * _WIDTH
        yield f"{told['more']:,} more {_whither(told)}"
    if told["findings"]:
        yield ""
        yield from _wrapped(told["todo"])
    if told["gaps"] or told["problems"]:
        yield ""
        yield "NOT READ: nothing is known about drift there"
        for gap in told["gaps"]:
            yield from _wrapped(
                f"* {gap['status']}: {gap['types']}, {gap['place']}: {gap['message']}", "  ", first=""
            )
        for source, message in told["problems"]:
            yield from _wrapped(f"* {source}: {message}", "  ", first="")
        left = told["more_gaps"] + told["more_problems"]
        if left:
            yield f"* {left:,} more {_whither(told)}"
    yield ""
    yield "-- "
    yield _ending(f"Run {told['run_id']}", told["environment"], told["finished"])


def _whither(told: Mapping[str, Any]) -> str:
    if told["attached"]:
        return "in the attached report"
    return "in the report" if told["link"] else "in the run's report.json"


def _finding(number: int, finding: Mapping[str, Any]) -> Iterator[str]:
    kind = f", {finding['kind']}" if finding["kind"] else ""
    again = f" ({finding['mark']})" if finding["mark"] else ""
    yield f"{number}. {finding['severity'].upper()}  {finding['name']}{again}"
    yield f"   {finding['type']}{kind}"
    for said in (finding["reason"], finding["note"]):
        if said:
            yield from _wrapped(said, "   ")
    for change in finding["changes"]:
        tags = f" ({', '.join(change['tags'])})" if change["tags"] else ""
        yield f"   {change['path']}{tags}"
        for line in change["lines"]:
            yield from _change(line)
    if finding["more_changes"]:
        yield f"   and {count(finding['more_changes'], 'more change')}"
    facts = (
        ("Fix", finding["mended"][1] if finding["mended"] else ""),
        ("Owner", finding["owner"]),
        ("Where", finding["place"]),
        ("Who", finding["who"]),
        ("Declared", finding["declared"]),
        ("Deployed", finding["via"]),
        ("Git", finding["touched"]),
        ("Why", finding["explain"]),
    )
    for name, said in facts:
        if said:
            yield from _wrapped(f"   {name + ':':<10}{said}", " " * 13, first="")


def _change(line: Line) -> Iterator[str]:
    if line.side == "more":
        yield f"      {line.word}"
        return
    sign, name = ("-", "declared") if line.side == "declared" else ("+", "live")
    sign = f"{sign} {'' if line.goes_on else name:<10}"
    said = line.word or "".join(piece.text for piece in line.pieces)
    first, *rest = said.split("\n")
    yield f"     {sign}{first}"
    for one in rest:
        yield f"                 {one}"


def _wrapped(text: str, indent: str = "", *, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _ending(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
