"""Finds what of an object's spec a difference in the Google resource comes from: by translating the object
again with one field changed.

No table says which field of a spec stands where in a REST body; the translation does. What it moves with a
field is where the field's value stands, and what moves nothing else is the field that is looked for.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from drift.editing.document import Step
from drift.editing.objects import Spot
from drift.editing.rewrite import Operation, operations, spelled
from drift.editing.target import Target
from drift.editor import NotEdited, Place
from drift.model import MISSING, Resource
from drift.source import LiveView
from drift.values import same
from providers.gcp import schema
from providers.gcp.config_connector import Declaration, instead
from providers.gcp.config_connector.as_terraform import snake
from providers.gcp.config_connector.objects import Declared
from providers.gcp.config_connector.references import PREFIX, is_reference

#: An object is translated so many times at most to find the field of one difference.
_MOST = 400
_LABELS = ("metadata", "labels")


@dataclass(frozen=True)
class Tried:
    """A declared object that is translated again. ``id`` is the resource of it that is looked at, ``body``
    what the file says of the object now."""

    declaration: Declaration
    one: Declared
    id: str | None
    live: LiveView | None
    spot: Spot

    @cached_property
    def before(self) -> Any:
        """The resource's attributes as the object is now. Raises NotEdited where it is none of its own."""
        found = self.made(self.spot.body)
        if found is None:
            raise NotEdited("it is declared by several objects together", self.place)
        return found

    @property
    def place(self) -> Place:
        return Place(self.spot.file, self.spot.line)

    def resources(self, body: Mapping[str, Any]) -> list[Resource]:
        """What an object with this body asks for."""
        other = replace(self.one, body=body)
        made = instead(self.declaration, self.one, other, self.live)
        return [each for each in made if isinstance(each, Resource)]

    def made(self, body: Mapping[str, Any]) -> Any:
        """The attributes of the resource; None where an object with this body makes another one."""
        found = [each.attributes for each in self.resources(body) if each.id == self.id]
        return found[0] if len(found) == 1 else None

    def placed(self, target: Target) -> list[Operation]:
        """The operations on the object that make a target. Raises NotEdited."""
        if target.old is MISSING:
            wanted = [Operation("add", target.steps[:-1], target.new, name=str(target.steps[-1]))]
        else:
            wanted = list(operations(target.steps, target.old, target.new))
        return [self._found(one) for one in wanted]

    def applied(self, wanted: Operation) -> Mapping[str, Any]:
        """The object with the operation that makes one on the resource. Raises NotEdited."""
        made = applied(self.spot.body, self._found(wanted))
        assert isinstance(made, Mapping)  # it was tried
        return made

    def _found(self, wanted: Operation) -> Operation:
        """The operation on the object that makes one on the resource: one that says just what is wanted, else
        the first that changes nothing else."""
        way = "/".join(map(str, (*wanted.steps, *([wanted.name] if wanted.name else []))))
        if applied(self.before, wanted) is None:
            raise NotEdited(f"another object than {self.one.address} declares /{way}", self.place)
        fallback: Operation | None = None
        now = replace(self.one, body=self.spot.body)
        for count, one in enumerate(candidates(now, self.spot.body, wanted)):
            if count == _MOST:
                break
            body = applied(self.spot.body, one)
            after = None if body is None else self.made(body)
            if after is None:
                continue
            value = _now(after, wanted)
            if value is MISSING and wanted.kind != "remove":
                continue
            if not _alike(applied(self.before, replace(wanted, value=value)), after):
                continue
            if wanted.kind == "remove" or _alike(value, wanted.value):
                return one
            known = wanted.kind == "put" and not _alike(value, wanted.old)
            fallback = fallback or (one if known else None)
        if fallback is None:
            raise NotEdited(f"no field of {self.one.kind} is known that alone makes /{way}", self.place)
        return fallback


def candidates(one: Declared, body: Mapping[str, Any], wanted: Operation) -> Iterator[Operation]:
    """Operations on an object that may make one on the resource, the likeliest first."""
    places = list(_places(body))
    if wanted.kind == "add":
        yield from _added(one, places, wanted)
    elif wanted.kind == "insert":
        lists = [(way, value) for way, value in places if isinstance(value, list)]
        for way, value in sorted(lists, key=lambda each: _unlike(each[0], wanted.steps)):
            if wanted.at <= len(value):
                for new in _forms(wanted.value, value[0] if value else None):
                    yield Operation("insert", way, new, at=wanted.at)
    else:
        order = sorted(places, key=lambda each: _order(each[0], each[1], wanted))
        for way, value in order:
            if wanted.kind == "remove":
                if way != ("spec",):
                    yield Operation("remove", way, old=value)
            elif is_reference(value) and "external" not in value:
                yield Operation("put", way, {"external": wanted.value}, value)
            elif not isinstance(value, (Mapping, list)):
                yield Operation("put", way, spelled(value, wanted.value), value)


