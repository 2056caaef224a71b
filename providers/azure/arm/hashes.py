"""The two names that ARM derives from texts: ``uniqueString`` and ``guid``.

Sources: the published implementation in the package Azure.Deployments.Expression (a variant of MurmurHash
with words of 32 bits); Microsoft Learn, "String functions for Bicep", ``guid`` (RFC 4122 version 5 in a fixed
namespace).
"""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")
_MASK = 0xFFFFFFFF
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_ONE, _TWO = 0x239B961B, 0xAB0E9789


def guid(texts: list[str]) -> str:
    """``guid('a', 'b')``."""
    return str(uuid.uuid5(_NAMESPACE, "-".join(texts)))


def unique_string(texts: list[str]) -> str:
    """``uniqueString('hello', 'world')`` is ``a7wkljktk6wne``."""
    number = _hash("-".join(texts).encode("utf-8", "replace"))
    return "".join(_LETTERS[(number << 5 * place & 0xFFFFFFFFFFFFFFFF) >> 59] for place in range(13))


def _hash(data: bytes) -> int:
    first = second = 0
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        first ^= _mixed(data[at : at + 4], _ONE, 15, _TWO)
        first = ((_turned(first, 19) + second) * 5 + 0x561CCD1B) & _MASK
        second ^= _mixed(data[at + 4 : at + 8], _TWO, 17, _ONE)
        second = ((_turned(second, 13) + first) * 5 + 0x0BCAA747) & _MASK
    rest = data[whole:]
    first ^= _mixed(rest[:4], _ONE, 15, _TWO) ^ len(data)
    second ^= _mixed(rest[4:], _TWO, 17, _ONE) ^ len(data)
    first = (first + second) & _MASK
    second = (second + first) & _MASK
    first, second = _final(first), _final(second)
    first = (first + second) & _MASK
    second = (second + first) & _MASK
    return second << 32 | first


def _mixed(word: bytes, before: int, by: int, after: int) -> int:
    return _turned(int.from_bytes(word, "little") * before & _MASK, by) * after & _MASK


def _turned(value: int, by: int) -> int:
    return (value << by | value >> 32 - by) & _MASK


def _final(value: int) -> int:
    value ^= value >> 16
    value = value * 0x85EBCA6B & _MASK
    value ^= value >> 13
    value = value * 0xC2B2AE35 & _MASK
    return value ^ value >> 16
