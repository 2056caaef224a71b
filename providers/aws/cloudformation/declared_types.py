"""Which types a template declares, as far as that is known before the live side is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from providers.aws.cloudformation import rain, serverless, template
from providers.aws.cloudformation.evaluated import NESTED, STACK_SET, declares_nothing
from providers.aws.cloudformation.nested import local_template
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import Template
from providers.aws.facts import Catalogue


def types(of: Template, known: Catalogue) -> Iterator[str]:
    """The types of a template and of the local ones that it nests."""
    seen: set[Path] = set()
    left = [of]
    while left:
        one = left.pop()
        for name, type_ in one.typed():
            yield from _of(type_, known)
            if type_ == STACK_SET:
                left += _body(one, one.resources.get(name))
            if type_ != NESTED:
                continue
            nested = local_child(one, one.resources.get(name))
            if nested is not None and nested not in seen:
                seen.add(nested)
                try:
                    left.append(rain.read(nested, nested.name, one.root))
                except DeclaredError:
                    continue  # told when it is translated


def _body(of: Template, said: Any) -> list[Template]:
    """What a StackSet deploys, where its template stands in the other one."""
    own = said.get("Properties") if isinstance(said, Mapping) else None
    body = own.get("TemplateBody") if isinstance(own, Mapping) else None
    try:
        if not isinstance(body, str):
            return []
        return [replace(template.of(parse(body.encode(), of.file), of.path, of.file), root=of.root)]
    except DeclaredError:
        return []


def _of(type_: str, known: Catalogue) -> Iterator[str]:
    if type_ in serverless.kinds():
        yield serverless.kinds()[type_].type
        return
    if declares_nothing(type_) or type_.startswith(serverless.PREFIX) or type_.endswith("::MODULE"):
        return
    if type_ in known.aliases:
        yield known.aliases[type_].type
        return
    yield from (make.type for make in known.makes.get(type_, ()))
    if type_ in known.attachments:
        yield from (attach.into for attach in known.attachments[type_])
    elif type_ in known.makes and type_ not in known.types:
        return
    elif type_ != NESTED or NESTED in known.types:
        yield type_


def local_child(one: Template, said: Any) -> Path | None:
    """The local file of a nested stack's template."""
    if not isinstance(said, Mapping):  # a loop (Fn::ForEach) is a list
        return None
    properties = said.get("Properties")
    url = local_template(said, properties.get("TemplateURL") if isinstance(properties, Mapping) else None)
    try:
        path = one.beside(url).resolve() if url else None
        return path if path and path.is_file() else None
    except (DeclaredError, OSError):  # none that may be read
        return None
