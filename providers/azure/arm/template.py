"""What an ARM template says by section, and what its parameters stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.lined import Map
from drift.model import Unresolved
from providers.azure.arm.expressions import Call, Literal, Malformed, Member, Node, is_expression, parse
from providers.azure.arm.place import Level
from providers.azure.arm.syntax import parse as parse_json

_OWN = frozenset({"azureresourcemanager", "az"})
_LEVELS: dict[str, Level] = {
    "deploymenttemplate": "resourceGroup",
    "subscriptiondeploymenttemplate": "subscription",
    "managementgroupdeploymenttemplate": "managementGroup",
    "tenantdeploymenttemplate": "tenant",
}


@dataclass(frozen=True)
class Template:
    """One parsed template. ``path`` is where it lies, ``file`` how people call it; the sections are as
    written."""

    path: Path
    file: str
    level: Level = "resourceGroup"
    parameters: Map = field(default_factory=Map)
    variables: Map = field(default_factory=Map)
    outputs: Map = field(default_factory=Map)
    users: Mapping[str, Any] = field(default_factory=dict)
    definitions: Mapping[str, Any] = field(default_factory=dict)
    #: Alias → name of the extensions that resources belong to.
    extensions: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[tuple[str | None, Map, int], ...] = ()

    def foreign(self, words: Mapping[str, Any]) -> str | None:
        """The extension that a resource belongs to where it is not Azure's own."""
        alias = words.get("extension", words.get("import"))
        if not isinstance(alias, str):
            return None
        name = self.extensions.get(alias, alias)
        return None if name.lower() in _OWN else name


def read(path: Path, file: str) -> Template:
    """Reads a template. Raises DeclaredError naming file, line and, of a bad expression, the expression."""
    return of(parse_json(reading.content(path, file), file), path, file)


def of(document: Any, path: Path, file: str, own: bool = True) -> Template:
    """The template that a parsed document is; ``own``: it sees its own parameters. Raises DeclaredError."""
    if not isinstance(document, Map):
        raise DeclaredError(f"{file}:1: is no ARM template: expected an object with resources at the top")
    found = {key.lower(): (key, value) for key, value in document.items()}
    sections: dict[str, Any] = {}
    for name in ("parameters", "variables", "outputs"):
        key, section = found.get(name, (name, None))
        if section is None:
            continue
        if not isinstance(section, Map):
            raise DeclaredError(f"{file}:{document.lines[key]}: {name} must be an object")
        sections[name] = section
    key, said = found.get("resources", ("", None))
    if said is None:
        raise DeclaredError(f"{file}: is no ARM template: the section resources is missing")
    schema = re.search(r"/(\w+)\.json", str(document.get("$schema")))
    level = _LEVELS.get(schema[1].lower(), "resourceGroup") if schema else "resourceGroup"
    template = Template(
        path=path,
        file=file,
        level=level,
        users=_users(found.get("functions", ("", None))[1]),
        definitions=_mapping(found.get("definitions", ("", None))[1]),
        extensions=_extensions(found.get("extensions", found.get("imports", ("", None)))[1]),
        resources=tuple(members(said, file, document.lines[key])),
        **sections,
    )
    _check(template, document, own)
    return template


def members(said: Any, file: str, line: int) -> Iterator[tuple[str | None, Map, int]]:
    """(symbolic name, words, line) of each of a section's resources. Raises DeclaredError."""
    if isinstance(said, Map):
        rows: list[tuple[str | None, Any, int]] = [
            (name, words, said.lines[name]) for name, words in said.items()
        ]
    elif isinstance(said, list):
        rows = [(None, words, at) for words, at in zip(said, getattr(said, "lines", ()), strict=False)]
    else:
        raise DeclaredError(f"{file}:{line}: resources must be an array or an object")
    for name, words, at in rows:
        if isinstance(words, Map) and "name" not in words and ("extension" in words or "import" in words):
            words = Map(
                [*((key, one, words.lines[key]) for key, one in words.items()), ("name", name or "", at)]
            )
        if not isinstance(words, Map) or not isinstance(words.get("type"), str) or "name" not in words:
            raise DeclaredError(f"{file}:{at}: a resource needs a type and a name")
        yield name, words, at


