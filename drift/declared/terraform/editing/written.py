"""Spells whole blocks, as ``terraform fmt`` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.declared.terraform.editing import spelling


@dataclass(frozen=True, slots=True)
class Inner:
    """Blocks of one type in a block."""

    bodies: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """An expression as it is written elsewhere."""

    text: str


def written(type_: str, said: Mapping[str, Any], indent: str, labels: Sequence[str] = ()) -> str:
    """A block with attributes, and with blocks where a value is a list of :class:`Inner`."""
    head = " ".join([type_, *map(spelling.quoted, labels), "{"])
    inside = indent + spelling.STEP
    plain = [
        (name, item.text if isinstance(item, Verbatim) else spelling.spelled(item, inside))
        for name, item in said.items()
        if not isinstance(item, Inner)
    ]
    lines = list(spelling.aligned(plain, inside))
    for name, item in said.items():
        for one in item.bodies if isinstance(item, Inner) else ():
            lines += [*([""] if lines else []), written(name, one, inside).rstrip("\n")]
    return f"{indent}{head}\n" + "".join(f"{line}\n" for line in lines) + f"{indent}}}\n"
