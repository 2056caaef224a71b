"""Puts in what Rain's directives mean, as far as files tell it: constants, texts and parts of templates.

What Rain takes from its surroundings when it packages a template, uploads or makes of modules is named, and
not known. Source of the directives: https://github.com/aws-cloudformation/rain#packaging.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.lined import Map, Seq
from drift.model import Unresolved
from providers.aws.cloudformation import template
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import Template

PREFIX = "Fn::Rain::"
MODULE = f"{PREFIX}Module"
#: Also as JSON has it.
_MODULES = (MODULE, "Rain::Module", "!Rain::Module")
_NAMED = re.compile(r"\$\{Rain::([A-Za-z0-9]+)\}")
#: Constants may hold constants, included parts may include.
_DEEPEST = 10


def module_of(said: Any) -> str | None:
    """The module that Rain makes resources of in place of one; None of all others."""
    type_ = said.get("Type") if isinstance(said, Mapping) else None
    named = (type_.get(word) for word in _MODULES) if isinstance(type_, Mapping) else ()
    return next((str(one) for one in named if one is not None), None)


def expanded(of: Template) -> Template | None:
    """The template with what Rain puts in; None where it has no directive."""
    sections = {"Resources": of.resources, "Outputs": of.outputs, "Mappings": of.mappings}
    if not any(_mentions(one) for one in (*sections.values(), of.constants)):
        return None
    packer = _Packer(of)
    made = {name: packer.packed(one, 0) for name, one in sections.items()}
    return replace(of, resources=made["Resources"], outputs=made["Outputs"], mappings=made["Mappings"])


def _mentions(node: Any) -> bool:
    if isinstance(node, Mapping):
        return any(str(key).startswith(PREFIX) or _mentions(one) for key, one in node.items())
    if isinstance(node, list):
        return any(map(_mentions, node))
    return isinstance(node, str) and "${Rain::" in node


class _Packer:
    def __init__(self, of: Template) -> None:
        self.of, self.constants = of, of.constants

    def packed(self, node: Any, depth: int) -> Any:
        """A part of the template, packaged."""
        if isinstance(node, Map):
            name = next(iter(node), "")
            if len(node) == 1 and name.startswith(PREFIX) and name != MODULE:
                return self._directive(name.removeprefix(PREFIX), node[name], node.lines[name], depth)
            return Map((key, self.packed(one, depth), node.lines.get(key, 0)) for key, one in node.items())
        if isinstance(node, Seq):
            return Seq((self.packed(one, depth), line) for one, line in zip(node, node.lines, strict=True))
        return self._text(node, depth) if isinstance(node, str) else node

    def _directive(self, name: str, said: Any, line: int, depth: int) -> Any:
        if depth > _DEEPEST:
            return Unresolved(f"Rain::{name} is nested too deeply, or in a circle")
        if name == "Constant":
            if said not in self.constants:
                return Unresolved(f"the template has no constant {said} of Rain")
            return self.packed(template.relined(self.constants[said], None, line), depth + 1)
        if name in ("Embed", "Include"):
            try:
                content = self._file(str(said))
                if name == "Embed":
                    return content.decode().strip()
                return self.packed(template.relined(parse(content, str(said)), None, line), depth + 1)
            except (DeclaredError, OSError, ValueError) as error:
                return Unresolved(f"Rain::{name} of {said}: {error}")
        if name == "Env":
            return Unresolved(f"Rain takes it from the environment variable {said} when it packages")
        path = said.get("Path") if isinstance(said, Mapping) else said
        return Unresolved(f"Rain::{name}: {path} is uploaded when the template is packaged")

    def _file(self, name: str) -> bytes:
        path = self.of.beside(name.removeprefix("file://"))
        if not path.is_file():
            raise DeclaredError(f"the file does not lie beside {self.of.path.name}")
        return reading.content(path, name)

    def _text(self, text: str, depth: int) -> str:
        """A text with the constants that it names."""

        def one(found: re.Match[str]) -> str:
            value = self.constants.get(found[1])
            known = isinstance(value, str) and depth <= _DEEPEST
            return self._text(str(value), depth + 1) if known else found[0]

        return _NAMED.sub(one, text)
