"""Makes functions of parsed JMESPath that give what its own interpreter gives, several times faster.

What an expression is made of is looked at once, when it is compiled, and not on each document. Kinds of nodes
that are not known here go to the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jmespath
from jmespath import functions
from jmespath.visitor import TreeInterpreter

#: What JMESPath's own check of types takes for each of them.
_TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
Evaluate = Callable[[Any], Any]
Node = Mapping[str, Any]


def function(parsed: jmespath.parser.ParsedResult, known: functions.Functions) -> Evaluate:
    """What evaluates a parsed expression on a document; ``known`` are the functions that it may call."""
    return _Maker(known).of(parsed.parsed)


def _is_false(value: Any) -> bool:
    """As JMESPath takes it: 0 is true."""
    return value is None or value is False or (isinstance(value, str | list | dict) and not value)


class _Maker:
    def __init__(self, known: functions.Functions) -> None:
        self._known = known
        self._interpreter: Any = TreeInterpreter(jmespath.Options(custom_functions=known))

    def of(self, node: Node) -> Evaluate:
        make = getattr(self, f"_{node['type']}", None)
        if make is not None:
            made: Evaluate = make(node)
            return made
        return lambda value: self._interpreter.visit(node, value)

    def _children(self, node: Node) -> list[Evaluate]:
        return [self.of(child) for child in node["children"]]

    def _field(self, node: Node) -> Evaluate:
        name = node["value"]

        def field(value: Any) -> Any:
            if type(value) is dict:  # which nearly all are, and which is told at once
                return value.get(name)
            return value.get(name) if isinstance(value, Mapping) else None

        return field

    def _subexpression(self, node: Node) -> Evaluate:
        first, *rest = self._children(node)
        if len(rest) == 1:
            second = rest[0]
            return lambda value: second(first(value))

        def walk(value: Any) -> Any:
            value = first(value)
            for step in rest:
                value = step(value)
            return value

        return walk

    _index_expression = _pipe = _subexpression

    def _index(self, node: Node) -> Evaluate:
        place = node["value"]

        def at(value: Any) -> Any:
            if not isinstance(value, list):
                return None
            try:
                return value[place]
            except IndexError:
                return None

        return at

    def _identity(self, _node: Node) -> Evaluate:
        return lambda value: value

    _current = _identity

    def _literal(self, node: Node) -> Evaluate:
        said = node["value"]
        return lambda _value: said

    def _multi_select_dict(self, node: Node) -> Evaluate:
        members = [(child["value"], self.of(child["children"][0])) for child in node["children"]]

        def select(value: Any) -> Any:
            return None if value is None else {name: member(value) for name, member in members}

        return select

    def _multi_select_list(self, node: Node) -> Evaluate:
        members = self._children(node)
        return lambda value: None if value is None else [member(value) for member in members]

    def _or_expression(self, node: Node) -> Evaluate:
        left, right = self._children(node)

        def either(value: Any) -> Any:
            found = left(value)
            return right(value) if _is_false(found) else found

        return either

    def _and_expression(self, node: Node) -> Evaluate:
        left, right = self._children(node)

        def both(value: Any) -> Any:
            found = left(value)
            return found if _is_false(found) else right(value)

        return both

    def _not_expression(self, node: Node) -> Evaluate:
        (inner,) = self._children(node)

        def no(value: Any) -> Any:
            found = inner(value)  # 0 is true, for JMESPath
            return not found if isinstance(found, bool) or not isinstance(found, int | float) else False

        return no

    def _comparator(self, node: Node) -> Evaluate:
        compare = TreeInterpreter.COMPARATOR_FUNC[node["value"]]
        if node["value"] not in ("eq", "ne"):
            return lambda value: self._interpreter.visit(node, value)
        left, right = self._children(node)
        return lambda value: compare(left(value), right(value))

    def _projection(self, node: Node) -> Evaluate:
        base, each = self._children(node)

        def project(value: Any) -> Any:
            items = base(value)
            if not isinstance(items, list):
                return None
            return [found for item in items if (found := each(item)) is not None]

        return project

    def _flatten(self, node: Node) -> Evaluate:
        (base,) = self._children(node)

        def flatten(value: Any) -> Any:
            items = base(value)
            if not isinstance(items, list):
                return None
            merged: list[Any] = []
            for item in items:
                if isinstance(item, list):
                    merged.extend(item)
                else:
                    merged.append(item)
            return merged

        return flatten

    def _filter_projection(self, node: Node) -> Evaluate:
        base, each, holds = self._children(node)

        def project(value: Any) -> Any:
            items = base(value)
            if not isinstance(items, list):
                return None
            kept = (item for item in items if not _is_false(holds(item)))
            return [found for item in kept if (found := each(item)) is not None]

        return project

    def _function_expression(self, node: Node) -> Evaluate:
        name, arguments = node["value"], self._children(node)
        spec = self._known.FUNCTION_TABLE.get(name)
        call: Any = self._known.call_function
        signature = () if spec is None else spec["signature"]
        unchecked = all(not one["types"] and "variadic" not in one for one in signature)
        if signature and unchecked and len(signature) == len(arguments):
            own: Any = getattr(self._known, spec["function"].__name__)
            if len(arguments) == 1:
                only = arguments[0]
                return lambda value: own(only(value))
            return lambda value: own(*(argument(value) for argument in arguments))
        kinds = None if spec is None else _kinds(signature)
        if kinds is None or len(kinds) != len(arguments):
            return lambda value: call(name, [argument(value) for argument in arguments])
        own = getattr(self._known, spec["function"].__name__)

        def checked(value: Any) -> Any:
            given = [argument(value) for argument in arguments]
            for one, kind in zip(given, kinds, strict=True):
                if kind and type(one) not in kind:
                    return call(name, given)
            try:
                return own(*given)
            except TypeError:  # of what is within them
                return call(name, given)

        return checked


def _kinds(signature: Sequence[Mapping[str, Any]]) -> list[frozenset[type]] | None:
    """The types that each argument of a function may have (none: any); None where telling takes more than
    that."""
    kinds: list[frozenset[type]] = []
    for one in signature:
        if "variadic" in one or any(name not in _TYPES for name in one["types"]):
            return None
        kinds.append(frozenset(kind for name in one["types"] for kind in _TYPES[name]))
    return kinds
