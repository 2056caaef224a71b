"""The values of a root module's variables, by Terraform's precedence: the entry's ``variables`` (as
``TF_VAR_`` would), ``terraform.tfvars``, ``*.auto.tfvars`` in the order of their names, then the files that
the entry names (as ``-var-file`` would)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from drift import reading
from drift.declared.terraform.configuration import json_syntax, syntax
from drift.declared.terraform.configuration.expressions import Budget, Expression, Literal, Scope, value_of
from drift.declared.terraform.configuration.model import Fault, Place, Written
from drift.declared.terraform.configuration.values import Failure
from drift.errors import DeclaredError
from drift.model import Unresolved


class Given(NamedTuple):
    """A variable's value and where it is written (None: in the entry). ``as_text``: it is passed as a text of
    the environment, of which Terraform makes the variable's type."""

    value: Any
    place: Place | None
    as_text: bool = False


@dataclass(slots=True)
class Variables:
    """``left_out`` are files of variables in the root module's folder that nobody names; ``rest``: why others
    may be given, of which nothing is known."""

    given: dict[str, Given] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    rest: Unresolved | None = None


def load(
    roots: Sequence[Path],
    said: Mapping[str, Any],
    named: Sequence[Path],
    name: Callable[[Path], str],
    given: Mapping[str, Given] = MappingProxyType({}),
    past: Mapping[Path, str] = MappingProxyType({}),
) -> Variables:
    """``roots`` are the folders whose files make the root module, ``said`` the entry's own values, which beat
    what is ``given`` as texts; ``named`` are the files that it names, ``past`` texts that files once had.
    Never raises: a file that can't be read is told."""
    found = Variables({**given, **{one: Given(value, None, as_text=True) for one, value in said.items()}})
    asked = [*(one for root in roots for one in _automatic(root)), *named]
    known = {file.resolve() for file in asked}
    others = sorted(
        file for root in roots for file in root.iterdir() if file.name.endswith((".tfvars", ".tfvars.json"))
    )
    found.left_out.extend(name(file) for file in others if file.resolve() not in known)
    for file in asked:
        display = name(file)
        try:
            written = _read(file, display, past.get(file.resolve()))
        except DeclaredError as error:
            why = str(error).removeprefix(f"{display}: ")
            found.faults.append(Fault(display, why, Place(display, 1)))
            continue
        except syntax.Broken as error:
            where = f"{display}:{error.line}" if error.line else display
            found.faults.append(Fault(where, str(error), Place(display, error.line or 1)))
            continue
        for one, each in written.items():
            found.given[one] = Given(value_of(each.expression, _EMPTY), each.place)
    return found


def parsed(text: str) -> Expression:
    """A text of ``TF_VAR_`` for a variable whose type is no text: an expression."""
    try:
        return syntax.parse(f"x = {text}\n".encode(), "").attributes["x"].expression
    except (syntax.Broken, KeyError):
        return Literal(text)


def _automatic(root: Path) -> Iterator[Path]:
    for plain in ("terraform.tfvars", "terraform.tfvars.json"):
        if (root / plain).is_file():
            yield root / plain
    yield from sorted(
        (one for one in root.iterdir() if one.name.endswith((".auto.tfvars", ".auto.tfvars.json"))),
        key=lambda one: one.name,
    )


def _read(file: Path, display: str, past: str | None) -> Mapping[str, Written]:
    text = reading.text(file, display) if past is None else past
    if file.name.endswith(".json"):
        return json_syntax.values(text or "{}", display)
    return syntax.parse(text.encode(), display).attributes


def constant(expression: Expression) -> Any:
    """The value of an expression in a file of variables."""
    return value_of(expression, _EMPTY)


def automatic(root: Path) -> list[Path]:
    """The files of variables that are read by themselves, the last one wins."""
    return list(_automatic(root))


def _nothing(name: str) -> Any:
    raise Failure(f"{name} may not stand in a file of variables")


_EMPTY = Scope(_nothing, lambda _: None, Budget())
