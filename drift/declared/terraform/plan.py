"""Reads a plan in JSON (``terraform show -json PLANFILE``) as a state: what was applied gives identity and
values, the configuration in it says which arguments are set, and what it would change is pending.

Source: https://developer.hashicorp.com/terraform/internals/json-format. A plan refreshes first, so its prior
state has absorbed what was changed by hand; ``resource_drift`` still has the values before that, which are
the ones that were applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from drift.model import Unresolved

#: What an instance says of itself beside what a state's does.
SAID, LATER, PENDING, DRIFTED = "said", "later", "pending", "drifted"
UNKNOWN = Unresolved("it is known once the plan is applied")
_KEY = re.compile(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]")
#: What an expression is made of in a plan; an object of anything else is a block.
_EXPRESSION = frozenset({"constant_value", "references"})


def is_plan(content: Mapping[str, Any]) -> bool:
    return "format_version" in content and ("resource_changes" in content or "planned_values" in content)


def as_state(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The plan in the form of a state. Each instance has besides ``said`` (the arguments that the
    configuration sets, ``block.name`` within blocks; None where that is not told), ``later`` (arguments that
    the plan would change, by the value that they would have), ``drifted`` (arguments that its refresh found
    changed, and that it sets or makes something of) and ``pending`` (``creation``, ``removal`` or None)."""
    relevant = {
        (str(one.get("resource")), str(one["attribute"][0]))
        for one in plan.get("relevant_attributes") or ()
        if isinstance(one, Mapping) and isinstance(one.get("attribute"), list) and one["attribute"]
    }
    drifted = {str(one["address"]): one["change"] for one in _changes(plan, "resource_drift")}
    planned = {str(one["address"]): one for one in _changes(plan, "resource_changes")}
    prior = plan.get("prior_state")
    values = prior.get("values") if isinstance(prior, Mapping) else None
    applied = {str(one["address"]): one for one in _resources(values)}
    configured = _Configured(plan.get("configuration"))
    resources = [
        _resource(applied[address], drifted.get(address), planned.get(address), configured, relevant)
        for address in applied
    ]
    for address, change in planned.items():
        if address not in applied and "create" in _actions(change):
            gone = drifted.get(address)
            lost = gone is not None and isinstance(gone.get("before"), Mapping)
            resources.append(_resource(change, gone, None if lost else change, configured, relevant))
    return {"version": 4, "terraform_version": plan.get("terraform_version"), "resources": resources}


