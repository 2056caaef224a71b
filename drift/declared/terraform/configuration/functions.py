"""Terraform's functions of collections, texts and numbers, as its documentation says
(https://developer.hashicorp.com/terraform/language/functions).

A function that looks into its arguments is not called where a part of one can't be known: the result is
unknown, too. ``OPEN`` are those that only pass members on.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drift.declared.terraform.configuration.encodings import json_text
from drift.declared.terraform.configuration.expressions import pairs
from drift.declared.terraform.configuration.values import (
    Exhausted,
    Failure,
    SetOf,
    bool_of,
    kind_of,
    number_of,
    text_of,
    unknown,
    whole_number,
)
from drift.model import Unresolved
from drift.values import same

Function = Callable[..., Any]
#: Terraform's own limit of ``range``.
_MOST_RANGE = 1024
_MOST_PRODUCT = 100_000
#: Patterns whose repetitions are repeated may take for ever; so may long texts.
_REPEATED = re.compile(r"[+*}][^()]*\)[+*{]")
_MOST_MATCHED = 65_536


def _items(value: Any) -> list[Any]:
    if isinstance(value, list):
        return list(value)
    raise Failure(f"{kind_of(value)} is no list")


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise Failure(f"{kind_of(value)} is no map")


def _distinct(items: Sequence[Any]) -> list[Any]:
    made: list[Any] = []
    for item in items:
        if not any(same(item, other) for other in made):
            made.append(item)
    return made


def _merge(*maps: Any) -> Any:
    made: dict[str, Any] = {}
    for one in maps:
        if isinstance(one, Unresolved):
            return one
        made.update({} if one is None else _mapping(one))
    return made


def _flatten(value: Any) -> Any:
    made: list[Any] = []
    for item in _items(value):
        if isinstance(item, Unresolved):
            return item
        made.extend(_flat(item) if isinstance(item, list) else [item])
    return made


def _flat(value: list[Any]) -> list[Any]:
    return [one for item in value for one in (_flat(item) if isinstance(item, list) else [item])]


def _lookup(map_: Any, key: Any, *default: Any) -> Any:
    if isinstance(map_, Unresolved):
        return map_
    found = _mapping(map_)
    if text_of(key) in found:
        return found[text_of(key)]
    if default:
        return default[0]
    raise Failure(f"lookup finds no {key!r}")


def _element(items: Any, index: Any) -> Any:
    found = _items(items)
    if not found:
        raise Failure("element of an empty list")
    return found[int(number_of(index)) % len(found)]


def _coalesce(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unresolved):
            return value
        if value is not None and value != "":
            return value
    raise Failure("coalesce has no value")


def _coalescelist(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unresolved) or value:
            return value
    raise Failure("coalescelist has no list with members")


def _one(items: Any) -> Any:
    found = _items(items)
    if len(found) > 1:
        raise Failure("one of a list with several members")
    return found[0] if found else None


def _length(value: Any) -> int:
    if isinstance(value, (list, dict, str)):
        return len(value)
    raise Failure(f"{kind_of(value)} has no length")


def _zipmap(keys: Any, values: Any) -> dict[str, Any]:
    return dict(zip(map(text_of, _items(keys)), _items(values), strict=True))


def _slice(items: Any, start: Any, end: Any) -> list[Any]:
    found, first, last = _items(items), int(start), int(end)
    if not 0 <= first <= last <= len(found):
        raise Failure("slice goes beyond its list")
    return found[first:last]


def _unified(items: list[Any]) -> list[Any]:
    """The members of a collection in one type: texts where one of them is a text."""
    plain = [item for item in items if isinstance(item, (str, int, float))]
    if any(isinstance(item, str) for item in plain) and not any(isinstance(i, (list, dict)) for i in items):
        return [text_of(item) if isinstance(item, (int, float)) else item for item in items]
    return items


def _toset(value: Any) -> Any:
    found = unknown(value)
    if isinstance(value, Unresolved) or (found is not None and isinstance(value, list)):
        return found
    return SetOf(_unified(_items(value))) if value is not None else None


def _tolist(value: Any) -> Any:
    return value if isinstance(value, Unresolved) or value is None else _unified(_items(value))


def _tomap(value: Any) -> Any:
    if isinstance(value, Unresolved) or value is None:
        return value
    found = _mapping(value)
    return dict(zip(found, _unified(list(found.values())), strict=True))


def _concat(*lists: Any) -> Any:
    found = next((one for one in lists if isinstance(one, Unresolved)), None)
    return found if found is not None else [item for one in lists for item in _items(one)]


def _same(value: Any) -> Any:
    return value


def _setproduct(*sets: Any) -> Any:
    count = math.prod(len(_items(one)) for one in sets)
    if count > _MOST_PRODUCT:
        raise Exhausted(f"setproduct makes {count:,} members")
    made = [list(one) for one in itertools.product(*map(_items, sets))]
    return SetOf(made) if all(isinstance(one, SetOf) for one in sets) else made


def _range(*limits: Any) -> list[Any]:
    start, end, step = {1: (0, *limits, 1), 2: (*limits, 1), 3: limits}[len(limits)]
    step = step if len(limits) == 3 or start <= end else -1
    if step == 0:
        raise Failure("range has a step of 0")
    count = max(0, math.ceil((end - start) / step))
    if count > _MOST_RANGE:
        raise Failure(f"range makes {count:,} members")
    return [whole_number(start + step * index) for index in range(count)]


def _contains(items: Any, value: Any) -> bool:
    return any(same(item, value) for item in _items(items))


def _index(items: Any, value: Any) -> int:
    for place, item in enumerate(_items(items)):
        if same(item, value):
            return place
    raise Failure("index finds no such member")


def _subtract(one: Any, other: Any) -> SetOf:
    return SetOf(item for item in _items(one) if not _contains(other, item))


def _intersection(first: Any, *others: Any) -> SetOf:
    return SetOf(item for item in _items(first) if all(_contains(other, item) for other in others))


def _union(*sets: Any) -> SetOf:
    return SetOf(item for one in sets for item in _items(one))


def _transpose(value: Any) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for key, items in pairs(_mapping(value)):
        for item in _items(items):
            made.setdefault(text_of(item), []).append(key)
    return {key: sorted(made[key]) for key in sorted(made)}


def _matchkeys(values: Any, keys: Any, wanted: Any) -> list[Any]:
    return [value for value, key in zip(_items(values), _items(keys), strict=True) if _contains(wanted, key)]


def _spread(values: Sequence[Any]) -> list[Any]:
    return [number_of(one) for one in values]


# Texts


def _pattern(text: str, matched: str) -> re.Pattern[str]:
    if _REPEATED.search(text) or len(matched) > _MOST_MATCHED:
        raise Failure("the pattern may take for ever, so it is not matched")
    return re.compile(text.replace(r"\z", r"\Z").replace("[[:alnum:]]", "[A-Za-z0-9]"))


def _regex(pattern: str, text: str) -> Any:
    found = _pattern(pattern, text).search(text)
    if found is None:
        raise Failure("regex matches nothing")
    return _captured(found)


def _captured(found: re.Match[str]) -> Any:
    if found.groupdict():
        return found.groupdict()
    return list(found.groups()) if found.re.groups else found[0]


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        template = re.sub(r"\$(?:\{(\w+)\}|(\w+))", r"\\g<\1\2>", new.replace("\\", "\\\\"))
        return _pattern(old[1:-1], text).sub(template, text)
    return text_of(text).replace(text_of(old), text_of(new))


def _format(text: str, *values: Any) -> str:
    rest = list(values)

    def one(found: re.Match[str]) -> str:
        verb = found["verb"]
        if verb == "%":
            return "%"
        value = values[int(found["index"]) - 1] if found["index"] else rest.pop(0)
        if max(int(found["width"] or 0), int((found["precision"] or ".0")[1:])) > _MOST_RANGE:
            raise Failure(f"format makes more than {_MOST_RANGE:,} signs of one value")
        flags = f"%{found['flags']}{found['width'] or ''}{found['precision'] or ''}"
        if verb in "sqv":
            shown = text_of(value) if not isinstance(value, (list, dict, type(None))) else json_text(value)
            return _padded(json_text(shown) if verb == "q" else shown, found)
        if verb == "t":
            return "true" if bool_of(value) else "false"
        number = number_of(value)
        if verb == "b":
            return _padded(f"{int(number):b}", found)
        return (flags + verb) % (int(number) if verb in "doxX" else float(number))

    return re.sub(
        r"%(?:\[(?P<index>\d+)\])?(?P<flags>[-+# 0]*)(?P<width>\d+)?(?P<precision>\.\d+)?(?P<verb>[%a-zA-Z])",
        one,
        text,
    )


def _padded(text: str, found: re.Match[str]) -> str:
    if found["precision"]:
        text = text[: int(found["precision"][1:])]
    width = min(int(found["width"] or 0), _MOST_RANGE)
    if "-" in found["flags"]:
        return text.ljust(width)
    return text.rjust(width, "0" if "0" in found["flags"] else " ")


def _formatlist(text: str, *values: Any) -> Any:
    lengths = {len(value) for value in values if isinstance(value, list)}
    if len(lengths) > 1:
        raise Failure("formatlist has lists of several lengths")
    return [
        _format(text, *(value[place] if isinstance(value, list) else value for value in values))
        for place in range(lengths.pop() if lengths else 1)
    ]


def _indent(spaces: Any, text: str) -> str:
    return text.replace("\n", "\n" + " " * min(int(spaces), _MOST_RANGE))


def _substr(text: str, start: Any, length: Any) -> str:
    first, count = int(start), int(length)
    first = max(0, first + len(text)) if first < 0 else first
    return text[first:] if count == -1 else text[first : first + count]


def _join(separator: str, *lists: Any) -> str:
    return separator.join(text_of(item) for one in lists for item in _items(one))


def _title(text: str) -> str:
    return re.sub(r"(?<![^\s\W])[a-z]", lambda found: found[0].upper(), text)


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _sum(values: Any) -> Any:
    found = _spread(_items(values))
    if not found:
        raise Failure("sum of nothing")
    return whole_number(sum(found))


def _log(value: Any, base: Any) -> Any:
    return whole_number(math.log(number_of(value), number_of(base)))


def _tostring(value: Any) -> Any:
    return None if value is None else text_of(value)


def _tonumber(value: Any) -> Any:
    return None if value is None else number_of(value)


def _tobool(value: Any) -> Any:
    return None if value is None else bool_of(value)


def _chunked(items: Any, size: Any) -> list[Any]:
    found, step = _items(items), int(size) or 1
    return [found[place : place + step] for place in range(0, len(found), step)]


#: These pass on members without looking into them.
OPEN: Mapping[str, Function] = {
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "concat": _concat,
    "element": _element,
    "flatten": _flatten,
    "keys": lambda value: sorted(_mapping(value)),
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "reverse": lambda value: _items(value)[::-1],
    "sensitive": _same,
    "ephemeralasnull": _same,
    "slice": _slice,
    "tolist": _tolist,
    "tomap": _tomap,
    "toset": _toset,
    "values": lambda value: [_mapping(value)[key] for key in sorted(value)],
    "zipmap": _zipmap,
}
#: These look at all that is in their arguments.
CLOSED: Mapping[str, Function] = {
    "abs": lambda value: abs(number_of(value)),
    "alltrue": lambda items: all(bool_of(one) for one in _items(items)),
    "anytrue": lambda items: any(bool_of(one) for one in _items(items) if one is not None),
    "ceil": lambda value: math.ceil(number_of(value)),
    "chomp": lambda text: re.sub(r"[\r\n]+\Z", "", text_of(text)),
    "chunklist": _chunked,
    "compact": lambda items: [one for one in _items(items) if one not in (None, "")],
    "contains": _contains,
    "distinct": lambda items: _distinct(_items(items)),
    "endswith": lambda text, end: text_of(text).endswith(end),
    "floor": lambda value: math.floor(number_of(value)),
    "format": _format,
    "formatlist": _formatlist,
    "indent": _indent,
    "index": _index,
    "join": _join,
    "log": _log,
    "lower": lambda text: text_of(text).lower(),
    "matchkeys": _matchkeys,
    "max": lambda *values: max(_spread(values)),
    "min": lambda *values: min(_spread(values)),
    "parseint": lambda text, base: int(text_of(text), int(base)),
    "pow": lambda value, by: whole_number(math.pow(number_of(value), number_of(by))),
    "range": _range,
    "regex": _regex,
    "regexall": lambda pattern, text: [_captured(one) for one in _pattern(pattern, text).finditer(text)],
    "replace": _replace,
    "setintersection": _intersection,
    "setproduct": _setproduct,
    "setsubtract": _subtract,
    "setunion": _union,
    "signum": lambda value: (number_of(value) > 0) - (number_of(value) < 0),
    "sort": lambda items: sorted(map(text_of, _items(items))),
    "split": lambda separator, text: _split(separator, text_of(text)),
    "startswith": lambda text, start: text_of(text).startswith(start),
    "strcontains": lambda text, part: part in text_of(text),
    "strrev": lambda text: text_of(text)[::-1],
    "substr": lambda text, start, length: _substr(text_of(text), start, length),
    "sum": _sum,
    "title": lambda text: _title(text_of(text)),
    "tobool": _tobool,
    "tonumber": _tonumber,
    "tostring": _tostring,
    "transpose": _transpose,
    "trim": lambda text, letters: text_of(text).strip(letters),
    "trimprefix": lambda text, start: text_of(text).removeprefix(start),
    "trimspace": lambda text: text_of(text).strip(),
    "trimsuffix": lambda text, end: text_of(text).removesuffix(end),
    "upper": lambda text: text_of(text).upper(),
}


def closed(function: Function) -> Function:
    """The function, unknown where a part of its arguments is."""

    def called(*arguments: Any) -> Any:
        found = unknown(list(arguments))
        return function(*arguments) if found is None else found

    return called


def opened(function: Function) -> Function:
    """The function, unknown where one of its arguments is as a whole."""

    def called(*arguments: Any) -> Any:
        if function not in _OWN_CARE:
            found = next((one for one in arguments if isinstance(one, Unresolved)), None)
            if found is not None:
                return found
        return function(*arguments)

    return called


_OWN_CARE = frozenset((_coalesce, _coalescelist, _merge, _same, _flatten))
FUNCTIONS: Mapping[str, Function] = {
    **{name: opened(one) for name, one in OPEN.items()},
    **{name: closed(one) for name, one in CLOSED.items()},
}
