"""What the commands of ``drift history`` have in common: their options, where the history is, tables."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from drift.cli.terminal import say

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
#: So many cells of a row stand on its first line where there is no room for columns.
_FIRST = 3
#: Columns that are never broken.
_WHOLE = ("Run", "When", "What", "Severity", "Finding", "Environment")


class TableFormat(StrEnum):
    table = "table"
    json = "json"


ConfigOption = Annotated[
    Path, typer.Option("-c", "--config", help="The configuration, which says where.", metavar="FILE")
]
PlaceOption = Annotated[
    str | None, typer.Option("--history", help="Another place: a file, or postgresql://…", metavar="PLACE")
]
EnvOption = Annotated[str | None, typer.Option("--env", help="Only this environment.", metavar="NAME")]
FormatOption = Annotated[TableFormat, typer.Option("-f", "--format", help="A table for people, or JSON.")]
CONFIG = Path("drift.yaml")
#: Keys of it that are none of the history's.
_UNNEEDED = ("live", "declared", "mail", "notify", "remediate", "redaction")


def asked(config: Path, said: str | None, ask: Callable[[Connection], T], *, write: bool = False) -> T:
    """What ``ask`` gives of the history that ``--history`` names, or the configuration, or that is beside the
    folders of runs. Raises DriftError."""
    from drift.cli.configured import base_of, configured
    from drift.config.model import Config
    from drift.errors import ConfigError
    from drift.history.database import Database
    from drift.history.place import DEFAULT, place

    if said is not None:
        where = place(said)
    else:
        there = config.exists() or config != CONFIG
        loaded = configured(config, None, None, _UNNEEDED) if there else Config(version=1)
        remembers = loaded.remembers
        if remembers is None:
            raise ConfigError(f"{config}: history: nothing is remembered; name a history with --history")
        where = (
            place(remembers.database.get_secret_value(), loaded.base)
            if remembers.database
            else place(str(base_of(loaded) / DEFAULT))
        )
    with Database(where) as database:
        with database.reading() as connection:
            if not write:
                return ask(connection)
        with database.writing() as connection:
            return ask(connection)


def told(answer: Any) -> None:
    """Prints an answer as JSON."""
    import orjson

    say(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> None:
    """Prints a table, as wide as the terminal; ``empty`` where it has no row. Where words would be broken,
    each row has lines of its own."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from drift.visible import visible

    lines = list(rows)
    if not lines:
        say(empty)
        return
    width = Console().width
    widest = (
        max(len(row[number]) if head in _WHOLE else _longest(row[number]) for row in (heads, *lines))
        for number, head in enumerate(heads)
    )
    if sum(widest) + 2 * (len(heads) - 1) > width:
        say("\n".join(_stacked(heads, lines, width)))
        return
    made = Table(box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(heads):
        numeric = all(row[number].replace(",", "").isdigit() or not row[number] for row in lines)
        side = "right" if numeric and head else "left"
        made.add_column(head, justify=side, overflow="fold", no_wrap=head in _WHOLE)  # type: ignore[arg-type]
    for row in lines:
        made.add_row(*(Text(visible(cell)) for cell in row))
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(made)
    say("\n".join(line.rstrip() for line in out.getvalue().splitlines()))


def _longest(cell: str) -> int:
    return max(map(len, cell.split()), default=0)


def _stacked(heads: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> Iterator[str]:
    """Each row as a line of its first cells, and what the others say below it."""
    from drift.visible import visible

    for row in rows:
        cells = [visible(cell) for cell in row]
        yield "  ".join(filter(None, cells[:_FIRST]))
        rest = zip(heads[_FIRST:], cells[_FIRST:], strict=True)
        said = ", ".join(f"{head} {cell}".strip() for head, cell in rest if cell)
        yield from textwrap.wrap(said, width, initial_indent="    ", subsequent_indent="    ")


def moment(text: str | None) -> str:
    """A moment as tables say it."""
    return "" if text is None else f"{text[:10]} {text[11:16]}"
