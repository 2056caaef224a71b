"""JSON as Go's encoder spells it, which is how Terraform and its providers write it."""

from __future__ import annotations

_ESCAPED = "<>&\u2028\u2029"


def escaped(text: str) -> str:
    """A JSON text with ``<``, ``>``, ``&`` and the separators of lines and paragraphs as escapes.

    Source: ``HTMLEscape`` of https://pkg.go.dev/encoding/json
    """
    for sign in _ESCAPED:
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
