"""Which address of the configuration an address of a state means, after its ``moved`` blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from drift.declared.terraform.configuration.expressions import Expression, Literal, Member, Name
from drift.declared.terraform.configuration.model import ModulePath, suffix
from drift.declared.terraform.configuration.module import Module

_PART = re.compile(r'(?P<name>[^.\[]+)(?:\[(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<number>\d+))\])?(?:\.|$)')
_MOST = 50
Key = str | int | None


def split(address: str) -> tuple[ModulePath, str, str, Key] | None:
    """``module.a["x"].aws_vpc.v[0]`` as its parts; None of what is no resource."""
    parts = [(found["name"], key_of(found)) for found in _PART.finditer(address)]
    path: list[tuple[str, Key]] = []
    while len(parts) >= 2 and parts[0][0] == "module":
        path.append(parts[1])
        parts = parts[2:]
    if len(parts) != 2:
        return None
    return tuple(path), parts[0][0], parts[1][0], parts[1][1]


def module_path(address: str | None) -> ModulePath:
    """``module.a["x"].module.b`` → ``(("a", "x"), ("b", None))``."""
    parts = [(found["name"], key_of(found)) for found in _PART.finditer(address or "")]
    return tuple(parts[1::2])


def key_of(found: re.Match[str]) -> Key:
    if found["number"] is not None:
        return int(found["number"])
    return None if found["text"] is None else re.sub(r"\\(.)", r"\1", found["text"])


def moves(module: Module, prefix: str) -> Iterator[tuple[str, str]]:
    """(from, to) of a module's ``moved`` blocks, as whole addresses below ``prefix``."""
    for block in module.moved:
        said = [block.body.attributes.get(name) for name in ("from", "to")]
        names = [None if one is None else written(one.expression) for one in said]
        if names[0] and names[1]:
            yield f"{prefix}{names[0]}", f"{prefix}{names[1]}"


def written(expression: Expression) -> str | None:
    """A reference as an address."""
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Member) and isinstance(expression.key, Literal):
        base, key = written(expression.base), expression.key.value
        if base is None:
            return None
        return f"{base}{suffix(key)}" if expression.indexed else f"{base}.{key}"
    return None


def candidates(address: str, known: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The addresses that one may have now, the nearest first."""
    pairs = list(known)
    seen = {address}
    waiting = [address]
    other = address.removesuffix("[0]") if address.endswith("[0]") else f"{address}[0]"
    if not address.endswith('"]'):  # Terraform moves what loses or gets a count by itself
        seen.add(other)
        waiting.append(other)
        yield other
    while waiting and len(seen) < _MOST:
        one = waiting.pop(0)
        for before, after in pairs:
            if one == before or one.startswith((f"{before}.", f"{before}[")):
                new = after + one[len(before) :]
                if new not in seen:
                    seen.add(new)
                    waiting.append(new)
                    yield new
