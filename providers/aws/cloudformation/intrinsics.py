"""Evaluates a template's values: intrinsic functions, conditions and parameters, as CloudFormation would at
deployment.

Nothing here raises for an odd template. What can't be known becomes :class:`drift.model.Unresolved` with a
reason that names the part; what comes from a NoEcho parameter becomes :class:`drift.model.Sensitive`;
``AWS::NoValue`` is absence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from drift.lined import Map, Seq, Trace
from drift.model import MISSING, Sensitive, Unresolved
from providers.aws.cloudformation import functions
from providers.aws.cloudformation.functions import Unknown, arguments, as_integer, as_list, as_text
from providers.aws.cloudformation.place import Place
from providers.aws.cloudformation.template import Template

_LOOP = "Fn::ForEach::"
#: Characters; templates end at a million bytes, and functions on functions could double a text without end.
_LONGEST = 1_000_000


class References(Protocol):
    """What ``Ref`` and ``Fn::GetAtt`` of a resource, ``Fn::ImportValue`` and ``Fn::GetAZs`` ask outside the
    template."""

    def ref(self, name: str) -> Any:
        """The physical id of a resource. Raises Unknown."""
        ...

    def attribute(self, name: str, attribute: str) -> Any:
        """A return value of a resource. Raises Unknown."""
        ...

    def imported(self, name: str) -> Any:
        """The value of another stack's export. Raises Unknown."""
        ...

    def zones(self, region: str) -> list[str]:
        """The Availability Zones of a region. Raises Unknown."""
        ...


