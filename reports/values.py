"""How one value, one path and one change are said to a person: safe to show, short or pretty, and
compared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from drift.pointer import split
from drift.report import last_changes, texts
from drift.visible import visible
from reports import members
from reports.difference import Piece, Row, line_difference, mark_words

ABSENT: Any = object()
SECRET = "secret, differs"

#: A number or a switch, whatever its type.
_PLAIN = re.compile(r"\A(?:true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?)\Z")
_ONE_LINE = 2_000

_ONE_SIDED = {"missing": "declared, not live", "unmanaged": "live, not declared"}
#: Labels of a thing's content that say nothing of what it gives.
_PLAIN_FACTS = frozenset({"What", "Made", "By", "Region", "Namespace", "Kind", "Name", "Description"})

mask, pretty = texts.mask, texts.pretty


@lru_cache(8192)
def human_path(pointer: str) -> str:
    """A JSON Pointer as people read it.

    >>> human_path("/Tags/Owner"), human_path("/Rules/0/Port"), human_path("")
    ('Tags › Owner', 'Rules › [0] › Port', '(whole resource)')
    """
    parts = [f"[{part}]" if part.isdigit() else visible(part) for part in split(pointer)]
    return " › ".join(parts) or "(whole resource)"


def short(value: Any, width: int = 32) -> str:
    """``value`` on one line of at most ``width`` characters, cut in the middle."""
    if value is ABSENT:
        return "not set"
    masked = mask(value)
    text = pretty(masked) if isinstance(masked, str) else json.dumps(masked, ensure_ascii=False, default=str)
    return _cut(text, width)


def _cut(text: str, width: int) -> str:
    text = visible(" ".join(text.split()) or text)
    if len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    return f"{text[:head]}…{text[-(width - 1 - head) :]}"


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
    if declared is ABSENT:
        return isinstance(live, list)
    return isinstance(declared, list) and (live is ABSENT or isinstance(live, list))


def change_view(change: Mapping[str, Any], *, max_lines: int = 300, max_members: int = 200) -> ChangeView:
    """How to show ``change``; whatever is cut off is named in ``cut``."""
    pointer = visible(change.get("path", ""))
    path, undeclared = human_path(pointer), bool(change.get("undeclared"))
    declared, live = sides_of(change)
    tags = ["not declared"] if undeclared else []
    if change.get("sensitive"):
        return ChangeView(path, pointer, "secret", undeclared, tags=[*tags, "secret"])
    if is_set(declared, live):
        removed, added = ([] if side is ABSENT else side for side in (declared, live))
        hidden = max(0, len(removed) - max_members) + max(0, len(added) - max_members)
        cut = f"{hidden:,} more members are in report.json." if hidden else ""
        rows, more = members.rows(removed[:max_members], added[:max_members], max_lines)
        cut = cut or (f"{more:,} more lines are in report.json." if more else "")
        return ChangeView(path, pointer, "set", undeclared, rows=rows, cut=cut, tags=tags)
    declared, live = _in_one_type(mask(declared), mask(live))
    if (said := _decoded(declared, live)) is not None:
        (declared, live), tags = said, [*tags, "base64, decoded"]
    declared, live = texts.opened(declared), texts.opened(live)
    before = None if declared is ABSENT else visible(pretty(declared))
    after = None if live is ABSENT else visible(pretty(texts.ordered_like(live, declared)))
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
    said = [side if side is ABSENT else texts.decoded(side) for side in sides]
    return None if None in said else tuple(said)


def _in_one_type(declared: Any, live: Any) -> tuple[Any, Any]:
    """Both sides, where one is a number or switch and the other a text of one: that is no difference to
    show."""
    if isinstance(declared, str) == isinstance(live, str):
        return declared, live
    sides = [side if isinstance(side, str) else json.dumps(side, default=str) for side in (declared, live)]
    return tuple(map(json.loads, sides)) if all(map(_PLAIN.match, sides)) else (declared, live)


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
        removed, added = ([] if side is ABSENT else side for side in (declared, live))
        if len(removed) == len(added) == 1 and (inside := _inside(removed[0], added[0], width)):
            return f"{path}: {inside}"
        parts = [_members("−", removed, width), _members("+", added, width)]
        return f"{path}: {', '.join(part for part in parts if part) or 'differs'}"
    declared, live = _in_one_type(declared, live)
    if _is_long(declared) or _is_long(live):
        if declared is ABSENT or live is ABSENT:
            return f"{path}: {'added live' if declared is ABSENT else 'removed live'}"
        return f"{path}: {_inside(declared, live, width) or 'differs'}"
    return f"{path}: {short(declared, width)} → {short(live, width)}"


def _inside(declared: Any, live: Any, width: int) -> str:
    """What differs inside two documents, objects or texts of lines, in a few words; empty where it is not
    known."""
    declared, live = (texts.opened(mask(side)) for side in (declared, live))
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        apart = members.apart(declared, live)
        if apart and len(apart) < len(declared.keys() | live.keys()):
            said = [f"{name} {_bare(one, width)} → {_bare(other, width)}" for name, one, other in apart[:2]]
            return ", ".join([*said, *([f"and {len(apart) - 2} more"] if len(apart) > 2 else [])])
    elif isinstance(declared, str) and isinstance(live, str):
        rows = [row for row in line_difference(declared, live)[0] if row.kind not in ("same", "elided")]
        if len(rows) == 1 and rows[0].kind == "changed":
            one, other = ("".join(piece.text for piece in side or ()) for side in rows[0][1:3])
            return f"{short(one.strip(), width)} → {short(other.strip(), width)}"
        return f"{len(rows)} lines differ" if rows else ""
    return ""


def _bare(value: Any, width: int) -> str:
    """A member's value on one line; a short list without its brackets."""
    if value is None:
        return "not set"
    plain = isinstance(value, list) and value and not any(isinstance(one, Mapping | list) for one in value)
    return short(", ".join(map(str, value)) if plain else value, width)


