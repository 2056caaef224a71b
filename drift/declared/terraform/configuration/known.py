"""What a state knows of what a configuration refers to: identity, and what only the cloud could tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from drift.declared.terraform.configuration.model import ModulePath, Uncounted, suffix
from drift.declared.terraform.sensitive import sensitive_texts
from drift.model import MISSING

Key = str | int | None


class Known:
    """The instances of a state's resources. ``told`` are the sensitive texts of all that were asked for."""

    def __init__(self, resources: Iterable[Mapping[str, Any]] = ()) -> None:
        self._instances: dict[tuple[str, str, str, str], dict[Key, Mapping[str, Any]]] = defaultdict(dict)
        self.told: set[str] = set()
        for resource in resources:
            mode = "data" if resource.get("mode") == "data" else "resource"
            place = (str(resource.get("module") or ""), mode, resource["type"], resource["name"])
            for instance in resource.get("instances") or ():
                if not instance.get("deposed"):
                    self._instances[place][instance.get("index_key")] = instance

    def keys(self, module: ModulePath, mode: str, type_: str, name: str) -> list[Key]:
        """The keys of the instances of a block."""
        return list(self._instances.get((module_address(module), mode, type_, name), ()))

    def holds(self, one: Uncounted) -> bool:
        """Whether there is an instance of a block, or something in a module."""
        if one.type is not None:
            return bool(self.keys(one.module, "resource", one.type, one.name))
        base = ".".join(filter(None, (module_address(one.module), f"module.{one.name}")))
        return any(
            place[0] == base or place[0].startswith((f"{base}.", f"{base}[")) for place in self._instances
        )

    def attribute(
        self, module: ModulePath, mode: str, type_: str, name: str, key: Key, attribute: str
    ) -> Any:
        """One attribute of an instance; MISSING where the state does not hold it."""
        instance = self._instances.get((module_address(module), mode, type_, name), {}).get(key)
        attributes = instance.get("attributes") if instance is not None else None
        if instance is None or not isinstance(attributes, Mapping) or attribute not in attributes:
            return MISSING
        if any(path[:1] and path[0].get("value") == attribute for path in _sensitive(instance)):
            self.told.update(sensitive_texts(instance, attributes))
        return _dynamic(attributes[attribute])

    def whole(self, module: ModulePath, mode: str, type_: str, name: str, key: Key) -> dict[str, Any] | None:
        """All attributes of an instance; None where the state does not hold it."""
        instance = self._instances.get((module_address(module), mode, type_, name), {}).get(key)
        attributes = instance.get("attributes") if instance is not None else None
        if instance is None or not isinstance(attributes, Mapping):
            return None
        self.told.update(sensitive_texts(instance, attributes))
        return {one: _dynamic(value) for one, value in attributes.items()}


def module_address(module: ModulePath) -> str:
    """``module.a["x"].module.b``; "" for the root module."""
    return ".".join(f"module.{name}{suffix(key)}" for name, key in module)


def _sensitive(instance: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    said = instance.get("sensitive_attributes")
    return [path for path in said if isinstance(path, list)] if isinstance(said, list) else []


def _dynamic(value: Any) -> Any:
    """A value whose type the provider leaves open is kept with it (the outputs of another state)."""
    if isinstance(value, Mapping) and value.keys() == {"value", "type"} and isinstance(value["type"], list):
        return value["value"]
    return value