def _added(
    one: Declared, places: Sequence[tuple[tuple[Step, ...], Any]], wanted: Operation
) -> Iterator[Operation]:
    labels = _labels(wanted)
    if labels and "labels" not in one.spec:
        there = one.metadata.get("labels")
        sent = {name: str(value) for name, value in labels.items()}
        if not there:
            yield Operation("add", _LABELS[:1], sent, name="labels")
        elif len(sent) == 1:
            ((name, value),) = sent.items()
            yield Operation("add", _LABELS, value, name=name)
    holders = [(way, value) for way, value in places if isinstance(value, Mapping) and way != _LABELS]
    for way, holder in sorted(holders, key=lambda each: _unlike(each[0], wanted.steps)):
        free = bool(holder) and not any(_written(one, key) for key in holder)
        for name, new in _named(wanted):
            if name not in holder and (free or (_written(one, name) and _keys_written(one, new))):
                yield Operation("add", way, new, name=name)


def _labels(wanted: Operation) -> Mapping[str, Any]:
    """The labels that an added member says; none where it is something else."""
    if wanted.steps and wanted.steps[-1] in ("labels", "userLabels"):
        return {wanted.name: wanted.value} if not isinstance(wanted.value, (Mapping, list)) else {}
    if wanted.name in ("labels", "userLabels") and isinstance(wanted.value, Mapping):
        return wanted.value
    return {}


def _named(wanted: Operation) -> Iterator[tuple[str, Any]]:
    """Names and values under which a member of the resource may be written."""
    for new in _forms(wanted.value, None):
        ref = isinstance(new, Mapping) and set(new) == {"external"}
        yield (f"{wanted.name}Ref" if ref else wanted.name), new
    value, name = wanted.value, wanted.name
    while isinstance(value, Mapping) and len(value) == 1:  # {enabled: true} is said by the outer name alone
        inner, value = next(iter(value.items()))
        yield name, value
        yield inner, value
        name = inner


def _written(one: Declared, name: str) -> bool:
    """Whether a kind has a field of that name, as far as is known of it: of kinds with Terraform's fields by
    Terraform's schema, else by the API's."""
    said = one.means.said.get("terraform")
    if said is None:
        return True
    from providers.gcp.terraform import GcpTerraform

    known = GcpTerraform().attributes(said) or {}
    stem = snake(name.removesuffix("Ref"))
    return any(path.rpartition(".")[2] == stem for path in known)


def _keys_written(one: Declared, value: Any) -> bool:
    if is_reference(value) and "external" in value:
        return True
    if isinstance(value, Mapping):
        return all(_written(one, key) and _keys_written(one, item) for key, item in value.items())
    return not isinstance(value, list) or all(_keys_written(one, item) for item in value)


def _forms(value: Any, like: Any) -> Iterator[Any]:
    """A value as a spec may write it: what names another resource as a reference."""
    link = isinstance(value, str) and _links(value)
    if is_reference(like) or link:
        yield {"external": value}
    if not link or isinstance(like, str):
        yield value


def _links(value: str) -> bool:
    """Whether a text names another resource."""
    bare = value.removeprefix("https://").removeprefix("//")
    return bare.startswith("projects/") or "googleapis.com/" in bare


def _places(body: Mapping[str, Any]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """All that an object says of the resource, with the steps to it."""
    labels = (body.get("metadata") or {}).get("labels")
    if isinstance(labels, Mapping):
        yield from walk(labels, _LABELS)
    spec = body.get("spec")
    if isinstance(spec, Mapping):
        yield from walk(spec, ("spec",))


def walk(value: Any, way: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """A value and all in it, with the steps to each."""
    yield way, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from walk(item, (*way, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from walk(item, (*way, at))


def _order(way: Sequence[Step], value: Any, wanted: Operation) -> tuple[bool, int, int]:
    """What says the old value comes first, then what is called alike, then what stands higher."""
    return not _alike(value, wanted.old), _unlike(way, wanted.steps), len(way)


def _unlike(way: Sequence[Step], steps: Sequence[Step]) -> int:
    """How many names of one way the other does not have."""
    one, other = ({schema.plain(str(step)) for step in steps_} for steps_ in (way, steps))
    return len(one ^ other)


def applied(body: Any, one: Operation) -> Any:
    """A value after an operation; None where its steps lead nowhere."""
    found = copy.deepcopy(body)
    try:
        removed = one.kind == "remove"
        holder = found
        for step in one.steps[:-1] if one.kind in ("put", "remove") else one.steps:
            holder = holder[step]
        if one.kind == "insert":
            holder.insert(one.at, one.value)
        elif removed:
            del holder[one.steps[-1]]
        else:
            holder[one.name if one.kind == "add" else one.steps[-1]] = one.value
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    return found


def _now(after: Any, wanted: Operation) -> Any:
    """What stands where an operation on the resource puts something; MISSING where nothing does."""
    steps: list[Step] = [*wanted.steps]
    if wanted.kind == "add":
        steps.append(wanted.name)
    elif wanted.kind == "insert":
        steps.append(wanted.at)
    try:
        for step in steps:
            after = after[step]
    except (KeyError, IndexError, TypeError):
        return MISSING
    return after


def _alike(one: Any, other: Any) -> bool:
    """Whether two values say the same to Google's APIs: 1 and "1" do, and so do what is empty and what is not
    there."""
    one, other = _filled(one), _filled(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return same(one, other) or (_plain(one) is not None and _plain(one) == _plain(other))


def _plain(value: Any) -> str | None:
    if isinstance(value, str):
        return PREFIX.sub("", value).lower()
    return str(value).lower() if isinstance(value, (int, float)) else None


def _filled(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: item for key, item in value.items() if item not in ({}, [], None)}
