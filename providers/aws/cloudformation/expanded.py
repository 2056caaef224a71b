"""The template that CloudFormation deploys: what transforms make of the one that is written, as far as that
is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drift.errors import DeclaredError
from drift.lined import Map
from providers.aws.cloudformation import includes, parameters, sam, template
from providers.aws.cloudformation.alike import alike
from providers.aws.cloudformation.evaluated import NESTED, Translated
from providers.aws.cloudformation.recorded import rewritten
from providers.aws.cloudformation.template import Template


def of(at: Translated) -> Template | None:
    """What is made of the template of a translation; None where that is itself, or not known."""
    stack = at.place.stack
    processed = None if stack is None else stack.processed
    if processed is not None and not rewritten(processed) and as_deployed(at):
        return _processed(at, processed)
    made = includes.expanded(at.written, at.evaluator.value, lambda url: _object(at, url))
    if at.written.serverless and not at.written.macros and made is None:
        try:
            return replace(_processed(at, sam.translated(at)) or at.written, transforms=at.written.transforms)
        except sam.Refused as reason:
            at.refused = str(reason)
    return made


def _object(at: Translated, url: str) -> Any:
    """What was read at a URL of S3; None where nothing was."""
    told = (at.around.live.context("aws").get("objects") or {}).get(url)
    return told.get("template") if isinstance(told, Mapping) else None


def deployed(at: Translated) -> Template | None:
    """The template that the stack of a translation was deployed with, transformed; None where that is not
    known, or makes no difference."""
    stack = at.place.stack
    if stack is None or stack.template is None or at.shallow:
        return None
    if as_deployed(at) and not _other_parameters(at):
        return None
    return _processed(at, stack.template, whole=False)


def as_deployed(at: Translated) -> bool:
    """Whether the stack was deployed with the template as it is written."""
    stack = at.place.stack
    return stack is not None and stack.template is not None and alike(at.written, stack.template)


def _other_parameters(at: Translated) -> bool:
    """Whether parameters are said that may be others than those the stack was deployed with."""
    stack = at.place.stack
    if stack is None:
        return False
    if at.place.tags is not None and dict(at.place.tags) != dict(stack.tags):
        return True
    return any(parameters.text(value) != stack.parameters.get(name) for name, value in at.said.items())


def unknown(at: Translated) -> str:
    """What is to be added to why it is not known what transforms make of a template."""
    stack = at.place.stack
    refused = f": {at.refused}" if at.refused else ""
    if stack is None:
        return refused
    if stack.template_unread:
        return f"; what it was deployed with could not be read: {stack.template_unread}"
    if stack.template is None or as_deployed(at):
        return refused
    return f"{refused}; pending: the stack was deployed with another template than Git has"


def _processed(at: Translated, document: Mapping[str, Any], *, whole: bool = True) -> Template | None:
    """A template as CloudFormation has it, with the lines of the one that is written; ``whole``: transformed,
    and with the nested stacks as they are written, since their templates are uploaded."""
    written, resources = at.written, document.get("Resources")
    if not isinstance(resources, Mapping):
        return None
    made = Map((key, template.relined(one, None, 0), 0) for key, one in document.items())
    line = min(written.resources.lines.values(), default=1)
    members: list[tuple[str, Any, int]] = []
    for name, said in resources.items():
        like = written.resources.get(name)
        lined = template.relined(said, like, 0)
        members.append((name, _own(lined, like) if whole else lined, _line(name, written, line)))
    made["Resources"] = Map(members)
    if whole:
        made.pop("Transform", None)
    try:
        return replace(template.of(made, written.path, written.file, written.by), root=written.root)
    except DeclaredError:
        return None


def _own(said: Any, written: Any) -> Any:
    """A nested stack as it is written: its template is uploaded when it is deployed."""
    here = isinstance(written, Mapping) and written.get("Type") == NESTED
    return written if here and isinstance(said, Mapping) and said.get("Type") == NESTED else said


def _line(name: str, written: Template, otherwise: int) -> int:
    """Of a resource that is made of another one, whose name begins its own: that one's."""
    lines = written.resources.lines
    made_of = max((one for one in lines if name.startswith(one)), key=len, default=None)
    return otherwise if made_of is None else lines[made_of]
