"""The blocks of a file with their words, in HCL and in JSON, where they are objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drift.declared.terraform.configuration.json_syntax import LABELS
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing.document import Document

#: The words of a block (its type and labels) and its node.
Worded = tuple[tuple[str, ...], Any]


def tops(document: Document) -> list[Worded]:
    """Those at the top of a file, in order."""
    if "tops" not in document.found:
        document.found["tops"] = list(_tops(document))
    found: list[Worded] = document.found["tops"]
    return found


def _tops(document: Document) -> Iterator[Worded]:
    if not document.blocks:
        yield from ((doc.words(one), one) for one in doc.blocks(doc.body(document.root)))
        return
    top = doc.core(doc.whole(document))
    for one in doc.members(top) if top.type == "tuple" else [top]:
        for name, item in doc.attributes(doc.core(one)).items():
            yield from _objects((name,), doc.core(item.value), LABELS.get(name, 0))


def nested(node: Any) -> Iterator[Worded]:
    """Those in a body, in order; in JSON only ``dynamic`` and ``content`` are surely some."""
    if node is None or node.type != "object":
        yield from ((doc.words(one), one) for one in doc.blocks(node))
        return
    for name, item in doc.attributes(node).items():
        if name in ("dynamic", "content"):
            yield from _objects((name,), doc.core(item.value), 1 if name == "dynamic" else 0)


def _objects(said: tuple[str, ...], node: Any, more: int) -> Iterator[Worded]:
    """The objects that are blocks, below ``more`` levels of labels, on each of which a list may stand."""
    if node.type == "tuple":
        for one in doc.members(node):
            yield from _objects(said, doc.core(one), more)
    elif node.type == "object" and not more:
        yield said, node
    elif node.type == "object":
        for name, item in doc.attributes(node).items():
            yield from _objects((*said, name), doc.core(item.value), more - 1)


def is_synthesised(document: Document) -> bool:
    """Whether CDK for Terraform wrote a file of JSON, as what it notes on top says."""
    top = doc.core(doc.whole(document))
    noted = next((one.value for one in doc.elements(top) if one.name == "//"), None)
    inner = None if noted is None else doc.attributes(doc.core(noted)).get("metadata")
    said = {} if inner is None else doc.attributes(doc.core(inner.value))
    return "stackName" in said


def steps_to(node: Any) -> tuple[str | int, ...]:
    """The keys and indices that lead to a node of a JSON document."""
    found: list[str | int] = []
    while node.parent is not None and node.parent.type != "attribute":
        above = node.parent
        if above.type == "object_elem":
            name = next(one for one in above.children if one.type == "expression")
            found.append(doc.key_name(name) or "")
        elif above.type == "tuple":
            found.append(next(at for at, one in enumerate(doc.members(above)) if one.id == node.id))
        node = above
    return tuple(reversed(found))
