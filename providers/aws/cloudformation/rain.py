"""Puts in what Rain's directives mean, as far as files tell it: constants, texts, parts, modules.

What Rain takes from its surroundings when it packages a template, uploads or fetches is named, and not known:
nothing is run, uploaded or fetched here. Source of the directives:
https://github.com/aws-cloudformation/rain#packaging and https://github.com/aws-cloudformation/rain#modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.lined import Map, Seq
from drift.model import Unresolved
from providers.aws.cloudformation import rain_functions, template
from providers.aws.cloudformation.rain_modules import MODULE, Modules
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import Template

PREFIX = "Fn::Rain::"
#: As JSON has it.
_MODULES = ("Rain::Module", "!Rain::Module")
_NAMED = re.compile(r"\$\{(?:Rain|Const)::([A-Za-z0-9]+)\}")
_CONSTANT = "Const::"
#: Constants may hold constants, included parts may include.
_DEEPEST = 10


def read(path: Path, file: str, root: Path | None) -> Template:
    """Reads a template that lies in the repository ``root``, with what Rain puts into it.

    Raises:
        DeclaredError: as :func:`template.read`.
    """
    return packaged(replace(template.read(path, file), root=root))


def unmade(said: Any) -> str | None:
    """Why it is not known what Rain makes in place of a resource; None of all others."""
    return said.reason if isinstance(said, Unresolved) else None


def packaged(of: Template) -> Template:
    """The template with what Rain puts in; the same one where that is nothing."""
    sections = {"conditions": of.conditions, "resources": of.resources}
    sections |= {"outputs": of.outputs, "mappings": of.mappings}
    if not of.modules and not any(_mentions(one) for one in (*sections.values(), of.constants)):
        return of
    packer = _Packer(of, of.constants, of.path.parent)
    packed = {name: packer.packed(one, 0) for name, one in sections.items()}
    functions = any(_mentions(one, rain_functions.NAMES) for one in packed.values())
    if not of.modules and not functions and not _mentions(packed["resources"], (MODULE,)):
        return replace(of, **packed)
    modules = Modules(of.beside, lambda document, folder: _module(of, document, folder), of.path.parent)
    section = {**packer.packed(of.modules, 0), **modules.typed(packed["resources"])}
    made = modules.of(section, of.packages, of.path.parent, of.parameters, {})
    packed["resources"] = Map(_without(packed["resources"], section))
    more = {"resources": made.resources, "conditions": made.conditions}
    for name, one in packed.items():
        packed[name] = Map(
            _lined(modules.called(more.get(name, {}), made), modules.called(one, made), one, of)
        )
    transforms = tuple(dict.fromkeys((*of.transforms, *made.transforms)))
    return replace(of, **packed, transforms=transforms, parts=modules.files)


def _without(section: Map, names: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """What a section says besides the modules in it."""
    for name, one in section.items():
        if name not in names:
            yield name, one, section.lines.get(name, 0)


def _lined(
    made: Mapping[str, Any], own: Mapping[str, Any], written: Map, of: Template
) -> Iterator[tuple[str, Any, int]]:
    """The members of a section with their lines: its own, and those that modules make, which stand where
    the module is named."""
    for name, one in own.items():
        line = written.lines.get(name, 0)
        yield name, template.relined(one, written.get(name), line), line
    places = {**of.resources.lines, **{_called(one): line for one, line in of.modules.lines.items()}}
    for name, one in made.items():
        module = max((place for place in places if name.startswith(place)), key=len, default="")
        line = places.get(module, 1)
        yield name, template.relined(one, None, line), line


def _called(name: str) -> str:
    """A module, or the loop that makes several, as the resources that it makes begin."""
    return name.removeprefix("Fn::ForEach::")


def _module(of: Template, document: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """The file of a module, with its own constants and the parts that are read from ``folder``."""
    said = document.get("Rain")
    own = [document.get("Constants"), said.get("Constants") if isinstance(said, Mapping) else None]
    constants = {**of.constants}
    for one in own:
        constants.update(one if isinstance(one, Mapping) else {})
    packed = _Packer(of, constants, folder).packed(document, 0)
    return packed if isinstance(packed, Mapping) else {}


def _mentions(node: Any, names: tuple[str, ...] = ()) -> bool:
    """Whether a part has a directive or a function of Rain's, or calls one of ``names``."""
    if isinstance(node, Mapping):
        wanted = names or rain_functions.NAMES
        for key, one in node.items():
            if key in wanted or (not names and _directive(key, one)) or _mentions(one, names):
                return True
        return False
    if isinstance(node, list):
        return any(_mentions(one, names) for one in node)
    return not names and isinstance(node, str) and _NAMED.search(node) is not None


