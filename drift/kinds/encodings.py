"""Bytes written as text: base64 in its alphabets, PEM in its line lengths."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}")
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_PEM_BLOCK = re.compile(
    r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----(?P<body>[A-Za-z0-9+/=\s]*)-----END (?P=label)-----", re.ASCII
)


class DecodedText(str):
    """Text that was base64: a class of its own, so that it is not decoded a second time."""

    __slots__ = ()


def _base64(value: Any, context: Context, *, decode: bool = False) -> Canonical:
    """base64 in the standard alphabet with padding, whatever alphabet, padding and line breaks it came in.

    With ``decode``, the text that it encodes, where that is UTF-8. Source: RFC 4648 §4 and §5; Google's APIs
    accept both alphabets and answer in one.

    >>> _base64("-_8", Context())
    '+/8='
    """
    if not isinstance(value, str) or isinstance(value, DecodedText):
        return value
    text = _LINE_BREAK.sub("", value.strip())
    if not _BASE64.fullmatch(text):
        return value
    digits = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(digits) % 4 == 1 or (text.endswith("=") and len(text) % 4):
        return value
    try:
        content = base64.b64decode(digits + "=" * (-len(digits) % 4))
    except (binascii.Error, ValueError):
        return value
    if decode:
        try:
            return DecodedText(content.decode())
        except UnicodeDecodeError:
            pass
    return base64.b64encode(content).decode()


def _pem(value: Any, context: Context) -> Canonical:
    """PEM blocks, in their order, wrapped at 64 characters. Text between the blocks stays, without outer
    white space.

    Source: RFC 7468 §2 (parsers ignore white space and line lengths). Blocks with headers stay as they are.
    """
    if not isinstance(value, str) or not _PEM_BLOCK.search(value):
        return value
    parts: list[str] = []
    end = 0
    for block in _PEM_BLOCK.finditer(value):
        parts.append(value[end : block.start()].strip())
        body = "".join(block["body"].split())
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        parts.append(
            "\n".join([f"-----BEGIN {block['label']}-----", *lines, f"-----END {block['label']}-----"])
        )
        end = block.end()
    parts.append(value[end:].strip())
    return "\n".join(part for part in parts if part) + "\n"


BASE64 = Kind("base64", _base64)
PEM = Kind("pem", _pem)
