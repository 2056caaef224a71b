"""An instance of a Terraform resource with other values of one attribute, so that its translation shows what
that controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import orjson

from drift.declared.terraform.hcl import Steps
from drift.model import MISSING

PROBE = "drift-probe"
#: Values of each shape, for an attribute that no instance sets.
_PROBES: tuple[Any, ...] = (PROBE, {PROBE: PROBE}, [PROBE], True, 1)
#: How Terraform's providers call what they compute from an attribute and their own defaults.
_MIRRORS = ("{}_all", "effective_{}", "terraform_{}")


def variants(
    attributes: Mapping[str, Any], steps: Steps, samples: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Sequence[Mapping[str, Any]], bool]]:
    """The instance with other values of one attribute; each as attempts, of which the first that translates
    counts.

    The flag: only of use where no variant before it showed a difference.
    """
    value = _value(attributes, steps)
    absent = [_with(attributes, steps, MISSING), _with(attributes, steps, None)]
    if value is MISSING or value is None or value in ("", {}, []):
        known = [
            one for sample in samples if (one := _value(sample, steps)) not in (MISSING, None, "", {}, [])
        ]
        for one in known[:5]:
            yield [_with(attributes, steps, one)], False
        for one in _PROBES:
            yield [_with(attributes, steps, one)], bool(known)
        yield absent, not any(attributes.get(form.format(steps[0])) for form in _MIRRORS)
    elif isinstance(value, Mapping):
        yield absent, False
        yield [_with(attributes, steps, {**value, PROBE: PROBE})], False
    elif isinstance(value, list):
        yield absent, False
        if all(not isinstance(item, (dict, list)) for item in value):
            yield [_with(attributes, steps, [_other(item) for item in value])], False
    else:
        yield [_with(attributes, steps, _other(value))], False
        if isinstance(value, str):
            yield [_with(attributes, steps, PROBE)], False
            document = _document(value)
            if document is not None:
                yield [_with(attributes, steps, orjson.dumps(_others(document)).decode())], True
        yield absent, True


def grown(attributes: Mapping[str, Any], steps: Steps) -> tuple[Mapping[str, Any] | None, bool]:
    """The instance with other members and one more of an attribute that is a map or a list of plain values;
    None of any other: so its own place shows, where leaving it out takes away what stands around it. The
    flag: it is a map.
    """
    value = _value(attributes, steps)
    if not value or any(isinstance(one, (dict, list)) for one in _values(value)):
        return None, False
    if isinstance(value, Mapping):
        more = {**{key: _other(item) for key, item in value.items()}, PROBE: PROBE}
        return _with(attributes, steps, more), True
    return _with(attributes, steps, [*map(_other, value), PROBE]) if isinstance(value, list) else None, False


def _values(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def several(attributes: Mapping[str, Any], steps: Steps) -> bool:
    """Whether an attribute holds several things, of which each may be a resource: a list, a document in
    JSON."""
    value = _value(attributes, steps)
    return isinstance(value, list) or (isinstance(value, str) and _document(value) is not None)


def _document(text: str) -> Any:
    """The object or list that a text is as JSON; None where it is none."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _others(document: Any) -> Any:
    """A document with other texts throughout."""
    if isinstance(document, dict):
        return {key: _others(item) for key, item in document.items()}
    if isinstance(document, list):
        return [_others(item) for item in document]
    return _other(document) if isinstance(document, str) else document


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, (int, float)) else f"{value}-{PROBE}"


def _value(attributes: Any, steps: Steps) -> Any:
    value = attributes
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return value


def _with(attributes: Mapping[str, Any], steps: Steps, value: Any) -> dict[str, Any]:
    """A copy of the instance with another value (MISSING: none) of an attribute, in its mirrors too."""
    changed = dict(attributes)
    names = [str(steps[0]), *(name for form in _MIRRORS if (name := form.format(steps[0])) in attributes)]
    for name in names:
        own = value
        if name != steps[0] and len(steps) == 1 and isinstance(value, Mapping):
            own = {**(attributes[name] or {}), **value} if isinstance(attributes[name], Mapping) else value
        _set(changed, (name, *steps[1:]), own)
    return changed


def _set(attributes: dict[str, Any], steps: Steps, value: Any) -> None:
    first, *rest = steps
    if rest:
        attributes[str(first)] = deepcopy(attributes.get(str(first)))
    place: Any = attributes
    for step, following in zip(steps, rest, strict=False):
        below = place.get(step) if isinstance(place, dict) else None
        if isinstance(place, list) and isinstance(step, int) and step < len(place):
            below = place[step]
        elif below is None and isinstance(place, dict) and isinstance(following, str):
            below = place[step] = {}
        if not isinstance(below, (dict, list)):
            return
        place = below
    last = steps[-1]
    if isinstance(place, dict):
        if value is MISSING:
            place.pop(last, None)
        else:
            place[last] = value
    elif isinstance(place, list) and isinstance(last, int) and last < len(place):
        if value is MISSING:
            del place[last]
        else:
            place[last] = value


def defaults(attributes: Mapping[str, Any], steps: Steps, said: set[str]) -> dict[str, Any] | None:
    """The instance with nothing of an attribute but what the Terraform provider adds to it; None where it
    adds nothing."""
    name = str(steps[0])
    mirrors = [one for form in _MIRRORS if isinstance(attributes.get(one := form.format(name)), Mapping)]
    own = attributes.get(name) or {}
    if len(steps) > 1 or not isinstance(own, Mapping) or not mirrors or said & set(mirrors):
        return None
    less = {one: {k: item for k, item in attributes[one].items() if k not in own} for one in mirrors}
    return {**attributes, name: {}, **less} if any(less.values()) else None