def _is_long(value: Any) -> bool:
    """Whether a value is better named than shown on one line: a document or a text of several lines."""
    if isinstance(value, str):
        return "\n" in value.strip() or not isinstance(texts.opened(value), str)
    return isinstance(value, Mapping | list)


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


def in_short(
    finding: Mapping[str, Any],
    most: int = 2,
    width: int = 28,
    of: Callable[[Mapping[str, Any]], str] | None = None,
) -> str:
    """What is different about a finding's resource, in one line; ``of`` tells of one change, else
    :func:`short_change`."""
    if finding.get("kind") in _ONE_SIDED:
        return "; ".join(filter(None, (_ONE_SIDED[finding["kind"]], content_in_short(finding, most, width))))
    changes = finding.get("changes") or []
    said = [of(change) if of else short_change(change, width) for change in changes[:most]]
    if len(changes) > most:
        said.append(f"and {len(changes) - most:,} more")
    return "; ".join(said) or "differs"


def content_in_short(finding: Mapping[str, Any], most: int = 2, width: int = 28) -> str:
    """What a thing that one side alone has gives, in one line; empty where nothing is known."""
    content = finding.get("content")
    said = content.items() if isinstance(content, Mapping) else ()
    told = [f"{name}: {_first(value, width + 20)}" for name, value in said if name not in _PLAIN_FACTS]
    return visible("; ".join(told[:most]))


def _first(value: Any, width: int) -> str:
    """What a label of a thing's content says, of several lines the first."""
    if not isinstance(value, list):
        masked = mask(value)  # a text stands as it is: a number in one is no other number
        return _cut(masked, width) if isinstance(masked, str) else short(value, width)
    more = f" and {len(value) - 1} more" if len(value) > 1 else ""
    return _first(value[0], width) + more


def origin_of(finding: Mapping[str, Any]) -> str:
    """Who touched it and where it is declared, which many findings have in common, in lower case, as a search
    reads it."""
    attribution, declared_at = finding.get("attribution") or {}, finding.get("declared_at") or {}
    said = [
        *(attribution.get(key) for key in ("actor", "event")),
        *(declared_at.get(key) for key in ("source", "file", "commit")),
        last_changes.said(finding),
    ]
    return visible(" ".join(str(item).lower() for item in said if item))


def words_in(change: Mapping[str, Any]) -> list[str]:
    """What a search should find of one change's values, in lower case."""
    sides = (mask(side) for side in sides_of(change) if side is not ABSENT)
    return [text.lower() for side in sides for text in _leaves(side)]


def words_of(
    finding: Mapping[str, Any], of: Callable[[Mapping[str, Any]], Iterable[str]] | None = words_in
) -> str:
    """What a search should find of a finding beside the columns of few values that stand in the page's index
    (severity, type, owner, …), in lower case; ``of`` tells the values of one change, as :func:`words_in`
    does, and None leaves them out."""
    address = (finding.get("declared_at") or {}).get("address")
    said: list[Any] = [*(finding.get(key) for key in ("id", "name", "resource_id", "scope")), address]
    said.extend(_leaves(finding.get("content") or {}))
    for change in finding.get("changes") or []:
        said.append(human_path(str(change.get("path", ""))))
        if of is not None:
            said.extend(of(change))
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
