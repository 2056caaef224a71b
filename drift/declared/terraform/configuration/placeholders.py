"""Stands in for values that can't be known while a resource is translated that no state holds, and puts their
reasons in the places where they end up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.declared.terraform.configuration.model import Settings
from drift.model import MISSING, Resource, Unresolved

_MARK = "drift-unknown-value-"


def complete(attributes: dict[str, Any], schema: Iterable[str]) -> dict[str, Any]:
    """What blocks set, with null for what a provider's ``schema`` (``block.name``) has there and they do not
    say, as a state would have it.

    >>> complete({"rule": [{"id": "a"}], "name": "b"}, ["name", "arn", "rule", "rule.id", "rule.prefix"])
    {'rule': [{'id': 'a', 'prefix': None}], 'name': 'b'}
    """
    for path in schema:
        *blocks, name = path.split(".")
        bodies = [attributes] if blocks else []
        for block in blocks:
            nested = (body.get(block) for body in bodies)
            bodies = [one for held in nested if isinstance(held, list) for one in held]
            bodies = [one for one in bodies if isinstance(one, dict)]
        for body in bodies:
            body.setdefault(name, None)
    return attributes


def in_lists(attributes: dict[str, Any], settings: Settings, schema: Iterable[str]) -> dict[str, Any]:
    """What blocks set, each single one that JSON configuration writes as an object in a list, as a state
    would have it: JSON does not say which of its members are blocks, a provider's ``schema`` does."""
    written = {name for name, one in settings.attributes.items() if one.place.file.endswith(".json")}
    for path in schema:
        *blocks, _ = path.split(".")
        bodies = [attributes] if blocks and blocks[0] in written else []
        for block in blocks:
            for body in bodies:
                if isinstance(body.get(block), dict):
                    body[block] = [body[block]]
            nested = (body.get(block) for body in bodies)
            bodies = [one for held in nested if isinstance(held, list) for one in held]
            bodies = [one for one in bodies if isinstance(one, dict)]
    return attributes


@dataclass(slots=True)
class Placeholders:
    _reasons: list[str] = field(default_factory=list)

    @property
    def used(self) -> bool:
        return bool(self._reasons)

    def of(self, settings: Settings) -> dict[str, Any]:
        """What a block sets, as a state would have it."""
        return {name: self.stand_in(value) for name, value in settings.plain().items()}

    def stand_in(self, value: Any) -> Any:
        """A value with a stand-in for each part that can't be known."""
        if isinstance(value, Unresolved):
            self._reasons.append(value.reason)
            return f"{_MARK}{len(self._reasons) - 1}-"
        if isinstance(value, Mapping):
            return {key: self.stand_in(item) for key, item in value.items()}
        return [self.stand_in(item) for item in value] if isinstance(value, list) else value

    def unsure(self, attributes: Mapping[str, Any]) -> dict[str, str]:
        """The attributes that hold a stand-in, with the reason."""
        return {
            name: reason for name, value in attributes.items() if (reason := self.held(value)) is not None
        }

    def without(self, value: Any) -> Any:
        """A value with null for what is not known."""
        if isinstance(value, str):
            return None if self.held(value) is not None else value
        if isinstance(value, Mapping):
            return {key: self.without(item) for key, item in value.items() if self.held(key) is None}
        return [self.without(item) for item in value] if isinstance(value, list) else value

    def either(self, value: Any, other: Any, reason: str) -> Any:
        """A translated value of which ``other`` is the one without what is not known: what differs and is no
        stand-in itself hangs on it, and is not known either."""
        if value == other:
            return value
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            return {
                key: self.either(value.get(key, MISSING), other.get(key, MISSING), reason)
                for key in {**value, **other}
            }
        return Unresolved(reason) if value is MISSING or self.held(value) is None else value

    def shapes(self, value: Any) -> tuple[Any, ...]:
        """A value with stand-ins, also as a map and as lists where it is one as a whole."""
        if not isinstance(value, str) or not value.startswith(_MARK):
            return (value,)
        return (value, {value: value}, [value], [{value: value}])

    def resolved(self, resource: Resource, place: tuple[str | None, str | None]) -> Resource:
        """A translated resource with the reasons in place of the stand-ins; its id and name are not known
        where they hold one, and of its ``place`` (scope and region) the one that is given then."""
        scope, region = place
        return resource.but(
            id=None if self.held(resource.id) is not None else resource.id,
            name=None if self.held(resource.name) is not None else resource.name,
            scope=(scope or "") if self.held(resource.scope) is not None else resource.scope,
            region=region if self.held(resource.region) is not None else resource.region,
            attributes=self._put(resource.attributes),
        )

    def _put(self, value: Any) -> Any:
        if isinstance(value, str):
            reason = self.held(value)
            return value if reason is None else Unresolved(reason)
        if isinstance(value, dict):
            for key in value:
                reason = self.held(key)
                if reason is not None:
                    return Unresolved(reason)
            return {key: self._put(item) for key, item in value.items()}
        return [self._put(item) for item in value] if isinstance(value, list) else value

    def held(self, value: Any) -> str | None:
        """Why a part of a value is not known; None where all is."""
        if isinstance(value, str):
            place = value.lower().find(_MARK)
            if place < 0:
                return None
            number = value[place + len(_MARK) :].partition("-")[0]
            known = number.isdigit() and int(number) < len(self._reasons)
            return self._reasons[int(number)] if known else "a part of it is not known"
        if isinstance(value, Mapping):
            value = [*value, *value.values()]
        if isinstance(value, list):
            return next((found for item in value if (found := self.held(item)) is not None), None)
        return None
