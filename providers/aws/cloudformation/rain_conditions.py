"""The conditions of a module of Rain's: what is known when the template is packaged goes or stays, the rest
is left to CloudFormation.

Source: https://github.com/aws-cloudformation/rain/blob/main/cft/pkg/conditions.go and ifparams.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import MISSING
from providers.aws.cloudformation.functions import Unknown, as_text
from providers.aws.cloudformation.rain_values import NO_VALUE


class Conditions:
    """``said`` are the conditions of a module called ``prefix``, with its parameters put in."""

    def __init__(self, prefix: str, said: Mapping[str, Any]) -> None:
        self.prefix, self.known = prefix, dict[str, bool]()
        #: Those that only CloudFormation can tell, by the names that they have in the template.
        self.left: dict[str, Any] = {}
        for name, one in said.items():
            holds = self._holds(one)
            if holds is None:
                self.left[f"{prefix}{name}"] = one
            else:
                self.known[name] = holds

    def kept(self, section: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a section that are not left out, with what their conditions choose."""
        made = {}
        for name, one in section.items():
            condition = one.get("Condition") if isinstance(one, Mapping) else None
            if isinstance(condition, str) and isinstance(one, Mapping):
                if self.known.get(condition) is False:
                    continue
                one = {key: value for key, value in one.items() if key != "Condition"}
                if condition not in self.known:
                    one["Condition"] = self._renamed(condition)
            chosen = self._chosen(one)
            if chosen is not MISSING:
                made[name] = chosen
        return made

    def _renamed(self, name: str) -> str:
        own = f"{self.prefix}{name}"
        return own if own in self.left else name

    def _chosen(self, node: Any) -> Any:
        """A value with the side of each ``Fn::If`` that is known; MISSING where that is nothing."""
        if isinstance(node, Mapping):
            said = node.get("Fn::If")
            if isinstance(said, list) and len(said) == 3 and isinstance(said[0], str):
                holds = self.known.get(said[0])
                if holds is not None:
                    side = said[1] if holds else said[2]
                    return MISSING if side == NO_VALUE else self._chosen(side)
                return {"Fn::If": [self._renamed(said[0]), *(self._side(one) for one in said[1:])]}
            members = ((key, self._chosen(one)) for key, one in node.items())
            return {key: one for key, one in members if one is not MISSING}
        if isinstance(node, list):
            return [one for one in map(self._chosen, node) if one is not MISSING]
        return node

    def _side(self, node: Any) -> Any:
        chosen = self._chosen(node)
        return NO_VALUE if chosen is MISSING else chosen

    def _holds(self, node: Any) -> bool | None:
        """Whether a condition holds; None where that is not known when the template is packaged.

        Raises:
            Unknown: where Rain can't package it, or does so by an order of evaluation that is not told.
        """
        name = next(iter(node)) if isinstance(node, Mapping) and len(node) == 1 else ""
        said = node[name] if name else node
        if name == "Condition" or isinstance(node, str):
            if said in self.known:
                return self.known[said]
            raise Unknown(f"its condition {said} is asked for by another one, and not known")
        if name == "Fn::Not" and isinstance(said, list) and len(said) == 1:
            inner = self._holds(said[0])
            return None if inner is None else not inner
        if name == "Fn::Equals" and isinstance(said, list) and len(said) == 2:
            return _equal(*said)
        if name in ("Fn::And", "Fn::Or") and isinstance(said, list):
            decisive, found = name == "Fn::Or", [self._holds(one) for one in said]
            if decisive in found:
                return decisive
            if None not in found:
                return not decisive
            if decisive:
                raise Unknown("its Fn::Or has a part that is not known when the template is packaged")
            return None
        raise Unknown("a condition of it is none that Rain can evaluate")


def _equal(one: Any, other: Any) -> bool | None:
    if one == other:
        return True
    if isinstance(one, (Mapping, list)) or isinstance(other, (Mapping, list)):
        return None
    return as_text(one) == as_text(other)


def without_parameter(resource: Any, parameters: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether ``IfParam`` or ``IfNotParam`` of a resource's ``Metadata`` leaves it out."""
    metadata = resource.get("Metadata") if isinstance(resource, Mapping) else None
    rain = metadata.get("Rain") if isinstance(metadata, Mapping) else None
    if not isinstance(rain, Mapping):
        return False
    needed, unwanted = rain.get("IfParam"), rain.get("IfNotParam")
    if isinstance(needed, str) and needed in parameters and not _said(given.get(needed)):
        return True
    return isinstance(unwanted, str) and unwanted in parameters and _said(given.get(unwanted))


def _said(value: Any) -> bool:
    return not isinstance(value, list) and value is not None and value != "" and value != {}
