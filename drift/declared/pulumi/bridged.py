"""A bridged resource in Terraform's words: names in snake case, and lists of at most one again as lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.declared.pulumi import values
from drift.declared.pulumi.names import plain, snake
from drift.declared.terraform.configuration.model import Nested, Place, Setting, Settings
from drift.declared.terraform.configuration.placeholders import Placeholders
from drift.model import Unresolved
from drift.terraform_schemas import Attribute

#: How many names deep the index of schemas goes.
_DEPTH = 3


@dataclass
class Words:
    """Of one Terraform type, whose attributes are ``schema`` (empty: not known). ``unknown`` gets the
    properties that the schema does not have."""

    schema: Mapping[str, Attribute]
    holes: Placeholders
    unknown: dict[str, str] = field(default_factory=dict)
    _below: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.schema:
            above, _, name = path.rpartition(".")
            self._below.setdefault(above, {}).setdefault(plain(name), name)

    def attributes(self, said: Mapping[str, Any], above: str = "") -> dict[str, Any]:
        """Properties as a state has them, with a stand-in for each value that can't be known."""
        made: dict[str, Any] = {}
        for key, value in said.items():
            if not key.startswith(values.OWN):
                name = self.name(key, above)
                made[name] = self._listed(key, name, self._value(value, _path(above, name)))
        return made

    def settings(self, said: Mapping[str, Any], place: Place, above: str = "") -> Settings:
        """What a program sets: all but what the bridge set by itself."""
        own = _defaults(said)
        attributes: dict[str, Setting] = {}
        blocks: dict[str, Nested] = {}
        for key, value in said.items():
            if key.startswith(values.OWN) or key in own:
                continue
            name = self.name(key, above)
            path = _path(above, name)
            if self.schema and path not in self.schema:
                self.unknown[path] = f"the property {key} is none that is known of the Terraform type"
            bodies = value if isinstance(value, list) else [value]
            if self.is_block(path) and all(isinstance(one, Mapping) for one in bodies):
                blocks[name] = Nested(tuple(self.settings(one, place, path) for one in bodies))
            else:
                attributes[name] = Setting(self._listed(key, name, self._value(value, path)), place, place)
        return Settings(attributes, blocks, place)

    def defaults(self, said: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
        """What the bridge set by itself, by ``block.name``."""
        own = _defaults(said)
        for key, value in said.items():
            if key.startswith(values.OWN):
                continue
            path = _path(above, self.name(key, above))
            if key in own:
                yield path, self._value(value, path)
            elif self.is_block(path):
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, Mapping):
                        yield from self.defaults(one, path)

    def name(self, key: str, above: str) -> str:
        """The name of a property below a path: that of the schema which is spelled so, singular or plural."""
        name = snake(key)
        if _path(above, name) in self.schema:
            return name
        found = self._below.get(above, {}).get(plain(name))
        if found is not None:
            return found
        # A property that may be given another resource is called as that: `topic` for `topic_arn`.
        longer = (name + ending for ending in ("_arn", "_id", "_name"))
        return next((one for one in longer if _path(above, one) in self.schema), name)

    @staticmethod
    def _listed(key: str, name: str, value: Any) -> Any:
        """The one member of a list, which Pulumi names in the singular, as a list again."""
        flat = not isinstance(value, list | Mapping) and value is not None
        return [value] if flat and name.endswith("s") and not key.endswith("s") else value

    def is_block(self, path: str) -> bool:
        """Whether a path holds blocks. What is further down than the index of schemas goes is taken for
        such."""
        return path in self._below or (bool(self.schema) and path.count(".") > _DEPTH)

    def _value(self, value: Any, path: str) -> Any:
        if isinstance(value, Unresolved):
            return self._hole(value, path)
        block = self.is_block(path)
        if isinstance(value, list):
            return [
                self.attributes(one, path)
                if block and isinstance(one, Mapping)
                else self.holes.stand_in(values.plain(one))
                for one in value
            ]
        if isinstance(value, Mapping):
            return [self.attributes(value, path)] if block else self.holes.stand_in(values.plain(value))
        return value

    def _hole(self, value: Unresolved, path: str) -> Any:
        """What stands for a value that is not known: in a block for each of its members."""
        if not self.is_block(path):
            return self.holes.stand_in(value)
        members = self._below.get(path, {})
        return [{name: self.holes.stand_in(value) for name in members.values()}]


def _path(above: str, name: str) -> str:
    return f"{above}.{name}" if above else name


def _defaults(said: Mapping[str, Any]) -> frozenset[str]:
    listed = said.get(values.DEFAULTS)
    return frozenset(str(one) for one in listed) if isinstance(listed, list) else frozenset()
