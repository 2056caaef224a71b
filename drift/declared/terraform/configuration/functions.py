"""Every function of Terraform's that needs nothing but its arguments, by name.

A function that looks into its arguments is not called where a part of one can't be known: the result is
unknown, too. ``OPEN`` are those that only pass members on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from drift.declared.terraform.configuration import collection_functions as lists
from drift.declared.terraform.configuration import text_functions as texts
from drift.declared.terraform.configuration.values import bool_of, number_of, text_of, unknown, whole_number
from drift.model import Unresolved

Function = Callable[..., Any]

#: These pass on members without looking into them.
OPEN: Mapping[str, Function] = {
    "coalesce": lists.coalesce,
    "coalescelist": lists.coalescelist,
    "concat": lists.concat,
    "element": lists.element,
    "flatten": lists.flatten,
    "keys": lambda value: sorted(lists.map_of(value)),
    "length": lists.length,
    "lookup": lists.lookup,
    "merge": lists.merge,
    "nonsensitive": lists.same_value,
    "one": lists.one,
    "reverse": lambda value: lists.items_of(value)[::-1],
    "sensitive": lists.same_value,
    "ephemeralasnull": lists.same_value,
    "slice": lists.slice_,
    "tolist": lists.tolist,
    "tomap": lists.tomap,
    "toset": lists.toset,
    "values": lambda value: [lists.map_of(value)[key] for key in sorted(value)],
    "zipmap": lists.zipmap,
}
#: These look at all that is in their arguments.
CLOSED: Mapping[str, Function] = {
    "abs": lambda value: abs(number_of(value)),
    "alltrue": lambda items: all(bool_of(one) for one in lists.items_of(items)),
    "anytrue": lambda items: any(bool_of(one) for one in lists.items_of(items) if one is not None),
    "ceil": lambda value: math.ceil(number_of(value)),
    "chomp": lambda text: re.sub(r"[\r\n]+\Z", "", text_of(text)),
    "chunklist": lists.chunked,
    "compact": lambda items: [one for one in lists.items_of(items) if one not in (None, "")],
    "contains": lists.contains,
    "distinct": lambda items: lists.distinct(lists.items_of(items)),
    "endswith": lambda text, end: text_of(text).endswith(end),
    "floor": lambda value: math.floor(number_of(value)),
    "format": texts.format_,
    "formatlist": texts.formatlist,
    "indent": texts.indent,
    "index": lists.index_of,
    "join": texts.join,
    "log": texts.log,
    "lower": lambda text: text_of(text).lower(),
    "matchkeys": lists.matchkeys,
    "max": lambda *values: max(lists.spread(values)),
    "min": lambda *values: min(lists.spread(values)),
    "parseint": lambda text, base: int(text_of(text), int(base)),
    "pow": lambda value, by: whole_number(math.pow(number_of(value), number_of(by))),
    "range": lists.range_,
    "regex": texts.regex,
    "regexall": texts.regexall,
    "replace": texts.replaced,
    "setintersection": lists.intersection,
    "setproduct": lists.setproduct,
    "setsubtract": lists.subtract,
    "setunion": lists.union,
    "signum": lambda value: (number_of(value) > 0) - (number_of(value) < 0),
    "sort": lambda items: sorted(map(text_of, lists.items_of(items))),
    "split": lambda separator, text: texts.split(separator, text_of(text)),
    "startswith": lambda text, start: text_of(text).startswith(start),
    "strcontains": lambda text, part: part in text_of(text),
    "strrev": lambda text: text_of(text)[::-1],
    "substr": lambda text, start, length: texts.substr(text_of(text), start, length),
    "sum": texts.sum_,
    "title": lambda text: texts.title(text_of(text)),
    "tobool": texts.tobool,
    "tonumber": texts.tonumber,
    "tostring": texts.tostring,
    "transpose": lists.transpose,
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


_OWN_CARE = frozenset((lists.coalesce, lists.coalescelist, lists.merge, lists.same_value, lists.flatten))
FUNCTIONS: Mapping[str, Function] = {
    **{name: opened(one) for name, one in OPEN.items()},
    **{name: closed(one) for name, one in CLOSED.items()},
}
