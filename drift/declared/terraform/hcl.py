"""What Terraform's configuration files say of ``lifecycle.ignore_changes``, folder by folder, and which
modules they call."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from drift.declared.terraform.configuration.expressions import Expression
from drift.declared.terraform.configuration.model import Block, Fault
from drift.declared.terraform.configuration.module import bodies

#: An attribute as steps: ``rule[0].x`` is ``("rule", 0, "x")``.
Steps = tuple[str | int, ...]

_STEP = re.compile(
    r"""\s*(?:(?P<first>[^\W\d][\w-]*)|\.\s*(?P<name>[^\W\d][\w-]*)|\.\s*(?P<legacy>\d+)
    |\[\s*(?P<index>\d+)\s*\]|\[\s*"(?P<key>(?:[^"\\]|\\.)*)"\s*\])\s*""",
    re.X,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One ``ignore_changes``: ``paths`` None is ``all``. ``strange`` are members that are no attribute."""

    file: str
    line: int | None
    text: str
    paths: tuple[Steps, ...] | None
    strange: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    """One ``module`` block; ``source`` None where it is no plain text."""

    source: str | None
    file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Unread:
    """Configuration whose rules are not applied, and why."""

    what: str
    reason: str
    file: str | None = None
    line: int | None = None


@dataclass(slots=True)
class Folder:
    """One Terraform module as its files say it: ``TYPE.NAME`` → what is ignored, module name → its block."""

    files: int = 0
    ignores: dict[str, Said] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)


def read(folder: Path, name: Callable[[Path], str]) -> Folder:
    """All configuration files of a folder; override files are laid over the others, last. Never raises."""
    result = Folder()
    for _, body in bodies(folder, name):
        result.files += 1
        if isinstance(body, Fault):
            place = body.place
            line = place.line if place and body.what != place.file else None
            result.unread.append(Unread(body.what, body.reason, place and place.file, line))
            continue
        for block in body.blocks:
            if block.type == "resource" and len(block.labels) == 2:
                _lifecycle(block, result)
            elif block.type == "module" and len(block.labels) == 1:
                source = block.body.attributes.get("source")
                said = getattr(source.expression, "value", None) if source else None
                said = said if isinstance(said, str) else None
                _module(result, block.labels[0], Module(said, block.place.file, block.place.line))
    return result


def _lifecycle(block: Block, result: Folder) -> None:
    for inner in block.body.blocks:
        written = inner.body.attributes.get("ignore_changes") if inner.type == "lifecycle" else None
        if written is not None:
            items = list(written.items) if written.items is not None else _word(written.expression)
            name = ".".join(block.labels)
            result.ignores[name] = _said(items, written.place.file, written.place.line)


def _word(expression: Expression) -> str:
    """``all``, as a word or as a text."""
    return str(getattr(expression, "name", None) or getattr(expression, "value", ""))


def steps(text: str) -> Steps | None:
    """An attribute as ``ignore_changes`` names it (``tags["Name"]``, ``rule[0].x``); None where it is
    none."""
    found: list[str | int] = []
    place = 0
    while place < len(text):
        match = _STEP.match(text, place)
        if match is None or (match["first"] is not None) != (not found):
            return None
        key = match["key"]
        number = match["legacy"] or match["index"]
        if number is not None:
            found.append(int(number))
        elif key is not None:
            found.append(re.sub(r"\\(.)", r"\1", key))
        else:
            found.append(match["first"] or match["name"])
        place = match.end()
    return tuple(found) or None


def _said(items: list[str] | str, file: str, line: int | None) -> Said:
    """``items``: the members as written, quoted or not, or the one word."""
    if isinstance(items, str):
        items = [items]
        whole = items[0].strip().strip('"') == "all"
    else:
        whole = [item.strip().strip('"') for item in items] in (["*"], ["all"])
    if whole:
        return Said(file, line, "all", None)
    bare = [_unquoted(item) for item in items]
    parsed = [(text, steps(text)) for text in bare]
    paths = tuple(path for _, path in parsed if path is not None)
    strange = tuple(text for text, path in parsed if path is None)
    return Said(file, line, f"[{', '.join(bare)}]", paths, strange)


def _unquoted(text: str) -> str:
    text = text.strip()
    if text.startswith('"') and text.endswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _module(result: Folder, name: str, module: Module) -> None:
    known = result.modules.get(name)
    if known is not None and module.source is None:  # an override that speaks of other arguments
        module = replace(module, source=known.source)
    result.modules[name] = module
