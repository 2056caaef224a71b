"""The report as Markdown: for a forge's comment and for the summary of a pipeline's job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from drift.markdown import block, code, plain
from drift.renderer import Letter
from drift.report.fresh import fresh
from reports import view
from reports.glance import Glance
from reports.letter import Limits, around
from reports.values import in_short

#: What GitHub takes of a comment, in characters.
MOST = 65_536
#: What is kept free for saying that something was left out.
_ROOM = 100
#: What chats take for a call or a link in code, too.
_CHAT = re.compile(r"[@!]|:(?=//)")


class MarkdownReport:
    """Writes the verdict, the most severe findings with before and after, and what could not be read, within
    the length of a comment."""

    name = "markdown"
    suffix = "md"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out``; how many findings were left out is said."""
        told = around(Glance(report), Letter(), Limits(findings=40, changes=6, lines=20, value=400, gaps=10))
        text = "".join(_head(told))
        tail = "".join(_tail(told))
        left = told["told"].drifted
        for part, findings in _parts(report, told):
            if len(text) + len(part) + len(tail) + _ROOM > MOST:
                break
            text, left = text + part, left - findings
        if left:
            verb = "are" if left > 1 else "is"
            text += f"\n\nCut here: {view.count(left, 'more finding')} {verb} in the report.\n"
        out.write((text + tail)[:MOST].encode("utf-8", "backslashreplace"))


def note(glance: Glance, letter: Letter, most: int = 1_800) -> str:
    """A few lines for a chat: what is new alone, the severest first, and what is blind."""
    told = around(glance, letter, Limits(findings=8, changes=2, gaps=2, owners=4, text=120))
    lines = [f"**{plain(one)}**" for one in told["remarks"]]
    if told["act"]["rows"]:
        lines.append("To act: " + ", ".join(f"{code(name)} {n:,}" for name, n, _ in told["act"]["rows"]))
    for one in told["findings"]:
        what = plain(one["reason"] or one["kind"] or ", ".join(each["path"] for each in one["changes"]))
        lines.append(f"- **{one['severity']}** {code(one['name'])} {code(one['type'])}: {what}")
    if told["more"]:
        lines.append(f"- {told['more']:,} more")
    lines += [
        f"Not read: {code(gap['types'])} {code(gap['place'])} ({gap['status']})" for gap in told["gaps"]
    ]
    lines = [_CHAT.sub("\\g<0>\u200b", line) for line in lines]
    if told["link"]:
        lines.append(f"[The report](<{told['link']}>)")
    while len("\n".join(lines)) > most:
        del lines[-2 if told["link"] and len(lines) > 1 else -1]
    return "\n".join(lines)


def _head(told: Mapping[str, Any]) -> Iterator[str]:
    environment = f" · {plain(told['environment'])}" if told["environment"] else ""
    yield f"## {plain(told['headline'])}{environment}\n\n"
    yield f"{plain(told['verdict'].drift)} {plain(told['verdict'].coverage)}"
    if told["verdict"].notes:
        yield f" Also: {plain('; '.join(told['verdict'].notes))}."
    yield "\n\n"
    if told["act"]["rows"]:
        who = ", ".join(f"{code(name)} {number:,}" for name, number, _ in told["act"]["rows"])
        others = f" and {view.count(told['act']['others'], 'other')}" if told["act"]["others"] else ""
        yield f"**To act:** {who}{others}\n\n"
    if told["link"]:
        yield f"[Open the report](<{told['link']}>)\n\n"


def _parts(report: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Pieces of text, and how many findings each tells of: the fresh ones whole, then others in a line."""
    for one in told["findings"]:
        yield _finding(one), 1
    drifted = view.ordered(view.drifted(report.get("findings") or []))
    for title, ones in (
        ("Less severe", [one for one in drifted if fresh(one)][len(told["findings"]) :]),
        ("Known", [one for one in drifted if not fresh(one)]),
    ):
        if ones:
            yield f"\n### {title}\n\n", 0
        for finding in ones:
            yield _brief(finding), 1


def _finding(one: Mapping[str, Any]) -> str:
    kind = f" · {one['kind']}" if one["kind"] else ""
    mark = f" · {one['mark']}" if one["mark"] else ""
    parts = [f"\n### {one['severity']} {code(one['name'])}\n\n{code(one['type'])}{kind}{mark}\n"]
    parts += [f"\n{plain(said)}\n" for said in (one["reason"], one["note"]) if said]
    for change in one["changes"]:
        tags = f" ({plain(', '.join(change['tags']))})" if change["tags"] else ""
        parts.append(f"\n{code(change['path'])}{tags}\n{_difference(change['lines'])}")
    if one["more_changes"]:
        parts.append(f"\nand {view.count(one['more_changes'], 'more change')}\n")
    declared = code(one["declared"]) if one["declared"] else ""
    if declared and one["declared_link"]:
        declared = f"[{declared}](<{one['declared_link']}>)"
    mended, link = one["mended"] or ("", "")
    facts = (
        (mended, f"<{link}>" if link else ""),
        ("Owner", code(one["owner"])),
        ("Where", code(one["place"])),
        ("Who", code(one["who"]) if one["who"] else ""),
        ("Declared", declared),
        ("Deployed", code(one["via"]) if one["via"] else ""),
    )
    said = " · ".join(f"{name} {value}" for name, value in facts if value)
    return "".join(parts) + f"\n{said}\n"


def _difference(lines: list[Any]) -> str:
    said = []
    for line in lines:
        text = line.word or "".join(piece.text for piece in line.pieces)
        sign = {"declared": "-", "live": "+"}.get(line.side, " ")
        said += [f"{sign} {part}" for part in text.split("\n")]
    return block(said, "diff")


def _brief(finding: Mapping[str, Any]) -> str:
    name, type_ = view.name_of(finding), str(finding.get("type"))
    severity = view.severity_of(finding)
    return f"- {severity} {code(name[:120])} {code(type_[:80])}: {code(in_short(finding)[:200])}\n"


def _tail(told: Mapping[str, Any]) -> Iterator[str]:
    if told["gaps"] or told["problems"]:
        yield "\n### Not read: nothing is known about drift there\n\n"
        for gap in told["gaps"]:
            yield f"- {gap['status']} {code(gap['types'])} {code(gap['place'])}: {plain(gap['message'])}\n"
        for source, message in told["problems"]:
            yield f"- {code(source)}: {plain(message)}\n"
        left = told["more_gaps"] + told["more_problems"]
        if left:
            yield f"- {left:,} more in the report\n"
    yield f"\nRun {code(told['run_id'])}, {plain(told['finished'])}\n"
