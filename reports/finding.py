"""A finding's row: what it says in one line, and by what findings are filtered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from drift.visible import visible
from reports import moments, view
from reports.tree import Node, el
from reports.values import content_in_short, in_short, short_change

_JOINTS = re.compile(r"(?<=[/:.])(?=\w)")
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
    first = moments.parse_time(view.since_of(finding))
    now = moments.parse_time(run.get("finished_at") or run.get("started_at"))
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
        "age": moments.human_since(finding, run),
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
