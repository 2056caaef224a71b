"""One finding as a report shows it: its row, and what opens below it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from drift.report import last_changes
from drift.visible import visible
from reports import todo, view
from reports.difference import Piece, Row
from reports.remembered import Remembered
from reports.tree import Node, el
from reports.values import ChangeView, change_view, content_in_short, in_short, mask, pretty, short_change

_JOINTS = re.compile(r"(?<=[/:.])(?=\w)")
_MOMENT = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d")
_SINCE = ((1, "1d"), (7, "7d"), (30, "30d"))

#: What findings can be filtered by, in the order in which the page shows it.
FACETS = (
    "severity",
    "kind",
    "status",
    "owner",
    "provider",
    "account",
    "region",
    "type",
    "environment",
    "since",
)


def facets(finding: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, str]:
    """What a finding is filtered by; empty where it has none."""
    return {
        # What is still being applied is not drift, so it does not stand among the severities.
        "severity": "pending" if finding.get("status") == "pending" else view.severity_of(finding),
        "kind": visible(finding.get("kind") or ""),
        "status": view.status_of(finding),
        "owner": view.owner_of(finding),
        "provider": visible(finding.get("provider") or ""),
        "account": visible(finding.get("scope_name") or finding.get("scope") or ""),
        "region": visible(finding.get("region") or ""),
        "type": visible(finding.get("type") or ""),
        "environment": visible(finding.get("environment") or run.get("environment") or ""),
        "since": _since(finding, run),
    }


def _since(finding: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    first = view.parse_time(view.since_of(finding))
    now = view.parse_time(run.get("finished_at") or run.get("started_at"))
    if first is None or now is None:
        return ""
    days = (now - first).total_seconds() / 86_400
    return next((name for most, name in _SINCE if days <= most), "older")


def brief(change: Mapping[str, Any]) -> str:
    """What a finding's row says of one change."""
    return short_change(change, width=36)


def columns(
    finding: Mapping[str, Any], run: Mapping[str, Any], of: Callable[[Mapping[str, Any]], str] = brief
) -> dict[str, str]:
    """All that a finding's row says, with its facets; ``of`` tells of one change, as :func:`brief` does."""
    reason = visible(finding.get("severity_reason") or "")
    short = in_short(finding, width=36, of=of)
    if finding.get("kind") != "changed":
        short = content_in_short(finding) or ("" if reason else short)
    return {
        **facets(finding, run),
        "id": visible(finding.get("id", "")),
        "name": view.name_of(finding),
        "what": short,
        "why": reason,
        "age": view.human_since(finding, run),
    }


def row(said: Mapping[str, str]) -> Node:
    """A finding's row, of its columns. The page's script draws the same of the columns alone."""
    known = said["status"] in ("new", "flapping", "unknown")
    return el(
        "summary",
        el("span.c-sev", el(f"span.sev.{said['severity']}", said["severity"])),
        el("span.c-name", el("b", said["name"]), " ", el("small", *_breakable(said["type"]))),
        el(
            "span.c-what",
            el("span", said["why"]) if said["why"] else None,
            " ",
            el("span", said["what"]) if said["what"] else None,
        ),
        el("span.c-kind", said["kind"]),
        el("span.c-owner", said["owner"]),
        el("span.c-place", " ".join(filter(None, (said["provider"], said["account"], said["region"])))),
        el(
            "span.c-age",
            el(f"em.status.{said['status']}", said["status"]) if known else None,
            " ",
            said["age"],
        ),
    )


def _breakable(text: str) -> Iterator[Node]:
    """A type's name, which may be broken where its parts meet."""
    for number, part in enumerate(_JOINTS.split(text)):
        if number:
            yield el("wbr")
        yield part


class Bodies:
    """Makes what opens below a row, for the findings of one run. The same change of many findings, as a tag
    that somebody took off everywhere, is compared once."""

    def __init__(self, run: Mapping[str, Any], most_changes: int = 80, remembered: int = 5_000) -> None:
        self._run, self._most = run, most_changes
        self._change = Remembered(_change, remembered)

    def body(self, finding: Mapping[str, Any]) -> Node:
        changes = finding.get("changes") or []
        more = len(changes) - self._most
        texts = (finding.get("severity_reason"), finding.get("note"))
        return el(
            "div.body",
            el(
                "div.changes",
                *(el("p.reason", visible(text)) for text in texts if text),
                *_whole(finding),
                *(self._change(change) for change in changes[: self._most]),
                el("p.cut", f"Cut here: {view.count(more, 'more change')} in report.json.")
                if more > 0
                else None,
                *_todo(finding, self._run),
            ),
            el("dl.facts", *_facts(finding, self._run)),
        )


