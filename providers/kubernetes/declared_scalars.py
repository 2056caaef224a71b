"""What a plain YAML scalar means to a Kubernetes client: the rules of go-yaml 2, which are neither YAML 1.1
nor 1.2.

Source: ``resolve.go`` of sigs.k8s.io/yaml/goyaml.v2, tried on kubectl.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any

_YAML = "tag:yaml.org,2002:"
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_WORDS: dict[str, bool] = {
    spelled: value
    for value, words in ((True, "y yes true on"), (False, "n no false off"))
    for word in words.split()
    for spelled in (word, word.capitalize(), word.upper())
}
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MAX_DIGITS = 400


class Unfit(ValueError):
    """A scalar that JSON, and so the API server, has no value for."""


def scalar(text: str, tag: str | None, plain: bool) -> Any:
    """The value of a scalar. ``tag`` is the explicit one, ``plain`` whether it stands without quotes.

    Raises Unfit for infinities and what is not a number.
    """
    short = (tag or "").removeprefix(_YAML)
    if short == "binary":
        return _binary(text)
    if short in ("int", "float", "bool", "null"):
        return resolve(text)
    if tag or not plain:
        return text
    return resolve(text)


def resolve(text: str) -> Any:
    """The value of plain text.

    >>> [resolve(text) for text in ("on", "012", "1_000", "1e3", "1:30", "2024-01-02")]
    [True, 10, 1000, 1000.0, '1:30', '2024-01-02']
    """
    if text in _NULLS:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise Unfit(f"{text} is a number that JSON does not have; quote it")
    if text[0] not in "+-.0123456789" or len(text) > _MAX_DIGITS:
        return text
    bare = text if text[0] == "." else text.replace("_", "")
    if text[0] != ".":
        number = _integer(bare)
        if number is not None:
            return number
    if _FLOAT.fullmatch(bare):
        value = float(bare)
        return value if math.isfinite(value) else text
    return text


def key(value: Any) -> str:
    """A mapping's key as JSON spells it (``true``, ``8080``)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _integer(text: str) -> int | None:
    found = _INTEGER.fullmatch(text)
    if found is None:
        return None
    sign, hexadecimal, binary, octal, decimal = found.groups()
    if hexadecimal:
        value = int(hexadecimal, 16)
    elif binary:
        value = int(binary, 2)
    elif octal:
        value = int(octal, 8)
    else:
        value = int(decimal)
    if sign == "-":
        return -value if value <= 2**63 else None
    return value if value < (2**63 if sign else 2**64) else None


def _binary(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except binascii.Error as error:
        raise Unfit(f"!!binary: {error}") from error
