"""How one value, one path and one change are said to a person: safe to show, short or pretty, and
compared."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from drift.pointer import split
from drift.report import last_changes
from drift.visible import visible
from reports.difference import Piece, Row, line_difference, mark_words, member_difference

ABSENT: Any = object()
SECRET = "secret, differs"

_AMBIGUOUS = re.compile(r"\A(?:|\s.*|.*\s|true|false|null|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\Z", re.DOTALL)
_BASE64 = re.compile(r"\A[A-Za-z0-9+/\s]{24,}={0,2}\s*\Z")
_ONE_LINE = 2_000


@lru_cache(8192)
def human_path(pointer: str) -> str:
    """A JSON Pointer as people read it.

    >>> human_path("/Tags/Owner"), human_path("/Rules/0/Port"), human_path("")
    ('Tags › Owner', 'Rules › [0] › Port', '(whole resource)')
    """
    parts = [f"[{part}]" if part.isdigit() else visible(part) for part in split(pointer)]
    return " › ".join(parts) or "(whole resource)"


def mask(value: Any) -> Any:
    """``value`` with every redacted secret in it replaced by words: a report shows neither secret nor
    hash."""
    if isinstance(value, Mapping):
        if set(value) == {"$secret"}:
            return "(secret)"
        return {str(key): mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value


def pretty(value: Any) -> str:
    """``value`` as it is best read: a string as it is, unless that could be mistaken; all else as JSON."""
    value = _parsed(mask(value))
    if isinstance(value, str):
        mistakable = "\n" not in value and _AMBIGUOUS.match(value)
        return json.dumps(value, ensure_ascii=False) if mistakable else value
    if isinstance(value, Mapping | list):
        return json.dumps(value, indent=2, ensure_ascii=False) if value else json.dumps(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def short(value: Any, width: int = 32) -> str:
    """``value`` on one line of at most ``width`` characters, cut in the middle."""
    if value is ABSENT:
        return "not set"
    masked = mask(value)
    text = pretty(masked) if isinstance(masked, str) else json.dumps(masked, ensure_ascii=False, default=str)
    text = visible(" ".join(text.split()) or text)
    if len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    return f"{text[:head]}…{text[-(width - 1 - head) :]}"


def _parsed(value: Any) -> Any:
    """A JSON document that travels as a string, opened; anything else as it is."""
    if isinstance(value, str) and value[:1] in "{[" and value[-1:] in "}]" and len(value) > 2:
        try:
            document = json.loads(value)
        except ValueError:
            return value
        return document if isinstance(document, dict | list) else value
    return value


@dataclass(frozen=True)
class ChangeView:
    """One change, ready to be shown. ``form`` says which of the other members carry it: ``rows`` of lines or
    of a set's members, or ``declared`` and ``live``. ``tags`` are words about it, ``cut`` names what is left
    out."""

    path: str
    pointer: str
    form: Literal["secret", "set", "sides", "lines"]
    undeclared: bool = False
    declared: Sequence[Piece] | None = None
    live: Sequence[Piece] | None = None
    rows: Sequence[Row] = ()
    cut: str = ""
    brief: bool = False
    tags: Sequence[str] = ()


def sides_of(change: Mapping[str, Any]) -> tuple[Any, Any]:
    """Declared and live value of a change, ``ABSENT`` where a side is not there or must not be shown."""
    if change.get("sensitive"):
        return ABSENT, ABSENT
    return change.get("declared", ABSENT), change.get("live", ABSENT)


def is_set(declared: Any, live: Any) -> bool:
    """Whether a change carries the members removed and added of a set (ordered arrays come by index)."""
    present = [side for side in (declared, live) if side is not ABSENT]
    return bool(present) and all(isinstance(side, list) for side in present)


def change_view(change: Mapping[str, Any], *, max_lines: int = 300, max_members: int = 200) -> ChangeView:
    """How to show ``change``; whatever is cut off is named in ``cut``."""
    pointer = visible(change.get("path", ""))
    path, undeclared = human_path(pointer), bool(change.get("undeclared"))
    declared, live = sides_of(change)
    tags = ["not declared"] if undeclared else []
    if change.get("sensitive"):
        return ChangeView(path, pointer, "secret", undeclared, tags=[*tags, "secret"])
    if is_set(declared, live):
        removed = [_member(member) for member in ([] if declared is ABSENT else declared)]
        added = [_member(member) for member in ([] if live is ABSENT else live)]
        hidden = max(0, len(removed) - max_members) + max(0, len(added) - max_members)
        cut = f"{hidden:,} more members are in report.json." if hidden else ""
        rows = member_difference(removed[:max_members], added[:max_members])
        return ChangeView(path, pointer, "set", undeclared, rows=rows, cut=cut, tags=tags)
    declared, live = mask(declared), mask(live)
    if (texts := _decoded(declared, live)) is not None:
        (declared, live), tags = texts, [*tags, "base64, decoded"]
    declared, live = _parsed(declared), _parsed(live)
    before = None if declared is ABSENT else visible(pretty(declared))
    after = None if live is ABSENT else visible(pretty(_ordered_like(live, declared)))
    if any(text is not None and "\n" in text for text in (before, after)):
        lines, hidden = line_difference(before, after, max_lines=max_lines)
        cut = f"{hidden:,} more lines are in report.json." if hidden else ""
        return ChangeView(path, pointer, "lines", undeclared, rows=lines, cut=cut, tags=tags)
    longest = max((len(text) for text in (before, after) if text), default=0)
    cut = ""
    if longest > _ONE_LINE * 10:
        cut = f"The value is {longest:,} characters long; all of it is in report.json."
        before, after = (text and text[: _ONE_LINE * 10] for text in (before, after))
    left, right = mark_words(before, after)
    brief = longest <= 36
    return ChangeView(
        path, pointer, "sides", undeclared, declared=left, live=right, cut=cut, brief=brief, tags=tags
    )


def _decoded(*sides: Any) -> tuple[Any, ...] | None:
    """Sides that are texts in base64, as what they say; None unless every side that is there is one."""
    texts = []
    for side in sides:
        if side is ABSENT:
            texts.append(side)
            continue
        if not isinstance(side, str) or not _BASE64.match(side):
            return None
        try:
            text = base64.b64decode("".join(side.split()), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        # A token may decode to some text by chance; what people wrote has lines or words.
        if not text.isprintable() and not all(c.isprintable() or c in "\n\r\t" for c in text):
            return None
        if not any(c.isspace() for c in text):
            return None
        texts.append(text)
    return tuple(texts)


def _ordered_like(value: Any, other: Any) -> Any:
    """``value`` with the members of its objects in the order in which ``other`` has them: it means nothing,
    and would look like a difference."""
    if isinstance(value, dict) and isinstance(other, dict):
        names = [*(name for name in other if name in value), *(name for name in value if name not in other)]
        return {name: _ordered_like(value[name], other.get(name)) for name in names}
    if isinstance(value, list) and isinstance(other, list):
        return [
            _ordered_like(item, other[position] if position < len(other) else None)
            for position, item in enumerate(value)
        ]
    return value


def _member(member: Any) -> str:
    """A member of a set: on one line where that is short, else indented."""
    masked = mask(member)
    if isinstance(masked, Mapping | list):
        line = json.dumps(masked, ensure_ascii=False)
        return visible(line if len(line) <= 120 else pretty(masked))
    return visible(pretty(masked))


def short_change(change: Mapping[str, Any], width: int = 28) -> str:
    """One change in a few words.

    >>> short_change({"path": "/VisibilityTimeout", "declared": 30, "live": 60})
    'VisibilityTimeout: 30 → 60'
    >>> short_change({"path": "/SecurityGroupIngress", "live": ["0.0.0.0/0"]})
    'SecurityGroupIngress: +0.0.0.0/0'
    """
    pointer = str(change.get("path", ""))
    path = human_path(pointer)
    if len(path) > 44 and pointer.count("/") > 2:
        path = "… › " + human_path("/" + "/".join(pointer.split("/")[-2:]))
    if change.get("sensitive"):
        return f"{path}: {SECRET}"
    declared, live = sides_of(change)
    if is_set(declared, live):
        removed = [] if declared is ABSENT else declared
        added = [] if live is ABSENT else live
        parts = [_members("−", removed, width), _members("+", added, width)]
        return f"{path}: {', '.join(part for part in parts if part) or 'differs'}"
    if any(_is_long(side) for side in (declared, live) if side is not ABSENT):
        what = "added live" if declared is ABSENT else "removed live" if live is ABSENT else "differs"
        return f"{path}: {what}"
    return f"{path}: {short(declared, width)} → {short(live, width)}"


def _is_long(value: Any) -> bool:
    """Whether a value is better named than shown on one line: a document or a text of several lines."""
    return isinstance(_parsed(value), Mapping | list) or (isinstance(value, str) and "\n" in value.strip())


def _members(sign: str, members: list[Any], width: int) -> str:
    if not members:
        return ""
    if len(members) > 1:
        return f"{sign}{len(members)}"
    member = mask(members[0])
    if isinstance(member, Mapping) and not any(
        isinstance(value, Mapping | list) for value in member.values()
    ):
        return sign + short(" ".join(str(value) for value in member.values()), width + 12)
    return f"{sign}1" if _is_long(member) else sign + short(member, width)


def in_short(finding: Mapping[str, Any], most: int = 2, width: int = 28) -> str:
    """What is different about a finding's resource, in one line."""
    if finding.get("kind") == "missing":
        return "declared, not live"
    if finding.get("kind") == "unmanaged":
        return "live, not declared"
    changes = finding.get("changes") or []
    said = [short_change(change, width) for change in changes[:most]]
    if len(changes) > most:
        said.append(f"and {len(changes) - most:,} more")
    return "; ".join(said) or "differs"


def words_of(finding: Mapping[str, Any], *, values: bool = True) -> str:
    """What a search should find of a finding, in lower case; without ``values``, all but the changed
    values."""
    attribution, declared_at = finding.get("attribution") or {}, finding.get("declared_at") or {}
    said: list[Any] = [
        *(finding.get(key) for key in ("id", "name", "resource_id", "type", "provider", "scope", "region")),
        *(finding.get(key) for key in ("kind", "severity", "status", "owner", "severity_reason")),
        *(attribution.get(key) for key in ("actor", "event")),
        *(declared_at.get(key) for key in ("source", "file", "address", "commit")),
        last_changes.said(finding),
    ]
    for change in finding.get("changes") or []:
        said.append(human_path(str(change.get("path", ""))))
        if values:
            said.extend(
                text for side in sides_of(change) if side is not ABSENT for text in _leaves(mask(side))
            )
    return visible(" ".join(dict.fromkeys(str(item).lower() for item in said if item not in (None, ""))))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield str(value)


def listing(items: Iterable[str]) -> str:
    """Items as a sentence has them: ``a``, ``a and b``, ``a, b and c``."""
    parts = list(items)
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
