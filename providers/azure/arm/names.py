"""What ``parameters()`` and ``variables()`` stand for, computed when first asked for and then kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from drift.lined import Map
from drift.model import Unresolved
from providers.azure.arm.loops import is_copies
from providers.azure.arm.values import Unknown, word


@dataclass
class Names:
    """The named values of one template. ``value`` evaluates words, ``copied`` a loop of values."""

    parameters: Mapping[str, Any]
    variables: Map
    value: Callable[[Any], Any]
    copied: Callable[[str, Mapping[str, Any]], Any]
    known: dict[str, Any] = field(default_factory=dict)
    #: What is being computed, to find what depends on itself.
    asking: list[str] = field(default_factory=list)

    def of(self, kind: str, values: list[Any]) -> Any:
        """``parameters('x')`` or ``variables('x')``. Raises Unknown."""
        if len(values) != 1:
            raise Unknown(f"{kind}() expects one name")
        key = word(values[0]).lower()
        value = self._parameter(key, values[0]) if kind == "parameters" else self._variable(key, values[0])
        if isinstance(value, Unresolved):
            raise Unknown(value.reason)
        return value

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """What is computed within is not kept: something is taken to be otherwise there."""
        before, self.known = self.known, {}
        try:
            yield
        finally:
            self.known = before

    def _parameter(self, key: str, said: str) -> Any:
        if key not in self.parameters:
            raise Unknown(f"the template has no parameter {said!r}")
        value = self.parameters[key]
        return self._once(f"parameter {said}", value) if callable(value) else value

    def _variable(self, key: str, said: str) -> Any:
        for name, words in self.variables.items():
            if name.lower() == key:
                return self._once(f"variable {name}", partial(self.value, words))
            if name.lower() == "copy" and is_copies(words):
                for one in words:
                    if str(one["name"]).lower() == key:
                        return self._once(f"variable {one['name']}", partial(self.copied, one["name"], one))
        raise Unknown(f"the template has no variable {said!r}")

    def _once(self, name: str, compute: Callable[[], Any]) -> Any:
        if name in self.known:
            return self.known[name]
        if name in self.asking:
            raise Unknown(f"the {name} depends on itself")
        self.asking.append(name)
        try:
            value = compute()
        except Unknown as reason:
            value = Unresolved(str(reason))
        finally:
            self.asking.pop()
        self.known[name] = value
        return value
