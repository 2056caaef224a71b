"""Terragrunt's files: which there are in a folder, and how each is parsed.

Source: https://terragrunt.gruntwork.io/docs/reference/hcl/ (blocks and attributes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from drift import reading
from drift.declared.terraform.configuration import json_syntax, syntax
from drift.declared.terraform.configuration.model import Block, Body, Place, Written
from drift.errors import DeclaredError
from drift.lined import Map
from drift.listing import files_below, leads_out

UNIT = "terragrunt.hcl"
MAKER = "terragrunt.stack.hcl"
VALUES = "terragrunt.values.hcl"
#: What `terragrunt render --json -w` writes, and what `render-json` wrote before.
RENDERED = ("terragrunt.rendered.json", "terragrunt_rendered.json")
_VALUES = re.compile(r"\bvalues\.|\bunit\.values\b")
#: In the order in which Terragrunt looks for them.
UNITS = (UNIT, f"{UNIT}.json")
#: Block type → how many labels it may have.
_BLOCKS: Mapping[str, int] = {
    "dependencies": 0,
    "dependency": 1,
    "errors": 0,
    "exclude": 0,
    "feature": 1,
    "generate": 1,
    "include": 1,
    "locals": 0,
    "remote_state": 0,
    "stack": 1,
    "terraform": 0,
    "unit": 1,
}


def unit_file(folder: Path) -> Path | None:
    """The file that makes a folder a unit: Terragrunt's own, else what it rendered of it."""
    for name in (*UNITS, *RENDERED):
        file = folder / name
        if file.is_file() and not leads_out(file):
            return file
    return None


def rendered(folder: Path) -> Path | None:
    """What Terragrunt rendered of a unit, where it left that."""
    return next((folder / name for name in RENDERED if (folder / name).is_file()), None)


def below(folder: Path) -> Iterator[Path]:
    """The folders of units at and below a folder, without those that Terragrunt made."""
    found = {file.parent for file in files_below(folder, (UNIT, *UNITS[1:], *RENDERED)) if _is_unit(file)}
    yield from sorted(found)


def makers_below(folder: Path) -> Iterator[Path]:
    """The files that say which units there are to be."""
    yield from (one for one in files_below(folder, (MAKER,)) if one.name == MAKER)


def needs_values(file: Path) -> bool:
    """Whether a file asks for what a stack gives."""
    try:
        return _VALUES.search(reading.text(file, str(file))) is not None
    except DeclaredError:
        return False


def _is_unit(file: Path) -> bool:
    return file.name in UNITS or file.name in RENDERED


def parse(file: Path, display: str, past: str | None = None) -> Body:
    """A file, with the text that it once had where that is given. Raises Broken and DeclaredError."""
    if past is not None:
        return _of_text(file, display, past)
    try:
        stat = file.stat()
    except OSError as error:
        raise DeclaredError(f"{display}: can't be read: {error.strerror}") from error
    return _parsed(file, display, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=1024)
def _parsed(file: Path, display: str, stamp: tuple[int, int]) -> Body:
    return _of_text(file, display, reading.text(file, display))


def _of_text(file: Path, display: str, text: str) -> Body:
    if file.name.endswith(".json"):
        return _of_json(text, display, literal=file.name in RENDERED)
    return syntax.parse(text.encode(), display)


def _of_json(text: str, display: str, *, literal: bool) -> Body:
    """``literal``: its texts are values, no templates."""
    made = Body()
    value = json_syntax.literal if literal else json_syntax.expression
    for top in json_syntax.objects(json_syntax.content(text, display)):
        for name, said in top.items():
            line = top.lines.get(name, 1)
            labels = _BLOCKS.get(name)
            if labels is None or not isinstance(said, Map | list):
                made.attributes[name] = Written(value(said, display, line), Place(display, line))
                continue
            for one in json_syntax.objects(said):
                inner = one.items() if labels else [("", one)]
                for label, body in inner:
                    for each in json_syntax.objects(body):
                        made.blocks.append(_block(name, label, each, display, line, value))
    return made


def _block(type_: str, label: str, said: Map, display: str, line: int, value: Any) -> Block:
    body = Body()
    for name, each in said.items():
        place = Place(display, said.lines.get(name, line))
        if type_ == "terraform" and name == "extra_arguments" and isinstance(each, Map):
            for inner, arguments in each.items():
                for one in json_syntax.objects(arguments):
                    body.blocks.append(_block(name, inner, one, display, place.line, value))
            continue
        body.attributes[name] = Written(value(each, display, place.line), place)
    return Block(type_, (label,) if label else (), body, Place(display, line), line)
