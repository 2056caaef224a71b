"""YAML documents with the line of every member, by JSON Pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from drift.errors import DeclaredError
from drift.pointer import escape

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEPTH = 100


class _Loader(_Base):  # type: ignore[misc]
    """Leaves dates as the texts they are, as Kubernetes does."""


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Base.construct_yaml_str)


def documents(text: str, display: str) -> Iterator[tuple[Any, dict[str, int]]]:
    """Each document and its lines. Raises DeclaredError with file and line where the text is no YAML."""
    try:
        loader = _Loader(text)
        try:
            while loader.check_node():
                node = loader.get_node()
                lines: dict[str, int] = {}
                _lines(node, "", lines, display, 0)
                yield loader.construct_document(node), lines
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{display}:{mark.line + 1}" if mark else display
        raise DeclaredError(f"{where}: no valid YAML: {getattr(error, 'problem', None) or error}") from error


def below(lines: Mapping[str, int], pointer: str) -> dict[str, int]:
    """The lines of what stands at a pointer, from there."""
    return {key[len(pointer) :]: line for key, line in lines.items() if f"{key}/".startswith(f"{pointer}/")}


def _lines(node: yaml.Node, pointer: str, found: dict[str, int], display: str, depth: int) -> None:
    found.setdefault(pointer, node.start_mark.line + 1)
    if depth > _DEPTH:
        raise DeclaredError(f"{display}:{node.start_mark.line + 1}: is nested too deeply to be an object")
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = escape(str(getattr(key, "value", "")))
            found[f"{pointer}/{name}"] = key.start_mark.line + 1
            _lines(value, f"{pointer}/{name}", found, display, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _lines(value, f"{pointer}/{index}", found, display, depth + 1)
