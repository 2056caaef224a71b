"""The references in a file, as the names that they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drift.declared.terraform.configuration.json_syntax import BARE
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing.document import Document, literal


def of_block(document: Document, node: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every reference in a block, those too that JSON writes as bare texts (``"depends_on": ["a.b"]``)."""
    yield from references(node)
    if not document.blocks:
        return
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "object_elem":
            name, value = [each for each in one.children if each.type == "expression"]
            if doc.key_name(name) in BARE:
                yield from _bare(value)
                continue
        waiting.extend(one.children)


def _bare(node: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = doc.core(node)
    for one in doc.members(inner) if inner.type == "tuple" else [node]:
        said = doc.literal(one)
        if isinstance(said, str):
            yield tuple(part.partition("[")[0] for part in said.split(".")), doc.core(one)


def references(node: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every reference at or below a node as the names that it is made of, as far as these are plain:
    ``("var", "queues", "orders")``, with its node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        parts = one.children
        for at, child in enumerate(parts):
            if child.type == "variable_expr":
                yield (child.text.decode(), *steps(parts[at + 1 :]), *_looked_up(one)), child
        waiting.extend(parts)


def _looked_up(node: Any) -> tuple[str, ...]:
    """The key by which ``lookup(node, "key", …)`` takes a member."""
    given = node.parent
    if given is None or given.type != "function_arguments" or given.parent.children[0].text != b"lookup":
        return ()
    several = [one for one in given.children if one.type == "expression"]
    key = literal(several[1]) if len(several) > 1 and several[0].id == node.id else doc.NONE
    return (key,) if isinstance(key, str) else ()


def steps(nodes: list[Any]) -> tuple[str, ...]:
    """The names of the steps behind a first term, up to one that is no plain name."""
    found: list[str] = []
    for one in nodes:
        if one.type == "get_attr":
            found.append(one.children[-1].text.decode())
            continue
        inner = one.children[0] if one.type == "index" and one.children else None
        key = None if inner is None else next((c for c in inner.children if c.type == "expression"), None)
        value = doc.NONE if key is None else literal(key)
        if not isinstance(value, str):
            break
        found.append(value)
    return tuple(found)
