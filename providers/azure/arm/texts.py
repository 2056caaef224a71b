"""The template functions that make texts, or make something of one."""

from __future__ import annotations

import base64
import binascii
import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from providers.azure.arm import hashes
from providers.azure.arm.values import Unknown, array, integer, known, text, word

_HOLE = re.compile(r"\{\{|\}\}|\{(\d{1,4})(?:,(-?\d{1,4}))?(?::([^{}]*))?\}")


def _concat(*values: Any) -> Any:
    if values and all(isinstance(one, list) for one in values):
        return [item for one in values for item in one]
    return "".join(text(one) for one in values)


def _shown(value: Any) -> str:
    """A value as ``format()`` writes it: within objects and arrays, texts stand in single quotes."""
    value = known(value)
    return _quoted(value) if isinstance(value, (Mapping, list)) else text(value)


def _quoted(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_quoted(key)}:{_quoted(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_quoted, value)) + "]"
    if isinstance(value, str):
        return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    return json.dumps(value)


def _format(form: Any, *values: Any) -> str:
    def one(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if int(found[1]) >= len(values):
            raise Unknown(f"format has no argument {found[1]}")
        value = values[int(found[1])]
        if not found[3]:
            said = _shown(value)
        elif re.fullmatch(r"[dD]\d{0,2}|0{1,20}", found[3]):
            width = int(found[3][1:] or 0) if found[3][0] in "dD" else len(found[3])
            number = integer(value)
            said = ("-" if number < 0 else "") + str(abs(number)).zfill(width)
        elif re.fullmatch(r"[xX]\d{0,2}", found[3]) and integer(value) >= 0:
            said = f"{integer(value):{found[3][0]}}".zfill(int(found[3][1:] or 0))
        else:
            raise Unknown(f"the number format {found[3]!r} is not known")
        width = int(found[2] or 0)
        return said.rjust(width) if width >= 0 else said.ljust(-width)

    return _HOLE.sub(one, word(form))


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


def _json(value: Any) -> Any:
    try:
        return json.loads(word(value))
    except (ValueError, RecursionError) as error:
        raise Unknown("json expects a JSON text") from error


def _uri(base: Any, rest: Any) -> str:
    """Microsoft Learn, ``uri``: after a slash the second text follows; else it takes the place of the last
    segment."""
    first, second = word(base), word(rest)
    if second.startswith(("http://", "https://")):
        return second
    _, mark, path = first.partition("//")
    if first.endswith("/"):
        return first + second.removeprefix("/")
    if mark and "/" not in path:
        return f"{first}/{second.removeprefix('/')}"
    return urllib.parse.urljoin(first, second)


def _data_uri(value: Any) -> str:
    return (
        "data:text/plain;charset=utf8;base64,"
        + base64.b64encode(word(value).encode("utf-8", "replace")).decode()
    )


def _from_data_uri(value: Any) -> str:
    head, comma, data = word(value).partition(",")
    if not head.startswith("data:") or not comma:
        raise Unknown("expected a data URI")
    return _decoded(data) if head.endswith(";base64") else urllib.parse.unquote(data)


def _like(value: Any, pattern: Any) -> bool:
    form = "".join(
        {"*": ".*", "?": "."}.get(one, re.escape(one)) for one in re.sub(r"\*+", "*", word(pattern))
    )
    return re.fullmatch(form, word(value), re.S) is not None


def _decoded(value: Any) -> str:
    try:
        return base64.b64decode(word(value), validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise Unknown("expected base64 text") from error


def _pad(value: Any, width: Any, by: Any = " ") -> str:
    if not 0 <= integer(width) <= 10_000 or len(word(by)) != 1:
        raise Unknown("padLeft expects a width and one character")
    return text(value).rjust(integer(width), by)


def _joined(values: Any, by: Any) -> str:
    return word(by).join(text(one) for one in array(values))


TABLE: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "concat": (1, 999, _concat),
    "format": (1, 999, _format),
    "string": (1, 1, text),
    "json": (1, 1, _json),
    "tolower": (1, 1, lambda value: word(value).lower()),
    "toupper": (1, 1, lambda value: word(value).upper()),
    "trim": (1, 1, lambda value: word(value).strip()),
    "replace": (3, 3, lambda value, old, new: word(value).replace(word(old), word(new)) if old else value),
    "split": (2, 2, _split),
    "join": (2, 2, _joined),
    "substring": (2, 3, _substring),
    "startswith": (2, 2, lambda value, part: word(value).lower().startswith(word(part).lower())),
    "endswith": (2, 2, lambda value, part: word(value).lower().endswith(word(part).lower())),
    "padleft": (2, 3, _pad),
    "uri": (2, 2, _uri),
    "datauri": (1, 1, _data_uri),
    "datauritostring": (1, 1, _from_data_uri),
    "like": (2, 2, _like),
    "uricomponent": (1, 1, lambda value: urllib.parse.quote(word(value), safe="-_.!~*'()")),
    "uricomponenttostring": (1, 1, lambda value: urllib.parse.unquote(word(value))),
    "base64": (1, 1, lambda value: base64.b64encode(word(value).encode("utf-8", "replace")).decode()),
    "base64tostring": (1, 1, _decoded),
    "base64tojson": (1, 1, lambda value: _json(_decoded(value))),
    "uniquestring": (1, 999, lambda *values: hashes.unique_string([text(one) for one in values])),
    "guid": (1, 999, lambda *values: hashes.guid([text(one) for one in values])),
}
