"""What Terraform's configuration files say of ``lifecycle.ignore_changes``, folder by folder, and which
modules they call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.listing import leads_out

#: An attribute as steps: ``rule[0].x`` is ``("rule", 0, "x")``.
Steps = tuple[str | int, ...]

_WORTH_PARSING = re.compile(r"\bignore_changes\b|\bmodule\b")
_FILE = re.compile(r"(?P<stem>[^.].*)\.(?:tf|tofu)(?P<json>(?:\.json)?)")
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
    for file in sorted(files(folder), key=lambda one: (_overrides(one), one.name)):
        result.files += 1
        display = name(file)
        try:
            text = reading.text(file, display)
        except DeclaredError as error:
            result.unread.append(Unread(display, str(error).removeprefix(f"{display}: "), display))
            continue
        if not _WORTH_PARSING.search(text):
            continue
        try:
            (_json if file.name.endswith(".json") else _native)(text, display, result)
        except _Broken as error:
            where = f"{display}:{error.line}" if error.line else display
            result.unread.append(Unread(where, str(error), display, error.line))
    return result


def files(folder: Path) -> Iterator[Path]:
    """The configuration files of a folder, not of those below it. OpenTofu's own stand for Terraform's of the
    same name."""
    if folder.is_dir():
        found = {file.name: match for file in folder.iterdir() if (match := _FILE.fullmatch(file.name))}
        for name, match in found.items():
            own = f"{match['stem']}.tofu{match['json']}"
            file = folder / name
            if (name == own or own not in found) and file.is_file() and not leads_out(file):
                yield file


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


class _Broken(Exception):
    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line


def _overrides(file: Path) -> bool:
    match = _FILE.fullmatch(file.name)
    stem = match["stem"] if match else ""
    return stem == "override" or stem.endswith("_override")


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


# HCL


def _native(text: str, display: str, result: Folder) -> None:
    import hcl2

    try:
        tree = hcl2.parses_to_tree(text)
    except Exception as error:  # noqa: BLE001 - whatever the parser stumbles over is told with the file
        line = getattr(error, "line", None)
        line = line if isinstance(line, int) and line > 0 else None
        why = (str(error).splitlines() or [type(error).__name__])[0].split(" at line ")[0]
        raise _Broken(f"can't be parsed as HCL: {why}", line) from error
    source = text + "\n"
    for block in _blocks(tree.children[0]):
        kind, labels, body = _parts(block, source)
        if kind == "resource" and len(labels) == 2:
            for inner in _blocks(body):
                if _parts(inner, source)[0] != "lifecycle":
                    continue
                for attribute in _attributes(_parts(inner, source)[2]):
                    if _slice(attribute.children[0], source) == "ignore_changes":
                        items = _items(attribute.children[-1], source)
                        result.ignores[".".join(labels)] = _said(items, display, attribute.meta.line)
        elif kind == "module" and len(labels) == 1:
            said = None
            for attribute in _attributes(body):
                if _slice(attribute.children[0], source) == "source":
                    value = _slice(attribute.children[-1], source)
                    said = _unquoted(value) if value.startswith('"') and "${" not in value else None
            _module(result, labels[0], Module(said, display, block.meta.line))


def _parts(block: Any, source: str) -> tuple[str, list[str], Any]:
    names = [child for child in block.children if getattr(child, "data", None) in ("identifier", "string")]
    body = next((child for child in block.children if getattr(child, "data", None) == "body"), None)
    kind, *labels = (_unquoted(_slice(name, source)) for name in names)
    return kind, labels, body


def _blocks(body: Any) -> Iterator[Any]:
    return (child for child in _children(body) if getattr(child, "data", None) == "block")


def _attributes(body: Any) -> Iterator[Any]:
    return (child for child in _children(body) if getattr(child, "data", None) == "attribute")


def _children(tree: Any) -> list[Any]:
    return [] if tree is None else list(tree.children)


def _slice(tree: Any, source: str) -> str:
    return source[tree.meta.start_pos : tree.meta.end_pos].strip()


def _items(expression: Any, source: str) -> list[str] | str:
    """The members of a list as they are written; the text of anything else."""
    inner = [child for child in expression.children if getattr(child, "data", None) is not None]
    if len(inner) == 1 and inner[0].data == "tuple":
        return [
            _slice(child, source)
            for child in inner[0].children
            if getattr(child, "data", None) not in (None, "new_line_or_comment")
        ]
    return _slice(expression, source)


# JSON


def _json(text: str, display: str, result: Folder) -> None:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise _Broken(f"can't be parsed as JSON: {error.msg}", error.lineno) from error
    for top in _objects(content):
        for types in _objects(top.get("resource")):
            for type_, names in types.items():
                for named in _objects(names):
                    for name, bodies in named.items():
                        for body in _objects(bodies):
                            for lifecycle in _objects(body.get("lifecycle")):
                                said = lifecycle.get("ignore_changes")
                                if isinstance(said, (str, list)):
                                    line = _line(text, type_, name, "ignore_changes")
                                    items = said if isinstance(said, str) else [str(one) for one in said]
                                    result.ignores[f"{type_}.{name}"] = _said(items, display, line)
        for modules in _objects(top.get("module")):
            for name, bodies in modules.items():
                for body in _objects(bodies):
                    source = body.get("source")
                    line = _line(text, "module", name)
                    _module(result, name, Module(source if isinstance(source, str) else None, display, line))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """JSON configuration says one block as an object or as a list of them."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def _line(text: str, *names: str) -> int | None:
    """The line on which the last of several nested keys stands."""
    place = 0
    for name in names:
        place = text.find(json.dumps(name), place)
        if place < 0:
            return None
    return text.count("\n", 0, place) + 1
