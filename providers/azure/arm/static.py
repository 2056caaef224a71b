"""What templates tell before they are evaluated: their types, versions and the files that they link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.source import Location
from providers.azure.arm import template
from providers.azure.arm.identify import DEPLOYMENTS
from providers.azure.arm.template import Template

_FILE = re.compile(r"'([^']+\.json)'")
_SPACE = re.compile(r"\b(Microsoft\.\w[\w.]*)/")
_NAMED = re.compile(r"\[(parameters|variables)\('([^']+)'\)\]")


def known_beforehand(templates: Iterable[Template], location: Location) -> list[Template]:
    """The templates and those that they link, at any depth, inside the location's repository or folder."""
    found = list(templates)
    seen = {one.path.resolve() for one in found}
    top = location.root or (location.path if location.path.is_dir() else location.path.parent)
    for one in found:  # grows while it is gone through
        for path in linked(one):
            if path in seen or not path.is_relative_to(top.resolve()) or not path.is_file():
                continue
            seen.add(path)
            try:
                found.append(template.read(path, path.name))
            except DeclaredError:
                continue  # the translation says so where the link stands
    return found


def linked(one: Template) -> Iterator[Path]:
    """The files beside a template that it links, as far as the links are written out."""
    for _, words, _ in one.resources:
        said = words.get("properties")
        link = said.get("templateLink") if isinstance(said, Mapping) else None
        uri = link.get("relativePath", link.get("uri")) if isinstance(link, Mapping) else None
        if isinstance(uri, str):
            # An expression names the file itself, or by a variable.
            said = (uri, *one.variables.values()) if uri.startswith("[") else ()
            named = [name for words in said for name in _files_of(words)] or [uri.removeprefix("file://")]
            local = (name.lstrip("/") for name in named if "://" not in name and "\0" not in name)
            yield from ((one.path.parent / name).resolve() for name in local)


def _files_of(words: Any) -> list[str]:
    """The JSON files that an expression, or a text that is a path, names."""
    if not isinstance(words, str):
        return []
    return _FILE.findall(words) if words.startswith("[") else [words] * words.endswith(".json")


def static_versions(one: Template, found: dict[str, str]) -> None:
    """Adds each type that a template declares, and its newest apiVersion ("" where that is computed), to
    ``found``."""
    rest: list[tuple[Mapping[str, Any], str]] = [(words, "") for _, words, _ in one.resources]
    while rest:
        words, above = rest.pop()
        type_ = words["type"]
        full = type_ if not above or "." in type_.split("/")[0] else f"{above}/{type_}"
        version = _version(one, words.get("apiVersion"))
        nested = full.lower() == DEPLOYMENTS
        known = None if nested or words.get("existing") is True or one.foreign(words) else _type(full, words)
        if known is not None:
            found[known] = max(found.get(known, ""), version)
        inner: Any = words.get("resources")
        if nested:
            said = words.get("properties")
            body = said.get("template") if isinstance(said, Mapping) else None
            inner, full = (body.get("resources") if isinstance(body, Mapping) else None), ""
        children = inner.values() if isinstance(inner, Mapping) else inner if isinstance(inner, list) else ()
        rest += [(c, full) for c in children if isinstance(c, Mapping) and isinstance(c.get("type"), str)]


def _type(full: str, words: Mapping[str, Any]) -> str | None:
    """The type; that of an extension (``A/b/providers/c``) has its namespace in the name."""
    if "[" in full:
        return None
    _, mark, kind = full.partition("/providers/")
    if not mark:
        return full
    spaces = _SPACE.findall(str(words.get("name")))
    return f"{spaces[-1]}/{kind}" if spaces else None


def _version(one: Template, said: Any) -> str:
    """An apiVersion that is written out, at once or as a variable or a parameter's default."""
    named = _NAMED.fullmatch(said) if isinstance(said, str) else None
    if named:
        section = one.variables if named[1] == "variables" else one.parameters
        said = next((value for name, value in section.items() if name.lower() == named[2].lower()), None)
        said = said.get("defaultValue") if named[1] == "parameters" and isinstance(said, Mapping) else said
    return said if isinstance(said, str) and "[" not in said else ""
