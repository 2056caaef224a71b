"""Markup as data: a page's part is built once as a tree, which is written as HTML here and drawn by the
page's script from JSON, with the same result.

A node is a text, or a list ``[tag, children…]``; the tag may carry classes (``"span.sev.high"``) and the
first child may be a mapping of attributes. A text is never markup on either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from markupsafe import Markup, escape

Node = str | list[Any]

#: What a tree may say of an element: nothing that could run. The script holds the same list.
ATTRIBUTES = frozenset({"aria-label", "class", "data-copy", "data-id", "datetime", "href", "id", "title"})


_SPELLED = {name.replace("-", "_"): name for name in ATTRIBUTES}


def el(tag: str, *children: Node | None, **attributes: str | list[str]) -> Node:
    """An element. Children that are None or empty are left out; ``data_copy`` is the attribute
    ``data-copy``. An attribute is a text, in a shape (``reports.shape``) a hole, too."""
    if attributes:
        return [
            tag,
            {_SPELLED.get(name, name): attributes[name] for name in attributes},
            *filter(None, children),
        ]
    return [tag, *filter(None, children)]


def html(node: Node) -> Markup:
    """The tree as HTML, every text and attribute escaped."""
    parts: list[str] = []
    _write(node, parts)
    return Markup("".join(parts))  # noqa: S704


def _write(node: Node, parts: list[str]) -> None:
    if isinstance(node, str):
        parts.append(str(escape(node)))
        return
    start, end = _tag(node[0])
    parts.append(start)
    children = node[1:]
    if children and isinstance(children[0], Mapping):
        for name, value in children[0].items():
            if name in ATTRIBUTES:
                parts.append(f' {name}="{escape(value)}"')
            if name == "href" and not value.startswith("#"):
                parts.append(' target="_blank" rel="noopener noreferrer"')
        children = children[1:]
    if node[0].startswith("button"):
        parts.append(' type="button"')
    parts.append(">")
    for child in children:
        _write(child, parts)
    parts.append(end)


@cache
def _tag(said: str) -> tuple[str, str]:
    tag, *classes = said.split(".")
    return f'<{tag} class="{" ".join(classes)}"' if classes else f"<{tag}", "" if tag in (
        "br",
        "wbr",
    ) else f"</{tag}>"
