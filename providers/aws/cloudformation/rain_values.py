"""What Rain makes of values when it puts a module into a template: parameters, names, merged parts.

Source: https://github.com/aws-cloudformation/rain/tree/main/cft/pkg (resolve.go, overrides.go, maps.go) and
https://github.com/aws-cloudformation/rain/blob/main/internal/node/merge.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from drift.model import Unresolved
from providers.aws.cloudformation.functions import Unknown, as_text

GET_ATT, SUB = "Fn::GetAtt", "Fn::Sub"
NO_VALUE = {"Ref": "AWS::NoValue"}
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True)
class Scope:
    """What names mean in a module: its parameters, the values given to them, and its resources, which are
    called ``prefix`` and their own name in the template."""

    prefix: str
    parameters: Mapping[str, Any]
    given: Mapping[str, Any]
    resources: Collection[str]

    def resolved(self, node: Any) -> Any:
        """A part of the module with its names as the template has them. Raises Unknown."""
        if isinstance(node, Mapping):
            name = only_key(node)
            if name == "Ref":
                return self._ref(node[name])
            if name == GET_ATT:
                return self._attribute(node[name])
            if name == SUB:
                return self._sub(node[name])
            return {key: self.resolved(one) for key, one in node.items()}
        if isinstance(node, list):
            return [self.resolved(one) for one in node]
        return node

    def _ref(self, name: Any) -> Any:
        if isinstance(name, str) and name in self.parameters:
            if self.given.get(name) is not None:
                return self.given[name]
            said = self.parameters[name]
            default = said.get("Default") if isinstance(said, Mapping) else None
            if default is None:
                raise Unknown(f"its parameter {name} is given no value and has no default")
            return default
        known = isinstance(name, str) and name in self.resources
        return {"Ref": f"{self.prefix}{name}" if known else name}

    def _attribute(self, said: Any) -> Any:
        first, rest = parts(said)
        return {GET_ATT: [f"{self.prefix}{first}" if first in self.resources else first, rest]}

    def _sub(self, said: Any) -> Any:
        if not isinstance(said, str):
            raise Unknown("Rain understands no Fn::Sub with variables of its own in a module")
        return substituted(said, lambda name: self.resolved(reference(name)))


def only_key(node: Mapping[str, Any]) -> str:
    """The function that a mapping calls, or the only key that it has."""
    return next(iter(node)) if len(node) == 1 else ""


def reference(name: str) -> dict[str, Any]:
    """What ``${name}`` in a text asks for."""
    first, dot, rest = name.partition(".")
    return {GET_ATT: [first, rest]} if dot and not name.startswith("AWS::") else {"Ref": name}


def parts(said: Any) -> tuple[str, Any]:
    """The resource and the attribute that ``Fn::GetAtt`` names."""
    if isinstance(said, list) and len(said) == 2 and isinstance(said[0], str):
        return said[0], said[1]
    first, _, rest = str(said).partition(".")
    return first, rest


def substituted(text: str, value: Callable[[str], Any]) -> Any:
    """A text of ``Fn::Sub`` with its variables replaced: plain text where none is left.

    Raises:
        Unknown: when a variable stands for something that is no text.
    """
    made = _VARIABLE.sub(lambda found: _within(found[1], value(found[1])), text)
    return {SUB: made} if "${" in made else made


def _within(name: str, value: Any) -> str:
    """A value as a part of a text."""
    if isinstance(value, Mapping):
        function = only_key(value)
        if function == "Ref":
            return f"${{{value[function]}}}"
        if function == GET_ATT:
            first, rest = parts(value[function])
            return f"${{{first}.{rest}}}"
        if function == SUB and isinstance(value[function], str):
            return str(value[function])
    if isinstance(value, Unresolved):
        raise Unknown(value.reason)
    if isinstance(value, (Mapping, list)):
        raise Unknown(f"${{{name}}} stands in a text and is given no text")
    return as_text(value)


def merged(original: Any, override: Any) -> Any:
    """Two values as Rain merges them: mappings member by member, members of lists that have a key and its
    text in common; else the latter."""
    if isinstance(original, Mapping) and isinstance(override, Mapping):
        both = {key: merged(original[key], one) if key in original else one for key, one in override.items()}
        return {**both, **{key: one for key, one in original.items() if key not in override}}
    if not isinstance(original, list) or not isinstance(override, list):
        return override
    made = list(original)
    for item in override:
        place = next((at for at, one in enumerate(made) if _kin(one, item)), None)
        if place is None:
            made.append(item)
        else:
            made[place] = merged(made[place], item)
    return made


def _kin(one: Any, other: Any) -> bool:
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return False
    return any(key in other and _scalar(value) == _scalar(other[key]) for key, value in one.items())


def _scalar(value: Any) -> str:
    """The text of a value; of mappings and lists none."""
    return "" if value is None or isinstance(value, (Mapping, list, Unresolved)) else as_text(value)


def overridden(resource: Mapping[str, Any], said: Any, parameters: Collection[str]) -> dict[str, Any]:
    """A module's resource with what the template says over it.

    Raises:
        Unknown: when it says a property that is called like a parameter, which Rain refuses.
    """
    made = dict(resource)
    if not isinstance(said, Mapping):
        return made
    for name in ("Properties", "CreationPolicy", "Metadata", "UpdatePolicy"):
        own, other = made.get(name) or {}, said.get(name) or {}
        if name == "Properties" and (clash := sorted(set(other) & set(parameters))):
            raise Unknown(f"it overrides {clash[0]}, which is a parameter of the module")
        changes = {key: one for key, one in other.items() if key not in parameters}
        if changes:
            made[name] = {**own, **{k: merged(own[k], v) if k in own else v for k, v in changes.items()}}
    for name in ("DeletionPolicy", "UpdateReplacePolicy", "Condition"):
        if said.get(name) is not None:
            made[name] = said[name]
    return made


def filled(node: Any, index: int, key: str, identifier: str | None) -> Any:
    """The part of a module that is made several times, as it is for one: ``$Index``, ``$Identifier`` and
    the loop's own ``identifier`` are put in."""
    words = {"$Index": str(index), "$Identifier": key}

    def text(said: str) -> str:
        for word, value in words.items():
            for form in (f"${{{word}}}", f"&{{{word}}}", word):
                said = said.replace(form, value)
        if identifier:
            for form in (f"${{{identifier}}}", f"&{{{identifier}}}"):
                said = said.replace(form, key)
        return said

    if isinstance(node, Mapping):
        if only_key(node) == SUB and isinstance(node[SUB], str):
            made = text(node[SUB])
            return {SUB: made} if "${" in made else made
        return {name: filled(one, index, key, identifier) for name, one in node.items()}
    if isinstance(node, list):
        return [filled(one, index, key, identifier) for one in node]
    return text(node) if isinstance(node, str) else node