def _directive(key: str, value: Any) -> bool:
    if key == "Type":
        return isinstance(value, str) and value.startswith("$")
    if key == "Ref":
        return isinstance(value, str) and value.startswith(_CONSTANT)
    return key.startswith(PREFIX) or key in _MODULES


class _Packer:
    """Directives and constants of one file: its parts lie in ``folder``."""

    def __init__(self, of: Template, constants: Mapping[str, Any], folder: Path) -> None:
        self.of, self.constants, self.folder = of, constants, folder

    def packed(self, node: Any, depth: int) -> Any:
        """A part of the template, packaged."""
        if isinstance(node, Map):
            name = next(iter(node), "")
            if len(node) == 1 and name in (*_MODULES, MODULE):
                return Map([(MODULE, node[name], node.lines[name])])
            if len(node) == 1 and name.startswith(PREFIX):
                return self._directive(name.removeprefix(PREFIX), node[name], node.lines[name], depth)
            if len(node) == 1 and name == "Ref" and str(node[name]).startswith(_CONSTANT):
                constant = str(node[name]).removeprefix(_CONSTANT)
                return self._directive("Constant", constant, node.lines[name], depth)
            return Map(
                (key, self._member(key, one, depth), node.lines.get(key, 0)) for key, one in node.items()
            )
        if isinstance(node, Seq):
            return Seq((self.packed(one, depth), line) for one, line in zip(node, node.lines, strict=True))
        return self._text(node, depth) if isinstance(node, str) else node

    def _member(self, key: str, value: Any, depth: int) -> Any:
        """A member; a type that begins with the alias of a package is a module."""
        if key == "Type" and isinstance(value, str) and value.startswith("$"):
            return Map([(MODULE, value, 0)])
        return self.packed(value, depth)

    def _directive(self, name: str, said: Any, line: int, depth: int) -> Any:
        if depth > _DEEPEST:
            return Unresolved(f"Rain::{name} is nested too deeply, or in a circle")
        if name == "Constant":
            if said not in self.constants:
                return Unresolved(f"the template has no constant {said} of Rain")
            return self.packed(template.relined(self.constants[said], None, line), depth + 1)
        if name in ("Embed", "Include"):
            try:
                path, content = self._file(str(said))
                if name == "Embed":
                    return content.decode().strip()
                within = _Packer(self.of, self.constants, path.parent)
                return within.packed(template.relined(parse(content, str(said)), None, line), depth + 1)
            except (DeclaredError, OSError, ValueError) as error:
                return Unresolved(f"Rain::{name} of {said}: {error}")
        if name == "Env":
            return Unresolved(f"Rain takes it from the environment variable {said} when it packages")
        what = said.get("Path") if isinstance(said, Mapping) else said
        return Unresolved(f"Rain::{name}: {what} is uploaded when the template is packaged")

    def _file(self, name: str) -> tuple[Path, bytes]:
        path = self.of.beside(name.removeprefix("file://"), self.folder)
        if not path.is_file():
            raise DeclaredError(f"the file does not lie beside {self.of.path.name}")
        return path, reading.content(path, name)

    def _text(self, text: str, depth: int) -> str:
        """A text with the constants that it names."""

        def one(found: re.Match[str]) -> str:
            value = self.constants.get(found[1])
            known = isinstance(value, str) and depth <= _DEEPEST
            return self._text(str(value), depth + 1) if known else found[0]

        return _NAMED.sub(one, text)
