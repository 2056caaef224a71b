"""Reads what a model's docstring remarks on its properties: a default, that one can only be read, that one is
never given back.

The words of people are believed only where they leave no room: a default that is quoted, a number, a switch
or one of the enumeration, at the end of its sentence; and only where a wrong one does no harm
(:mod:`providers.azure.models` says what follows from which).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_ENTRY = re.compile(
    r"^\s*:(?P<word>ivar|vartype) (?P<name>\w+):(?P<text>(?:.|\n)*?)(?=^\s*:\w+|\Z)", re.MULTILINE
)
_VALUE = (
    r"""(?:is|of|to|as|:|=|will be|value:)?\s*"""
    r"""(?P<value>'[^']*'|"[^"]*"|``[^`]*``|`[^`]*`|[\w.+:/-]*\w)\s*(?=[.;,)\]]|$)"""
)
_DEFAULT = re.compile(
    r"\b(?:by default,? (?:it is|is|this is)|"
    r"defaults? (?:to|value is|value:|value of|value|is set to|is|:|=)|defaulting to)"
    rf"\s*{_VALUE}",
    re.IGNORECASE,
)
_READ_ONLY = re.compile(
    r"(?:^|[.;] |\()\[?read-?only\]?(?: property| field| value)?[.:;,)\]]|[\[(]read-?only[\])]"
    r"|\b(?:property|field|value) is read-?only\b|\bread-?only (?:property|field)\b",
    re.IGNORECASE,
)
_UNANSWERED = re.compile(
    r"\bwrite-?only\b"
    r"|\b(?:not|never|won't)(?: be| ever be| ever)? (?:returned|given back|echoed"
    r"|(?:included|part of|present) (?:in )?(?:the|any|a) (?:response|answer|output)s?)\b"
    r"|(?:^|[.\[(] ?)(?:deprecated|obsolete)\b"
    r"|\b(?:is|are|been|being) (?:now )?(?:deprecated|obsolete)\b|\bno longer used\b"
    r"|\bignored if submitted\b|\bthis (?:property|field|value) is (?:always )?ignored\b"
    r"|\b(?:can|may|must|could) only be (?:set|specified|used|provided) "
    r"(?:at|during|on|upon|while|when) (?:the )?(?:creat|provision|deploy)"
    r"|\bonly (?:used|valid|applicable|required|honou?red) (?:at|during|on|for|when) (?:the )?creat",
    re.IGNORECASE,
)


def remarks(docstring: str) -> dict[str, str]:
    """Attribute → what a docstring says of it, in one line."""
    return {
        found["name"]: " ".join(found["text"].split())
        for found in _ENTRY.finditer(docstring)
        if found["word"] == "ivar"
    }


def marked(node: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The letters of :mod:`providers.azure.models` that a remark adds to a property."""
    added: dict[str, Any] = {}
    if _READ_ONLY.search(text):
        added["o"] = 1
    if _UNANSWERED.search(text):
        added["w"] = 1
    found = default(text, str(node.get("t", "")), node.get("e") or ())
    if found is not None:
        added["d"] = found
    return added


def default(text: str, type: str, words: Sequence[str]) -> Any:
    """The default that a text names, as a value of ``type``; None where it names none that is sure.

    >>> default("How many. Default value is 3.", "integer", ())
    3
    >>> default("On? Defaults to true.", "boolean", ())
    True
    >>> default("The default is to use the region's own.", "string", ())
    """
    values = {_scalar(found["value"], type, words) for found in _DEFAULT.finditer(text)}
    return values.pop() if len(values) == 1 else None


def _scalar(said: str, type: str, words: Sequence[str]) -> Any:
    bare = said.strip("`'\"")
    if type == "boolean":
        return {"true": True, "false": False}.get(bare.lower())
    if type in ("integer", "number"):
        return int(bare) if re.fullmatch(r"-?\d{1,15}", bare) else None
    if type == "string" and words:
        return next((word for word in words if word.lower() == bare.lower()), None)
    if type == "string" and bare != said and bare:
        return bare
    return None
