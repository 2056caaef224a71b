"""Makes the attributes that Terraform's state would have of a resource from its recorded body: the maps, read
the other way round.

What the body does not tell for certain (what Azure never answers, members that depend on what is beside them)
is left out, as a state leaves out what is null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from providers.azure.terraform_body import COMMON
from providers.azure.terraform_entries import Entry, Field, Fields

#: What stands for a value that the body does not tell.
NOTHING = object()
#: Words of a field whose members are shared with other attributes, or say no value.
_NOT_TOLD = ("unread", "where", "order")


def attributes(entry: Entry, body: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that the entry would make the body of, as far as it can be told. Raises Unfit."""
    inverse = Inverse(body)
    if not all(_same(inverse.at(Field(path), body), value) for path, value in entry.set.items()):
        raise Unfit
    found = inverse.of(entry.fields, body)
    for name in COMMON & body.keys() - entry.fields.keys() - {"identity", "extendedLocation"}:
        found[name] = body[name]
    if isinstance(body.get("identity"), Mapping) and "identity" not in entry.fields:
        ids = list(body["identity"].get("userAssignedIdentities") or ())
        found["identity"] = [{"type": body["identity"].get("type"), "identity_ids": ids}]
    return found


class Unfit(Exception):
    """The body is none that the map can have made."""


def named(entry: Entry, body: dict[str, Any]) -> dict[str, Any]:
    """The body with the names that Terraform gives to members which have none in its words."""
    for field in (one for known in entry.fields.values() for one in known if one.says("numbered")):
        members = Inverse(body).at(field, body)
        for number, one in enumerate(members if isinstance(members, list) else [], 1):
            one["name"] = field.says("numbered").format(number)
    return body


