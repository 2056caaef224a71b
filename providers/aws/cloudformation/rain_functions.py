"""The functions that Rain adds to templates and evaluates itself: ``Fn::Merge``, ``Fn::InsertFile``,
``Fn::Invoke``, and ``Fn::Select`` with the list first.

Source: https://github.com/aws-cloudformation/rain/blob/main/cft/pkg/intrinsics.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drift.model import Unresolved
from providers.aws.cloudformation.functions import Unknown, as_integer
from providers.aws.cloudformation.rain_values import merged, only_key

NAMES = ("Fn::Merge", "Fn::InsertFile", "Fn::Invoke")
#: Gives the text of a file that is named. Raises Unknown.
Inserting = Callable[[str], str]
#: Gives an output of a module with other properties. Raises Unknown.
Invoking = Callable[[str, Mapping[str, Any], str], Any]


def called(node: Any, inserted: Inserting, invoked: Invoking, *, final: bool = False) -> Any:
    """A part of a template with what Rain's functions give; what can't be told is Unresolved. ``final``: what
    can't be merged yet never can."""
    if isinstance(node, list):
        return [called(one, inserted, invoked, final=final) for one in node]
    if not isinstance(node, Mapping):
        return node
    made = {key: called(one, inserted, invoked, final=final) for key, one in node.items()}
    name = only_key(made)
    said = made.get(name)
    try:
        if name == "Fn::InsertFile":
            return inserted(said) if isinstance(said, str) else _odd(name)
        if name == "Fn::Invoke":
            if not isinstance(said, list) or len(said) != 3 or not isinstance(said[1], Mapping):
                return _odd(name)
            return invoked(str(said[0]), said[1], str(said[2]))
        if name == "Fn::Merge":
            return _merge(said, made, final)
        if name == "Fn::Select" and isinstance(said, list) and len(said) == 2 and isinstance(said[0], list):
            return said[0][as_integer(said[1], name)]
    except (Unknown, IndexError) as reason:
        return Unresolved(f"{name}: {reason}" if name not in str(reason) else str(reason))
    return made


def _merge(said: Any, node: Mapping[str, Any], final: bool) -> Any:
    if not isinstance(said, list) or len(said) < 2:
        return _odd("Fn::Merge")
    open_ = [one for one in said if isinstance(one, Mapping) and (only_key(one) == "Ref" or _function(one))]
    if open_ or not all(isinstance(one, (Mapping, list)) for one in said):
        return Unresolved("Fn::Merge of what is not known when the template is packaged") if final else node
    whole = said[0]
    for one in said[1:]:
        whole = merged(whole, one)
    return whole


def _function(node: Mapping[str, Any]) -> bool:
    return only_key(node).startswith("Fn::")


def _odd(name: str) -> Unresolved:
    return Unresolved(f"{name} is called with other arguments than Rain takes")
