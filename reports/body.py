"""What opens below a finding's row: its changes, what to do, and what is known of it, as a shape that all
findings have in common and the values that are one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from drift.report import last_changes
from drift.visible import visible
from reports import moments, todo, view
from reports.shape import filled
from reports.tree import Node, el
from reports.values import mask, pretty

_MOMENT = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d")
#: So many changes of one finding are shown.
MOST_CHANGES = 80


def _hole(name: str) -> list[str]:
    return ["=", name]


def _if(names: str, *children: Node) -> list[Any]:
    return ["?", names, *children]


def _fact(name: str, *said: Node) -> Node:
    return el("div", el("dt", name), el("dd", *said))


def _copyable(name: str, what: str, tag: str = "span.copyable") -> Node:
    button = el("button.copy", "Copy", data_copy=_hole(name), aria_label=f"Copy: {what}")
    return el(tag, el("code", _hole(name)), " ", button)


def _link(name: str, said: Node) -> Node:
    return el("a", said, href=_hole(name))


def _step(name: str, label: str) -> Node:
    return _if(name, el("div.step", el("span", label), _copyable(name, label, "span.command")))


_WHO = "actor event evidence evidence_link event_link"
_AT = "at address source commit"
_STEPS = "advice again explain rule"

#: The values ``why``, ``owner``, ``place``, ``age`` and ``id`` are those of the finding's row; the others are
#: COLUMNS.
BODY: Node = el(
    "div.body",
    el(
        "div.changes",
        _if("why", el("p.reason", _hole("why"))),
        _if("note", el("p.reason", _hole("note"))),
        _hole("whole"),
        _hole("changes"),
        _if("cut", el("p.cut", _hole("cut"))),
        _if(
            _STEPS,
            el(
                "section.todo",
                el("h3", "What to do"),
                el("p", _hole("advice")),
                _step("again", todo.AGAIN),
                _step("explain", todo.EXPLAIN),
                _step("rule", todo.RULE),
            ),
        ),
    ),
    el(
        "dl.facts",
        _if(
            "first",
            _fact(
                "Since",
                el("time", _hole("since"), datetime=_hole("first")),
                _if("age", ", ", _hole("age")),
                _if("more", ", ", _hole("more")),
            ),
        ),
        _fact(
            "Who",
            ["!", _WHO, el("i", "not known")],
            _if("possibly", "possibly "),
            _if("actor", el("code", _hole("actor"))),
            _if("actor_kind", " (", _hole("actor_kind"), ")"),
            _if("event", el("br"), _hole("event")),
            _if("evidence_link", el("br"), _link("evidence_link", "Evidence")),
            _if("evidence", el("br"), el("small", _hole("evidence"))),
            _if("event_link", el("br"), _link("event_link", "Open the event")),
        ),
        _if("pull_request", _fact("Pull request", _link("pull_request", _hole("pull_request")))),
        _if("issue", _fact("Issue", _link("issue", _hole("issue")))),
        _fact("Owner", _hole("owner")),
        _fact("Where", _hole("place"), _if("console", el("br"), _link("console", "Open in the console"))),
        _if(
            _AT,
            _fact(
                "Declared",
                _if("at_link", _link("at_link", el("code", _hole("at")))),
                ["!", "at_link", _if("at", el("code", _hole("at")))],
                _if("address", el("br"), el("code", _hole("address"))),
                _if(
                    "source commit",
                    el("br"),
                    el(
                        "small",
                        _hole("source"),
                        _if("commit", el("code", _hole("commit_short"), title=_hole("commit"))),
                    ),
                ),
                _if("touched", el("br"), el("small", _hole("touched"))),
            ),
        ),
        _if("via", _fact("Deployed", _hole("via"))),
        _if("resource", _fact("Resource", _copyable("resource", "resource id"))),
        _fact(
            "Finding",
            _copyable("id", "finding id"),
            " ",
            _if("anchor", el("a", "Link to this", href=_hole("anchor"))),
        ),
    ),
)

#: The values of :data:`BODY` that no row has, in the order in which :func:`values` gives them.
COLUMNS = (
    *("changes", "whole", "cut", "note", "advice", "again", "explain", "rule", "first", "since", "more"),
    *("possibly", "actor", "actor_kind", "event", "evidence", "evidence_link", "event_link"),
    *("console", "at_link", "at", "address", "source", "commit", "commit_short", "touched", "via"),
    *("resource", "anchor", "pull_request", "issue"),
)


def values(
    finding: Mapping[str, Any], run: Mapping[str, Any], change: Callable[[Mapping[str, Any]], Any]
) -> tuple[Any, ...]:
    """A finding's values of :data:`COLUMNS`; ``change`` makes the tree of one change."""
    changes = finding.get("changes") or []
    more = len(changes) - MOST_CHANGES
    identity = visible(finding.get("id", ""))
    resource = visible(finding.get("resource_id") or "")
    links = finding.get("links") or {}
    console = view.safe_link(links.get("console"))
    return (
        [change(one) for one in changes[:MOST_CHANGES]],
        list(_whole(finding)),
        f"Cut here: {view.count(more, 'more change')} in report.json." if more > 0 else "",
        visible(finding.get("note") or ""),
        todo.advice(finding),
        *(todo.commands(finding, run)),
        *_since(finding),
        *_who(finding.get("attribution")),
        console,
        *_declared(finding),
        resource,
        f"#{identity}" if identity.startswith("f-") else "",
        *(view.safe_link(links.get(name)) for name in ("pull_request", "issue")),
    )