def _change(change: Mapping[str, Any]) -> Node:
    shown = change_view(change)
    written, note = change.get("written_at") or {}, visible(change.get("note") or "")
    return el(
        "section.change",
        el(
            "h3",
            el("code", shown.path, title=shown.pointer),
            *(el("span.tag", tag) for tag in shown.tags),
            el("small", visible(f"{written.get('file')}:{written.get('line')}")) if written else None,
        ),
        *_difference(shown),
        el("p.aside", note) if note else None,
        el("p.cut", f"Cut here: {shown.cut}") if shown.cut else None,
    )


def _difference(shown: ChangeView) -> Iterator[Node]:
    if shown.form == "secret":
        yield el("p.aside", "Secret, differs. Neither value is in this report.")
        return
    if shown.form == "sides":
        absent = "not declared" if shown.undeclared else "not set"
        yield el(
            "dl.sides.brief" if shown.brief else "dl.sides",
            el("div.declared", el("dt", "Declared"), el("dd", _side(shown.declared, absent))),
            el("div.live", el("dt", "Live"), el("dd", _side(shown.live, "not set"))),
        )
        return
    rows = [_row(one, numbers=shown.form == "lines") for one in shown.rows]
    sides = {one.kind for one in shown.rows}
    wide = "changed" in sides or sides >= {"declared", "live"}
    yield el("div.diff.two" if wide else "div.diff", *rows)


def _side(pieces: Iterable[Piece] | None, absent: str) -> Node:
    return el("i", absent) if pieces is None else el("code", *_pieces(pieces))


def _row(one: Row, *, numbers: bool) -> Node:
    if one.kind == "elided":
        return el("p.elided", *(piece.text for piece in one.declared or ()))
    if one.kind == "same":
        return el("div.same", _line("span.l", one.declared or (), one.declared_line, "", numbers))
    left = None if one.declared is None else _line("del", one.declared, one.declared_line, "−", numbers)
    right = None if one.live is None else _line("ins", one.live, one.live_line, "+", numbers)
    return el(f"div.{one.kind}", left, right)


def _line(tag: str, pieces: Iterable[Piece], number: int, sign: str, numbers: bool) -> Node:
    said = {"−": "declared: ", "+": "live: "}.get(sign)
    return el(
        tag,
        el("span.n", str(number)) if numbers and number else None,
        el("span.sign", sign, el("span.sr", said) if said else None),
        el("code", *_pieces(pieces)),
    )


def _pieces(pieces: Iterable[Piece]) -> Iterator[Node]:
    for piece in pieces:
        if piece.kind == "other":
            yield el("mark", piece.text)
        elif piece.kind == "elided":
            yield el("i.elided", piece.text)
        else:
            yield piece.text


def _whole(finding: Mapping[str, Any]) -> Iterator[Node]:
    """What a thing is that is on one side only, and what it may do."""
    kind = finding.get("kind")
    if kind == "missing":
        told = " and not live: this place was read, and the resource is not there."
        yield el("p.whole", el("del", "Declared"), told)
    elif kind == "unmanaged":
        yield el("p.whole", el("ins", "Live"), " and not declared: nothing in Git asks for it.")
    if kind in ("missing", "unmanaged"):
        by = finding.get("attribution") or {}
        made = view.human_time(by.get("time"))
        about = {
            "What": finding.get("type"),
            "Name": finding.get("name"),
            "Last touched": ", ".join(filter(None, (str(by.get("actor") or ""), made))),
        }
        content = finding.get("content")
        about |= (
            {name: _dated(value) for name, value in content.items()} if isinstance(content, Mapping) else {}
        )
        yield el(
            "dl.about",
            *(
                el("div", el("dt", visible(name)), el("dd", *_content(value)))
                for name, value in about.items()
                if value not in (None, "", [], {})
            ),
        )


