"""Values as people read them: documents that travel as texts opened, base64 decoded, secrets masked, short
lists on one line."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_BASE64 = re.compile(r"\A[A-Za-z0-9+/\s]{24,}={0,2}\s*\Z")
#: What holds no other value, which most values are.
_PLAIN = (str, int, float, type(None))
#: Lists of scalars that take no more characters stand on one line.
_SHORT = 72


def mask(value: Any) -> Any:
    """``value`` with every redacted secret in it replaced by words: a report shows neither secret nor
    hash."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        if set(value) == {"$secret"}:
            return "(secret)"
        return {str(key): mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value


def opened(value: Any) -> Any:
    """A JSON document that travels as a string, opened; anything else as it is."""
    if isinstance(value, str) and value[:1] in "{[" and value[-1:] in "}]" and len(value) > 2:
        try:
            document = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return document if isinstance(document, dict | list) else value
    return value


def decoded(value: Any) -> str | None:
    """What a text in base64 says, where it is one that people wrote; else None."""
    if not isinstance(value, str) or not _BASE64.match(value):
        return None
    try:
        text = base64.b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    # A token may decode to some text by chance; what people wrote has lines or words.
    printable = text.isprintable() or all(c.isprintable() or c in "\n\r\t" for c in text)
    return text if printable and any(c.isspace() for c in text) else None


def pretty(value: Any) -> str:
    """``value`` as it is best read: a string as it is, unless that could be mistaken; all else as JSON."""
    value = opened(mask(value))
    if isinstance(value, str):
        return _json(value) if _mistakable(value) else value
    return "".join(_written(value, "\n"))


def _mistakable(text: str) -> bool:
    """Whether a text could be taken for another value, or ends where nobody sees it."""
    if not text or text[0].isspace() or text[-1].isspace():
        return "\n" not in text
    return text in ("true", "false", "null") or _NUMBER.fullmatch(text) is not None


def ordered_like(value: Any, other: Any) -> Any:
    """``value`` with the members of its objects in the order in which ``other`` has them: it means nothing,
    and would look like a difference."""
    if isinstance(value, Mapping) and isinstance(other, Mapping):
        names = [*(name for name in other if name in value), *(name for name in value if name not in other)]
        return {name: ordered_like(value[name], other.get(name)) for name in names}
    if isinstance(value, list) and isinstance(other, list):
        return [
            ordered_like(item, other[position] if position < len(other) else None)
            for position, item in enumerate(value)
        ]
    return value


def _written(value: Any, margin: str) -> Sequence[str]:
    """JSON with an indent of two, but a short list of scalars on one line."""
    inner = margin + "  "
    if isinstance(value, Mapping) and value:
        parts = (f"{_json(str(key))}: {''.join(_written(item, inner))}" for key, item in value.items())
        return "{", inner, f",{inner}".join(parts), margin, "}"
    if isinstance(value, list) and value:
        if not any(isinstance(item, Mapping | list) for item in value):
            line = _json(value)
            if len(line) <= _SHORT:
                return (line,)
        return "[", inner, f",{inner}".join("".join(_written(item, inner)) for item in value), margin, "]"
    return (_json(value),)


_json = json.JSONEncoder(ensure_ascii=False, default=str).encode