@dataclass
class Evaluator:
    """The values of one template at one place.

    ``parameters`` are the values by name (:func:`providers.aws.cloudformation.parameters.values`).
    """

    template: Template
    place: Place
    parameters: Mapping[str, Any]
    references: References
    _conditions: dict[str, bool | Unresolved] = field(default_factory=dict)
    _asking: list[str] = field(default_factory=list)
    _secret: bool = False

    def value(self, node: Any, trace: Trace | None = None) -> Any:
        """What a node of the template means; MISSING for AWS::NoValue."""
        if isinstance(node, Mapping):
            return self._mapping(node, trace)
        if isinstance(node, list):
            return self._list(node, trace)
        return _checked(node)

    def plain(self, node: Any) -> Any:
        """A function's argument, whole and known. Raises Unknown; remembers that a secret was in it."""
        return self._open(self.value(node))

    def condition(self, name: str) -> bool | Unresolved:
        """Whether a named condition holds."""
        if name in self._conditions:
            return self._conditions[name]
        if name not in self.template.conditions:
            return Unresolved(f"the condition {name} is not defined")
        if name in self._asking:
            path = " → ".join([*self._asking[self._asking.index(name) :], name])
            return Unresolved(f"the condition {name} depends on itself ({path})")
        self._asking.append(name)
        secret, self._secret = self._secret, False
        try:
            self._conditions[name] = self._test(self.template.conditions[name])
        except Unknown as reason:
            self._conditions[name] = Unresolved(f"the condition {name}: {reason}")
        except RecursionError:
            self._conditions[name] = Unresolved(f"the condition {name} is nested too deeply")
        finally:
            self._asking.pop()
            self._secret = secret
        return self._conditions[name]

    def _mapping(self, node: Mapping[str, Any], trace: Trace | None) -> Any:
        name = function_of(node)
        if name is not None:
            if len(node) > 1 or name.startswith(_LOOP):
                return Unresolved(_crowd(name, node))
            return self._call(name, node[name], trace)
        lines = node.lines if isinstance(node, Map) else {}
        result = {}
        for key, member in node.items():
            inner = trace.member(key) if trace else None
            value = self.value(member, inner)
            if value is not MISSING:
                result[key] = value
                if inner and lines.get(key):
                    inner.at(lines[key])
        return result

    def _list(self, node: list[Any], trace: Trace | None) -> list[Any]:
        lines = node.lines if isinstance(node, Seq) else []
        result: list[Any] = []
        for index, item in enumerate(node):
            inner = trace.member(len(result)) if trace else None
            value = self.value(item, inner)
            if value is not MISSING:
                result.append(value)
                if inner and index < len(lines) and lines[index]:
                    inner.at(lines[index])
        return result

    def _call(self, name: str, argument: Any, trace: Trace | None) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            return Unresolved(f"the function {name} is not supported")
        if name == "Fn::If":
            return self._if(argument, trace)
        outer, self._secret = self._secret, False
        try:
            result = function(self, argument)
        except Unknown as reason:
            result = Unresolved(str(reason))
        except RecursionError:
            result = Unresolved(f"{name} is nested too deeply or refers to itself")
        secret, self._secret = self._secret, outer
        if isinstance(result, str) and len(result) > _LONGEST:
            result = Unresolved(f"{name} makes more text than a template may hold")
        if secret and not isinstance(result, (Sensitive, Unresolved)) and result is not MISSING:
            result = Sensitive(result)
        return _checked(result)

    def _open(self, value: Any) -> Any:
        if isinstance(value, Unresolved):
            raise Unknown(value.reason)
        if isinstance(value, Sensitive):
            self._secret = True
            return self._open(value.value)
        if value is MISSING:
            raise Unknown("AWS::NoValue stands where a value is needed")
        if isinstance(value, dict):
            return {key: self._open(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._open(item) for item in value]
        return value

    def _shallow(self, node: Any, function: str) -> list[Any]:
        """A list whose members need not be known."""
        value = self.value(node)
        if isinstance(value, Sensitive):
            self._secret = True
            value = value.value
        if isinstance(value, Unresolved):
            raise Unknown(value.reason)
        return as_list(value, function)

    def text(self, node: Any) -> str:
        """An argument that must be text. Raises Unknown."""
        return as_text(self.plain(node))

    # --- functions
    # --------------------------------------------------------------------------------------------------

    def _ref(self, argument: Any) -> Any:
        name = self.text(argument)
        if name == "AWS::NoValue":
            return MISSING
        if name in self.parameters:
            return self.parameters[name]
        if name.startswith("AWS::"):
            return self.place.pseudo(name)
        return self.references.ref(name)

    def _get_att(self, argument: Any) -> Any:
        if isinstance(argument, list):
            name, attribute = (self.text(one) for one in arguments(argument, 2, 2, "Fn::GetAtt"))
        else:
            name, _, attribute = self.text(argument).partition(".")
        if not attribute:
            raise Unknown(f"Fn::GetAtt of {name} names no attribute")
        return self.references.attribute(name, attribute)

    def _sub(self, argument: Any) -> str:
        own: Any = {}
        if isinstance(argument, list):
            argument, own = arguments(argument, 2, 2, "Fn::Sub")
            if not isinstance(own, Mapping):
                raise Unknown("Fn::Sub expects a mapping of variables as its second argument")

        def lookup(name: str) -> str:
            try:
                if name in own:
                    return self.text(own[name])
                if "." in name and name not in self.parameters:
                    return self.text({"Fn::GetAtt": name})
                return self.text({"Ref": name})
            except Unknown as reason:
                raise Unknown(str(reason) if name in str(reason) else f"${{{name}}}: {reason}") from None

        return functions.substitute(self.text(argument), lookup)

    def _join(self, argument: Any) -> str:
        delimiter, items = arguments(argument, 2, 2, "Fn::Join")
        return functions.join(self.text(delimiter), as_list(self.plain(items), "Fn::Join"))

    def _split(self, argument: Any) -> list[str]:
        delimiter, text = arguments(argument, 2, 2, "Fn::Split")
        return functions.split(self.text(delimiter), self.text(text))

    def _select(self, argument: Any) -> Any:
        index, items = arguments(argument, 2, 2, "Fn::Select")
        listed = self._shallow(items, "Fn::Select")
        return functions.select(as_integer(self.plain(index), "Fn::Select"), listed)

    def _find_in_map(self, argument: Any) -> Any:
        words = arguments(argument, 3, 4, "Fn::FindInMap")
        otherwise = words[3] if len(words) == 4 else None
        has_default = isinstance(otherwise, Mapping) and "DefaultValue" in otherwise
        try:
            name, first, second = (self.text(word) for word in words[:3])
            if name not in self.template.mappings:
                raise KeyError(name)
            return self.value(functions.find_in_map(self.template.mappings[name], name, first, second))
        except KeyError as error:
            if has_default and isinstance(otherwise, Mapping):
                return self.value(otherwise["DefaultValue"])
            raise Unknown(f"Fn::FindInMap: {error.args[0]} is not in the mapping") from None

    def _if(self, argument: Any, trace: Trace | None) -> Any:
        try:
            name, then, otherwise = arguments(argument, 3, 3, "Fn::If")
            if not isinstance(name, str):
                raise Unknown("Fn::If expects the name of a condition first")
        except Unknown as reason:
            return Unresolved(str(reason))
        holds = self.condition(name)
        if isinstance(holds, Unresolved):
            return holds
        value = self.value(then if holds else otherwise, trace)
        line = argument.lines[1 if holds else 2] if isinstance(argument, Seq) else 0
        if trace and line and value is not MISSING:
            trace.at(line)
        return value

    def _base64(self, argument: Any) -> str:
        return functions.encode(self.text(argument))

    def _cidr(self, argument: Any) -> list[str]:
        words = arguments(argument, 2, 3, "Fn::Cidr")
        if len(words) == 2:
            raise Unknown("Fn::Cidr without its cidrBits is not supported")
        return functions.cidr(
            self.text(words[0]),
            as_integer(self.plain(words[1]), "Fn::Cidr"),
            as_integer(self.plain(words[2]), "Fn::Cidr"),
        )

    def _get_azs(self, argument: Any) -> list[str]:
        region = self.text(argument) or self.text({"Ref": "AWS::Region"})
        return self.references.zones(region)

    def _import_value(self, argument: Any) -> Any:
        return self.references.imported(self.text(argument))

    def _transform(self, argument: Any) -> Any:
        name = argument.get("Name") if isinstance(argument, Mapping) else argument
        raise Unknown(f"the macro {name} makes this when the stack is deployed")

    def _length(self, argument: Any) -> int:
        return functions.length(self._shallow(argument, "Fn::Length"))

    def _to_json(self, argument: Any) -> str:
        return functions.to_json(self.plain(argument))

    # --- conditions
    # -------------------------------------------------------------------------------------------------

    def _test(self, node: Any) -> bool:
        """A condition's expression. Raises Unknown when it can't be decided."""
        name = function_of(node) or (
            "Condition" if isinstance(node, Mapping) and set(node) == {"Condition"} else None
        )
        if name is None or len(node) != 1:
            return _truth(self.plain(node))
        argument = node[name]
        if name == "Condition":
            holds = self.condition(str(argument))
            if isinstance(holds, Unresolved):
                raise Unknown(holds.reason)
            return holds
        if name == "Fn::Equals":
            one, other = arguments(argument, 2, 2, name)
            return functions.equal(self.plain(one), self.plain(other))
        if name == "Fn::Not":
            return not self._test(arguments(argument, 1, 1, name)[0])
        if name in ("Fn::And", "Fn::Or"):
            return self._several(as_list(argument, name), decisive=name == "Fn::Or")
        return _truth(self.plain(node))

    def _several(self, nodes: list[Any], *, decisive: bool) -> bool:
        """And / Or: one decisive member decides, even where others can't be known."""
        unknown: Unknown | None = None
        for node in nodes:
            try:
                if self._test(node) is decisive:
                    return decisive
            except Unknown as reason:
                unknown = unknown or reason
        if unknown:
            raise unknown
        return not decisive


def function_of(node: Any) -> str | None:
    """The intrinsic function that a mapping calls; None of anything else."""
    if not isinstance(node, Mapping):
        return None
    for key in node:
        if key.startswith("Fn::") or (key == "Ref" and len(node) == 1):
            return str(key)
    return None


def _crowd(name: str, node: Mapping[str, Any]) -> str:
    if name.startswith(_LOOP):
        inner = node[name]
        return inner.reason if isinstance(inner, Unresolved) else f"{name} is no loop that can be expanded"
    if name == "Fn::Transform":
        return "a macro rewrites what stands beside Fn::Transform when the stack is deployed"
    return f"{name} stands beside other keys"


def _truth(value: Any) -> bool:
    if value in (True, "true", "True"):
        return True
    if value in (False, "false", "False"):
        return False
    raise Unknown("is neither true nor false")


def _checked(value: Any) -> Any:
    """The value, unless it is text that CloudFormation fills with a secret or parameter when it deploys."""
    text = value.value if isinstance(value, Sensitive) else value
    if isinstance(text, str) and "{{resolve:" in text:
        reference = functions.dynamic_reference(text)
        if reference:
            return Unresolved(f"the dynamic reference {reference} is never fetched")
    return value


def _boolean(self: Evaluator, argument: Any) -> Any:
    raise Unknown("a condition function stands outside of Conditions")


_FUNCTIONS: dict[str, Callable[[Evaluator, Any], Any]] = {
    "Ref": Evaluator._ref,
    "Fn::GetAtt": Evaluator._get_att,
    "Fn::Sub": Evaluator._sub,
    "Fn::Join": Evaluator._join,
    "Fn::Split": Evaluator._split,
    "Fn::Select": Evaluator._select,
    "Fn::FindInMap": Evaluator._find_in_map,
    "Fn::If": _boolean,
    "Fn::Base64": Evaluator._base64,
    "Fn::Cidr": Evaluator._cidr,
    "Fn::GetAZs": Evaluator._get_azs,
    "Fn::ImportValue": Evaluator._import_value,
    "Fn::Transform": Evaluator._transform,
    "Fn::Length": Evaluator._length,
    "Fn::ToJsonString": Evaluator._to_json,
    "Fn::Equals": _boolean,
    "Fn::And": _boolean,
    "Fn::Or": _boolean,
    "Fn::Not": _boolean,
}
