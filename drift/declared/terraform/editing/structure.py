"""Blocks that come into a file of JSON configuration, and that go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from drift.declared.terraform.editing import blocks, spelling
from drift.declared.terraform.editing.document import Document
from drift.editing.json import Json
from drift.editing.versions import replacements
from drift.editor import NotEdited, Replacement

Steps = tuple[str | int, ...]


def without(
    document: Document, nodes: Sequence[Any], forgotten: Sequence[str] | None
) -> tuple[Replacement, ...]:
    """A file without blocks, and without what becomes empty; ``forgotten``: with a ``removed`` block for the
    resource of these words."""
    content = document.file.read_bytes()
    text = Json(content, document.file.name)
    going = sorted({blocks.steps_to(one) for one in nodes}, key=_place, reverse=True)
    top = going[0][:1] if going and isinstance(going[0][0], int) else ()
    for steps in going:
        text = text.remove(_whole(text, steps))
    if forgotten is not None:
        said = {"from": ".".join(forgotten[1:]), "lifecycle": {"destroy": False}}
        text = _with(text, top, "removed", said)
    return replacements(document.file, content, text.content)


def declaring(
    document: Document, type_: str, label: str, said: Mapping[str, Any], id_: str
) -> tuple[Replacement, ...]:
    """A file with an ``import`` block and the resource's own."""
    content = document.file.read_bytes()
    text = Json(content, document.file.name)
    value = _value(text, ())
    top: Steps = (0,) if isinstance(value, list) else ()
    body = escaped(said)
    held = _value(text, (*top, "resource"))
    if isinstance(held, list):
        text = text.insert((*top, "resource"), len(held), {type_: {label: body}})
    elif held is None:
        text = text.add(top, "resource", {type_: {label: body}})
    elif isinstance(held.get(type_), list):
        text = text.insert((*top, "resource", type_), len(held[type_]), {label: body})
    elif type_ in held:
        text = text.add((*top, "resource", type_), label, body)
    else:
        text = text.add((*top, "resource"), type_, {label: body})
    text = _with(text, top, "import", escaped({"to": f"{type_}.{label}", "id": id_}))
    return replacements(document.file, content, text.content)


def escaped(value: Any) -> Any:
    """A value in which no text is a template. Raises NotEdited."""
    if isinstance(value, Mapping):
        return {escaped(str(name)): escaped(item) for name, item in value.items()}
    if isinstance(value, list):
        return [escaped(one) for one in value]
    if isinstance(value, str):
        if spelling.ambiguous(value):
            raise NotEdited("what is live can't be written there so that nothing of it is an expression")
        return spelling.untemplated(value)
    return value


def _with(text: Json, top: Steps, name: str, said: Mapping[str, Any]) -> Json:
    """One block more of those that have no labels."""
    steps = (*top, name)
    held = _value(text, steps)
    if held is None:
        return text.add(top, name, [said])
    if isinstance(held, list):
        return text.insert(steps, len(held), said)
    return text.put(steps, [held, said])


def _whole(text: Json, steps: Steps) -> Steps:
    """The steps that lead to what is empty without the block, up to the file itself."""
    least = 2 if isinstance(steps[0], int) else 1
    while len(steps) > least and len(_value(text, steps[:-1])) == 1:
        steps = steps[:-1]
    return steps


def _value(text: Json, steps: Steps) -> Any:
    """What stands where steps lead; None where nothing does."""
    value = json.loads(text.content.decode("utf-8-sig"))
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else value[int(step)]
    return value


def _place(steps: Steps) -> tuple[tuple[int, str], ...]:
    return tuple((one, "") if isinstance(one, int) else (-1, one) for one in steps)