def _dated(value: Any) -> Any:
    """A moment as people read it; anything else as it is."""
    moment = isinstance(value, str) and _MOMENT.match(value)
    return view.human_time(value) or value if moment else value


def _content(value: Any) -> Iterator[Node]:
    value = mask(value)
    if isinstance(value, list) and all(isinstance(item, str | int | float | bool) for item in value):
        yield el("ul", *(el("li", visible(item)) for item in value))
    elif isinstance(value, str):
        yield visible(value)
    else:
        yield el("pre", visible(pretty(value)))


def _todo(finding: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[Node]:
    advice, steps = todo.advice(finding), todo.steps(finding, run)
    if advice or steps:
        yield el(
            "section.todo",
            el("h3", "What to do"),
            el("p", advice),
            *(
                el("div.step", el("span", step.label), _copyable(step.text, step.label, block=True))
                for step in steps
            ),
        )


def _facts(finding: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[Node]:
    links, identity = finding.get("links") or {}, visible(finding.get("id", ""))
    first, age = visible(view.since_of(finding) or ""), view.human_since(finding, run)
    if first:
        moment, more = el("time", view.human_time(first), datetime=first), view.remembered_of(finding)
        yield _fact("Since", moment, f", {age}" if age else None, f", {more}" if more else None)
    yield _fact("Who", *_who(finding.get("attribution") or {}))
    yield _fact("Owner", view.owner_of(finding))
    console = view.safe_link(links.get("console"))
    where = el("br") if console else None
    yield _fact("Where", view.place_of(finding), where, _link(console, "Open in the console"))
    if declared := list(_declared(finding.get("declared_at") or {}, view.safe_link(links.get("declared")))):
        if touched := visible(last_changes.said(finding)):
            declared += [el("br"), el("small", touched)]
        yield _fact("Declared", *declared)
    if resource := visible(finding.get("resource_id") or ""):
        yield _fact("Resource", _copyable(resource, "resource id"))
    link = el("a", "Link to this", href=f"#{identity}") if identity.startswith("f-") else None
    yield _fact("Finding", _copyable(identity, "finding id"), " ", link)


def _who(by: Mapping[str, Any]) -> Iterator[Node]:
    if not by:
        yield el("i", "not known")
        return
    if by.get("certain") is False:
        yield "possibly "
    yield el("code", visible(by.get("actor") or ""))
    if by.get("kind") in ("pipeline", "service"):
        yield f" ({by['kind']})"
    said = ", ".join(filter(None, (visible(by.get("event") or ""), view.human_time(by.get("time")))))
    yield el("br")
    yield said
    evidence = by.get("evidence")
    text = evidence if isinstance(evidence, str | None) else json.dumps(evidence, default=str)
    if link := view.safe_link(text):
        yield el("br")
        yield _link(link, "Evidence") or ""
    elif text:
        yield el("br")
        yield el("small", visible(text))
    if event := view.safe_link(by.get("link")):
        yield el("br")
        yield _link(event, "Open the event") or ""


def _declared(at: Mapping[str, Any], link: str) -> Iterator[Node]:
    line, address = at.get("line"), visible(at.get("address") or "")
    file = visible(at.get("file") or "") + (visible(f":{line}") if line is not None else "")
    if link and (file or address):
        yield el("a", el("code", file or address), href=link)
    elif file:
        yield el("code", file)
    if address and (file or not link):
        yield el("br")
        yield el("code", address)
    source, commit = visible(at.get("source") or ""), visible(at.get("commit") or "")
    if source or commit:
        yield el("br")
        yield el(
            "small",
            source,
            ", commit " if source and commit else None,
            el("code", commit[:10], title=commit) if commit else None,
        )


def _fact(name: str, *said: Node | None) -> Node:
    return el("div", el("dt", name), el("dd", *said))


def _link(url: str, text: str) -> Node | None:
    return el("a", text, href=url) if url else None


def _copyable(text: str, what: str, *, block: bool = False) -> Node:
    return el(
        "span.command" if block else "span.copyable",
        el("code", text),
        " ",
        el("button.copy", "Copy", data_copy=text, aria_label=f"Copy: {what}"),
    )
