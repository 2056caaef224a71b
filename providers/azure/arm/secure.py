"""Marks what a parameter's or output's type calls secure, also inside objects and through the template's
definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Sensitive, Unresolved

SECRET = ("securestring", "secureobject")
_DEEPEST = 20


def marked_by(value: Any, words: Any, definitions: Mapping[str, Any], depth: int = 0) -> Any:
    """The value with its secure parts marked as Sensitive. ``words``: the type's schema in the template's
    language."""
    if depth > _DEEPEST or not isinstance(words, Mapping) or value is None:
        return value
    if isinstance(value, (Unresolved, Sensitive)):
        return value
    if str(words.get("type", "")).lower() in SECRET:
        return Sensitive(value)
    if isinstance(words.get("$ref"), str):
        value = marked_by(value, definitions.get(words["$ref"].rsplit("/", 1)[1]), definitions, depth + 1)
    if isinstance(value, Mapping):
        return _object(value, words, definitions, depth)
    if isinstance(value, list):
        first = words.get("prefixItems")
        first = first if isinstance(first, list) else []
        rest = words.get("items")
        return [
            marked_by(item, first[at] if at < len(first) else rest, definitions, depth + 1)
            for at, item in enumerate(value)
        ]
    return value


def _object(
    value: Mapping[str, Any], words: Mapping[str, Any], definitions: Mapping[str, Any], depth: int
) -> dict[str, Any]:
    said = words.get("properties")
    known = {name.lower(): one for name, one in said.items()} if isinstance(said, Mapping) else {}
    marked = {
        name: marked_by(
            item, known.get(name.lower(), words.get("additionalProperties")), definitions, depth + 1
        )
        for name, item in value.items()
    }
    choice = words.get("discriminator")
    variants = choice.get("mapping") if isinstance(choice, Mapping) else None
    if isinstance(choice, Mapping) and isinstance(variants, Mapping):
        variant = variants.get(str(value.get(str(choice.get("propertyName")))))
        found = marked_by(marked, variant, definitions, depth + 1)
        return found if isinstance(found, dict) else marked
    return marked
