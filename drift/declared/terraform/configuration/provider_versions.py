"""Which major versions of a provider a configuration is applied with: by its lock file, else by what
``required_providers`` asks for.

Sources: https://developer.hashicorp.com/terraform/language/files/dependency-lock and
https://developer.hashicorp.com/terraform/language/expressions/version-constraints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift import reading
from drift.declared.terraform.configuration import syntax
from drift.declared.terraform.configuration.expressions import Literal, value_of
from drift.errors import DriftError
from drift.model import Unresolved

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.tree import Tree

LOCK = ".terraform.lock.hcl"
_ONE = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+)((?:\.\d+)*)")
#: From a version to before another one, without an end where that is None.
Majors = tuple[int, int | None]
ANY: Majors = (0, None)


def majors(tree: Tree, provider: str) -> Majors:
    """The lowest and the highest major version of a provider, by its local name; None: no highest one."""
    asked = [one for said, one in _required(tree) if said == provider]
    sources = [one["source"] for one in asked if isinstance(one, Mapping) and "source" in one]
    source = str(sources[0]) if sources else f"hashicorp/{provider}"
    locked = _locked(tree).get("/".join(source.split("/")[-2:]).lower())
    if locked is not None:
        return locked, locked
    low, high = ANY
    for one in asked:
        said = one.get("version") if isinstance(one, Mapping) else one
        for first, last in _bounds(said) if isinstance(said, str) else ():
            low = max(low, first)
            high = last if high is None else high if last is None else min(high, last)
    return low, high


def chosen(by: Mapping[int, Any], within: Majors, argument: str, provider: str) -> Any:
    """What is said from the first of some major versions on, where it is the same of all of them; else
    Unresolved."""
    low, high = within
    since = [major for major in sorted(by) if major <= low][-1:]
    later = [major for major in by if major > low and (high is None or major <= high)]
    values = [by[major] for major in (*since, *later)]
    if values and all(one == values[0] for one in values):
        return values[0]
    return Unresolved(
        f"what {argument} is where nobody sets it depends on the major version of the provider {provider}, "
        f"which neither {LOCK} nor required_providers tells"
    )


def _required(tree: Tree) -> Iterator[tuple[str, Any]]:
    for block in tree.root.module.settings:
        for inner in block.body.blocks:
            if inner.type == "required_providers":
                for name, said in inner.body.attributes.items():
                    yield name, value_of(said.expression, tree.root.scope())


def _locked(tree: Tree) -> dict[str, int]:
    """The major versions that the lock file holds, by namespace and name."""
    places = [tree.folders.root, *([tree.folders.beside[0]] if tree.folders.beside else [])]
    file = next((one / LOCK for one in places if (one / LOCK).is_file()), None)
    return {} if file is None else _read(file)


def _read(file: Path) -> dict[str, int]:
    try:
        body = syntax.parse(reading.text(file, file.name).encode(), file.name)
    except (syntax.Broken, DriftError, OSError):
        return {}  # one that nobody can read locks nothing
    found = {}
    for block in body.blocks:
        version = block.body.attributes.get("version")
        said = version.expression.value if version and isinstance(version.expression, Literal) else None
        number = re.match(r"\d+", said) if isinstance(said, str) else None
        if block.type == "provider" and len(block.labels) == 1 and number:
            found["/".join(block.labels[0].split("/")[-2:]).lower()] = int(number[0])
    return found


def _bounds(said: str) -> Iterator[Majors]:
    """What each part of a constraint leaves of major versions. ``!=`` leaves all of them."""
    for part in said.split(","):
        found = _ONE.fullmatch(part.rstrip())
        if found is None:
            continue
        operator, major = found[1] or "=", int(found[2])
        rest = [int(one) for one in found[3].split(".") if one]
        if operator == "=" or (operator == "~>" and rest):
            yield major, major
        elif operator in (">", ">=", "~>"):
            yield major, None
        elif operator == "<=" or (operator == "<" and any(rest)):
            yield 0, major
        elif operator == "<":
            yield 0, major - 1
