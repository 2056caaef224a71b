"""Who did what a finding of a report tells of, in one line for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def said(finding: Mapping[str, Any]) -> str:
    """``live by anna (person), PutBucketPolicy, 2026-05-03T10:00:02Z``; empty where nobody is known."""
    by = finding.get("attribution")
    if not by or not by.get("actor"):
        return ""
    actor = by["actor"] if by.get("certain") is not False else f"possibly {by['actor']}"
    kind = by.get("kind")
    actor = f"{actor} ({kind})" if kind in ("pipeline", "service") else actor
    return f"live by {', '.join(filter(None, (actor, by.get('event'), by.get('time'))))}"


def asked(run: Mapping[str, Any]) -> str:
    """How far the clouds' logs told it in a run; empty where none was asked."""
    by = run.get("attribution")
    if not by or not by.get("asked"):
        return ""
    left = f"; about {by['left']:,} no log answered, the next run asks again" if by.get("left") else ""
    return f"told of {by.get('told', 0):,} of the {by['asked']:,} findings that were asked about{left}"
