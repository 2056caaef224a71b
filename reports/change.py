"""One change as the page shows it: its path, both sides in lines or in a few words, what differs marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drift.visible import visible
from reports.difference import Piece, Row
from reports.tree import Node, el
from reports.values import ChangeView, change_view


def tree(change: Mapping[str, Any]) -> Node:
    """The change with both sides, what differs marked, and what was cut off said."""
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
