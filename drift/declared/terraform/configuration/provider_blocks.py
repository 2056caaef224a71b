"""Which ``provider`` block a resource is made with (OpenTofu's may have ``for_each``), and the tags that it
adds to all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drift.declared.terraform.configuration import origin
from drift.declared.terraform.configuration.expressions import Object, Scope, value_of
from drift.declared.terraform.configuration.model import Block, Declared, suffix
from drift.declared.terraform.configuration.values import unknown
from drift.model import Unresolved

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.instance import ModuleInstance
    from drift.declared.terraform.configuration.tree import Tree


def default_tags(module: ModuleInstance, type_: str, said: str | None) -> Mapping[str, Any] | None:
    """The ``default_tags`` of the provider of a resource; None where they can't be known."""
    found = _block(module, said or type_.partition("_")[0])
    if found is None:
        return {}
    block, scope = found
    for inner in block.body.blocks:
        if inner.type == "default_tags":
            written = inner.body.attributes.get("tags")
            value = value_of(written.expression, scope) if written is not None else {}
            return value if isinstance(value, Mapping) and unknown(value) is None else None
    return {}


def provider_settings(tree: Tree, declared: Declared) -> dict[str, Any]:
    """What the provider of a resource is configured with, as far as it is known (``region``, ``project``)."""
    module = tree.find(declared.module)
    if module is None or isinstance(module, Unresolved):
        return {}
    found = _block(module, declared.provider or declared.type.partition("_")[0])
    if found is None:
        return {}
    block, scope = found
    values = {name: value_of(one.expression, scope) for name, one in block.body.attributes.items()}
    return {name: value for name, value in values.items() if unknown(value) is None}


def _block(module: ModuleInstance, name: str) -> tuple[Block, Scope] | None:
    """The provider's block and the scope of what it says; a module has its caller's providers."""
    while True:
        plain = name.partition("[")[0]
        own = module.module.providers.get(plain)
        if own is not None:
            keys = module.keys(own) if "for_each" in own.body.attributes else {}
            each = {} if isinstance(keys, Unresolved) else keys
            key = next((one for one in each if f"{plain}{suffix(one)}" == name), None)
            return own, module.scope() if key is None else module.inner_scope(key, each[key], counted=False)
        if module.parent is None or module.call is None:
            return None
        passed = module.call.body.attributes.get("providers")
        if passed is not None and isinstance(passed.expression, Object):
            for key_, value in passed.expression.items:
                if origin.reference(key_) == name:
                    name = origin.named(value, module.parent.scope(module.each)) or name
                    break
        module = module.parent
