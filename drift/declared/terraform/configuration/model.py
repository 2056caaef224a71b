"""What a Terraform configuration says: files as they are written, and instances of resources as they are
evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from drift.declared.terraform.configuration.expressions import Expression
from drift.model import Origin, Unresolved

#: (name, key) of each module call on the way down; the key is None, a number (count) or a text (for_each).
ModulePath = tuple[tuple[str, "str | int | None"], ...]


class Place(NamedTuple):
    """Where something is written: the file as it is named to people, and the line from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Written:
    """One attribute as it is written. ``span`` is where its expression stands in the file, in bytes (in JSON
    not told); ``items`` are the members of a list as they are written, of what names attributes."""

    expression: Expression
    place: Place
    span: tuple[int, int] = (0, 0)
    items: tuple[str, ...] | None = None


@dataclass(slots=True)
class Body:
    """What stands between the braces of a block."""

    attributes: dict[str, Written] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" … { body }``. ``end`` is its last line."""

    type: str
    labels: tuple[str, ...]
    body: Body
    place: Place
    end: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A file or module that is not read, and why."""

    what: str
    reason: str
    place: Place | None = None


class Setting(NamedTuple):
    """One attribute that is set: its value, with :class:`Unresolved` for what can't be known, where that is
    said, and where the value is written: through variables, locals and module calls, as far as they only
    pass it on."""

    value: Any
    place: Place
    source: Place


@dataclass(frozen=True, slots=True)
class Nested:
    """The blocks of one type within a block. ``unknown``: why it can't be known how many there are."""

    bodies: tuple[Settings, ...]
    unknown: Unresolved | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a block sets, evaluated: attributes by name, and blocks by type."""

    attributes: Mapping[str, Setting]
    blocks: Mapping[str, Nested]
    place: Place

    def plain(self) -> dict[str, Any]:
        """The same as a state would have it, with :class:`Unresolved` for what can't be known."""
        made: dict[str, Any] = {name: one.value for name, one in self.attributes.items()}
        for name, nested in self.blocks.items():
            made[name] = nested.unknown or [one.plain() for one in nested.bodies]
        return made


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A block of a resource, or a module's call (``type`` is None), of which it can't be told how many
    instances it has."""

    module: ModulePath
    type: str | None
    name: str
    reason: str
    place: Place

    @property
    def address(self) -> str:
        return address(self.module, self.type or "module", self.name, None)


@dataclass(frozen=True)
class Declared:
    """One instance of a resource that the configuration declares in a block at ``place``. ``provider`` is
    what its ``provider`` argument names (``aws.west``), None for the default one; ``evaluate`` gives what it
    sets."""

    address: str
    module: ModulePath
    type: str
    name: str
    key: str | int | None
    place: Place
    evaluate: Callable[[], Settings]
    provider: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """What it sets, evaluated when it is asked for."""
        return self.evaluate()

    def origin(self, state: Origin) -> Origin:
        """Where it is declared, as an instance of a state that ``state`` tells."""
        return replace(state, file=self.place.file, line=self.place.line, address=self.address)


def address(module: ModulePath, type_: str, name: str, key: str | int | None) -> str:
    """``module.a["x"].aws_vpc.v[0]``."""
    return ".".join(
        [*(f"module.{one}{suffix(each)}" for one, each in module), f"{type_}.{name}{suffix(key)}"]
    )


def suffix(key: str | int | None) -> str:
    """The key of an instance as addresses have it."""
    if key is None:
        return ""
    return f"[{key}]" if isinstance(key, int) else f'["{key}"]'
