"""Files of variables: where each value stands in one, and how one more comes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing import lines, spelling
from drift.declared.terraform.editing.document import Document
from drift.editor import Replacement


def value(document: Document, name: str) -> Any:
    """The expression that gives a variable; None where the file does not name it."""
    if document.json:
        top = doc.core(doc.whole(document))
        return next((one.value for one in doc.elements(top) if one.name == name), None)
    held = doc.attributes(doc.body(document.root)).get(name)
    return None if held is None else held.value


def added(document: Document, name: str, new: Any) -> Sequence[Replacement]:
    """A variable in a file that does not name it yet."""
    if document.json:
        return lines.entry(document, doc.core(doc.whole(document)), name, new)
    text, body = spelling.spelled(new), doc.body(document.root)
    if body is not None and doc.attributes(body):
        return [lines.attribute(document, body, name, text)]
    return [lines.replaced(document, 0, 0, f"{name} = {text}\n")]