def _changes(plan: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    for one in plan.get(name) or ():
        if isinstance(one, Mapping) and isinstance(one.get("change"), Mapping) and not one.get("deposed"):
            yield one


def _actions(planned: Mapping[str, Any] | None) -> Sequence[str]:
    return () if planned is None else planned["change"].get("actions") or ()


def _resources(values: Any) -> Iterator[Mapping[str, Any]]:
    """The resources of all modules of a part of a plan that has values."""
    modules = [values.get("root_module")] if isinstance(values, Mapping) else []
    while modules:
        module = modules.pop()
        if isinstance(module, Mapping):
            for one in module.get("resources") or ():
                yield {**one, "module_address": module.get("address")}
            modules.extend(module.get("child_modules") or ())


def _resource(
    one: Mapping[str, Any],
    drift: Mapping[str, Any] | None,
    planned: Mapping[str, Any] | None,
    configured: _Configured,
    relevant: Set[tuple[str, str]],
) -> dict[str, Any]:
    """One resource with its one instance."""
    before, found = (drift or {}).get("before"), (drift or {}).get("after")
    after = (planned or {}).get("change", {}).get("after")
    attributes, marks = one.get("values"), one.get("sensitive_values")
    hidden = (planned or {}).get("change", {}).get("after_sensitive")
    if isinstance(before, Mapping):
        attributes, marks = before, (drift or {}).get("before_sensitive")
    pending = None
    if attributes is None:
        attributes, marks = after, None
        pending = "creation"
    actions = _actions(planned)
    if "delete" in actions and "create" not in actions:
        pending = "removal"
    attributes = attributes if isinstance(attributes, Mapping) else {}
    said = configured.of(one)
    unknown = (planned or {}).get("change", {}).get("after_unknown") or {}
    changes = {name: value for name, value in (after or {}).items() if value != attributes.get(name)}
    whole = {**changes, **{name: None for name, value in unknown.items() if value}}
    made = {name: _open(value, unknown.get(name)) for name, value in whole.items()}
    later: dict[str, Any] = {}
    if {"update", "create"} & {*actions} or pending == "creation":
        later = {one: new for one, new in made.items() if one in (said or ()) or unknown.get(one) is not True}
    drifted = [
        name
        for name, value in (before if isinstance(before, Mapping) else {}).items()
        if isinstance(found, Mapping)
        and value != found.get(name)
        and (name in (said or ()) or (str(one.get("address")), name) in relevant)
    ]
    index = {} if one.get("index") is None else {"index_key": one["index"]}
    instance = {
        **index,
        "attributes": attributes,
        "sensitive_attributes": [*_paths(marks, ()), *_paths(hidden, ())],
        SAID: said,
        LATER: later,
        DRIFTED: sorted(drifted),
        PENDING: pending,
    }
    module = one.get("module_address")
    return {
        **({"module": module} if module else {}),
        "mode": one.get("mode", "managed"),
        "type": str(one.get("type")),
        "name": str(one.get("name")),
        "provider": f'provider["{one.get("provider_name")}"]',
        "instances": [instance],
    }


def _open(value: Any, unknown: Any) -> Any:
    """A planned value with what is not known of it."""
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, Mapping) and isinstance(value, Mapping):
        return {name: _open(value.get(name), unknown.get(name)) for name in {**value, **unknown}}
    if isinstance(unknown, list) and isinstance(value, list):
        marks = [*unknown, *[None] * len(value)]
        return [_open(one, mark) for one, mark in zip(value, marks, strict=False)]
    return value


def _paths(marks: Any, above: tuple[Any, ...]) -> Iterator[list[dict[str, Any]]]:
    """The paths that a tree of marks calls sensitive, as a state writes them."""
    if marks is True:
        yield [{"value": step} for step in above]
    elif isinstance(marks, Mapping):
        for name, below in marks.items():
            yield from _paths(below, (*above, name))
    elif isinstance(marks, list):
        for place, below in enumerate(marks):
            yield from _paths(below, (*above, place))


class _Configured:
    """Which arguments the configuration of a plan sets."""

    def __init__(self, configuration: Any) -> None:
        root = configuration.get("root_module") if isinstance(configuration, Mapping) else None
        self._root = root if isinstance(root, Mapping) else {}
        self._known: dict[str, dict[str, frozenset[str]]] = {}

    def of(self, one: Mapping[str, Any]) -> frozenset[str] | None:
        """The arguments of a resource's block; None where there is none (it is declared no longer)."""
        module = _KEY.sub("", str(one.get("module_address") or ""))
        if module not in self._known:
            found = self._module(module).get("resources") or ()
            self._known[module] = {
                str(each.get("address")): frozenset(_said(each.get("expressions"), "")) for each in found
            }
        return self._known[module].get(f"{one.get('type')}.{one.get('name')}")

    def _module(self, address: str) -> Mapping[str, Any]:
        found: Any = self._root
        for name in address.split(".")[1::2]:
            call = (found.get("module_calls") or {}).get(name)
            found = call.get("module") if isinstance(call, Mapping) else None
            if not isinstance(found, Mapping):
                return {}
        return found if isinstance(found, Mapping) else {}


def _said(expressions: Any, above: str) -> Iterator[str]:
    for name, value in expressions.items() if isinstance(expressions, Mapping) else ():
        yield above + name
        blocks = value if isinstance(value, list) else [value]
        for block in blocks:
            if isinstance(block, Mapping) and block and not _EXPRESSION & set(block):
                yield from _said(block, f"{above}{name}.")
