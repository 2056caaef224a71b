"""The outputs of Rain's modules, put in where the template that uses them asks for them.

Source: https://github.com/aws-cloudformation/rain/blob/main/cft/pkg/outputs.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Unresolved
from providers.aws.cloudformation.functions import Unknown
from providers.aws.cloudformation.rain_values import GET_ATT, SUB, only_key, parts, reference, substituted

#: Outputs may hold outputs of other modules.
_DEEPEST = 10


class Outputs:
    """What ``Module.Output``, ``Many[0].Output``, ``Many[key].Output`` and ``Many[].Output`` give."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._unknown: dict[str, str] = {}

    def add(self, name: str, outputs: Mapping[str, Any], loop: tuple[str, int, str] | None) -> None:
        """The outputs of a module; ``loop`` are name, index and key where it is one of several."""
        for output, value in outputs.items():
            self._values[f"{name}.{output}"] = value
            if loop is not None:
                of, index, key = loop
                self._values[f"{of}[{index}].{output}"] = self._values[f"{of}[{key}].{output}"] = value
                self._values.setdefault(f"{of}[].{output}", []).append(value)

    def unknown(self, name: str, reason: str) -> None:
        """Of a module it is not known what it gives."""
        self._unknown[name] = reason

    def into(self, node: Any, depth: int = 0) -> Any:
        """A part of the template with the outputs that it asks for; Unresolved where one is not known."""
        if not self._values and not self._unknown:
            return node
        if isinstance(node, Mapping):
            name = only_key(node)
            if name == GET_ATT:
                return self._value(node, depth)
            if name == SUB and isinstance(node[SUB], str):
                try:
                    made = substituted(node[SUB], lambda said: self._value(reference(said), depth))
                except Unknown as reason:
                    return Unresolved(str(reason))
                return node if made == node else made
            return {key: self.into(one, depth) for key, one in node.items()}
        if isinstance(node, list):
            return [self.into(one, depth) for one in node]
        return node

    def _value(self, node: Mapping[str, Any], depth: int) -> Any:
        if GET_ATT not in node:
            return node
        first, rest = parts(node[GET_ATT])
        if f"{first}.{rest}" in self._values and depth < _DEEPEST:
            return self.into(self._values[f"{first}.{rest}"], depth + 1)
        reason = self._unknown.get(first.partition("[")[0])
        return node if reason is None else Unresolved(reason)
