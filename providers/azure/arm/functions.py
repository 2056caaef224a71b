"""The template functions that need nothing but their arguments, by lower-case name."""

from __future__ import annotations

import base64
import binascii
import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from drift.model import Sensitive, Unresolved
from providers.azure.arm import hashes

_LONGEST = 1_000_000
_HOLE = re.compile(r"\{\{|\}\}|\{(\d{1,4})(?:,(-?\d{1,4}))?(?::([^{}]*))?\}")


class Unknown(Exception):
    """A value can't be told. The message is the reason, as people read it."""


def what(value: Any) -> str:
    """What a value is, for messages: never the value itself, which may be secret."""
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, bool):
        return "a boolean"
    return "an array" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"


def known(value: Any) -> Any:
    """A value with nothing unknown or marked inside. Raises Unknown."""
    if isinstance(value, Unresolved):
        raise Unknown(value.reason)
    if isinstance(value, Sensitive):
        return known(value.value)
    if isinstance(value, Mapping):
        return {key: known(item) for key, item in value.items()}
    return [known(item) for item in value] if isinstance(value, list) else value


def text(value: Any) -> str:
    """A value as ``string()`` and ``format()`` write it. Raises Unknown."""
    value = known(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    if value is None:
        return ""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def integer(value: Any) -> int:
    """A whole number, also as text. Raises Unknown."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d{1,18}\s*", value, re.A):
        return int(value)
    raise Unknown(f"expected a whole number, got {what(value)}")


def boolean(value: Any) -> bool:
    """A boolean, also as text or number. Raises Unknown."""
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1")
    raise Unknown(f"expected a boolean, got {what(value)}")


def word(value: Any) -> str:
    """A text and nothing else. Raises Unknown."""
    if isinstance(value, str):
        return value
    raise Unknown(f"expected a text, got {what(value)}")


def array(value: Any) -> list[Any]:
    """An array and nothing else. Raises Unknown."""
    if isinstance(value, list):
        return value
    raise Unknown(f"expected an array, got {what(value)}")


def mapping(value: Any) -> Mapping[str, Any]:
    """An object and nothing else. Raises Unknown."""
    if isinstance(value, Mapping):
        return value
    raise Unknown(f"expected an object, got {what(value)}")


def _concat(*values: Any) -> Any:
    if values and all(isinstance(one, list) for one in values):
        return [item for one in values for item in one]
    return "".join(text(one) for one in values)


def _format(form: Any, *values: Any) -> str:
    def one(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if int(found[1]) >= len(values):
            raise Unknown(f"format has no argument {found[1]}")
        value = values[int(found[1])]
        if not found[3]:
            said = text(value)
        elif re.fullmatch(r"[dD]\d{0,2}|0{1,20}", found[3]):
            width = int(found[3][1:] or 0) if found[3][0] in "dD" else len(found[3])
            number = integer(value)
            said = ("-" if number < 0 else "") + str(abs(number)).zfill(width)
        else:
            raise Unknown(f"the number format {found[3]!r} is not known")
        width = int(found[2] or 0)
        return said.rjust(width) if width >= 0 else said.ljust(-width)

    return _HOLE.sub(one, word(form))


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, Mapping)) and not value)


def _length(value: Any) -> int:
    if isinstance(value, (str, list, Mapping)):
        return len(value)
    raise Unknown(f"length expects a text, array or object, got {what(value)}")


def equal(one: Any, other: Any) -> bool:
    """``equals()``: texts with their case, types told apart."""
    one, other = known(one), known(other)
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other)


def _contains(container: Any, item: Any) -> bool:
    if isinstance(container, str):
        return text(item) in container
    if isinstance(container, Mapping):
        return any(key.lower() == text(item).lower() for key in container)
    return any(equal(one, item) for one in array(container))


def _union(*values: Any) -> Any:
    if all(isinstance(one, list) for one in values):
        found: list[Any] = []
        for item in (item for one in values for item in one):
            if not any(item == have for have in found):
                found.append(item)
        return found
    merged: dict[str, Any] = {}
    for one in values:
        for key, item in mapping(one).items():
            have = merged.get(key)
            both = isinstance(have, Mapping) and isinstance(item, Mapping)
            merged[key] = _union(have, item) if both else item
    return merged


def _intersection(first: Any, *others: Any) -> Any:
    if isinstance(first, list):
        rest = [array(one) for one in others]
        return [item for item in first if all(any(equal(item, have) for have in one) for one in rest)]
    maps = [mapping(one) for one in others]
    return {
        key: item
        for key, item in mapping(first).items()
        if all(key in one and equal(one[key], item) for one in maps)
    }


def _end(value: Any, at: int) -> Any:
    if isinstance(value, (str, list)):
        return value[at] if value else ("" if isinstance(value, str) else None)
    raise Unknown(f"expected a text or array, got {what(value)}")


def _part(value: Any, start: int, end: int | None) -> Any:
    if isinstance(value, (str, list)):
        return value[start:end]
    raise Unknown(f"expected a text or array, got {what(value)}")


def _substring(value: Any, start: Any, length: Any = None) -> str:
    said, at = word(value), integer(start)
    end = len(said) if length is None else at + integer(length)
    if not 0 <= at <= end <= len(said):
        raise Unknown("substring asks for more than the text has")
    return said[at:end]


def _split(value: Any, by: Any) -> list[str]:
    marks = [word(one) for one in (by if isinstance(by, list) else [by])]
    if not marks or "" in marks:
        raise Unknown("split has an empty delimiter")
    return re.split("|".join(map(re.escape, marks)), word(value))


def _numbers(values: tuple[Any, ...]) -> list[int]:
    many = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    if not many:
        raise Unknown("expected numbers, got none")
    return [integer(one) for one in many]


def _range(start: Any, count: Any) -> list[int]:
    if not 0 <= integer(count) <= 10_000:
        raise Unknown("range makes at most 10,000 numbers")
    return list(range(integer(start), integer(start) + integer(count)))


def _divide(one: Any, other: Any) -> int:
    a, b = integer(one), integer(other)
    if b == 0:
        raise Unknown("a division by zero")
    whole = abs(a) // abs(b)
    return whole if (a < 0) == (b < 0) else -whole


def _json(value: Any) -> Any:
    try:
        return json.loads(word(value))
    except (ValueError, RecursionError) as error:
        raise Unknown("json expects a JSON text") from error


def _object(*values: Any) -> dict[str, Any]:
    if len(values) % 2:
        raise Unknown("createObject expects keys and values in pairs")
    return {word(values[at]): values[at + 1] for at in range(0, len(values), 2)}


def _decoded(value: Any) -> str:
    try:
        return base64.b64decode(word(value), validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise Unknown("expected base64 text") from error


def _index(value: Any, item: Any, last: bool = False) -> int:
    if isinstance(value, list):
        places = [at for at, one in enumerate(value) if equal(one, item)]
        return (places[-1] if last else places[0]) if places else -1
    said, part = word(value).lower(), word(item).lower()
    return said.rfind(part) if last else said.find(part)


def _pad(value: Any, width: Any, by: Any = " ") -> str:
    if not 0 <= integer(width) <= 10_000 or len(word(by)) != 1:
        raise Unknown("padLeft expects a width and one character")
    return text(value).rjust(integer(width), by)


def _before(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    return integer(one) < integer(other)


def _joined(values: Any, by: Any) -> str:
    return word(by).join(text(one) for one in array(values))


def _flatten(values: Any) -> list[Any]:
    return [item for one in array(values) for item in array(one)]


def _shallow(values: Any) -> dict[str, Any]:
    return {key: item for one in array(values) for key, item in mapping(one).items()}


def _truth(test: Any) -> Callable[..., bool]:
    return lambda *values: bool(test(boolean(one) for one in values))


Function = Callable[..., Any]
#: name → (fewest arguments, most arguments, function).
TABLE: dict[str, tuple[int, int, Function]] = {
    "concat": (1, 999, _concat),
    "format": (1, 999, _format),
    "string": (1, 1, text),
    "int": (1, 1, integer),
    "float": (1, 1, lambda value: integer(value)),
    "bool": (1, 1, boolean),
    "json": (1, 1, _json),
    "array": (1, 1, lambda value: value if isinstance(value, list) else [value]),
    "createarray": (0, 999, lambda *values: list(values)),
    "createobject": (0, 999, _object),
    "tolower": (1, 1, lambda value: word(value).lower()),
    "toupper": (1, 1, lambda value: word(value).upper()),
    "trim": (1, 1, lambda value: word(value).strip()),
    "replace": (3, 3, lambda value, old, new: word(value).replace(word(old), word(new)) if old else value),
    "split": (2, 2, _split),
    "join": (2, 2, _joined),
    "substring": (2, 3, _substring),
    "indexof": (2, 2, _index),
    "lastindexof": (2, 2, lambda value, item: _index(value, item, last=True)),
    "startswith": (2, 2, lambda value, part: word(value).lower().startswith(word(part).lower())),
    "endswith": (2, 2, lambda value, part: word(value).lower().endswith(word(part).lower())),
    "padleft": (2, 3, _pad),
    "uri": (2, 2, lambda base, rest: urllib.parse.urljoin(word(base), word(rest))),
    "uricomponent": (1, 1, lambda value: urllib.parse.quote(word(value), safe="-_.!~*'()")),
    "uricomponenttostring": (1, 1, lambda value: urllib.parse.unquote(word(value))),
    "base64": (1, 1, lambda value: base64.b64encode(word(value).encode("utf-8", "replace")).decode()),
    "base64tostring": (1, 1, _decoded),
    "base64tojson": (1, 1, lambda value: _json(_decoded(value))),
    "uniquestring": (1, 999, lambda *values: hashes.unique_string([text(one) for one in values])),
    "guid": (1, 999, lambda *values: hashes.guid([text(one) for one in values])),
    "and": (1, 999, _truth(all)),
    "or": (1, 999, _truth(any)),
    "not": (1, 1, lambda value: not boolean(value)),
    "equals": (2, 2, equal),
    "less": (2, 2, _before),
    "lessorequals": (2, 2, lambda one, other: not _before(other, one)),
    "greater": (2, 2, lambda one, other: _before(other, one)),
    "greaterorequals": (2, 2, lambda one, other: not _before(one, other)),
    "true": (0, 0, lambda: True),
    "false": (0, 0, lambda: False),
    "null": (0, 0, lambda: None),
    "length": (1, 1, _length),
    "empty": (1, 1, _empty),
    "contains": (2, 2, _contains),
    "union": (1, 999, _union),
    "intersection": (2, 999, _intersection),
    "first": (1, 1, lambda value: _end(value, 0)),
    "last": (1, 1, lambda value: _end(value, -1)),
    "skip": (2, 2, lambda value, count: _part(value, max(0, integer(count)), None)),
    "take": (2, 2, lambda value, count: _part(value, 0, max(0, integer(count)))),
    "range": (2, 2, _range),
    "min": (1, 999, lambda *values: min(_numbers(values))),
    "max": (1, 999, lambda *values: max(_numbers(values))),
    "add": (2, 2, lambda one, other: integer(one) + integer(other)),
    "sub": (2, 2, lambda one, other: integer(one) - integer(other)),
    "mul": (2, 2, lambda one, other: integer(one) * integer(other)),
    "div": (2, 2, _divide),
    "mod": (2, 2, lambda one, other: integer(one) - integer(other) * _divide(one, other)),
    "flatten": (1, 1, _flatten),
    "shallowmerge": (1, 1, _shallow),
    "items": (1, 1, lambda value: [{"key": k, "value": mapping(value)[k]} for k in sorted(mapping(value))]),
    "objectkeys": (1, 1, lambda value: sorted(mapping(value))),
}


def bounded(value: Any) -> Any:
    """A result that is not longer than a template may be. Raises Unknown."""
    if isinstance(value, (str, list)) and len(value) > _LONGEST:
        raise Unknown("the value is longer than a template may be")
    return value
