"""What a template says by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.lined import Map, Seq
from providers.aws.cloudformation.syntax import parse

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
#: Transforms that leave plain resources as the template says them.
_KNOWN_TRANSFORMS = (
    LANGUAGE_EXTENSIONS,
    "AWS::Serverless-",
    "AWS::SecretsManager-",
    "AWS::CodeDeployBlueGreen",
    "AWS::Include",
)


#: The sections whose members have names.
SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")


@dataclass(frozen=True)
class Template:
    """One parsed template. ``path`` is where it lies, ``file`` how people call it; the sections are as
    written. ``by`` says what tells its sections where that is not the text of ``path``; ``included`` are the
    calls of ``AWS::Include`` at its top; ``constants``, ``modules`` and ``packages`` are Rain's. ``root`` is
    the top folder of the Git repository that ``path`` is in, None where it is in none; ``parts`` are the
    files that were put into it."""

    path: Path
    file: str
    parameters: Map = field(default_factory=Map)
    mappings: Map = field(default_factory=Map)
    conditions: Map = field(default_factory=Map)
    resources: Map = field(default_factory=Map)
    outputs: Map = field(default_factory=Map)
    globals: Map = field(default_factory=Map)
    transforms: tuple[str, ...] = ()
    by: str = ""
    included: tuple[Any, ...] = ()
    constants: Map = field(default_factory=Map)
    modules: Map = field(default_factory=Map)
    packages: Map = field(default_factory=Map)
    root: Path | None = None
    parts: frozenset[Path] = frozenset()

    def beside(self, name: str, folder: Path | None = None) -> Path:
        """The file that the template names by a path relative to its own, or to another folder.

        Raises:
            DeclaredError: when that is no path, or leads out of the repository: whoever may write to one
                would else have files read that are not his.
        """
        try:
            path = (folder or self.path.parent) / name
            inside = self.root is None or path.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError, ValueError) as error:
            raise DeclaredError(f"{self.file}: {name!r} is no path of a file") from error
        if not inside:
            raise DeclaredError(f"{self.file}: {name} leads out of the repository")
        return path

    @property
    def sections(self) -> dict[str, Map]:
        """The sections as they are written, by their names."""
        return {
            "Parameters": self.parameters,
            "Mappings": self.mappings,
            "Conditions": self.conditions,
            "Resources": self.resources,
            "Outputs": self.outputs,
            "Globals": self.globals,
        }

    @property
    def macros(self) -> tuple[str, ...]:
        """Transforms of the whole template that may rewrite any of it, so that what it says is not what is
        deployed."""
        return tuple(name for name in self.transforms if not name.startswith(_KNOWN_TRANSFORMS))

    @property
    def serverless(self) -> bool:
        return any(name.startswith("AWS::Serverless-") for name in self.transforms)

    def typed(self) -> Iterator[tuple[str, str]]:
        """(logical id, type) of every resource, the ones inside loops by their unexpanded name."""
        yield from _typed(self.resources)


def _typed(resources: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, said in resources.items():
        if name.startswith("Fn::ForEach::"):
            if isinstance(said, list) and len(said) == 3 and isinstance(said[2], Mapping):
                yield from _typed(said[2])
        elif isinstance(said, Mapping) and isinstance(said.get("Type"), str):
            yield name, said["Type"]


def read(path: Path, file: str, *, empty: bool = False) -> Template:
    """Reads and parses a template; ``empty``: one without resources is one, too.

    Raises:
        DeclaredError: naming file and line, when it can't be read, parsed, or has no resources.
    """
    document = parse(reading.content(path, file), file)
    if empty and isinstance(document, Map) and "Resources" not in document:
        members = [(key, one, document.lines[key]) for key, one in document.items()]
        document = Map([*members, ("Resources", Map(), 1)])
    return of(document, path, file)


def of(document: Any, path: Path, file: str, by: str = "") -> Template:
    """The template that a parsed document is. Raises DeclaredError as :func:`read`."""
    if not isinstance(document, Map):
        raise DeclaredError(
            f"{file}:1: is no CloudFormation template: expected a mapping with Resources at the top"
        )
    sections: dict[str, Map] = {}
    for name in SECTIONS:
        section = document.get(name)
        if section is None:
            continue
        if not isinstance(section, Map):
            raise DeclaredError(f"{file}:{document.lines[name]}: {name} must be a mapping of names")
        sections[name.lower()] = section
    rain = _rain(document)
    if "resources" not in sections and rain["modules"]:
        sections["resources"] = Map()
    if "resources" not in sections:
        raise DeclaredError(f"{file}: is no CloudFormation template: the section Resources is missing")
    shared = document.get("Globals")  # of the Serverless Application Model
    if isinstance(shared, Map):
        sections["globals"] = shared
    transforms = tuple(_transforms(document.get("Transform")))
    said = document.get("Transform")
    tops = [
        one.get("Fn::Transform", one)
        for one in (said if isinstance(said, Seq) else [said, document])
        if isinstance(one, Map)
    ]
    included = tuple(one for one in tops if isinstance(one, Map) and one.get("Name") == "AWS::Include")
    return Template(
        path=path,
        file=file,
        transforms=transforms,
        by=by,
        included=included,
        **sections,
        **rain,
        root=None,
        parts=frozenset(),
    )


def _rain(document: Map) -> dict[str, Map]:
    """What Rain takes out of a template when it packages it. Source:
    https://github.com/aws-cloudformation/rain#modules"""
    said = document.get("Rain")
    found = {}
    for name in ("Constants", "Modules", "Packages"):
        parts = [one.get(name) for one in (said, document) if isinstance(one, Map)]
        members = [
            (key, part[key], part.lines[key]) for part in parts if isinstance(part, Map) for key in part
        ]
        found[name.lower()] = Map(members)
    return found


def relined(value: Any, like: Any, line: int) -> Any:
    """Plain JSON with the lines of a value that says the same, as far as it does; below what is said in
    another form, and where ``like`` is None, ``line``; 0, which is none, for what it does not say."""
    if isinstance(value, Mapping):
        lines: Mapping[str, int] = like.lines if isinstance(like, Map) else dict.fromkeys(value, line)
        known: Mapping[str, Any] = like if isinstance(like, Map) else {}
        return Map(
            (str(key), relined(one, known.get(key), lines.get(key, 0)), lines.get(key, 0))
            for key, one in value.items()
        )
    if isinstance(value, list):
        alike = (
            like if isinstance(like, Seq) and len(like) == len(value) else Seq((None, line) for _ in value)
        )
        return Seq(
            (relined(one, there, at), at) for one, there, at in zip(value, alike, alike.lines, strict=True)
        )
    return value


def _transforms(said: Any) -> Iterator[str]:
    for one in said if isinstance(said, Seq) else [said]:
        if isinstance(one, str):
            yield one
        elif isinstance(one, Map):
            inner = one.get("Fn::Transform", one)
            name = inner.get("Name") if isinstance(inner, Map) else inner
            yield name if isinstance(name, str) else "a macro named by an expression"
