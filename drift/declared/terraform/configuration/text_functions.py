"""Terraform's functions of texts and numbers, as its documentation says
(https://developer.hashicorp.com/terraform/language/functions). What they don't take is a Failure."""

from __future__ import annotations

import math
import re
from typing import Any

from drift.declared.terraform.configuration.collection_functions import MOST_RANGE, items_of, spread
from drift.declared.terraform.configuration.encodings import json_text
from drift.declared.terraform.configuration.values import Failure, bool_of, number_of, text_of, whole_number
from drift.patterns import PatternError, compiled


def pattern_of(text: str) -> Any:
    try:
        return compiled(text)
    except PatternError as error:
        raise Failure(f"{text!r} is no regular expression: {error}") from error


def regex(pattern: str, text: str) -> Any:
    found = pattern_of(pattern).search(text)
    if found is None:
        raise Failure("regex matches nothing")
    return captured(found)


def regexall(pattern: str, text: str) -> list[Any]:
    return [captured(one) for one in pattern_of(pattern).finditer(text)]


def captured(found: Any) -> Any:
    if found.groupdict():
        return found.groupdict()
    return list(found.groups()) if found.re.groups else found[0]


def replaced(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        made: str = pattern_of(old[1:-1]).sub(lambda found: expanded(found, new), text)
        return made
    return text_of(text).replace(text_of(old), text_of(new))


def expanded(found: Any, template: str) -> str:
    """A template of Go's ``Regexp.Expand``: ``$1``, ``${name}``; what is no group is empty."""

    def one(place: re.Match[str]) -> str:
        name = place[1] or place[2]
        if name is None:
            return "$"
        groups = found.groupdict() if not name.isdecimal() else dict(enumerate((found[0], *found.groups())))
        return groups.get(int(name) if name.isdecimal() else name) or ""

    return re.sub(r"\$(?:\{(\w+)\}|(\w+)|\$)", one, template)


def format_(text: str, *values: Any) -> str:
    rest = list(values)

    def one(found: re.Match[str]) -> str:
        verb = found["verb"]
        if verb == "%":
            return "%"
        value = values[int(found["index"]) - 1] if found["index"] else rest.pop(0)
        if max(int(found["width"] or 0), int((found["precision"] or ".0")[1:])) > MOST_RANGE:
            raise Failure(f"format makes more than {MOST_RANGE:,} signs of one value")
        flags = f"%{found['flags']}{found['width'] or ''}{found['precision'] or ''}"
        if verb in "sqv":
            shown = text_of(value) if not isinstance(value, (list, dict, type(None))) else json_text(value)
            return padded(json_text(shown) if verb == "q" else shown, found)
        if verb == "t":
            return "true" if bool_of(value) else "false"
        number = number_of(value)
        if verb == "b":
            return padded(f"{int(number):b}", found)
        return (flags + verb) % (int(number) if verb in "doxX" else float(number))

    return re.sub(
        r"%(?:\[(?P<index>\d+)\])?(?P<flags>[-+# 0]*)(?P<width>\d+)?(?P<precision>\.\d+)?(?P<verb>[%a-zA-Z])",
        one,
        text,
    )


def padded(text: str, found: re.Match[str]) -> str:
    if found["precision"]:
        text = text[: int(found["precision"][1:])]
    width = min(int(found["width"] or 0), MOST_RANGE)
    if "-" in found["flags"]:
        return text.ljust(width)
    return text.rjust(width, "0" if "0" in found["flags"] else " ")


def formatlist(text: str, *values: Any) -> Any:
    lengths = {len(value) for value in values if isinstance(value, list)}
    if len(lengths) > 1:
        raise Failure("formatlist has lists of several lengths")
    return [
        format_(text, *(value[place] if isinstance(value, list) else value for value in values))
        for place in range(lengths.pop() if lengths else 1)
    ]


def indent(spaces: Any, text: str) -> str:
    return text.replace("\n", "\n" + " " * min(int(spaces), MOST_RANGE))


def substr(text: str, start: Any, length: Any) -> str:
    first, count = int(start), int(length)
    first = max(0, first + len(text)) if first < 0 else first
    return text[first:] if count == -1 else text[first : first + count]


def join(separator: str, *lists: Any) -> str:
    return separator.join(text_of(item) for one in lists for item in items_of(one))


def title(text: str) -> str:
    return re.sub(r"(?<![^\s\W])[a-z]", lambda found: found[0].upper(), text)


def split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def sum_(values: Any) -> Any:
    found = spread(items_of(values))
    if not found:
        raise Failure("sum of nothing")
    return whole_number(sum(found))


def log(value: Any, base: Any) -> Any:
    return whole_number(math.log(number_of(value), number_of(base)))


def tostring(value: Any) -> Any:
    return None if value is None else text_of(value)


def tonumber(value: Any) -> Any:
    return None if value is None else number_of(value)


def tobool(value: Any) -> Any:
    return None if value is None else bool_of(value)
