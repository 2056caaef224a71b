"""Functions on lists and maps, and what chooses between values.

Source: pkg.go.dev/text/template, "Functions"; masterminds.github.io/sprig.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from providers.kubernetes.engines.gotemplate.functions import function
from providers.kubernetes.engines.gotemplate.values import TemplateError, equal, inner, kind, less, true

function("not", "a")(lambda value: not true(value))
function("eq", "aaa*")(lambda one, *others: any(equal(one, other) for other in others))
function("ne", "aa")(lambda one, other: not equal(one, other))
function("lt", "aa")(less)
function("gt", "aa")(lambda one, other: less(other, one))
function("le", "aa")(lambda one, other: not less(other, one))
function("ge", "aa")(lambda one, other: not less(one, other))
function("default", "aa*")(lambda other, *value: value[0] if value and true(value[0]) else other)
function("empty", "a")(lambda value: not true(value))
function("coalesce", "a*")(lambda *several: next((one for one in several if true(one)), None))
function("all", "a*")(lambda *several: all(map(true, several)))
function("any", "a*")(lambda *several: any(map(true, several)))
function("ternary", "aab")(lambda one, other, which: one if which else other)
function("list", "a*")(lambda *several: list(several))
function("tuple", "a*")(lambda *several: list(several))
function("first", "l")(lambda several: several[0] if several else None)
function("last", "l")(lambda several: several[-1] if several else None)
function("rest", "l")(lambda several: several[1:])
function("initial", "l")(lambda several: several[:-1])
function("append", "la")(lambda several, one: [*several, one])
function("push", "la")(lambda several, one: [*several, one])
function("prepend", "la")(lambda several, one: [one, *several])
function("concat", "l*")(lambda *several: [one for each in several for one in each])
function("reverse", "l")(lambda several: several[::-1])
function("compact", "l")(lambda several: [one for one in several if true(one)])
function("has", "al")(lambda one, several: any(_same(one, other) for other in several))
function("without", "la*")(
    lambda several, *out: [one for one in several if not any(_same(one, other) for other in out)]
)
function("hasKey", "ms")(lambda value, key: key in value)
function("get", "ms")(lambda value, key: value.get(key, ""))
function("set", "msa")(lambda value, key, item: {**value, key: item})
function("unset", "ms")(lambda value, key: {name: item for name, item in value.items() if name != key})
function("keys", "m*")(lambda *several: sorted(key for one in several for key in one))
function("values", "m")(lambda value: [value[key] for key in sorted(value)])
function("pick", "ms*")(lambda value, *keys: {key: value[key] for key in keys if key in value})
function("omit", "ms*")(lambda value, *keys: {key: one for key, one in value.items() if key not in keys})
function("pluck", "sm*")(lambda key, *several: [one[key] for one in several if key in one])
function("merge", "mm*")(lambda one, *others: _merged(one, others, override=False))
function("mergeOverwrite", "mm*")(lambda one, *others: _merged(one, others, override=True))
function("deepCopy", "a")(deepcopy)
function("kindOf", "a")(kind)
function("kindIs", "sa")(lambda name, value: kind(value) == name)


@function("len", "a")
def _len(value: Any) -> int:
    if not isinstance(value, (str, list, dict)):
        raise TemplateError(f"len of {inner(value)[:50]!r}")
    return len(value.encode()) if isinstance(value, str) else len(value)


@function("index", "aa*")
def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and not isinstance(key, bool):
            if not 0 <= key < len(value):
                raise TemplateError(f"index {key} is out of range")
            value = value[key]
        else:
            raise TemplateError(f"can't index {inner(value)[:50]!r} with {inner(key)[:50]!r}")
    return value


@function("slice", "ai*")
def _slice(value: Any, *places: int) -> Any:
    if not isinstance(value, (str, list)) or len(places) > 2:
        raise TemplateError(f"can't slice {inner(value)[:50]!r}")
    if any(not 0 <= one <= len(value) for one in places):
        raise TemplateError("a slice is out of range")
    return value[places[0] if places else 0 : places[1] if len(places) > 1 else len(value)]


@function("dict", "a*")
def _dict(*several: Any) -> dict[str, Any]:
    pairs = [*several, *([""] if len(several) % 2 else [])]
    return {inner(key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}


@function("uniq", "l")
def _uniq(several: list[Any]) -> list[Any]:
    found: list[Any] = []
    for one in several:
        if not any(_same(one, other) for other in found):
            found.append(one)
    return found


@function("chunk", "il")
def _chunk(size: int, several: list[Any]) -> list[list[Any]]:
    return [several[at : at + size] for at in range(0, len(several), size)]


@function("dig", "aaa*")
def _dig(*arguments: Any) -> Any:
    *keys, other, value = arguments
    for key in keys:
        if not isinstance(key, str):
            raise TemplateError("dig takes keys, a value and a map")
        if not isinstance(value, dict):
            raise TemplateError(f"dig: {inner(value)[:50]!r} is no map")
        if key not in value:
            return other
        value = value[key]
    return value


def _same(one: Any, other: Any) -> bool:
    return kind(one) == kind(other) and bool(one == other)


def _merged(one: dict[str, Any], others: tuple[dict[str, Any], ...], *, override: bool) -> dict[str, Any]:
    found = one
    for other in others:
        found = merged(found, other, override=override)
    return found


def merged(one: dict[str, Any], other: dict[str, Any], *, override: bool = False) -> dict[str, Any]:
    """Two maps as one, deeply: what the first has stands, but for what is empty in it; with ``override``
    what the second has, but for what is empty there. Source: pkg.go.dev/dario.cat/mergo."""
    found = dict(one)
    for key, value in other.items():
        mine = found.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            found[key] = merged(mine, value, override=override)
        elif (override and true(value)) or not true(mine):
            found[key] = value if true(value) or key not in found else mine
    return found
