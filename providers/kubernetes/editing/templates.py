"""Literal values in a chart's templates: what stands there without ``{{``, at the place where it stands."""

from __future__ import annotations

import re
from pathlib import Path

from drift.editing.rewrite import made, operations
from drift.editing.target import Target
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editing.yaml_document import Yaml
from drift.editor import NotEdited, Place, Replacement, Wish
from drift.model import MISSING
from drift.pointer import get
from drift.values import same
from providers.kubernetes.editing.places import LANGUAGE
from providers.kubernetes.editing.remap import remapped

_ACTION = re.compile(rb"\{\{.*?\}\}", re.S)
_OWN_LINE = re.compile(rb"^([ \t]*)(\{\{[^\n]*?\}\})([ \t]*\r?)$", re.M)


def masked(content: bytes) -> bytes:
    """A template with letters in place of its actions, byte for byte; an action on a line of its own becomes
    a comment."""
    found = _OWN_LINE.sub(lambda one: one[1] + b"#" * len(one[2]) + one[3], content)
    return _ACTION.sub(lambda one: re.sub(rb"[^\r\n]", b"x", one[0]), found)


def said_in(wish: Wish, file: Path, target: Target) -> tuple[Replacement, ...]:
    """The replacements that make a literal of a template another one. Raises NotEdited."""
    declared = wish.finding.declared
    assert declared is not None
    content = file.read_bytes()
    hidden = masked(content)
    text = YamlText(hidden, LANGUAGE, named=file.name)
    kind = declared.attributes.get("kind")
    fitting = [
        number
        for number, one in enumerate(text.documents)
        if isinstance(one.value, dict) and one.value.get("kind") == kind
    ]
    if len(fitting) != 1:
        raise NotEdited(f"a template of the chart says it: {file.name}", Place(file))
    (number,) = fitting
    body = text.documents[number].value
    way, rest = remapped(target.steps, declared.attributes, body, by_place=True)
    if rest or target.new is MISSING or not same(get(body, way), target.old):
        where = text.line(number, way) if way else None
        raise NotEdited(f"a template of the chart says it: {file.name}", Place(file, where))
    document = made(Yaml(hidden, file.name, LANGUAGE, number), list(operations(way, target.old, target.new)))
    found = replacements(file, hidden, document.content)
    for one in found:
        if hidden[one.start : one.end] != content[one.start : one.end] or b"{{" in one.content:
            raise NotEdited(f"a template of the chart says it: {file.name}", Place(file))
    return found