def body(
    finding: Mapping[str, Any],
    run: Mapping[str, Any],
    row: Mapping[str, str],
    change: Callable[[Mapping[str, Any]], Node],
) -> Node:
    """What opens below the row that says ``row``."""
    own = dict(zip(COLUMNS, values(finding, run, change), strict=True))
    place = " ".join(filter(None, (row["provider"], row["account"], row["region"])))
    return filled(BODY, {**row, "place": place, **own})


def _since(finding: Mapping[str, Any]) -> tuple[str, str, str]:
    first = view.since_of(finding)
    return (visible(first), moments.human_time(first), view.remembered_of(finding)) if first else ("", "", "")


def _who(by: Mapping[str, Any] | None) -> tuple[str, ...]:
    if not by:
        return ("",) * 7
    evidence = by.get("evidence")
    text = evidence if isinstance(evidence, str | None) else json.dumps(evidence, default=str)
    link = view.safe_link(text)
    return (
        "possibly" if by.get("certain") is False else "",
        visible(by.get("actor") or ""),
        by["kind"] if by.get("kind") in ("pipeline", "service") else "",
        ", ".join(filter(None, (visible(by.get("event") or ""), moments.human_time(by.get("time"))))),
        "" if link else visible(text or ""),
        link,
        view.safe_link(by.get("link")),
    )


def _declared(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """The link to where it is declared and what it says, the address below, source and commit, who last
    touched it, and what deploys it."""
    at = finding.get("declared_at")
    if not at:
        return ("",) * 8
    link = view.safe_link((finding.get("links") or {}).get("declared"))
    line, address = at.get("line"), visible(at.get("address") or "")
    file = visible(at.get("file") or "") + (visible(f":{line}") if line is not None else "")
    source, commit = visible(at.get("source") or ""), visible(at.get("commit") or "")
    said = file or (address if link else "")
    return (
        link if said else "",
        said,
        address if file or not link else "",
        f"{source}, commit " if source and commit else source,
        commit,
        commit[:10],
        visible(last_changes.said(finding)),
        view.deployed_by(finding),
    )


def _whole(finding: Mapping[str, Any]) -> Iterator[Node]:
    """What a thing is that is on one side only, and what it may do."""
    kind = finding.get("kind")
    if kind not in ("missing", "unmanaged"):
        return
    if kind == "missing":
        told = " and not live: this place was read, and the resource is not there."
        yield el("p.whole", el("del", "Declared"), told)
    else:
        yield el("p.whole", el("ins", "Live"), " and not declared: nothing in Git asks for it.")
    by = finding.get("attribution") or {}
    made = moments.human_time(by.get("time"))
    about = {
        "What": finding.get("type"),
        "Name": finding.get("name"),
        "Last touched": ", ".join(filter(None, (str(by.get("actor") or ""), made))),
    }
    content = finding.get("content")
    about |= {name: _dated(value) for name, value in content.items()} if isinstance(content, Mapping) else {}
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
    return moments.human_time(value) or value if moment else value


def _content(value: Any) -> Iterator[Node]:
    value = mask(value)
    if isinstance(value, list) and all(isinstance(item, str | int | float | bool) for item in value):
        yield el("ul", *(el("li", visible(item)) for item in value))
    elif isinstance(value, str):
        yield visible(value)
    else:
        yield el("pre", visible(pretty(value)))