class Inverse:
    """Reads one body."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.root = body
        self.id = str(body.get("id") or "")

    def of(self, fields: Fields, body: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes of one object."""
        found: dict[str, Any] = {}
        for conditional in (False, True):
            for name, known in fields.items():
                values = list(self._values(known, body, found, conditional))
                if name not in found and values:
                    found[name] = values[0]
                if any(one != found[name] for one in values if not isinstance(one, list)):
                    raise Unfit
        return found

    def _values(
        self, known: tuple[Field, ...], body: Mapping[str, Any], beside: Mapping[str, Any], conditional: bool
    ) -> Iterator[Any]:
        if any(
            not _same(field.says("value"), self.at(field, body)) for field in known if "value" in field.words
        ):
            return
        halves = {"before" if field.says("before") else "after": field for field in known if _half(field)}
        if len(halves) == 2:
            parts = [self.at(halves[one], body) for one in ("before", "after")]
            if not conditional and NOTHING not in parts:
                parts = [
                    _worded(halves[one], part) for one, part in zip(("before", "after"), parts, strict=True)
                ]
                yield _half(known[0]).join(str(one) for one in parts)
            return
        for field in known:
            if "value" in field.words or "beside[" in str(field.says("format")):
                continue
            when = field.says("when")
            if bool(when) is not conditional or any(field.says(word) is not None for word in _NOT_TOLD):
                continue
            if when and not all(
                beside.get(name) in (one if isinstance(one, list) else [one]) for name, one in when.items()
            ):
                continue
            value = self._one(field, body)
            if value is not NOTHING:
                yield value

    def at(self, field: Field, body: Mapping[str, Any]) -> Any:
        value: Any = self.root if field.to.startswith("/") else body
        for step in [] if field.to == "." else field.to.strip("/").split("/"):
            name = step.removesuffix("[]")
            if not isinstance(value, Mapping):
                return NOTHING
            value = next((value[one] for one in value if one.lower() == name.lower()), NOTHING)
            if step.endswith("[]"):
                value = value[0] if isinstance(value, list) and value else NOTHING
        return NOTHING if value is None else value

    def _one(self, field: Field, body: Mapping[str, Any]) -> Any:
        value = self.at(field, body)
        if field.says("add"):
            return field.says("add") in value if isinstance(value, list) else NOTHING
        if value is NOTHING:
            return NOTHING
        if field.block is not None:
            below = self.of(field.block, value) if isinstance(value, Mapping) else {}
            return [below] if below else NOTHING
        if field.each is not None:
            return self._each(field, value)
        if field.says("append") and isinstance(value, list):
            value = _appended(field, value)
        return NOTHING if value == [] else self._plain(field, value)

    def _each(self, field: Field, value: Any) -> Any:
        assert field.each is not None
        if key := field.says("keyed"):
            value = [{key: name, **one} for name, one in value.items()] if isinstance(value, Mapping) else []
        if not isinstance(value, list):
            return NOTHING
        members = [self.of(field.each, one) for one in _appended(field, value) if isinstance(one, Mapping)]
        return members if members and all(members) else NOTHING

    def _plain(self, field: Field, value: Any) -> Any:
        says = field.says
        if says("child"):
            ids = [one.get("id") for one in value] if isinstance(value, list) else [value]
            names = [str(one).rpartition("/")[2] for one in ids]
            return names if isinstance(value, list) else names[0]
        if says("json"):
            return value if isinstance(value, str) else json.dumps(value)
        if says("switch"):
            said = [str(one).lower() for one in says("switch")]
            return said.index(str(value).lower()) == 0 if str(value).lower() in said else NOTHING
        if says("invert"):
            return not value if isinstance(value, bool) else NOTHING
        if says("keyed"):
            return list(value)
        if says("pairs"):
            key, named = says("pairs")
            return {one[key]: one.get(named) for one in value}
        if says("split") and says("wrap"):
            return says("split").join(str(self._unwrapped(field, one)) for one in value)
        if says("split"):
            parts = [value.get(name) for name in says("names")] if says("names") else value
            return says("split").join(map(str, parts)) if all(parts) else NOTHING
        if says("first"):
            return [self._scalar(field, value)]
        if says("join") and isinstance(value, str):
            return [self._scalar(field, one) for one in value.split(says("join"))]
        if says("list"):
            if not isinstance(value, list) or len(value) != 1:
                return NOTHING
            one = self._unwrapped(field, value[0])
            return one if one is NOTHING else self._scalar(field, one)
        if says("wrap") and not isinstance(value, list):
            return NOTHING
        if isinstance(value, list):
            many = [self._unwrapped(field, one) for one in value]
            return NOTHING if NOTHING in many else [self._scalar(field, one) for one in many]
        return self._scalar(field, value)

    def _unwrapped(self, field: Field, value: Any) -> Any:
        for step in (field.says("wrap") or "").split("/"):
            if step:
                value = value.get(step, NOTHING) if isinstance(value, Mapping) else NOTHING
        return value

    def _scalar(self, field: Field, value: Any) -> Any:
        says = field.says
        if says("text"):
            return _number(value)
        if says("format"):
            before, _, after = re.sub(r"{beside\[\w+\]}", "", says("format")).partition("{}")
            text = str(value)
            return text[len(before) : len(text) - len(after)]
        if says("map"):
            return _worded(field, value)
        if says("tail"):
            return f"/subscriptions/s/x/{value}"
        if says("times") and isinstance(value, (int, float)):
            return value / says("times")
        return value


def _appended(field: Field, value: list[Any]) -> list[Any]:
    """The members of a list that the field says, of those to which several attributes add."""
    said = (field.says("append") or {}).items()
    within = field.says("within")
    groups = [one.get(within) or [] for one in value] if within else [[one] for one in value]
    for members in groups:
        if members and all(_same(each, one.get(name)) for name, each in said for one in members):
            if within:
                return list(members)
            break
    else:
        return [] if said else value
    return [one for one in value if all(_same(each, one.get(name)) for name, each in said)]


def _half(field: Field) -> Any:
    return field.says("before") or field.says("after")


def _worded(field: Field, value: Any) -> Any:
    """Terraform's word for the body's."""
    return next((mine for mine, theirs in (field.says("map") or {}).items() if _same(theirs, value)), value)


def _same(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


def _number(value: Any) -> Any:
    try:
        return int(value)
    except (TypeError, ValueError):
        return value