def _mapping(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, Mapping) else {}


def _extensions(said: Any) -> dict[str, str]:
    return {
        alias: str(words.get("name", words.get("provider", alias)))
        for alias, words in _mapping(said).items()
        if isinstance(words, Mapping)
    }


def _users(said: Any) -> dict[str, Any]:
    return {
        f"{space.get('namespace')}.{name}".lower(): words
        for space in (said if isinstance(said, list) else [])
        if isinstance(space, Mapping) and isinstance(space.get("members"), Mapping)
        for name, words in space["members"].items()
        if isinstance(words, Mapping)
    }


def _check(template: Template, document: Map, own: bool) -> None:
    """Raises DeclaredError for the first malformed expression or unknown parameter or variable."""
    names = {"parameters": {name.lower() for name in template.parameters}}
    names["variables"] = {name.lower() for name in template.variables}
    copies = template.variables.get("copy")
    for one in copies if isinstance(copies, list) else []:
        if isinstance(one, Mapping):
            names["variables"].add(str(one.get("name")).lower())
    rest: list[tuple[Any, int, bool]] = [(document, 1, own)]
    while rest:
        value, line, ours = rest.pop()
        if isinstance(value, str) and is_expression(value):
            try:
                tree = parse(value)
            except Malformed as error:
                raise DeclaredError(
                    f"{template.file}:{line}: the expression {value[:200]}: {error}"
                ) from error
            missing = _missing(tree, names) if ours else None
            if missing:
                raise DeclaredError(
                    f"{template.file}:{line}: the expression {value[:200]}: there is no {missing}"
                )
        elif isinstance(value, Map):
            for key, item in value.items():
                foreign = key.lower() in ("template", "functions")
                if key.lower() not in ("metadata", "comments", "$schema"):
                    rest.append((item, value.lines.get(key, line), ours and not foreign))
        elif isinstance(value, list):
            lines = getattr(value, "lines", [])
            rest.extend((item, lines[at] if at < len(lines) else line, ours) for at, item in enumerate(value))


def _missing(tree: Node, names: Mapping[str, set[str]]) -> str | None:
    rest = [tree]
    while rest:
        node = rest.pop()
        if isinstance(node, Member):
            rest += [node.of, node.key]
        elif isinstance(node, Call):
            rest += node.arguments
            kind = node.name.lower()
            first = node.arguments[0] if node.arguments else None
            if (
                kind in names
                and isinstance(first, Literal)
                and isinstance(first.value, str)
                and first.value.lower() not in names[kind]
            ):
                return f"{kind[:-1]} {first.value!r}"
    return None


def given(option: Any, where: str, folder: Path) -> dict[str, Any]:
    """The user's ``parameters``: a mapping, ARM's form of it, or the path of a file. Raises DeclaredError."""
    if option is None:
        return {}
    if isinstance(option, (str, Path)):
        file = next((one for one in (folder / option, Path(option)) if one.is_file()), None)
        if file is None:
            raise DeclaredError(f"{where}: the parameter file {option} does not exist")
        if file.suffix.lower() == ".bicepparam":
            raise DeclaredError(
                f"{where}: {option} is Bicep; give the JSON that `bicep build-params` writes of it as "
                "parameters"
            )
        return given(parse_json(reading.content(file, str(option)), str(option)), str(option), folder)
    if not isinstance(option, Mapping):
        raise DeclaredError(f"{where}: parameters must be an object of names to values, or a parameter file")
    if "$schema" in option or ("contentVersion" in option and isinstance(option.get("parameters"), Mapping)):
        option = option.get("parameters") or {}
        return {str(name): _given(name, value) for name, value in option.items()}
    return {
        str(name): _given(name, value) if isinstance(value, Mapping) and set(value) == {"value"} else value
        for name, value in option.items()
    }


def _given(name: str, value: Any) -> Any:
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    if isinstance(value, Mapping) and "reference" in value:
        return Unresolved(f"the parameter {name} is a Key Vault secret, which is not read")
    return Unresolved(f"the parameter file gives no value to {name}")
