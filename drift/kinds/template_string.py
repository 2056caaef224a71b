"""Declared text with holes (``${…}``, ``{{…}}``) that its tool fills in when it is applied."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_OPENERS = {"${": "}", "{{": "}}"}


def literal_parts(text: str) -> list[str] | None:
    """The text around the holes: one more part than there are holes. None where there is no hole.

    ``$${`` and ``${!`` (Terraform's and CloudFormation's escapes) begin no hole. Holes may hold holes.

    >>> literal_parts("arn:aws:s3:::${Bucket}/*")
    ['arn:aws:s3:::', '/*']
    """
    parts = [""]
    at = 0
    while at < len(text):
        two = text[at : at + 2]
        if text.startswith("$${", at) or text.startswith("${!", at):
            parts[-1] += "${"
            at += 3
        elif two in _OPENERS and (end := _hole_end(text, at)) is not None:
            parts.append("")
            at = end
        else:
            parts[-1] += text[at]
            at += 1
    return parts if len(parts) > 1 else None


def _template_string(value: Any, context: Context) -> Canonical:
    """Text; as it is."""
    return value


def _admits(declared: Any, live: Any, context: Context) -> bool:
    """Whether ``live`` is ``declared`` with something in each of its holes.

    A declaration that is nothing but holes admits nothing: its value is not known at all.
    """
    if not isinstance(declared, str) or not isinstance(live, str):
        return False
    parts = literal_parts(declared)
    if parts is None or not any(parts):
        return False
    first, *middle, last = parts
    if not live.startswith(first):
        return False
    at = len(first)
    for part in middle:
        found = live.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(live) - len(last) >= at and live.endswith(last)


def _hole_end(text: str, start: int) -> int | None:
    """Where the hole that begins at ``start`` ends; None where it is never closed."""
    closers = []
    at = start
    while at < len(text):
        two = text[at : at + 2]
        if two in _OPENERS:
            closers.append(_OPENERS[two])
            at += 2
        elif closers and text.startswith(closers[-1], at):
            at += len(closers.pop())
            if not closers:
                return at
        else:
            at += 1
    return None


TEMPLATE_STRING = Kind("template-string", _template_string, admits=_admits)
