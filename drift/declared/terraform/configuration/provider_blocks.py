"""Which ``provider`` block a resource or data source is made with (OpenTofu's may have ``for_each``): what it
sets, where it has things made, and the tags that it adds to all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from drift.declared.terraform.configuration import origin
from drift.declared.terraform.configuration.blocks import Evaluation
from drift.declared.terraform.configuration.contracts import Inside
from drift.declared.terraform.configuration.expressions import Object, Scope, value_of
from drift.declared.terraform.configuration.model import Block, Declared, suffix
from drift.declared.terraform.configuration.surroundings import Surroundings
from drift.declared.terraform.configuration.values import unknown
from drift.dialect import Configured, TerraformDialect
from drift.model import Unresolved


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a provider has things made, and what its block sets: ``said`` is what that tells of it,
    ``aliased`` whether it is one of several."""

    scope: str | Unresolved
    region: str | Unresolved
    said: Configured
    settings: Mapping[str, Any]
    aliased: bool


def default_tags(module: Inside, type_: str, said: str | None) -> Mapping[str, Any] | None:
    """The ``default_tags`` of the provider of a resource; None where they can't be known."""
    _, found = _block(module, said or type_.partition("_")[0])
    if found is None:
        return {}
    block, scope = found
    for inner in block.body.blocks:
        if inner.type == "default_tags":
            written = inner.body.attributes.get("tags")
            value = value_of(written.expression, scope) if written is not None else {}
            return value if isinstance(value, Mapping) and unknown(value) is None else None
    return {}


def placed(module: Inside, type_: str, said: str | None, dialect: TerraformDialect) -> Placed:
    """Of the provider of a type, which ``said`` names where its block does.

    A block that does not say where it is has what the entry says; one with an alias only where it logs in as
    the provider's own block does: else it is another one's, which nobody tells.
    """
    name, found = _block(module, said or type_.partition("_")[0])
    plain, _, alias = name.partition(".")
    entry = module.tree.surroundings
    settings = _settings(module, found)
    own = dialect.configured(settings)
    why = Unresolved(f"what the provider {name} is configured with is not known")
    if not alias:
        scope, region = own.scope or entry.scope, own.region or entry.region
        return Placed(scope or why, region or why, own, settings, aliased=False)
    if found is None:
        return Placed(why, why, own, settings, aliased=True)
    root = module
    while root.parent is not None:
        root = root.parent
    main = dialect.configured(_settings(root, _block(root, plain)[1]))
    alike = main.login == own.login and unknown(own.login) is None
    scope = own.scope or ((main.scope or entry.scope) if alike else None)
    region = own.region or (entry.region if alike else None)
    return Placed(scope or why, region or why, own, settings, aliased=True)


def place(
    module: Inside, declared: Declared, dialect: TerraformDialect, siblings: tuple[str | None, str | None]
) -> Surroundings:
    """The scope and region of a resource that no state holds: what its provider's block says, else where its
    ``siblings`` are, else what the entry says; None where that is another provider's."""
    around = module.tree.surroundings
    found = placed(module, declared.type, declared.provider, dialect)
    entry = (None, None) if found.aliased else (around.scope, around.region)
    said, told = (found.said.scope, found.said.region), (found.scope, found.region)
    scope, region = (
        next((one for one in several if isinstance(one, str)), None)
        for several in zip(said, siblings, told, entry, strict=True)
    )
    return replace(around, scope=scope, region=region)


def _settings(module: Inside, found: tuple[Block, Scope] | None) -> dict[str, Any]:
    if found is None:
        return {}
    block, scope = found
    return Evaluation(module, scope).settings(block.body, block.place).plain()


def _block(module: Inside, name: str) -> tuple[str, tuple[Block, Scope] | None]:
    """The provider's name where it is configured, its block, and the scope of what that says; a module has
    its caller's providers."""
    while True:
        plain = name.partition("[")[0]
        own = module.module.providers.get(plain)
        if own is not None:
            keys = module.keys(own) if "for_each" in own.body.attributes else {}
            each = {} if isinstance(keys, Unresolved) else keys
            key = next((one for one in each if f"{plain}{suffix(one)}" == name), None)
            scope = module.scope() if key is None else module.inner_scope(key, each[key], counted=False)
            return name, (own, scope)
        if module.parent is None or module.call is None:
            return name, None
        passed = module.call.body.attributes.get("providers")
        if passed is not None and isinstance(passed.expression, Object):
            for key_, value in passed.expression.items:
                if origin.reference(key_) == name:
                    name = origin.named(value, module.parent.scope(module.each)) or name
                    break
        module = module.parent
